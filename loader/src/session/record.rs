//! A module in a session's books: what is written down of it.

use alloc::vec::Vec;

use crate::base::{AddressRange, Name, OutOfMemory, Protection, TargetAddr, Text, fallible};
use crate::graph::{LinkGraph, SymbolKind};
use crate::link::{LinkedSegment, Segments, Statistics};
use crate::memory::{Finalized, Lifetime};
use crate::pass::Routine;

use super::id::ModuleSlot;
use super::parts::{ObjectNames, SectionNames};
use super::promises::{amend, findable, size_of_findable};
use super::symbols::{SymbolRecord, SymbolSet};
use super::{About, DylibId, ModuleId, TrackerId};

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

/// A module in the books.
#[derive(Debug)]
pub(super) struct ModuleRecord<F> {
    pub(super) serial: u64,
    name: Vec<u8>,
    /// The dylib whose names it has a share in.
    pub(super) dylib: DylibId,
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
    pub(super) uses: Vec<ModuleSlot>,
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
        dylib: DylibId,
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
        let (count, name_bytes) = size_of_findable(graph);
        self.symbols.try_reserve(count, name_bytes)?;
        self.symbols.try_extend(findable(graph))?;
        amend(graph, &mut self.symbols);
        Ok(())
    }

    /// Which it is, in this slot.
    pub(super) const fn id(&self, slot: ModuleSlot) -> ModuleId {
        ModuleId {
            serial: self.serial,
            slot,
        }
    }

    pub(super) fn name(&self) -> Name<'_> {
        Name::new(&self.name)
    }

    pub(super) fn symbols_mut(&mut self) -> &mut SymbolSet {
        &mut self.symbols
    }

    pub(super) fn symbols(&self) -> &SymbolSet {
        &self.symbols
    }

    /// How errors call who defined a symbol: its object, and the module if that is called otherwise.
    pub(super) fn definer_of(&self, symbol: &SymbolRecord) -> Text<120> {
        let module = self.name();
        match self.objects.get(symbol.object) {
            Some(object) if object != module => Text::of((object, " (module ", module, ")")),
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
