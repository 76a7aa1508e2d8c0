//! Faults of fixups with all that is known once addresses are: what is written where, against what.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::arch::FixUpFault;
use crate::base::Name;
use crate::graph::{BlockId, Definition, LinkGraph};
use crate::link::{LinkError, MissingSymbols, remedy};

use super::error::ToolError;

/// How many missing names one line shows.
const SHOWN_NAMES: usize = 4;

/// A link's error; of a value out of range, in the words in which llvm-jitlink tells it, which tests of others look for.
pub(super) fn explain(graph: &LinkGraph<'_>, error: LinkError) -> ToolError {
    if let LinkError::Missing(missing) = &error {
        return ToolError::Told(missing_names(missing));
    }
    let LinkError::FixUp {
        site,
        kind,
        symbol,
        address,
        addend,
        place,
        block,
        fault,
    } = &error
    else {
        return ToolError::Link(error);
    };
    let FixUpFault::OutOfRange { value, range } = fault else {
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
    let remedy = remedy(*kind, fault);
    ToolError::Told(format!(
        "In graph {}, section {}: relocation target {target} is out of range of {name} fixup at address {place} \
         ({holder}{start} + {offset:#x}): the value {value} is outside of {range}; {remedy}",
        site.object, site.section,
    ))
}

/// The first names that nothing defines, and how many more there are.
fn missing_names(missing: &MissingSymbols) -> String {
    let shown = missing.symbols.iter().take(SHOWN_NAMES);
    let shown = shown.map(|symbol| format!("`{}` (wanted by {})", symbol.name, symbol.wanted_by));
    let shown: Vec<String> = shown.collect();
    let shown = shown.join(", ");
    let more = missing.symbols.len().saturating_sub(SHOWN_NAMES) + missing.more;
    match more {
        0 => format!(
            "nothing defines {shown}; name the file that does, or give -abs or -phony-externals"
        ),
        _ => format!("nothing defines {shown} and {more} more names; -explain lists them"),
    }
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
