//! A writer of objects that no compiler writes: each field can be given any value.

use std::collections::HashMap;
use std::vec::Vec;

use object::elf::{self, SectionType};

/// A symbol's section that is none: the value is an address.
pub(crate) const ABSOLUTE: u32 = 0xffff_fff1;
/// A symbol's section that is none: the value is an alignment.
pub(crate) const COMMON: u32 = 0xffff_fff2;
/// A symbol's section that is none, on x86-64: the value is an alignment, and 32-bit distances may not reach it.
pub(crate) const LARGE_COMMON: u32 = 0xffff_ff02;
/// Added to the index of a symbol's section: it stands in the table of extended indices, though it needn't.
pub(crate) const EXTENDED: u32 = 0x4000_0000;
/// The index of the first section of those that a test gives; the symbol table is 1, the string table 2.
pub(crate) const FIRST: u32 = 3;

/// A symbol.
#[derive(Clone, Copy)]
pub(crate) struct Symbol {
    pub(crate) name: &'static str,
    /// `st_name`, if it isn't where the name is.
    pub(crate) name_offset: Option<u32>,
    pub(crate) binding: u8,
    pub(crate) symbol_type: u8,
    pub(crate) visibility: u8,
    pub(crate) section: u32,
    pub(crate) value: u64,
    pub(crate) size: u64,
}

/// A global without type, defined at 0 by the section of this index.
pub(crate) const fn global(name: &'static str, section: u32) -> Symbol {
    Symbol {
        name,
        name_offset: None,
        binding: elf::STB_GLOBAL.0,
        symbol_type: elf::STT_NOTYPE.0,
        visibility: elf::STV_DEFAULT.0,
        section,
        value: 0,
        size: 0,
    }
}

/// A local without type.
pub(crate) const fn local(name: &'static str, section: u32) -> Symbol {
    Symbol {
        binding: elf::STB_LOCAL.0,
        ..global(name, section)
    }
}

/// A weak name without type.
pub(crate) const fn weak(name: &'static str, section: u32) -> Symbol {
    Symbol {
        binding: elf::STB_WEAK.0,
        ..global(name, section)
    }
}

/// A section's bytes, or those of an earlier section once more.
pub(crate) enum Bytes {
    Own(Vec<u8>),
    Of(u32),
}

/// A section.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) section_type: SectionType,
    pub(crate) flags: u64,
    pub(crate) bytes: Bytes,
    pub(crate) link: u32,
    pub(crate) info: u32,
    pub(crate) alignment: u64,
}

/// A section of 16 zeros that is loaded.
pub(crate) fn loaded(name: &'static str) -> Section {
    Section {
        name,
        section_type: elf::SHT_PROGBITS,
        flags: elf::SHF_ALLOC.0,
        bytes: Bytes::Own(std::vec![0; 16]),
        link: 0,
        info: 0,
        alignment: 8,
    }
}

/// A section of 16 zeros that isn't loaded.
pub(crate) fn not_loaded(name: &'static str) -> Section {
    Section {
        flags: 0,
        ..loaded(name)
    }
}

/// The group that the symbol of this index names, with these sections.
pub(crate) fn group(symbol: u32, flags: elf::GroupFlags, members: &[u32]) -> Section {
    let words = [flags.0].into_iter().chain(members.iter().copied());
    Section {
        section_type: elf::SHT_GROUP,
        bytes: Bytes::Own(words.flat_map(u32::to_le_bytes).collect()),
        link: 1,
        info: symbol,
        ..not_loaded(".group")
    }
}

/// A table of relocations, encoded already, of a section.
pub(crate) fn table(section_type: SectionType, section: u32, bytes: Vec<u8>) -> Section {
    Section {
        section_type,
        bytes: Bytes::Own(bytes),
        link: 1,
        info: section,
        ..not_loaded(".relocations")
    }
}

/// One R_X86_64_64 against a symbol, at the start of a section.
pub(crate) fn relocation(section: u32, symbol: u64) -> Section {
    table(
        elf::SHT_RELA,
        section,
        words(&[0, symbol << 32 | u64::from(elf::R_X86_64_64.0), 0]),
    )
}

/// Numbers as the file holds them.
pub(crate) fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// An object with these symbols, from 1 on, and these sections, from [`FIRST`] on.
pub(crate) fn object(symbols: &[Symbol], sections: Vec<Section>) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut symbol_bytes = std::vec![0; 24];
    let mut extended = std::vec![0; 4];
    for symbol in symbols {
        let place = strings.place_of(symbol.name);
        let (index, more) = section_index(symbol.section);
        symbol_bytes.extend(symbol.name_offset.unwrap_or(place).to_le_bytes());
        symbol_bytes.extend([symbol.binding << 4 | symbol.symbol_type, symbol.visibility]);
        symbol_bytes.extend(index.to_le_bytes());
        symbol_bytes.extend(symbol.value.to_le_bytes());
        symbol_bytes.extend(symbol.size.to_le_bytes());
        extended.extend(more.to_le_bytes());
    }
    let locals = symbols.iter().take_while(|symbol| symbol.binding == 0);
    let mut all = std::vec![
        Section {
            section_type: elf::SHT_SYMTAB,
            bytes: Bytes::Own(symbol_bytes),
            link: 2,
            info: 1 + locals.count() as u32,
            ..not_loaded(".symtab")
        },
        Section {
            section_type: elf::SHT_STRTAB,
            bytes: Bytes::Own(Vec::new()),
            ..not_loaded(".strtab")
        },
    ];
    all.extend(sections);
    if extended.iter().any(|&byte| byte != 0) {
        all.push(Section {
            section_type: elf::SHT_SYMTAB_SHNDX,
            bytes: Bytes::Own(extended),
            link: 1,
            ..not_loaded(".symtab_shndx")
        });
    }
    let names: Vec<u32> = all.iter().map(|one| strings.place_of(one.name)).collect();
    all[1].bytes = Bytes::Own(strings.bytes);
    file_of(&all, &names)
}

/// A section's index as a symbol tells it: in 16 bits, and in a table of its own where these don't hold it.
fn section_index(section: u32) -> (u16, u32) {
    match section {
        0..0xff00 => (section as u16, 0),
        0xffff_ff00.. => (section as u16, 0),
        EXTENDED.. => (elf::SHN_XINDEX.0, section - EXTENDED),
        _ => (elf::SHN_XINDEX.0, section),
    }
}

fn file_of(all: &[Section], names: &[u32]) -> Vec<u8> {
    let mut file = std::vec![0; 64];
    let mut places: Vec<(u64, u64)> = std::vec![(0, 0)];
    for section in all {
        places.push(match &section.bytes {
            Bytes::Of(other) => places[*other as usize],
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
    let count = all.len() as u64 + 1;
    const STRINGS: u16 = 2;
    // Where sixteen bits are too few, section 0 tells the count and which section holds the names.
    let (short_count, strings, long_count, long_strings) = match u16::try_from(count) {
        Ok(short) if short < elf::SHN_LORESERVE => (short, STRINGS, 0, 0),
        _ => (0, elf::SHN_XINDEX.0, count, u64::from(STRINGS)),
    };
    file.extend(words(&[0, 0, 0, 0, long_count, long_strings, 0, 0]));
    for ((section, &name), (offset, size)) in all.iter().zip(names).zip(&places[1..]) {
        let entry_size = match section.section_type {
            elf::SHT_SYMTAB | elf::SHT_RELA => 24,
            elf::SHT_REL => 16,
            elf::SHT_GROUP | elf::SHT_SYMTAB_SHNDX => 4,
            _ => 0,
        };
        file.extend(words(&[
            u64::from(name) | u64::from(section.section_type.0) << 32,
            section.flags,
            0,
            *offset,
            *size,
            u64::from(section.link) | u64::from(section.info) << 32,
            section.alignment,
            entry_size,
        ]));
    }
    file[..16].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    file[16..24].copy_from_slice(&[1, 0, 62, 0, 1, 0, 0, 0]);
    file[40..48].copy_from_slice(&headers.to_le_bytes());
    file[52] = 64;
    file[58] = 64;
    file[60..62].copy_from_slice(&short_count.to_le_bytes());
    file[62..64].copy_from_slice(&strings.to_le_bytes());
    file
}

/// A string table.
struct Strings {
    bytes: Vec<u8>,
    places: HashMap<&'static str, u32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            bytes: std::vec![0],
            places: HashMap::from([("", 0)]),
        }
    }
}

impl Strings {
    fn place_of(&mut self, text: &'static str) -> u32 {
        let end = self.bytes.len() as u32;
        *self.places.entry(text).or_insert_with(|| {
            self.bytes.extend(text.as_bytes());
            self.bytes.push(0);
            end
        })
    }
}
