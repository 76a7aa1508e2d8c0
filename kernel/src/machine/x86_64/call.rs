//! Calling a function on another stack, and leaving that call from anywhere.

use core::arch::naked_asm;

use crate::machine::{CallContext, Callee};

/// MXCSR as the ABI wants it at a call: all exceptions masked, rounding to nearest.
static MXCSR: u32 = 0x1f80;

/// Calls `function(first, second)` on the stack that ends below `stack_top`, or on this one if that is 0, with
/// floating-point control words at their defaults. Until it returns, [`leave`] with `context` makes it return at once.
///
/// # Safety
/// The function keeps the C ABI; the stack is free, large enough, and `stack_top` is a multiple of 16.
#[unsafe(naked)]
pub(crate) unsafe extern "sysv64" fn call_on(
    stack_top: u64,
    function: Callee,
    first: usize,
    second: usize,
    context: *mut CallContext,
) -> usize {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8", // the stack is aligned now: seven words below the return address
        "stmxcsr [rsp]",
        "fnstcw [rsp + 4]",
        "mov [r8], rsp",
        "mov rax, rsi",
        "test rdi, rdi",
        "cmovnz rsp, rdi",
        "push r8",
        "sub rsp, 8",
        "mov rdi, rdx",
        "mov rsi, rcx",
        "fninit",
        "ldmxcsr [rip + {mxcsr}]",
        "call rax",
        "mov rsi, rax",
        "mov rdi, [rsp + 8]",
        "jmp {leave}",
        mxcsr = sym MXCSR,
        leave = sym leave,
    )
}

/// Makes the [`call_on`] that filled `context` return; what it returns is `value`.
///
/// # Safety
/// That call has not returned, and nothing that its callees hold is needed any more.
#[unsafe(naked)]
pub(crate) unsafe extern "sysv64" fn leave(context: *const CallContext, value: usize) -> ! {
    naked_asm!(
        "mov rsp, [rdi]",
        "mov rax, rsi",
        "cld",
        "fninit",
        "ldmxcsr [rsp]",
        "fldcw [rsp + 4]",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}
