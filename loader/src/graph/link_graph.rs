//! The graph itself: its arenas, how it grows, and how names are merged.

use alloc::vec::Vec;

use crate::base::{Alignment, Arena, Machine, Name, OutOfMemory, TargetAddr, Text, fallible};

use super::globals::{Globals, Groups};
use super::{
    Block, BlockId, BlockKey, Content, Definition, Edge, EdgeRange, GraphError, IndirectFunction,
    Linkage, Object, ObjectId, ObjectKey, Scope, Section, SectionId, SectionKey, Site, Symbol,
    SymbolId, SymbolKey, SymbolKind, ThreadStorage,
};

/// Everything that is linked together.
#[derive(Debug)]
pub struct LinkGraph<'a> {
    machine: Machine,
    /// The objects, in the order of their coming.
    pub objects: Arena<ObjectKey, Object<'a>>,
    /// The sections that are loaded.
    pub sections: Arena<SectionKey, Section<'a>>,
    /// The pieces of content.
    pub blocks: Arena<BlockKey, Block<'a>>,
    /// The symbols; of a name that all objects see there is one.
    pub symbols: Arena<SymbolKey, Symbol<'a>>,
    pub(super) edges: Vec<Edge>,
    pub(super) wide_addends: Vec<i64>,
    /// Content that was changed.
    pub(super) owned_bytes: Vec<u8>,
    /// The blocks in the order in which they are laid out, as far as they were there when one of them was split last.
    pub(super) order: Vec<BlockId>,
    pub(super) globals: Globals,
    groups: Groups<'a>,
    undefined: Vec<SymbolId>,
    /// The global offset table, once there is one: a word each, with one edge each, in this order.
    pub got: Option<BlockId>,
    /// The start of the global offset table, once there is one.
    pub got_base: Option<SymbolId>,
    /// The stubs, once there are any.
    pub stubs: Option<BlockId>,
    /// The words of the global offset table that resolvers fill.
    pub indirect_functions: Vec<IndirectFunction>,
    /// Where the static block of thread-local storage lies, once addresses are chosen and if there is one.
    pub thread_storage: Option<ThreadStorage>,
}

impl<'a> LinkGraph<'a> {
    /// An empty graph for `machine`; allocates nothing.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            objects: Arena::new(),
            sections: Arena::new(),
            blocks: Arena::new(),
            symbols: Arena::new(),
            edges: Vec::new(),
            wide_addends: Vec::new(),
            owned_bytes: Vec::new(),
            order: Vec::new(),
            globals: Globals::default(),
            groups: Groups::default(),
            undefined: Vec::new(),
            got: None,
            got_base: None,
            stubs: None,
            indirect_functions: Vec::new(),
            thread_storage: None,
        }
    }

    /// The machine that is linked for.
    pub const fn machine(&self) -> Machine {
        self.machine
    }

    /// Makes room for an object's share, whose counts its headers tell.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn try_reserve(
        &mut self,
        sections: usize,
        symbols: usize,
        globals: usize,
        edges: usize,
    ) -> Result<(), OutOfMemory> {
        self.sections.try_reserve(sections)?;
        self.blocks.try_reserve(sections)?;
        self.symbols.try_reserve(symbols)?;
        self.globals.try_reserve(globals, &self.symbols)?;
        fallible::reserve(&mut self.edges, edges)
    }

    /// Adds an object.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_object(&mut self, object: Object<'a>) -> Result<ObjectId, OutOfMemory> {
        self.objects.try_push(object)
    }

    /// Adds a section.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_section(&mut self, section: Section<'a>) -> Result<SectionId, OutOfMemory> {
        self.sections.try_push(section)
    }

    /// Adds a block without edges.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_block(
        &mut self,
        section: SectionId,
        content: Content<'a>,
        alignment: Alignment,
    ) -> Result<BlockId, OutOfMemory> {
        self.blocks.try_push(Block {
            section,
            content,
            alignment,
            alignment_offset: 0,
            edges: EdgeRange::EMPTY,
            keeps: EdgeRange::EMPTY,
            is_live: false,
            is_split_off: false,
            is_removed: false,
            address: TargetAddr::ZERO,
        })
    }

    /// Adds a symbol that no name leads to: a local or an anonymous one.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_symbol(&mut self, symbol: Symbol<'a>) -> Result<SymbolId, OutOfMemory> {
        self.symbols.try_push(symbol)
    }

    /// The symbol that a name seen by all objects stands for.
    pub fn find(&self, name: Name<'_>) -> Option<SymbolId> {
        self.globals.find(&self.symbols, name)
    }

    /// Whether the section group `signature` is the first of its name, and so the one that counts.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn take_group(&mut self, signature: Name<'a>) -> Result<bool, OutOfMemory> {
        self.groups.take(signature)
    }

    /// The symbols that were external when they came, in this order; some may have been defined since.
    pub fn undefined(&self) -> &[SymbolId] {
        &self.undefined
    }

    /// The symbol that `name` stands for, as something to be looked up if nothing defines it. A strong reference makes a
    /// weak one strong.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_external(
        &mut self,
        name: Name<'a>,
        linkage: Linkage,
        scope: Scope,
        object: ObjectId,
    ) -> Result<SymbolId, OutOfMemory> {
        if let Some(id) = self.find(name) {
            let symbol = self.symbols.at_mut(id);
            if symbol.is_external() && linkage == Linkage::Strong {
                symbol.linkage = Linkage::Strong;
            }
            symbol.scope = symbol.scope.min(scope);
            return Ok(id);
        }
        let id = self.symbols.try_push(Symbol {
            name,
            definition: Definition::External,
            size_bytes: 0,
            object,
            linkage,
            scope,
            kind: SymbolKind::Unknown,
            is_live: false,
        })?;
        self.globals.try_insert(&self.symbols, id)?;
        fallible::push(&mut self.undefined, id)?;
        Ok(id)
    }

    /// Defines a name that all objects see. A strong definition takes the place of a weak or common one, and the first of
    /// several weak ones counts; common ones are merged to the largest. Source: System V gABI, "Symbol Table".
    ///
    /// # Errors
    /// A second strong definition, or the heap has no room.
    pub fn define(&mut self, symbol: Symbol<'a>) -> Result<SymbolId, GraphError> {
        let Some(id) = self.find(symbol.name) else {
            let id = self.symbols.try_push(symbol)?;
            self.globals.try_insert(&self.symbols, id)?;
            return Ok(id);
        };
        let scope = self.symbols.at(id).scope.min(symbol.scope);
        let known = self.symbols.at_mut(id);
        let takes_over = match (known.definition, symbol.definition) {
            (Definition::External | Definition::Resolved(_), _) => true,
            (Definition::Common(largest), Definition::Common(alignment)) => {
                known.definition = Definition::Common(largest.max(alignment));
                known.size_bytes = known.size_bytes.max(symbol.size_bytes);
                false
            }
            // Common memory gives way to a strong definition and takes the place of a weak one.
            (Definition::Common(_), _) => symbol.linkage == Linkage::Strong,
            (_, Definition::Common(_)) => known.linkage == Linkage::Weak,
            _ => match (known.linkage, symbol.linkage) {
                (Linkage::Strong, Linkage::Strong) => {
                    return Err(GraphError::Duplicate {
                        symbol: Text::of(symbol.name),
                        first: self.definition_site(self.symbols.at(id)),
                        second: self.definition_site(&symbol),
                    });
                }
                (Linkage::Weak, Linkage::Strong) => true,
                (_, Linkage::Weak) => false,
            },
        };
        if takes_over {
            *known = symbol;
        }
        known.scope = scope;
        Ok(id)
    }

    /// What the entry that a symbol names was made for: of a word of the global offset table the symbol whose address it
    /// holds, of a stub the symbol that it jumps to; `None` for any other symbol.
    pub fn entry_target(&self, symbol: SymbolId) -> Option<SymbolId> {
        if self.got_base == Some(symbol) {
            return None;
        }
        let Definition::Block { block, offset } = self.symbols.at(symbol).definition else {
            return None;
        };
        let is_stub = self.stubs == Some(block);
        if !is_stub && self.got != Some(block) {
            return None;
        }
        let edges = self.edges(block);
        let first = edges.partition_point(|edge| u64::from(edge.offset) < offset);
        let target = edges.get(first)?.target;
        // A stub's edges lead to a word of the global offset table, and that to the symbol.
        if is_stub {
            return Some(self.entry_target(target).unwrap_or(target));
        }
        Some(target)
    }

    /// The address that a symbol stands for, once the link has chosen addresses; `None` while it is not known.
    pub fn address(&self, symbol: SymbolId) -> Option<TargetAddr> {
        match self.symbols.at(symbol).definition {
            Definition::Block { block, offset } => {
                // Modulo 2^64: a symbol may lie outside of its block, and an ABI address wraps.
                Some(
                    self.blocks
                        .at(block)
                        .address
                        .wrapping_offset(offset.cast_signed()),
                )
            }
            Definition::Absolute(address) | Definition::Resolved(address) => Some(address),
            Definition::Common(_) | Definition::External | Definition::Removed => None,
        }
    }

    /// Where a symbol is defined, as errors name it.
    fn definition_site(&self, symbol: &Symbol<'_>) -> Site {
        match symbol.definition {
            Definition::Block { block, offset } => self.site(block, offset),
            _ => Site::object(self.objects.at(symbol.object).name),
        }
    }

    /// How errors call a symbol: by its name, or else by the section that it stands in.
    pub fn symbol_name(&self, symbol: SymbolId) -> Text<120> {
        let symbol = self.symbols.at(symbol);
        match symbol.definition {
            Definition::Block { block, .. } if symbol.name.is_empty() => {
                Text::of(self.sections.at(self.blocks.at(block).section).name)
            }
            _ => Text::of(symbol.name),
        }
    }

    /// The place `offset` bytes into a block, as errors name it.
    pub fn site(&self, block: BlockId, offset: u64) -> Site {
        let section = self.sections.at(self.blocks.at(block).section);
        Site {
            object: Text::of(self.objects.at(section.object).name),
            section: Text::of(section.name),
            offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LinkGraph;
    use crate::base::{Alignment, Machine, Name, TargetAddr};
    use crate::graph::{
        Definition, GraphError, Linkage, Object, ObjectId, Origin, Scope, Symbol, SymbolKind,
    };

    fn graph() -> (LinkGraph<'static>, ObjectId, ObjectId) {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = |name| Object {
            name: Name::from(name),
            origin: Origin::Given,
        };
        let first = graph.add_object(object("a.o")).unwrap();
        let second = graph.add_object(object("b.o")).unwrap();
        (graph, first, second)
    }

    fn symbol(object: ObjectId, linkage: Linkage, definition: Definition) -> Symbol<'static> {
        Symbol {
            name: Name::from("shared"),
            definition,
            size_bytes: 8,
            object,
            linkage,
            scope: Scope::Default,
            kind: SymbolKind::Data,
            is_live: false,
        }
    }

    fn at(address: u64) -> Definition {
        Definition::Absolute(TargetAddr::new(address))
    }

    #[test]
    fn a_strong_definition_takes_the_place_of_a_weak_one() {
        let (mut graph, a, b) = graph();
        let weak = graph.define(symbol(a, Linkage::Weak, at(1))).unwrap();
        let other = graph.define(symbol(b, Linkage::Weak, at(2))).unwrap();
        assert_eq!(graph.address(weak), Some(TargetAddr::new(1)));
        let strong = graph.define(symbol(b, Linkage::Strong, at(3))).unwrap();
        assert!(weak == other && weak == strong);
        assert_eq!(graph.address(weak), Some(TargetAddr::new(3)));
    }

    #[test]
    fn a_second_strong_definition_names_both_objects() {
        let (mut graph, a, b) = graph();
        graph.define(symbol(a, Linkage::Strong, at(1))).unwrap();
        let error = graph.define(symbol(b, Linkage::Strong, at(2))).unwrap_err();
        let GraphError::Duplicate {
            symbol,
            first,
            second,
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!(
            (
                symbol.as_str(),
                first.object.as_str(),
                second.object.as_str()
            ),
            ("shared", "a.o", "b.o")
        );
    }

    #[test]
    fn common_symbols_are_merged_to_the_largest() {
        let (mut graph, a, b) = graph();
        let mut large = symbol(b, Linkage::Strong, Definition::Common(Alignment::SIXTEEN));
        large.size_bytes = 100;
        let id = graph
            .define(symbol(
                a,
                Linkage::Strong,
                Definition::Common(Alignment::ONE),
            ))
            .unwrap();
        graph.define(large).unwrap();
        assert_eq!(graph.symbols.at(id).size_bytes, 100);
        assert_eq!(
            graph.symbols.at(id).definition,
            Definition::Common(Alignment::SIXTEEN)
        );
        graph.define(symbol(b, Linkage::Strong, at(7))).unwrap();
        assert_eq!(graph.symbols.at(id).definition, at(7));
    }

    #[test]
    fn a_strong_reference_makes_a_weak_one_strong() {
        let (mut graph, a, b) = graph();
        let name = Name::from("wanted");
        let id = graph
            .add_external(name, Linkage::Weak, Scope::Default, a)
            .unwrap();
        assert_eq!(graph.symbols.at(id).linkage, Linkage::Weak);
        assert_eq!(
            graph
                .add_external(name, Linkage::Strong, Scope::Default, b)
                .unwrap(),
            id
        );
        assert_eq!(graph.symbols.at(id).linkage, Linkage::Strong);
    }
}
