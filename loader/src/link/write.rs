//! Writing: each block is copied to its place and fixed up while it is warm.

use crate::arch::{self, Operands};
use crate::base::{TargetAddr, int};
use crate::graph::{Block, BlockId, Content, Edge, LinkGraph};
use crate::memory::InFlight;

use super::layout::Placed;
use super::{LinkError, Statistics};

/// Writes all live blocks.
pub(super) fn blocks(
    graph: &LinkGraph<'_>,
    placed: &Placed,
    in_flight: &mut impl InFlight,
) -> Result<Statistics, LinkError> {
    let table = graph
        .got_base
        .and_then(|base| graph.address(base))
        .unwrap_or_default();
    let mut statistics = Statistics::default();
    for (id, block) in graph.blocks.iter() {
        if !block.is_live {
            continue;
        }
        statistics.blocks = statistics.blocks.saturating_add(1);
        let size_bytes = block.content.size_bytes();
        if block.content.is_zero_fill() {
            statistics.zero_fill_bytes = statistics.zero_fill_bytes.saturating_add(size_bytes);
            continue;
        }
        if size_bytes == 0 {
            continue;
        }
        let bytes = memory_of(graph, block, placed, in_flight).ok_or(LinkError::Internal {
            what: "a block lies outside of its segment",
        })?;
        copy(&block.content, bytes);
        fix_up(graph, id, block, table, bytes)?;
        statistics.content_bytes = statistics.content_bytes.saturating_add(size_bytes);
        let fixups = int::from_usize(block.edges.len());
        statistics.fixups = statistics.fixups.saturating_add(fixups);
    }
    Ok(statistics)
}

/// The working memory of a block.
fn memory_of<'m>(
    graph: &LinkGraph<'_>,
    block: &Block<'_>,
    placed: &Placed,
    in_flight: &'m mut impl InFlight,
) -> Option<&'m mut [u8]> {
    let segment = placed.segment(graph.sections.at(block.section).protection)?;
    let offset = block.address.checked_distance_from(segment.address)?;
    let end = offset.checked_add(block.content.size_bytes())?;
    let memory = in_flight.working_memory(segment.place)?;
    memory.get_mut(int::to_usize(offset)..int::to_usize(end))
}

fn copy(content: &Content<'_>, bytes: &mut [u8]) {
    match *content {
        Content::Bytes(content) if content.len() == bytes.len() => bytes.copy_from_slice(content),
        Content::Repeated { entry, .. } if !entry.is_empty() => {
            for place in bytes.chunks_exact_mut(entry.len()) {
                place.copy_from_slice(entry);
            }
        }
        // The memory has the content's size, and zero-fill blocks are not copied.
        _ => {}
    }
}

fn fix_up(
    graph: &LinkGraph<'_>,
    id: BlockId,
    block: &Block<'_>,
    table: TargetAddr,
    bytes: &mut [u8],
) -> Result<(), LinkError> {
    for edge in graph.edges_in(block.edges) {
        let target = graph.address(edge.target).ok_or(LinkError::Internal {
            what: "a fixup's target has no address",
        })?;
        let operands = Operands {
            place: block.address.wrapping_offset(i64::from(edge.offset)),
            target,
            addend: graph.addend(edge),
            size_bytes: graph.symbols.at(edge.target).size_bytes,
            table,
        };
        let place = bytes
            .get_mut(int::usize_from_u32(edge.offset)..)
            .unwrap_or(&mut []);
        arch::fix_up(edge.kind.row(), &operands, place)
            .map_err(|fault| fix_up_error(graph, id, edge, target, fault))?;
    }
    Ok(())
}

#[cold]
fn fix_up_error(
    graph: &LinkGraph<'_>,
    block: BlockId,
    edge: &Edge,
    address: TargetAddr,
    fault: arch::FixUpFault,
) -> LinkError {
    LinkError::FixUp {
        site: graph.site(block, u64::from(edge.offset)),
        kind: edge.kind.row().name,
        symbol: graph.symbol_name(edge.target),
        address,
        fault,
    }
}
