//! The stack protector of gcc and clang (LSB, `__stack_chk_fail`). On AArch64 functions compare with `__stack_chk_guard`, on
//! x86-64 with the word at `fs:0x28`: the kernel puts the same canary there.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::exports::host::abort;

static GUARD: AtomicU64 = AtomicU64::new(0);

/// The canary; 0 before [`install`](crate::exports::install).
pub fn canary() -> u64 {
    GUARD.load(Ordering::Relaxed)
}

/// Makes the canary. Its lowest byte is 0, so that a string that overruns its buffer can't copy it.
pub(in crate::exports) fn seed(entropy: u64) {
    GUARD.store(entropy & !0xff, Ordering::Relaxed);
}

/// `void __stack_chk_fail(void)`.
extern "C" fn fail() -> ! {
    abort!("stack smashing detected: a function has overwritten its own stack frame")
}

exports! {
    pub(in crate::exports) static EXPORTS:
    protected fail() -> ! as "__stack_chk_fail";
    protected_data GUARD as "__stack_chk_guard";
}
