//! What of the exports is assembly, for the machine that this is built for: the shims that adapt C interfaces which stable
//! Rust can't write.
//!
//! Both machines' files offer the same items:
//!
//! - `VaList`, the `va_list` of the machine's C code;
//! - `variadic!(name => body(_, _));`, a function `name` that collects the arguments behind its `...` into a `VaList` and
//!   calls `body` with the fixed ones (all but the last `_`) and the list's address;
//! - `double_result!(name => body(_, _));`, a function `name` whose result is the `double` whose bits `body` returns, and
//!   `float_result!` for a `float`;
//! - `set_jump`, `long_jump`.
//!
//! AArch64 adds `compare_and_swap_16`.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "aarch64")]
pub(super) use aarch64::{
    VaList, compare_and_swap_16, double_result, float_result, long_jump, set_jump, variadic,
};

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::{VaList, double_result, float_result, long_jump, set_jump, variadic};
