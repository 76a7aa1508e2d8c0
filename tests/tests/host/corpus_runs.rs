//! Every program of the corpus for this machine, in every flavour, is linked into this process, and then loaded and called in
//! a child of it, so that a program may exit or be ended by a fault.

use ironlink::base::{Machine, TargetAddr};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::{CallFailed, LoadError, Session};
use ironlink_tests::program::{Expected, Program};

use crate::corpus::{Corpus, facts_of};
use crate::host_library;

type Main = unsafe extern "C" fn(i32, *const *const u8) -> i32;
type Code = unsafe extern "C" fn(i32, *const *const u8) -> usize;

/// What a program is called with.
const ARGUMENTS: [*const u8; 2] = [c"program".as_ptr().cast(), std::ptr::null()];

/// How a program ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// It returned from `main` or exited.
    Status(i32),
    /// A signal ended it.
    Signal(i32),
}

#[test]
fn programs_for_this_machine_run() {
    let machine = Machine::HOST.expect("Ironlink links for this machine");
    let corpus = Corpus::of(machine);
    let memory = HostedMemory::new().unwrap();
    let session = Session::new(memory.clone());
    host_library::define(&session, facts_of(machine));
    let before = (session.statistics(), memory.used_bytes());
    let mut failures = Vec::new();
    let programs = Program::all_in(&corpus.inputs());
    for program in &programs {
        let expected = program.expected();
        let is_as_expected = match (run(&session, program), expected) {
            (Ok(End::Status(status)), Expected::Status(expected)) => status == expected,
            (Ok(End::Signal(_)), Expected::Fault) => true,
            (Err(error), Expected::Refused(culprit)) => error.to_string().contains(culprit),
            _ => false,
        };
        if !is_as_expected {
            failures.push(format!(
                "{}: {expected:?} but {:?}",
                program.name,
                run(&session, program)
            ));
        }
        assert_eq!(
            (session.statistics(), memory.used_bytes()),
            before,
            "{}",
            program.name
        );
    }
    assert!(
        failures.is_empty(),
        "{} of {}\n{}",
        failures.len(),
        programs.len(),
        failures.join("\n")
    );
}

/// Loads a program without running it, and unloads it; then loads it in a child, where its initializers run, and calls its
/// `main`.
fn run(session: &Session<HostedMemory>, program: &Program<'_>) -> Result<End, LoadError> {
    // A resolver chooses itself.
    session.set_code_caller(|function| Ok(function.value() as usize));
    // SAFETY: none of it runs here.
    let module = unsafe { session.load_all(&program.name, &program.inputs) }?;
    // SAFETY: nothing of it runs.
    unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    Ok(in_child(|| {
        session.set_code_caller(call_code);
        // SAFETY: the corpus is part of this project.
        let module = unsafe { session.load_all(&program.name, &program.inputs) }.unwrap();
        let main = module.function::<Main>("main").unwrap();
        // SAFETY: it is C's `main`, and gets what that gets.
        let status = unsafe { main(1, ARGUMENTS.as_ptr()) };
        // SAFETY: `main` has returned.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
        status
    }))
}

/// Calls a function of a module as Linux does, with what `main` gets.
fn call_code(function: TargetAddr) -> Result<usize, CallFailed> {
    let address = function.value() as usize;
    let pointer: *const () = std::ptr::with_exposed_provenance(address);
    // SAFETY: the session gives addresses of functions of this machine.
    let function = unsafe { std::mem::transmute::<*const (), Code>(pointer) };
    // SAFETY: a function may ignore C's arguments, and returns a word or leaves one there.
    Ok(unsafe { function(1, ARGUMENTS.as_ptr()) })
}

/// Runs `code` in a child process whose output nobody reads.
fn in_child(code: impl FnOnce() -> i32) -> End {
    // SAFETY: the child only opens a file, runs the code and ends; the C library makes its heap usable after a fork.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "there can be no more processes");
    if child == 0 {
        // SAFETY: the path is a string of C's.
        let nowhere = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY) };
        for stream in [1, 2] {
            // SAFETY: replaces the child's stream.
            unsafe { libc::dup2(nowhere, stream) };
        }
        let status = code();
        // SAFETY: ends the child without running what the parent registered.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: the child is this process's, and the status lives here.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    if libc::WIFEXITED(status) {
        End::Status(libc::WEXITSTATUS(status))
    } else {
        End::Signal(libc::WTERMSIG(status))
    }
}
