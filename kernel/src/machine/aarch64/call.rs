//! Calling a function on another stack, and leaving that call from anywhere.

use core::arch::naked_asm;

use crate::machine::{CallContext, Callee};

/// Calls `function(first, second)` on the stack that ends below `stack_top`, or on this one if that is 0, with the
/// floating-point control register at its default and no exception noted in the status register. Until it returns,
/// [`leave`] with `context` makes it return at once.
///
/// # Safety
/// The function keeps the C ABI; the stack is free, large enough, and `stack_top` is a multiple of 16.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn call_on(
    stack_top: u64,
    function: Callee,
    first: usize,
    second: usize,
    context: *mut CallContext,
) -> usize {
    naked_asm!(
        "sub sp, sp, #176",
        "stp x19, x20, [sp]",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "stp x29, x30, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "mrs x9, fpcr",
        "str x9, [sp, #160]",
        "mov x9, sp",
        "str x9, [x4]",
        "cmp x0, #0",
        "csel x9, x9, x0, eq",
        "mov sp, x9",
        "str x4, [sp, #-16]!",
        "mov x9, x1",
        "mov x0, x2",
        "mov x1, x3",
        "msr fpcr, xzr",
        "msr fpsr, xzr",
        "mov x29, xzr",
        "blr x9",
        "mov x1, x0",
        "ldr x0, [sp]",
        "b {leave}",
        leave = sym leave,
    )
}

/// Makes the [`call_on`] that filled `context` return; what it returns is `value`.
///
/// # Safety
/// That call has not returned, and nothing that its callees hold is needed any more.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(context: *const CallContext, value: usize) -> ! {
    naked_asm!(
        "ldr x9, [x0]",
        "mov sp, x9",
        "ldr x9, [sp, #160]",
        "msr fpcr, x9",
        "ldp x19, x20, [sp]",
        "ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]",
        "ldp x25, x26, [sp, #48]",
        "ldp x27, x28, [sp, #64]",
        "ldp x29, x30, [sp, #80]",
        "ldp d8, d9, [sp, #96]",
        "ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]",
        "ldp d14, d15, [sp, #144]",
        "add sp, sp, #176",
        "mov x0, x1",
        "ret",
    )
}
