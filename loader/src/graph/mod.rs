//! The link graph: what is linked, as sections of blocks, symbols that name places in blocks, and edges from blocks to
//! symbols.
//!
//! A graph is arenas and typed ids; ids stay valid as long as the graph. It borrows names and content from the bytes of the
//! objects that it was read from. One graph holds everything that is linked together: several objects, and what archives
//! gave to satisfy them. Names seen by all of them are merged on the way in ([`LinkGraph::define`]).
//!
//! It doesn't know object formats, nor where memory comes from: addresses are stored here once a link has chosen them.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod block;
mod content;
mod dot;
mod dump;
mod edge;
mod edges;
mod error;
mod globals;
mod grouped;
mod keeps;
mod label;
mod link_graph;
mod names;
mod priority;
mod query;
mod remove;
mod runtime;
mod section;
mod settled;
mod split;
mod symbol;
mod symbols;
#[cfg(test)]
mod testing;
mod unsettled;
mod verify;

pub use block::{Block, BlockId, BlockKey};
pub use content::{Content, OwnedBytes, StoredContent};
pub use dot::Dot;
pub use dump::Dump;
pub use edge::{Edge, EdgeRange};
use error::ClashKind;
pub(crate) use error::{Clash, NameFault};
pub use error::{GraphError, Site, SplitFault, SymbolFault};
pub use grouped::Grouped;
pub use link_graph::LinkGraph;
pub use priority::{Priority, PriorityNumber};
pub use runtime::{IndirectFunction, ThreadStorage};
pub use section::{
    Object, ObjectId, ObjectKey, Origin, RoutineOrder, Section, SectionId, SectionKey, SectionRole,
};
pub(crate) use settled::PlainTargets;
pub use symbol::{Definition, Linkage, Scope, Symbol, SymbolId, SymbolKey, SymbolKind};
pub(crate) use unsettled::OwnerWalk;
pub use unsettled::{FoundEdge, UnsettledWalk};
pub use verify::{VerifyError, VerifyFault};
