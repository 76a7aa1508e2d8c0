//! x86-64: booted by a PVH note on QEMU's `microvm`, `q35` and `pc`.
//!
//! What is peculiar about it: the loader leaves it in 32-bit mode; modules use the red zone, so that no trap may push on
//! their stack; the kernel is compiled without SSE, modules are not.

mod address_space;
mod call;
mod clock;
mod entropy;
mod entry;
mod features;
mod power;
mod pvh;
mod segments;
mod serial;
mod thread;
mod trap;

pub use clock::{instructions, ticks, ticks_per_second};
pub use entropy::entropy;

pub(crate) use crate::fault::x86_64::ends_in_call;
pub(crate) use address_space::{DEVICE_PAGES, DIRECT_MAP, FIRMWARE_END, MODULE_WINDOW, RootTables};
pub(crate) use call::{call_on, leave};
pub(crate) use power::switch_off;
pub(crate) use serial::SerialPort;

/// No register holds where to return to: the stack does.
pub(crate) const LINK_REGISTER: Option<&str> = None;

/// Sets up what the entry left: processor features, segments, traps, the thread control block.
///
/// # Safety
/// Called once, before anything else but the serial line is used.
pub(crate) unsafe fn set_up() {
    // SAFETY: by this function's contract no code yet relies on what is switched on.
    unsafe { features::enable() };
    // SAFETY: likewise, the first segments are in use.
    unsafe { segments::load() };
    // SAFETY: no code yet reads %fs.
    unsafe { thread::install() };
}
