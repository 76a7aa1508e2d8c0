//! What is wrong with a line, and where.

use alloc::string::String;
use core::fmt;

/// What is wrong with a line, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// How many characters stand before the place.
    pub column: usize,
    /// What is wrong, and what to try.
    pub message: String,
}

impl Problem {
    pub(super) fn new(column: usize, message: impl fmt::Display) -> Self {
        Self {
            column,
            message: alloc::format!("{message}"),
        }
    }
}
