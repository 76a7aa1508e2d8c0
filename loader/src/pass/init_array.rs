//! Initializers: the functions whose addresses stand in `.init_array` sections, in the order in which they run.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, TargetAddr, fallible};
use crate::graph::{BlockId, LinkGraph, SectionRole};

/// The addresses of all initializers, once addresses are chosen: sections with a lower priority number first, those alike in
/// the order of their objects. Source: gABI, "Initialization and Termination Functions"; the priorities are a convention of
/// GNU and LLVM toolchains.
///
/// # Errors
/// The heap has no room.
pub fn initializers(graph: &LinkGraph<'_>) -> Result<Vec<TargetAddr>, OutOfMemory> {
    let mut arrays: Vec<(u16, usize, BlockId)> = Vec::new();
    let mut count: usize = 0;
    for (place, (id, block)) in graph.blocks().enumerate() {
        if let SectionRole::Initializers(priority) = graph.sections.at(block.section).role
            && block.is_live
        {
            fallible::push(&mut arrays, (priority, place, id))?;
            count = count.saturating_add(block.edges.len());
        }
    }
    // Places ascend in the order of objects and sections: the order is total, and no memory is needed to keep equals in place.
    arrays.sort_unstable();
    let mut functions = fallible::vec_with_capacity(count)?;
    for (_, _, block) in arrays {
        let first = functions.len();
        for edge in graph.edges(block) {
            let address = graph.address(edge.target).unwrap_or_default();
            let function = address.wrapping_offset(graph.addend(edge));
            fallible::push(&mut functions, (edge.offset, function))?;
        }
        functions
            .get_mut(first..)
            .unwrap_or(&mut [])
            .sort_unstable();
    }
    let mut addresses = fallible::vec_with_capacity(functions.len())?;
    for (_, function) in functions {
        fallible::push(&mut addresses, function)?;
    }
    Ok(addresses)
}
