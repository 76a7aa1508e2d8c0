//! What the fuzz targets share: the inputs that they understand, what they do with one, and how one is changed.
//!
//! An input is one file, or several set apart by [`files::SEPARATOR`]. So every object is an input as it is, and the
//! input of a finding can be handed to other tools. Run by `cargo xtask fuzz`; the engine is libFuzzer.

pub mod check;
pub mod elf;
#[path = "../../../loader/src/base/failing_heap.rs"]
#[expect(dead_code, reason = "the loader's own tests need more of it")]
mod failing_heap;
pub mod files;
pub mod link;
pub mod mutator;
mod random;
pub mod reader;
mod rearrange;
mod surroundings;
pub mod tool;
