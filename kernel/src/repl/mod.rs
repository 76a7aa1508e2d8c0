//! A small language on the serial line, of which each line is compiled, linked and run as it is typed: functions, variables,
//! `if`, `while`, and calls of whatever the kernel exports. All values are words of 64 bits.
//!
//! - `parser` goes through a line once and has Cranelift's builder make code of it, with the ids of a
//!   [`JitModule`](ironlink::jit::JitModule). It knows no machine, and is tested on the host. `tokens` says what a token is.
//! - [`Engine`] owns the module, which is linked with hot swap: it compiles a line, links it, calls it so that a fault ends the
//!   line alone, and frees it. [`run`] reads lines and answers them.
//!
//! **Invariant:** a line that fails, at whichever step, defines nothing. What stays are texts that were linked, whose addresses
//! others may hold, names that were spelled, and what Cranelift had allocated when it was ended.

#[cfg(target_os = "none")]
mod engine;
mod parser;
#[cfg(test)]
mod parser_tests;
#[cfg(target_os = "none")]
mod serve;
mod tokens;

#[cfg(target_os = "none")]
pub use engine::Engine;
#[cfg(target_os = "none")]
pub use serve::run;

use ironlink::base::Text;

/// What is wrong with a line, or went wrong in it, and what to try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What it is.
    pub message: Text<240>,
    /// How many bytes of the line stand before the place, if there is one.
    pub place: Option<usize>,
}

impl<E: core::error::Error> From<E> for Problem {
    fn from(error: E) -> Self {
        Self {
            message: Text::display(error),
            place: None,
        }
    }
}
