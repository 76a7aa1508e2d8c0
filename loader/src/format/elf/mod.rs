//! ELF64 little-endian relocatable objects.
//!
//! One block per section that is wanted, one symbol per name that counts, one edge per relocation. What isn't wanted
//! (comments, discarded groups, debug information unless it is asked for) is never looked at. Source: System V gABI,
//! chapters 4 "Object Files" to 7 "Symbol Table" and "Relocation"; relocation numbers from the machines' own supplements.

mod aarch64;
mod compressed;
mod debug;
mod defined;
mod documentation;
mod fate;
mod groups;
mod header;
mod relocation_table;
mod relocations;
mod roles;
mod routines;
mod sections;
mod symbols;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod together;
mod unpack;
mod x86_64;

pub(super) use defined::defined_names;
pub use documentation::RelocationPage;
pub use table::{Meaning, RelocationRow, relocations_of};

use alloc::vec::Vec;

use object::elf::{FileHeader64, SectionHeader64, Sym64};
use object::read::elf::{SectionHeader as _, SectionTable, SymbolTable};
use object::{LittleEndian, SectionIndex};

use crate::base::{Name, Text, fallible, int};
use crate::graph::{LinkGraph, Object, ObjectId, Site, SymbolId};

use super::{FormatError, FormatFault, ReadOptions};
use fate::{SectionFate, StoredFate, SymbolFate};

type Elf = FileHeader64<LittleEndian>;
type SectionHeader = SectionHeader64<LittleEndian>;
type Sym = Sym64<LittleEndian>;

const LE: LittleEndian = LittleEndian;

/// How many names may share a byte of the file, on average: a name that ends another one is stored within it.
const NAMES_PER_BYTE: usize = 4;

/// Reads one object into `graph`.
pub(super) fn read<'a>(
    graph: &mut LinkGraph<'a>,
    object: Object<'a>,
    bytes: &'a [u8],
    options: ReadOptions,
) -> Result<ObjectId, FormatError> {
    let of_object = |fault| FormatError::of_object(object.name, fault);
    let (sections, section_names) = header::read(bytes, graph.machine()).map_err(of_object)?;
    let symbols = symbols::table(&sections, bytes).map_err(of_object)?;
    let symbol_names = strings_in(&sections, symbols.string_section(), bytes);
    let first_global = match sections.section(symbols.section()) {
        Ok(header) => int::usize_from_u32(header.sh_info(LE)),
        Err(_) => symbols.len(),
    };
    let fates = StoredFate::of(SectionFate::NotLoaded)
        .and_then(|fate| fallible::vec_of(fate, sections.len()))
        .map_err(|e| of_object(e.into()))?;
    let names = StoredFate::of(SymbolFate::Absent)
        .and_then(|fate| fallible::vec_of(fate, symbols.len()))
        .map_err(|e| of_object(e.into()))?;
    let id = graph.add_object(object).map_err(|e| of_object(e.into()))?;
    let mut reader = Reader {
        graph,
        object: id,
        name: object.name,
        bytes,
        options,
        sections,
        section_names,
        symbols,
        symbol_names,
        first_global,
        fates,
        names,
        has_ordered: false,
        one: None,
        packed_bytes_left: bytes.len(),
        name_bytes_left: bytes.len().saturating_mul(NAMES_PER_BYTE),
    };
    reader.choose_sections()?;
    reader.discard_groups()?;
    reader.discard_ordered()?;
    reader.reserve().map_err(of_object)?;
    reader.add_sections()?;
    reader.keep_together()?;
    reader.add_symbols()?;
    reader.add_edges()?;
    Ok(id)
}

/// The bytes of a table of names; none if there are none to be had.
fn strings_in<'a>(
    sections: &SectionTable<'a, Elf>,
    table: SectionIndex,
    bytes: &'a [u8],
) -> &'a [u8] {
    let table = sections.section(table);
    let strings = table.and_then(|table| table.data(LE, bytes));
    strings.unwrap_or_default()
}

/// The name that stands at a place of such a table.
#[inline]
fn name_at(strings: &[u8], offset: u32) -> Option<Name<'_>> {
    let strings = strings.get(int::usize_from_u32(offset)..)?;
    Name::until_zero(strings)
}

/// One object while it is being read.
struct Reader<'a, 'graph> {
    graph: &'graph mut LinkGraph<'a>,
    object: ObjectId,
    name: Name<'a>,
    bytes: &'a [u8],
    options: ReadOptions,
    sections: SectionTable<'a, Elf>,
    /// The bytes of the sections' names; none if something is wrong with them, which the table itself tells.
    section_names: &'a [u8],
    symbols: SymbolTable<'a, Elf>,
    /// The same of the symbols'.
    symbol_names: &'a [u8],
    /// How many local symbols come before all others, as the table's header tells.
    first_global: usize,
    fates: Vec<StoredFate<SectionFate>>,
    names: Vec<StoredFate<SymbolFate>>,
    /// Whether sections are ordered by others: in most files none is.
    has_ordered: bool,
    /// The symbol that stands for the address 1, once there is one.
    one: Option<SymbolId>,
    /// How many bytes the compressed sections still to be read may have together.
    packed_bytes_left: usize,
    /// How many bytes the names still to be read may have together, those of sections and of symbols.
    name_bytes_left: usize,
}

impl Reader<'_, '_> {
    /// `fault`, which concerns the object as a whole.
    #[cold]
    #[inline(never)]
    fn of_object(&self, fault: impl Into<FormatFault>) -> FormatError {
        FormatError::of_object(self.name, fault)
    }

    /// `fault`, found `offset` bytes into a section.
    #[cold]
    fn in_section(
        &self,
        header: &SectionHeader,
        offset: u64,
        fault: impl Into<FormatFault>,
    ) -> FormatError {
        // A section whose own name is damaged is shown without one.
        let section = self.sections.section_name(LE, header).unwrap_or(b"?");
        let site = Site {
            object: Text::of(self.name),
            section: Text::of(Name::new(section)),
            offset,
        };
        FormatError {
            site,
            fault: fault.into(),
        }
    }
}
