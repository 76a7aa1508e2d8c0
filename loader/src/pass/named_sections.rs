//! Named sections: where those lie whose bounds other modules may ask for, by a name that C can spell.

use alloc::vec::Vec;

use crate::base::{AddressRange, Name, OutOfMemory, fallible, sort};
use crate::graph::{LinkGraph, Section};

use super::section_bounds;

/// The names of sections that C can spell, each with the stretch that they lie at, in ascending order of the names, once
/// addresses are chosen: what `__start_X` and `__stop_X` stand for where another module asks for them. Sections that are
/// empty, left out, or couldn't lie at one stretch have none. Source: GNU ld's manual, "Orphan Sections".
///
/// # Errors
/// The heap has no room.
pub fn named_sections<'a>(
    graph: &LinkGraph<'a>,
) -> Result<Vec<(Name<'a>, AddressRange)>, OutOfMemory> {
    // Sections that the pass of bounds laid at one stretch; records of unwind information lie so, too, under another name.
    let is_named =
        |section: &Section<'_>| section.is_bounded && section_bounds::is_spelt_in_c(section.name);
    let mut stretches: Vec<(Name<'_>, AddressRange)> = Vec::new();
    for (_, block) in graph.blocks_in(is_named) {
        if !block.is_live {
            continue;
        }
        let size_bytes = block.content.size_bytes();
        if let Some(range) = AddressRange::from_size(block.address, size_bytes) {
            let name = graph.sections.at(block.section).name;
            fallible::push(&mut stretches, (name, range))?;
        }
    }
    sort::sort_by_key(&mut stretches, |&(name, range)| (name, range.first()));
    stretches.dedup_by(|next, whole| {
        let is_same = next.0 == whole.0;
        if is_same {
            whole.1 = whole.1.hull(next.1);
        }
        is_same
    });
    Ok(stretches)
}

#[cfg(test)]
mod tests {
    use super::named_sections;
    use crate::base::{AddressRange, Machine, Name, Protection, TargetAddr};
    use crate::graph::Origin;
    use crate::pass::section_bounds;
    use crate::pass::testing::Builder;

    const READ: Protection = Protection::Read;

    #[test]
    fn names_are_told_with_all_that_is_linked_of_them() {
        let mut builder = Builder::new(Machine::X86_64);
        let placed = [
            ("zone", 0x3000, 8_u64),
            ("table", 0x1008, 16),
            (".rodata", 0x4000, 8),
            ("table", 0x1000, 8),
            ("nothing", 0x5000, 0),
        ];
        for (name, address, size_bytes) in placed {
            let content = &[0; 16][..usize::try_from(size_bytes).unwrap()];
            let block = builder.block(name, READ, content);
            builder.graph.blocks.at_mut(block).address = TargetAddr::new(address);
        }
        builder.object("member.o", Origin::Archive);
        let left_out = builder.block("table", READ, &[0; 8]);
        builder.graph.blocks.at_mut(left_out).address = TargetAddr::new(0x9000);
        section_bounds::define(&mut builder.graph).unwrap();
        builder.prune();
        let range = |address, size_bytes| {
            AddressRange::from_size(TargetAddr::new(address), size_bytes).unwrap()
        };
        let expected = [
            (Name::from("table"), range(0x1000, 24)),
            (Name::from("zone"), range(0x3000, 8)),
        ];
        assert_eq!(named_sections(&builder.graph).unwrap(), expected);
    }

    #[test]
    fn sections_that_lie_apart_have_no_bounds() {
        let mut builder = Builder::new(Machine::X86_64);
        builder.block("table", Protection::ReadExecute, &[0; 8]);
        builder.block("table", Protection::ReadWrite, &[0; 8]);
        section_bounds::define(&mut builder.graph).unwrap();
        builder.prune();
        assert_eq!(named_sections(&builder.graph).unwrap(), []);
    }
}
