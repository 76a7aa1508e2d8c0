//! What becomes of `.eh_frame` sections; how they lie in memory is tested with the link.

use std::format;
use std::vec::Vec;

use super::{CIE_POINTER, locate, split};
use crate::base::{Alignment, Machine, Protection, TargetAddr};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{BlockId, Content, Definition, Origin, SectionRole, SymbolId};
use crate::pass::testing::Builder;

const DELTA: EdgeKind = EdgeKind::Data(DataKind::Delta32);
const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);

/// A CIE, augmentation zR, whose FDEs hold distances of four bytes.
const CIE: [u8; 24] = [
    20, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0,
];
/// A CIE, augmentation zPLR; the routine's address stands at 18.
const CIE_WITH_TABLES: [u8; 32] = [
    28, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'P', b'L', b'R', 0, 1, 0x78, 16, 7, 0x9b, 0, 0, 0, 0, 0x1b,
    0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0,
];
const PERSONALITY: u32 = 19;
const FUNCTION: u32 = 8;
const TABLES: u32 = 17;

/// An FDE of 24 bytes whose first word stands `back` bytes after its CIE.
const fn fde(back: u8) -> [u8; 24] {
    [
        20, 0, 0, 0, back, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
    ]
}

fn content(parts: &[&[u8]]) -> &'static [u8] {
    parts.concat().leak()
}

/// A graph with a function for each FDE.
struct Unwound {
    builder: Builder,
    functions: Vec<BlockId>,
    symbols: Vec<SymbolId>,
}

impl Unwound {
    fn new(origin: Origin, functions: usize) -> Self {
        let mut builder = Builder::new(Machine::X86_64);
        builder.object("b.o", origin);
        let mut unwound = Self {
            builder,
            functions: Vec::new(),
            symbols: Vec::new(),
        };
        for _ in 0..functions {
            let builder = &mut unwound.builder;
            let function = builder.block(".text", Protection::ReadExecute, &[0xc3; 4]);
            unwound.functions.push(function);
            unwound.symbols.push(builder.symbol("", function, 0));
        }
        unwound
    }

    fn frames(&mut self, content: &'static [u8]) -> BlockId {
        self.builder.block(".eh_frame", Protection::Read, content)
    }

    /// The blocks of all records, by their places in the first section that has any, and the end.
    fn split(&mut self, section: BlockId) -> Vec<BlockId> {
        split(&mut self.builder.graph).unwrap();
        let section = self.builder.graph.blocks.at(section).section;
        let blocks = self.builder.graph.blocks_of(section);
        blocks.map(|(id, _)| id).collect()
    }

    fn edges(&self, block: BlockId) -> Vec<(u32, EdgeKind, BlockId)> {
        let edges = self.builder.graph.edges(block).iter();
        let place = |edge: &crate::graph::Edge| {
            let (block, offset) = self.builder.place(edge.target);
            assert_eq!(offset, 0);
            (edge.offset, edge.kind, block)
        };
        edges.map(place).collect()
    }

    fn live(&mut self, blocks: &[BlockId]) -> Vec<bool> {
        self.builder.prune();
        let live = blocks.iter().map(|&block| self.builder.is_live(block));
        live.collect()
    }
}

#[test]
fn each_record_is_a_block_and_an_fde_leads_to_its_cie() {
    let mut unwound = Unwound::new(Origin::Archive, 2);
    let frames = unwound.frames(content(&[&CIE, &fde(28), &fde(52)]));
    let [f, g] = [unwound.symbols[0], unwound.symbols[1]];
    let edges = [(24 + FUNCTION, DELTA, f, 0), (48 + FUNCTION, DELTA, g, 0)];
    unwound.builder.edges(frames, &edges);
    let records = unwound.split(frames);
    assert_eq!(records[0], frames);
    let sizes = records
        .iter()
        .map(|&id| unwound.builder.graph.blocks.at(id).content.size_bytes());
    assert_eq!(sizes.collect::<Vec<_>>(), [24; 3]);
    assert_eq!(unwound.edges(records[0]), []);
    for (record, &function) in records[1..].iter().zip(&unwound.functions) {
        let expected = [(FUNCTION, DELTA, function), (4, CIE_POINTER, frames)];
        assert_eq!(unwound.edges(*record), expected);
        let keeps = unwound.builder.graph.keeps(function);
        assert_eq!(unwound.builder.place(keeps[0].target), (*record, 0));
        assert_eq!(keeps.len(), 1);
        unwound.builder.graph.blocks.at_mut(function).is_live = true;
    }
    assert_eq!(unwound.live(&records), [true; 3]);
}

#[test]
fn records_of_an_object_that_is_linked_as_a_whole_stay_together() {
    let mut unwound = Unwound::new(Origin::Given, 2);
    let frames = unwound.frames(content(&[&CIE, &fde(28), &CIE, &fde(28)]));
    let [f, g] = [unwound.symbols[0], unwound.symbols[1]];
    let edges = [(24 + FUNCTION, DELTA, f, 0), (72 + FUNCTION, DELTA, g, 0)];
    unwound.builder.edges(frames, &edges);
    let records = unwound.split(frames);
    assert_eq!(records, [frames]);
    assert_eq!(unwound.edges(frames).len(), 2);
    assert_eq!(unwound.live(&records), [true]);
    // The word of zero behind them is linked, too.
    let graph = &unwound.builder.graph;
    let live = graph.blocks().filter(|(_, block)| block.is_live);
    let last = live.map(|(_, block)| block.content.size_bytes()).last();
    assert_eq!(last, Some(4));
}

#[test]
fn what_is_peculiar_is_taken_apart_even_if_all_of_its_object_is_linked() {
    let edge = |target: SymbolId| (24 + FUNCTION, DELTA, target, 0);
    let parts = |records: &[&[u8]], edges: &[(u32, EdgeKind, SymbolId, i64)], other: bool| {
        let mut unwound = Unwound::new(Origin::Given, 1);
        if other {
            unwound.builder.object("c.o", Origin::Given);
        }
        let frames = unwound.frames(content(records));
        unwound.builder.edges(frames, edges);
        unwound.split(frames).len()
    };
    let function = Unwound::new(Origin::Given, 1).symbols[0];
    assert_eq!(parts(&[&CIE, &fde(28)], &[edge(function)], false), 1);
    // No relocation tells the function; a word of zero follows; the function is another object's; the first word of a record
    // is told by a relocation; nothing is described.
    assert_eq!(parts(&[&CIE, &fde(28)], &[], false), 2);
    let ended: [&[u8]; 3] = [&CIE, &fde(28), &[0; 4]];
    assert_eq!(parts(&ended, &[edge(function)], false), 3);
    assert_eq!(parts(&[&CIE, &fde(28)], &[edge(function)], true), 2);
    let told = [(28, DELTA, function, 0), edge(function)];
    assert_eq!(parts(&[&CIE, &fde(28)], &told, false), 2);
    assert_eq!(parts(&[&CIE, &CIE], &[], false), 2);
}

#[test]
fn an_fde_is_linked_if_its_function_is_and_takes_its_tables_along() {
    let mut unwound = Unwound::new(Origin::Archive, 2);
    let frames = unwound.frames(content(&[&CIE_WITH_TABLES, &fde(36), &fde(60), &CIE]));
    let routine = (unwound.builder).block(".text", Protection::ReadExecute, &[0xc3; 4]);
    let routine_symbol = unwound.builder.symbol("routine", routine, 0);
    let tables =
        [(); 2].map(|()| (unwound.builder).block(".gcc_except_table", Protection::Read, &[0; 8]));
    let [f, g] = [unwound.symbols[0], unwound.symbols[1]];
    let [a, b] = tables.map(|block| unwound.builder.symbol("", block, 0));
    let edges = [
        (PERSONALITY, DELTA, routine_symbol, 0),
        (32 + FUNCTION, DELTA, f, 0),
        (32 + TABLES, DELTA, a, 0),
        (56 + FUNCTION, DELTA, g, 0),
        (56 + TABLES, DELTA, b, 0),
    ];
    unwound.builder.edges(frames, &edges);
    unwound.builder.object("c.o", Origin::Given);
    let main = unwound
        .builder
        .block(".data", Protection::ReadWrite, &[0; 8]);
    unwound.builder.edges(main, &[(0, POINTER, g, 0)]);
    let mut blocks = unwound.split(frames);
    blocks.extend([routine, tables[0], tables[1]]);
    // The CIE, neither the first function's FDE nor its tables; the second CIE is of nobody.
    let expected = [true, false, true, false, true, false, true];
    assert_eq!(unwound.live(&blocks), expected);
}

#[test]
fn nothing_of_an_archive_is_linked_for_its_unwind_information_alone() {
    let mut unwound = Unwound::new(Origin::Archive, 1);
    let frames = unwound.frames(content(&[&CIE, &fde(28)]));
    let edges = [(24 + FUNCTION, DELTA, unwound.symbols[0], 0)];
    unwound.builder.edges(frames, &edges);
    let blocks = unwound.split(frames);
    assert_eq!(unwound.live(&blocks), [false; 2]);
    assert!(!unwound.builder.is_live(unwound.functions[0]));
    let graph = &mut unwound.builder.graph;
    locate(graph).unwrap();
    assert_eq!(graph.unwind_records, None);
}

#[test]
fn an_fde_whose_function_was_discarded_is_left_out() {
    let mut unwound = Unwound::new(Origin::Given, 1);
    let frames = unwound.frames(content(&[&CIE, &fde(28), &fde(52)]));
    let edges = [(48 + FUNCTION, DELTA, unwound.symbols[0], 0)];
    unwound.builder.edges(frames, &edges);
    let blocks = unwound.split(frames);
    assert_eq!(unwound.live(&blocks), [true, false, true]);
}

#[test]
fn an_fde_of_what_lies_elsewhere_is_linked_with_its_object() {
    let mut unwound = Unwound::new(Origin::Given, 0);
    let frames = unwound.frames(content(&[&CIE, &fde(28)]));
    let elsewhere = Definition::Absolute(TargetAddr::new(0x1000));
    let elsewhere = unwound.builder.define("elsewhere", elsewhere);
    let edges = [(24 + FUNCTION, DELTA, elsewhere, 0)];
    unwound.builder.edges(frames, &edges);
    let blocks = unwound.split(frames);
    assert_eq!(unwound.live(&blocks), [true; 2]);
}

#[test]
fn a_distance_within_the_section_gets_an_edge() {
    let mut unwound = Unwound::new(Origin::Given, 1);
    // The routine's address leads to the second FDE, the tables' to the CIE.
    let mut cie = CIE_WITH_TABLES;
    cie[19..23].copy_from_slice(&(56 - 19_i32).to_le_bytes());
    let mut first = fde(36);
    first[17..21].copy_from_slice(&(-32 - 17_i32).to_le_bytes());
    let frames = unwound.frames(content(&[&cie, &first, &fde(60)]));
    let edges = [(32 + FUNCTION, DELTA, unwound.symbols[0], 0)];
    unwound.builder.edges(frames, &edges);
    let records = unwound.split(frames);
    let personality = [(PERSONALITY, DELTA, records[2])];
    assert_eq!(unwound.edges(records[0]), personality);
    let tables = (TABLES, DELTA, records[0]);
    assert!(unwound.edges(records[1]).contains(&tables));
}

#[test]
fn a_cie_that_is_not_understood_keeps_nobody_from_linking() {
    let mut unwound = Unwound::new(Origin::Archive, 2);
    let mut unknown = CIE;
    unknown[9] = b'y';
    let frames = unwound.frames(content(&[&unknown, &fde(28), &fde(52)]));
    let [f, g] = [unwound.symbols[0], unwound.symbols[1]];
    let edges = [(24 + FUNCTION, DELTA, f, 0), (48 + FUNCTION, DELTA, g, 0)];
    unwound.builder.edges(frames, &edges);
    unwound.builder.object("c.o", Origin::Given);
    let main = unwound
        .builder
        .block(".data", Protection::ReadWrite, &[0; 8]);
    unwound.builder.edges(main, &[(0, POINTER, g, 0)]);
    let records = unwound.split(frames);
    assert_eq!(unwound.live(&records), [true, false, true]);
}

#[test]
fn a_relocation_may_lead_to_the_cie() {
    let mut unwound = Unwound::new(Origin::Given, 1);
    let frames = unwound.frames(content(&[&CIE, &fde(0)]));
    let cie = unwound.builder.symbol("", frames, 0);
    let edges = [
        (28, CIE_POINTER, cie, 0),
        (24 + FUNCTION, DELTA, unwound.symbols[0], 0),
    ];
    unwound.builder.edges(frames, &edges);
    let records = unwound.split(frames);
    let expected = [
        (4, CIE_POINTER, frames),
        (FUNCTION, DELTA, unwound.functions[0]),
    ];
    assert_eq!(unwound.edges(records[1]), expected);
    assert_eq!(unwound.live(&records), [true; 2]);
}

#[test]
fn words_of_zero_are_left_out_and_what_they_are_called_by_goes_to_the_end() {
    let mut unwound = Unwound::new(Origin::Given, 1);
    let end = unwound.frames(&[0; 4]);
    let frames = unwound.frames(content(&[&CIE, &[0; 4], &fde(32), &[0; 4]]));
    let edges = [(28 + FUNCTION, DELTA, unwound.symbols[0], 0)];
    unwound.builder.edges(frames, &edges);
    let symbol = unwound.builder.symbol("__FRAME_END__", end, 0);
    let mut records = unwound.split(frames);
    records.push(end);
    assert_eq!(unwound.live(&records), [true, false, true, false, false]);
    let (place, _) = unwound.builder.place(symbol);
    let graph = &unwound.builder.graph;
    assert!(unwound.builder.is_live(place));
    let last = graph.block_in_order(graph.blocks.len() - 1);
    assert_eq!((place, graph.content(place)), (last, Some(&[0; 4][..])));
}

#[test]
fn records_leave_no_gap_whatever_their_sizes_are() {
    let sizes: [(&[u8], Alignment); 3] = [
        (&[4, 0, 0, 0, 28, 0, 0, 0], Alignment::EIGHT),
        (&[8, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0], Alignment::FOUR),
        (&[5, 0, 0, 0, 28, 0, 0, 0, 0], Alignment::ONE),
    ];
    for (odd, alignment) in sizes {
        let mut unwound = Unwound::new(Origin::Given, 0);
        let empty = unwound.frames(&[]);
        unwound.frames(content(&[&CIE, odd]));
        unwound.split(empty);
        for (_, block) in unwound.builder.graph.blocks() {
            let section = unwound.builder.graph.sections.at(block.section);
            assert_eq!((block.alignment, block.alignment_offset()), (alignment, 0));
            assert_eq!(
                (section.role, section.is_bounded),
                (SectionRole::Unwind, true)
            );
        }
    }
}

#[test]
fn what_is_broken_is_told_with_its_place() {
    let cases: [(&[&[u8]], &str, &str); 4] = [
        (
            &[&CIE, &fde(27)],
            "b.o: .eh_frame+0x1c: ",
            "no CIE stands 0x1b bytes before",
        ),
        (
            &[&CIE, &[99, 0, 0, 0, 28, 0, 0, 0]],
            "b.o: .eh_frame+0x18: ",
            "longer than",
        ),
        (
            &[&CIE, &[2, 0, 0, 0, 28, 0]],
            "b.o: .eh_frame+0x18: ",
            "shorter than",
        ),
        (
            &[&CIE, &[0, 0]],
            "b.o: .eh_frame+0x18: ",
            "ends within the length",
        ),
    ];
    for (parts, place, reason) in cases {
        let mut unwound = Unwound::new(Origin::Given, 0);
        unwound.frames(content(parts));
        let error = format!("{}", split(&mut unwound.builder.graph).unwrap_err());
        assert!(
            error.starts_with(place) && error.contains(reason),
            "{error}"
        );
    }
}

#[test]
fn a_relocation_across_two_records_is_refused() {
    let mut unwound = Unwound::new(Origin::Given, 1);
    let frames = unwound.frames(content(&[&CIE, &fde(28)]));
    unwound
        .builder
        .edges(frames, &[(22, DELTA, unwound.symbols[0], 0)]);
    let error = format!("{}", split(&mut unwound.builder.graph).unwrap_err());
    assert!(error.starts_with("b.o: .eh_frame+0x18: "), "{error}");
}

#[test]
fn sections_without_bytes_in_the_file_are_left_alone() {
    let mut unwound = Unwound::new(Origin::Given, 0);
    let frames = unwound.frames(&[]);
    let zeros = Content::ZeroFill(8);
    unwound.builder.graph.set_content(frames, zeros).unwrap();
    split(&mut unwound.builder.graph).unwrap();
    assert_eq!(unwound.builder.graph.blocks.len(), 1);
    assert_eq!(unwound.live(&[frames]), [true]);
}

#[test]
fn a_heap_without_room_is_an_error() {
    let mut failures = 0;
    loop {
        let mut unwound = Unwound::new(Origin::Given, 2);
        let frames = unwound.frames(content(&[&CIE, &fde(28), &fde(52), &[0; 4]]));
        let [f, g] = [unwound.symbols[0], unwound.symbols[1]];
        let edges = [(24 + FUNCTION, DELTA, f, 0), (48 + FUNCTION, DELTA, g, 0)];
        unwound.builder.edges(frames, &edges);
        let graph = &mut unwound.builder.graph;
        if crate::base::failing_heap::fail_after(failures, || split(graph)).is_ok() {
            break;
        }
        failures += 1;
    }
    assert!(failures > 5, "{failures}");
}
