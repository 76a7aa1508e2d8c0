//! Binding: the slots of indirect functions take what the resolvers return.

use crate::base::{TargetAddr, Text, int};
use crate::graph::{Definition, LinkGraph};
use crate::memory::InFlight;

use super::layout::Placed;
use super::{Environment, LinkError};

/// Calls each resolver once, in the order in which the functions were asked for, and writes its slot. The code is sealed,
/// and the tables are still writable. Source: System V gABI, GNU extensions: STT_GNU_IFUNC and R_*_IRELATIVE.
pub(super) fn indirect_functions(
    graph: &LinkGraph<'_>,
    placed: &Placed,
    in_flight: &mut impl InFlight,
    environment: &mut dyn Environment,
) -> Result<(), LinkError> {
    for function in &graph.indirect_functions {
        let resolver = graph.address(function.resolver).unwrap_or_default();
        let called = environment.call_resolver(resolver);
        let failed = |reason| LinkError::Resolver {
            symbol: graph.symbol_name(function.symbol),
            resolver,
            reason,
        };
        let Some(chosen) = called.map_err(|error| failed(error.reason))? else {
            continue;
        };
        if chosen == TargetAddr::ZERO {
            return Err(failed(Text::of("it returned no address")));
        }
        let slot = graph.symbols.at(function.slot).definition;
        let bytes = slot_bytes(graph, slot, placed, in_flight);
        let bytes = bytes.ok_or(LinkError::Internal {
            what: "the slot of an indirect function lies in no writable memory",
        })?;
        *bytes = chosen.value().to_le_bytes();
    }
    Ok(())
}

fn slot_bytes<'m>(
    graph: &LinkGraph<'_>,
    slot: Definition,
    placed: &Placed,
    in_flight: &'m mut impl InFlight,
) -> Option<&'m mut [u8; 8]> {
    let Definition::Block { block, offset } = slot else {
        return None;
    };
    let block = graph.blocks.at(block);
    let segment = placed.segment(graph.sections.at(block.section))?;
    let start = block.address.checked_distance_from(segment.address)?;
    let start = int::to_usize(start.checked_add(offset)?);
    let memory = in_flight.working_memory(segment.place)?;
    memory.get_mut(start..)?.first_chunk_mut()
}
