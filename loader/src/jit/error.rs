//! Why a JIT module can't do what it is asked.

use core::fmt;

use crate::base::{Machine, OutOfMemory, Text};
use crate::memory::MemoryError;
use crate::session::{LoadError, UnloadError};

use super::Linkage;

/// Why a JIT module can't do what it is asked. It is as it was then, unless the variant says otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JitError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// The id was given by another module.
    Unknown {
        /// Its number.
        number: u32,
    },
    /// A declaration with an empty name.
    Unnamed,
    /// The name was declared as a function before and is data now, or the reverse.
    OtherKind {
        /// The name.
        name: Text<120>,
    },
    /// The name is defined, and was declared for fewer, or as data that is only read.
    DeclaredTooLate {
        /// The name.
        name: Text<120>,
        /// The linkage that came too late.
        linkage: Linkage,
    },
    /// Thread-local data: nothing gives such storage yet.
    ThreadLocal {
        /// The name.
        name: Text<120>,
    },
    /// It was declared as defined elsewhere.
    DefinesImport {
        /// The name.
        name: Text<120>,
    },
    /// It is defined already.
    AlreadyDefined {
        /// The name.
        name: Text<120>,
    },
    /// A relocation, or the instruction that it may change, doesn't lie within the bytes of the definition.
    OutsideOfDefinition {
        /// The name of what is defined.
        name: Text<120>,
        /// The relocation's kind.
        kind: &'static str,
        /// Where it stands, in bytes.
        offset: u32,
        /// How many bytes there are.
        size_bytes: u64,
    },
    /// A relocation of another machine, or one that needs thread-local storage.
    ForeignRelocation {
        /// The name of what is defined.
        name: Text<120>,
        /// The relocation's kind.
        kind: &'static str,
        /// The machine that is linked for.
        machine: Machine,
    },
    /// It stands for something that is neither defined nor about to be.
    AliasOfNothing {
        /// The alias.
        name: Text<120>,
        /// What it was to stand for.
        target: Text<120>,
    },
    /// An alias would stand for itself, directly or by other aliases.
    AliasOfItself {
        /// The alias.
        name: Text<120>,
    },
    /// It is not in memory: it was not defined, or not finalized, or it was freed.
    NotFinalized {
        /// The name.
        name: Text<120>,
    },
    /// The module was built without hot swap, which this needs.
    NoHotSwap {
        /// The name of what it was asked for.
        name: Text<120>,
    },
    /// Code of this machine can't be run here: hot swap writes to the memory of the running program.
    ForeignMachine {
        /// The machine that is linked for.
        machine: Machine,
    },
    /// A function could not be compiled when it was first called. Callers of it trap.
    NotCompiled {
        /// Its name.
        name: Text<120>,
        /// Why, as its compiler tells.
        reason: Text<200>,
    },
    /// The link failed: an import is missing, or memory.
    Load(LoadError),
    /// What was defined can't be given back.
    Unload(UnloadError),
    /// The memory manager failed.
    Memory(MemoryError),
}

impl JitError {
    /// Why a function could not be compiled, in a compiler's words.
    pub fn not_compiled(name: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self::NotCompiled {
            name: Text::display(name),
            reason: Text::display(reason),
        }
    }
}

impl From<OutOfMemory> for JitError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<LoadError> for JitError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Heap(error) => Self::Heap(error),
            error => Self::Load(error),
        }
    }
}

impl From<UnloadError> for JitError {
    fn from(error: UnloadError) -> Self {
        Self::Unload(error)
    }
}

impl From<MemoryError> for JitError {
    fn from(error: MemoryError) -> Self {
        Self::Memory(error)
    }
}

impl fmt::Display for JitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Unknown { number } => write!(
                formatter,
                "nothing was declared under the number {number}; ids belong to the module that gave them"
            ),
            Self::Unnamed => formatter.write_str(
                "a declaration has an empty name; declare it as anonymous, or give it one",
            ),
            Self::OtherKind { name } => write!(
                formatter,
                "`{name}` was declared before, as a function where this is data or the reverse"
            ),
            Self::DeclaredTooLate { name, linkage } => write!(
                formatter,
                "`{name}` is defined already and can't become {linkage} or writable any more; declare it so before it is defined"
            ),
            Self::ThreadLocal { name } => write!(
                formatter,
                "`{name}` is thread-local, and there is no storage for each thread; use ordinary data"
            ),
            Self::DefinesImport { name } => write!(
                formatter,
                "`{name}` was declared as imported and can't be defined here; declare it as exported or local"
            ),
            Self::AlreadyDefined { name } => write!(
                formatter,
                "`{name}` is defined already; with hot swap a function may be prepared to be defined again"
            ),
            Self::OutsideOfDefinition {
                name,
                kind,
                offset,
                size_bytes,
            } => write!(
                formatter,
                "`{name}`: the relocation {kind} at {offset:#x}, or the instruction that it is part of, doesn't lie within the {size_bytes} bytes of the definition"
            ),
            Self::ForeignRelocation {
                name,
                kind,
                machine,
            } => write!(
                formatter,
                "`{name}`: the relocation {kind} can't be used on {machine}"
            ),
            Self::AliasOfNothing { name, target } => write!(
                formatter,
                "`{name}` can't stand for `{target}`, which is not defined; define that first"
            ),
            Self::AliasOfItself { name } => write!(
                formatter,
                "`{name}` can't stand for itself; define one of the aliases in another way"
            ),
            Self::NotFinalized { name } => write!(
                formatter,
                "`{name}` is not in memory; define it and finalize the definitions"
            ),
            Self::NoHotSwap { name } => write!(
                formatter,
                "`{name}`: the module was built without hot swap; ask its builder for it"
            ),
            Self::ForeignMachine { machine } => write!(
                formatter,
                "hot swap writes to the running program, and this is none of {machine}"
            ),
            Self::NotCompiled { name, reason } => {
                write!(formatter, "`{name}` could not be compiled: {reason}")
            }
            Self::Load(error) => error.fmt(formatter),
            Self::Unload(error) => error.fmt(formatter),
            Self::Memory(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for JitError {}
