//! A small language on the serial line, of which each line is compiled as it is typed: functions, variables, `if`, `while`,
//! words of 64 bits, and calls of whatever the session knows.
//!
//! - `words` takes a line apart; `parser` goes through it once, and has `code` make Cranelift's representation of each thing
//!   as it is read. What a line may refer to, it asks of its `Names`. What is wrong is a `Problem` with a column. All of
//!   that is pure, and tested on the host.
//! - `engine` is the [`JitModule`](ironlink::jit::JitModule) in which all that was defined lives, linked with hot swap; it
//!   calls lines so that a fault ends the call alone. `serve` reads lines and answers them.
//!
//! **Invariant:** a line that fails, at whichever step, defines nothing. What stays are texts that were linked, whose addresses
//! others may hold, names that were spelled, and what Cranelift had allocated when it was ended.

mod code;
#[cfg(target_os = "none")]
mod engine;
mod parser;
#[cfg(test)]
mod parser_tests;
#[cfg(target_os = "none")]
mod serve;
mod words;

#[cfg(target_os = "none")]
pub use serve::run;

use alloc::string::{String, ToString};

/// What is wrong with a line, or went wrong in it, and what to try.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Problem {
    message: String,
    /// How many characters stand before the place, if there is one.
    column: Option<usize>,
    /// The line that defined the function in which the place is, if it isn't in the line itself.
    source: Option<String>,
}

impl Problem {
    fn new(message: impl ToString) -> Self {
        Self {
            message: message.to_string(),
            column: None,
            source: None,
        }
    }

    fn at(self, column: usize) -> Self {
        Self {
            column: Some(column),
            ..self
        }
    }
}

impl<E: core::error::Error> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}
