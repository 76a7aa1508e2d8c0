//! The end of code of the kernel that found an error of its own: it ends the guarded call, or the kernel.

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use ironlink::base::Text;

use crate::console;
use crate::guard::{self, Outcome};
use crate::machine;
use crate::protocol::{Record, STATUS_KERNEL_FAILED};

#[panic_handler]
fn panic(information: &PanicInfo<'_>) -> ! {
    static IS_PANICKING: AtomicBool = AtomicBool::new(false);
    if IS_PANICKING.swap(true, Ordering::Relaxed) {
        // Telling of the first panic led to this one.
        machine::switch_off();
    }
    // SAFETY: the code that panicked, which may hold the line, never runs on.
    unsafe { console::recover() };
    if guard::is_active() {
        let message = Text::display(information);
        IS_PANICKING.store(false, Ordering::Relaxed);
        guard::end(Outcome::Panicked(message));
    }
    console::send(&Record::Fault(format_args!("{information}")));
    exit(STATUS_KERNEL_FAILED)
}

/// Says the verdict and switches the machine off.
pub(crate) fn exit(status: u8) -> ! {
    console::send(&Record::Exit(status));
    machine::switch_off()
}
