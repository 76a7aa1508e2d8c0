//! A batch before it is in memory, as what builds a graph.

use alloc::vec::Vec;

use crate::base::{Name, OutOfMemory, Protection, TargetAddr, fallible, int};
use crate::graph::{
    self, BlockId, Content, Definition, GraphError, LinkGraph, ObjectId, Scope, Section, SectionId,
    Symbol, SymbolId, SymbolKind,
};
use crate::link::GraphSource;

use super::declaration::{DeclarationId, Declarations, Kind, Stage};
use super::definition::{Pending, PendingContent, PendingDefinitions};
use super::frames::Frames;
use super::references::{Meaning, References};
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

impl NewBatch<'_> {
    /// A block for each definition that is no alias.
    fn add_blocks<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
    ) -> Result<Vec<Option<BlockId>>, OutOfMemory> {
        let mut sections = Sections::default();
        let mut blocks = fallible::vec_with_capacity(self.definitions.len())?;
        for pending in self.definitions {
            let content = match pending.content {
                PendingContent::Bytes(_) => Content::Bytes(self.pending.content(pending)),
                PendingContent::Zeros(size_bytes) => Content::ZeroFill(size_bytes),
                PendingContent::Alias { .. } => {
                    fallible::push(&mut blocks, None)?;
                    continue;
                }
            };
            let section = sections.of(graph, object, pending.kind)?;
            let block = graph.add_block(section, content, pending.alignment)?;
            fallible::push(&mut blocks, Some(block))?;
        }
        Ok(blocks)
    }

    fn add_definitions<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        blocks: &[Option<BlockId>],
        ids: &mut Vec<SymbolId>,
    ) -> Result<(), GraphError> {
        for (pending, &block) in self.definitions.iter().zip(blocks) {
            let definition = match (block, pending.alias_of()) {
                (Some(block), _) => Some(Definition::Block { block, offset: 0 }),
                (None, target) => target.and_then(|target| self.definition_of(target, blocks)),
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
        let name = self.declarations.name_of(pending.declaration);
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
            name: Name::from(name),
            definition: definition.unwrap_or(Definition::Absolute(TargetAddr::ZERO)),
            size_bytes: pending.size_bytes(),
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
        blocks: &[Option<BlockId>],
    ) -> Option<Definition> {
        let first = self.pending.all.len().checked_sub(blocks.len())?;
        loop {
            let known = self.declarations.get(target).ok()?;
            if let Some(entry) = known.entry_in_use() {
                // So it follows where the function is led.
                return Some(Definition::Absolute(entry.stub));
            }
            let Stage::Pending(place) = known.stage else {
                return Some(Definition::Absolute(known.body?.address));
            };
            let place = int::usize_from_u32(place).checked_sub(first)?;
            if let &Some(block) = blocks.get(place)? {
                return Some(Definition::Block { block, offset: 0 });
            }
            // Aliases form no circle.
            target = self.definitions.get(place)?.alias_of()?;
        }
    }

    fn add_references<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        ids: &mut Vec<SymbolId>,
    ) -> Result<(), GraphError> {
        let others = self.references.symbols.get(self.definitions.len()..);
        for &(declaration, meaning) in others.unwrap_or(&[]) {
            let name = declaration.map_or("", |id| self.declarations.name_of(id));
            let name = Name::from(name);
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
                Meaning::Own(place) => match ids.get(int::usize_from_u32(place)) {
                    Some(&id) => id,
                    None => continue,
                },
            };
            fallible::push(ids, id)?;
        }
        Ok(())
    }

    fn add_edges(
        &self,
        graph: &mut LinkGraph<'_>,
        blocks: &[Option<BlockId>],
        ids: &[SymbolId],
    ) -> Result<(), OutOfMemory> {
        let mut targets = self.references.targets.iter();
        for (pending, &block) in self.definitions.iter().zip(blocks) {
            let relocations = self.pending.relocations_of(pending);
            let Some(block) = block.filter(|_| !relocations.is_empty()) else {
                continue;
            };
            let first = graph.open_edges();
            for (relocation, target) in relocations.iter().zip(&mut targets) {
                if let Some(&target) = ids.get(int::usize_from_u32(*target)) {
                    graph.add_edge(
                        relocation.offset,
                        relocation.kind,
                        target,
                        relocation.addend,
                    )?;
                }
            }
            graph.close_edges(block, first)?;
            graph.sort_edges(block)?;
        }
        Ok(())
    }
}

impl GraphSource for NewBatch<'_> {
    fn add_to<'a>(&'a self, graph: &mut LinkGraph<'a>, object: ObjectId) -> Result<(), GraphError> {
        let References { symbols, targets } = &self.references;
        graph.try_reserve(0, symbols.len(), symbols.len(), targets.len())?;
        graph.blocks.try_reserve(self.definitions.len())?;
        let mut ids = fallible::vec_with_capacity(symbols.len())?;
        let blocks = self.add_blocks(graph, object)?;
        self.add_definitions(graph, object, &blocks, &mut ids)?;
        self.add_references(graph, object, &mut ids)?;
        self.add_edges(graph, &blocks, &ids)?;
        Ok(self.frames.add_to(graph, object, &ids)?)
    }
}
