//! What becomes of edges whose targets are settled: whether anything is left to do for them but to write them.

use super::{EdgeKind, Plain, Table};

/// Whether nothing is left to do for an edge but to write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Settled {
    /// Something may be left.
    No,
    /// Nothing is left.
    Yes,
    /// Nothing is left, and it is written plainly, with the addend that it holds itself.
    Plainly(Plain),
}

/// What an edge's kind becomes at once because its target is settled, and whether the edge is settled then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settlement {
    pub(crate) kind: EdgeKind,
    pub(crate) settled: Settled,
}

impl Settlement {
    /// That of a kind, worked out ahead for all of them. A branch within the graph needs no stub.
    pub(super) const fn of(kind: EdgeKind) -> Self {
        let kind = match kind.row().request {
            Some(request) if matches!(request.table, Table::Stub) => request.becomes,
            _ => kind,
        };
        let row = kind.row();
        let settled = match row.plain {
            _ if !row.is_inert() => Settled::No,
            Some(plain) => Settled::Plainly(plain),
            None => Settled::Yes,
        };
        Self { kind, settled }
    }
}
