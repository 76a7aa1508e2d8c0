//! Room: how much of the graph an object takes, by its tables, before any of them is read into it.
//!
//! All of it is reserved at once, since what has to grow stands in memory twice for a moment.

use object::LittleEndian;
use object::elf::{self, Rela64};
use object::read::elf::{SectionHeader as _, Sym as _};

use crate::edge::Table;

use super::relocation_table::{self, RelocationTable};
use super::table::{self, Index};
use super::{Fault, LE, Reader, SectionFate, SectionHeader, StoredFate, Sym};

/// How many sections passes may add: the two tables, and the start and end of unwind information among them.
const OWN_SECTIONS: usize = 8;

/// What stands elsewhere may get a word of the global offset table, which has one edge, and a stub, which has two at most.
const ENTRY_SYMBOLS: usize = 2;
const ENTRY_EDGES: usize = 3;

/// What stands here may get a word as well, if its address is loaded from there. To know whether much does, one relocation of 64
/// is looked at. If more than one of 16 of those is such a load, there is room for one word for 13 symbols, as large objects of C++
/// and Rust need that were counted; if fewer are, they mostly load the same few. Of this room and that for what stands elsewhere,
/// the larger is made.
const RELOCATIONS_PER_LOOK: usize = 64;
const LOOKS_PER_LOAD: usize = 16;
const SYMBOLS_PER_WORD: usize = 13;

/// The relocations of an object, as its tables are passed.
struct Relocations {
    index: &'static Index,
    count: usize,
    /// The size of the tables.
    bytes: usize,
    /// How many relocations stand before the next that is looked at, from the table that comes next on.
    until_look: usize,
    /// How many were looked at.
    looks: usize,
    /// How many of those load an address.
    loads: usize,
}

impl<'a> Reader<'a, '_> {
    /// Makes room for all that the headers announce; what they announce must be there, so that they can't ask for more than
    /// the file is long.
    #[inline(never)]
    pub(super) fn reserve(&mut self) -> Result<(), Fault<'a>> {
        let is_wanted =
            |fate: &&StoredFate<SectionFate>| matches!(fate.fate(), SectionFate::Wanted(_));
        let wanted = self.fates.iter().filter(is_wanted).count();
        let sections = wanted.saturating_add(OWN_SECTIONS);
        let mut relocations = Relocations::none(table::index_of(self.graph.machine()));
        for header in self.sections.iter() {
            if self.is_relocation_of_wanted(header) {
                relocations.pass(header, self.bytes)?;
            }
        }
        if relocations.bytes > self.bytes.len() {
            return Err(Fault::damaged("tables of relocations overlap"));
        }
        let symbols = self.symbols.len();
        let globals = symbols.saturating_sub(self.first_global);
        let is_elsewhere = |symbol: &&Sym| symbol.st_shndx(LE) == elf::SHN_UNDEF;
        let elsewhere = self.symbols.iter().filter(is_elsewhere).count();
        let words = relocations.words_for(symbols);
        let own_symbols = elsewhere.saturating_mul(ENTRY_SYMBOLS).max(words);
        let own_edges = elsewhere.saturating_mul(ENTRY_EDGES).max(words);
        Ok(self.graph.try_reserve(
            sections,
            symbols.saturating_add(own_symbols),
            globals,
            relocations.count.saturating_add(own_edges),
        )?)
    }
}

impl Relocations {
    const fn none(index: &'static Index) -> Self {
        Self {
            index,
            count: 0,
            bytes: 0,
            until_look: 0,
            looks: 0,
            loads: 0,
        }
    }

    /// Counts those of a table.
    #[inline]
    fn pass<'a>(&mut self, header: &SectionHeader, bytes: &'a [u8]) -> Result<(), Fault<'a>> {
        let Some(relocations) = relocation_table::with_addends(header, bytes) else {
            return self.pass_odd(header, bytes);
        };
        self.add(relocations.len(), size_of_val(relocations));
        while let Some(relocation) = relocations.get(self.until_look) {
            self.look_at(relocation);
        }
        self.until_look = self.until_look.saturating_sub(relocations.len());
        Ok(())
    }

    /// The same of a table in another encoding, or a damaged one.
    #[inline(never)]
    fn pass_odd<'a>(&mut self, header: &SectionHeader, bytes: &'a [u8]) -> Result<(), Fault<'a>> {
        let count = RelocationTable::of(header, bytes)?.len();
        self.add(count, header.data(LE, bytes)?.len());
        Ok(())
    }

    const fn add(&mut self, count: usize, bytes: usize) {
        self.count = self.count.saturating_add(count);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn look_at(&mut self, relocation: &Rela64<LittleEndian>) {
        let known = self.index.edge(relocation.r_type(LE, false).0);
        let request = known.and_then(|known| known.open.kind.row().request);
        let is_load = request.is_some_and(|request| request.table == Table::Got);
        self.loads = self.loads.saturating_add(usize::from(is_load));
        self.looks = self.looks.saturating_add(1);
        self.until_look = self.until_look.saturating_add(RELOCATIONS_PER_LOOK);
    }

    /// For how many words of its own an object of so many symbols gets room.
    const fn words_for(&self, symbols: usize) -> usize {
        match self.loads.saturating_mul(LOOKS_PER_LOAD) > self.looks {
            true => symbols / SYMBOLS_PER_WORD,
            false => 0,
        }
    }
}
