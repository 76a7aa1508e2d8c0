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
mod fault;
mod groups;
mod header;
mod relocation_table;
mod relocations;
mod roles;
mod room;
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

use crate::base::{fallible, int, until_zero};
use crate::graph::{LinkGraph, Object, ObjectId, SymbolId};

use super::{FormatError, ReadOptions};
use fate::{SectionFate, StoredFate, SymbolFate};
use fault::{Fault, Located};

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
    match Reader::begin(graph, object, bytes, options) {
        Ok(mut reader) => match reader.read() {
            Ok(()) => Ok(reader.object),
            Err(located) => Err(located.told(reader.graph, object.name, &reader.sections)),
        },
        Err(fault) => Err(FormatError::of_object(
            object.name,
            fault::told(fault, graph),
        )),
    }
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

/// The bytes of the name that stands at a place of such a table.
#[inline]
fn name_at(strings: &[u8], offset: u32) -> Option<&[u8]> {
    until_zero(strings.get(int::usize_from_u32(offset)..)?)
}

/// One object while it is being read.
struct Reader<'a, 'graph> {
    graph: &'graph mut LinkGraph<'a>,
    object: ObjectId,
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
    /// How many section groups there are.
    groups: usize,
    /// The symbol that stands for the address 1, once there is one.
    one: Option<SymbolId>,
    /// How many bytes the compressed sections still to be read may have together.
    packed_bytes_left: usize,
    /// How many bytes the names still to be read may have together, those of sections and of symbols.
    name_bytes_left: usize,
}

impl<'a, 'graph> Reader<'a, 'graph> {
    /// Finds the tables of an object, and room for what becomes of what they hold.
    fn begin(
        graph: &'graph mut LinkGraph<'a>,
        object: Object<'a>,
        bytes: &'a [u8],
        options: ReadOptions,
    ) -> Result<Self, Fault<'a>> {
        let (sections, section_names) = header::read(bytes, graph.machine())?;
        let symbols = symbols::table(&sections, bytes)?;
        let symbol_names = strings_in(&sections, symbols.string_section(), bytes);
        let first_global = match sections.section(symbols.section()) {
            Ok(header) => int::usize_from_u32(header.sh_info(LE)),
            Err(_) => symbols.len(),
        };
        let fate = StoredFate::of(SectionFate::NotLoaded)?;
        let fates = fallible::vec_of(fate, sections.len())?;
        let name = StoredFate::of(SymbolFate::Absent)?;
        let names = fallible::vec_of(name, symbols.len())?;
        Ok(Self {
            object: graph.add_object(object)?,
            graph,
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
            groups: 0,
            one: None,
            packed_bytes_left: bytes.len(),
            name_bytes_left: bytes.len().saturating_mul(NAMES_PER_BYTE),
        })
    }

    fn read(&mut self) -> Result<(), Located<'a>> {
        self.choose_sections()?;
        self.discard_groups()?;
        self.discard_ordered()?;
        self.reserve()?;
        self.add_sections()?;
        self.keep_together()?;
        self.add_symbols()?;
        self.add_edges()
    }
}
