//! What is known of one module: its symbols and its sections in the order of their addresses.

use alloc::vec::Vec;

use crate::base::{
    AddressRange, Name, OutOfMemory, Protection, TargetAddr, Text, fallible, int, sort,
};
use crate::graph::{Block, Definition, LinkGraph, Symbol, SymbolKind};
use crate::memory::Lifetime;
use crate::session::{ModuleId, ModuleView};

use super::{SectionPlace, SymbolPlace};

/// What is known of one module.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) id: ModuleId,
    pub(super) name: Text<64>,
    /// Where it lies, each as it was recorded.
    pub(super) segments: Vec<AddressRange>,
    /// The names of symbols and sections, one after the other.
    names: Vec<u8>,
    /// In the order of their addresses, and at one address of their sizes.
    symbols: Vec<SymbolRecord>,
    /// In the order of their addresses.
    sections: Vec<SectionRecord>,
}

/// A stretch of the names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct NameRecord {
    start: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
struct SymbolRecord {
    address: TargetAddr,
    size_bytes: u64,
    name: NameRecord,
    kind: SymbolKind,
}

#[derive(Clone, Copy, Debug)]
struct SectionRecord {
    range: AddressRange,
    name: NameRecord,
    protection: Protection,
}

impl Module {
    pub(super) fn of(view: &ModuleView, graph: &LinkGraph<'_>) -> Result<Self, OutOfMemory> {
        let mut module = Self {
            id: view.id,
            name: view.name,
            segments: fallible::vec_with_capacity(view.segments().count())?,
            names: Vec::new(),
            symbols: Vec::new(),
            sections: Vec::new(),
        };
        for (segment, _) in view.segments() {
            fallible::push(&mut module.segments, segment)?;
        }
        module.record_symbols(view, graph)?;
        module.record_sections(view, graph)?;
        Ok(module)
    }

    fn record_symbols(
        &mut self,
        view: &ModuleView,
        graph: &LinkGraph<'_>,
    ) -> Result<(), OutOfMemory> {
        let (mut count, mut name_bytes) = (0_usize, 0_usize);
        for symbol in telling(view, graph) {
            count = count.saturating_add(1);
            name_bytes = name_bytes.saturating_add(symbol.name.bytes().len());
        }
        fallible::reserve(&mut self.symbols, count)?;
        fallible::reserve(&mut self.names, name_bytes)?;
        for symbol in telling(view, graph) {
            let record = SymbolRecord {
                address: symbol.address,
                size_bytes: symbol.size_bytes,
                name: self.record_name(symbol.name)?,
                kind: symbol.kind,
            };
            fallible::push(&mut self.symbols, record)?;
        }
        // Of what is alike the graph's order counts, in which names were recorded.
        sort::sort_by_key(&mut self.symbols, |symbol| {
            (symbol.address, symbol.size_bytes, symbol.name)
        });
        Ok(())
    }

    fn record_sections(
        &mut self,
        view: &ModuleView,
        graph: &LinkGraph<'_>,
    ) -> Result<(), OutOfMemory> {
        let mut parts = Vec::new();
        for (_, block) in graph.blocks() {
            let size_bytes = block.content.size_bytes();
            if let Some(range) = AddressRange::from_size(block.address, size_bytes)
                && is_in_memory(graph, block)
            {
                fallible::push(&mut parts, (range, block.section))?;
            }
        }
        sort::sort_by_key(&mut parts, |(range, _)| range.first());
        let segment_of = |range: AddressRange| {
            let mut segments = view.segments();
            segments.position(|(segment, _)| segment.contains_range(range))
        };
        let is_same = |one: &(AddressRange, _), other: &(AddressRange, _)| {
            let [one, other] = [one, other].map(|&(range, id)| (range, graph.sections.at(id)));
            one.1.name == other.1.name && segment_of(one.0) == segment_of(other.0)
        };
        for same in parts.chunk_by(is_same) {
            let (Some(&(first, section)), Some(&(last, _))) = (same.first(), same.last()) else {
                continue;
            };
            let section = graph.sections.at(section);
            let record = SectionRecord {
                range: first.hull(last),
                name: self.record_name(section.name)?,
                protection: section.protection,
            };
            fallible::push(&mut self.sections, record)?;
        }
        Ok(())
    }

    /// Forgets what lies in no segment any more, and tells which segments are no more.
    pub(super) fn keep_segments(&mut self, view: &ModuleView, mut gone: impl FnMut(AddressRange)) {
        (self.segments).retain(|&segment| {
            let stays = lies_in(view, segment);
            if !stays {
                gone(segment);
            }
            stays
        });
        (self.sections).retain(|section| lies_in(view, section.range));
        (self.symbols).retain(|symbol| is_in(view, symbol.address));
    }

    fn record_name(&mut self, name: Name<'_>) -> Result<NameRecord, OutOfMemory> {
        let start = u32::try_from(self.names.len()).map_err(|_| OutOfMemory)?;
        let len = u32::try_from(name.bytes().len()).map_err(|_| OutOfMemory)?;
        fallible::extend(&mut self.names, name.bytes())?;
        Ok(NameRecord { start, len })
    }

    /// The symbol at or nearest below an address, in the same segment.
    pub(super) fn nearest_symbol(
        &self,
        address: TargetAddr,
        segment: AddressRange,
    ) -> Option<SymbolPlace<'_>> {
        let above = (self.symbols).partition_point(|symbol| symbol.address <= address);
        let nearest = self.symbols.get(above.checked_sub(1)?)?;
        segment
            .contains(nearest.address)
            .then(|| self.symbol(nearest))
    }

    pub(super) fn symbols(&self) -> impl Iterator<Item = SymbolPlace<'_>> {
        self.symbols.iter().map(|record| self.symbol(record))
    }

    fn symbol(&self, record: &SymbolRecord) -> SymbolPlace<'_> {
        SymbolPlace {
            name: self.name_of(record.name),
            address: record.address,
            size_bytes: record.size_bytes,
            kind: record.kind,
        }
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = SectionPlace<'_>> {
        self.sections.iter().map(|record| SectionPlace {
            name: self.name_of(record.name),
            range: record.range,
            protection: record.protection,
        })
    }

    fn name_of(&self, record: NameRecord) -> Name<'_> {
        let start = int::usize_from_u32(record.start);
        let end = start.saturating_add(int::usize_from_u32(record.len));
        Name::new(self.names.get(start..end).unwrap_or(&[]))
    }
}

/// The symbols of a linked graph that say something to a reader. Those that only end a segment are no address's name.
pub(in super::super) fn telling<'g>(
    view: &'g ModuleView,
    graph: &'g LinkGraph<'_>,
) -> impl Iterator<Item = SymbolPlace<'g>> {
    graph.symbols.iter().filter_map(|(id, symbol)| {
        let Definition::Block { block, .. } = symbol.definition else {
            return None;
        };
        if !is_telling(symbol) || !is_in_memory(graph, graph.blocks.at(block)) {
            return None;
        }
        let address = graph.address(id).filter(|&address| is_in(view, address))?;
        Some(SymbolPlace {
            name: symbol.name,
            address,
            size_bytes: symbol.size_bytes.into(),
            kind: symbol.kind,
        })
    })
}

/// Whether a symbol is more than a mark for tools: a mapping symbol, such as `$x`, or a label of a compiler's own. Source: ELF
/// for the Arm 64-bit Architecture (AAELF64), "Mapping symbols"; GNU as, "Symbol Names", local symbol names.
fn is_telling(symbol: &Symbol<'_>) -> bool {
    let name = symbol.name.bytes();
    let is_mark = name.is_empty() || name.starts_with(b"$") || name.starts_with(b".L");
    !is_mark && symbol.kind != SymbolKind::Section
}

/// Whether a block lies where the program can reach it.
fn is_in_memory(graph: &LinkGraph<'_>, block: &Block<'_>) -> bool {
    block.is_live && graph.sections.at(block.section).lifetime != Lifetime::NoAlloc
}

fn is_in(view: &ModuleView, address: TargetAddr) -> bool {
    let mut segments = view.segments();
    segments.any(|(segment, _)| segment.contains(address))
}

fn lies_in(view: &ModuleView, range: AddressRange) -> bool {
    let mut segments = view.segments();
    segments.any(|(segment, _)| segment.contains_range(range))
}
