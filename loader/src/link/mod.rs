//! The link: from a graph to memory that can run.
//!
//! [`link`] is the whole algorithm on one page. It knows graphs and memory managers; it knows no object formats, and no
//! sessions: who defines a name is asked of a [`Resolve`].
//!
//! Names are resolved before memory is reserved, so that the reservation can be made where every relocation reaches, and
//! a link that can't succeed never touches memory.
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

mod error;
mod layout;
mod reach;
mod resolve;
#[cfg(test)]
mod tests;
mod write;

pub use error::{LinkError, MissingSymbol, MissingSymbols};
pub use resolve::{Reference, Resolve};

use alloc::vec::Vec;

use crate::base::{AddressRange, Protection, TargetAddr};
use crate::graph::LinkGraph;
use crate::memory::{InFlight, MemoryManager, MemoryRequest};
use crate::pass;

use layout::Layout;

/// Memory that is linked and protected, and what is to be known of it.
#[derive(Debug)]
pub struct Linked<F> {
    /// The memory; dropping it gives it back.
    pub memory: F,
    /// Where it lies and what it may be used for.
    pub segments: Segments,
    /// The initializers, in the order in which they are to run.
    pub initializers: Vec<TargetAddr>,
    /// What the link did.
    pub statistics: Statistics,
}

/// The segments of a link, at most one for each protection.
pub type Segments = [Option<(AddressRange, Protection)>; Protection::ALL.len()];

/// What a link did, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Statistics {
    /// Blocks that were written.
    pub blocks: u64,
    /// Edges that were fixed up: those of the objects, and those of the tables that the linker made.
    pub fixups: u64,
    /// Bytes that were copied.
    pub content_bytes: u64,
    /// Bytes that stayed zero.
    pub zero_fill_bytes: u64,
}

/// Links all that is live in `graph` into memory of `memory`.
///
/// # Errors
/// Says which names are missing, which fixup doesn't fit, or why there is no memory. Nothing stays reserved then.
pub fn link<M: MemoryManager>(
    graph: &mut LinkGraph<'_>,
    memory: &M,
    resolver: &mut dyn Resolve,
) -> Result<Linked<M::Finalized>, LinkError> {
    pass::prepare(graph)?;
    resolve::externals(graph, resolver)?;
    let layout = Layout::of(graph)?;
    let reach = reach::of(graph)?;
    let request = MemoryRequest {
        segments: layout.requests(),
        reach: reach.reach,
    };
    let mut in_flight = memory
        .reserve(request)
        .map_err(|error| reach.explain(graph, error))?;
    let placed = layout.place(graph, &in_flight)?;
    let statistics = write::blocks(graph, &placed, &mut in_flight)?;
    let initializers = pass::initializers(graph)?;
    let segments = placed.segments();
    let memory = in_flight.finalize()?;
    Ok(Linked {
        memory,
        segments,
        initializers,
        statistics,
    })
}
