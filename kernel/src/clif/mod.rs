//! Programs that were written as text of Cranelift's representation: a host reads the text and sends it as a unit, which is
//! compiled here, linked, and called.
//!
//! - [`Integer`] is a type that arguments and results have, and reads and shows them as decimal text; [`Call`] is what a test
//!   says of a function. Both are pure, and tested on the host.
//! - `Entry` is a function of the unit by which another one is called, whatever its signature: with arguments from memory,
//!   and results to memory. `CompiledUnit` is a unit that is compiled by what `compiler` gives. `run` links the one on the
//!   disk together with all else there, and calls `%main`. These are there with the feature `cranelift`.

mod call;
mod integer;

#[cfg(all(target_os = "none", feature = "cranelift"))]
mod compiled_unit;
#[cfg(feature = "cranelift")]
mod compiler;
#[cfg(feature = "cranelift")]
mod entry;
#[cfg(all(target_os = "none", feature = "cranelift"))]
mod run;

pub use call::{Call, NotACall};
#[cfg(all(target_os = "none", feature = "cranelift"))]
pub use compiled_unit::CompiledUnit;
#[cfg(feature = "cranelift")]
pub use compiler::compiler;
#[cfg(feature = "cranelift")]
pub use entry::{Entry, EntryFunction};
pub use integer::{Integer, NotAnInteger};
#[cfg(all(target_os = "none", feature = "cranelift"))]
pub use run::run;
