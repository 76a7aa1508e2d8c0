//! Programs that were written as text of Cranelift's representation: a host reads the text and sends it as a unit, which is
//! compiled here, linked, and called.
//!
//! - [`Integer`] is a type that arguments and results have, and reads and shows them as decimal text; pure, and tested on the
//!   host.
//! - `Entry` is a function of the unit by which another one is called, whatever its signature: with arguments from memory,
//!   and results to memory. `Program` is a unit that is compiled, and linked as a
//!   [`JitModule`](ironlink::jit::JitModule). `run` does all that with the program on the disk.
//!   These are there with the feature `cranelift`.

mod integer;

#[cfg(feature = "cranelift")]
mod entry;
#[cfg(all(target_os = "none", feature = "cranelift"))]
mod program;
#[cfg(all(target_os = "none", feature = "cranelift"))]
mod run;

#[cfg(feature = "cranelift")]
pub use entry::{Entry, EntryFunction};
pub use integer::{Integer, NotAnInteger};
#[cfg(all(target_os = "none", feature = "cranelift"))]
pub use program::{Program, compiler};
#[cfg(all(target_os = "none", feature = "cranelift"))]
pub use run::run;
