//! On the host: objects of the benchmark's corpus, loaded by each linker; and what other benches measure.

use super::Arguments;
use crate::image::{target_folder, workspace};
use crate::machines::Machine;
use crate::toolchain::{benchmark, jitlink};
use crate::{process, report, setup};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Has the host load objects for `machine` with each linker.
pub(super) fn compare(machine: &'static Machine, arguments: &Arguments) -> Result<()> {
    setup::ensure(&setup::compilers(machine))?;
    let is_wanted = |name: &str| match &*arguments.objects {
        [] => !arguments.quick || benchmark::QUICK.contains(&name),
        names => names.iter().any(|wanted| wanted == name),
    };
    let objects = benchmark::objects(machine, is_wanted)?;
    if objects.is_empty() {
        bail!("no object is called so: {}", benchmark::names().join(", "));
    }
    report::say(format!("linking for {} on the host", machine.name));
    let mut command = process::cargo();
    command.current_dir(workspace());
    command.args(["run", "--quiet", "--release", "--package", "ironlink-bench"]);
    command.args(["--features", "peers"]);
    command.arg("--target-dir").arg(target_folder());
    command.args(["--", "compare", "--name", machine.name, "--out"]);
    command.arg(reports());
    if arguments.quick {
        command.arg("--quick");
    }
    if !arguments.linkers.is_empty() {
        command.arg("--linkers").arg(arguments.linkers.join(","));
    }
    command.args(objects.iter().map(|object| &object.path));
    if let Some(library) = jitlink::library()? {
        command.env("IRONLINK_BENCH_JITLINK", library);
    }
    process::run(&mut command)
}

/// What else the host measures, by package and bench: programs of the corpus; and functions made at run time, beside
/// cranelift-jit.
const HOST_BENCHES: [(&str, &str); 2] =
    [("ironlink-tests", "host_load"), ("ironlink-peers", "link")];

/// Has the host measure, in nanoseconds.
pub(super) fn run_benches() -> Result<()> {
    for (package, bench) in HOST_BENCHES {
        report::say(format!("measuring on the host: {bench} of {package}"));
        let mut command = process::cargo();
        command.args(["bench", "--quiet", "--package", package, "--bench", bench]);
        process::run(&mut command)?;
    }
    Ok(())
}

/// Where the reports are.
fn reports() -> PathBuf {
    target_folder().join("bench")
}

/// How many instructions Ironlink took on the host for each object of `machine`, if they were counted.
pub(super) fn counts(machine: &Machine) -> Result<Vec<(String, u64)>> {
    let file = reports().join(machine.name).with_extension("json");
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let report: Value = serde_json::from_slice(&bytes)?;
    let subjects = report["subjects"].as_array().into_iter().flatten();
    let counts = subjects.filter_map(|subject| {
        let mut outcomes = subject["outcomes"].as_array()?.iter();
        let ours = outcomes.find(|outcome| outcome["linker"] == "ironlink")?;
        let count = ours["measured"]["instructions"].as_u64()?;
        Some((subject["object"].as_str()?.to_owned(), count))
    });
    Ok(counts.collect())
}
