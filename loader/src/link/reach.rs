//! Reach: where a link's memory may lie, so that every fixup can hold its value.
//!
//! A fixup that holds an address of the module itself limits where the module lies at all; one that holds the distance to
//! something outside limits how far from that it lies. Everything within a module is near by itself, or found out when it
//! is fixed up.

use crate::base::{AddressRange, Alignment, TargetAddr};
use crate::edge::{Formula, KindRow, ValueRange};
use crate::graph::{BlockId, Definition, Edge, FoundEdge, LinkGraph, UnsettledWalk};
use crate::memory::{Lifetime, MemoryError, Reach};

use super::LinkError;

/// Where the memory may lie, and the fixup that limits it most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) reach: Reach,
    by: Option<(BlockId, Edge)>,
}

/// The limits that the fixups of all live blocks set together.
pub(super) fn of(graph: &LinkGraph<'_>) -> Result<Limits, LinkError> {
    let mut limits = Limits {
        reach: Reach::ANYWHERE,
        by: None,
    };
    let mut walk = UnsettledWalk::default();
    while let Some(FoundEdge { block, edge, .. }) = graph.next_unsettled(&mut walk) {
        let Some(limit) = limit_of(graph, edge) else {
            continue;
        };
        if limit == limits.reach || is_detached(graph, block) {
            continue;
        }
        let both = limits.reach.intersection(limit);
        if both.is_empty() {
            return Err(out_of_reach(graph, block, edge, None));
        }
        if both != limits.reach {
            limits = Limits {
                reach: both,
                by: Some((block, *edge)),
            };
        }
    }
    Ok(limits)
}

/// Whether a block only describes the program: it has an address of its own, wherever the program lies.
fn is_detached(graph: &LinkGraph<'_>, block: BlockId) -> bool {
    let section = graph.blocks.at(block).section;
    graph.sections.at(section).lifetime == Lifetime::NoAlloc
}

impl Limits {
    /// Adds to a memory manager's error which fixup set the limit, if that is what it failed on.
    pub(super) fn explain(&self, graph: &LinkGraph<'_>, error: MemoryError) -> LinkError {
        match (error, self.by) {
            (
                MemoryError::OutOfReach { .. } | MemoryError::WindowExhausted { .. },
                Some((block, edge)),
            ) => out_of_reach(graph, block, &edge, Some(error)),
            _ => LinkError::Memory(error),
        }
    }
}

fn out_of_reach(
    graph: &LinkGraph<'_>,
    block: BlockId,
    edge: &Edge,
    memory: Option<MemoryError>,
) -> LinkError {
    let symbol = graph.symbols.at(edge.target);
    LinkError::OutOfReach {
        site: graph.site(block, u64::from(edge.offset)),
        kind: edge.kind.row().name,
        symbol: graph.symbol_name(edge.target),
        address: if symbol.is_in_graph() {
            None
        } else {
            graph.address(edge.target)
        },
        memory,
    }
}

/// Where the module must lie for the sake of one edge; `None` if anywhere.
fn limit_of(graph: &LinkGraph<'_>, edge: &Edge) -> Option<Reach> {
    let row = edge.kind.row();
    if row.range == ValueRange::Any {
        return None;
    }
    match (row.formula, graph.symbols.at(edge.target).definition) {
        (Formula::Absolute, Definition::Block { .. }) => absolute_limit(row),
        (
            Formula::Relative | Formula::PageRelative,
            Definition::Resolved(address) | Definition::Absolute(address),
        ) => {
            let target = address.wrapping_offset(graph.addend(edge));
            distance_limit(row, target)
        }
        _ => None,
    }
}

/// Where addresses lie that the row's range can hold.
fn absolute_limit(row: &KindRow) -> Option<Reach> {
    match row.range {
        ValueRange::Signed(32) => Some(Reach::SIGNED_32),
        ValueRange::Unsigned(32) | ValueRange::Either(32) => Some(Reach::UNSIGNED_32),
        range => {
            let (_, last) = range.ends();
            let last = TargetAddr::new(last.cast_unsigned());
            AddressRange::new(TargetAddr::ZERO, last).map(Reach::within)
        }
    }
}

/// Where a distance to `target` fits the row's range.
fn distance_limit(row: &KindRow, target: TargetAddr) -> Option<Reach> {
    let (first, last) = row.range.ends();
    // Pages are rounded at both ends of the distance.
    let slack = if row.formula == Formula::PageRelative {
        Alignment::PAGE.bytes()
    } else {
        0
    };
    let above = first.unsigned_abs().saturating_sub(slack);
    let below = last.unsigned_abs().saturating_sub(slack);
    // A distance wraps as addresses do: a weak symbol at 0, less an addend, lies at the top and is near the bottom.
    Some(Reach::wrapping(
        target.wrapping_offset(below.wrapping_neg().cast_signed()),
        target.wrapping_offset(above.cast_signed()),
    ))
}

#[cfg(test)]
mod tests {
    use super::{AddressRange, TargetAddr, distance_limit};
    use crate::edge::{DataKind, EdgeKind};

    #[test]
    fn what_lies_just_below_zero_is_near_the_bottom() {
        let row = EdgeKind::Data(DataKind::Delta32).row();
        let target = TargetAddr::ZERO.wrapping_offset(-4);
        let reach = distance_limit(row, target).unwrap();
        let module = AddressRange::from_size(TargetAddr::new(0x4000_0000), 0x1000).unwrap();
        assert!(reach.allows(module));
        let far = AddressRange::from_size(TargetAddr::new(0x8000_0000), 0x1000).unwrap();
        assert!(!reach.allows(far));
    }
}
