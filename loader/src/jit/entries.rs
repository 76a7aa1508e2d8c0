//! Entries: where functions of a module with hot swap are entered, whichever body they have.
//!
//! An entry is a stub that jumps to the address that a slot holds. Stubs lie in pages that are never written again, slots in
//! pages of their own that are never executable: a function gets a new body by one store to its slot.

use alloc::vec::Vec;

use crate::arch::{self, TableShape};
use crate::base::{Alignment, Machine, OutOfMemory, Protection, TargetAddr, fallible, int};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{GraphError, LinkGraph, ObjectId, Section, SymbolId, SymbolKind};
use crate::link::GraphSource;
use crate::memory::MemoryManager;
use crate::pass::{PassError, Pipeline, Point, Purpose};
use crate::session::{Input, LoadError, Module};

use super::held::{Held, Home};
use super::slot::Slot;

/// Where a function is entered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The stub.
    pub(super) stub: TargetAddr,
    /// The word that holds the address of its body.
    pub(super) slot: Slot,
    /// The chunk that it lies in.
    pub(super) chunk: u32,
}

/// What stubs begin with. They jump to bodies indirectly: where a machine checks that, bodies must begin with a landing pad, too,
/// which is for who compiles them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum BranchProtection {
    /// Nothing.
    #[default]
    None,
    /// An instruction at which indirect branches may land, where the machine checks that: `endbr64`, or `bti c`. Others take it
    /// for no operation.
    LandingPads,
}

/// Entries of one reservation.
struct Chunk<'s, M: MemoryManager> {
    held: Held<'s, M>,
    stubs: TargetAddr,
    slots: TargetAddr,
    /// Where functions lead that have no body.
    trap: TargetAddr,
    count: u32,
    used: u32,
}

/// All entries of a module.
pub(super) struct Entries<'s, M: MemoryManager> {
    chunks: Vec<Chunk<'s, M>>,
    protection: BranchProtection,
}

/// How many entries the first chunk has at least; each later one has twice as many as the one before, up to the last.
const FIRST: u32 = 16;
const LARGEST: u32 = 1024;

impl<'s, M: MemoryManager> Entries<'s, M> {
    pub(super) const fn new(protection: BranchProtection) -> Self {
        Self {
            chunks: Vec::new(),
            protection,
        }
    }

    /// How many more can be [taken](Self::take).
    fn room(&self) -> u32 {
        let last = self.chunks.last();
        last.map_or(0, |chunk| chunk.count.saturating_sub(chunk.used))
    }

    /// Makes room for so many entries, side by side.
    pub(super) fn reserve(
        &mut self,
        count: u32,
        home: &Home<'s, M>,
        name: &str,
    ) -> Result<(), LoadError> {
        let machine = home.session.machine();
        if count <= self.room() {
            return Ok(());
        }
        let last = self.chunks.last().map_or(0, |chunk| chunk.count);
        let usual = last.saturating_mul(2).clamp(FIRST, LARGEST);
        let source = NewChunk {
            shape: arch::table_shape(machine),
            pad: landing_pad(self.protection, machine),
            trap: trap(machine),
            count: count.max(usual),
        };
        fallible::reserve(&mut self.chunks, 1)?;
        let mut found = Found::default();
        let look = |graph: &LinkGraph<'_>| found.look(graph);
        let mut pipeline = Pipeline::standard(Purpose::Run)?;
        pipeline.push_observer(Point::PostAllocation, "entries", look)?;
        let held = Held::load(home, Input::built(name, &source), pipeline)?;
        let chunk = Chunk {
            held,
            stubs: found.stubs,
            slots: found.slots,
            trap: found.trap,
            count: source.count,
            used: 0,
        };
        fallible::push(&mut self.chunks, chunk)?;
        Ok(())
    }

    /// The next entry, for which there is room; it leads to a trap yet.
    pub(super) fn take(&mut self, machine: Machine) -> Option<Entry> {
        let number = u32::try_from(self.chunks.len()).ok()?.checked_sub(1)?;
        let stride = stride(
            arch::table_shape(machine),
            landing_pad(self.protection, machine),
        );
        let chunk = self.chunks.last_mut()?;
        if chunk.used >= chunk.count {
            return None;
        }
        let index = u64::from(chunk.used);
        let stub = chunk.stubs.checked_add(index.checked_mul(stride)?)?;
        let slot = chunk.slots.checked_add(index.checked_mul(8)?)?;
        chunk.used = chunk.used.saturating_add(1);
        Some(Entry {
            stub,
            slot: Slot::at(slot),
            chunk: number,
        })
    }

    /// The module that holds an entry, and gives its name to others.
    pub(super) fn module_of(&self, entry: Entry) -> Option<&Module<'s, M>> {
        let chunk = self.chunks.get(int::usize_from_u32(entry.chunk))?;
        chunk.held.module()
    }

    /// Leads callers of a function that has no body to an instruction that traps.
    pub(super) fn trap(&self, entry: Entry) {
        if let Some(chunk) = self.chunks.get(int::usize_from_u32(entry.chunk)) {
            entry.slot.store(chunk.trap);
        }
    }

    /// The modules that hold the entries.
    pub(super) fn held_mut(&mut self) -> impl Iterator<Item = &mut Held<'s, M>> {
        self.chunks.iter_mut().map(|chunk| &mut chunk.held)
    }
}

/// Entries that are about to be linked.
#[derive(Debug)]
struct NewChunk {
    shape: &'static TableShape,
    pad: &'static [u8],
    trap: &'static [u8],
    count: u32,
}

/// From one stub to the next.
fn stride(shape: &TableShape, pad: &[u8]) -> u64 {
    let bytes = int::from_usize(pad.len()).saturating_add(int::from_usize(shape.stub.len()));
    (shape.stub_alignment)
        .checked_round_up(bytes)
        .unwrap_or(bytes)
}

/// The section of stubs, and their symbol; the symbols of slots and of the trap.
const SECTION: &str = "$__ENTRIES";
const STUBS: &str = "jit_entries";
const SLOTS: &str = "jit_slots";
const TRAP: &str = "jit_function_without_body";

impl NewChunk {
    /// The stubs as bytes, each with zeros behind it as far as it must be aligned.
    fn stubs(&self) -> Result<Vec<u8>, OutOfMemory> {
        let stride = int::to_usize(stride(self.shape, self.pad));
        let count = int::usize_from_u32(self.count);
        let size = stride.checked_mul(count).ok_or(OutOfMemory)?;
        let mut bytes = fallible::vec_with_capacity(size)?;
        for index in 1..=count {
            fallible::extend(&mut bytes, self.pad)?;
            fallible::extend(&mut bytes, self.shape.stub)?;
            let end = stride.saturating_mul(index);
            let padding = end.saturating_sub(bytes.len());
            fallible::extend_with(&mut bytes, 0, padding)?;
        }
        Ok(bytes)
    }

    fn add_stub_edges(
        &self,
        graph: &mut LinkGraph<'_>,
        slots: SymbolId,
    ) -> Result<(), OutOfMemory> {
        let pad = int::low_u32(int::from_usize(self.pad.len()));
        let stride = int::low_u32(stride(self.shape, self.pad));
        for index in 0..self.count {
            let start = index.saturating_mul(stride).saturating_add(pad);
            let slot = i64::from(index).saturating_mul(8);
            for edge in self.shape.stub_edges {
                let offset = start.saturating_add(edge.offset);
                graph.add_edge(offset, edge.kind, slots, edge.addend.saturating_add(slot))?;
            }
        }
        Ok(())
    }
}

impl GraphSource for NewChunk {
    fn add_to<'a>(&'a self, graph: &mut LinkGraph<'a>, object: ObjectId) -> Result<(), GraphError> {
        let text = graph.add_section(Section::new(SECTION, object, Protection::ReadExecute))?;
        let data = graph.add_section(Section::new(".data", object, Protection::ReadWrite))?;
        let trap = graph.add_content_block(text, self.trap, self.shape.stub_alignment)?;
        let trap = local(graph, TRAP, trap, SymbolKind::Function)?;
        let bytes = graph.own_bytes(&self.stubs()?)?;
        let stubs = graph.add_block(text, bytes, self.shape.stub_alignment)?;
        local(graph, STUBS, stubs, SymbolKind::Function)?;
        let size = int::usize_from_u32(self.count)
            .checked_mul(8)
            .ok_or(OutOfMemory)?;
        let zeros = graph.own_bytes(&fallible::zeros(size)?)?;
        // A slot never crosses a line of the cache, so that a store to it is seen whole.
        let slots = graph.add_block(data, zeros, Alignment::EIGHT)?;
        let symbol = local(graph, SLOTS, slots, SymbolKind::Data)?;
        let first = graph.open_edges();
        self.add_stub_edges(graph, symbol)?;
        graph.close_edges(stubs, first)?;
        let first = graph.open_edges();
        let pointer = EdgeKind::Data(DataKind::Pointer64);
        for index in 0..self.count {
            graph.add_edge(index.saturating_mul(8), pointer, trap, 0)?;
        }
        Ok(graph.close_edges(slots, first)?)
    }
}

fn local<'a>(
    graph: &mut LinkGraph<'a>,
    name: &'static str,
    block: crate::graph::BlockId,
    kind: SymbolKind,
) -> Result<SymbolId, OutOfMemory> {
    let size_bytes = graph.blocks.at(block).content.size_bytes();
    let id = graph.add_anonymous(block, 0, size_bytes)?;
    let symbol = graph.symbols.at_mut(id);
    symbol.name = name.into();
    symbol.kind = kind;
    Ok(id)
}

/// Where a chunk came to lie.
#[derive(Default)]
struct Found {
    stubs: TargetAddr,
    slots: TargetAddr,
    trap: TargetAddr,
}

impl Found {
    fn look(&mut self, graph: &LinkGraph<'_>) -> Result<(), PassError> {
        // A chunk is a link of its own: its symbols are the graph's first, in the order in which they were added.
        let mut addresses = graph.symbols.ids().map(|id| graph.address(id));
        for place in [&mut self.trap, &mut self.stubs, &mut self.slots] {
            *place = addresses.next().flatten().unwrap_or_default();
        }
        Ok(())
    }
}

/// Source: Intel SDM, Volume 2, "ENDBR64"; Arm Architecture Reference Manual (A-profile), "BTI".
const fn landing_pad(protection: BranchProtection, machine: Machine) -> &'static [u8] {
    match (protection, machine) {
        (BranchProtection::None, _) => &[],
        (BranchProtection::LandingPads, Machine::X86_64) => &[0xf3, 0x0f, 0x1e, 0xfa],
        (BranchProtection::LandingPads, Machine::Aarch64) => &[0x5f, 0x24, 0x03, 0xd5],
    }
}

/// An instruction that traps: `ud2`, or `udf #0`.
pub(super) const fn trap(machine: Machine) -> &'static [u8] {
    match machine {
        Machine::X86_64 => &[0x0f, 0x0b],
        Machine::Aarch64 => &[0, 0, 0, 0],
    }
}
