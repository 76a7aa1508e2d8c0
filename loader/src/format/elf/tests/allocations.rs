//! Reading when the heap has no room: an error, whichever allocation fails, and nothing stays.

use std::vec::Vec;

use object::elf;

use super::file::{
    Bytes, FIRST, Section, Symbol, global, group, loaded, not_loaded, object, relocation, table,
    words,
};
use crate::base::{Machine, failing_heap};
use crate::format::{FormatFault, ReadOptions, read_object};
use crate::graph::{LinkGraph, Object, Origin};

/// An object with something of everything that is allocated for.
fn varied() -> Vec<u8> {
    let text = std::vec![b'x'; 4_000];
    let mut packed = words(&[1, text.len() as u64, 1]);
    packed.extend(miniz_oxide::deflate::compress_to_vec_zlib(&text, 6));
    let sections = std::vec![
        loaded(".text"),
        group(1, elf::GRP_COMDAT, &[FIRST, FIRST + 2]),
        loaded(".data"),
        relocation(FIRST, 0),
        table(elf::SHT_CREL, FIRST + 2, std::vec![1 << 3, 0b11, 1, 1]),
        Section {
            flags: elf::SHF_ALLOC.0 | elf::SHF_LINK_ORDER.0,
            link: FIRST,
            ..loaded("entries")
        },
        Section {
            flags: elf::SHF_COMPRESSED.0,
            bytes: Bytes::Own(packed),
            ..not_loaded(".debug_str")
        },
    ];
    let wide = Symbol {
        size: 1 << 40,
        ..global("wide", FIRST)
    };
    object(
        &[global("first", FIRST), wide, global("missing", 0)],
        sections,
    )
}

#[test]
fn whichever_allocation_fails_it_is_an_error_and_nothing_stays() {
    let bytes = varied();
    let before = failing_heap::live_bytes();
    let read = |count| {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = Object {
            origin: Origin::Archive,
            ..Object::new("varied.o")
        };
        let options = ReadOptions { debug: true };
        failing_heap::fail_after(count, || {
            read_object(&mut graph, object, &bytes, options).map(|_| ())
        })
    };
    let mut failures = 0;
    while let Err(error) = read(failures) {
        assert!(matches!(error.fault, FormatFault::Heap(_)), "{error}");
        assert_eq!(failing_heap::live_bytes(), before);
        failures += 1;
        assert!(failures < 1_000);
    }
    assert!(failures > 10, "{failures}");
}

#[test]
fn what_loads_many_addresses_has_room_for_their_words() {
    let symbols = [global("one", FIRST); 64].map(|symbol| Symbol {
        binding: elf::STB_LOCAL.0,
        ..symbol
    });
    let load = u64::from(elf::R_X86_64_GOTPCREL.0);
    let relocations = |loads_per_16: u64| {
        let of_type = |place: u64| match place / 64 % 16 < loads_per_16 {
            true => load,
            false => elf::R_X86_64_PC32.0.into(),
        };
        let rows = (0..64 * 16).map(|place| [0, 1 << 32 | of_type(place), 0]);
        let table = table(
            elf::SHT_RELA,
            FIRST,
            words(&rows.flatten().collect::<Vec<_>>()),
        );
        object(&symbols, std::vec![loaded(".text"), table])
    };
    for (loads_per_16, room) in [(0, 2), (1, 2), (2, 8), (16, 8)] {
        let bytes = relocations(loads_per_16);
        let mut graph = LinkGraph::new(Machine::X86_64);
        read_object(
            &mut graph,
            Object::new("a.o"),
            &bytes,
            ReadOptions::default(),
        )
        .unwrap();
        let block = graph.blocks.ids().next().unwrap();
        let words = failing_heap::fail_after(0, || {
            let added = (0..64).map(|_| graph.add_anonymous(block, 0, 8));
            added.take_while(Result::is_ok).count()
        });
        // The symbol that every table begins with counts as one that stands elsewhere, and takes no room itself.
        assert_eq!(words - 1, room, "{loads_per_16}");
    }
}

#[test]
fn names_lead_to_their_own_symbols_whichever_allocation_fails() {
    let numbered = |number| std::boxed::Box::leak(std::format!("symbol {number}").into_boxed_str());
    let sections = [0, FIRST, FIRST];
    let symbols: Vec<_> = (0..300)
        .map(|number| global(numbered(number), sections[number % 3]))
        .collect();
    let mut bytes = object(&symbols, std::vec![loaded(".text")]);
    let headers = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    // Where the header tells how many are local: the less names are expected, the oftener their table grows.
    let first_global = headers + 64 + 44;
    let mut failures = 0;
    for told in [u32::MAX, 250, 200, 1] {
        bytes[first_global..first_global + 4].copy_from_slice(&told.to_le_bytes());
        for allocations in 0.. {
            let mut graph = LinkGraph::new(Machine::X86_64);
            let read = failing_heap::fail_after(allocations, || {
                let object = Object::new("a.o");
                read_object(&mut graph, object, &bytes, ReadOptions::default()).is_ok()
            });
            graph.verify().unwrap();
            for (id, symbol) in graph.symbols.iter() {
                assert_eq!(graph.find(symbol.name), Some(id));
            }
            if read {
                break;
            }
            failures += 1;
        }
    }
    assert!(failures > 10, "{failures}");
}
