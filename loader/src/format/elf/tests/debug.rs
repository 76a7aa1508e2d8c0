//! Debug information: read only when it is asked for, and never part of the program.

use object::elf;

use super::file::{FIRST, global, group, loaded, local, not_loaded, object, relocation};
use super::{edges, graph_of, graph_with_debug, read_with, section, symbol_id};
use crate::base::TargetAddr;
use crate::format::ReadOptions;
use crate::graph::Definition;
use crate::memory::Lifetime;

#[test]
fn debug_information_stays_out_unless_it_is_asked_for() {
    let symbols = [global("function", FIRST)];
    let sections = std::vec![
        loaded(".text"),
        not_loaded(".debug_info"),
        relocation(FIRST + 1, 1),
        not_loaded(".comment"),
    ];
    let bytes = object(&symbols, sections);
    assert_eq!(graph_of(&bytes).sections.len(), 1);

    let graph = graph_with_debug(&bytes);
    assert_eq!(graph.sections.len(), 2);
    assert_eq!(section(&graph, ".text").0.lifetime, Lifetime::Standard);
    assert_eq!(section(&graph, ".debug_info").0.lifetime, Lifetime::NoAlloc);
    let [edge] = edges(&graph, ".debug_info") else {
        panic!()
    };
    assert_eq!(edge.target, symbol_id(&graph, "function"));
}

#[test]
fn debug_information_may_describe_what_a_discarded_group_held() {
    let symbols = [local("inner", FIRST), global("group", FIRST)];
    let sections = || {
        std::vec![
            loaded(".text"),
            group(2, elf::GRP_COMDAT, &[FIRST]),
            not_loaded(".debug_info"),
            relocation(FIRST + 2, 1),
            not_loaded(".debug_ranges"),
            relocation(FIRST + 4, 1),
        ]
    };
    let first = object(&symbols, sections());
    let second = object(&symbols, sections());
    let mut graph = graph_with_debug(&first);
    let before = graph.blocks.len();
    read_with(&mut graph, &second, ReadOptions { debug: true }).unwrap();
    // An entry of no function is left as it is; but two zeros would end a list of ranges.
    let edges_of = |name| {
        let mut blocks = graph.blocks.iter().skip(before).map(|(_, block)| block);
        let block = blocks.find(|block| graph.sections.at(block.section).name == name);
        graph.edges_in(block.unwrap().edges)
    };
    assert!(edges_of(".debug_info".into()).is_empty());
    let [range] = edges_of(".debug_ranges".into()) else {
        panic!()
    };
    let one = Definition::Absolute(TargetAddr::new(1));
    assert_eq!(graph.symbols.at(range.target).definition, one);
}
