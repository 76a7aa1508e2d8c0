//! More sections than sixteen bits count. Source: System V gABI, "ELF Header", e_shnum and e_shstrndx; "Symbol Table",
//! SHN_XINDEX and SHT_SYMTAB_SHNDX.

use std::time::{Duration, Instant};
use std::vec::Vec;

use super::file::{FIRST, Symbol, global, loaded, object, relocation};
use super::{error_of, graph_of, symbol};
use crate::graph::Definition;

/// An object with so many functions, each in a section of its own with a relocation against the last.
fn with_functions(count: u32) -> Vec<u8> {
    let mut sections = Vec::new();
    for function in 0..count {
        sections.push(loaded(".text"));
        sections.push(relocation(FIRST + 2 * function, 1));
    }
    let last = global("last", FIRST + 2 * (count - 1));
    object(&[last, global("first", FIRST)], sections)
}

#[test]
fn more_sections_than_sixteen_bits_count_are_read() {
    let bytes = with_functions(40_000);
    let graph = graph_of(&bytes);
    assert_eq!(graph.blocks.len(), 40_000);
    let (last, _) = graph.blocks.iter().next_back().unwrap();
    let Definition::Block { block, offset: 0 } = symbol(&graph, "last").definition else {
        panic!()
    };
    assert_eq!(block, last);
    assert!(graph.blocks.iter().all(|(_, block)| block.edges.len() == 1));
}

#[test]
fn each_symbol_stands_in_its_own_of_many_sections() {
    let count = 66_000;
    let sections = (0..count).map(|_| loaded(".text")).collect();
    let names = ["a", "b", "c", "d"];
    let places = [count - 2, 0, count - 1, count - 4];
    let symbols = core::array::from_fn::<_, 4, _>(|n| global(names[n], FIRST + places[n]));
    let bytes = object(&symbols, sections);
    let graph = graph_of(&bytes);
    let blocks: Vec<_> = graph.blocks.ids().collect();
    for (name, place) in names.into_iter().zip(places) {
        let Definition::Block { block, offset: 0 } = symbol(&graph, name).definition else {
            panic!()
        };
        assert_eq!(block, blocks[place as usize]);
    }
}

#[test]
fn a_symbol_without_its_extended_section_index_is_damage() {
    let mut bytes = object(&[global("lost", FIRST)], std::vec![loaded(".text")]);
    // The first symbol's section, in the symbol table behind the file's header.
    bytes[64 + 24 + 6..64 + 24 + 8].copy_from_slice(&[0xff, 0xff]);
    let text = error_of(&bytes);
    assert!(
        text.contains("`lost` has no extended section index"),
        "{text}"
    );
}

#[test]
fn an_extended_section_index_past_the_section_table_is_damage() {
    let far = Symbol {
        section: 1 << 20,
        ..global("lost", 0)
    };
    let text = error_of(&object(&[far], Vec::new()));
    assert!(
        text.contains("`lost` lies in section 1048576 of 4"),
        "{text}"
    );
}

#[test]
fn the_time_to_read_sections_grows_with_their_number_and_no_faster() {
    let time_of = |count| {
        let bytes = with_functions(count);
        let times = (0..3).map(|_| {
            let start = Instant::now();
            assert_eq!(graph_of(&bytes).blocks.len(), count as usize);
            start.elapsed()
        });
        times.min().unwrap_or(Duration::MAX)
    };
    let (few, many) = (time_of(6_250), time_of(100_000));
    // Sixteen times as many; a step that scanned the others would make it 256 times as slow.
    assert!(many < few * 64, "{few:?} {many:?}");
}
