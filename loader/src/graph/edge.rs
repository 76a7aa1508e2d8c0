//! Edges: fixups in a block, each with the symbol that it needs.

use crate::base::int;
use crate::edge::{DataKind, EdgeKind, Plain, Settled, Settlement};

use super::SymbolId;

/// A fixup in a block: sixteen bytes, since there is one for every relocation.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Where in its block the fixup stands, in bytes.
    pub offset: u32,
    /// The symbol that its value depends on.
    pub target: SymbolId,
    /// The addend, or the place in the graph's table of wide addends.
    pub(super) addend: i32,
    /// What is written.
    pub kind: EdgeKind,
    /// Whether the addend stands in the table.
    pub(super) is_wide: bool,
    /// Whether nothing is left but to write it: see [`LinkGraph::is_settled`](super::LinkGraph::is_settled).
    pub(super) settled: Settled,
}

const _: () = assert!(size_of::<Edge>() == 16);

impl Edge {
    /// What all edges of a kind have alike whose targets are settled, or are not.
    #[inline]
    pub(crate) const fn of(kind: EdgeKind, is_settled: bool) -> Self {
        let open = Self {
            offset: 0,
            target: SymbolId::from_index(0),
            addend: 0,
            kind,
            is_wide: false,
            settled: Settled::No,
        };
        open.settled_if(is_settled)
    }

    /// An edge of a template, whose addend fits it.
    #[inline]
    pub(crate) const fn at(&self, offset: u32, target: SymbolId, addend: i32) -> Self {
        Self {
            offset,
            target,
            addend,
            ..*self
        }
    }

    /// In which plain way the edge is written, if it is settled and has one.
    #[inline]
    pub(crate) const fn plain(&self) -> Option<Plain> {
        match self.settled {
            Settled::Plainly(plain) => Some(plain),
            Settled::No | Settled::Yes => None,
        }
    }

    /// The same edge, whose target is settled.
    #[inline]
    pub(super) const fn settle(self) -> Self {
        let &Settlement { kind, settled } = self.kind.settlement();
        let settled = match settled {
            Settled::Plainly(_) if self.is_wide => Settled::Yes,
            settled => settled,
        };
        Self {
            kind,
            settled,
            ..self
        }
    }

    /// The same, settled if its target is.
    #[inline]
    pub(super) const fn settled_if(self, is_target_settled: bool) -> Self {
        match is_target_settled {
            true => self.settle(),
            false => self,
        }
    }

    /// The same fixup, settled: of a settled edge's kind, and against another target.
    #[inline]
    pub(super) const fn like(&self, template: &Self, target: SymbolId) -> Self {
        Self {
            kind: template.kind,
            target,
            settled: match self.is_wide {
                true => Settled::Yes,
                false => template.settled,
            },
            ..*self
        }
    }

    /// What stands at a place of no block, for the one to take whose edges end there.
    pub(super) const FREE: Self = Self {
        is_wide: true,
        ..Self::of(EdgeKind::Data(DataKind::KeepAlive), false).at(0, SymbolId::from_index(0), -1)
    };

    /// Whether it is that. Of an edge, the place of a wide addend is never negative.
    pub(super) const fn is_free(&self) -> bool {
        self.is_wide && self.addend < 0
    }

    /// An edge that keeps its target alive, no more.
    pub(super) const fn keep(target: SymbolId) -> Self {
        Self::of(EdgeKind::Data(DataKind::KeepAlive), false).at(0, target, 0)
    }
}

/// The edges of one block, as a stretch of the graph's edges.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct EdgeRange {
    pub(super) first: u32,
    pub(super) count: u32,
}

impl EdgeRange {
    /// No edges.
    pub const EMPTY: Self = Self { first: 0, count: 0 };

    /// How many edges there are.
    pub const fn len(self) -> usize {
        int::usize_from_u32(self.count)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The places of the edges among all edges of the graph.
    pub const fn indices(self) -> core::ops::Range<usize> {
        let first = int::usize_from_u32(self.first);
        // Both numbers count elements of one vector.
        first..first.saturating_add(self.len())
    }

    /// The same places as they are stored.
    pub(super) const fn places(self) -> core::ops::Range<u32> {
        self.first..self.first.saturating_add(self.count)
    }

    /// The first so many edges, and the others.
    pub(super) fn split_at(self, count: usize) -> (Self, Self) {
        let count = int::low_u32(int::from_usize(count)).min(self.count);
        let head = Self {
            first: self.first,
            count,
        };
        let tail = Self {
            first: self.first.saturating_add(count),
            count: self.count.saturating_sub(count),
        };
        (head, tail)
    }
}
