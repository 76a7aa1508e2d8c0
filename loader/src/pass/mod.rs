//! Passes: what is done to a graph while it is linked.
//!
//! A [`Pass`] sees the graph and nothing else. A [`Pipeline`] runs passes at five points of a link. Its standard ones give
//! memory to common symbols and the linker's own symbols, bounds to sections and records of unwind information to functions
//! first, so that liveness sees them; find out what stays once initializers have run, and make tables, once it is known what
//! is live, so that only that counts; and go past the tables once there are addresses, where these are in reach.
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

mod common;
mod eh_frame;
mod init_only;
mod linker_symbols;
mod named_sections;
mod pipeline;
mod prune;
mod relax;
mod routines;
mod section_bounds;
pub mod standard;
mod tables;
#[cfg(test)]
mod testing;
mod thread_local;

pub use named_sections::named_sections;
pub use pipeline::{BlockMemory, Pass, PassError, Pipeline, Point, PostFixUpPass, Purpose};
pub use prune::prune;
pub use routines::{Routine, Routines, routines};
pub use section_bounds::{SectionEnd, section_bound};
pub use standard::StandardPass;

use crate::base::{Name, OutOfMemory, Protection};
use crate::graph::{LinkGraph, Object, Origin, Section, SectionId, SectionRole};
use crate::memory::Lifetime;

/// Adds a section that the linker makes.
fn add_own_section(
    graph: &mut LinkGraph<'_>,
    name: &'static str,
    protection: Protection,
) -> Result<SectionId, OutOfMemory> {
    let object = Object {
        origin: Origin::Linker,
        ..Object::new("<linker>")
    };
    let object = graph.add_object(object)?;
    graph.add_section(Section {
        name: Name::from(name),
        object,
        protection,
        lifetime: Lifetime::Standard,
        role: SectionRole::Ordinary,
        is_bounded: false,
        index: 0,
    })
}
