//! Ironlink: a JIT linker for bare metal.
//!
//! Object files as compilers write them are read into a [`graph::LinkGraph`], linked in memory with a GOT and stubs of
//! their own, and run under W^X: no page is ever writable and executable at once.
//!
//! Three ideas are enough to use it: a memory manager ([`memory::MemoryManager`]), a session, a module. The floors below
//! them stand in ARCHITECTURE.md; each module here imports from lower floors only.
//!
//! Features, none of which is a default: `compressed` unpacks debug information, `std` adds the memory manager of a host,
//! `cli` the tool `ironlink`, and with it the other two; `elf-writer` lets a compiler's functions be appended to ELF objects,
//! `cranelift` brings a compiler, and `cranelift-module` its own interface to modules.
#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::as_conversions))]
// The tool runs on a host, whose heap ends the program when it is full.
#![cfg_attr(not(any(test, feature = "cli")), deny(clippy::disallowed_methods))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod arch;
pub mod base;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compiler;
pub mod edge;
pub mod format;
pub mod graph;
pub mod jit;
pub mod kit;
pub mod link;
pub mod memory;
pub mod pass;
pub mod session;

/// The example that the README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
