//! Relocations: each becomes an edge of the block that it changes.

use object::read::elf::SectionHeader as _;

use crate::base::{Name, TargetAddr, Text, int};
use crate::edge::{EdgeKind, Field};
use crate::format::{FormatError, FormatFault};
use crate::graph::{BlockId, Content, Definition, Linkage, Scope, Symbol, SymbolId, SymbolKind};

use super::table::{self, Index};
use super::{LE, Meaning, Reader, RelocationRow, SectionFate, SectionHeader, SymbolFate};

/// A relocation as the file states it.
#[derive(Clone, Copy)]
struct Relocation {
    offset: u64,
    number: u32,
    symbol: u32,
    /// `None`: it stands in the bytes that the relocation changes.
    addend: Option<i64>,
}

impl<'a> Reader<'a, '_> {
    /// Adds the edges of all blocks.
    pub(super) fn add_edges(&mut self) -> Result<(), FormatError> {
        let index = table::index_of(self.graph.machine());
        for header in self.sections.iter() {
            if !self.is_relocation_of_loaded(header) {
                continue;
            }
            let target = header.info_link(LE);
            let Some(&SectionFate::Block(block)) = self.fates.get(target.0) else {
                continue;
            };
            // Both indices were checked when the fates were told.
            let Ok(target) = self.sections.section(target) else {
                continue;
            };
            if !self.graph.blocks.at(block).edges.is_empty() {
                let fault = FormatFault::damaged("two tables of relocations for one section");
                return Err(self.in_section(target, 0, fault));
            }
            self.add_edges_of(header, target, block, index)?;
        }
        Ok(())
    }

    fn add_edges_of(
        &mut self,
        header: &'a SectionHeader,
        target: &'a SectionHeader,
        block: BlockId,
        index: &Index,
    ) -> Result<(), FormatError> {
        let content = self.graph.blocks.at(block).content;
        let first = self.graph.open_edges();
        let name = self.sections.section_name(LE, target).unwrap_or_default();
        let may_refer_to_discarded = describes_functions(name);
        let rela = header
            .rela(LE, self.bytes)
            .map_err(|e| self.in_section(target, 0, e))?;
        for rela in rela.map_or(&[][..], |(rela, _)| rela) {
            let relocation = Relocation {
                offset: rela.r_offset.get(LE),
                number: rela.r_type(LE, false).0,
                symbol: rela.r_sym(LE, false),
                addend: Some(rela.r_addend.get(LE)),
            };
            self.add_edge(&content, relocation, index, may_refer_to_discarded)
                .map_err(|fault| self.in_section(target, relocation.offset, fault))?;
        }
        let rel = header
            .rel(LE, self.bytes)
            .map_err(|e| self.in_section(target, 0, e))?;
        for rel in rel.map_or(&[][..], |(rel, _)| rel) {
            let relocation = Relocation {
                offset: rel.r_offset.get(LE),
                number: rel.r_type(LE).0,
                symbol: rel.r_sym(LE),
                addend: None,
            };
            self.add_edge(&content, relocation, index, may_refer_to_discarded)
                .map_err(|fault| self.in_section(target, relocation.offset, fault))?;
        }
        self.graph
            .close_edges(block, first)
            .map_err(|e| self.of_object(e))
    }

    fn add_edge(
        &mut self,
        content: &Content<'a>,
        relocation: Relocation,
        index: &Index,
        may_refer_to_discarded: bool,
    ) -> Result<(), FormatFault> {
        let Some(row) = index.find(relocation.number) else {
            let machine = self.graph.machine();
            return Err(FormatFault::UnknownRelocation {
                number: relocation.number,
                machine,
                symbol: self.target_name(relocation),
            });
        };
        let kind = match row.meaning {
            Meaning::Edge(kind) => kind,
            Meaning::Nothing => return Ok(()),
            Meaning::ThreadLocal => {
                return Err(FormatFault::ThreadLocal {
                    what: self.target_name(relocation),
                });
            }
            Meaning::Refused => {
                let symbol = self.target_name(relocation);
                return Err(FormatFault::UnsupportedRelocation {
                    name: row.name,
                    symbol,
                });
            }
        };
        let field = kind.row().field;
        let offset = offset_in(content, relocation.offset, field)
            .map_err(|misplaced| self.misplaced(misplaced, relocation, row))?;
        let addend = match relocation.addend {
            Some(addend) => addend,
            None => implicit_addend(content, relocation.offset, field),
        };
        let Some(target) = self.target(relocation.symbol, kind)? else {
            if may_refer_to_discarded {
                return Ok(());
            }
            return Err(FormatFault::DiscardedSymbol {
                symbol: self.target_name(relocation),
            });
        };
        Ok(self.graph.add_edge(offset, kind, target, addend)?)
    }

    /// The symbol that a relocation is against; `None` if it was discarded with its group.
    fn target(&mut self, index: u32, kind: EdgeKind) -> Result<Option<SymbolId>, FormatFault> {
        let count = self.symbols.len();
        match self.names.get(int::usize_from_u32(index)) {
            Some(&SymbolFate::Symbol(id)) => Ok(Some(id)),
            Some(SymbolFate::Discarded) => Ok(None),
            // Symbol 0 stands for the address 0.
            Some(SymbolFate::Absent) if index == 0 => self.zero().map(Some),
            Some(SymbolFate::Absent) => Err(FormatFault::Damaged {
                what: Text::of(format_args!(
                    "{kind} against symbol {index}, whose section is not loaded"
                )),
            }),
            None => Err(FormatFault::SymbolIndex { index, count }),
        }
    }

    /// The symbol that stands for the address 0, made when it is first asked for.
    fn zero(&mut self) -> Result<SymbolId, FormatFault> {
        let zero = self.graph.add_symbol(Symbol {
            name: Default::default(),
            definition: Definition::Absolute(TargetAddr::ZERO),
            size_bytes: 0,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Unknown,
            is_live: false,
        })?;
        if let Some(first) = self.names.first_mut() {
            *first = SymbolFate::Symbol(zero);
        }
        Ok(zero)
    }

    /// What to call a relocation's target in an error: its symbol's name, or that of the section which it stands for.
    fn target_name(&self, relocation: Relocation) -> Text<120> {
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
            Ok(name) if !name.is_empty() => Text::of(Name::new(name)),
            _ => Text::of(format_args!("symbol {}", relocation.symbol)),
        }
    }

    #[cold]
    fn misplaced(
        &self,
        misplaced: Misplaced,
        relocation: Relocation,
        row: &RelocationRow,
    ) -> FormatFault {
        let (name, symbol) = (row.name, self.target_name(relocation));
        match misplaced {
            Misplaced::Outside { size_bytes } => FormatFault::RelocationOffset {
                name,
                symbol,
                size_bytes,
            },
            Misplaced::Misaligned => FormatFault::RelocationAlignment { name, symbol },
        }
    }
}

/// What is wrong with the place of a relocation.
enum Misplaced {
    Outside { size_bytes: u64 },
    Misaligned,
}

/// Whether a section describes functions, discarded ones too: what it says of them is never looked at.
fn describes_functions(name: &[u8]) -> bool {
    name == b".eh_frame" || name.starts_with(b".gcc_except_table")
}

/// Checks that all of a relocation's field lies within the content, at an address that an instruction can have.
fn offset_in(content: &Content<'_>, offset: u64, field: Field) -> Result<u32, Misplaced> {
    let size_bytes = if content.is_zero_fill() {
        0
    } else {
        content.size_bytes()
    };
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
fn implicit_addend(content: &Content<'_>, offset: u64, field: Field) -> i64 {
    let Content::Bytes(bytes) = content else {
        return 0;
    };
    let bytes = bytes.get(int::to_usize(offset)..).unwrap_or(&[]);
    let word = bytes
        .iter()
        .take(int::to_usize(field.size_bytes()))
        .rev()
        .fold(0_u64, |word, &byte| word.wrapping_shl(8) | u64::from(byte));
    field.read_signed(word)
}
