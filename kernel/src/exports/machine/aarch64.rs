//! AAPCS64. What is peculiar: a `va_list` is a structure of 32 bytes, so that its callee gets the address of a copy, and
//! vector registers are saved always, for nobody says whether they carry arguments.

use core::arch::naked_asm;

pub(in crate::exports) use crate::exports::va_list::Aapcs64 as VaList;

/// Defines a variadic function; see the module above. AAPCS64 appendix B: the save areas are described by their ends and
/// by minus the bytes that aren't taken.
macro_rules! variadic {
    ($name:ident => $body:ident(_, _)) => { variadic!(@shim $name, $body, (_, _), "-56", "x1"); };
    ($name:ident => $body:ident(_, _, _)) => { variadic!(@shim $name, $body, (_, _, _), "-48", "x2"); };
    ($name:ident => $body:ident(_, _, _, _)) => { variadic!(@shim $name, $body, (_, _, _, _), "-40", "x3"); };
    ($name:ident => $body:ident(_, _, _, _, _)) => { variadic!(@shim $name, $body, (_, _, _, _, _), "-32", "x4"); };
    ($name:ident => $body:ident(_, _, _, _, _, _)) => { variadic!(@shim $name, $body, (_, _, _, _, _, _), "-24", "x5"); };
    (@shim $name:ident, $body:ident, ($($parameter:ty),*), $general_offset:literal, $list:literal) => {
        const _: () = $crate::exports::require_integers(&($body as unsafe extern "C" fn($($parameter),*) -> _));

        #[doc = concat!("`", stringify!($name), "`, in terms of `", stringify!($body), "`.")]
        ///
        /// The stack from `sp` up: frame pointer and return address, 32 bytes of list, x0 to x7, q0 to q7, the arguments
        /// passed in memory.
        #[unsafe(naked)]
        unsafe extern "C" fn $name() {
            core::arch::naked_asm!(
                "stp x29, x30, [sp, #-240]!",
                "mov x29, sp",
                "stp x0, x1, [sp, #48]",
                "stp x2, x3, [sp, #64]",
                "stp x4, x5, [sp, #80]",
                "stp x6, x7, [sp, #96]",
                "stp q0, q1, [sp, #112]",
                "stp q2, q3, [sp, #144]",
                "stp q4, q5, [sp, #176]",
                "stp q6, q7, [sp, #208]",
                "add x16, sp, #240",
                "add x17, sp, #112",
                "stp x16, x17, [sp, #16]",           // stack, general_top
                "str x16, [sp, #32]",                // vector_top
                concat!("mov w16, #", $general_offset), // the registers behind the fixed arguments
                "mov w17, #-128",                    // no float is fixed
                "stp w16, w17, [sp, #40]",           // general_offset, vector_offset
                concat!("add ", $list, ", sp, #16"), // the argument behind the fixed ones: the list
                "bl {body}",
                "ldp x29, x30, [sp], #240",
                "ret",
                body = sym $body,
            )
        }
    };
}
pub(in crate::exports) use variadic;

/// Defines a function that returns a `double`; see the module above. AAPCS64 6.9: in `d0`.
macro_rules! double_result {
    ($name:ident => $body:ident($($parameter:ty),*)) => {
        double_result!(@shim $name, $body, ($($parameter),*), u64, "fmov d0, x0");
    };
    (@shim $name:ident, $body:ident, ($($parameter:ty),*), $bits:ty, $move:literal) => {
        const _: () = $crate::exports::require_integers(&($body as unsafe extern "C" fn($($parameter),*) -> $bits));

        #[doc = concat!("`", stringify!($name), "`: what `", stringify!($body), "` returns, as a floating-point number.")]
        #[unsafe(naked)]
        unsafe extern "C" fn $name() {
            core::arch::naked_asm!(
                "stp x29, x30, [sp, #-16]!",
                "mov x29, sp",
                "bl {body}",
                "ldp x29, x30, [sp], #16",
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
        $crate::exports::machine::double_result!(@shim $name, $body, ($($parameter),*), u32, "fmov s0, w0");
    };
}
pub(in crate::exports) use float_result;

/// `int setjmp(jmp_buf)`: keeps what a callee must preserve (AAPCS64 6.1.1, 6.1.2), and where to go on. Any C library's
/// `jmp_buf` has room for the 168 bytes. `x0`: the buffer.
#[unsafe(naked)]
pub(in crate::exports) unsafe extern "C" fn set_jump() {
    naked_asm!(
        "stp x19, x20, [x0]",
        "stp x21, x22, [x0, #16]",
        "stp x23, x24, [x0, #32]",
        "stp x25, x26, [x0, #48]",
        "stp x27, x28, [x0, #64]",
        "stp x29, x30, [x0, #80]", // x30: where to go on
        "stp d8, d9, [x0, #96]",
        "stp d10, d11, [x0, #112]",
        "stp d12, d13, [x0, #128]",
        "stp d14, d15, [x0, #144]",
        "mov x16, sp",
        "str x16, [x0, #160]",
        "mov w0, #0",
        "ret",
    )
}

/// `void longjmp(jmp_buf, int)`. `x0`: the buffer; `w1`: what `setjmp` returns, 1 if it is 0.
#[unsafe(naked)]
pub(in crate::exports) unsafe extern "C" fn long_jump() {
    naked_asm!(
        "ldp x19, x20, [x0]",
        "ldp x21, x22, [x0, #16]",
        "ldp x23, x24, [x0, #32]",
        "ldp x25, x26, [x0, #48]",
        "ldp x27, x28, [x0, #64]",
        "ldp x29, x30, [x0, #80]",
        "ldp d8, d9, [x0, #96]",
        "ldp d10, d11, [x0, #112]",
        "ldp d12, d13, [x0, #128]",
        "ldp d14, d15, [x0, #144]",
        "ldr x16, [x0, #160]",
        "mov sp, x16",
        "cmp w1, #0",
        "csinc w0, w1, wzr, ne", // 0 becomes 1
        "ret",
    )
}

/// `__aarch64_cas16_*`, in the strongest order for all. `x0`, `x1`: what is expected; `x2`, `x3`: what is to be stored;
/// `x4`: the address, a multiple of 16. What was found comes back in `x0`, `x1`. A read of 16 bytes is known to have been
/// one only when a store of them has succeeded: a mismatch stores back what it read.
#[unsafe(naked)]
pub(in crate::exports) unsafe extern "C" fn compare_and_swap_16() {
    naked_asm!(
        "2: ldaxp x16, x17, [x4]",
        "cmp x16, x0",
        "ccmp x17, x1, #0, eq",
        "csel x5, x2, x16, eq",
        "csel x6, x3, x17, eq",
        "stlxp w7, x5, x6, [x4]",
        "cbnz w7, 2b",
        "mov x0, x16",
        "mov x1, x17",
        "ret",
    )
}
