//! Code made at run time.
//!
//! - [`CodeBuffer`]: bytes that are emitted, sealed, and called; nothing is linked. The simplest JIT there is.
//! - [`JitModule`]: functions and data that are declared, defined, linked together, looked up, and redefined while they run; by
//!   the same graph, passes and memory manager as object files, in the same session: either may use the other's names.
//! - [`LazyJit`]: functions that are compiled when they are first called.
//!
//! Nothing here knows a compiler: definitions are bytes with [`Relocation`]s.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod code_buffer;

pub use code_buffer::{CodeBuffer, CodeError, SealedCode};
