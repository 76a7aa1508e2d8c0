//! A [`Host`] for tests: keeps what each thread wrote, and ends a call by parking its thread for good, as a call into a
//! module never returns once it has ended.

use std::cell::RefCell;
use std::string::String;
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::vec::Vec;

use super::host::{Host, install};

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    Returned,
    Exited(i32),
    Aborted(String),
}

/// What a call wrote, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Outcome {
    pub(super) ending: Ending,
    pub(super) output: String,
    pub(super) errors: String,
}

/// Runs a call as the kernel does.
pub(super) fn run(call: impl FnOnce() + Send + 'static) -> Outcome {
    install(&TestHost);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        PROGRAM.set(Some(Program {
            sender,
            written: [Vec::new(), Vec::new()],
        }));
        call();
        end(Ending::Returned);
    });
    receiver.recv().expect("the call ends")
}

/// Lets this be the kernel below the exports.
pub(super) fn install_test_host() {
    install(&TestHost);
}

/// How a call ended.
pub(super) fn ending(call: impl FnOnce() + Send + 'static) -> Ending {
    run(call).ending
}

/// Handlers and other state of the one program that a kernel runs: tests of them take turns.
pub(super) static TURN: Mutex<()> = Mutex::new(());

struct Program {
    sender: Sender<Outcome>,
    written: [Vec<u8>; 2],
}

std::thread_local! {
    static PROGRAM: RefCell<Option<Program>> = const { RefCell::new(None) };
}

fn end(ending: Ending) {
    let Some(Program { sender, written }) = PROGRAM.take() else {
        return;
    };
    let [output, errors] = written.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let _ = sender.send(Outcome {
        ending,
        output,
        errors,
    });
}

fn end_for_good(ending: Ending) -> ! {
    end(ending);
    loop {
        thread::park();
    }
}

/// An address at which no module has code.
pub(super) const NO_MODULES_FUNCTION: usize = 0x10;

struct TestHost;

impl Host for TestHost {
    fn write(&self, descriptor: i32, bytes: &[u8]) {
        PROGRAM.with_borrow_mut(|program| {
            let written = &mut program.as_mut().expect("writes come from a call").written;
            written[usize::from(descriptor == 2)].extend_from_slice(bytes);
        });
    }

    fn exit(&self, status: i32) -> ! {
        end_for_good(Ending::Exited(status))
    }

    fn abort(&self, reason: &str) -> ! {
        end_for_good(Ending::Aborted(String::from(reason)))
    }

    fn now_nanoseconds(&self) -> u64 {
        12_345_678_901
    }

    fn is_module_code(&self, address: usize) -> bool {
        address != NO_MODULES_FUNCTION
    }

    fn entropy(&self) -> u64 {
        0x0123_4567_89ab_cdef
    }
}
