//! Graphs for tests: blocks of data, with symbols and pointers.

use std::vec::Vec;

use crate::base::{Alignment, Machine, Name, Protection};
use crate::edge::{DataKind, EdgeKind};
use crate::memory::Lifetime;

use super::{
    BlockId, Content, Definition, LinkGraph, Linkage, Object, ObjectId, Scope, Section, SectionId,
    SectionRole, Symbol, SymbolId, SymbolKind, UnsettledWalk,
};

/// A graph of one object with one section, which grows by what a test needs.
pub(super) struct Builder {
    pub(super) graph: LinkGraph<'static>,
    pub(super) object: ObjectId,
    pub(super) section: SectionId,
}

impl Builder {
    pub(super) fn new() -> Self {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = Object::new("a.o");
        let object = graph.add_object(object).unwrap();
        let section = Section {
            name: Name::from(".data"),
            object,
            protection: Protection::ReadWrite,
            lifetime: Lifetime::Standard,
            role: SectionRole::Ordinary,
            is_bounded: false,
            index: 0,
        };
        let section = graph.add_section(section).unwrap();
        Self {
            graph,
            object,
            section,
        }
    }

    pub(super) fn block(&mut self, content: Content<'static>) -> BlockId {
        let alignment = Alignment::EIGHT;
        self.graph
            .add_block(self.section, content, alignment)
            .unwrap()
    }

    /// A symbol in a block; anonymous if it has no name.
    pub(super) fn symbol(&mut self, name: &'static str, block: BlockId, offset: u64) -> SymbolId {
        let symbol = Symbol {
            name: Name::from(name),
            definition: Definition::Block { block, offset },
            size_bytes: 8,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Default,
            kind: SymbolKind::Data,
            is_live: false,
        };
        if name.is_empty() {
            return self.graph.add_symbol(symbol).unwrap();
        }
        self.graph.define(symbol).unwrap()
    }

    /// Gives a block that has none pointers at these offsets to these symbols.
    pub(super) fn edges(&mut self, block: BlockId, edges: &[(u32, SymbolId)]) {
        let first = self.graph.open_edges();
        for &(offset, target) in edges {
            let kind = EdgeKind::Data(DataKind::Pointer64);
            self.graph.add_edge(offset, kind, target, 0).unwrap();
        }
        self.graph.close_edges(block, first).unwrap();
    }
}

/// The places of the edges that are not settled.
pub(super) fn unsettled(graph: &LinkGraph<'_>) -> Vec<usize> {
    let mut walk = UnsettledWalk::default();
    let places = core::iter::from_fn(|| graph.next_unsettled(&mut walk));
    places.map(|found| found.index).collect()
}
