//! Code made at run time.
//!
//! - [`CodeBuffer`]: bytes that are emitted, sealed, and called; nothing is linked. The simplest JIT there is.
//! - [`JitModule`]: functions and data that are declared, defined, linked together, looked up, and redefined while they run; by
//!   the same graph, passes and memory manager as object files, in the same session: either may use the other's names.
//! - [`LazyJit`]: functions that are compiled when they are first called.
//! - `CraneliftJit` (feature `cranelift-module`): a [`JitModule`] as what is written for cranelift-jit takes it.
//!
//! Definitions are bytes with [`Relocation`]s, of whichever origin; what a [`Compiler`](crate::compiler::Compiler) made is taken
//! as it is.
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

mod batch;
mod builder;
mod code_buffer;
mod compiled;
#[cfg(feature = "cranelift-module")]
mod cranelift_module;
mod declaration;
mod definition;
mod entries;
mod epochs;
mod error;
mod finalize;
mod free;
mod held;
mod lazy;
mod module;
mod new_batch;
mod pages;
#[cfg(feature = "std")]
mod process;
mod slot;
#[cfg(test)]
mod tests;

#[cfg(feature = "cranelift-module")]
pub use self::cranelift_module::CraneliftJit;
pub use builder::{JitBuilder, SymbolLookup};
pub use code_buffer::{CodeBuffer, CodeError, SealedCode};
pub use declaration::{DataId, Declared, FuncId, Linkage, Storage};
pub use definition::{Content, Relocation, Target};
pub use entries::BranchProtection;
pub use epochs::{Guard, Guards};
pub use error::JitError;
pub use lazy::{Compile, LazyJit};
pub use module::JitModule;
#[cfg(feature = "std")]
pub use process::symbol_of_process;
