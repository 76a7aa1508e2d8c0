//! System V x86-64. What is peculiar: the caller of a variadic function says in `al` whether vector registers carry
//! arguments, and they are saved only then; the kernel itself is compiled without vector registers, so that floats cross
//! here and nowhere else.

use core::arch::naked_asm;

pub(in crate::exports) use crate::exports::va_list::SystemV as VaList;

/// Defines a variadic function; see the module above. ABI 3.5.7: the save area holds the six integer registers, whatever
/// of them is fixed, then the eight vector registers.
macro_rules! variadic {
    ($name:ident => $body:ident(_, _)) => { variadic!(@shim $name, $body, (_, _), "8", "rsi"); };
    ($name:ident => $body:ident(_, _, _)) => { variadic!(@shim $name, $body, (_, _, _), "16", "rdx"); };
    ($name:ident => $body:ident(_, _, _, _)) => { variadic!(@shim $name, $body, (_, _, _, _), "24", "rcx"); };
    ($name:ident => $body:ident(_, _, _, _, _)) => { variadic!(@shim $name, $body, (_, _, _, _, _), "32", "r8"); };
    ($name:ident => $body:ident(_, _, _, _, _, _)) => { variadic!(@shim $name, $body, (_, _, _, _, _, _), "40", "r9"); };
    (@shim $name:ident, $body:ident, ($($parameter:ty),*), $fixed_bytes:literal, $list:literal) => {
        const _: () = $crate::exports::require_integers(&($body as unsafe extern "C" fn($($parameter),*) -> _));

        #[doc = concat!("`", stringify!($name), "`, in terms of `", stringify!($body), "`.")]
        ///
        /// The stack from `rsp` up: 24 bytes of list, 8 unused, 176 of save area, 8 unused, the return address, the
        /// arguments passed in memory.
        #[unsafe(naked)]
        unsafe extern "C" fn $name() {
            core::arch::naked_asm!(
                "sub rsp, 216",
                "mov [rsp + 32], rdi",
                "mov [rsp + 40], rsi",
                "mov [rsp + 48], rdx",
                "mov [rsp + 56], rcx",
                "mov [rsp + 64], r8",
                "mov [rsp + 72], r9",
                "test al, al",
                "je 2f",
                "movaps [rsp + 80], xmm0",
                "movaps [rsp + 96], xmm1",
                "movaps [rsp + 112], xmm2",
                "movaps [rsp + 128], xmm3",
                "movaps [rsp + 144], xmm4",
                "movaps [rsp + 160], xmm5",
                "movaps [rsp + 176], xmm6",
                "movaps [rsp + 192], xmm7",
                "2:",
                concat!("mov dword ptr [rsp], ", $fixed_bytes), // gp_offset: behind the fixed arguments
                "mov dword ptr [rsp + 4], 48",                  // fp_offset: no float is fixed
                "lea rax, [rsp + 224]",
                "mov [rsp + 8], rax",                           // overflow_area
                "lea rax, [rsp + 32]",
                "mov [rsp + 16], rax",                          // save_area
                concat!("mov ", $list, ", rsp"),                // the argument behind the fixed ones: the list
                "call {body}",
                "add rsp, 216",
                "ret",
                body = sym $body,
            )
        }
    };
}
pub(in crate::exports) use variadic;

/// Defines a function that returns a `double`; see the module above. ABI 3.2.3: class SSE, in `xmm0`.
macro_rules! double_result {
    ($name:ident => $body:ident($($parameter:ty),*)) => {
        double_result!(@shim $name, $body, ($($parameter),*), u64, "movq xmm0, rax");
    };
    (@shim $name:ident, $body:ident, ($($parameter:ty),*), $bits:ty, $move:literal) => {
        const _: () = $crate::exports::require_integers(&($body as unsafe extern "C" fn($($parameter),*) -> $bits));

        #[doc = concat!("`", stringify!($name), "`: what `", stringify!($body), "` returns, as a floating-point number.")]
        #[unsafe(naked)]
        unsafe extern "C" fn $name() {
            core::arch::naked_asm!(
                "sub rsp, 8", // the stack is aligned to 16 bytes at a call
                "call {body}",
                "add rsp, 8",
                $move,
                "ret",
                body = sym $body,
            )
        }
    };
}
pub(in crate::exports) use double_result;

/// Defines a function that returns a `float`; see the module above.
macro_rules! float_result {
    ($name:ident => $body:ident($($parameter:ty),*)) => {
        $crate::exports::machine::double_result!(@shim $name, $body, ($($parameter),*), u32, "movd xmm0, eax");
    };
}
pub(in crate::exports) use float_result;

/// `int setjmp(jmp_buf)`: keeps what a callee must preserve (ABI 3.2.1, 3.2.3), and where to go on. Any C library's
/// `jmp_buf` has room for the 72 bytes. `rdi`: the buffer.
#[unsafe(naked)]
pub(in crate::exports) unsafe extern "C" fn set_jump() {
    naked_asm!(
        "mov [rdi], rbx",
        "mov [rdi + 8], rbp",
        "mov [rdi + 16], r12",
        "mov [rdi + 24], r13",
        "mov [rdi + 32], r14",
        "mov [rdi + 40], r15",
        "lea rax, [rsp + 8]", // the stack pointer after the return
        "mov [rdi + 48], rax",
        "mov rax, [rsp]", // the return address
        "mov [rdi + 56], rax",
        "stmxcsr [rdi + 64]",
        "fnstcw [rdi + 68]",
        "xor eax, eax",
        "ret",
    )
}

/// `void longjmp(jmp_buf, int)`. `rdi`: the buffer; `esi`: what `setjmp` returns, 1 if it is 0.
#[unsafe(naked)]
pub(in crate::exports) unsafe extern "C" fn long_jump() {
    naked_asm!(
        "mov eax, esi",
        "cmp eax, 1",
        "adc eax, 0", // 0 becomes 1
        "ldmxcsr [rdi + 64]",
        "fldcw [rdi + 68]",
        "mov rbx, [rdi]",
        "mov rbp, [rdi + 8]",
        "mov r12, [rdi + 16]",
        "mov r13, [rdi + 24]",
        "mov r14, [rdi + 32]",
        "mov r15, [rdi + 40]",
        "mov rsp, [rdi + 48]",
        "jmp [rdi + 56]",
    )
}
