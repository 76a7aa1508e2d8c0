//! Modules in a session's books.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{AddressRange, Name, OutOfMemory, Protection, TargetAddr, Text, fallible, int};
use crate::graph::{Definition, LinkGraph, Linkage, Object, Origin, Scope, Symbol, SymbolKind};
use crate::kit::Description;
use crate::link::{LinkedSegment, Segments, Statistics};
use crate::memory::{Finalized, Lifetime};
use crate::pass::Routine;

use super::symbols::{NewSymbol, SymbolRecord, SymbolSet, Visibility};
use super::{ModuleId, TrackerId};

/// How far a module's life has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// It is being linked, or its initializers run: nobody else may take a name of it yet.
    Loading,
    /// It is there to be used.
    Ready,
    /// It is being removed: nobody may take a name of it any more.
    Leaving,
}

/// What a module says of itself, by the kit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
    /// What it is called.
    pub name: Text<64>,
    /// Its version, in words of its own.
    pub version: Text<32>,
    /// Its licence.
    pub licence: Text<32>,
}

impl About {
    pub(super) const fn of(description: &Description<'_>) -> Self {
        Self {
            name: description.name,
            version: description.version,
            licence: description.licence,
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(formatter)?;
        for part in [&self.version, &self.licence] {
            if !part.as_str().is_empty() {
                write!(formatter, " {part}")?;
            }
        }
        Ok(())
    }
}

/// A module in the books.
#[derive(Debug)]
pub(super) struct ModuleRecord<F> {
    pub(super) serial: u64,
    name: Vec<u8>,
    /// The place of the dylib whose names it has a share in.
    pub(super) dylib: usize,
    pub(super) tracker: TrackerId,
    pub(super) stage: Stage,
    /// Whether a generator gave it, for whoever misses its names.
    pub(super) is_shared: bool,
    /// The how-manieth it was to be there for good. What a module uses was there for good when it was loaded, so has a smaller
    /// number than the module itself; its load may have begun later, if the module's load asked for it.
    pub(super) ready: u64,
    /// How many handles there are.
    pub(super) handles: u32,
    /// How many modules take names of it, those that are being linked included.
    pub(super) users: u32,
    /// The slots of the modules that it takes names of.
    pub(super) uses: Vec<u32>,
    /// How many of them are about to leave with it; zero but for a moment.
    pub(super) leaving_users: u32,
    /// The number of the last load that took a name of it.
    pub(super) last_user: u64,
    symbols: SymbolSet,
    objects: ObjectNames,
    /// Sections whose bounds other modules may ask for.
    pub(super) named_sections: SectionNames,
    pub(super) segments: Segments,
    pub(super) statistics: Statistics,
    /// What runs when it is unloaded, in this order.
    pub(super) finalizers: Vec<Routine>,
    /// The function that the module itself names for its end; it runs before all finalizers.
    pub(super) exit: Option<TargetAddr>,
    pub(super) about: Option<About>,
    /// Held until the record is dropped, which gives the memory back.
    pub(super) memory: Option<F>,
}

impl<F> ModuleRecord<F> {
    pub(super) fn new(
        serial: u64,
        name: &str,
        dylib: usize,
        tracker: TrackerId,
    ) -> Result<Self, OutOfMemory> {
        Ok(Self {
            serial,
            name: fallible::copy_of(name.as_bytes())?,
            dylib,
            tracker,
            stage: Stage::Loading,
            is_shared: false,
            ready: u64::MAX,
            handles: 0,
            users: 0,
            leaving_users: 0,
            uses: Vec::new(),
            last_user: 0,
            symbols: SymbolSet::new(),
            objects: ObjectNames::default(),
            named_sections: SectionNames::default(),
            segments: Segments::default(),
            statistics: Statistics::default(),
            finalizers: Vec::new(),
            exit: None,
            about: None,
            memory: None,
        })
    }

    /// Gives back what was needed until the initializers had run.
    pub(super) fn release_finalize_segments(&mut self)
    where
        F: Finalized,
    {
        let is_over = |segment: &LinkedSegment| segment.lifetime == Lifetime::Finalize;
        if !self.segments.iter().flatten().any(is_over) {
            return;
        }
        if let Some(memory) = &mut self.memory {
            memory.release_finalize_segments();
        }
        for segment in &mut self.segments {
            *segment = segment.filter(|segment| !is_over(segment));
        }
    }

    /// Records what others may find of a linked graph.
    pub(super) fn record_names(
        &mut self,
        graph: &LinkGraph<'_>,
        named_sections: &[(Name<'_>, AddressRange)],
    ) -> Result<(), OutOfMemory> {
        self.objects.record(graph)?;
        self.named_sections.record(named_sections)?;
        let (mut count, mut name_bytes) = (0_usize, 0_usize);
        for symbol in findable(graph) {
            count = count.saturating_add(1);
            name_bytes = name_bytes.saturating_add(symbol.name.bytes().len());
        }
        self.symbols.try_reserve(count, name_bytes)?;
        for symbol in findable(graph) {
            self.symbols.try_push(symbol)?;
        }
        Ok(())
    }

    /// Which it is, in this slot.
    pub(super) const fn id(&self, slot: u32) -> ModuleId {
        ModuleId {
            serial: self.serial,
            slot,
        }
    }

    pub(super) fn name(&self) -> Name<'_> {
        Name::new(&self.name)
    }

    pub(super) fn symbols(&self) -> &SymbolSet {
        &self.symbols
    }

    /// How errors call who defined a symbol: its object, and the module if that is called otherwise.
    pub(super) fn definer_of(&self, symbol: &SymbolRecord) -> Text<120> {
        let module = self.name();
        match self.objects.get(symbol.object) {
            Some(object) if object != module => {
                Text::of(format_args!("{object} (module {module})"))
            }
            _ => Text::of(module),
        }
    }

    pub(super) fn is_callable(&self, record: &SymbolRecord) -> bool {
        record.kind != SymbolKind::Data
            && self
                .segment_of(record.address)
                .is_some_and(|(_, protection)| protection.is_executable())
    }

    /// The segment that holds an address.
    fn segment_of(&self, address: TargetAddr) -> Option<(AddressRange, Protection)> {
        let segments = self.segments.iter().flatten();
        segments
            .map(|segment| (segment.range, segment.protection))
            .find(|(range, _)| range.contains(address))
    }
}

/// What others may find of a linked graph. Of a section group that is kept, the symbol of its name tells; a group without such
/// a symbol is kept again by each module, and its weak names give way one by one.
fn findable<'g>(graph: &'g LinkGraph<'_>) -> impl Iterator<Item = NewSymbol<'g>> {
    graph.symbols.iter().filter_map(|(id, symbol)| {
        Some(NewSymbol {
            name: symbol.name,
            visibility: visibility_of(graph, symbol)?,
            address: graph.address(id)?,
            size_bytes: symbol.size_bytes,
            object: symbol.object.number(),
            kind: symbol.kind,
            linkage: linkage_of(graph, symbol),
            is_protected: false,
            is_group: graph.keeps_group(symbol.name),
        })
    })
}

/// Who may find a symbol once its graph is linked; `None` if nobody but the graph itself.
fn visibility_of(graph: &LinkGraph<'_>, symbol: &Symbol<'_>) -> Option<Visibility> {
    let lasts = match symbol.definition {
        Definition::Block { block, .. } => {
            let block = graph.blocks.at(block);
            block.is_live && graph.sections.at(block.section).lifetime == Lifetime::Standard
        }
        Definition::Absolute(_) => true,
        _ => false,
    };
    if !lasts || symbol.name.is_empty() {
        return None;
    }
    visibility(symbol)
}

fn visibility(symbol: &Symbol<'_>) -> Option<Visibility> {
    match symbol.scope {
        Scope::Default | Scope::Protected => Some(Visibility::Exported),
        Scope::Hidden => Some(Visibility::Hidden),
        Scope::Link | Scope::Local => None,
    }
}

/// Which definition counts, this one or another module's.
fn linkage_of(graph: &LinkGraph<'_>, symbol: &Symbol<'_>) -> Linkage {
    if let Definition::Common(_) = symbol.definition {
        return Linkage::Weak;
    }
    match graph.objects.at(symbol.object).origin {
        // What an archive gave may be there again in the next module.
        Origin::Archive | Origin::Library => Linkage::Weak,
        Origin::Given | Origin::Linker => symbol.linkage,
    }
}

/// A name that a graph will give to others, once linked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promise<'g> {
    pub(super) symbol: crate::graph::SymbolId,
    pub(super) name: Name<'g>,
    pub(super) linkage: Linkage,
    pub(super) visibility: Visibility,
    /// Whether its definition gives way to one that is there already, of so many bytes at least: a weak one of the object's
    /// own, or common memory.
    pub(super) gives_way: Option<u64>,
    pub(super) object: Object<'g>,
}

/// The names that a graph will give to others, before it is pruned and linked.
pub(super) fn promises<'g>(graph: &'g LinkGraph<'_>) -> impl Iterator<Item = Promise<'g>> {
    graph.symbols.iter().filter_map(|(id, symbol)| {
        let is_defined = match symbol.definition {
            // What goes once the initializers have run is given to nobody.
            Definition::Block { block, .. } => {
                let section = graph.blocks.at(block).section;
                graph.sections.at(section).lifetime == Lifetime::Standard
            }
            Definition::Absolute(_) | Definition::Common(_) => true,
            _ => false,
        };
        let object = *graph.objects.at(symbol.object);
        if !is_defined || symbol.name.is_empty() {
            return None;
        }
        Some(Promise {
            symbol: id,
            name: symbol.name,
            linkage: linkage_of(graph, symbol),
            visibility: visibility(symbol)?,
            gives_way: match symbol.definition {
                Definition::Common(_) => Some(symbol.size_bytes),
                _ => (symbol.linkage == Linkage::Weak).then_some(0),
            },
            object,
        })
    })
}

/// The names of a module's objects.
#[derive(Default, Debug)]
struct ObjectNames {
    bytes: Vec<u8>,
    /// Where each name ends.
    ends: Vec<u32>,
}

impl ObjectNames {
    fn record(&mut self, graph: &LinkGraph<'_>) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.ends, graph.objects.len())?;
        for (_, object) in graph.objects.iter() {
            if !object.archive.is_empty() {
                fallible::extend(&mut self.bytes, object.archive.bytes())?;
                fallible::extend(&mut self.bytes, b"(")?;
            }
            fallible::extend(&mut self.bytes, object.name.bytes())?;
            if !object.archive.is_empty() {
                fallible::extend(&mut self.bytes, b")")?;
            }
            let end = u32::try_from(self.bytes.len()).map_err(|_| OutOfMemory)?;
            fallible::push(&mut self.ends, end)?;
        }
        Ok(())
    }

    fn get(&self, place: u32) -> Option<Name<'_>> {
        let place = int::usize_from_u32(place);
        let end = int::usize_from_u32(*self.ends.get(place)?);
        let before = place
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |&start| int::usize_from_u32(start));
        Some(Name::new(self.bytes.get(start..end)?))
    }
}

/// Sections whose names C can spell, and where they lie.
#[derive(Default, Debug)]
pub(super) struct SectionNames {
    bytes: Vec<u8>,
    /// Where each name ends, and where its sections lie.
    sections: Vec<(u32, AddressRange)>,
}

impl SectionNames {
    fn record(&mut self, named: &[(Name<'_>, AddressRange)]) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.sections, named.len())?;
        for (name, range) in named {
            fallible::extend(&mut self.bytes, name.bytes())?;
            let end = u32::try_from(self.bytes.len()).map_err(|_| OutOfMemory)?;
            fallible::push(&mut self.sections, (end, *range))?;
        }
        Ok(())
    }

    /// Where the sections of this name lie.
    pub(super) fn find(&self, wanted: Name<'_>) -> Option<AddressRange> {
        let mut start = 0;
        self.sections.iter().find_map(|&(end, range)| {
            let end = int::usize_from_u32(end);
            let name = self.bytes.get(start..end)?;
            start = end;
            (name == wanted.bytes()).then_some(range)
        })
    }
}

/// A place for a module, which is used again once the module is gone.
#[derive(Debug)]
enum Slot<F> {
    Taken(ModuleRecord<F>),
    /// Nobody's; the next such slot.
    Free(Option<u32>),
}

/// The modules of a session.
#[derive(Debug)]
pub(super) struct ModuleSlots<F> {
    slots: Vec<Slot<F>>,
    first_free: Option<u32>,
    count: usize,
}

impl<F> ModuleSlots<F> {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            first_free: None,
            count: 0,
        }
    }

    pub(super) fn get(&self, slot: u32) -> Option<&ModuleRecord<F>> {
        match self.slots.get(int::usize_from_u32(slot))? {
            Slot::Taken(module) => Some(module),
            Slot::Free(_) => None,
        }
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut ModuleRecord<F>> {
        match self.slots.get_mut(int::usize_from_u32(slot))? {
            Slot::Taken(module) => Some(module),
            Slot::Free(_) => None,
        }
    }

    /// The module that this names, if it is there still.
    pub(super) fn of(&self, id: ModuleId) -> Option<&ModuleRecord<F>> {
        self.get(id.slot)
            .filter(|module| module.serial == id.serial)
    }

    pub(super) fn of_mut(&mut self, id: ModuleId) -> Option<&mut ModuleRecord<F>> {
        self.get_mut(id.slot)
            .filter(|module| module.serial == id.serial)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The modules with their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &ModuleRecord<F>)> {
        (0..)
            .zip(&self.slots)
            .filter_map(|(place, slot)| match slot {
                Slot::Taken(module) => Some((place, module)),
                Slot::Free(_) => None,
            })
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ModuleRecord<F>> {
        self.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Taken(module) => Some(module),
            Slot::Free(_) => None,
        })
    }

    /// Enters a module.
    pub(super) fn insert(&mut self, module: ModuleRecord<F>) -> Result<u32, OutOfMemory> {
        let free = self.first_free.and_then(|place| {
            let slot = self.slots.get_mut(int::usize_from_u32(place))?;
            Some((place, slot))
        });
        let place = match free {
            Some((place, slot)) => {
                if let Slot::Free(next) = slot {
                    self.first_free = *next;
                }
                *slot = Slot::Taken(module);
                place
            }
            None => {
                let place = u32::try_from(self.slots.len()).map_err(|_| OutOfMemory)?;
                fallible::push(&mut self.slots, Slot::Taken(module))?;
                place
            }
        };
        self.count = self.count.saturating_add(1);
        Ok(place)
    }

    /// Takes a module out. Without modules, no memory is held.
    pub(super) fn take(&mut self, slot: u32) -> Option<ModuleRecord<F>> {
        let place = self.slots.get_mut(int::usize_from_u32(slot))?;
        if let Slot::Free(_) = place {
            return None;
        }
        let free = Slot::Free(self.first_free);
        let Slot::Taken(module) = core::mem::replace(place, free) else {
            return None;
        };
        self.first_free = Some(slot);
        self.count = self.count.saturating_sub(1);
        if self.count == 0 {
            *self = Self::new();
        }
        Some(module)
    }
}
