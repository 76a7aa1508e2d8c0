//! Objects that no compiler writes: tables that lie over each other, groups that differ, sections of unusual types.

use std::string::ToString;
use std::vec::Vec;

use object::elf;

use crate::base::{Machine, Name};
use crate::format::{FormatError, FormatFault, read_object};
use crate::graph::{LinkGraph, Linkage, Object, Origin, SectionRole};

const NAMES: &[u8] = b"\0group\0inner\0.text\0.eh_frame\0.init_array.7\0";
const GROUP: u32 = 1;
const INNER: u32 = 7;
const TEXT: u32 = 13;
const EH_FRAME: u32 = 19;
const INIT_ARRAY: u32 = 29;

/// Global, defined at 0 by the section of this index.
const fn global(name: u32, section: u16) -> [u64; 3] {
    symbol(name, 0x10, section)
}

/// In two words of the file each: name, binding and type, section; value; size.
const fn symbol(name: u32, info: u64, section: u16) -> [u64; 3] {
    [name as u64 | info << 32 | (section as u64) << 48, 0, 0]
}

/// A section's bytes, or those of an earlier section once more.
enum Bytes {
    Own(Vec<u8>),
    Of(usize),
}

struct Section {
    name: u32,
    section_type: u32,
    flags: u64,
    bytes: Bytes,
    link: u32,
    info: u32,
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A section of 16 zeros that is loaded.
fn loaded(name: u32) -> Section {
    Section {
        name,
        section_type: elf::SHT_PROGBITS.0,
        flags: 2,
        bytes: Bytes::Own(std::vec![0; 16]),
        link: 0,
        info: 0,
    }
}

/// The group of symbol 1 with one section.
fn group(member: u32) -> Section {
    let words = [elf::GRP_COMDAT.0, member];
    Section {
        section_type: elf::SHT_GROUP.0,
        flags: 0,
        bytes: Bytes::Own(words.iter().flat_map(|word| word.to_le_bytes()).collect()),
        link: 1,
        info: 1,
        ..loaded(GROUP)
    }
}

/// One R_X86_64_64 against a symbol, at the start of a section.
fn relocation(section: u32, symbol: u64) -> Section {
    Section {
        section_type: elf::SHT_RELA.0,
        flags: 0,
        bytes: Bytes::Own(words(&[0, symbol << 32 | 1, 0])),
        link: 1,
        info: section,
        ..loaded(0)
    }
}

/// An object with these symbols (section 1) and sections (from 3 on; 2 holds all names).
fn object(symbols: &[[u64; 3]], sections: Vec<Section>) -> Vec<u8> {
    let mut symbol_words = std::vec![0; 3];
    symbol_words.extend(symbols.iter().flatten());
    let first_global = symbols
        .iter()
        .take_while(|symbol| symbol[0] >> 36 & 15 == 0);
    let mut all = std::vec![
        Section {
            section_type: elf::SHT_SYMTAB.0,
            flags: 0,
            bytes: Bytes::Own(words(&symbol_words)),
            link: 2,
            info: 1 + first_global.count() as u32,
            ..loaded(0)
        },
        Section {
            section_type: elf::SHT_STRTAB.0,
            flags: 0,
            bytes: Bytes::Own(NAMES.to_vec()),
            ..loaded(0)
        },
    ];
    all.extend(sections);
    let mut file = std::vec![0; 64];
    let mut places: Vec<(u64, u64)> = std::vec![(0, 0)];
    for section in &all {
        places.push(match &section.bytes {
            Bytes::Of(other) => places[*other],
            Bytes::Own(bytes) => {
                file.resize(file.len().next_multiple_of(8), 0);
                let place = (file.len() as u64, bytes.len() as u64);
                file.extend(bytes);
                place
            }
        });
    }
    file.resize(file.len().next_multiple_of(8), 0);
    let headers = file.len() as u64;
    file.extend([0; 64]);
    for (section, (offset, size)) in all.iter().zip(&places[1..]) {
        let entry_size = match elf::SectionType(section.section_type) {
            elf::SHT_SYMTAB | elf::SHT_RELA => 24,
            elf::SHT_GROUP => 4,
            _ => 0,
        };
        let types = u64::from(section.name) | u64::from(section.section_type) << 32;
        let links = u64::from(section.link) | u64::from(section.info) << 32;
        let header = [
            types,
            section.flags,
            0,
            *offset,
            *size,
            links,
            8,
            entry_size,
        ];
        file.extend(words(&header));
    }
    file[..16].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    file[16..24].copy_from_slice(&[1, 0, 62, 0, 1, 0, 0, 0]);
    file[40..48].copy_from_slice(&headers.to_le_bytes());
    file[52] = 64;
    file[58] = 64;
    file[60..62].copy_from_slice(&(all.len() as u16 + 1).to_le_bytes());
    file[62] = 2;
    file
}

fn read<'a>(graph: &mut LinkGraph<'a>, bytes: &'a [u8]) -> Result<(), FormatError> {
    let object = Object {
        name: Name::from("odd.o"),
        origin: Origin::Given,
    };
    read_object(graph, object, bytes).map(|_| ())
}

fn error_of(bytes: &[u8]) -> std::string::String {
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, bytes).unwrap_err().to_string()
}

#[test]
fn tables_that_lie_over_each_other_are_damage() {
    let rows = words(&[0, 1 << 32 | 1, 0].repeat(100));
    let table = Section {
        bytes: Bytes::Own(rows),
        ..relocation(3, 1)
    };
    let mut sections = std::vec![loaded(TEXT), table];
    for place in 0..100 {
        let again = Bytes::Of(4);
        sections.push(loaded(TEXT));
        sections.push(Section {
            bytes: again,
            ..relocation(5 + 2 * place, 1)
        });
    }
    let bytes = object(&[global(INNER, 3)], sections);
    assert!(error_of(&bytes).contains("tables of relocations overlap"));

    let mut sections = std::vec![loaded(TEXT), group(3)];
    let members = [elf::GRP_COMDAT.0].into_iter().chain([3; 1000]);
    sections[1].bytes = Bytes::Own(members.flat_map(u32::to_le_bytes).collect());
    sections.extend((0..10).map(|_| Section {
        bytes: Bytes::Of(4),
        ..group(3)
    }));
    let bytes = object(&[global(INNER, 3)], sections);
    assert!(error_of(&bytes).contains("section groups overlap"));
}

#[test]
fn names_that_lie_over_each_other_are_damage() {
    let mut long = std::vec![b'a'; 1000];
    long.push(0);
    let symbols: Vec<_> = (0..1000).map(|start| global(start, 3)).collect();
    let mut bytes = object(&symbols, std::vec![loaded(TEXT)]);
    let size = bytes.len();
    bytes.extend(&long);
    let headers = u64::from_le_bytes(bytes[40..48].try_into().unwrap()) as usize;
    let place = words(&[size as u64, long.len() as u64]);
    bytes[headers + 128 + 24..headers + 128 + 40].copy_from_slice(&place);
    // 500,500 bytes of names in 26,000 of file are more than four times as many.
    assert!(error_of(&bytes).contains("names of symbols overlap"));
}

#[test]
fn what_a_discarded_group_held_inside_can_not_be_referred_to() {
    let symbols = [symbol(INNER, 0, 3), global(GROUP, 3)];
    let with_reference_from = |name| {
        let mut sections = std::vec![loaded(TEXT), group(3), loaded(name), relocation(5, 1)];
        sections[1].info = 2;
        object(&symbols, sections)
    };
    let (table, code) = (with_reference_from(EH_FRAME), with_reference_from(TEXT));
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
    let weak = |name| symbol(name, 0x20, 3);
    let first = object(&[weak(GROUP)], std::vec![loaded(TEXT), group(3)]);
    let second = object(
        &[weak(GROUP), weak(INNER)],
        std::vec![loaded(TEXT), group(3)],
    );
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, &first).unwrap();
    read(&mut graph, &second).unwrap();
    let inner = graph.symbols.at(graph.find(Name::from("inner")).unwrap());
    assert!(inner.is_external());
    assert_eq!(inner.linkage, Linkage::Strong);
}

#[test]
fn compact_relocations_are_refused_by_name() {
    let table = Section {
        section_type: elf::SHT_CREL.0,
        ..relocation(3, 1)
    };
    let bytes = object(&[global(INNER, 3)], std::vec![loaded(TEXT), table]);
    assert!(error_of(&bytes).contains("CREL"));
}

#[test]
fn an_array_of_initializers_is_known_by_its_name_too() {
    let bytes = object(&[], std::vec![loaded(INIT_ARRAY)]);
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, &bytes).unwrap();
    let (_, section) = graph.sections.iter().next().unwrap();
    assert_eq!(section.role, SectionRole::Initializers(7));
}

#[test]
fn a_symbol_far_beyond_any_section_is_damage() {
    let mut far = global(INNER, 3);
    far[1] = 1 << 60;
    let bytes = object(&[far], std::vec![loaded(TEXT)]);
    assert!(error_of(&bytes).contains("`inner` lies 0x1000000000000000 bytes into its section"));
}
