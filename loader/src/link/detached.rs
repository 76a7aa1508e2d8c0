//! Addresses of what only describes the program: sections of one name follow each other from 0 on, as in the file that a
//! static linker would write. Nothing of it has memory that the program could reach.

use alloc::vec::Vec;

use crate::base::{Name, TargetAddr, fallible, sort};
use crate::graph::{BlockId, LinkGraph};
use crate::memory::Lifetime;

use super::LinkError;

/// Gives addresses to all live blocks that no memory manager is asked for.
pub(super) fn place(graph: &mut LinkGraph<'_>) -> Result<(), LinkError> {
    if !graph.has_section(|section| section.lifetime == Lifetime::NoAlloc) {
        return Ok(());
    }
    let mut blocks: Vec<(Name<'_>, BlockId)> = Vec::new();
    for (id, block) in graph.blocks.iter() {
        let section = graph.sections.at(block.section);
        if block.is_live && section.lifetime == Lifetime::NoAlloc {
            fallible::push(&mut blocks, (section.name, id))?;
        }
    }
    sort::sort(&mut blocks);
    let mut previous = None;
    let mut end = 0_u64;
    for &(name, id) in &blocks {
        if previous != Some(name) {
            end = 0;
        }
        previous = Some(name);
        let block = graph.blocks.at(id);
        let offset = block.alignment.checked_round_up(end);
        let next = offset.and_then(|offset| offset.checked_add(block.content.size_bytes()));
        let (Some(offset), Some(next)) = (offset, next) else {
            let site = graph.site(id, 0);
            return Err(LinkError::TooLarge { site });
        };
        graph.blocks.at_mut(id).address = TargetAddr::new(offset);
        end = next;
    }
    Ok(())
}
