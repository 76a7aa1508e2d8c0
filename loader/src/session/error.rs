//! Why a load or a look-up failed.

use core::fmt;

use crate::base::{Machine, OutOfMemory, TargetAddr, Text};
use crate::format::FormatError;
use crate::link::LinkError;

/// Why a load, or the definition of symbols, failed. Nothing of it stays behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// An object or archive can't be read, or objects of one load contradict each other.
    Format(FormatError),
    /// The link failed.
    Link {
        /// The module that was to be.
        module: Text<64>,
        /// Why.
        error: LinkError,
    },
    /// A name is defined already, and neither definition is weak.
    Duplicate {
        /// The name.
        symbol: Text<120>,
        /// Who defined it first.
        first: Text<64>,
        /// Who defines it again.
        second: Text<64>,
    },
    /// An initializer did not return.
    Initializer {
        /// The module that was to be.
        module: Text<64>,
        /// The initializer, by name where it has one.
        function: Text<200>,
        /// Why, as who called it tells.
        reason: Text<200>,
    },
    /// An absolute symbol without a name.
    Unnamed {
        /// Its address.
        address: TargetAddr,
    },
}

impl From<OutOfMemory> for LoadError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<FormatError> for LoadError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Format(error) => error.fmt(formatter),
            Self::Link { module, error } => write!(formatter, "{module}: {error}"),
            Self::Duplicate {
                symbol,
                first,
                second,
            } => write!(
                formatter,
                "{second}: `{symbol}` is already defined by {first}; make one of them static or weak, or unload {first}"
            ),
            Self::Initializer {
                module,
                function,
                reason,
            } => write!(
                formatter,
                "{module}: the initializer {function} failed: {reason}; the module is not loaded"
            ),
            Self::Unnamed { address } => {
                write!(
                    formatter,
                    "the absolute symbol at {address} has no name; give it one"
                )
            }
        }
    }
}

impl core::error::Error for LoadError {}

/// Why an initializer did not return: what its caller tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InitializerFailed {
    /// Why.
    pub reason: Text<200>,
}

/// Why a module's symbol can't be had as what was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LookupError {
    /// The module exports no such name.
    Missing {
        /// The name.
        symbol: Text<120>,
    },
    /// It is no code.
    NotCallable {
        /// The name.
        symbol: Text<120>,
        /// Its address.
        address: TargetAddr,
    },
    /// It is code of another machine.
    ForeignMachine {
        /// That machine.
        machine: Machine,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { symbol } => write!(
                formatter,
                "the module exports no `{symbol}`; is it static, hidden or mangled?"
            ),
            Self::NotCallable { symbol, address } => {
                write!(formatter, "`{symbol}` at {address} is data, not a function")
            }
            Self::ForeignMachine { machine } => {
                write!(
                    formatter,
                    "code of {machine} can't be called on this machine"
                )
            }
        }
    }
}

impl core::error::Error for LookupError {}
