//! A hook for the tracer of calls that keeps none of the registers that it may change.

use core::arch::naked_asm;

/// Counts one up in the word at an address, and then changes every register that C lets a function change.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(crate) extern "C" fn count_and_forget(count: usize) {
    naked_asm!(
        "inc qword ptr [rdi]",
        "mov rax, -1",
        "mov rcx, rax",
        "mov rdx, rax",
        "mov rsi, rax",
        "mov rdi, rax",
        "mov r8, rax",
        "mov r9, rax",
        "mov r10, rax",
        "mov r11, rax",
        "pcmpeqd xmm0, xmm0",
        "movaps xmm1, xmm0",
        "movaps xmm2, xmm0",
        "movaps xmm3, xmm0",
        "movaps xmm4, xmm0",
        "movaps xmm5, xmm0",
        "movaps xmm6, xmm0",
        "movaps xmm7, xmm0",
        "ret",
    )
}

/// The same.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub(crate) extern "C" fn count_and_forget(count: usize) {
    naked_asm!(
        ".arch_extension fp",
        ".arch_extension simd",
        "ldr x1, [x0]",
        "add x1, x1, #1",
        "str x1, [x0]",
        "mov x0, #-1",
        "mov x1, x0",
        "mov x2, x0",
        "mov x3, x0",
        "mov x4, x0",
        "mov x5, x0",
        "mov x6, x0",
        "mov x7, x0",
        "mov x8, x0",
        "mov x9, x0",
        "mov x10, x0",
        "mov x11, x0",
        "mov x12, x0",
        "mov x13, x0",
        "mov x14, x0",
        "mov x15, x0",
        "mov x16, x0",
        "mov x17, x0",
        "movi v0.2d, #0xffffffffffffffff",
        "mov v1.16b, v0.16b",
        "mov v2.16b, v0.16b",
        "mov v3.16b, v0.16b",
        "mov v4.16b, v0.16b",
        "mov v5.16b, v0.16b",
        "mov v6.16b, v0.16b",
        "mov v7.16b, v0.16b",
        "ret",
    )
}
