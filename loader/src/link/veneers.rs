//! Veneers: branches that can't reach their targets go through a jump that can.
//!
//! Code that is larger than a branch reaches gets islands: blocks between others, near enough to every branch. A veneer in
//! the nearest island holds its target's address, so that one is enough for any distance. Only unconditional branches may
//! be led through one; ABIs let them change the registers that a veneer uses. Source: AAELF64, 5.7.10 "Call and Jump
//! relocations"; System V ABI, AMD64 supplement, 3.5.1 for models whose text is larger than 2 GiB.

use alloc::vec::Vec;

use crate::arch::{self, TableShape};
use crate::base::{Alignment, Name, OutOfMemory, Protection, fallible, int, sort};
use crate::graph::{
    BlockId, Content, Definition, Edge, LinkGraph, Linkage, Object, Origin, Scope, Section,
    SectionRole, Symbol, SymbolId, SymbolKind,
};
use crate::memory::Lifetime;

use super::LinkError;
use super::layout::{self, Island, Layout};

/// How often code is laid out again because veneers moved it. They are a few bytes each, and islands lie at half of what a
/// branch reaches: the second time most often finds nothing left to do.
const ROUNDS: usize = 8;

/// Lays out the graph, with the veneers that its branches need.
pub(super) fn lay_out(graph: &mut LinkGraph<'_>) -> Result<Layout, LinkError> {
    let shape = arch::table_shape(graph.machine());
    let (_, farthest) = shape.branch.row().range.ends();
    let mut layout = Layout::of(graph, &[])?;
    let reach_bytes = farthest.unsigned_abs();
    if layout.largest_code_bytes() <= reach_bytes {
        return Ok(layout);
    }
    let mut veneers = Veneers {
        shape,
        islands: Vec::new(),
        known: Vec::new(),
    };
    for _ in 0..ROUNDS {
        let far = far_branches(graph, shape)?;
        if far.is_empty() {
            break;
        }
        if veneers.islands.is_empty() {
            veneers.add_islands(graph, reach_bytes.wrapping_shr(1))?;
        }
        veneers.serve(graph, &far)?;
        layout = Layout::of(graph, &veneers.islands)?;
    }
    veneers.close(graph)?;
    Ok(layout)
}

/// A branch that doesn't reach: the block it stands in, and its place among all edges.
#[derive(Clone, Copy)]
struct FarBranch {
    block: BlockId,
    index: usize,
}

/// What a veneer leads to: the place `addend` bytes after a symbol, for the branches near one island.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    island: usize,
    target: SymbolId,
    addend: i64,
}

struct Veneers {
    shape: &'static TableShape,
    /// In the order of the code.
    islands: Vec<Island>,
    /// The veneers that there are, in ascending order, with the symbols that name them.
    known: Vec<(Key, SymbolId)>,
}

/// The branches within one segment that don't reach their targets, as the blocks lie now.
fn far_branches(graph: &LinkGraph<'_>, shape: &TableShape) -> Result<Vec<FarBranch>, OutOfMemory> {
    let range = shape.branch.row().range;
    let mut far = Vec::new();
    for (id, block) in graph.blocks.iter() {
        if !block.is_live {
            continue;
        }
        for index in block.edges.indices() {
            let Some(edge) = graph.edge(index).filter(|edge| edge.kind == shape.branch) else {
                continue;
            };
            if distance(graph, id, edge).is_some_and(|distance| !range.contains(distance)) {
                fallible::push(&mut far, FarBranch { block: id, index })?;
            }
        }
    }
    Ok(far)
}

/// The distance that a branch must hold, if it is known before there are addresses: within one segment.
fn distance(graph: &LinkGraph<'_>, block: BlockId, edge: &Edge) -> Option<i64> {
    let Definition::Block { block: target, .. } = graph.symbols.at(edge.target).definition else {
        return None;
    };
    let segment = |id: BlockId| layout::segment_of(graph.sections.at(graph.blocks.at(id).section));
    if segment(block)? != segment(target)? {
        return None;
    }
    let place = graph.blocks.at(block).address;
    let place = place.wrapping_offset(i64::from(edge.offset));
    let target = graph.address(edge.target)?;
    let target = target.wrapping_offset(graph.addend(edge));
    Some(target.wrapping_distance_from(place))
}

impl Veneers {
    /// Puts an island after the first block that ends `spacing` bytes past the one before; before it, too, if it is so large
    /// that the code before it would not reach the next one.
    fn add_islands(&mut self, graph: &mut LinkGraph<'_>, spacing: u64) -> Result<(), OutOfMemory> {
        let object = graph.add_object(Object {
            origin: Origin::Linker,
            ..Object::new("<linker>")
        })?;
        let section = graph.add_section(Section {
            name: Name::from("$__VENEERS"),
            object,
            protection: Protection::ReadExecute,
            lifetime: Lifetime::Standard,
            role: SectionRole::Ordinary,
            is_bounded: false,
            index: 0,
        })?;
        let mut last_of_code = None;
        // The last block with no island behind it where one may be.
        let mut gap = None;
        let mut previous = 0_u64;
        let blocks = graph.blocks.len();
        for place in 0..blocks {
            let id = graph.block_in_order(place);
            if !layout::is_ordinary_code(graph, id) {
                continue;
            }
            last_of_code = Some(id);
            // Code may run from one part of a block into the next.
            let next = place.saturating_add(1);
            if next < blocks && graph.blocks.at(graph.block_in_order(next)).is_split_off() {
                continue;
            }
            let block = graph.blocks.at(id);
            let end = block.address.value();
            let end = end.saturating_add(block.content.size_bytes());
            let distance = end.saturating_sub(previous);
            if distance < spacing {
                gap = Some(id);
                continue;
            }
            if distance.saturating_sub(spacing) >= spacing.wrapping_shr(1)
                && let Some(before) = gap
            {
                self.add_island(graph, section, before)?;
            }
            self.add_island(graph, section, id)?;
            last_of_code = None;
            gap = None;
            previous = end;
        }
        match last_of_code {
            Some(id) => self.add_island(graph, section, id),
            None => Ok(()),
        }
    }

    fn add_island(
        &mut self,
        graph: &mut LinkGraph<'_>,
        section: crate::graph::SectionId,
        after: BlockId,
    ) -> Result<(), OutOfMemory> {
        let content = Content::Repeated {
            entry: self.shape.veneer,
            count: 0,
        };
        let block = graph.add_block(section, content, Alignment::SIXTEEN)?;
        graph.blocks.at_mut(block).is_live = true;
        fallible::push(&mut self.islands, Island { after, block })
    }

    /// Leads branches through veneers, making those that are not there yet.
    fn serve(&mut self, graph: &mut LinkGraph<'_>, far: &[FarBranch]) -> Result<(), OutOfMemory> {
        let mut wanted = fallible::vec_with_capacity(far.len())?;
        for branch in far {
            let Some(edge) = graph.edge(branch.index) else {
                continue;
            };
            let place = graph.blocks.at(branch.block).address.value();
            let key = Key {
                island: self.nearest_island(graph, place.saturating_add(u64::from(edge.offset))),
                target: edge.target,
                addend: graph.addend(edge).wrapping_sub(self.shape.branch_addend),
            };
            fallible::push(&mut wanted, (key, branch.index))?;
        }
        sort::sort(&mut wanted);
        let before = self.known.len();
        let mut last = None;
        for (key, index) in wanted {
            let known = self.known.get(..before).unwrap_or(&[]);
            let found = known.binary_search_by_key(&key, |&(key, _)| key);
            let symbol = match (last, found) {
                (Some((same, symbol)), _) if same == key => symbol,
                (_, Ok(place)) => known.get(place).map_or(key.target, |&(_, symbol)| symbol),
                (_, Err(_)) => self.add_veneer(graph, key)?,
            };
            last = Some((key, symbol));
            graph.retarget(index, symbol, self.shape.branch_addend)?;
        }
        sort::sort(&mut self.known);
        Ok(())
    }

    /// The island that lies nearest to a place of the code.
    fn nearest_island(&self, graph: &LinkGraph<'_>, place: u64) -> usize {
        let address = |island: &Island| graph.blocks.at(island.after).address.value();
        // Islands ascend; each lies at the end of the block that it follows.
        let next = self
            .islands
            .partition_point(|island| address(island) < place);
        let before = next.saturating_sub(1);
        let distance = |index: usize| {
            let island = self.islands.get(index)?;
            let size_bytes = graph.blocks.at(island.after).content.size_bytes();
            Some(address(island).saturating_add(size_bytes).abs_diff(place))
        };
        match (distance(before), distance(next)) {
            (Some(near), Some(far)) if far < near => next,
            (None, Some(_)) => next,
            _ => before,
        }
    }

    fn add_veneer(&mut self, graph: &mut LinkGraph<'_>, key: Key) -> Result<SymbolId, OutOfMemory> {
        let block = self.islands.get(key.island).map(|island| island.block);
        let block = block.ok_or(OutOfMemory)?;
        let Content::Repeated { entry, count } = graph.content_of(graph.blocks.at(block)) else {
            return Err(OutOfMemory);
        };
        let size_bytes = int::from_usize(entry.len());
        let object = graph.sections.at(graph.blocks.at(block).section).object;
        let symbol = graph.add_symbol(Symbol {
            name: Name::default(),
            definition: Definition::Block {
                block,
                offset: int::widen_u32(count).saturating_mul(size_bytes),
            },
            size_bytes: int::saturate_u32(size_bytes),
            object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Function,
            is_live: true,
        })?;
        fallible::push(&mut self.known, (key, symbol))?;
        let count = count.checked_add(1).ok_or(OutOfMemory)?;
        graph.set_content(block, Content::Repeated { entry, count })?;
        Ok(symbol)
    }

    /// Gives each island the edges of its veneers.
    fn close(&self, graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
        let mut known = self.known.iter().peekable();
        for (index, island) in self.islands.iter().enumerate() {
            let first = graph.open_edges();
            while let Some(&(key, symbol)) = known.next_if(|(key, _)| key.island == index) {
                let Definition::Block { offset, .. } = graph.symbols.at(symbol).definition else {
                    continue;
                };
                let offset = u32::try_from(offset).map_err(|_| OutOfMemory)?;
                for edge in self.shape.veneer_edges {
                    let offset = offset.saturating_add(edge.offset);
                    let addend = key.addend.wrapping_add(edge.addend);
                    graph.add_edge(offset, edge.kind, key.target, addend)?;
                }
            }
            graph.close_edges(island.block, first)?;
        }
        Ok(())
    }
}
