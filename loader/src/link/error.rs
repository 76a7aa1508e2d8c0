//! Why a link failed.

use alloc::vec::Vec;
use core::fmt;

use crate::arch::FixUpFault;
use crate::base::{OutOfMemory, TargetAddr, Text};
use crate::edge::{Aarch64Kind, EdgeKind};
use crate::graph::{BlockId, Site};
use crate::memory::MemoryError;
use crate::pass::PassError;

/// Why a link failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// The memory manager could not do what it was asked to.
    Memory(MemoryError),
    /// Names that nothing defines.
    Missing(MissingSymbols),
    /// A section doesn't fit an address space together with the others.
    TooLarge {
        /// The section.
        site: Site,
    },
    /// The value of a fixup can't be written.
    FixUp {
        /// Where it stands.
        site: Site,
        /// The kind of the edge.
        kind: EdgeKind,
        /// The symbol that it is against.
        symbol: Text<120>,
        /// The symbol's address.
        address: TargetAddr,
        /// The addend.
        addend: i64,
        /// The address of the fixup.
        place: TargetAddr,
        /// The block that it stands in, for who has the graph still.
        block: BlockId,
        /// What is wrong with the value.
        fault: FixUpFault,
    },
    /// No memory can be had where this fixup reaches its target.
    OutOfReach {
        /// Where it stands.
        site: Site,
        /// The kind of the edge.
        kind: &'static str,
        /// The symbol that it is against.
        symbol: Text<120>,
        /// The symbol's address; `None` if it is part of the same link, and its own address is what doesn't fit.
        address: Option<TargetAddr>,
        /// What the memory manager said; `None` if fixups contradict each other, and it wasn't asked.
        memory: Option<MemoryError>,
    },
    /// A pass failed.
    Pass {
        /// Its name; empty if it is a standard one.
        pass: Text<40>,
        /// Why.
        error: PassError,
    },
    /// The resolver of an indirect function did not choose one.
    Resolver {
        /// The function.
        symbol: Text<120>,
        /// The resolver's address.
        resolver: TargetAddr,
        /// Why.
        reason: Text<200>,
    },
    /// A fault of the linker's own.
    Internal {
        /// What was found.
        what: &'static str,
    },
}

/// Names that nothing defines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingSymbols {
    /// The names, in the order in which they were asked for.
    pub symbols: Vec<MissingSymbol>,
    /// How many more there are, that memory ran out for.
    pub more: usize,
}

/// A name that nothing defines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MissingSymbol {
    /// The name.
    pub name: Text<120>,
    /// Where it is first used, or the object that first asked for it.
    pub wanted_by: Site,
    /// Who defines it, but for others than this link; empty if nobody does.
    pub kept_by: Text<120>,
}

impl From<OutOfMemory> for LinkError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<MemoryError> for LinkError {
    fn from(error: MemoryError) -> Self {
        Self::Memory(error)
    }
}

impl From<(Text<40>, PassError)> for LinkError {
    fn from((pass, error): (Text<40>, PassError)) -> Self {
        match error {
            PassError::Heap(error) => Self::Heap(error),
            error => Self::Pass { pass, error },
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Memory(error) => error.fmt(formatter),
            Self::Missing(missing) => missing.fmt(formatter),
            Self::TooLarge { site } => write!(
                formatter,
                "{site}: the sections together are larger than an address space; make them smaller"
            ),
            Self::FixUp {
                site,
                kind,
                symbol,
                address,
                fault,
                ..
            } => write!(
                formatter,
                "{site}: {kind} against `{symbol}` at {address}: {fault}; {}",
                remedy(*kind, fault)
            ),
            Self::OutOfReach {
                site,
                kind,
                symbol,
                address,
                memory,
            } => {
                write!(formatter, "{site}: {kind} against `{symbol}`")?;
                match address {
                    Some(address) => write!(formatter, " at {address} can't be reached")?,
                    None => formatter.write_str(" can't hold an address of the module")?,
                }
                match memory {
                    Some(error) => write!(formatter, ": {error}"),
                    None => formatter.write_str(
                        ": other relocations of the module need addresses elsewhere; compile with -fPIC",
                    ),
                }
            }
            // What a standard pass refuses is the object's matter, not the pass's.
            Self::Pass { pass, error } if pass.as_str().is_empty() => error.fmt(formatter),
            Self::Pass { pass, error } => write!(formatter, "{error} (pass `{pass}`)"),
            Self::Resolver {
                symbol,
                resolver,
                reason,
            } => write!(
                formatter,
                "the resolver of the indirect function `{symbol}` at {resolver} failed: {reason}; the module is not loaded"
            ),
            Self::Internal { what } => {
                write!(
                    formatter,
                    "a fault of the linker itself, please report it: {what}"
                )
            }
        }
    }
}

/// What to try when a fixup's value can't be written.
pub(crate) fn remedy(kind: EdgeKind, fault: &FixUpFault) -> &'static str {
    match fault {
        FixUpFault::OutOfRange { .. } if is_conditional(kind) => {
            "conditional branches get no veneer: branch around an unconditional branch, or place the target nearer"
        }
        FixUpFault::OutOfRange { .. } => "compile with -fPIC, or place the target nearer",
        FixUpFault::Misaligned { .. } => "align the target in the source",
        FixUpFault::WrongInstruction { .. } => {
            "the relocation is for another instruction: correct the source, or write the file again"
        }
        FixUpFault::OutOfBytes => "write the file again",
        FixUpFault::UnknownSize => "declare what is so large in parts",
    }
}

const fn is_conditional(kind: EdgeKind) -> bool {
    matches!(
        kind,
        EdgeKind::Aarch64(Aarch64Kind::CondBranch19 | Aarch64Kind::TestBranch14)
    )
}

impl fmt::Display for MissingSymbols {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nothing defines ")?;
        for (place, missing) in self.symbols.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(
                formatter,
                "{comma}`{}` (wanted by {}",
                missing.name, missing.wanted_by
            )?;
            if !missing.kept_by.as_str().is_empty() {
                write!(formatter, "; {} has it, but hidden", missing.kept_by)?;
            }
            formatter.write_str(")")?;
        }
        if self.more > 0 {
            write!(formatter, " and {} more", self.more)?;
        }
        formatter.write_str("; load what defines them first, or together with it")
    }
}

impl core::error::Error for LinkError {}
