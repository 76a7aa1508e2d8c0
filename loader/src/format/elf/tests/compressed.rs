//! Compressed sections: by flag, and by their older names.

use std::vec::Vec;

use object::elf::{self, CompressionType};

use super::file::{
    Bytes, FIRST, Section, global, loaded, not_loaded, object, relocation, table, words,
};
use super::{edges, error_with_debug, graph_with_debug, section};
use crate::base::{Alignment, failing_heap};
use crate::format::FormatFault;
use crate::format::elf::unpack::{self, Method};

/// What is compressed here: text that is like itself.
fn text() -> Vec<u8> {
    let lines = (0..5_000).map(|line| std::format!("line {line} of {}\n", line % 7));
    lines.collect::<std::string::String>().into_bytes()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// The same bytes, packed in each way.
fn packed(bytes: &[u8]) -> [(Method, Vec<u8>); 2] {
    [
        (Method::Zlib, zlib(bytes)),
        (Method::Zstandard, zstandard(bytes)),
    ]
}

/// A compressed section that announces so many bytes, aligned to 4.
fn compressed(kind: CompressionType, size_bytes: usize, packed: &[u8]) -> Section {
    let mut bytes = words(&[kind.0.into(), size_bytes as u64, 4]);
    bytes.extend(packed);
    Section {
        flags: elf::SHF_COMPRESSED.0,
        bytes: Bytes::Own(bytes),
        ..not_loaded(".debug_info")
    }
}

/// What is said of one compressed section.
fn error_of(kind: CompressionType, size_bytes: usize, packed: &[u8]) -> std::string::String {
    let section = compressed(kind, size_bytes, packed);
    error_with_debug(&object(&[], std::vec![section]))
}

#[test]
fn compressed_sections_are_read_as_if_they_were_not() {
    let text = text();
    for (kind, packed) in [
        (elf::ELFCOMPRESS_ZLIB, zlib(&text)),
        (elf::ELFCOMPRESS_ZSTD, zstandard(&text)),
    ] {
        assert!(packed.len() < text.len());
        let sections = std::vec![
            compressed(kind, text.len(), &packed),
            // Offsets are those of what the bytes stand for.
            table(
                elf::SHT_RELA,
                FIRST,
                words(&[text.len() as u64 - 8, 1 << 32 | 1, 5])
            ),
        ];
        let bytes = object(&[global("function", 0)], sections);
        let graph = graph_with_debug(&bytes);
        let (_, block) = section(&graph, ".debug_info");
        assert_eq!(block.alignment, Alignment::new(4).unwrap());
        let (id, _) = graph.blocks.iter().next().unwrap();
        assert_eq!(graph.content(id), Some(&text[..]));
        let [edge] = edges(&graph, ".debug_info") else {
            panic!()
        };
        assert_eq!(edge.offset as usize, text.len() - 8);
    }
}

#[test]
fn addends_are_read_from_what_compressed_bytes_stand_for() {
    let sections = std::vec![
        compressed(elf::ELFCOMPRESS_ZLIB, 16, &zlib(&words(&[0, 42]))),
        table(elf::SHT_REL, FIRST, words(&[8, 1 << 32 | 1])),
    ];
    let bytes = object(&[global("function", 0)], sections);
    let graph = graph_with_debug(&bytes);
    assert_eq!(graph.addend(&edges(&graph, ".debug_info")[0]), 42);
}

#[test]
fn sections_of_the_older_names_are_read_as_those_of_today() {
    let text = text();
    let mut bytes = b"ZLIB".to_vec();
    bytes.extend((text.len() as u64).to_be_bytes());
    bytes.extend(zlib(&text));
    let legacy = Section {
        bytes: Bytes::Own(bytes),
        ..not_loaded(".zdebug_info")
    };
    // What gained nothing by it was left as it was.
    let sections = std::vec![legacy, not_loaded(".zdebug_str"), relocation(FIRST, 0)];
    let bytes = object(&[], sections);
    let graph = graph_with_debug(&bytes);
    assert_eq!(
        section(&graph, ".debug_info").1.content.size_bytes(),
        text.len() as u64
    );
    assert_eq!(section(&graph, ".debug_str").1.content.size_bytes(), 16);
}

#[test]
fn a_compressed_section_that_is_loaded_is_unpacked_too() {
    let section = Section {
        flags: elf::SHF_ALLOC.0 | elf::SHF_COMPRESSED.0,
        ..compressed(elf::ELFCOMPRESS_ZLIB, 3, &zlib(b"abc"))
    };
    let bytes = object(&[], std::vec![loaded(".text"), section]);
    let graph = super::graph_of(&bytes);
    let (id, _) = graph.blocks.iter().next_back().unwrap();
    assert_eq!(graph.content(id), Some(&b"abc"[..]));
}

#[test]
fn a_compressed_section_is_exactly_as_long_as_it_announces() {
    let text = text();
    for (kind, packed) in [
        (elf::ELFCOMPRESS_ZLIB, zlib(&text)),
        (elf::ELFCOMPRESS_ZSTD, zstandard(&text)),
    ] {
        assert!(error_of(kind, text.len() - 1, &packed).contains("more than it announces"));
        assert!(error_of(kind, text.len() + 1, &packed).contains("less than it announces"));
        assert!(error_of(kind, 0, &packed).contains("more than it announces"));
        let much = error_of(kind, packed.len() * 1033, &packed);
        assert!(
            much.contains("odd.o: .debug_info+0x0: damaged: a compressed section claims"),
            "{much}"
        );
    }
    assert!(error_of(CompressionType(9), 4, b"abcd").contains("compression of kind 9"));
}

#[test]
fn a_compressed_section_cut_or_changed_anywhere_is_damage_or_other_bytes() {
    let text = &text()[..600];
    for (kind, packed) in packed(text) {
        for len in 0..packed.len() {
            assert!(
                unpack::unpack(kind, &packed[..len], text.len()).is_err(),
                "{kind:?} {len}"
            );
        }
        for bit in 0..packed.len() * 8 {
            let mut changed = packed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(bytes) = unpack::unpack(kind, &changed, text.len()) {
                assert_eq!(bytes.len(), text.len());
            }
        }
    }
}

#[test]
fn whichever_allocation_fails_unpacking_is_an_error_and_nothing_stays() {
    let text = text();
    for (kind, packed) in packed(&text) {
        let before = failing_heap::live_bytes();
        let mut failures = 0;
        for allocations in 0..100 {
            let unpacked = failing_heap::fail_after(allocations, || {
                unpack::unpack(kind, &packed, text.len()).map(|bytes| bytes.len())
            });
            match unpacked {
                Ok(len) => assert_eq!(len, text.len()),
                Err(fault) => {
                    assert!(matches!(fault, FormatFault::Heap(_)), "{fault:?}");
                    failures += 1;
                }
            }
            assert_eq!(failing_heap::live_bytes(), before);
        }
        assert!(failures > 0, "{kind:?}");
    }
}

#[test]
fn nothing_compressed_is_nothing() {
    for (method, packed) in [
        (Method::Zlib, zlib(&[])),
        (Method::Zstandard, zstandard(&[])),
        (Method::Zstandard, Vec::new()),
    ] {
        assert!(unpack::unpack(method, &packed, 0).unwrap().is_empty());
    }
}

#[test]
fn compressed_sections_that_lie_over_each_other_are_damage() {
    let text = text();
    let mut sections = std::vec![compressed(elf::ELFCOMPRESS_ZLIB, text.len(), &zlib(&text))];
    sections.extend((0..100).map(|_| Section {
        bytes: Bytes::Of(FIRST),
        ..compressed(elf::ELFCOMPRESS_ZLIB, 0, &[])
    }));
    let error = error_with_debug(&object(&[], sections));
    assert!(error.contains("compressed sections overlap"), "{error}");
}

#[test]
fn compressed_sections_that_are_not_asked_for_are_not_looked_at() {
    let section = compressed(CompressionType(9), 4, b"abcd");
    super::graph_of(&object(&[], std::vec![section]));
}
