//! What went wrong when code was ended by the machine, in words that are the same on every machine.
//!
//! Each machine's file reads that machine's codes; none touches a machine, so all are tested on every host.

pub mod aarch64;
mod registers;
mod report;
pub mod x86_64;

pub use registers::Registers;
pub use report::Report;

use core::fmt;

/// What a memory access was to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Read data.
    Read,
    /// Write data.
    Write,
    /// Fetch an instruction.
    Execute,
}

/// Why a memory access was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Nothing is mapped there.
    NotMapped,
    /// What is mapped there doesn't allow this access.
    Protection,
    /// Something else, as the machine's manual names it.
    Other(&'static str),
}

/// What ended the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A memory access was refused.
    Memory {
        /// What the access was to do.
        access: Access,
        /// Where.
        address: u64,
        /// Why it was refused.
        refusal: Refusal,
    },
    /// The machine raised another exception.
    Exception {
        /// Its name in the machine's manual.
        name: &'static str,
        /// The machine's own code for it: an error code, or a syndrome.
        code: u64,
    },
}

/// A fault: what ended the code, and where it stood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What ended the code.
    pub cause: Cause,
    /// The address of the instruction that was to run.
    pub instruction: u64,
    /// The stack pointer before that instruction.
    pub stack_pointer: u64,
    /// The registers before that instruction.
    pub registers: Registers,
}

impl fmt::Display for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Read => "read from",
            Self::Write => "write to",
            Self::Execute => "execution of",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory {
                access,
                address,
                refusal,
            } => {
                write!(formatter, "{access} {address:#x}: ")?;
                formatter.write_str(match refusal {
                    Refusal::NotMapped => "nothing is mapped there",
                    Refusal::Protection => "the page's protection forbids it",
                    Refusal::Other(name) => name,
                })
            }
            Self::Exception { name, code } => write!(formatter, "{name} (code {code:#x})"),
        }
    }
}
