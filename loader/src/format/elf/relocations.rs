//! Relocations: each becomes an edge of the block that it changes.

use core::{iter, slice};

use object::LittleEndian;
use object::elf::Rela64;
use object::read::elf::SectionHeader as _;

use crate::base::{Name, TargetAddr, int};
use crate::edge::Field;
use crate::graph::{BlockId, Definition, LinkGraph, Linkage, Scope, Symbol, SymbolId, SymbolKind};

use super::debug::LeftOut;
use super::fault::Target;
use super::relocation_table::{self, Relocation, RelocationTable};
use super::table::{self, Index};
use super::{
    Fault, LE, Located, Meaning, Reader, RelocationRow, SectionFate, SectionHeader, StoredFate,
    SymbolFate,
};

impl<'a> Reader<'a, '_> {
    /// Adds the edges of all blocks.
    pub(super) fn add_edges(&mut self) -> Result<(), Located<'a>> {
        let index = table::index_of(self.graph.machine());
        for header in self.sections.iter() {
            if !self.is_relocation_of_wanted(header) {
                continue;
            }
            let target = header.info_link(LE);
            let Some(SectionFate::Block(block)) = self.fates.get(target.0).map(StoredFate::fate)
            else {
                continue;
            };
            // Both indices were checked when the fates were told.
            let Ok(target) = self.sections.section(target) else {
                continue;
            };
            if !self.graph.blocks.at(block).edges.is_empty() {
                let fault = Fault::damaged("two tables of relocations for one section");
                return Err(Located::in_section(target, 0, fault));
            }
            self.add_edges_of(header, target, block, index)?;
        }
        Ok(())
    }

    fn add_edges_of(
        &mut self,
        header: &SectionHeader,
        target: &'a SectionHeader,
        block: BlockId,
        index: &Index,
    ) -> Result<(), Located<'a>> {
        let changed = Changed::of(self.graph, block);
        let first = self.graph.open_edges();
        let table = match relocation_table::with_addends(header, self.bytes) {
            Some(relocations) => {
                let mut left = relocations.iter();
                self.add_known_edges(&changed, &mut left, index);
                (left.len() != 0).then_some(RelocationTable::WithAddends(left))
            }
            None => Some(
                RelocationTable::of(header, self.bytes)
                    .map_err(|fault| Located::in_section(target, 0, fault))?,
            ),
        };
        if let Some(table) = table {
            self.add_edges_in(table, target, &changed, index)?;
        }
        Ok(self.graph.close_edges(block, first)?)
    }

    /// Adds the edges of a table in which something is peculiar.
    #[inline(never)]
    fn add_edges_in(
        &mut self,
        mut table: RelocationTable<'a>,
        target: &'a SectionHeader,
        changed: &Changed,
        index: &Index,
    ) -> Result<(), Located<'a>> {
        while let Some(relocation) = table.next() {
            let relocation = relocation.map_err(|fault| Located::in_section(target, 0, fault))?;
            self.add_edge(changed, relocation, index)
                .map_err(|fault| Located::in_section(target, relocation.offset, fault))?;
            if let Some(relocations) = table.left_with_addends() {
                self.add_known_edges(changed, relocations, index);
            }
        }
        Ok(())
    }

    /// Adds the edges of relocations up to the first of which something is peculiar: most have nothing.
    ///
    /// A function of its own, so that what it looks at for each stays in registers.
    #[inline(never)]
    fn add_known_edges(
        &mut self,
        changed: &Changed,
        relocations: &mut slice::Iter<'_, Rela64<LittleEndian>>,
        index: &Index,
    ) {
        let (names, size_bytes) = (&self.names, changed.size_bytes);
        let mut left = relocations.clone();
        self.graph.add_known_edges(iter::from_fn(|| {
            let relocation = left.as_slice().first()?;
            let known = index.edge(relocation.r_type(LE, false).0)?;
            let offset = known.offset_in(size_bytes, relocation.r_offset.get(LE))?;
            let addend = i32::try_from(relocation.r_addend.get(LE)).ok()?;
            let fate = names.get(int::usize_from_u32(relocation.r_sym(LE, false)))?;
            let (template, target) = match fate.fate() {
                SymbolFate::Settled(target) => (&known.settled, target),
                SymbolFate::Symbol(target) => (&known.open, target),
                SymbolFate::Absent | SymbolFate::Discarded => return None,
            };
            left.next();
            Some(template.at(offset, target, addend))
        }));
        *relocations = left;
    }

    /// Adds the edge of any relocation, or says what is wrong with it.
    fn add_edge(
        &mut self,
        changed: &Changed,
        relocation: Relocation,
        index: &Index,
    ) -> Result<(), Fault<'a>> {
        let Some(row) = index.find(relocation.number) else {
            let machine = self.graph.machine();
            return Err(Fault::UnknownRelocation {
                number: relocation.number,
                machine,
                symbol: self.target_name(relocation),
            });
        };
        let kind = match row.meaning {
            Meaning::Edge(kind) => kind,
            Meaning::Nothing => return Ok(()),
            Meaning::Refused => {
                let symbol = self.target_name(relocation);
                return Err(Fault::UnsupportedRelocation {
                    name: row.name,
                    symbol,
                });
            }
        };
        let field = kind.row().field;
        let offset = offset_in(changed.size_bytes, relocation.offset, field)
            .map_err(|misplaced| self.misplaced(misplaced, relocation, row))?;
        let addend = match relocation.addend {
            Some(addend) => addend,
            None => {
                let bytes = self.graph.content(changed.block).unwrap_or(&[]);
                implicit_addend(bytes, relocation.offset, field)
            }
        };
        if let Some(target) = self.target(relocation, row)? {
            return Ok(self.graph.add_edge(offset, kind, target, addend)?);
        }
        match self.left_out(changed.block) {
            LeftOut::Untouched => Ok(()),
            LeftOut::One => {
                let one = self.one()?;
                Ok(self.graph.add_edge(offset, kind, one, 0)?)
            }
            LeftOut::Refused => Err(Fault::DiscardedSymbol {
                symbol: self.target_name(relocation),
            }),
        }
    }

    /// What becomes of a block's relocations whose targets were left out.
    fn left_out(&self, block: BlockId) -> LeftOut {
        let section = self.graph.blocks.at(block).section;
        LeftOut::of(self.graph.sections.at(section).name)
    }

    /// The symbol that a relocation is against; `None` if it was discarded with its group.
    fn target(
        &mut self,
        relocation: Relocation,
        row: &RelocationRow,
    ) -> Result<Option<SymbolId>, Fault<'a>> {
        let (index, count) = (relocation.symbol, self.symbols.len());
        match self
            .names
            .get(int::usize_from_u32(index))
            .map(StoredFate::fate)
        {
            Some(SymbolFate::Symbol(id) | SymbolFate::Settled(id)) => Ok(Some(id)),
            Some(SymbolFate::Discarded) => Ok(None),
            // Symbol 0 stands for the address 0.
            Some(SymbolFate::Absent) if index == 0 => self.zero().map(Some),
            Some(SymbolFate::Absent) => Err(Fault::NotLoaded {
                name: row.name,
                symbol: self.target_name(relocation),
            }),
            None => Err(Fault::SymbolIndex { index, count }),
        }
    }

    /// The symbol that stands for the address 0, made when it is first asked for.
    fn zero(&mut self) -> Result<SymbolId, Fault<'a>> {
        let zero = self.absolute(TargetAddr::ZERO)?;
        if let Some(first) = self.names.first_mut() {
            *first = StoredFate::of(SymbolFate::Symbol(zero))?;
        }
        Ok(zero)
    }

    /// The symbol that stands for the address 1, made when it is first asked for.
    fn one(&mut self) -> Result<SymbolId, Fault<'a>> {
        if let Some(one) = self.one {
            return Ok(one);
        }
        let one = self.absolute(TargetAddr::new(1))?;
        self.one = Some(one);
        Ok(one)
    }

    /// A symbol that stands for an address.
    fn absolute(&mut self, address: TargetAddr) -> Result<SymbolId, Fault<'a>> {
        let symbol = Symbol {
            name: Name::default(),
            definition: Definition::Absolute(address),
            size_bytes: 0,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Unknown,
            is_live: false,
        };
        Ok(self.graph.add_symbol(symbol)?)
    }

    /// What to call a relocation's target in an error: its symbol's name, or that of the section which it stands for.
    #[cold]
    fn target_name(&self, relocation: Relocation) -> Target<'a> {
        let index = object::SymbolIndex(int::usize_from_u32(relocation.symbol));
        let name = self.symbols.symbol(index).and_then(|symbol| {
            let section = self.symbols.symbol_section(LE, symbol, index)?;
            match (self.symbols.symbol_name(LE, symbol)?, section) {
                (b"", Some(section)) => self
                    .sections
                    .section(section)
                    .and_then(|section| self.sections.section_name(LE, section)),
                (name, _) => Ok(name),
            }
        });
        match name {
            Ok(name) if !name.is_empty() => Target::Named(Name::new(name)),
            _ => Target::Numbered(relocation.symbol),
        }
    }

    #[cold]
    fn misplaced(
        &self,
        misplaced: Misplaced,
        relocation: Relocation,
        row: &RelocationRow,
    ) -> Fault<'a> {
        let (name, symbol) = (row.name, self.target_name(relocation));
        match misplaced {
            Misplaced::Outside { size_bytes } => Fault::RelocationOffset {
                name,
                symbol,
                size_bytes,
            },
            Misplaced::Misaligned => Fault::RelocationAlignment { name, symbol },
        }
    }
}

/// A block that relocations change.
struct Changed {
    block: BlockId,
    /// The size of what they may change: nothing of zero-fill.
    size_bytes: u64,
}

impl Changed {
    fn of(graph: &LinkGraph<'_>, id: BlockId) -> Self {
        let block = graph.blocks.at(id);
        Self {
            block: id,
            size_bytes: match block.content.is_zero_fill() {
                true => 0,
                false => block.content.size_bytes(),
            },
        }
    }
}

/// What is wrong with the place of a relocation.
enum Misplaced {
    Outside { size_bytes: u64 },
    Misaligned,
}

/// Checks that all of a relocation's field lies within so many bytes, at an address that an instruction can have.
fn offset_in(size_bytes: u64, offset: u64, field: Field) -> Result<u32, Misplaced> {
    let is_inside = offset
        .checked_add(field.size_bytes())
        .is_some_and(|end| end <= size_bytes);
    let narrow = u32::try_from(offset).ok().filter(|_| is_inside);
    let narrow = narrow.ok_or(Misplaced::Outside { size_bytes })?;
    if matches!(field, Field::Instruction(_)) && narrow.trailing_zeros() < 2 {
        return Err(Misplaced::Misaligned);
    }
    Ok(narrow)
}

/// The addend that stands in the bytes which the relocation changes; they were found to be there.
fn implicit_addend(bytes: &[u8], offset: u64, field: Field) -> i64 {
    let bytes = bytes.get(int::to_usize(offset)..).unwrap_or(&[]);
    let word = bytes
        .iter()
        .take(int::to_usize(field.size_bytes()))
        .rev()
        .fold(0_u64, |word, &byte| word.wrapping_shl(8) | u64::from(byte));
    field.read_signed(word)
}
