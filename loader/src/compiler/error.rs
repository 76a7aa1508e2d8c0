//! Why a function can't be compiled, or its code be used.

use core::fmt;

use crate::base::{OutOfMemory, Text};

/// Why a function can't be compiled, or its code be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompileError {
    /// The function.
    pub function: Text<96>,
    /// What is wrong with it.
    pub fault: CompileFault,
}

/// What is wrong with a function or its code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompileFault {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// The function breaks rules of its representation.
    Invalid {
        /// How many faults were found.
        count: usize,
        /// The first of them, each with where it is.
        messages: Text<512>,
    },
    /// It is larger than the compiler or the machine can take.
    TooLarge,
    /// It uses what the compiler can't serve, or not with these settings.
    Unsupported(Text<256>),
    /// Its code wants something written that can't be.
    Relocation {
        /// Where.
        offset: u32,
        /// What, in the compiler's words.
        kind: Text<40>,
        /// Why not.
        fault: RelocationFault,
    },
    /// Its code refers to what is neither a function nor data of a unit, nor a routine that is known.
    Callee {
        /// Where.
        offset: u32,
        /// The name, in the compiler's words.
        name: Text<80>,
    },
    /// How to unwind it can't be told.
    Frame(Text<80>),
    /// The object has a definition of that name already.
    Twice,
    /// The writer of objects refuses it.
    Object(Text<160>),
    /// The compiler found a fault in itself.
    Internal(Text<256>),
}

/// Why something can't be written into code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelocationFault {
    /// It is for thread-local storage, which code that is compiled here has none of.
    ThreadLocal,
    /// It belongs to another object format.
    OtherFormat,
    /// It belongs to another machine.
    OtherMachine,
    /// The object format has no number for it.
    NoNumber,
}

impl CompileError {
    /// The error that `fault` is, in the function `name`.
    pub fn new(name: impl fmt::Display, fault: CompileFault) -> Self {
        Self {
            function: Text::display(name),
            fault,
        }
    }
}

impl From<OutOfMemory> for CompileFault {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "function `{}`: {}", self.function, self.fault)
    }
}

impl fmt::Display for CompileFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Invalid { count, messages } => {
                let plural = if *count == 1 { "" } else { "s" };
                write!(
                    formatter,
                    "{count} fault{plural} in its instructions: {messages}"
                )
            }
            Self::TooLarge => formatter.write_str("it is too large to compile; split it"),
            Self::Unsupported(what) => write!(formatter, "not supported: {what}"),
            Self::Relocation {
                offset,
                kind,
                fault,
            } => write!(formatter, "relocation {kind} at {offset:#x} {fault}"),
            Self::Callee { offset, name } => write!(
                formatter,
                "what it refers to at {offset:#x}, `{name}`, is no function, data or routine of its unit; declare it there"
            ),
            Self::Frame(reason) => write!(formatter, "it can't be unwound: {reason}"),
            Self::Twice => formatter.write_str("the object defines that name already"),
            Self::Object(reason) => write!(formatter, "it can't be written: {reason}"),
            Self::Internal(reason) => write!(formatter, "the compiler failed: {reason}"),
        }
    }
}

impl fmt::Display for RelocationFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ThreadLocal => {
                "is for thread-local storage, which compiled code can't have here; pass the address instead"
            }
            Self::OtherFormat => "belongs to another object format",
            Self::OtherMachine => "belongs to another machine",
            Self::NoNumber => "has no number in an object file",
        })
    }
}

impl core::error::Error for CompileError {}
