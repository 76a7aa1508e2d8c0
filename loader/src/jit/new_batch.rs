//! A batch before it is in memory: all definitions that wait, as what builds a graph, and as what looks where they come to lie.

use alloc::vec::Vec;

use crate::base::{
    AddressRange, Alignment, Name, OutOfMemory, Protection, TargetAddr, fallible, int,
};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{
    self, Definition, GraphError, LinkGraph, ObjectId, Scope, Section, SectionId, Symbol, SymbolId,
    SymbolKind,
};
use crate::link::GraphSource;
use crate::memory::Lifetime;
use crate::pass::{Pass, PassError};

use super::declaration::{DeclarationId, Declarations, Kind, Stage};
use super::definition::{Pending, PendingContent, PendingDefinitions, Target};
use super::{JitError, Linkage, Storage};

/// What a symbol of a batch stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// The definition in this place.
    Own(u32),
    /// A place that is known.
    At(TargetAddr),
    /// What the session knows by the name of this declaration; null, if it knows none and that may be.
    Import { may_be_null: bool },
    /// Something that was never defined: the link tells who misses it.
    Nothing,
}

/// A batch about to be linked. The first symbols are those of the definitions, in their order.
#[derive(Debug)]
pub(super) struct NewBatch<'m> {
    pub(super) declarations: &'m Declarations,
    pub(super) pending: &'m PendingDefinitions,
    /// What it refers to, each once; `None` for addresses.
    pub(super) symbols: Vec<(Option<DeclarationId>, Meaning)>,
    /// For each relocation, the place of its symbol.
    pub(super) targets: Vec<u32>,
    /// Whether names are given to others by the entries of functions, not by their bodies.
    pub(super) has_entries: bool,
}

/// The section of unwind records.
const FRAMES: &str = ".eh_frame";

/// Where in an FDE its function is named. Source: Linux Standard Base, Core, "Exception Frames".
const FRAME_FUNCTION: u32 = 8;

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
    fn add_definitions<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        ids: &mut Vec<SymbolId>,
    ) -> Result<(), GraphError> {
        let mut sections = Sections::default();
        for (place, pending) in self.pending.all.iter().enumerate() {
            let definition = match pending.content {
                PendingContent::Alias { target, .. } => self.alias_of(target, graph, ids),
                PendingContent::Bytes { .. } | PendingContent::Zeros(_) => {
                    let section = sections.of(graph, object, pending.kind)?;
                    let content = match pending.content {
                        PendingContent::Zeros(size_bytes) => graph::Content::ZeroFill(size_bytes),
                        _ => graph::Content::Bytes(self.pending.content(pending)),
                    };
                    let block = graph.add_block(section, content, pending.alignment)?;
                    Some(Definition::Block { block, offset: 0 })
                }
            };
            let known = self.symbols.get(place).and_then(|(id, _)| *id);
            let id = self.define(graph, object, pending, known, definition)?;
            fallible::push(ids, id)?;
        }
        Ok(())
    }

    fn define<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        pending: &Pending,
        declaration: Option<DeclarationId>,
        definition: Option<Definition>,
    ) -> Result<SymbolId, GraphError> {
        let name = declaration.map_or("", |id| self.declarations.name_of(id));
        let linkage = declaration.and_then(|id| Some(self.declarations.get(id).ok()?.linkage));
        let is_behind_entry = self.has_entries && pending.kind == Kind::Function;
        let scope = match linkage {
            _ if is_behind_entry => Scope::Local,
            Some(Linkage::Export | Linkage::Preemptible) => Scope::Default,
            Some(Linkage::Hidden) => Scope::Hidden,
            Some(Linkage::Local | Linkage::Import) | None => Scope::Local,
        };
        let symbol = Symbol {
            name: Name::from(name),
            definition: definition.unwrap_or(Definition::Absolute(TargetAddr::ZERO)),
            size_bytes: pending.size_bytes(),
            object,
            linkage: match linkage {
                Some(Linkage::Preemptible) => graph::Linkage::Weak,
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
    fn alias_of(
        &self,
        target: DeclarationId,
        graph: &LinkGraph<'_>,
        ids: &[SymbolId],
    ) -> Option<Definition> {
        let known = self.declarations.get(target).ok()?;
        if let Some(entry) = known.entry {
            // So it follows where the function is led.
            return Some(Definition::Absolute(entry.stub));
        }
        if let Stage::Pending(place) = known.stage {
            let id = ids.get(int::usize_from_u32(place))?;
            return Some(graph.symbols.at(*id).definition);
        }
        Some(Definition::Absolute(known.body?.address))
    }

    fn add_references<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        ids: &mut Vec<SymbolId>,
    ) -> Result<(), GraphError> {
        for &(declaration, meaning) in self.symbols.get(self.pending.all.len()..).unwrap_or(&[]) {
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

    /// The records that tell how frames are unwound; the standard passes take them apart.
    fn add_frames<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        ids: &[SymbolId],
    ) -> Result<(), OutOfMemory> {
        if self.pending.framed.is_empty() {
            return Ok(());
        }
        let section = Section::new(FRAMES, object, Protection::Read);
        let section = graph.add_section(section)?;
        let frames = &self.pending.frames;
        let block = graph.add_content_block(section, frames, Alignment::EIGHT)?;
        let first = graph.open_edges();
        for &(start, definition) in &self.pending.framed {
            if let Some(&function) = ids.get(int::usize_from_u32(definition)) {
                let offset = start.saturating_add(FRAME_FUNCTION);
                let kind = EdgeKind::Data(DataKind::Delta32);
                graph.add_edge(offset, kind, function, 0)?;
            }
        }
        graph.close_edges(block, first)
    }

    fn add_edges(&self, graph: &mut LinkGraph<'_>, ids: &[SymbolId]) -> Result<(), OutOfMemory> {
        for (pending, &id) in self.pending.all.iter().zip(ids) {
            let Definition::Block { block, .. } = graph.symbols.at(id).definition else {
                continue;
            };
            if matches!(pending.content, PendingContent::Alias { .. }) {
                continue;
            }
            let first = graph.open_edges();
            let targets = self.targets.get(pending.relocations()).unwrap_or(&[]);
            for (relocation, target) in self.pending.relocations_of(pending).iter().zip(targets) {
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
        let (definitions, symbols) = (self.pending.all.len(), self.symbols.len());
        graph.try_reserve(0, symbols, symbols, self.targets.len())?;
        graph.blocks.try_reserve(definitions)?;
        let mut ids = fallible::vec_with_capacity(symbols)?;
        self.add_definitions(graph, object, &mut ids)?;
        self.add_references(graph, object, &mut ids)?;
        self.add_edges(graph, &ids)?;
        Ok(self.add_frames(graph, object, &ids)?)
    }
}

/// Looks where a batch comes to lie.
#[derive(Debug)]
pub(super) struct Placement {
    /// How many definitions there are.
    definitions: usize,
    /// The address of each, and whether it lies in the batch.
    pub(super) addresses: Vec<(TargetAddr, bool)>,
    /// Where tables lie that the linker made.
    pub(super) tables: Vec<AddressRange>,
}

impl Placement {
    pub(super) fn of(definitions: usize) -> Result<Self, OutOfMemory> {
        Ok(Self {
            definitions,
            addresses: fallible::vec_with_capacity(definitions)?,
            tables: Vec::new(),
        })
    }
}

impl Pass for &mut Placement {
    /// A batch is a link of its own: its symbols are the graph's first.
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        let mut last = None;
        for id in graph.symbols.ids().take(self.definitions) {
            let address = graph.address(id).unwrap_or(TargetAddr::ZERO);
            let definition = graph.symbols.at(id).definition;
            if let Definition::Block { block, .. } = definition {
                last = last.max(Some(block));
            }
            let is_own = matches!(definition, Definition::Block { .. });
            fallible::push(&mut self.addresses, (address, is_own))?;
        }
        for (id, block) in graph.blocks() {
            let lifetime = graph.sections.at(block.section).lifetime;
            let range = AddressRange::from_size(block.address, block.content.size_bytes());
            if Some(id) > last
                && block.is_live
                && lifetime == Lifetime::Standard
                && let Some(range) = range
            {
                fallible::push(&mut self.tables, range)?;
            }
        }
        Ok(())
    }
}

/// What a batch refers to, numbered.
#[derive(Debug)]
pub(super) struct References {
    pub(super) symbols: Vec<(Option<DeclarationId>, Meaning)>,
    pub(super) targets: Vec<u32>,
}

impl References {
    /// Numbers the definitions, and all that they refer to: each declaration once, by noting in it that batch `number` has it.
    pub(super) fn of(
        pending: &PendingDefinitions,
        declarations: &mut Declarations,
        number: u64,
        meaning_of: impl Fn(&Declarations, DeclarationId) -> Meaning,
    ) -> Result<Self, JitError> {
        let mut references = Self {
            symbols: fallible::vec_with_capacity(pending.all.len())?,
            targets: fallible::vec_with_capacity(pending.relocations.len())?,
        };
        for (place, definition) in (0..).zip(&pending.all) {
            let known = declarations.get_mut(definition.declaration)?;
            // Functions with entries are referred to by these, not by their bodies.
            if known.entry.is_none() {
                known.symbol = (number, place);
            }
            let symbol = (Some(definition.declaration), Meaning::Own(place));
            fallible::push(&mut references.symbols, symbol)?;
        }
        for relocation in &pending.relocations {
            let place = match relocation.target {
                Target::Address(address) => references.add(None, Meaning::At(address))?,
                target @ (Target::Function(_) | Target::Data(_)) => {
                    let Some(id) = target.declaration() else {
                        continue;
                    };
                    match declarations.get(id)?.symbol {
                        (known, place) if known == number => place,
                        _ => {
                            let meaning = meaning_of(declarations, id);
                            let place = references.add(Some(id), meaning)?;
                            declarations.get_mut(id)?.symbol = (number, place);
                            place
                        }
                    }
                }
            };
            fallible::push(&mut references.targets, place)?;
        }
        Ok(references)
    }

    fn add(&mut self, id: Option<DeclarationId>, meaning: Meaning) -> Result<u32, OutOfMemory> {
        let place = u32::try_from(self.symbols.len()).map_err(|_| OutOfMemory)?;
        fallible::push(&mut self.symbols, (id, meaning))?;
        Ok(place)
    }
}
