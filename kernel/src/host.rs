//! The kernel as its exports see it: where output goes, and what ends a program.

use core::fmt;

use ironlink::base::{TargetAddr, Text};

use crate::clock;
use crate::console;
use crate::exports::Host;
use crate::guard::{self, Outcome};
use crate::kernel;
use crate::machine;
use crate::protocol::Record;
use crate::report;

/// The descriptor of a program's standard error.
const STANDARD_ERROR: i32 = 2;

/// The kernel below the exports.
pub(crate) struct KernelHost;

impl Host for KernelHost {
    fn write(&self, descriptor: i32, bytes: &[u8]) {
        if descriptor == STANDARD_ERROR {
            console::send(&Record::Error(format_args!("{}", Lossy(bytes))));
        } else {
            console::write_output(bytes);
        }
    }

    fn exit(&self, status: i32) -> ! {
        guard::end(Outcome::Exited(status))
    }

    fn abort(&self, reason: &str) -> ! {
        // This function's frame lies above those of the functions that it calls.
        let frame = (&raw const reason).addr() as u64;
        let text = match report::caller_above(frame) {
            Some(caller) => Text::display(format_args!("{reason}; called from {caller}")),
            None => Text::of(reason),
        };
        guard::end(Outcome::Aborted(text))
    }

    fn now_nanoseconds(&self) -> u64 {
        clock::nanoseconds()
    }

    fn is_module_code(&self, address: usize) -> bool {
        let address = address as u64;
        let mut window = machine::MODULE_WINDOW.iter();
        let is_in_window = window.any(|&(first, last)| (first..=last).contains(&address));
        let mapped = kernel::get().and_then(|it| it.mapped_at(TargetAddr::new(address)));
        is_in_window && mapped.is_some_and(|leaf| leaf.rights.is_executable)
    }

    fn entropy(&self) -> u64 {
        machine::entropy()
    }
}

/// Bytes as text; what is no UTF-8 shows as the replacement character.
struct Lossy<'a>(&'a [u8]);

impl fmt::Display for Lossy<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            formatter.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                formatter.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}
