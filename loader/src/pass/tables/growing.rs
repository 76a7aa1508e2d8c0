//! One table while it grows: a block of entries that are all alike, to be given its edges at the end.

use alloc::vec::Vec;

use crate::arch::TableShape;
use crate::base::{Alignment, Name, OutOfMemory, Protection, fallible, int};
use crate::graph::{
    BlockId, Content, Definition, LinkGraph, Linkage, ObjectId, Scope, Symbol, SymbolId, SymbolKind,
};

/// A table of which each entry is known by an `E`.
pub(super) struct Growing<E> {
    pub(super) block: BlockId,
    object: ObjectId,
    entry: &'static [u8],
    entries: Vec<E>,
}

impl<E: Copy> Growing<E> {
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
            entries: Vec::new(),
        })
    }

    /// An empty global offset table.
    pub(super) fn new_got(
        graph: &mut LinkGraph<'_>,
        shape: &TableShape,
    ) -> Result<Self, OutOfMemory> {
        let (entry, alignment) = (shape.got_entry, shape.got_alignment);
        Self::new(graph, "$__GOT", Protection::Read, entry, alignment)
    }

    /// An empty table of stubs.
    pub(super) fn new_stubs(
        graph: &mut LinkGraph<'_>,
        shape: &TableShape,
    ) -> Result<Self, OutOfMemory> {
        let (entry, alignment) = (shape.stub, shape.stub_alignment);
        Self::new(graph, "$__STUBS", Protection::ReadExecute, entry, alignment)
    }

    /// Appends entries that belong together and returns a symbol that names them.
    pub(super) fn add(
        &mut self,
        graph: &mut LinkGraph<'_>,
        entries: &[E],
    ) -> Result<SymbolId, OutOfMemory> {
        let symbol = Symbol {
            size_bytes: int::saturate_u32(self.bytes_of(entries.len())),
            ..self.next_symbol()
        };
        for &entry in entries {
            fallible::push_beyond(&mut self.entries, entry)?;
        }
        graph.add_symbol(symbol)
    }

    /// Appends an entry that a symbol names already: the symbol comes to stand there.
    pub(super) fn add_for(
        &mut self,
        graph: &mut LinkGraph<'_>,
        entry: E,
        symbol: SymbolId,
    ) -> Result<(), OutOfMemory> {
        let place = self.next_symbol();
        fallible::push_beyond(&mut self.entries, entry)?;
        let symbol = graph.symbols.at_mut(symbol);
        symbol.definition = place.definition;
        symbol.size_bytes = int::saturate_u32(self.bytes_of(1));
        symbol.is_live = true;
        Ok(())
    }

    /// A symbol that stands where the next entry will, of no size.
    pub(super) fn next_symbol<'a>(&self) -> Symbol<'a> {
        Symbol {
            name: Name::default(),
            definition: Definition::Block {
                block: self.block,
                offset: self.bytes_of(self.entries.len()),
            },
            size_bytes: 0,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Unknown,
            is_live: true,
        }
    }

    /// What the entry is known by that a symbol names.
    pub(super) fn entry_of(&self, graph: &LinkGraph<'_>, symbol: SymbolId) -> Option<E> {
        let Definition::Block { offset, .. } = graph.symbols.at(symbol).definition else {
            return None;
        };
        let place = int::to_usize(offset).checked_div(self.entry.len())?;
        self.entries.get(place).copied()
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The offset of each entry, with what it is known by.
    pub(super) fn offsets(&self) -> impl Iterator<Item = (u32, E)> {
        let size = int::low_u32(self.bytes_of(1));
        self.entries.iter().scan(0_u32, move |next, &entry| {
            let offset = *next;
            *next = next.checked_add(size)?;
            Some((offset, entry))
        })
    }

    /// Gives the block its size, and the edges that were added since `first_edge`.
    pub(super) fn close(
        &self,
        graph: &mut LinkGraph<'_>,
        first_edge: usize,
    ) -> Result<(), OutOfMemory> {
        let count = u32::try_from(self.entries.len()).map_err(|_| OutOfMemory)?;
        let entry = self.entry;
        graph.set_content(self.block, Content::Repeated { entry, count })?;
        graph.close_edges(self.block, first_edge)
    }

    fn bytes_of(&self, entries: usize) -> u64 {
        int::from_usize(self.entry.len()).saturating_mul(int::from_usize(entries))
    }
}
