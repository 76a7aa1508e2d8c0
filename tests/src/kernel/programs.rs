//! Each program of the corpus, in each flavour that the initial memory disk holds: linked, run, and unloaded.

use alloc::format;
use alloc::string::ToString;

use ironlink::session::LoadError;
use ironlink_kernel::guard::Outcome;
use ironlink_kernel::kernel::ModuleMemory;
use ironlink_kernel::program::{self, Arguments};
use ironlink_kernel::selftest::Run;
use ironlink_kernel::{Kernel, log};
use ironlink_tests::program::{Expected, Program};

use super::snapshot::Snapshot;

/// After so many runs of a program the heap must be the same before and after it.
const MOST_GROWTH: u32 = 4;

/// A module of this kernel.
pub(crate) type Module = ironlink::session::Module<'static, ModuleMemory>;

/// Adds a test for each program.
pub(crate) fn test_all(kernel: &'static Kernel, run: &mut Run<'_>) {
    let programs = Program::all_in(&kernel.initrd().inputs);
    if programs.is_empty() {
        log!("the initial memory disk holds no programs to test");
    }
    for program in &programs {
        run.test(&format!("programs::{}", program.name), || {
            test(kernel, program);
        });
    }
}

/// The program of the corpus with this name, as in `hello.gcc-default`.
pub(crate) fn named(kernel: &'static Kernel, name: &str) -> Program<'static> {
    let mut programs = Program::all_in(&kernel.initrd().inputs).into_iter();
    let program = programs.find(|program| program.name == name);
    program.unwrap_or_else(|| panic!("the initial memory disk holds no {name}"))
}

/// Loads a program.
pub(crate) fn load(kernel: &'static Kernel, program: &Program<'_>) -> Result<Module, LoadError> {
    // SAFETY: the corpus is part of this project.
    unsafe { kernel.load(&program.name, &program.inputs) }
}

/// Calls a program's `main`.
pub(crate) fn call(module: &Module) -> Outcome {
    let arguments = Arguments::new([&b"program"[..], b"one", b""]);
    // SAFETY: it is C's `main`, of the corpus.
    let called = unsafe { program::call_main(module, &arguments) };
    called.unwrap_or_else(|error| panic!("{error}"))
}

fn test(kernel: &'static Kernel, program: &Program<'_>) {
    // The session's tables grow by the largest module that they ever held, and may do so once more when names that came and
    // went fill them up. Then nothing grows any more.
    for _ in 0..MOST_GROWTH {
        let before = Snapshot::of(kernel);
        load_and_call(kernel, program);
        before.assert_same_but_heap_now(kernel);
        // What a program that was ended had of the heap is lost.
        if program.expected() == Expected::Fault || before == Snapshot::of(kernel) {
            return;
        }
    }
    panic!("the heap grows by each run");
}

fn load_and_call(kernel: &'static Kernel, program: &Program<'_>) {
    let expected = program.expected();
    // What ended before is of no interest here.
    let _ = program::take_unreturned();
    match (expected, load(kernel, program)) {
        (Expected::Refused(culprit), Err(error)) => {
            let text = error.to_string();
            assert!(text.contains(culprit), "{text}");
        }
        (Expected::Refused(_), Ok(_)) => panic!("it loads"),
        (_, Err(error)) => {
            let outcome = program::take_unreturned();
            assert_outcome(expected, &outcome.unwrap_or_else(|| panic!("{error}")));
        }
        (_, Ok(module)) => {
            let outcome = call(&module);
            // SAFETY: its `main` has ended, and what it registered for its end has run or is forgotten.
            unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
            assert_outcome(expected, &outcome);
        }
    }
}

fn assert_outcome(expected: Expected<'_>, outcome: &Outcome) {
    match (expected, outcome) {
        (Expected::Status(status), Outcome::Exited(ended)) => assert_eq!(status, *ended),
        (Expected::Fault, Outcome::Fault(_) | Outcome::Aborted(_)) => {}
        _ => panic!("{outcome}"),
    }
}
