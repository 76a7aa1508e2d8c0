//! Why a graph can't take what it is given, and how errors name a place.

use core::fmt;

use crate::base::{OutOfMemory, Text, Words};

use super::{Definition, ObjectId, SymbolId};

/// A place in an object: what every error names first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    /// The object's name.
    pub object: Text<64>,
    /// The section's name; empty if the place is none.
    pub section: Text<64>,
    /// The offset in the section, in bytes.
    pub offset: u64,
}

impl Site {
    /// An object as a whole.
    pub fn object(name: impl Words) -> Self {
        Self {
            object: Text::of(name),
            section: Text::new(),
            offset: 0,
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.object)?;
        if self.section.as_str().is_empty() {
            return Ok(());
        }
        write!(formatter, ": {}+{:#x}", self.section, self.offset)
    }
}

/// Why a graph can't take what it is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GraphError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// Two objects define the same name, and neither gives way.
    Duplicate {
        /// The name.
        symbol: Text<120>,
        /// Where it was defined first.
        first: Site,
        /// Where it is defined again.
        second: Site,
    },
    /// A name is thread-local to one object and not to another.
    ThreadLocal {
        /// The name.
        symbol: Text<120>,
        /// Where it is defined, or who asks for it.
        first: Site,
        /// Where it is something else.
        second: Site,
    },
    /// A block can't be split there.
    Split {
        /// Where.
        site: Site,
        /// Why not.
        fault: SplitFault,
    },
    /// A symbol can't become that.
    Symbol {
        /// Its name, or that of the section that it stands in.
        symbol: Text<120>,
        /// Where it is defined.
        site: Site,
        /// Why it can't.
        fault: SymbolFault,
    },
}

/// Why a name can't be entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NameFault {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// It is something else already.
    Clash(Clash),
}

/// A name that two objects mean different things by, as far as [`LinkGraph::clash_error`](super::LinkGraph::clash_error) needs to know it: in a few words, since
/// it passes calls in which there is none, most often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Clash {
    /// What the name stands for.
    pub(super) known: SymbolId,
    /// What it is to stand for, and to whom.
    pub(super) second: (Definition, ObjectId),
    pub(super) kind: ClashKind,
}

/// How two meanings of a name exclude each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ClashKind {
    /// Both define it, and neither gives way.
    Definitions,
    /// It is thread-local to one of them alone.
    ThreadLocal,
}

impl From<OutOfMemory> for NameFault {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

/// Why a symbol can't become something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SymbolFault {
    /// It was removed.
    Removed,
    /// The block was removed in which it would stand.
    BlockRemoved,
    /// It has no name by which it could be looked up.
    Nameless,
}

impl fmt::Display for SymbolFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Removed => "it was removed from the graph; add a new one",
            Self::BlockRemoved => "the block was removed from the graph in which it would stand",
            Self::Nameless => "it has no name to be looked up by",
        })
    }
}

/// Why a block can't be split at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SplitFault {
    /// It is not within the block: both parts must hold something.
    Outside,
    /// It is within the bytes that a fixup writes.
    WithinFixup,
    /// It doesn't come after the split before it.
    OutOfOrder,
    /// It is 4 GiB or more behind the start of its section.
    TooFar,
}

impl fmt::Display for SplitFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Outside => "it is not within the block; both parts must hold something",
            Self::WithinFixup => "a fixup stands across it",
            Self::OutOfOrder => "splits must be sorted by block and offset, each once",
            Self::TooFar => "it is 4 GiB or more behind the start of its section",
        })
    }
}

impl From<OutOfMemory> for GraphError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Duplicate {
                symbol,
                first,
                second,
            } => write!(
                formatter,
                "{second}: `{symbol}` is already defined at {first}; make one of them static or weak, or leave one out"
            ),
            Self::ThreadLocal {
                symbol,
                first,
                second,
            } => write!(
                formatter,
                "{second}: `{symbol}` is thread-local here or at {first}, and not at the other; declare it alike in both"
            ),
            Self::Split { site, fault } => {
                write!(formatter, "{site}: a block can't be split here: {fault}")
            }
            Self::Symbol {
                symbol,
                site,
                fault,
            } => write!(formatter, "{site}: `{symbol}` can't be changed: {fault}"),
        }
    }
}

impl core::error::Error for GraphError {}
