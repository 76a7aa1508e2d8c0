//! Writing: each block is copied to its place and fixed up while it is warm.

use alloc::vec::Vec;
use core::{iter, slice};

use crate::arch::{self, Operands};
use crate::base::{TargetAddr, Text, fallible, int};
use crate::edge::{Formula, Plain};
use crate::graph::{Block, BlockId, Edge, LinkGraph, PlainTargets, Section, Symbol};
use crate::memory::{InFlight, Lifetime};
use crate::pass::{BlockMemory, PassError};

use super::layout::{Placed, Segment};
use super::{LinkError, Statistics};

/// The blocks as they were written: in the working memory, and those that are in no memory of the program, here.
pub(super) struct Written<'l, 'a, I> {
    graph: &'l LinkGraph<'a>,
    placed: &'l Placed,
    in_flight: &'l mut I,
    /// What only describes the program, block after block in the order of their ids.
    detached: Vec<(BlockId, Vec<u8>)>,
}

/// What is alike for all fixups of a link.
#[derive(Clone, Copy)]
struct Bases {
    table: TargetAddr,
    thread_pointer: TargetAddr,
    thread_block: TargetAddr,
}

impl<'l, 'a, I: InFlight> Written<'l, 'a, I> {
    /// Writes all live blocks.
    pub(super) fn blocks(
        graph: &'l LinkGraph<'a>,
        placed: &'l Placed,
        in_flight: &'l mut I,
    ) -> Result<(Self, Statistics), LinkError> {
        let bases = Bases::of(graph);
        let targets = graph.plain_targets()?;
        let mut written = Self {
            graph,
            placed,
            in_flight,
            detached: Vec::new(),
        };
        let mut statistics = Statistics::default();
        let blocks = graph.blocks.iter();
        let mut blocks = blocks
            .filter(|(_, block)| statistics.note(block))
            .peekable();
        while let Some(&(_, first)) = blocks.peek() {
            let section = graph.sections.at(first.section);
            let is_alike = |block: &Block<'_>| goes_with(graph.sections.at(block.section), section);
            let alike = iter::from_fn(|| blocks.next_if(|(_, block)| is_alike(block)));
            written.write(section, alike, &bases, &targets)?;
        }
        Ok((written, statistics))
    }

    /// Writes blocks that lie in one segment, whose memory is asked for once: the first one's section is `section`.
    fn write<'g>(
        &mut self,
        section: &Section<'_>,
        blocks: impl Iterator<Item = (BlockId, &'g Block<'a>)>,
        bases: &Bases,
        targets: &PlainTargets,
    ) -> Result<(), LinkError>
    where
        'a: 'g,
    {
        let graph = self.graph;
        let outside = || LinkError::Internal {
            what: "a block lies outside of its segment",
        };
        let write_block = |id, block: &Block<'a>, bytes: &mut [u8]| {
            graph.copy_content(&graph.content_of(block), bytes);
            fix_up(graph, id, block, bases, targets, bytes)
        };
        if section.lifetime == Lifetime::NoAlloc {
            for (id, block) in blocks {
                let mut bytes = fallible::zeros(int::to_usize(block.content.size_bytes()))?;
                write_block(id, block, &mut bytes)?;
                fallible::push(&mut self.detached, (id, bytes))?;
            }
            return Ok(());
        }
        let segment = self.placed.segment(section).ok_or_else(outside)?;
        let memory = self.in_flight.working_memory(segment.place);
        let memory = memory.ok_or_else(outside)?;
        for (id, block) in blocks {
            let bytes = piece_of(memory, &segment, block).ok_or_else(outside)?;
            write_block(id, block, bytes)?;
        }
        Ok(())
    }
}

/// Whether blocks of two sections lie in one segment for sure.
fn goes_with(one: &Section<'_>, other: &Section<'_>) -> bool {
    one.protection == other.protection && one.lifetime == other.lifetime && one.role == other.role
}

/// The part of a segment's memory that is a block's.
fn piece_of<'m>(
    memory: &'m mut [u8],
    segment: &Segment,
    block: &Block<'_>,
) -> Option<&'m mut [u8]> {
    let offset = block.address.checked_distance_from(segment.address)?;
    let end = offset.checked_add(block.content.size_bytes())?;
    memory.get_mut(int::to_usize(offset)..int::to_usize(end))
}

impl Statistics {
    /// Counts a block; says whether it holds bytes to be written.
    fn note(&mut self, block: &Block<'_>) -> bool {
        if !block.is_live {
            return false;
        }
        self.blocks = self.blocks.saturating_add(1);
        let size_bytes = block.content.size_bytes();
        if block.content.is_zero_fill() {
            self.zero_fill_bytes = self.zero_fill_bytes.saturating_add(size_bytes);
            return false;
        }
        self.content_bytes = self.content_bytes.saturating_add(size_bytes);
        if size_bytes != 0 {
            let fixups = int::from_usize(block.edges.len());
            self.fixups = self.fixups.saturating_add(fixups);
        }
        size_bytes != 0
    }
}

impl<I: InFlight> BlockMemory for Written<'_, '_, I> {
    fn bytes(&mut self, id: BlockId) -> Option<&mut [u8]> {
        let block = self.graph.blocks.get(id).filter(|block| block.is_live)?;
        if self.graph.sections.at(block.section).lifetime != Lifetime::NoAlloc {
            let segment = self.placed.segment(self.graph.sections.at(block.section))?;
            let memory = self.in_flight.working_memory(segment.place)?;
            return piece_of(memory, &segment, block);
        }
        let place = self.detached.binary_search_by_key(&id, |&(id, _)| id);
        let (_, bytes) = self.detached.get_mut(place.ok()?)?;
        Some(bytes)
    }
}

impl Bases {
    fn of(graph: &LinkGraph<'_>) -> Self {
        let table = graph.got_base.and_then(|base| graph.address(base));
        let storage = graph.thread_storage;
        Self {
            table: table.unwrap_or_default(),
            thread_pointer: storage.map_or(TargetAddr::ZERO, |storage| {
                storage.thread_pointer(graph.machine())
            }),
            thread_block: storage.map_or(TargetAddr::ZERO, |storage| storage.address),
        }
    }
}

fn fix_up(
    graph: &LinkGraph<'_>,
    id: BlockId,
    block: &Block<'_>,
    bases: &Bases,
    targets: &PlainTargets,
    bytes: &mut [u8],
) -> Result<(), LinkError> {
    let mut edges = graph.edges_in(block.edges).iter();
    loop {
        fix_up_words(&mut edges, targets, block.address, bytes);
        let Some(edge) = edges.as_slice().first() else {
            return Ok(());
        };
        let before = edges.len();
        if let Some(Plain::Instruction) = edge.plain() {
            fix_up_instructions(&mut edges, targets, block.address, bytes);
        }
        if edges.len() == before {
            edges.next();
            if !fix_up_unsettled(graph, edge, block.address, bytes) {
                fix_up_edge(graph, id, block, edge, bases, bytes)?;
            }
        }
    }
}

/// Fixes up edges up to the first that isn't written plainly as a whole word, or whose value doesn't fit. A loop that calls
/// nothing, so that what it looks at for each edge stays in registers.
fn fix_up_words(
    edges: &mut slice::Iter<'_, Edge>,
    targets: &PlainTargets,
    address: TargetAddr,
    bytes: &mut [u8],
) {
    fix_up_while(edges, targets, address, |edge, sum, place, offset| {
        matches!(edge.plain(), Some(Plain::Word(word))
            if arch::fix_up_word(word, sum, place, bytes, offset))
    });
}

/// The same for edges that are written plainly into instructions: those of code on machines whose instructions hold parts of
/// addresses.
#[inline(never)]
fn fix_up_instructions(
    edges: &mut slice::Iter<'_, Edge>,
    targets: &PlainTargets,
    address: TargetAddr,
    bytes: &mut [u8],
) {
    fix_up_while(edges, targets, address, |edge, sum, place, offset| {
        matches!(edge.plain(), Some(Plain::Instruction))
            && arch::fix_up_instruction(edge.kind.row(), sum, place, bytes, offset)
    });
}

/// Fixes up an edge that those loops left, if its kind is written plainly: most often an address of something outside. Says
/// whether it did. Inlined there, it would slow them down.
#[inline(never)]
fn fix_up_unsettled(
    graph: &LinkGraph<'_>,
    edge: &Edge,
    address: TargetAddr,
    bytes: &mut [u8],
) -> bool {
    let row = edge.kind.row();
    let (Some(plain), Some(target)) = (row.plain, graph.address(edge.target)) else {
        return false;
    };
    let sum = target.wrapping_offset(graph.addend(edge));
    let place = address.wrapping_offset(i64::from(edge.offset));
    let offset = int::usize_from_u32(edge.offset);
    match plain {
        Plain::Word(word) => arch::fix_up_word(word, sum, place, bytes, offset),
        Plain::Instruction => arch::fix_up_instruction(row, sum, place, bytes, offset),
    }
}

/// Passes edges while `fix_up` does, which is told of each where it leads to, its place, and its offset in its block.
#[inline]
fn fix_up_while(
    edges: &mut slice::Iter<'_, Edge>,
    targets: &PlainTargets,
    address: TargetAddr,
    mut fix_up: impl FnMut(&Edge, TargetAddr, TargetAddr, usize) -> bool,
) {
    let mut left = edges.clone();
    while let Some(edge) = left.as_slice().first()
        && let Some(sum) = targets.of(edge)
    {
        let place = address.wrapping_offset(i64::from(edge.offset));
        if !fix_up(edge, sum, place, int::usize_from_u32(edge.offset)) {
            break;
        }
        left.next();
    }
    *edges = left;
}

/// Fixes up what an edge of any kind stands for, or says why it can't be.
#[inline(never)]
fn fix_up_edge(
    graph: &LinkGraph<'_>,
    id: BlockId,
    block: &Block<'_>,
    edge: &Edge,
    bases: &Bases,
    bytes: &mut [u8],
) -> Result<(), LinkError> {
    let row = edge.kind.row();
    if row.request.is_some() {
        return Err(without_tables(graph, id, edge));
    }
    let target = match graph.address(edge.target) {
        Some(target) => target,
        None => address_without(graph, block)?,
    };
    let place = block.address.wrapping_offset(i64::from(edge.offset));
    let (addend, offset) = (graph.addend(edge), int::usize_from_u32(edge.offset));
    let size_bytes = graph.symbols.at(edge.target).size_bytes;
    let operands = Operands {
        place,
        target,
        addend,
        size_bytes: size_bytes.into(),
        table: bases.table,
        thread_pointer: bases.thread_pointer,
        thread_block: bases.thread_block,
    };
    let written = match row.formula {
        Formula::Size if size_bytes == Symbol::LARGEST_SIZE => Err(arch::FixUpFault::UnknownSize),
        _ => arch::fix_up(row, &operands, bytes, offset),
    };
    written.map_err(|fault| fix_up_error(graph, id, edge, &operands, fault))
}

#[cold]
fn without_tables(graph: &LinkGraph<'_>, block: BlockId, edge: &Edge) -> LinkError {
    let site = graph.site(block, u64::from(edge.offset));
    let reason =
        "the fixup asks for a table's entry, and no pass made one; let `standard::TABLES` run";
    (Text::new(), PassError::at(site, reason)).into()
}

/// What stands for the address of a symbol that has none: what describes the program may name what was left out.
#[cold]
fn address_without(graph: &LinkGraph<'_>, block: &Block<'_>) -> Result<TargetAddr, LinkError> {
    match graph.sections.at(block.section).lifetime {
        Lifetime::NoAlloc => Ok(TargetAddr::ZERO),
        _ => Err(LinkError::Internal {
            what: "a fixup's target has no address",
        }),
    }
}

#[cold]
fn fix_up_error(
    graph: &LinkGraph<'_>,
    block: BlockId,
    edge: &Edge,
    operands: &Operands,
    fault: arch::FixUpFault,
) -> LinkError {
    LinkError::FixUp {
        site: graph.fixup_site(block, edge.offset),
        kind: edge.kind,
        symbol: graph.symbol_name(edge.target),
        address: operands.target,
        addend: operands.addend,
        place: operands.place,
        block,
        fault,
    }
}
