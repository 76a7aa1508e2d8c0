//! Graphs for tests of passes: objects, each block in a section of its own.

use crate::base::{Alignment, Machine, Name, Protection};
use crate::edge::EdgeKind;
use crate::graph::{
    BlockId, Content, Definition, LinkGraph, Linkage, Object, ObjectId, Origin, Scope, Section,
    SectionRole, Symbol, SymbolId, SymbolKind,
};
use crate::memory::Lifetime;

/// A graph that grows by what a test needs; what is added belongs to the object that was added last.
pub(super) struct Builder {
    pub(super) graph: LinkGraph<'static>,
    object: ObjectId,
}

impl Builder {
    /// A graph of one object that was asked for.
    pub(super) fn new(machine: Machine) -> Self {
        let mut graph = LinkGraph::new(machine);
        let object = graph.add_object(object("a.o", Origin::Given)).unwrap();
        Self { graph, object }
    }

    pub(super) fn object(&mut self, name: &'static str, origin: Origin) {
        self.object = self.graph.add_object(object(name, origin)).unwrap();
    }

    pub(super) fn block(
        &mut self,
        section: &'static str,
        protection: Protection,
        content: &'static [u8],
    ) -> BlockId {
        let section = Section {
            name: Name::from(section),
            object: self.object,
            protection,
            lifetime: Lifetime::Standard,
            role: SectionRole::Ordinary,
            is_bounded: false,
            index: 0,
        };
        let section = self.graph.add_section(section).unwrap();
        let content = Content::Bytes(content);
        self.graph
            .add_block(section, content, Alignment::EIGHT)
            .unwrap()
    }

    /// A symbol that all objects see, or one without a name that none does.
    pub(super) fn symbol(&mut self, name: &'static str, block: BlockId, offset: u64) -> SymbolId {
        self.define(name, Definition::Block { block, offset })
    }

    pub(super) fn define(&mut self, name: &'static str, definition: Definition) -> SymbolId {
        let symbol = Symbol {
            name: Name::from(name),
            definition,
            size_bytes: 0,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Default,
            kind: SymbolKind::Unknown,
            is_live: false,
        };
        if name.is_empty() {
            return self.graph.add_symbol(symbol).unwrap();
        }
        self.graph.define(symbol).unwrap()
    }

    pub(super) fn external(&mut self, name: &'static str) -> SymbolId {
        let name = Name::from(name);
        self.graph
            .add_external(name, Linkage::Strong, Scope::Default, self.object)
            .unwrap()
    }

    /// Gives edges to a block that has none.
    pub(super) fn edges(&mut self, block: BlockId, edges: &[(u32, EdgeKind, SymbolId, i64)]) {
        let first = self.graph.open_edges();
        for &(offset, kind, target, addend) in edges {
            self.graph.add_edge(offset, kind, target, addend).unwrap();
        }
        self.graph.close_edges(block, first).unwrap();
    }

    /// Finds out what is linked of a graph that must be sound.
    pub(super) fn prune(&mut self) {
        self.graph.verify().unwrap();
        super::prune::mark_live(&mut self.graph).unwrap();
        super::prune(&mut self.graph).unwrap();
    }

    pub(super) fn is_live(&self, block: BlockId) -> bool {
        self.graph.blocks.at(block).is_live
    }

    /// Where a symbol stands.
    pub(super) fn place(&self, symbol: SymbolId) -> (BlockId, u64) {
        match self.graph.symbols.at(symbol).definition {
            Definition::Block { block, offset } => (block, offset),
            other => panic!("{other:?}"),
        }
    }
}

fn object(name: &'static str, origin: Origin) -> Object<'static> {
    let name = Name::from(name);
    Object {
        origin,
        ..Object::new(name)
    }
}
