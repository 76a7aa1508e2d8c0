//! The global offset table and the stubs: one entry for each symbol that is asked for, however often.

use alloc::vec::Vec;

use crate::arch::{self, TableShape};
use crate::base::{Alignment, Name, OutOfMemory, Protection, fallible, int};
use crate::edge::{Formula, Table};
use crate::graph::{
    BlockId, Content, Definition, Edge, LinkGraph, Linkage, ObjectId, Scope, Symbol, SymbolId,
    SymbolKind,
};

use super::PassError;

/// The name by which objects refer to the start of the global offset table.
const GOT_BASE: &str = "_GLOBAL_OFFSET_TABLE_";

/// Makes the entries that the edges of live blocks request, and lets the edges point at them.
pub(super) fn build(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut tables = Tables::new(graph)?;
    for id in graph.blocks.ids() {
        let block = graph.blocks.at(id);
        if !block.is_live {
            continue;
        }
        for index in block.edges.indices() {
            let Some(&edge) = graph.edge(index) else {
                continue;
            };
            tables.serve(graph, index, edge)?;
        }
    }
    // An object may refer to the table's start without asking for an entry.
    let base = graph
        .find(Name::from(GOT_BASE))
        .map(|id| graph.symbols.at(id));
    if base.is_some_and(|base| base.is_external() && base.is_live) {
        tables.got(graph)?;
    }
    Ok(tables.finish(graph)?)
}

/// The entries that a symbol has.
#[derive(Clone, Copy, Default)]
struct Entries {
    got: Option<SymbolId>,
    stub: Option<SymbolId>,
}

/// One table while it grows: its block, and the symbols whose entries follow each other in it.
struct Growing {
    block: BlockId,
    object: ObjectId,
    targets: Vec<SymbolId>,
    entry: &'static [u8],
}

struct Tables {
    shape: &'static TableShape,
    /// The entries of each symbol that was there when the pass began.
    entries: Vec<Entries>,
    got: Option<Growing>,
    stubs: Option<Growing>,
}

impl Tables {
    fn new(graph: &LinkGraph<'_>) -> Result<Self, OutOfMemory> {
        let shape = arch::table_shape(graph.machine());
        let entries = fallible::vec_of(Entries::default(), graph.symbols.len())?;
        Ok(Self {
            shape,
            entries,
            got: None,
            stubs: None,
        })
    }

    /// Makes what one edge requests, and lets it point there.
    fn serve(
        &mut self,
        graph: &mut LinkGraph<'_>,
        index: usize,
        edge: Edge,
    ) -> Result<(), OutOfMemory> {
        let row = edge.kind.row();
        if matches!(
            row.formula,
            Formula::TableRelative | Formula::TablePageRelative
        ) {
            self.got(graph)?;
        }
        let Some(request) = row.request else {
            return Ok(());
        };
        let target = match request.table {
            Table::Stub if graph.symbols.at(edge.target).is_in_graph() => edge.target,
            Table::Stub | Table::StubAlways => self.stub_of(graph, edge.target)?,
            Table::Got => self.got_entry_of(graph, edge.target)?,
            Table::GotBase => {
                self.got(graph)?;
                graph.got_base.unwrap_or(edge.target)
            }
        };
        if let Some(place) = graph.edge_mut(index) {
            place.kind = request.becomes;
            place.target = target;
        }
        Ok(())
    }

    fn got_entry_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        if let Some(entry) = self
            .entries
            .get(target.index())
            .and_then(|entries| entries.got)
        {
            return Ok(entry);
        }
        let entry = self.got(graph)?.add_entry(graph, target)?;
        if let Some(entries) = self.entries.get_mut(target.index()) {
            entries.got = Some(entry);
        }
        Ok(entry)
    }

    fn stub_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        if let Some(stub) = self
            .entries
            .get(target.index())
            .and_then(|entries| entries.stub)
        {
            return Ok(stub);
        }
        // The stub's own edges are against the GOT entry, not against the target.
        let got_entry = self.got_entry_of(graph, target)?;
        let stubs = match &mut self.stubs {
            Some(stubs) => stubs,
            none => {
                let stubs = Growing::new_stubs(graph, self.shape)?;
                graph.stubs = Some(stubs.block);
                none.insert(stubs)
            }
        };
        let stub = stubs.add_entry(graph, got_entry)?;
        if let Some(entries) = self.entries.get_mut(target.index()) {
            entries.stub = Some(stub);
        }
        Ok(stub)
    }

    /// The global offset table, made when it is first asked for; with it goes the symbol of its start.
    fn got(&mut self, graph: &mut LinkGraph<'_>) -> Result<&mut Growing, OutOfMemory> {
        match &mut self.got {
            Some(got) => Ok(got),
            none => {
                let got = Growing::new_got(graph, self.shape)?;
                graph.got_base = Some(got.define_base(graph)?);
                graph.got = Some(got.block);
                Ok(none.insert(got))
            }
        }
    }

    fn finish(self, graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
        if let Some(got) = self.got {
            let first = graph.open_edges();
            for (offset, &target) in got.offsets() {
                graph.add_edge(offset, self.shape.got_entry_kind, target, 0)?;
            }
            got.close(graph, first)?;
        }
        if let Some(stubs) = self.stubs {
            let first = graph.open_edges();
            for (offset, &got_entry) in stubs.offsets() {
                for edge in self.shape.stub_edges {
                    let offset = offset.saturating_add(edge.offset);
                    graph.add_edge(offset, edge.kind, got_entry, edge.addend)?;
                }
            }
            stubs.close(graph, first)?;
        }
        Ok(())
    }
}

impl Growing {
    fn new(
        graph: &mut LinkGraph<'_>,
        name: &'static str,
        protection: Protection,
        entry: &'static [u8],
        alignment: Alignment,
    ) -> Result<Self, OutOfMemory> {
        let section = super::add_own_section(graph, name, protection)?;
        let object = graph.sections.at(section).object;
        let block = graph.add_block(section, Content::Repeated { entry, count: 0 }, alignment)?;
        graph.blocks.at_mut(block).is_live = true;
        Ok(Self {
            block,
            object,
            targets: Vec::new(),
            entry,
        })
    }

    fn new_got(graph: &mut LinkGraph<'_>, shape: &TableShape) -> Result<Self, OutOfMemory> {
        Self::new(
            graph,
            "$__GOT",
            Protection::Read,
            shape.got_entry,
            shape.got_alignment,
        )
    }

    fn new_stubs(graph: &mut LinkGraph<'_>, shape: &TableShape) -> Result<Self, OutOfMemory> {
        Self::new(
            graph,
            "$__STUBS",
            Protection::ReadExecute,
            shape.stub,
            shape.stub_alignment,
        )
    }

    /// Adds an entry for `target` and returns a symbol that names it.
    fn add_entry(
        &mut self,
        graph: &mut LinkGraph<'_>,
        target: SymbolId,
    ) -> Result<SymbolId, OutOfMemory> {
        let size_bytes = int::from_usize(self.entry.len());
        let offset = int::from_usize(self.targets.len()).saturating_mul(size_bytes);
        fallible::push(&mut self.targets, target)?;
        graph.add_symbol(Symbol {
            name: Name::default(),
            definition: Definition::Block {
                block: self.block,
                offset,
            },
            size_bytes,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Unknown,
            is_live: true,
        })
    }

    /// The symbol of the table's start: the one that objects refer to, if they do.
    fn define_base(&self, graph: &mut LinkGraph<'_>) -> Result<SymbolId, OutOfMemory> {
        let base = Symbol {
            name: Name::from(GOT_BASE),
            definition: Definition::Block {
                block: self.block,
                offset: 0,
            },
            size_bytes: 0,
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Hidden,
            kind: SymbolKind::Data,
            is_live: true,
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

    /// The offset of each entry, with the symbol that it is for.
    fn offsets(&self) -> impl Iterator<Item = (u32, &SymbolId)> {
        let size = int::low_u32(int::from_usize(self.entry.len()));
        self.targets.iter().scan(0_u32, move |next, target| {
            let offset = *next;
            *next = next.checked_add(size)?;
            Some((offset, target))
        })
    }

    fn close(self, graph: &mut LinkGraph<'_>, first_edge: usize) -> Result<(), OutOfMemory> {
        let count = u32::try_from(self.targets.len()).map_err(|_| OutOfMemory)?;
        graph.blocks.at_mut(self.block).content = Content::Repeated {
            entry: self.entry,
            count,
        };
        graph.close_edges(self.block, first_edge)
    }
}
