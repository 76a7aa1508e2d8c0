//! Code made at run time.
//!
//! - [`CodeBuffer`]: bytes that are emitted, sealed, and called; nothing is linked. The simplest JIT there is.
//! - [`JitModule`]: functions and data that are declared, defined, linked together, looked up, and redefined while they run; by
//!   the same graph and passes as object files, in the same session, and in its memory unless the builder is told another: either may use the other's names.
//! - [`LazyJit`]: functions that are compiled when they are first called.
//! - `CraneliftJit` (feature `cranelift-module`): a [`JitModule`] as what is written for cranelift-jit takes it.
//!
//! Definitions are bytes with [`Relocation`](crate::compiler::Relocation)s to a [`Target`], of whichever origin; what a
//! [`Compiler`](crate::compiler::Compiler) made is taken as it is.
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
mod frames;
mod free;
mod held;
mod lazy;
mod module;
mod needed;
mod new_batch;
mod pages;
mod placement;
#[cfg(feature = "std")]
mod process;
mod published;
mod references;
mod relocations;
mod run;
mod slot;
#[cfg(test)]
mod tests;

#[cfg(feature = "cranelift-module")]
pub use self::cranelift_module::CraneliftJit;
pub use builder::{JitBuilder, SymbolLookup};
pub use code_buffer::{CodeBuffer, CodeError, SealedCode};
pub use declaration::{DataId, Declared, FuncId, Linkage, Storage};
pub use definition::{Content, Target};
pub use entries::BranchProtection;
pub use epochs::{Guard, Guards};
pub use error::JitError;
pub use lazy::{Compile, LazyJit};
pub use module::JitModule;
#[cfg(feature = "std")]
pub use process::symbol_of_process;
