//! Symbols: names for places in blocks, for addresses, and for what is defined elsewhere.

use core::fmt;

use crate::base::{Alignment, Id, Name, TargetAddr};

use super::{BlockId, ObjectId};

/// The kind of id that names a symbol of a graph.
#[derive(Debug)]
pub enum SymbolKey {}

/// Names a symbol of a graph.
pub type SymbolId = Id<SymbolKey>;

/// Which of two definitions of a name counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Linkage {
    /// It counts; a second one is an error.
    Strong,
    /// Any other definition may take its place; a weak reference may stay without one.
    Weak,
}

/// Who can see a symbol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// The object that defines it.
    Local,
    /// What is linked together with it, in one graph.
    Link,
    /// What belongs to the same component: what is linked together with it, before or after it.
    Hidden,
    /// Everybody; but what belongs to the same component means this one, and no other that there may be outside.
    Protected,
    /// Everybody.
    Default,
}

impl Scope {
    /// Whether the symbol can be seen by what is not linked together with it.
    pub const fn is_exported(self) -> bool {
        matches!(self, Self::Protected | Self::Default)
    }

    /// Whether the symbol may be looked up outside of the link. Source: gABI, "Symbol Table": any other visibility of a
    /// reference implies a definition within.
    pub const fn may_be_elsewhere(self) -> bool {
        matches!(self, Self::Default)
    }
}

/// What a symbol names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SymbolKind {
    /// The producer didn't say.
    Unknown,
    /// Code.
    Function,
    /// A function that chooses the code which callers of the name are led to.
    IndirectFunction,
    /// Data.
    Data,
    /// Data of which each thread has its own.
    ThreadLocal,
    /// A section as a whole.
    Section,
}

/// What a symbol stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Definition {
    /// A place in a block. The offset may be the block's size, or pass it: aliases do.
    Block {
        /// The block.
        block: BlockId,
        /// The distance from its start, in bytes.
        offset: u64,
    },
    /// An address that was known before the link.
    Absolute(TargetAddr),
    /// Memory of this alignment, to be shared by all that ask for it under this name.
    Common(Alignment),
    /// To be looked up.
    External,
    /// Looked up: it lives outside of the graph.
    Resolved(TargetAddr),
    /// Nothing: it was taken out of the graph.
    Removed,
}

/// A name and what it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Symbol<'a> {
    /// The name; empty for an anonymous symbol.
    pub name: Name<'a>,
    /// What it stands for.
    pub definition: Definition,
    /// The size of what it names in bytes; 0 if unknown, and [`LARGEST_SIZE`](Self::LARGEST_SIZE) if it is that or larger.
    pub size_bytes: u32,
    /// The object that defines it, or first asked for it.
    pub object: ObjectId,
    /// Which definition counts; of an external symbol, whether it may stay undefined.
    pub linkage: Linkage,
    /// Who can see it.
    pub scope: Scope,
    /// What it names.
    pub kind: SymbolKind,
    /// Whether something live refers to it.
    pub is_live: bool,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Symbol<'_>>() == 40);

impl SymbolKind {
    /// Whether code can't reach both alike: one is thread-local and the other is known not to be.
    pub const fn contradicts(self, other: Self) -> bool {
        !matches!(self, Self::Unknown)
            && !matches!(other, Self::Unknown)
            && matches!(self, Self::ThreadLocal) != matches!(other, Self::ThreadLocal)
    }
}

impl Symbol<'_> {
    /// The greatest size that is told.
    pub const LARGEST_SIZE: u32 = u32::MAX;

    /// Whether the name still has to be looked up.
    pub const fn is_external(&self) -> bool {
        matches!(self.definition, Definition::External)
    }

    /// Whether it names code that can be called.
    pub const fn is_callable(&self) -> bool {
        matches!(
            self.kind,
            SymbolKind::Function | SymbolKind::IndirectFunction
        )
    }

    /// Whether it names a place in this graph.
    pub const fn is_in_graph(&self) -> bool {
        matches!(self.definition, Definition::Block { .. })
    }
}

impl fmt::Display for Linkage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Strong => "strong",
            Self::Weak => "weak",
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Local => "local",
            Self::Link => "link",
            Self::Hidden => "hidden",
            Self::Protected => "protected",
            Self::Default => "default",
        })
    }
}

impl fmt::Display for SymbolKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unknown => "unknown",
            Self::Function => "function",
            Self::IndirectFunction => "indirect function",
            Self::Data => "data",
            Self::ThreadLocal => "thread-local",
            Self::Section => "section",
        })
    }
}
