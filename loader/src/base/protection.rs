//! What memory may be used for.

use core::fmt;

/// The access that a mapping allows. There is no value for memory that is writable and executable at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protection {
    /// Read and execute.
    ReadExecute,
    /// Read only.
    Read,
    /// Read and write.
    ReadWrite,
}

impl Protection {
    /// All protections.
    pub const ALL: [Self; 3] = [Self::Read, Self::ReadExecute, Self::ReadWrite];

    /// Whether code may be run there.
    pub const fn is_executable(self) -> bool {
        matches!(self, Self::ReadExecute)
    }

    /// Whether data may be written there.
    pub const fn is_writable(self) -> bool {
        matches!(self, Self::ReadWrite)
    }

    /// Three letters, as `ls -l` writes them.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::ReadExecute => "r-x",
            Self::Read => "r--",
            Self::ReadWrite => "rw-",
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.letters())
    }
}
