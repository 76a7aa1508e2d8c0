//! x86-64: booted by a PVH note on QEMU's `microvm`, `q35` and `pc`.
//!
//! What is peculiar about it: the loader leaves it in 32-bit mode; modules use the red zone, so that no trap may push on
//! their stack; the kernel is compiled without SSE, modules are not.

mod entry;
mod power;
mod pvh;
mod serial;

pub use power::switch_off;
pub use serial::SerialPort;
