//! Unwind information: each record of `.eh_frame` becomes a block that is linked with the function it describes.
//!
//! A CIE holds what several functions have in common; an FDE describes one function, and leads back to its CIE by a distance.
//! Only records of functions that are linked are; with them go their CIE, and through its and their own fixups the routine
//! that handles exceptions and its tables. Where all records of an object are linked, they stay together in one block. The
//! records of all objects lie at one stretch without a gap, and a word of zero
//! ends it, as those expect who walk them. Source: Linux Standard Base, Core, "Exception Frames"; DWARF 5, 6.4.

mod cie;
mod records;
#[cfg(test)]
mod tests;
mod whole;

use alloc::vec::Vec;

use crate::base::{
    AddressRange, Alignment, Hex, Name, Protection, TargetAddr, fallible, int, sort,
};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{
    BlockId, Content, Definition, LinkGraph, Origin, Section, SectionRole, SymbolId,
};
use crate::memory::Lifetime;

use super::{PassError, section_bounds};
use cie::{Cie, Field};
use records::{Kind, Record};

const NAME: &str = ".eh_frame";

/// The distance from a record's field back to its CIE.
const CIE_POINTER: EdgeKind = EdgeKind::Data(DataKind::NegativeDelta32);

/// Splits `.eh_frame` sections into their records, and ties these to their functions. Sections that are linked as they are stay
/// whole.
pub(super) fn split(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut blocks = sections(graph)?;
    if blocks.is_empty() {
        return Ok(());
    }
    let whole = take_whole(graph, &mut blocks)?;
    let records = split_records(graph, &mut blocks)?;
    let end = add_end(graph)?;
    graph.blocks.at_mut(end).is_live = !whole.is_empty();
    fallible::extend(&mut blocks, &whole)?;
    let alignment = alignment_of(graph, &blocks);
    fallible::push(&mut blocks, end)?;
    pack(graph, &blocks, alignment);
    section_bounds::join(graph, &blocks)?;
    let mut frames = Frames {
        end: graph.add_anonymous(end, 0, 0)?,
        graph,
        records,
        cies: Vec::new(),
        keeps: Vec::new(),
    };
    frames.move_ends(end)?;
    frames.read_cies()?;
    frames.tie_functions()?;
    let Frames { mut keeps, .. } = frames;
    sort::sort(&mut keeps);
    Ok(graph.add_keeps(&keeps)?)
}

/// Tells where the records lie, once they have addresses.
pub(super) fn locate(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut bounds: Option<(TargetAddr, TargetAddr)> = None;
    for (_, block) in graph.blocks_in(|section| section.role == SectionRole::Unwind) {
        if block.is_live {
            let size_bytes = block.content.size_bytes().cast_signed();
            let end = block.address.wrapping_offset(size_bytes);
            let (first, last) = bounds.unwrap_or((block.address, end));
            bounds = Some((first.min(block.address), last.max(end)));
        }
    }
    graph.unwind_records = bounds.and_then(|(first, end)| {
        let size_bytes = end.checked_distance_from(first)?;
        AddressRange::from_size(first, size_bytes)
    });
    Ok(())
}

/// The blocks that hold records, or are empty where records could stand.
fn sections(graph: &LinkGraph<'_>) -> Result<Vec<BlockId>, PassError> {
    let mut blocks = Vec::new();
    let is_meant = |section: &Section<'_>| {
        section.name == Name::from(NAME)
            && section.lifetime != Lifetime::NoAlloc
            && section.role != SectionRole::ThreadLocal
    };
    for (id, block) in graph.blocks_in(is_meant) {
        if !block.content.is_zero_fill() {
            fallible::push(&mut blocks, id)?;
        }
    }
    Ok(blocks)
}

/// Takes the blocks that stay whole from all of them. They are linked, as all of their objects is.
fn take_whole(
    graph: &mut LinkGraph<'_>,
    blocks: &mut Vec<BlockId>,
) -> Result<Vec<BlockId>, PassError> {
    let mut whole = fallible::vec_with_capacity(blocks.len())?;
    for &block in blocks.iter() {
        if whole::is_whole(graph, block)? {
            graph.blocks.at_mut(block).is_live = true;
            fallible::push(&mut whole, block)?;
        }
    }
    blocks.retain(|&block| !graph.blocks.at(block).is_live);
    Ok(whole)
}

/// Splits blocks into records, and adds the parts to them.
fn split_records(
    graph: &mut LinkGraph<'_>,
    blocks: &mut Vec<BlockId>,
) -> Result<Vec<Record>, PassError> {
    let mut records = Vec::new();
    let mut splits = Vec::new();
    for &block in blocks.iter() {
        let content = graph.content(block).unwrap_or(&[]);
        for found in records::of(content) {
            let (offset, kind) = found
                .map_err(|fault| PassError::at(graph.site(block, fault.offset), fault.reason))?;
            fallible::push(&mut records, (block, offset, kind))?;
            if offset > 0 {
                fallible::push(&mut splits, (block, offset))?;
            }
        }
    }
    let mut parts = graph.split_blocks(&splits)?;
    fallible::reserve(blocks, splits.len())?;
    let mut split = fallible::vec_with_capacity(records.len())?;
    for (whole, offset, kind) in records {
        let mut block = whole;
        // A part was made for each record that does not start its block, in this order.
        if offset > 0
            && let Some(part) = parts.next()
        {
            block = part;
            fallible::push(blocks, part)?;
        }
        let section = graph.blocks.at(whole).section;
        let offset = u64::from(graph.blocks.at(block).section_offset);
        let is_relocated = |header: usize| {
            let edges = graph.edges(block);
            edges
                .iter()
                .any(|edge| int::usize_from_u32(edge.offset) == header)
        };
        // What the bytes hold where a relocation will write says nothing.
        let kind = match kind {
            Kind::Cie { header } | Kind::Fde { header, .. } if is_relocated(header) => {
                Kind::Fde { header, back: None }
            }
            kind => kind,
        };
        let record = Record {
            section,
            offset,
            block,
            kind,
        };
        fallible::push(&mut split, record)?;
    }
    sort::sort_by_key(&mut split, Record::place);
    Ok(split)
}

/// Adds the word of zero that ends the records.
fn add_end(graph: &mut LinkGraph<'_>) -> Result<BlockId, PassError> {
    let section = super::add_own_section(graph, NAME, Protection::Read)?;
    Ok(graph.add_block(section, Content::Bytes(&[0; 4]), Alignment::FOUR)?)
}

/// The alignment that the sizes of all blocks keep, and their places in their sections.
fn alignment_of(graph: &LinkGraph<'_>, blocks: &[BlockId]) -> Alignment {
    let sizes = blocks.iter().fold(Alignment::EIGHT.bytes(), |sizes, &id| {
        let block = graph.blocks.at(id);
        sizes | block.content.size_bytes() | u64::from(block.section_offset)
    });
    // The lowest bit that any of them has.
    Alignment::new(sizes & sizes.wrapping_neg()).unwrap_or(Alignment::ONE)
}

/// Lets the blocks follow each other without a gap, whichever of them are linked: a gap would be read as a word of zero.
/// Each starts at a place of its section that is so aligned, so that it needs no alignment offset.
fn pack(graph: &mut LinkGraph<'_>, blocks: &[BlockId], alignment: Alignment) {
    for &id in blocks {
        let block = graph.blocks.at_mut(id);
        block.alignment = alignment;
        let section = block.section;
        graph.sections.at_mut(section).role = SectionRole::Unwind;
    }
}

/// The records while they are tied to each other and to functions.
struct Frames<'g, 'a> {
    graph: &'g mut LinkGraph<'a>,
    /// The word of zero that ends the records.
    end: SymbolId,
    /// By their places.
    records: Vec<Record>,
    /// By their places.
    cies: Vec<(Record, Cie, SymbolId)>,
    keeps: Vec<(BlockId, SymbolId)>,
}

impl Frames<'_, '_> {
    /// Lets the symbols of words of zero stand at the one that ends all records: nothing else refers to the others, so that
    /// they are left out.
    fn move_ends(&mut self, end: BlockId) -> Result<(), PassError> {
        let mut ends = Vec::new();
        for record in &self.records {
            if record.kind == Kind::End {
                fallible::push(&mut ends, record.block)?;
            }
        }
        if ends.is_empty() {
            return Ok(());
        }
        sort::sort(&mut ends);
        for symbol in self.graph.symbols.iter_mut() {
            if let Definition::Block { block, .. } = &mut symbol.definition
                && ends.binary_search(block).is_ok()
            {
                *block = end;
            }
        }
        Ok(())
    }

    /// Reads the CIEs. Each keeps the end of all records.
    fn read_cies(&mut self) -> Result<(), PassError> {
        for place in 0..self.records.len() {
            let Some(&record) = self.records.get(place) else {
                break;
            };
            let Kind::Cie { header } = record.kind else {
                continue;
            };
            let content = self.graph.content(record.block).unwrap_or(&[]);
            let cie = Cie::parse(content, header);
            if let Some(field) = cie.personality {
                self.complete(&record, field)?;
            }
            let symbol = self.add_symbol(&record)?;
            fallible::push(&mut self.cies, (record, cie, symbol))?;
            fallible::push(&mut self.keeps, (record.block, self.end))?;
        }
        Ok(())
    }

    /// Lets each function keep its FDE, and that its CIE.
    fn tie_functions(&mut self) -> Result<(), PassError> {
        for place in 0..self.records.len() {
            let Some(&record) = self.records.get(place) else {
                break;
            };
            let Kind::Fde { header, back } = record.kind else {
                continue;
            };
            let cie = match back {
                Some(back) => self.cie_of(&record, header, back)?,
                None => {
                    fallible::push(&mut self.keeps, (record.block, self.end))?;
                    Cie::UNKNOWN
                }
            };
            self.tie(&record, header, &cie)?;
        }
        Ok(())
    }

    /// The CIE that an FDE leads back to. The edge that leads there is added.
    fn cie_of(&mut self, fde: &Record, header: usize, back: u64) -> Result<Cie, PassError> {
        let from = fde.offset.saturating_add(int::from_usize(header));
        let found = from.checked_sub(back).and_then(|offset| {
            let place = (fde.section, offset);
            let cies = &self.cies;
            let index = cies.binary_search_by_key(&place, |(record, ..)| record.place());
            cies.get(index.ok()?)
        });
        let Some(&(_, cie, symbol)) = found else {
            let site = self.graph.site(fde.block, int::from_usize(header));
            let reason = (
                "no CIE stands ",
                Hex(back),
                " bytes before; assemble the file anew",
            );
            return Err(PassError::at(site, reason));
        };
        let offset = int::low_u32(int::from_usize(header));
        self.graph
            .insert_edge(fde.block, offset, CIE_POINTER, symbol, 0)?;
        Ok(cie)
    }

    /// Ties an FDE to the function that it describes.
    fn tie(&mut self, fde: &Record, header: usize, cie: &Cie) -> Result<(), PassError> {
        let content = self.graph.content(fde.block).unwrap_or(&[]);
        let lsda = cie.lsda_field(content, header);
        let function = cie.function_field(header);
        if let Some(field) = lsda {
            self.complete(fde, field)?;
        }
        let target = match self.target_at(fde.block, function.offset) {
            Some(target) => Some(target),
            None => self.complete(fde, function)?,
        };
        let Some(target) = target else {
            // Zero is what is left of a function that was left out, as one of a group that was there already.
            if self.is_address(fde, function) {
                self.keep_if_given(fde);
            }
            return Ok(());
        };
        let Definition::Block { block, .. } = self.graph.symbols.at(target).definition else {
            self.keep_if_given(fde);
            return Ok(());
        };
        let symbol = self.add_symbol(fde)?;
        Ok(fallible::push(&mut self.keeps, (block, symbol))?)
    }

    /// Keeps a record of a function that nothing in the graph stands for, if all of its object is linked.
    fn keep_if_given(&mut self, fde: &Record) {
        let object = self.graph.sections.at(fde.section).object;
        if self.graph.objects.at(object).origin == Origin::Given {
            self.graph.blocks.at_mut(fde.block).is_live = true;
        }
    }

    /// Whether a field without an edge holds an address as it is.
    fn is_address(&self, record: &Record, field: Field) -> bool {
        let content = self.graph.content(record.block).unwrap_or(&[]);
        field.encoding.is_absolute() && field.read(content).is_some_and(|value| value != 0)
    }

    /// The symbol that the edge at an offset leads to, if there is one.
    fn target_at(&self, block: BlockId, offset: usize) -> Option<SymbolId> {
        let edges = self.graph.edges(block);
        let mut here = edges
            .iter()
            .filter(|edge| int::usize_from_u32(edge.offset) == offset);
        here.next().map(|edge| edge.target)
    }

    /// Adds the edge of a field that holds a distance within its section and has none, so that it stays right when records
    /// between are left out; returns where it leads. A field that holds 0 leads nowhere.
    fn complete(&mut self, record: &Record, field: Field) -> Result<Option<SymbolId>, PassError> {
        let content = self.graph.content(record.block).unwrap_or(&[]);
        let (Some(kind), Some(distance)) = (field.encoding.delta(), field.read(content)) else {
            return Ok(None);
        };
        if distance == 0 || self.target_at(record.block, field.offset).is_some() {
            return Ok(None);
        }
        let from = record.offset.saturating_add(int::from_usize(field.offset));
        let Some(offset) = from.checked_add_signed(distance) else {
            return Ok(None);
        };
        // The last record that starts there or before.
        let next = self
            .records
            .partition_point(|other| other.place() <= (record.section, offset));
        let target = next
            .checked_sub(1)
            .and_then(|place| self.records.get(place));
        let Some(&target) = target.filter(|target| target.section == record.section) else {
            return Ok(None);
        };
        let within = offset.saturating_sub(target.offset);
        if within >= self.graph.blocks.at(target.block).content.size_bytes() {
            return Ok(None);
        }
        let symbol = self.graph.add_anonymous(target.block, within, 0)?;
        let offset = int::low_u32(int::from_usize(field.offset));
        let kind = EdgeKind::Data(kind);
        self.graph
            .insert_edge(record.block, offset, kind, symbol, 0)?;
        Ok(Some(symbol))
    }

    /// A symbol for a record as a whole.
    fn add_symbol(&mut self, record: &Record) -> Result<SymbolId, PassError> {
        let size_bytes = self.graph.blocks.at(record.block).content.size_bytes();
        Ok(self.graph.add_anonymous(record.block, 0, size_bytes)?)
    }
}
