//! Names that all objects see: of each there is one symbol, and what the objects say of it is merged on the way in.

use crate::base::{Mark, Name, OutOfMemory, Text, fallible};

use super::globals::NewSymbols;
use super::{
    Clash, ClashKind, Definition, GraphError, LinkGraph, Linkage, NameFault, ObjectId, Scope,
    Symbol, SymbolId, SymbolKind,
};

impl<'a> LinkGraph<'a> {
    /// The symbol that a name seen by all objects stands for.
    pub fn find(&self, name: Name<'_>) -> Option<SymbolId> {
        self.globals.find(&self.symbols, name)
    }

    /// Makes room for the names of so many more section groups.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn reserve_groups(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        self.groups.try_reserve(additional)
    }

    /// Whether the section group `signature` is the first of its name, and so the one that counts.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn take_group(&mut self, signature: Name<'a>) -> Result<bool, OutOfMemory> {
        self.groups.take(signature)
    }

    /// The names of the section groups that this graph keeps, in no order.
    pub fn kept_groups(&self) -> impl Iterator<Item = Name<'a>> {
        self.groups.names()
    }

    /// Forgets which section groups this graph keeps: what it keeps to itself is no copy for others.
    pub fn forget_groups(&mut self) {
        self.groups = super::globals::Groups::default();
    }

    /// Whether this graph keeps a section group of this name, which has this mark.
    pub(crate) fn keeps_group(&self, name: Name<'_>, mark: Mark) -> bool {
        self.groups.has(name, mark)
    }

    /// The symbols that were external when they came, in this order; some may have been defined since.
    pub fn undefined(&self) -> &[SymbolId] {
        &self.undefined
    }

    /// The symbols that were external and weak until a later reference made them strong, in the order in which that happened.
    pub fn strengthened(&self) -> &[SymbolId] {
        &self.strengthened
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
        fallible::reserve(&mut self.undefined, 1)?;
        let external = Symbol {
            name,
            definition: Definition::External,
            size_bytes: 0,
            object,
            linkage,
            scope,
            kind: SymbolKind::Unknown,
            is_live: false,
        };
        let id = self.symbols.try_push(external)?;
        let mut walk = NewSymbols::from(id);
        let known = self
            .globals
            .enter(&mut self.symbols, &mut walk, &mut |_, _, _| {});
        self.symbols.truncate(walk.kept.index());
        let Some(known) = known? else {
            fallible::push(&mut self.undefined, id)?;
            return Ok(id);
        };
        let symbol = self.symbols.at_mut(known);
        symbol.scope = symbol.scope.min(scope);
        let was_weak = symbol.is_external() && symbol.linkage == Linkage::Weak;
        if was_weak && linkage == Linkage::Strong {
            fallible::push(&mut self.strengthened, known)?;
            symbol.linkage = Linkage::Strong;
        }
        Ok(known)
    }

    /// Adds what `object` expects a name to be, which counts while nothing defines it.
    ///
    /// # Errors
    /// It is known to be what code reaches in another way.
    pub fn expect_kind(
        &mut self,
        symbol: SymbolId,
        kind: SymbolKind,
        object: ObjectId,
    ) -> Result<(), GraphError> {
        let expected = self.expect(symbol, kind, object);
        expected.map_err(|clash| self.clash_error(clash))
    }

    /// As [`expect_kind`](Self::expect_kind), for who passes the fault on before it is [told](Self::clash_error).
    pub(crate) fn expect(
        &mut self,
        symbol: SymbolId,
        kind: SymbolKind,
        object: ObjectId,
    ) -> Result<(), Clash> {
        let known = self.symbols.at_mut(symbol);
        if known.is_external() && known.kind == SymbolKind::Unknown {
            known.kind = kind;
        }
        match known.kind.contradicts(kind) {
            true => Err(Clash {
                known: symbol,
                second: (Definition::External, object),
                kind: ClashKind::ThreadLocal,
            }),
            false => Ok(()),
        }
    }

    /// The error that tells of a clash, while the graph has the symbols and blocks that clash.
    #[cold]
    pub(crate) fn clash_error(&self, clash: Clash) -> GraphError {
        let known = self.symbols.at(clash.known);
        let (definition, object) = clash.second;
        let symbol = Text::of(known.name);
        let first = self.definition_site(known.definition, known.object);
        let second = self.definition_site(definition, object);
        match clash.kind {
            ClashKind::ThreadLocal => GraphError::ThreadLocal {
                symbol,
                first,
                second,
            },
            ClashKind::Definitions => GraphError::Duplicate {
                symbol,
                first,
                second,
            },
        }
    }

    /// Defines a name that all objects see. A strong definition takes the place of a weak or common one, and the first of
    /// several weak ones counts; common ones are merged to the largest. Source: System V gABI, "Symbol Table".
    ///
    /// # Errors
    /// A second strong definition, one of another kind, or the heap has no room.
    pub fn define(&mut self, symbol: Symbol<'a>) -> Result<SymbolId, GraphError> {
        self.define_name(symbol).map_err(|fault| match fault {
            NameFault::Heap(error) => GraphError::Heap(error),
            NameFault::Clash(clash) => self.clash_error(clash),
        })
    }

    /// As [`define`](Self::define), for who passes the fault on before it is [told](Self::clash_error).
    pub(crate) fn define_name(&mut self, symbol: Symbol<'a>) -> Result<SymbolId, NameFault> {
        let mut defined = self.symbols.try_push(symbol)?;
        self.define_since(defined, &mut |_, known, _| defined = known)?;
        Ok(defined)
    }

    /// Defines the names of all symbols from one on, which were just added, as [`define`](Self::define) does. Those whose names
    /// stood for others go, and those behind them move up: of each of these, and of no other, `tell` hears which it was, which it
    /// is, and whether that is settled.
    ///
    /// # Errors
    /// As of [`define`](Self::define). Symbols whose names don't lead to them are taken back.
    pub(crate) fn define_since(
        &mut self,
        first: SymbolId,
        tell: &mut dyn FnMut(SymbolId, SymbolId, bool),
    ) -> Result<(), NameFault> {
        let mut walk = NewSymbols::from(first);
        let defined = self.define_new(&mut walk, tell);
        self.symbols.truncate(walk.kept.index());
        defined
    }

    fn define_new(
        &mut self,
        walk: &mut NewSymbols,
        tell: &mut dyn FnMut(SymbolId, SymbolId, bool),
    ) -> Result<(), NameFault> {
        let is_complete = self.is_complete;
        loop {
            let mut tell_settled = |was, is, symbol: &Symbol<'_>| {
                tell(was, is, symbol.is_settled(is_complete));
            };
            let entered = (self.globals).enter(&mut self.symbols, walk, &mut tell_settled);
            let Some(known) = entered? else {
                return Ok(());
            };
            let symbol = *self.symbols.at(walk.next);
            self.define_known(known, &symbol)?;
            tell(walk.next, known, self.is_settled_symbol(known));
            walk.pass(false);
        }
    }

    /// Defines a name that there is a symbol of already.
    fn define_known(&mut self, id: SymbolId, symbol: &Symbol<'a>) -> Result<(), NameFault> {
        let clash = |kind| {
            Err(NameFault::Clash(Clash {
                known: id,
                second: (symbol.definition, symbol.object),
                kind,
            }))
        };
        if self.symbols.at(id).kind.contradicts(symbol.kind) {
            return clash(ClashKind::ThreadLocal);
        }
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
                (Linkage::Strong, Linkage::Strong) => return clash(ClashKind::Definitions),
                (Linkage::Weak, Linkage::Strong) => true,
                (_, Linkage::Weak) => false,
            },
        };
        if takes_over {
            self.is_unsettled |= self.is_complete;
            *known = *symbol;
        }
        known.scope = scope;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Alignment, Machine, Name, TargetAddr};
    use crate::graph::{
        Definition, GraphError, LinkGraph, Linkage, Object, ObjectId, Scope, Symbol, SymbolKind,
    };

    fn graph() -> (LinkGraph<'static>, ObjectId, ObjectId) {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = |name| Object::new(name);
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
