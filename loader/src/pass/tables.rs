//! The global offset table and the stubs: one entry for each symbol that is asked for, however often.
//!
//! A word of the global offset table is known by its one edge, which says what the word holds: an address, a part of what
//! thread-local storage needs, or nothing until something else fills it in. A stub is known by the word that it jumps by.

mod growing;
mod indirect;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use crate::arch::{self, TableShape};
use crate::base::{Name, OutOfMemory, fallible};
use crate::edge::{DataKind, EdgeKind, Formula, Table};
use crate::graph::{Definition, Edge, LinkGraph, Scope, Symbol, SymbolId, SymbolKind};

use super::PassError;
use growing::{GrowingGot, GrowingStubs};

/// The name by which objects refer to the start of the global offset table.
const GOT_BASE: &str = "_GLOBAL_OFFSET_TABLE_";

/// Makes the entries that the edges of live blocks request, and lets the edges point at them. Indirect functions get theirs
/// whoever refers to them.
pub(super) fn build(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut tables = Tables::new(graph)?;
    tables.add_indirect_functions(graph)?;
    let unsettled = graph.take_once_unsettled()?;
    for index in unsettled.places() {
        let edge = graph.edge(index).filter(|edge| !graph.is_settled(edge));
        if let Some(&Edge { kind, target, .. }) = edge {
            tables.serve(graph, index, kind, target)?;
        }
    }
    graph.give_back(unsettled);
    // An object may refer to the table's start without asking for an entry.
    let base = graph
        .find(Name::from(GOT_BASE))
        .map(|id| graph.symbols.at(id));
    if base.is_some_and(|base| base.is_external() && base.is_live) {
        tables.got(graph)?;
    }
    Ok(tables.finish(graph)?)
}

/// The entries that a symbol has, in four bytes: there is one of these for each symbol of the graph.
#[derive(Clone, Copy, Default)]
struct Entries {
    /// Zero if there are none; else two more than twice the number of the word's symbol, or if there is a stub, three more than
    /// twice that of the stub's.
    number: u32,
}

/// What entries a symbol has.
enum Known {
    Nothing,
    Word(SymbolId),
    /// A stub, and the word by which it jumps.
    Stub(SymbolId),
}

impl Entries {
    fn of_word(word: SymbolId) -> Result<Self, OutOfMemory> {
        let number = word.number().checked_mul(2);
        let number = number.and_then(|number| number.checked_add(2));
        number.map(|number| Self { number }).ok_or(OutOfMemory)
    }

    fn of_stub(stub: SymbolId) -> Result<Self, OutOfMemory> {
        let Self { number } = Self::of_word(stub)?;
        let number = number.checked_add(1).ok_or(OutOfMemory)?;
        Ok(Self { number })
    }

    #[inline]
    fn known(self) -> Known {
        match self.number.checked_sub(2) {
            None => Known::Nothing,
            Some(pair) if pair % 2 == 0 => Known::Word(SymbolId::from_index(pair / 2)),
            Some(pair) => Known::Stub(SymbolId::from_index(pair / 2)),
        }
    }
}

/// The entries that a symbol has because each thread has storage of its own for it.
#[derive(Clone, Copy, Default)]
struct ThreadEntries {
    pair: Option<SymbolId>,
    offset: Option<SymbolId>,
    descriptor: Option<SymbolId>,
}

struct Tables {
    shape: &'static TableShape,
    /// A branch to a stub, of which nothing is left to do but to write it.
    branch: Edge,
    /// The entries of each symbol that was there when the pass began.
    entries: Vec<Entries>,
    /// The same for thread-local storage; empty until something asks for it.
    thread_entries: Vec<ThreadEntries>,
    /// The entry that stands for the start of all thread-local storage.
    thread_module: Option<SymbolId>,
    got: Option<GrowingGot>,
    stubs: Option<GrowingStubs>,
}

impl Tables {
    fn new(graph: &LinkGraph<'_>) -> Result<Self, OutOfMemory> {
        let shape = arch::table_shape(graph.machine());
        let entries = fallible::vec_of(Entries::default(), graph.symbols.len())?;
        Ok(Self {
            shape,
            branch: Edge::of(shape.branch, true),
            entries,
            thread_entries: Vec::new(),
            thread_module: None,
            got: None,
            stubs: None,
        })
    }

    /// Makes what an edge of a kind against a symbol requests, and lets it point there.
    #[inline]
    fn serve(
        &mut self,
        graph: &mut LinkGraph<'_>,
        index: usize,
        kind: EdgeKind,
        symbol: SymbolId,
    ) -> Result<(), OutOfMemory> {
        // Most are branches to functions elsewhere that have their stubs already.
        if kind == self.shape.branch_request
            && let Known::Stub(stub) = self.known(symbol)
            && !graph.symbols.at(symbol).is_in_graph()
        {
            graph.redirect_settled(index, &self.branch, stub);
            return Ok(());
        }
        self.serve_any(graph, index, kind, symbol)
    }

    #[inline(never)]
    fn serve_any(
        &mut self,
        graph: &mut LinkGraph<'_>,
        index: usize,
        kind: EdgeKind,
        symbol: SymbolId,
    ) -> Result<(), OutOfMemory> {
        let row = kind.row();
        if matches!(
            row.formula,
            Formula::TableRelative | Formula::TablePageRelative
        ) {
            self.got(graph)?;
        }
        let Some(request) = row.request else {
            // Its target was settled when it was read, and stands elsewhere since.
            if kind == self.shape.branch && !graph.symbols.at(symbol).is_in_graph() {
                let stub = self.stub_of(graph, symbol)?;
                graph.redirect(index, kind, stub);
            }
            return Ok(());
        };
        let target = match request.table {
            Table::Stub if graph.symbols.at(symbol).is_in_graph() => symbol,
            Table::Stub | Table::StubAlways => self.stub_of(graph, symbol)?,
            Table::Got => self.got_entry_of(graph, symbol)?,
            Table::GotBase => {
                self.got(graph)?;
                graph.got_base.unwrap_or(symbol)
            }
            Table::ThreadModule => self.thread_module(graph, symbol)?,
            Table::ThreadPair => self.thread_entry_of(
                graph,
                symbol,
                &[DataKind::ThreadModule64, DataKind::ThreadBlockOffset64],
                |entries| &mut entries.pair,
            )?,
            Table::ThreadOffset => {
                self.thread_entry_of(graph, symbol, &[DataKind::ThreadOffset64], |entries| {
                    &mut entries.offset
                })?
            }
            Table::ThreadDescriptor => self.thread_entry_of(
                graph,
                symbol,
                &[DataKind::KeepAlive, DataKind::ThreadOffset64],
                |entries| &mut entries.descriptor,
            )?,
        };
        graph.redirect(index, request.becomes, target);
        Ok(())
    }

    #[inline]
    fn got_entry_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        match self.known(target) {
            Known::Word(word) => Ok(word),
            Known::Stub(stub) => {
                let stubs = self.stubs.as_ref();
                let word = stubs.and_then(|stubs| stubs.word_of(graph, stub));
                word.map_or_else(|| self.add_got_entry_of(graph, target), Ok)
            }
            Known::Nothing => self.add_got_entry_of(graph, target),
        }
    }

    fn add_got_entry_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        let word = self
            .got(graph)?
            .add(graph, &[DataKind::Pointer64], target)?;
        if let Some(entries) = self.entries.get_mut(target.index()) {
            *entries = Entries::of_word(word)?;
        }
        Ok(word)
    }

    #[inline]
    fn stub_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        match self.known(target) {
            Known::Stub(stub) => Ok(stub),
            Known::Word(_) | Known::Nothing => self.add_stub_of(graph, target),
        }
    }

    #[inline(never)]
    fn add_stub_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        if is_stub(graph, target) {
            return Ok(target);
        }
        // The stub's own edges are against the GOT entry, not against the target.
        let got_entry = self.got_entry_of(graph, target)?;
        let stub = self.stubs(graph)?.add(graph, got_entry)?;
        if let Some(entries) = self.entries.get_mut(target.index()) {
            *entries = Entries::of_stub(stub)?;
        }
        Ok(stub)
    }

    #[inline]
    fn known(&self, target: SymbolId) -> Known {
        let entries = self.entries.get(target.index());
        entries.map_or(Known::Nothing, |entries| entries.known())
    }

    /// An entry of thread-local storage of the given words, found again by `place`.
    #[inline(never)]
    fn thread_entry_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
        words: &[DataKind],
        place: fn(&mut ThreadEntries) -> &mut Option<SymbolId>,
    ) -> Result<SymbolId, OutOfMemory> {
        if self.thread_entries.is_empty() {
            self.thread_entries = fallible::vec_of(ThreadEntries::default(), self.entries.len())?;
        }
        let known = self.thread_entries.get_mut(target.index()).map(place);
        if let Some(&mut Some(entry)) = known {
            return Ok(entry);
        }
        let entry = self.got(graph)?.add(graph, words, target)?;
        if let Some(entries) = self.thread_entries.get_mut(target.index()) {
            *place(entries) = Some(entry);
        }
        Ok(entry)
    }

    /// The entry of the block of thread-local storage itself; `target` stands in it.
    fn thread_module(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        if let Some(entry) = self.thread_module {
            return Ok(entry);
        }
        let words = [DataKind::ThreadModule64, DataKind::KeepAlive];
        let entry = self.got(graph)?.add(graph, &words, target)?;
        self.thread_module = Some(entry);
        Ok(entry)
    }

    /// The global offset table, made when it is first asked for; with it goes the symbol of its start.
    fn got(&mut self, graph: &mut LinkGraph<'_>) -> Result<&mut GrowingGot, OutOfMemory> {
        match &mut self.got {
            Some(got) => Ok(got),
            none => {
                let got = GrowingGot::new(graph, self.shape)?;
                graph.got_base = Some(define_base(graph, &got)?);
                graph.got = Some(got.block());
                Ok(none.insert(got))
            }
        }
    }

    /// The stubs, made when the first is asked for.
    fn stubs(&mut self, graph: &mut LinkGraph<'_>) -> Result<&mut GrowingStubs, OutOfMemory> {
        match &mut self.stubs {
            Some(stubs) => Ok(stubs),
            none => {
                let stubs = GrowingStubs::new(graph, self.shape)?;
                graph.stubs = Some(stubs.block());
                Ok(none.insert(stubs))
            }
        }
    }

    fn finish(&self, graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
        // First: its edges are those at the end.
        if let Some(got) = &self.got {
            got.close(graph)?;
        }
        if let Some(stubs) = &self.stubs {
            stubs.close(graph, self.shape)?;
        }
        Ok(())
    }
}

/// Whether a symbol names a stub: an indirect function that the graph defines stands where its stub does.
fn is_stub(graph: &LinkGraph<'_>, symbol: SymbolId) -> bool {
    match graph.symbols.at(symbol).definition {
        Definition::Block { block, .. } => graph.stubs == Some(block),
        _ => false,
    }
}

/// The symbol of the global offset table's start: the one that objects refer to, if they do.
fn define_base(graph: &mut LinkGraph<'_>, got: &GrowingGot) -> Result<SymbolId, OutOfMemory> {
    let base = Symbol {
        name: Name::from(GOT_BASE),
        scope: Scope::Link,
        kind: SymbolKind::Data,
        ..got.next_symbol()
    };
    match graph.find(base.name) {
        Some(id) if graph.symbols.at(id).is_external() => {
            *graph.symbols.at_mut(id) = base;
            Ok(id)
        }
        _ => graph.add_symbol(Symbol {
            scope: Scope::Local,
            ..base
        }),
    }
}
