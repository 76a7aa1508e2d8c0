//! aarch64: booted as a flat Linux image on QEMU's `virt`.
//!
//! What is peculiar about it: the loader's device tree tells of all but the serial port; the instruction cache must be
//! told of new code; traps have a stack of their own by `SP_EL1`, as kernel and modules run on `SP_EL0`.

mod address_space;
mod call;
mod clock;
mod entropy;
mod entry;
mod features;
mod power;
mod serial;
mod trap;

pub use clock::{instructions, ticks, ticks_per_second};
pub use entropy::entropy;

pub(crate) use crate::fault::aarch64::ends_in_call;
pub(crate) use address_space::{DEVICE_PAGES, DIRECT_MAP, FIRMWARE_END, MODULE_WINDOW, RootTables};
pub(crate) use call::{call_on, leave};
pub(crate) use power::switch_off;
pub(crate) use serial::SerialPort;

/// The register that holds where to return to.
pub(crate) const LINK_REGISTER: Option<&str> = Some("x30");

/// Sets up what the entry left: traps, and the processor's checks.
///
/// # Safety
/// Called once, before anything else but the serial line is used.
pub(crate) unsafe fn set_up() {
    // SAFETY: by this function's contract nobody uses the traps' stack.
    unsafe { trap::install() };
    // SAFETY: nothing is mapped for EL0.
    unsafe { features::enable() };
}
