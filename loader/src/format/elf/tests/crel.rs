//! Compact relocations, their bytes written by hand.

use std::string::String;
use std::vec::Vec;

use object::elf;

use super::file::{FIRST, global, loaded, object, table};
use super::{edges, error_of, graph_of};
use crate::edge::{DataKind, EdgeKind};

/// Two functions' worth of sixteen bytes, of which the second word is 7, with a compact table.
fn with_table(bytes: &[u8]) -> Vec<u8> {
    let mut data = loaded(".data");
    let mut content = std::vec![0; 16];
    content[8] = 7;
    data.bytes = super::file::Bytes::Own(content);
    let symbols = [global("first", FIRST), global("second", FIRST)];
    object(
        &symbols,
        std::vec![data, table(elf::SHT_CREL, FIRST, bytes.to_vec())],
    )
}

/// Offset, kind, target's name and addend of each edge.
fn edges_of(bytes: &[u8]) -> Vec<(u32, EdgeKind, String, i64)> {
    let graph = graph_of(bytes);
    let all = edges(&graph, ".data").iter().map(|edge| {
        let name = std::format!("{}", graph.symbols.at(edge.target).name);
        (edge.offset, edge.kind, name, graph.addend(edge))
    });
    all.collect()
}

const POINTER64: EdgeKind = EdgeKind::Data(DataKind::Pointer64);
const DELTA32: EdgeKind = EdgeKind::Data(DataKind::Delta32);

#[test]
fn compact_relocations_with_addends_are_sums_of_what_each_adds() {
    let bytes = with_table(&[
        2 << 3 | 1 << 2,
        // Offset 0, and all three follow: symbol 1, R_X86_64_64, addend -2.
        0b111,
        0x01,
        0x01,
        0x7e,
        // Eight bytes on: symbol 2, R_X86_64_PC32, addend 1000 less -2.
        8 << 3 | 0b111,
        0x01,
        0x01,
        0xea,
        0x07,
    ]);
    assert_eq!(
        edges_of(&bytes),
        [
            (0, POINTER64, "first".into(), -2),
            (8, DELTA32, "second".into(), 1000)
        ]
    );
}

#[test]
fn compact_relocations_without_addends_leave_them_in_the_section() {
    // Offsets are multiples of eight: the second is one step on, by the same symbol and number.
    let bytes = with_table(&[2 << 3 | 3, 0b11, 0x01, 0x01, 1 << 2]);
    assert_eq!(
        edges_of(&bytes),
        [
            (0, POINTER64, "first".into(), 0),
            (8, POINTER64, "first".into(), 7)
        ]
    );
}

#[test]
fn a_compact_offset_may_take_several_bytes() {
    // 3 bits of 100 in the first byte less its flags, the others in the second.
    let offset = 100_u8;
    let first = 0x80 | (offset & 0xf) << 3 | 0b011;
    let bytes = with_table(&[1 << 3 | 1 << 2, first, offset >> 4, 0x01, 0x01]);
    assert!(
        error_of(&bytes).contains(".data+0x64: damaged: R_X86_64_64 against `first` writes past")
    );
}

#[test]
fn a_count_beyond_a_compact_table_is_damage() {
    let bytes = with_table(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    assert!(error_of(&bytes).contains("shorter than its count"));
}

#[test]
fn a_compact_table_cut_anywhere_is_damage() {
    let whole = [
        2 << 3 | 1 << 2,
        0b111,
        0x01,
        0x01,
        0x7e,
        8 << 3 | 0b100,
        0x80,
        0x01,
    ];
    for len in 0..whole.len() {
        assert!(
            error_of(&with_table(&whole[..len])).contains("damaged"),
            "{len}"
        );
    }
    assert_eq!(edges_of(&with_table(&whole)).len(), 2);
}
