//! aarch64: booted as a flat Linux image on QEMU's `virt`.
//!
//! What is peculiar about it: the loader's device tree tells of all but the serial port; the instruction cache must be
//! told of new code; traps have a stack of their own by `SP_EL1`, as kernel and modules run on `SP_EL0`.

mod entry;
mod power;
mod serial;

pub use power::switch_off;
pub use serial::SerialPort;
