//! Symbols that are added by hand, and symbols that become something else.

use crate::base::{Alignment, Name, OutOfMemory, TargetAddr, fallible, int, sort};

use super::{
    BlockId, Clash, ClashKind, Definition, GraphError, LinkGraph, Linkage, ObjectId, Scope, Symbol,
    SymbolFault, SymbolId, SymbolKind,
};

impl<'a> LinkGraph<'a> {
    /// Adds a symbol that no name leads to: a local or an anonymous one.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_symbol(&mut self, symbol: Symbol<'a>) -> Result<SymbolId, OutOfMemory> {
        self.symbols.try_push(symbol)
    }

    /// Defines a name as a place in a block: strong, and seen by everybody. For any other symbol, see
    /// [`define`](Self::define).
    ///
    /// # Errors
    /// As of [`define`](Self::define).
    pub fn add_defined(
        &mut self,
        name: impl Into<Name<'a>>,
        block: BlockId,
        offset: u64,
        size_bytes: u64,
        kind: SymbolKind,
    ) -> Result<SymbolId, GraphError> {
        let anonymous = self.in_block(block, offset, size_bytes);
        self.define(Symbol {
            name: name.into(),
            scope: Scope::Default,
            kind,
            ..anonymous
        })
    }

    /// Adds a place in a block that has no name, for edges to lead to.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_anonymous(
        &mut self,
        block: BlockId,
        offset: u64,
        size_bytes: u64,
    ) -> Result<SymbolId, OutOfMemory> {
        self.add_symbol(self.in_block(block, offset, size_bytes))
    }

    /// Defines a name as an address: strong, and seen by everybody.
    ///
    /// # Errors
    /// As of [`define`](Self::define).
    pub fn add_absolute(
        &mut self,
        name: impl Into<Name<'a>>,
        address: TargetAddr,
        object: ObjectId,
    ) -> Result<SymbolId, GraphError> {
        self.define(Symbol {
            name: name.into(),
            definition: Definition::Absolute(address),
            size_bytes: 0,
            object,
            linkage: Linkage::Strong,
            scope: Scope::Default,
            kind: SymbolKind::Unknown,
            is_live: false,
        })
    }

    /// Defines a name as memory that all who ask for it under this name share; it starts as zeros, and the largest size and
    /// alignment count.
    ///
    /// # Errors
    /// As of [`define`](Self::define).
    pub fn add_common(
        &mut self,
        name: impl Into<Name<'a>>,
        size_bytes: u32,
        alignment: Alignment,
        object: ObjectId,
    ) -> Result<SymbolId, GraphError> {
        self.define(Symbol {
            name: name.into(),
            definition: Definition::Common(alignment),
            size_bytes,
            object,
            linkage: Linkage::Strong,
            scope: Scope::Default,
            kind: SymbolKind::Data,
            is_live: false,
        })
    }

    /// Lets a symbol be looked up, whatever it was: its definition counts no more. A local one becomes visible for that.
    ///
    /// # Errors
    /// It has no name, or another symbol has it already, or it was removed; or the heap has no room.
    pub fn make_external(&mut self, symbol: SymbolId) -> Result<(), GraphError> {
        self.check_is_there(symbol)?;
        let known = self.symbols.at(symbol);
        if known.name.is_empty() {
            return Err(self.symbol_error(symbol, SymbolFault::Nameless));
        }
        match self.find(known.name) {
            None => self.globals.try_insert(&self.symbols, symbol)?,
            Some(other) if other == symbol => {}
            Some(other) => {
                return Err(self.clash_error(Clash {
                    known: other,
                    second: (known.definition, known.object),
                    kind: ClashKind::Definitions,
                }));
            }
        }
        // What was external before is in the list; it ascends, since ids do.
        if let Err(place) = self.undefined.binary_search(&symbol) {
            fallible::insert(&mut self.undefined, place, symbol)?;
        }
        self.unsettle_symbol(symbol);
        let known = self.symbols.at_mut(symbol);
        known.definition = Definition::External;
        if known.scope == Scope::Local {
            known.scope = Scope::Default;
        }
        Ok(())
    }

    /// Lets symbols that all objects see be looked up, since what was linked before defines them: their own definitions
    /// count no more, and they must be found.
    ///
    /// # Errors
    /// The heap has no room; nothing is changed then.
    pub fn give_way(&mut self, symbols: &[SymbolId]) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.undefined, symbols.len())?;
        for &id in symbols {
            self.unsettle_symbol(id);
            let symbol = self.symbols.at_mut(id);
            symbol.definition = Definition::External;
            symbol.linkage = Linkage::Strong;
            fallible::push(&mut self.undefined, id)?;
        }
        // The list ascends, and some were external before they were defined.
        sort::sort(&mut self.undefined);
        self.undefined.dedup();
        Ok(())
    }

    /// Lets a symbol stand for an address, whatever it was.
    ///
    /// # Errors
    /// It was removed.
    pub fn make_absolute(
        &mut self,
        symbol: SymbolId,
        address: TargetAddr,
    ) -> Result<(), GraphError> {
        self.check_is_there(symbol)?;
        self.unsettle_symbol(symbol);
        self.symbols.at_mut(symbol).definition = Definition::Absolute(address);
        Ok(())
    }

    /// Lets a symbol stand for a place in a block, whatever it was. Its size, kind and liveness are as before.
    ///
    /// # Errors
    /// It was removed, or the block was.
    pub fn make_defined(
        &mut self,
        symbol: SymbolId,
        block: BlockId,
        offset: u64,
    ) -> Result<(), GraphError> {
        self.check_is_there(symbol)?;
        if self.blocks.at(block).is_removed() {
            return Err(self.symbol_error(symbol, SymbolFault::BlockRemoved));
        }
        self.symbols.at_mut(symbol).definition = Definition::Block { block, offset };
        Ok(())
    }

    /// A place in a block, without a name.
    fn in_block(&self, block: BlockId, offset: u64, size_bytes: u64) -> Symbol<'a> {
        let section = self.blocks.at(block).section;
        Symbol {
            name: Name::default(),
            definition: Definition::Block { block, offset },
            size_bytes: int::saturate_u32(size_bytes),
            object: self.sections.at(section).object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Unknown,
            is_live: false,
        }
    }

    fn check_is_there(&self, symbol: SymbolId) -> Result<(), GraphError> {
        match self.symbols.at(symbol).definition {
            Definition::Removed => Err(self.symbol_error(symbol, SymbolFault::Removed)),
            _ => Ok(()),
        }
    }

    #[cold]
    fn symbol_error(&self, symbol: SymbolId, fault: SymbolFault) -> GraphError {
        let known = self.symbols.at(symbol);
        GraphError::Symbol {
            symbol: self.symbol_name(symbol),
            site: self.definition_site(known.definition, known.object),
            fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use crate::base::{Alignment, Name, TargetAddr};
    use crate::graph::testing::Builder;
    use crate::graph::{
        Content, Definition, GraphError, Linkage, Scope, Symbol, SymbolFault, SymbolId, SymbolKind,
    };

    const ADDRESS: TargetAddr = TargetAddr::new(0x1234);

    fn fault(error: GraphError) -> SymbolFault {
        match error {
            GraphError::Symbol { fault, .. } => fault,
            other => panic!("{other}"),
        }
    }

    fn external(builder: &mut Builder, name: &'static str) -> SymbolId {
        let (name, object) = (Name::from(name), builder.object);
        let linkage = Linkage::Strong;
        let added = builder
            .graph
            .add_external(name, linkage, Scope::Default, object);
        added.unwrap()
    }

    #[test]
    fn symbols_added_by_hand_are_found_by_their_names_and_kinds() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let wanted = external(&mut builder, "wanted");
        let (graph, object) = (&mut builder.graph, builder.object);
        let kind = SymbolKind::Function;
        let function = graph.add_defined("function", block, 2, 4, kind).unwrap();
        let fixed = graph.add_absolute("fixed", ADDRESS, object).unwrap();
        let shared = graph
            .add_common("shared", 8, Alignment::FOUR, object)
            .unwrap();
        let anonymous = graph.add_anonymous(block, 6, 0).unwrap();

        for (name, id) in [("function", function), ("fixed", fixed), ("shared", shared)] {
            assert_eq!(graph.find(Name::from(name)), Some(id));
        }
        let ids = |symbols: &mut dyn Iterator<Item = (SymbolId, &Symbol<'_>)>| -> Vec<SymbolId> {
            symbols.map(|(id, _)| id).collect()
        };
        assert_eq!(ids(&mut graph.externals()), [wanted]);
        assert_eq!(ids(&mut graph.defined()), [function, anonymous]);
        assert_eq!(ids(&mut graph.absolutes()), [fixed]);
        assert_eq!(ids(&mut graph.commons()), [shared]);
        assert!(graph.symbols.at(function).is_callable());
        assert!(!graph.symbols.at(shared).is_callable());
        assert_eq!(graph.symbols.at(anonymous).object, object);
    }

    #[test]
    fn what_is_made_external_is_looked_up_once() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let defined = builder.symbol("defined", block, 0);
        let wanted = external(&mut builder, "wanted");
        let graph = &mut builder.graph;
        graph.make_absolute(wanted, ADDRESS).unwrap();
        assert_eq!(graph.address(wanted), Some(ADDRESS));
        for symbol in [wanted, defined, defined] {
            graph.make_external(symbol).unwrap();
            assert!(graph.symbols.at(symbol).is_external());
        }
        assert_eq!(graph.undefined(), [defined, wanted]);
    }

    #[test]
    fn symbols_that_give_way_are_looked_up_once_and_must_be_found() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let weak = builder.symbol("weak", block, 0);
        let wanted = external(&mut builder, "wanted");
        let graph = &mut builder.graph;
        graph.symbols.at_mut(weak).linkage = Linkage::Weak;
        graph.make_defined(wanted, block, 4).unwrap();
        graph.give_way(&[weak, wanted]).unwrap();
        assert_eq!(graph.undefined(), [weak, wanted]);
        let symbol = graph.symbols.at(weak);
        assert!(symbol.is_external() && symbol.linkage == Linkage::Strong);
    }

    #[test]
    fn a_local_symbol_made_external_gets_a_name_that_all_see_unless_it_is_taken() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let global = builder.symbol("taken", block, 0);
        let graph = &mut builder.graph;
        let local = |name| Symbol {
            name: Name::from(name),
            scope: Scope::Local,
            ..*graph.symbols.at(global)
        };
        let (free, taken) = (local("free"), local("taken"));
        let free = graph.add_symbol(free).unwrap();
        let taken = graph.add_symbol(taken).unwrap();
        graph.make_external(free).unwrap();
        assert_eq!(graph.find(Name::from("free")), Some(free));
        assert_eq!(graph.symbols.at(free).scope, Scope::Default);
        let error = graph.make_external(taken).unwrap_err();
        assert!(matches!(error, GraphError::Duplicate { .. }), "{error}");
        assert!(graph.symbols.at(taken).is_in_graph());
    }

    #[test]
    fn an_external_symbol_can_be_defined_by_a_pass() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let wanted = external(&mut builder, "wanted");
        let graph = &mut builder.graph;
        graph.make_defined(wanted, block, 4).unwrap();
        let expected = Definition::Block { block, offset: 4 };
        assert_eq!(graph.symbols.at(wanted).definition, expected);
        assert_eq!(graph.find(Name::from("wanted")), Some(wanted));
    }

    #[test]
    fn what_was_removed_becomes_nothing_else() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let [removed, stays] = ["removed", "stays"].map(|name| builder.symbol(name, block, 0));
        let anonymous = builder.symbol("", block, 0);
        let graph = &mut builder.graph;
        let error = graph.make_external(anonymous).unwrap_err();
        assert_eq!(fault(error), SymbolFault::Nameless);
        graph.remove_symbol(removed);
        graph.remove_block(block);
        let error = graph.make_absolute(removed, ADDRESS).unwrap_err();
        assert_eq!(fault(error), SymbolFault::Removed);
        let error = graph.make_defined(stays, block, 0).unwrap_err();
        assert_eq!(fault(error), SymbolFault::BlockRemoved);
    }
}
