//! The comparison, run as `cargo xtask bench` runs it, on one small object: which figures there are, and not what they are.

use object::{Object, ObjectSymbol};
use serde_json::Value;
use std::process::Command;
use std::{env, fs};
use xtask::machines;
use xtask::toolchain::benchmark;

/// What a comparison of `flat-1k` for this machine by some linkers reports.
fn report(machine: &'static machines::Machine, linkers: &str) -> Value {
    let objects = benchmark::objects(machine, |name| name == "flat-1k").unwrap();
    let folder = env::temp_dir().join(format!("ironlink-bench-{}-{linkers}", std::process::id()));
    let mut bench = Command::new(env!("CARGO_BIN_EXE_ironlink-bench"));
    bench.args(["compare", "--quick", "--no-counts", "--name", machine.name]);
    bench.args(["--linkers", linkers]).arg("--out").arg(&folder);
    let output = bench.arg(&objects[0].path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.starts_with("object "), "{table}");
    let file = folder.join(machine.name).with_extension("json");
    let report = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    report
}

#[test]
fn each_linker_has_times_beside_the_limit() {
    let report = report(&machines::X86_64, "limit,ironlink");
    let subject = &report["subjects"][0];
    assert_eq!(subject["object"], "flat-1k");
    assert_eq!(subject["relocations"], 5000);
    for key in ["bytes", "sections", "symbols"] {
        assert!(subject[key].as_u64().unwrap() > 0, "{key}");
    }
    let outcomes = subject["outcomes"].as_array().unwrap();
    let linkers: Vec<&Value> = outcomes.iter().map(|outcome| &outcome["linker"]).collect();
    let expected = ["limit", "limit-touched", "ironlink", "ironlink-touched"];
    assert_eq!(linkers, expected);
    for outcome in outcomes {
        let measured = &outcome["measured"];
        for key in ["rounds", "least_ns", "median_ns", "peak_heap_bytes"] {
            assert!(measured[key].as_u64().unwrap() > 0, "{outcome}: {key}");
        }
        for key in ["ns_per_relocation", "ratio_to_limit"] {
            assert!(measured[key].as_f64().unwrap() > 0.0, "{outcome}: {key}");
        }
    }
}

#[test]
fn an_object_for_another_machine_is_linked_and_memory_that_cannot_hold_it_says_why() {
    let report = report(&machines::AARCH64, "ironlink");
    let [fresh, touched] = &report["subjects"][0]["outcomes"].as_array().unwrap()[..] else {
        panic!("{report}");
    };
    assert!(fresh["measured"]["least_ns"].as_u64().unwrap() > 0);
    let reason = touched["refused"].as_str().unwrap();
    assert!(reason.contains("another machine"), "{reason}");
}

#[test]
fn the_function_whose_instructions_are_counted_has_its_name() {
    let bytes = fs::read(env!("CARGO_BIN_EXE_ironlink-bench")).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let mut names = file.symbols().filter_map(|symbol| symbol.name().ok());
    assert!(names.any(|name| name == "ironlink_bench_measured_load"));
}
