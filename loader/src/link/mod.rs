//! The link: from a graph to memory that can run.
//!
//! [`link`] is the whole algorithm on one page. It knows graphs and memory managers; it knows no object formats, and no
//! sessions: who defines a name is asked of an [`Environment`].
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

mod bind;
mod detached;
mod environment;
mod error;
pub mod inputs;
mod layout;
mod reach;
mod resolve;
#[cfg(test)]
mod tests;
mod veneers;
mod write;

pub use environment::{Environment, Reference, ResolverFailed};
#[cfg(feature = "cli")]
pub(crate) use error::remedy;
pub use error::{LinkError, MissingSymbol, MissingSymbols};
pub use inputs::{GraphSource, Input};

use crate::base::{AddressRange, Protection};
use crate::graph::LinkGraph;
use crate::memory::{InFlight, Lifetime, MemoryManager, MemoryRequest};
use crate::pass::{self, Pipeline, Point, Routines};

use layout::{Layout, Placed};
use write::Written;

/// Memory that is linked and protected, and what is to be known of it.
#[derive(Debug)]
pub struct Linked<F> {
    /// The memory; dropping it gives it back.
    pub memory: F,
    /// Where it lies and what it may be used for.
    pub segments: Segments,
    /// The initializers and finalizers, in the order in which they are to run.
    pub routines: Routines,
    /// What the link did.
    pub statistics: Statistics,
}

/// A stretch of memory of one protection and lifetime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkedSegment {
    /// Its addresses.
    pub range: AddressRange,
    /// What it may be used for.
    pub protection: Protection,
    /// How long it is there.
    pub lifetime: Lifetime,
}

/// The segments of a link, at most one for each protection and lifetime.
pub type Segments = [Option<LinkedSegment>; layout::SEGMENTS];

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

/// A link of which only the last steps are left: what needs the code itself, and the protections.
#[derive(Debug)]
pub struct Filled<I> {
    in_flight: I,
    placed: Placed,
    statistics: Statistics,
}

/// Links all that is live in `graph` into memory of `memory`.
///
/// # Errors
/// Says which names are missing, which fixup doesn't fit, or why there is no memory. Nothing stays reserved then.
pub fn link<M: MemoryManager>(
    graph: &mut LinkGraph<'_>,
    memory: &M,
    pipeline: &mut Pipeline<'_>,
    environment: &mut dyn Environment,
) -> Result<Linked<M::Finalized>, LinkError> {
    fill(graph, memory, pipeline, environment)?.finalize(graph, environment)
}

/// As [`link`], for programs that have no room for what makes veneers: the module's code must not be larger than what a branch
/// reaches, which is 2 GiB on x86-64 and 128 MiB on AArch64.
///
/// # Errors
/// As of [`link`]; a branch that would go through a veneer is a fixup that doesn't fit.
pub fn link_without_veneers<M: MemoryManager>(
    graph: &mut LinkGraph<'_>,
    memory: &M,
    pipeline: &mut Pipeline<'_>,
    environment: &mut dyn Environment,
) -> Result<Linked<M::Finalized>, LinkError> {
    let lay_out = |graph: &mut LinkGraph<'_>| Layout::of(graph, &[]);
    fill_laid_out(graph, memory, pipeline, environment, lay_out)?.finalize(graph, environment)
}

/// The link up to where the module's own code must run for the first time: who holds a lock may let it go then.
///
/// # Errors
/// As of [`link`].
pub fn fill<M: MemoryManager>(
    graph: &mut LinkGraph<'_>,
    memory: &M,
    pipeline: &mut Pipeline<'_>,
    environment: &mut dyn Environment,
) -> Result<Filled<M::InFlight>, LinkError> {
    fill_laid_out(graph, memory, pipeline, environment, veneers::lay_out)
}

/// The link up to there, its blocks laid out so.
///
/// A function of its own, as is the rest of the link: inlined into another one, their large results are moved piece by piece.
#[inline(never)]
fn fill_laid_out<M: MemoryManager>(
    graph: &mut LinkGraph<'_>,
    memory: &M,
    pipeline: &mut Pipeline<'_>,
    environment: &mut dyn Environment,
    lay_out: impl FnOnce(&mut LinkGraph<'_>) -> Result<Layout, LinkError>,
) -> Result<Filled<M::InFlight>, LinkError> {
    run(pipeline, Point::PrePrune, graph)?;
    pass::prune(graph)?;
    run(pipeline, Point::PostPrune, graph)?;
    resolve::externals(graph, environment)?;
    let layout = lay_out(graph)?;
    detached::place(graph)?;
    let reach = reach::of(graph)?;
    let request = MemoryRequest {
        segments: layout.requests(),
        reach: reach.reach,
    };
    let mut in_flight = memory
        .reserve(request)
        .map_err(|error| reach.explain(graph, error))?;
    let placed = layout.place(graph, &in_flight)?;
    run(pipeline, Point::PostAllocation, graph)?;
    run(pipeline, Point::PreFixUp, graph)?;
    // Each edge is written now, settled or not.
    graph.forget_unsettled();
    let (mut written, statistics) = Written::blocks(graph, &placed, &mut in_flight)?;
    pipeline.run_post_fix_up(graph, &mut written)?;
    Ok(Filled {
        in_flight,
        placed,
        statistics,
    })
}

/// Runs the passes of a point.
#[inline(never)]
fn run(
    pipeline: &mut Pipeline<'_>,
    point: Point,
    graph: &mut LinkGraph<'_>,
) -> Result<(), LinkError> {
    Ok(pipeline.run(point, graph)?)
}

impl<I: InFlight> Filled<I> {
    /// Where it will lie, and what it may be used for then.
    pub fn segments(&self) -> Segments {
        self.placed.segments()
    }

    /// What the link did.
    pub const fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Seals the code, lets resolvers choose the indirect functions, and protects all the rest.
    ///
    /// # Errors
    /// A resolver failed, or the platform refused. Nothing stays reserved then.
    #[inline(never)]
    pub fn finalize(
        mut self,
        graph: &LinkGraph<'_>,
        environment: &mut dyn Environment,
    ) -> Result<Linked<I::Finalized>, LinkError> {
        if !graph.indirect_functions.is_empty() {
            self.in_flight.seal_executable()?;
            bind::indirect_functions(graph, &self.placed, &mut self.in_flight, environment)?;
        }
        Ok(Linked {
            routines: pass::routines(graph)?,
            segments: self.placed.segments(),
            memory: self.in_flight.finalize()?,
            statistics: self.statistics,
        })
    }
}
