//! The machine itself, behind one facade: each machine's module has the items that are re-exported here.

mod stack;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

pub(crate) use stack::GuardedStack;

#[cfg(target_arch = "aarch64")]
use aarch64 as this;
#[cfg(target_arch = "x86_64")]
use x86_64 as this;

pub(crate) use this::{
    DEVICE_PAGES, DIRECT_MAP, FIRMWARE_END, LINK_REGISTER, MODULE_WINDOW, RootTables, SerialPort,
    call_on, ends_in_call, leave, set_up, switch_off,
};
pub use this::{entropy, instructions, ticks, ticks_per_second};

/// The size of the stack that the kernel runs on.
const KERNEL_STACK_BYTES: usize = 256 << 10;
/// The size of each stack that traps run on.
const TRAP_STACK_BYTES: usize = 32 << 10;

/// The stack that the kernel runs on, from its entry on.
static KERNEL_STACK: GuardedStack<KERNEL_STACK_BYTES> = GuardedStack::new();
/// The stack that traps run on.
static TRAP_STACK: GuardedStack<TRAP_STACK_BYTES> = GuardedStack::new();
/// The stack for traps that come when the other one may be broken.
static LAST_STACK: GuardedStack<TRAP_STACK_BYTES> = GuardedStack::new();

/// The pages below the stacks, which are never mapped.
pub(crate) fn guard_pages() -> [u64; 3] {
    [
        KERNEL_STACK.guard_page(),
        TRAP_STACK.guard_page(),
        LAST_STACK.guard_page(),
    ]
}

/// A function that a guarded call calls: it takes two words and gives one, by the C ABI.
pub type Callee = unsafe extern "C" fn(usize, usize) -> usize;

/// Where [`call_on`] left its caller, so that [`leave`] can go back there.
#[repr(C)]
#[derive(Debug, Default)]
pub(crate) struct CallContext {
    /// The stack pointer; the registers that a call preserves lie there.
    stack_pointer: u64,
}

/// A number made of `seed` whose every bit depends on all of the seed's: the finalizer of SplitMix64.
fn mixed(seed: u64) -> u64 {
    let seed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ seed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ seed >> 31
}
