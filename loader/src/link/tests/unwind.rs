//! Unwind information as it lies in memory, read as an unwinder does.

use std::vec::Vec;

use super::{Builder, Linked, Machine, MockFinalized, POINTER, Protection, text};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{BlockId, Origin, SymbolId};

const DELTA: EdgeKind = EdgeKind::Data(DataKind::Delta32);

/// A CIE of 24 bytes; FDEs hold distances of four bytes.
const CIE: [u8; 24] = [
    20, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0,
];

/// An FDE of 20 bytes: sections of an odd number of them don't fill their alignment.
const fn fde(back: u8) -> [u8; 20] {
    [
        16, 0, 0, 0, back, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
    ]
}

/// Adds a function for each FDE of a section with one CIE.
fn add_functions<const COUNT: usize>(builder: &mut Builder) -> [(BlockId, SymbolId); COUNT] {
    let functions = [(); COUNT].map(|()| {
        let block = builder.block(".text", Protection::ReadExecute, text(&[0xc3; 4]));
        let function = builder.graph.add_anonymous(block, 0, 4).unwrap();
        (block, function)
    });
    let mut bytes = Vec::from(CIE);
    let mut edges = Vec::new();
    for (_, symbol) in functions {
        let back = u8::try_from(bytes.len() + 4).unwrap();
        edges.push((u32::from(back) + 4, DELTA, symbol, 0));
        bytes.extend(fde(back));
    }
    let frames = builder.block(".eh_frame", Protection::Read, text(bytes.leak()));
    builder.edges(frames, &edges);
    functions
}

/// The functions that the linked records describe, in the order of the records.
fn walk(builder: &Builder, linked: &Linked<MockFinalized>) -> Vec<u64> {
    let range = builder.graph.unwind_records.unwrap();
    let mut segments = linked.segments.iter().flatten().enumerate();
    let (place, segment) = segments
        .find(|(_, segment)| segment.range.contains_range(range))
        .unwrap();
    let bytes = linked.memory.segment(place).unwrap().bytes;
    let at = |address: u64| usize::try_from(address - segment.range.first().value()).unwrap();
    let word = |address: u64| {
        let bytes = bytes[at(address)..][..4].try_into().unwrap();
        u64::from(u32::from_le_bytes(bytes))
    };
    let mut functions = Vec::new();
    let mut record = range.first().value();
    while word(record) != 0 {
        if word(record + 4) != 0 {
            let cie = record + 4 - word(record + 4);
            assert_eq!(bytes[at(cie)..][..24], CIE);
            let distance = word(record + 8) as i32;
            functions.push((record + 8).wrapping_add_signed(distance.into()));
        }
        record += 4 + word(record);
    }
    assert_eq!(record + 3, range.last().value(), "the end is counted");
    functions
}

#[test]
fn records_of_linked_functions_lie_at_one_stretch_that_ends_with_a_zero() {
    let mut builder = Builder::new(Machine::X86_64);
    let [first] = add_functions(&mut builder);
    builder.block(".rodata", Protection::Read, text(&[0xff; 8]));
    builder.add_object("member.o", Origin::Archive);
    let [left_out, wanted, also] = add_functions(&mut builder);
    builder.add_object("b.o", Origin::Given);
    let main = builder.block(".data", Protection::ReadWrite, text(&[0; 16]));
    builder.edges(main, &[(0, POINTER, wanted.1, 0), (8, POINTER, also.1, 0)]);
    let [last] = add_functions(&mut builder);
    let linked = builder.link(&[]).unwrap();
    assert!(!builder.graph.blocks.at(left_out.0).is_live);
    let expected = [first, wanted, also, last].map(|(block, _)| builder.at(block));
    assert_eq!(walk(&builder, &linked), expected);
}

#[test]
fn a_program_without_unwind_information_has_no_records() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.block(".text", Protection::ReadExecute, text(&[0xc3; 4]));
    builder.link(&[]).unwrap();
    assert_eq!(builder.graph.unwind_records, None);
}
