//! Section groups: the first of a name counts.

use std::string::ToString;

use object::elf;

use super::file::{FIRST, global, group, loaded, local, object, relocation, weak};
use super::{error_of, graph_of, read, symbol};
use crate::base::Machine;
use crate::format::FormatFault;
use crate::graph::{LinkGraph, Linkage};

#[test]
fn what_a_discarded_group_held_inside_can_not_be_referred_to() {
    let symbols = [local("inner", FIRST), global("group", FIRST)];
    let with_reference_from = |name| {
        let sections = std::vec![
            loaded(".text"),
            group(2, elf::GRP_COMDAT, &[FIRST]),
            loaded(name),
            relocation(FIRST + 2, 1)
        ];
        object(&symbols, sections)
    };
    let (table, code) = (
        with_reference_from(".eh_frame"),
        with_reference_from(".text"),
    );
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, &table).unwrap();
    read(&mut graph, &table).unwrap();
    let error = read(&mut graph, &code).unwrap_err();
    assert!(
        matches!(error.fault, FormatFault::DiscardedSymbol { symbol } if symbol.as_str() == "inner")
    );
    let text = error.to_string();
    assert!(
        text.starts_with("odd.o: .text+0x0: local `inner`"),
        "{text}"
    );
}

#[test]
fn a_name_that_only_a_discarded_group_defined_is_missing() {
    let with = |symbols: &[_]| {
        let group = group(1, elf::GRP_COMDAT, &[FIRST]);
        object(symbols, std::vec![loaded(".text"), group])
    };
    let first = with(&[weak("group", FIRST)]);
    let second = with(&[weak("group", FIRST), weak("inner", FIRST)]);
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, &first).unwrap();
    read(&mut graph, &second).unwrap();
    let inner = symbol(&graph, "inner");
    assert!(inner.is_external());
    assert_eq!(inner.linkage, Linkage::Strong);
}

#[test]
fn what_is_wrong_with_a_group_is_told_of_its_section() {
    let group = group(9, elf::GRP_COMDAT, &[FIRST]);
    let bytes = object(&[global("name", FIRST)], std::vec![loaded(".text"), group]);
    let text = error_of(&bytes);
    assert!(
        text.starts_with("odd.o: .group+0x0: damaged: symbol 9 of 2"),
        "{text}"
    );
}

#[test]
fn a_discarded_group_takes_all_of_its_members_with_it() {
    let sections = || {
        std::vec![
            loaded(".text.f"),
            loaded(".rodata.f"),
            group(1, elf::GRP_COMDAT, &[FIRST, FIRST + 1, FIRST + 3]),
            relocation(FIRST, 1),
        ]
    };
    let bytes = object(&[weak("f", FIRST)], sections());
    let mut graph = graph_of(&bytes);
    read(&mut graph, &bytes).unwrap();
    assert_eq!((graph.objects.len(), graph.blocks.len()), (2, 2));
}

#[test]
fn groups_without_other_copies_are_all_linked() {
    let symbols = [local("group", FIRST)];
    let sections = || std::vec![loaded(".text"), group(1, elf::GroupFlags(0), &[FIRST])];
    let bytes = object(&symbols, sections());
    let mut graph = graph_of(&bytes);
    read(&mut graph, &bytes).unwrap();
    assert_eq!(graph.blocks.len(), 2);
}

#[test]
fn a_group_with_a_member_past_the_section_table_is_damage() {
    let bytes = object(
        &[global("group", FIRST)],
        std::vec![loaded(".text"), group(1, elf::GRP_COMDAT, &[77])],
    );
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, &bytes).unwrap();
    let text = read(&mut graph, &bytes).unwrap_err().to_string();
    assert!(
        text.contains(".group+0x0: damaged: section 77 of 5"),
        "{text}"
    );
}
