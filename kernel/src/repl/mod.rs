//! A small language on the serial line, of which each line is compiled as it is typed: functions, variables, `if`, `while`,
//! words of 64 bits, and calls of whatever the session knows.
//!
//! - [`parse`] makes a [`Line`](ast::Line) of text, with what it refers to resolved by [`Names`]; what is wrong is a
//!   [`Problem`] with a column. All of that is pure, and tested on the host.
//! - `translate` makes Cranelift's representation of a unit; `engine` has it compiled, linked by a
//!   [`JitModule`](ironlink::jit::JitModule) with hot swap, and called so that a fault ends the call alone; `serve` reads
//!   lines and answers them. These are there with the feature `cranelift`.
//!
//! **Invariant:** a line that fails, at whichever step, leaves no function, variable or memory behind.

pub mod ast;
mod lexer;
mod names;
mod parser;
#[cfg(test)]
mod parser_tests;
mod problem;

#[cfg(all(target_os = "none", feature = "cranelift"))]
mod engine;
#[cfg(all(target_os = "none", feature = "cranelift"))]
mod serve;
#[cfg(feature = "cranelift")]
mod translate;

pub use names::{Known, Names};
pub use parser::parse;
pub use problem::Problem;
#[cfg(all(target_os = "none", feature = "cranelift"))]
pub use serve::run;
