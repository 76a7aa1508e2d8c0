//! The end of a kernel that found an error of its own.

use core::panic::PanicInfo;

use crate::console;
use crate::machine;
use crate::protocol::{Record, STATUS_KERNEL_FAILED};

#[panic_handler]
fn panic(information: &PanicInfo<'_>) -> ! {
    // SAFETY: the code that panicked, which may hold the line, never runs on.
    unsafe { console::recover() };
    console::send(&Record::Fault(format_args!("{information}")));
    exit(STATUS_KERNEL_FAILED)
}

/// Says the verdict and switches the machine off.
pub(crate) fn exit(status: u8) -> ! {
    console::send(&Record::Exit(status));
    machine::switch_off()
}
