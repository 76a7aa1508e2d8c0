//! What is wrong with a graph, and where.

use core::fmt;

use crate::base::Text;

/// An invariant of the graph that doesn't hold: a fault of who changed the graph, never of the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// The part of the graph, by number and name.
    pub place: Text<200>,
    /// What is wrong with it.
    pub fault: VerifyFault,
}

/// What is wrong with a part of a graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VerifyFault {
    /// A section or symbol belongs to an object that is not there.
    Object,
    /// A block belongs to a section that is not there.
    Section,
    /// A block's content is not within the bytes that the graph owns.
    Content,
    /// A block's edges are not within those of the graph, or are not listed where they are looked for.
    EdgeRange,
    /// A removed block is live or has edges, or a removed symbol is live.
    RemovedInUse,
    /// A block is not where it belongs in the order of layout: as the blocks came, each followed by its parts.
    Order,
    /// A fixup doesn't lie within its block, or lies in zero-fill.
    Outside,
    /// An edge is of another machine's kind.
    Machine,
    /// An edge leads to a symbol that is not there.
    Target,
    /// A live block's edge leads to a symbol that was removed, or whose block was.
    TargetRemoved,
    /// A live block's edge leads to a block that is left out.
    TargetNotLive,
    /// An edge has an addend that is not there.
    Addend,
    /// What keeps a symbol alive is a fixup.
    KeepKind,
    /// An edge is settled and its target is not.
    Unsettled,
    /// A live block's edge still asks for a table entry.
    Request,
    /// A symbol stands in a block that is not there.
    Block,
    /// A symbol stands in a block that was removed.
    BlockRemoved,
    /// A symbol's name is not in the table of names, or stands for another symbol there.
    Name,
    /// A name stands for a symbol that was removed or has another name now.
    StaleName,
    /// An external symbol is not in the list of those to be looked up, or that list doesn't ascend.
    Undefined,
    /// A block or symbol that the graph points out is not there, or was removed.
    Pointer,
    /// The global offset table doesn't have one edge for each of its words, in their order.
    TableEdges,
}

impl fmt::Display for VerifyFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Object => "its object is not in the graph",
            Self::Section => "its section is not in the graph",
            Self::Content => "its content is not within the bytes that the graph owns",
            Self::EdgeRange => "its edges are not within those of the graph",
            Self::RemovedInUse => "it was removed, but is live or has edges",
            Self::Order => "it is not where it belongs in the order of layout",
            Self::Outside => "the fixup doesn't lie within the block's bytes",
            Self::Machine => "the kind is another machine's",
            Self::Target => "the target is not in the graph",
            Self::TargetRemoved => {
                "the target was removed; lead the edge elsewhere or remove it, too"
            }
            Self::TargetNotLive => "the target's block is not live and would be left out",
            Self::Addend => "the addend is not in the graph",
            Self::KeepKind => "a block's keeps must be of kind KeepAlive",
            Self::Unsettled => {
                "the target may stand for something else since the edge was added; call `unsettle`"
            }
            Self::Request => "a live block's edge still asks for a table entry",
            Self::Block => "its block is not in the graph",
            Self::BlockRemoved => "its block was removed; remove it, too, or define it elsewhere",
            Self::Name => "its name stands for no symbol, or for another one",
            Self::StaleName => "a name stands for a symbol that was removed or renamed",
            Self::Undefined => "it is not listed, or not in ascending order, to be looked up",
            Self::Pointer => "it is not in the graph, or was removed",
            Self::TableEdges => "each word of the global offset table needs one edge, in order",
        })
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.fault)
    }
}

impl core::error::Error for VerifyError {}
