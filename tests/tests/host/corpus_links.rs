//! Every program of the corpus, in every flavour, on every machine, links: without being run, so that each machine's are
//! linked on each host. Those that must be refused are refused by name.

use crate::corpus::{Corpus, exports, modules_window};
use ironlink::base::Machine;
use ironlink::session::Session;
use ironlink_tests::program::{Expected, Program};

#[test]
fn programs_for_x86_64_link() {
    link_all(Machine::X86_64);
}

#[test]
fn programs_for_aarch64_link() {
    link_all(Machine::Aarch64);
}

fn link_all(machine: Machine) {
    let corpus = Corpus::of(machine);
    let programs = Program::all_in(&corpus.inputs());
    assert!(programs.len() > 1000, "only {} programs", programs.len());
    let failures: Vec<String> = programs
        .iter()
        .filter_map(|program| link(machine, program).err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}\n{}",
        failures.len(),
        programs.len(),
        failures.join("\n")
    );
}

/// Links a program; the error is what is wrong with how that went.
fn link(machine: Machine, program: &Program<'_>) -> Result<(), String> {
    let session = Session::for_machine(machine, modules_window());
    // On a host of that machine, initializers would run, and so would resolvers: each chooses itself.
    session.set_code_caller(|function| Ok(function.value() as usize));
    let kernel = session.create_dylib("kernel").unwrap();
    kernel.define(&exports()).unwrap();
    let before = session.statistics();
    // SAFETY: the program is linked to be looked at; nothing of it is called.
    let linked = unsafe { session.load_all(&program.name, &program.inputs) };
    let judged = match (program.expected(), linked) {
        (Expected::Refused(_), Ok(_)) => Err(format!("{}: not refused", program.name)),
        (Expected::Refused(culprit), Err(error)) if !error.to_string().contains(culprit) => {
            Err(format!(
                "{}: the error doesn't name {culprit}: {error}",
                program.name
            ))
        }
        (Expected::Refused(_), Err(_)) => Ok(()),
        (_, Err(error)) => Err(format!("{}: {error}", program.name)),
        (_, Ok(module)) => {
            assert!(module.address("main").is_some(), "{}", program.name);
            // SAFETY: nothing refers to it.
            unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
            Ok(())
        }
    };
    assert_eq!(session.statistics(), before, "{}", program.name);
    assert_eq!(session.memory().reservations(), 0, "{}", program.name);
    judged
}
