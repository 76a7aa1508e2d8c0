//! A batch before it is in memory, as what builds a graph.

use alloc::vec::Vec;
use core::iter;

use crate::base::{OutOfMemory, Protection, TargetAddr, fallible, int};
use crate::compiler::Relocation;
use crate::graph::{
    self, BlockId, Content, Definition, Edge, GraphError, LinkGraph, ObjectId, Scope, Section,
    SectionId, Symbol, SymbolId, SymbolKind,
};
use crate::link::GraphSource;

use super::declaration::{DeclarationId, Declarations, Kind, Stage};
use super::definition::{Pending, PendingContent, PendingDefinitions};
use super::frames::Frames;
use super::references::{Meaning, References};
use super::relocations::Referred;
use super::run::Run;
use super::{Linkage, Storage};

/// A batch about to be linked.
#[derive(Debug)]
pub(super) struct NewBatch<'m> {
    pub(super) declarations: &'m Declarations,
    pub(super) pending: &'m PendingDefinitions,
    /// Those of the pending definitions that are linked.
    pub(super) definitions: &'m [Pending],
    pub(super) references: References,
    pub(super) frames: Frames,
    /// Whether names are given to others by the entries of functions, not by their bodies.
    pub(super) has_entries: bool,
}

/// Where a section of each kind of definition is, once there is one.
#[derive(Default)]
struct Sections {
    text: Option<SectionId>,
    read_only: Option<SectionId>,
    writable: Option<SectionId>,
}

impl Sections {
    fn of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        object: ObjectId,
        kind: Kind,
    ) -> Result<SectionId, OutOfMemory> {
        let (known, name, protection) = match kind {
            Kind::Function => (&mut self.text, ".text", Protection::ReadExecute),
            Kind::Data(Storage::ReadOnly) => (&mut self.read_only, ".rodata", Protection::Read),
            Kind::Data(_) => (&mut self.writable, ".data", Protection::ReadWrite),
        };
        match known {
            Some(section) => Ok(*section),
            None => {
                let section = graph.add_section(Section::new(name, object, protection))?;
                Ok(*known.insert(section))
            }
        }
    }
}

/// A place in a block, at which a definition stands.
#[derive(Clone, Copy)]
struct InBlock {
    block: BlockId,
    offset: u32,
}

impl InBlock {
    const fn definition(self) -> Definition {
        Definition::Block {
            block: self.block,
            offset: int::widen_u32(self.offset),
        }
    }
}

impl NewBatch<'_> {
    /// Adds the blocks of all definitions; none for aliases.
    fn add_blocks<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
    ) -> Result<Vec<Option<InBlock>>, OutOfMemory> {
        let mut sections = Sections::default();
        let mut places = fallible::vec_with_capacity(self.definitions.len())?;
        let mut left = self.definitions;
        while let Some((run, behind)) = Run::split_first(left) {
            let content = match run.content {
                PendingContent::Bytes(bytes) => Some(Content::Bytes(self.pending.bytes(bytes))),
                PendingContent::Zeros(size_bytes) => Some(Content::ZeroFill(size_bytes)),
                PendingContent::Alias { .. } => None,
            };
            let block = match content {
                Some(content) => {
                    let section = sections.of(graph, object, run.kind)?;
                    Some(graph.add_block(section, content, run.alignment)?)
                }
                None => None,
            };
            let place_of = |definition| {
                let offset = run.offset_of(definition);
                block.map(|block| InBlock { block, offset })
            };
            // There is room for all.
            fallible::fill(&mut places, run.definitions.iter().map(place_of));
            left = behind;
        }
        Ok(places)
    }

    fn add_definitions<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        places: &[Option<InBlock>],
        ids: &mut Vec<SymbolId>,
    ) -> Result<(), GraphError> {
        for (pending, place) in self.definitions.iter().zip(places) {
            let definition = match (place, pending.alias_of()) {
                (Some(place), _) => Some(place.definition()),
                (None, target) => target.and_then(|target| self.definition_of(target, places)),
            };
            let id = self.define(graph, object, pending, definition)?;
            fallible::push(ids, id)?;
        }
        Ok(())
    }

    fn define<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        pending: &Pending,
        definition: Option<Definition>,
    ) -> Result<SymbolId, GraphError> {
        let known = self.declarations.get(pending.declaration);
        let linkage = known.map_or(Linkage::Local, |known| known.linkage);
        let is_behind_entry = self.has_entries && pending.kind == Kind::Function;
        let scope = match linkage {
            _ if is_behind_entry => Scope::Local,
            Linkage::Export | Linkage::Preemptible => Scope::Default,
            Linkage::Hidden => Scope::Hidden,
            Linkage::Local | Linkage::Import => Scope::Local,
        };
        let symbol = Symbol {
            name: self.declarations.symbol_name(pending.declaration),
            definition: definition.unwrap_or(Definition::Absolute(TargetAddr::ZERO)),
            size_bytes: int::saturate_u32(pending.size_bytes()),
            object,
            linkage: match linkage {
                Linkage::Preemptible => graph::Linkage::Weak,
                _ => graph::Linkage::Strong,
            },
            scope,
            kind: match pending.kind {
                Kind::Function => SymbolKind::Function,
                Kind::Data(_) => SymbolKind::Data,
            },
            is_live: false,
        };
        match scope {
            Scope::Local => Ok(graph.add_symbol(symbol)?),
            _ => graph.define(symbol),
        }
    }

    /// What an alias is defined as: what its target is, of this batch or of an earlier one.
    fn definition_of(
        &self,
        mut target: DeclarationId,
        places: &[Option<InBlock>],
    ) -> Option<Definition> {
        let first = self.pending.all.len().checked_sub(places.len())?;
        loop {
            let known = self.declarations.get(target).ok()?;
            if let Some(entry) = known.entry_in_use() {
                // So it follows where the function is led.
                return Some(Definition::Absolute(entry.stub));
            }
            let Stage::Pending(place) = known.stage else {
                return Some(Definition::Absolute(known.body?.address));
            };
            let index = int::usize_from_u32(place).checked_sub(first)?;
            if let Some(place) = places.get(index)? {
                return Some(place.definition());
            }
            // Aliases form no circle.
            target = self.definitions.get(index)?.alias_of()?;
        }
    }

    fn add_references<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        ids: &mut Vec<SymbolId>,
    ) -> Result<(), GraphError> {
        for &(declaration, meaning) in &self.references.others {
            let name = declaration.map(|id| self.declarations.symbol_name(id));
            let name = name.unwrap_or_default();
            let id = match meaning {
                Meaning::Import { may_be_null } => {
                    let linkage = match may_be_null {
                        true => graph::Linkage::Weak,
                        false => graph::Linkage::Strong,
                    };
                    graph.add_external(name, linkage, Scope::Default, object)?
                }
                Meaning::Nothing => {
                    let linkage = graph::Linkage::Strong;
                    graph.add_external(name, linkage, Scope::Link, object)?
                }
                Meaning::At(address) => graph.add_symbol(Symbol {
                    name,
                    definition: Definition::Absolute(address),
                    size_bytes: 0,
                    object,
                    linkage: graph::Linkage::Strong,
                    scope: Scope::Local,
                    kind: SymbolKind::Unknown,
                    is_live: false,
                })?,
            };
            fallible::push(ids, id)?;
        }
        Ok(())
    }

    /// Adds the edges of all blocks.
    fn add_edges(
        &self,
        graph: &mut LinkGraph<'_>,
        places: &[Option<InBlock>],
        ids: &[SymbolId],
    ) -> Result<(), OutOfMemory> {
        let mut targets = fallible::vec_with_capacity(ids.len())?;
        let target_of = |&id: &SymbolId| (id, graph.is_settled_symbol(id));
        fallible::fill(&mut targets, ids.iter().map(target_of));
        let block_of = |place: &Option<InBlock>| place.map(|place| place.block);
        let mut definitions = self.definitions.iter();
        let mut numbers = self.references.targets.iter();
        for places in places.chunk_by(|one, next| block_of(one) == block_of(next)) {
            let first = graph.open_edges();
            for (place, pending) in places.iter().zip(&mut definitions) {
                let start = place.map_or(0, |place| place.offset);
                let relocations = self.pending.relocations.of(pending.relocations);
                add_edges_of(graph, start, relocations.zip(&mut numbers), &targets)?;
            }
            if let Some(block) = places.first().and_then(block_of) {
                graph.close_edges(block, first)?;
                // Relaxation looks for pairs next to each other.
                graph.sort_edges(block)?;
            }
        }
        Ok(())
    }
}

/// Adds the edges of a definition that starts in its block so many bytes behind the start: its relocations, each with the number
/// of the symbol that it leads to, of which is known whether it is settled.
fn add_edges_of<'r>(
    graph: &mut LinkGraph<'_>,
    start: u32,
    relocations: impl Iterator<Item = (Relocation<Referred>, &'r u32)>,
    targets: &[(SymbolId, bool)],
) -> Result<(), OutOfMemory> {
    let mut left = relocations.filter_map(|(relocation, &number)| {
        let &target = targets.get(int::usize_from_u32(number))?;
        // A run that has several definitions is shorter than what an offset can be.
        Some((start.wrapping_add(relocation.offset), relocation, target))
    });
    let mut wide = None;
    loop {
        // There is room for all, and most addends fit into an edge.
        graph.add_known_edges(iter::from_fn(|| {
            let (offset, relocation, (target, is_settled)) = left.next()?;
            let Ok(addend) = i32::try_from(relocation.addend) else {
                wide = Some((offset, relocation, (target, is_settled)));
                return None;
            };
            let edge = Edge::of(relocation.kind, is_settled);
            Some(edge.at(offset, target, addend))
        }));
        let Some((offset, relocation, (target, _))) = wide.take().or_else(|| left.next()) else {
            return Ok(());
        };
        graph.add_edge(offset, relocation.kind, target, relocation.addend)?;
    }
}

impl GraphSource for NewBatch<'_> {
    fn add_to<'a>(&'a self, graph: &mut LinkGraph<'a>, object: ObjectId) -> Result<(), GraphError> {
        let References {
            others, targets, ..
        } = &self.references;
        let symbols = self.definitions.len().saturating_add(others.len());
        graph.try_reserve(0, symbols, symbols, targets.len())?;
        let mut ids = fallible::vec_with_capacity(symbols)?;
        let places = self.add_blocks(graph, object)?;
        self.add_definitions(graph, object, &places, &mut ids)?;
        self.add_references(graph, object, &mut ids)?;
        self.add_edges(graph, &places, &ids)?;
        Ok(self.frames.add_to(graph, object, &ids)?)
    }
}
