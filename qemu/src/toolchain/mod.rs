//! The compilers that module sources go through, and the corpus of objects that tests, tour and bench load.
//!
//! A [`Flavour`] is a compiler at one set of options; [`compile`] makes one object of a source in one flavour for one
//! machine. The [`corpus`] reads the module sources under `tests/modules` and says which objects they make.
//!
//! Nothing here packs, boots or links: it ends with object files and archives on disk.

pub mod benchmark;
mod builtins;
mod cache;
pub mod cases;
pub mod clif;
mod command;
pub mod corpus;
mod flavour;
mod generated;
pub mod jitlink;
mod language;
mod libraries;
mod packages;
mod rust;
mod rust_support;

pub use builtins::builtins_archive;
pub use command::compile;
pub use flavour::{Compiler, FLAVOURS, Flavour, default_flavour};
pub use language::Language;
pub use rust_support::rust_support;
