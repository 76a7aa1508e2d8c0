//! Passes: what is done to a graph before it is given addresses.
//!
//! A pass sees the graph and nothing else. [`prepare`] runs them in their order: memory for common symbols and the linker's
//! own symbols come first, so that liveness sees them; tables come last, so that only what is live gets entries.
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
mod init_array;
mod linker_symbols;
mod prune;
mod tables;

pub use init_array::initializers;

use crate::base::{Name, OutOfMemory, Protection};
use crate::graph::{LinkGraph, Object, Origin, Section, SectionId, SectionRole};
use crate::memory::Lifetime;

/// Runs all passes that a link needs before addresses are chosen.
///
/// # Errors
/// The heap has no room.
pub fn prepare(graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
    common::allocate(graph)?;
    linker_symbols::define(graph)?;
    prune::mark_live(graph)?;
    tables::build(graph)
}

/// Adds a section that the linker makes.
fn add_own_section(
    graph: &mut LinkGraph<'_>,
    name: &'static str,
    protection: Protection,
) -> Result<SectionId, OutOfMemory> {
    let object = Object {
        name: Name::from("<linker>"),
        origin: Origin::Linker,
    };
    let object = graph.add_object(object)?;
    graph.add_section(Section {
        name: Name::from(name),
        object,
        protection,
        lifetime: Lifetime::Standard,
        role: SectionRole::Ordinary,
    })
}
