//! Where the tool writes to.

use std::io::Write;

/// The tool's own standard streams.
pub(super) struct Streams<'s> {
    /// What was asked for.
    pub(super) output: &'s mut dyn Write,
    /// What is wrong.
    pub(super) errors: &'s mut dyn Write,
}
