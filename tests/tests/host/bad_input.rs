//! Bad objects are refused, each with its own error that says where and what to try; nothing panics, and whatever the load
//! had taken is given back.

use crate::corpus::{Corpus, exports, modules_window};
use ironlink::base::Machine;
use ironlink::format::FormatFault;
use ironlink::graph::GraphError;
use ironlink::memory::mock::MockMemory;
use ironlink::session::{Input, LoadError, Session};
use ironlink_tests::bad_objects::{self, BAD_OBJECTS};
use ironlink_tests::object_file::{ObjectFile, Relocation, Symbol, elf};

const MACHINES: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

#[test]
fn each_bad_object_gets_its_own_error() {
    for machine in MACHINES {
        let session = session(machine);
        for bad in BAD_OBJECTS {
            let error = load(
                &session,
                &[Input::new(bad_objects::NAME, &(bad.bytes)(machine))],
            )
            .expect_err(bad.name);
            assert!(
                (bad.is_its_error)(&error),
                "{machine}: {}: {error:?}",
                bad.name
            );
            let text = error.to_string();
            for words in [bad_objects::NAME].iter().chain(bad.says) {
                assert!(
                    text.contains(words),
                    "{machine}: {}: no `{words}` in: {text}",
                    bad.name
                );
            }
            assert!(!text.contains('\n'), "{}: {text}", bad.name);
        }
    }
}

#[test]
fn two_strong_definitions_in_one_load_are_an_error_that_names_both_objects() {
    for machine in MACHINES {
        let bytes = ObjectFile::good(machine).to_bytes();
        let inputs = [Input::new("one.o", &bytes), Input::new("two.o", &bytes)];
        let error = load(&session(machine), &inputs).unwrap_err();
        let LoadError::Format(format_error) = &error else {
            panic!("{error:?}")
        };
        assert!(matches!(
            format_error.fault,
            FormatFault::Graph(GraphError::Duplicate { .. })
        ));
        let text = error.to_string();
        assert!(
            ["one.o", "two.o", "main"]
                .iter()
                .all(|words| text.contains(words)),
            "{text}"
        );
    }
}

#[test]
fn a_second_module_with_the_same_strong_name_is_an_error_that_names_both_modules() {
    for machine in MACHINES {
        let session = session(machine);
        let bytes = ObjectFile::good(machine).to_bytes();
        // SAFETY: nothing of it is called.
        let first = unsafe { session.load("one.o", &bytes) }.unwrap();
        let error = load(&session, &[Input::new("two.o", &bytes)]).unwrap_err();
        assert!(matches!(error, LoadError::Duplicate { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            ["one.o", "two.o", "main"]
                .iter()
                .all(|words| text.contains(words)),
            "{text}"
        );
        // SAFETY: nothing refers to it.
        unsafe { first.unload() }.unwrap_or_else(|error| panic!("{error}"));
        load(&session, &[Input::new("two.o", &bytes)]).unwrap();
    }
}

#[test]
fn weak_definitions_give_way_and_don_t_clash() {
    for machine in MACHINES {
        let strong = ObjectFile::good(machine);
        let mut weak = ObjectFile::good(machine);
        weak.symbols[0].info = elf::WEAK_FUNCTION;
        let (strong, weak) = (strong.to_bytes(), weak.to_bytes());
        for order in [[&strong, &weak], [&weak, &strong], [&weak, &weak]] {
            let inputs = [Input::new("one.o", order[0]), Input::new("two.o", order[1])];
            load(&session(machine), &inputs).unwrap();
        }
    }
}

#[test]
fn every_missing_symbol_is_listed_once() {
    for machine in MACHINES {
        let names = [
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
        ];
        let mut object = ObjectFile::good(machine);
        object.symbols.extend(names.map(Symbol::undefined));
        let kind = object.address_relocation();
        // Each is asked for twice.
        object.sections[1].bytes = vec![0; 160];
        object.sections[1].relocations = (0..20)
            .map(|place| Relocation {
                offset: place * 8,
                symbol: 2 + place as u32 % 10,
                kind,
                addend: 0,
            })
            .collect();
        let bytes = object.to_bytes();
        let inputs = [Input::new("one.o", &bytes)];
        let text = load(&session(machine), &inputs).unwrap_err().to_string();
        for name in names {
            assert_eq!(
                text.matches(&format!("`{name}`")).count(),
                1,
                "{name} in: {text}"
            );
        }
    }
}

#[test]
fn an_object_cut_at_any_length_is_refused_or_whole() {
    for machine in MACHINES {
        let session = session(machine);
        let corpus = Corpus::of(machine);
        let good = ObjectFile::good(machine).to_bytes();
        for bytes in [
            &good[..],
            corpus.bytes("hello.gcc-default.o"),
            corpus.bytes("static_objects.clang-sections.o"),
        ] {
            for length in 0..bytes.len() {
                let cut = [Input::new("cut.o", &bytes[..length])];
                let error = load(&session, &cut)
                    .expect_err("the section headers are the last thing in these files");
                assert!(error.to_string().contains("cut.o"), "{length}: {error}");
            }
        }
    }
}

#[test]
fn an_archive_cut_at_any_length_is_refused_or_gives_what_it_still_has() {
    let corpus = Corpus::of(Machine::X86_64);
    let session = session(Machine::X86_64);
    let program = corpus.bytes("rust_formatting.rustc-O0.o");
    let archive = corpus.bytes("librust_support.a");
    for length in 0..archive.len() {
        let inputs = [
            Input::new("program.o", program),
            Input::new("cut.a", &archive[..length]),
        ];
        load(&session, &inputs).expect_err("core is missing");
    }
}

#[test]
fn one_flipped_bit_never_panics_and_never_leaks() {
    for machine in MACHINES {
        let session = session(machine);
        let corpus = Corpus::of(machine);
        let good = ObjectFile::good(machine).to_bytes();
        for bytes in [&good[..], corpus.bytes("hello.gcc-default.o")] {
            let mut flipped = bytes.to_vec();
            for bit in 0..bytes.len() * 8 {
                flipped[bit / 8] ^= 1 << (bit % 8);
                // Most flips make another good object: of code, of data, or of what nobody reads.
                let _ = load(&session, &[Input::new("flipped.o", &flipped)]);
                flipped[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}

fn session(machine: Machine) -> Session<MockMemory> {
    let session = Session::for_machine(machine, modules_window());
    // On a host of that machine, initializers would run, and so would resolvers: each chooses itself.
    session.set_code_caller(|_| Ok(0));
    session
        .create_dylib("kernel")
        .unwrap()
        .define(&exports())
        .unwrap();
    session
}

/// Loads, unloads what loaded, and sees that all is as before.
fn load(session: &Session<MockMemory>, inputs: &[Input<'_>]) -> Result<(), LoadError> {
    let before = (session.statistics(), session.memory().reservations());
    // SAFETY: nothing of it is called.
    let loaded = unsafe { session.load_all(inputs[0].name, inputs) };
    // SAFETY: nothing refers to it.
    let outcome = loaded.map(|module| unsafe { module.unload() }.expect("nobody uses it"));
    assert_eq!(
        (session.statistics(), session.memory().reservations()),
        before
    );
    outcome
}
