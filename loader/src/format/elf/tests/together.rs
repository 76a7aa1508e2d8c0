//! Sections that are linked together, of objects that an archive gave.

use std::collections::BTreeSet;
use std::string::{String, ToString};
use std::vec::Vec;

use object::elf;

use super::file::{FIRST, Section, global, group, loaded, local, object, relocation};
use super::{read, read_member, symbol_id};
use crate::base::Machine;
use crate::graph::{Definition, LinkGraph};

/// A section that the section of this index orders.
fn ordered(name: &'static str, by: u32) -> Section {
    Section {
        flags: elf::SHF_ALLOC.0 | elf::SHF_LINK_ORDER.0,
        link: by,
        ..loaded(name)
    }
}

/// The sections that `wanted` keeps, of an archive's object: its own, and those that these keep in turn.
fn linked_for(bytes: &[u8]) -> Vec<String> {
    let mut graph = LinkGraph::new(Machine::X86_64);
    read_member(&mut graph, bytes).unwrap();
    let mut pending = std::vec![symbol_id(&graph, "wanted")];
    let mut blocks = BTreeSet::new();
    while let Some(symbol) = pending.pop() {
        let Definition::Block { block, .. } = graph.symbols.at(symbol).definition else {
            continue;
        };
        if blocks.insert(block) {
            pending.extend(graph.keeps(block).iter().map(|edge| edge.target));
        }
    }
    let section = |block| graph.blocks.at(block).section;
    let name = |block| graph.sections.at(section(block)).name.to_string();
    blocks.into_iter().map(name).collect()
}

#[test]
fn a_section_that_is_ordered_by_another_one_is_linked_with_it() {
    let sections = std::vec![
        loaded(".text.wanted"),
        loaded(".text.other"),
        ordered("entries", FIRST),
        ordered("entries.other", FIRST + 1),
        ordered("entries.of_nothing", 0),
        relocation(FIRST + 2, 1),
    ];
    let bytes = object(&[global("wanted", FIRST)], sections);
    assert_eq!(linked_for(&bytes), [".text.wanted", "entries"]);
}

#[test]
fn a_section_that_is_ordered_by_a_discarded_one_is_discarded_too() {
    let symbols = [local("inner", FIRST), global("group", FIRST)];
    let sections = || {
        std::vec![
            loaded(".text"),
            group(2, elf::GRP_COMDAT, &[FIRST]),
            ordered("entries", FIRST),
            relocation(FIRST + 2, 1),
        ]
    };
    let bytes = object(&symbols, sections());
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, &bytes).unwrap();
    read(&mut graph, &bytes).unwrap();
    assert_eq!(graph.blocks.len(), 2);
}

#[test]
fn a_section_that_is_ordered_by_one_past_the_section_table_is_damage() {
    let bytes = object(&[], std::vec![ordered("entries", 77)]);
    let text = super::error_of(&bytes);
    assert!(
        text.contains("entries+0x0: damaged: section 77 of 4"),
        "{text}"
    );
}

#[test]
fn the_members_of_a_group_are_linked_together() {
    for flags in [elf::GRP_COMDAT, elf::GroupFlags(0)] {
        let sections = std::vec![
            loaded(".data.first"),
            loaded(".text.wanted"),
            loaded(".data.last"),
            loaded(".text.other"),
            group(1, flags, &[FIRST, FIRST + 1, FIRST + 2]),
        ];
        let bytes = object(&[global("wanted", FIRST + 1)], sections);
        let together = [".data.first", ".text.wanted", ".data.last"];
        assert_eq!(linked_for(&bytes), together);
    }
}
