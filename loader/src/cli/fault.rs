//! Faults of fixups with all that is known once addresses are: what is written where, against what.

use std::format;
use std::string::String;

use crate::arch::FixUpFault;
use crate::base::Name;
use crate::graph::{BlockId, Definition, LinkGraph};
use crate::link::LinkError;

use super::error::ToolError;

/// A link's error; of a value out of range, in the words in which llvm-jitlink tells it, which tests of others look for.
pub(super) fn explain(graph: &LinkGraph<'_>, error: LinkError) -> ToolError {
    let LinkError::FixUp {
        site,
        kind,
        symbol,
        address,
        addend,
        place,
        block,
        fault: FixUpFault::OutOfRange { value, range },
    } = &error
    else {
        return ToolError::Link(error);
    };
    let target = address.wrapping_offset(*addend);
    let target = match addend {
        0 => format!("{target} ({symbol})"),
        _ => format!(
            "{target} ({symbol}:{address} + {:#x})",
            addend.cast_unsigned()
        ),
    };
    let row = kind.row().name;
    let name = row.strip_suffix("Either").unwrap_or(row);
    let start = graph.blocks.at(*block).address;
    let offset = place.wrapping_distance_from(start);
    let holder = match holder(graph, *block, offset.cast_unsigned()) {
        Some(holder) => format!("{holder}, "),
        None => String::new(),
    };
    ToolError::FixUp(format!(
        "In graph {}, section {}: relocation target {target} is out of range of {name} fixup at address {place} \
         ({holder}{start} + {offset:#x}): the value {value} is outside of {range}; compile with -fPIC, or place the target nearer",
        site.object, site.section,
    ))
}

/// The name of the last symbol of a block at or before an offset.
fn holder<'g>(graph: &'g LinkGraph<'_>, holds: BlockId, offset: u64) -> Option<Name<'g>> {
    let mut nearest: Option<(u64, Name<'g>)> = None;
    for (_, symbol) in graph.symbols.iter() {
        let Definition::Block { block, offset: at } = symbol.definition else {
            continue;
        };
        let is_nearer = nearest.is_none_or(|(known, _)| known <= at);
        if block == holds && at <= offset && is_nearer && !symbol.name.is_empty() {
            nearest = Some((at, symbol.name));
        }
    }
    nearest.map(|(_, name)| name)
}
