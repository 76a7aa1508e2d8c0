//! Changes in objects that are assembled: for what assemblers don't know yet, or refuse to write.

use anyhow::{Context, Result};
use object::LittleEndian;
use object::elf::{self, FileHeader64, Rela64, SectionHeader64, Sym64};
use object::read::elf::{FileHeader as _, SectionHeader as _, SectionTable};
use std::mem::offset_of;

const LE: LittleEndian = LittleEndian;
type File = FileHeader64<LittleEndian>;
type Section = SectionHeader64<LittleEndian>;
type Symbol = Sym64<LittleEndian>;
type Relocation = Rela64<LittleEndian>;

/// A field, and what is written to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Patch {
    field: Field,
    /// The section or the symbol that has it; the first of this name.
    of: String,
    value: Value,
}

/// A field of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Of(&'static Row),
    /// One of the words of four bytes that a section holds.
    Word(usize),
}

/// A field as the ELF specification has it.
#[derive(PartialEq, Eq, Debug)]
struct Row {
    name: &'static str,
    structure: Structure,
    offset: usize,
    size_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Structure {
    FileHeader,
    SectionHeader,
    Symbol,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Value {
    Number(u64),
    /// The number of the section with this name.
    Section(String),
}

const ROWS: &[Row] = &[
    of_file("e_type", offset_of!(File, e_type), 2),
    of_file("e_machine", offset_of!(File, e_machine), 2),
    of_file("e_flags", offset_of!(File, e_flags), 4),
    of_file("e_shoff", offset_of!(File, e_shoff), 8),
    of_file("e_shentsize", offset_of!(File, e_shentsize), 2),
    of_file("e_shnum", offset_of!(File, e_shnum), 2),
    of_file("e_shstrndx", offset_of!(File, e_shstrndx), 2),
    of_section("sh_name", offset_of!(Section, sh_name), 4),
    of_section("sh_type", offset_of!(Section, sh_type), 4),
    of_section("sh_flags", offset_of!(Section, sh_flags), 8),
    of_section("sh_offset", offset_of!(Section, sh_offset), 8),
    of_section("sh_size", offset_of!(Section, sh_size), 8),
    of_section("sh_link", offset_of!(Section, sh_link), 4),
    of_section("sh_info", offset_of!(Section, sh_info), 4),
    of_section("sh_addralign", offset_of!(Section, sh_addralign), 8),
    of_section("sh_entsize", offset_of!(Section, sh_entsize), 8),
    of_symbol("st_name", offset_of!(Symbol, st_name), 4),
    of_symbol("st_info", offset_of!(Symbol, st_info), 1),
    of_symbol("st_other", offset_of!(Symbol, st_other), 1),
    of_symbol("st_shndx", offset_of!(Symbol, st_shndx), 2),
    of_symbol("st_value", offset_of!(Symbol, st_value), 8),
    of_symbol("st_size", offset_of!(Symbol, st_size), 8),
];

const fn of_file(name: &'static str, offset: usize, size_bytes: usize) -> Row {
    row(Structure::FileHeader, name, offset, size_bytes)
}

const fn of_section(name: &'static str, offset: usize, size_bytes: usize) -> Row {
    row(Structure::SectionHeader, name, offset, size_bytes)
}

const fn of_symbol(name: &'static str, offset: usize, size_bytes: usize) -> Row {
    row(Structure::Symbol, name, offset, size_bytes)
}

const fn row(structure: Structure, name: &'static str, offset: usize, size_bytes: usize) -> Row {
    Row {
        name,
        structure,
        offset,
        size_bytes,
    }
}

impl Patch {
    /// Reads `FIELD of NAME = VALUE`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (field, value) = text.split_once('=').context("nothing is given a value")?;
        let (field, of) = field.split_once(" of ").unwrap_or((field, ""));
        let field = match field.trim().strip_prefix("word ") {
            Some(place) => Field::Word(number(place).context("it is no place")?.try_into()?),
            None => {
                let mut rows = ROWS.iter();
                let row = rows.find(|row| row.name == field.trim());
                Field::Of(row.context("no field has this name")?)
            }
        };
        let value = value.trim();
        Ok(Self {
            field,
            of: of.trim().to_owned(),
            value: number(value).map_or_else(|| Value::Section(value.to_owned()), Value::Number),
        })
    }

    /// Changes an object.
    pub(super) fn apply(&self, bytes: &mut [u8]) -> Result<()> {
        let (start, size_bytes) = self.place(bytes)?;
        let value = self.value(bytes)?.to_le_bytes();
        let field = bytes.get_mut(start..start + size_bytes);
        let field = field.context("what is to be patched is not in the file")?;
        field.copy_from_slice(&value[..size_bytes]);
        Ok(())
    }

    /// Where the field stands in the file, and its size.
    fn place(&self, bytes: &[u8]) -> Result<(usize, usize)> {
        match self.field {
            Field::Word(place) => {
                let sections = sections(bytes)?;
                let (_, header) = section(&sections, &self.of)?;
                let (start, _) = header.file_range(LE).context("it holds no bytes")?;
                Ok((usize::try_from(start)? + 4 * place, 4))
            }
            Field::Of(row) => {
                let start = row.structure.place(bytes, &self.of)?;
                Ok((start + row.offset, row.size_bytes))
            }
        }
    }

    fn value(&self, bytes: &[u8]) -> Result<u64> {
        match &self.value {
            Value::Number(number) => Ok(*number),
            Value::Section(name) => {
                let (index, _) = section(&sections(bytes)?, name)?;
                Ok(index.try_into()?)
            }
        }
    }
}

impl Structure {
    /// Where the one of this name stands in the file.
    fn place(self, bytes: &[u8], name: &str) -> Result<usize> {
        match self {
            Self::FileHeader => Ok(0),
            Self::SectionHeader => {
                let (index, _) = section(&sections(bytes)?, name)?;
                let first = File::parse(bytes)?.e_shoff.get(LE);
                Ok(usize::try_from(first)? + index * size_of::<Section>())
            }
            Self::Symbol => {
                let sections = sections(bytes)?;
                let symbols = sections.symbols(LE, bytes, elf::SHT_SYMTAB)?;
                let mut named = symbols.iter();
                let index = named
                    .position(|symbol| symbols.symbol_name(LE, symbol) == Ok(name.as_bytes()))
                    .with_context(|| format!("no symbol `{name}`"))?;
                let (_, header) = section(&sections, ".symtab")?;
                Ok(usize::try_from(header.sh_offset(LE))? + index * size_of::<Symbol>())
            }
        }
    }
}

fn sections(bytes: &[u8]) -> Result<SectionTable<'_, File>> {
    Ok(File::parse(bytes)?.sections(LE, bytes)?)
}

fn section<'a>(sections: &SectionTable<'a, File>, name: &str) -> Result<(usize, &'a Section)> {
    let mut all = sections.enumerate();
    let found = all.find(|(_, header)| sections.section_name(LE, header) == Ok(name.as_bytes()));
    let (index, header) = found.with_context(|| format!("no section `{name}`"))?;
    Ok((index.0, header))
}

/// A number, decimal or after 0x.
fn number(text: &str) -> Option<u64> {
    match text.trim().strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.trim().parse().ok(),
    }
}

/// Gives relocations other numbers.
pub(super) fn renumber(bytes: &mut [u8], numbers: &[(u32, u32)]) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    for place in relocation_types(bytes)? {
        let field = bytes
            .get_mut(place..place + 4)
            .context("a relocation is cut")?;
        let mut numbers = numbers.iter();
        if let Some((_, to)) = numbers.find(|(from, _)| *field == from.to_le_bytes()) {
            field.copy_from_slice(&to.to_le_bytes());
        }
    }
    Ok(())
}

/// Where in an object's bytes the types of its relocations stand.
fn relocation_types(bytes: &[u8]) -> Result<Vec<usize>> {
    /// The type is the lower half of `r_info`.
    const TYPE_OFFSET: usize = offset_of!(Relocation, r_info);
    let sections = sections(bytes)?;
    let tables = sections
        .iter()
        .filter(|section| section.sh_type(LE) == elf::SHT_RELA);
    Ok(tables
        .filter_map(|table| table.file_range(LE))
        .flat_map(|(start, size)| {
            let (start, size) = (start as usize, size as usize);
            (start..start + size).step_by(size_of::<Relocation>())
        })
        .map(|place| place + TYPE_OFFSET)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{Field, Patch, Value};

    #[test]
    fn a_patch_names_a_field_and_a_value() {
        let patch = Patch::parse("sh_link of .text = 0x63").unwrap();
        assert!(matches!(patch.field, Field::Of(row) if row.offset == 40 && row.size_bytes == 4));
        assert_eq!(patch.of, ".text");
        assert_eq!(patch.value, Value::Number(0x63));
        let patch = Patch::parse("word 2 of .group = .data").unwrap();
        assert_eq!(patch.field, Field::Word(2));
        assert_eq!(patch.value, Value::Section(".data".to_owned()));
        assert!(Patch::parse("sh_like of .text = 1").is_err());
        assert!(Patch::parse("sh_link of .text").is_err());
    }
}
