//! The tables while they grow: blocks of entries that are all alike, given their sizes and edges at the end.

use alloc::vec::Vec;

use crate::arch::TableShape;
use crate::base::{Alignment, Name, OutOfMemory, Protection, fallible, int};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{
    BlockId, Content, Definition, LinkGraph, Linkage, ObjectId, Scope, Symbol, SymbolId, SymbolKind,
};

/// What both tables have in common: a block, and how many entries it has.
struct Growing {
    block: BlockId,
    object: ObjectId,
    entry: &'static [u8],
    count: usize,
}

impl Growing {
    fn new(
        graph: &mut LinkGraph<'_>,
        name: &'static str,
        protection: Protection,
        entry: &'static [u8],
        alignment: Alignment,
    ) -> Result<Self, OutOfMemory> {
        let section = crate::pass::add_own_section(graph, name, protection)?;
        let object = graph.sections.at(section).object;
        let block = graph.add_block(section, Content::Repeated { entry, count: 0 }, alignment)?;
        graph.blocks.at_mut(block).is_live = true;
        Ok(Self {
            block,
            object,
            entry,
            count: 0,
        })
    }

    /// Appends so many entries that belong together and returns a symbol that names them.
    fn add(&mut self, graph: &mut LinkGraph<'_>, count: usize) -> Result<SymbolId, OutOfMemory> {
        let symbol = Symbol {
            size_bytes: int::saturate_u32(self.bytes_of(count)),
            ..self.next_symbol()
        };
        self.count = self.count.saturating_add(count);
        graph.add_symbol(symbol)
    }

    /// Appends an entry that a symbol names already: the symbol comes to stand there.
    fn add_for(&mut self, graph: &mut LinkGraph<'_>, symbol: SymbolId) {
        let place = self.next_symbol();
        self.count = self.count.saturating_add(1);
        let symbol = graph.symbols.at_mut(symbol);
        symbol.definition = place.definition;
        symbol.size_bytes = int::saturate_u32(self.bytes_of(1));
        symbol.is_live = true;
    }

    /// A symbol that stands where the next entry will, of no size.
    fn next_symbol<'a>(&self) -> Symbol<'a> {
        Symbol {
            name: Name::default(),
            definition: Definition::Block {
                block: self.block,
                offset: self.bytes_of(self.count),
            },
            size_bytes: 0,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Unknown,
            is_live: true,
        }
    }

    /// Where in the table's block an entry stands.
    fn offset_of(&self, entry: usize) -> Result<u32, OutOfMemory> {
        u32::try_from(self.bytes_of(entry)).map_err(|_| OutOfMemory)
    }

    /// Gives the block its size, and the edges that were added since `first_edge`.
    fn close(&self, graph: &mut LinkGraph<'_>, first_edge: usize) -> Result<(), OutOfMemory> {
        let count = u32::try_from(self.count).map_err(|_| OutOfMemory)?;
        let entry = self.entry;
        graph.set_content(self.block, Content::Repeated { entry, count })?;
        graph.close_edges(self.block, first_edge)
    }

    fn bytes_of(&self, entries: usize) -> u64 {
        int::from_usize(self.entry.len()).saturating_mul(int::from_usize(entries))
    }
}

/// The global offset table. A word's edge is added with it: until the table is closed, nobody else adds any.
pub(super) struct GrowingGot {
    table: Growing,
    first_edge: usize,
}

impl GrowingGot {
    /// An empty table.
    pub(super) fn new(graph: &mut LinkGraph<'_>, shape: &TableShape) -> Result<Self, OutOfMemory> {
        let (entry, alignment) = (shape.got_entry, shape.got_alignment);
        Ok(Self {
            table: Growing::new(graph, "$__GOT", Protection::Read, entry, alignment)?,
            first_edge: graph.open_edges(),
        })
    }

    pub(super) const fn block(&self) -> BlockId {
        self.table.block
    }

    /// A symbol that stands where the next word will, of no size.
    pub(super) fn next_symbol<'a>(&self) -> Symbol<'a> {
        self.table.next_symbol()
    }

    /// Appends words that belong together, each holding what its kind says of the target, and returns a symbol that names them.
    pub(super) fn add(
        &mut self,
        graph: &mut LinkGraph<'_>,
        kinds: &[DataKind],
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        for (word, &kind) in (self.table.count..).zip(kinds) {
            let offset = self.table.offset_of(word)?;
            graph.add_edge(offset, EdgeKind::Data(kind), target, 0)?;
        }
        self.table.add(graph, kinds.len())
    }

    pub(super) fn close(&self, graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
        self.table.close(graph, self.first_edge)
    }
}

/// The stubs, each known by the word by which it jumps.
pub(super) struct GrowingStubs {
    table: Growing,
    words: Vec<SymbolId>,
}

impl GrowingStubs {
    /// No stubs.
    pub(super) fn new(graph: &mut LinkGraph<'_>, shape: &TableShape) -> Result<Self, OutOfMemory> {
        let (entry, alignment) = (shape.stub, shape.stub_alignment);
        Ok(Self {
            table: Growing::new(graph, "$__STUBS", Protection::ReadExecute, entry, alignment)?,
            words: Vec::new(),
        })
    }

    pub(super) const fn block(&self) -> BlockId {
        self.table.block
    }

    /// Appends a stub that jumps by a word, and returns a symbol that names it.
    pub(super) fn add(
        &mut self,
        graph: &mut LinkGraph<'_>,
        word: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        fallible::push_beyond(&mut self.words, word)?;
        self.table.add(graph, 1)
    }

    /// Appends a stub that a symbol names already.
    pub(super) fn add_for(
        &mut self,
        graph: &mut LinkGraph<'_>,
        word: SymbolId,
        symbol: SymbolId,
    ) -> Result<(), OutOfMemory> {
        fallible::push_beyond(&mut self.words, word)?;
        self.table.add_for(graph, symbol);
        Ok(())
    }

    /// The word by which the stub jumps that a symbol names.
    pub(super) fn word_of(&self, graph: &LinkGraph<'_>, stub: SymbolId) -> Option<SymbolId> {
        let Definition::Block { offset, .. } = graph.symbols.at(stub).definition else {
            return None;
        };
        let place = int::to_usize(offset).checked_div(self.table.entry.len())?;
        self.words.get(place).copied()
    }

    /// Adds the edges of all stubs, each against its word.
    pub(super) fn close(
        &self,
        graph: &mut LinkGraph<'_>,
        shape: &TableShape,
    ) -> Result<(), OutOfMemory> {
        let edges = self.words.len().saturating_mul(shape.stub_edges.len());
        graph.reserve_edges(edges)?;
        let first = graph.open_edges();
        for (stub, &word) in self.words.iter().enumerate() {
            let start = self.table.offset_of(stub)?;
            for edge in shape.stub_edges {
                let offset = start.saturating_add(edge.offset);
                graph.add_edge(offset, edge.kind, word, edge.addend)?;
            }
        }
        self.table.close(graph, first)
    }
}
