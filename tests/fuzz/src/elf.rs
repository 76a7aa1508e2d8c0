//! The tables of an ELF object, as far as a mutator must know them: where they lie, and the fields of their entries.
//!
//! Objects here are damaged more often than not: what can't be found is left out.

use std::ops::Range;

/// A table in an object.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Where its first entry lies in the object.
    pub offset: usize,
    /// How many entries it has.
    pub count: usize,
    /// The widths of an entry's fields, in bytes.
    pub fields: &'static [usize],
    /// Where the object says how large the table is; the section table's size is a count.
    pub size: SizeField,
}

/// Where an object says how large one of its tables is.
#[derive(Clone, Copy, Debug)]
pub enum SizeField {
    /// `e_shnum`.
    SectionCount,
    /// `sh_size` of the section header that begins here.
    OfHeader(usize),
}

/// `e_shoff`, `e_shnum`, and the size of the header that has them.
const E_SHOFF: usize = 40;
const E_SHNUM: usize = 60;
const FILE_HEADER_SIZE: usize = 64;
/// `sh_type`, `sh_offset`, `sh_size` within a section header.
const SH_TYPE: usize = 4;
const SH_OFFSET: usize = 24;
const SH_SIZE: usize = 32;
const SECTION_HEADER: &[usize] = &[4, 4, 8, 8, 8, 8, 4, 4, 8, 8];

/// What a section of some type is a table of. Source: gABI, chapters "Sections", "Symbol Table", "Relocation".
const ENTRIES: &[(u64, &[usize])] = &[
    // SHT_PROGBITS: instructions and data.
    (1, &[4]),
    // SHT_SYMTAB: name, info, other, section, value, size.
    (2, &[4, 1, 1, 2, 8, 8]),
    // SHT_STRTAB.
    (3, &[1]),
    // SHT_RELA: offset, kind, symbol, addend.
    (4, &[8, 4, 4, 8]),
    // SHT_NOTE.
    (7, &[4]),
    // SHT_REL: offset, kind, symbol.
    (9, &[8, 4, 4]),
    // SHT_INIT_ARRAY, SHT_FINI_ARRAY.
    (14, &[8]),
    (15, &[8]),
    // SHT_GROUP: section indices, after a word of flags.
    (17, &[4]),
    // SHT_SYMTAB_SHNDX.
    (18, &[4]),
    // SHT_CREL: LEB128 numbers.
    (0x4000_0014, &[1]),
];

impl Table {
    /// The bytes of one entry.
    pub fn entry_size(&self) -> usize {
        self.fields.iter().sum()
    }

    /// Where an entry lies in the object.
    pub fn entry(&self, index: usize) -> Range<usize> {
        let size = self.entry_size();
        let begin = self.offset + index * size;
        begin..begin + size
    }

    /// Where a field of an entry lies in the object.
    pub fn field(&self, index: usize, field: usize) -> Range<usize> {
        let before: usize = self.fields[..field].iter().sum();
        let begin = self.entry(index).start + before;
        begin..begin + self.fields[field]
    }
}

/// The tables of `object`, all of them within it.
pub fn tables(object: &[u8]) -> Vec<Table> {
    let mut tables = Vec::new();
    let Some(headers) = section_headers(object) else {
        return tables;
    };
    for index in 0..headers.count {
        let header = headers.entry(index).start;
        let kind = number(object, header + SH_TYPE, 4);
        let Some((_, fields)) = ENTRIES.iter().find(|(known, _)| Some(*known) == kind) else {
            continue;
        };
        let size = SizeField::OfHeader(header);
        let offset = number(object, header + SH_OFFSET, 8);
        let length = number(object, header + SH_SIZE, 8);
        if let (Some(offset), Some(length)) = (offset, length) {
            tables.extend(table(object, offset, length, fields, size));
        }
    }
    tables.push(headers);
    tables
}

/// Writes down that a table lies at `offset` now and has `count` entries.
pub fn move_table(object: &mut [u8], table: &Table, offset: usize, count: usize) {
    match table.size {
        SizeField::SectionCount => {
            set_number(object, E_SHOFF..E_SHOFF + 8, offset as u64);
            set_number(object, E_SHNUM..E_SHNUM + 2, count as u64);
        }
        SizeField::OfHeader(header) => {
            let (place, size) = (header + SH_OFFSET, header + SH_SIZE);
            set_number(object, place..place + 8, offset as u64);
            set_number(object, size..size + 8, (count * table.entry_size()) as u64);
        }
    }
}

/// The little-endian number at `offset`.
pub fn number(object: &[u8], offset: usize, width: usize) -> Option<u64> {
    let field = object.get(offset..offset.checked_add(width)?)?;
    let mut bytes = [0; 8];
    bytes.get_mut(..width)?.copy_from_slice(field);
    Some(u64::from_le_bytes(bytes))
}

/// Writes a little-endian number, cut to the width of the field.
pub fn set_number(object: &mut [u8], field: Range<usize>, value: u64) {
    let width = field.len();
    if let (Some(bytes), Some(value)) = (object.get_mut(field), value.to_le_bytes().get(..width)) {
        bytes.copy_from_slice(value);
    }
}

fn section_headers(object: &[u8]) -> Option<Table> {
    let offset = number(object, E_SHOFF, 8)?;
    let count = number(object, E_SHNUM, 2)?;
    let header_size: usize = SECTION_HEADER.iter().sum();
    let length = count * header_size as u64;
    table(
        object,
        offset,
        length,
        SECTION_HEADER,
        SizeField::SectionCount,
    )
}

/// The part of a table that lies within the object, unless that is nothing.
fn table(
    object: &[u8],
    offset: u64,
    length: u64,
    fields: &'static [usize],
    size: SizeField,
) -> Option<Table> {
    let offset = usize::try_from(offset).ok()?;
    let there = object.len().checked_sub(offset)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(there);
    let count = length / fields.iter().sum::<usize>();
    (offset >= FILE_HEADER_SIZE && count > 0).then_some(Table {
        offset,
        count,
        fields,
        size,
    })
}
