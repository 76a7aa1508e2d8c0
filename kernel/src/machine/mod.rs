//! The machine itself, behind one facade: each machine's module has the items that are re-exported here.

mod stack;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use stack::GuardedStack;

#[cfg(target_arch = "aarch64")]
pub use aarch64::{SerialPort, switch_off};
#[cfg(target_arch = "x86_64")]
pub use x86_64::{SerialPort, switch_off};

/// The size of the stack that the kernel runs on.
const KERNEL_STACK_BYTES: usize = 256 << 10;

/// The stack that the kernel runs on, from its entry on.
static KERNEL_STACK: GuardedStack<KERNEL_STACK_BYTES> = GuardedStack::new();
