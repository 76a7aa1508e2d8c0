//! Modules: what one load made, as a handle for its user and as a record in the session.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{
    AddressRange, Machine, Name, OutOfMemory, Protection, TargetAddr, Text, fallible, int,
};
use crate::graph::{Definition, LinkGraph, Linkage, Origin, SymbolKind};
use crate::link::{LinkedSegment, Segments, Statistics};
use crate::memory::MemoryManager;

use super::symbols::{NewSymbol, SymbolRecord, SymbolSet};
use super::{Function, FunctionPointer, LookupError, Session};

/// A handle to a loaded module. Dropping it leaves the module loaded; [`Module::unload`] removes it.
pub struct Module<'session, M: MemoryManager> {
    pub(super) session: &'session Session<M>,
    pub(super) slot: u32,
}

impl<M: MemoryManager> Module<'_, M> {
    /// The function of this name, as a pointer of type `F`, for instance `unsafe extern "C" fn(i32) -> i32`.
    ///
    /// # Errors
    /// The module exports no such name, it is no code, or it is code of another machine.
    pub fn function<F: FunctionPointer>(&self, name: &str) -> Result<Function<'_, F>, LookupError> {
        let symbol = Text::of(name);
        let machine = self.session.machine();
        if Machine::HOST != Some(machine) {
            return Err(LookupError::ForeignMachine { machine });
        }
        self.session
            .with_module(self.slot, |module| {
                let record = module.symbols.find(Name::from(name));
                let record = record.ok_or(LookupError::Missing { symbol })?;
                let address = record.address;
                if module.is_callable(record) {
                    Ok(Function::new(address))
                } else {
                    Err(LookupError::NotCallable { symbol, address })
                }
            })
            .unwrap_or(Err(LookupError::Missing { symbol }))
    }

    /// The address of what the module exports under this name.
    pub fn address(&self, name: &str) -> Option<TargetAddr> {
        self.session.with_module(self.slot, |module| {
            module
                .symbols
                .find(Name::from(name))
                .map(|record| record.address)
        })?
    }

    /// Where the module lies, and what each part may be used for.
    pub fn segments(&self) -> impl Iterator<Item = (AddressRange, Protection)> + use<M> {
        let segments = self
            .session
            .with_module(self.slot, |module| module.segments);
        let segments = segments.unwrap_or_default().into_iter().flatten();
        segments.map(|segment| (segment.range, segment.protection))
    }

    /// What linking it did, in numbers.
    pub fn statistics(&self) -> Statistics {
        self.session
            .with_module(self.slot, |module| module.statistics)
            .unwrap_or_default()
    }

    /// Removes the module: its names can't be found any more, and its memory is given back.
    ///
    /// # Safety
    /// Nothing runs the module's code, or refers to its memory, any more: no other module was linked to it, and nothing
    /// kept an address of it.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn unload(self) {
        self.session.remove(self.slot);
    }
}

impl<M: MemoryManager> fmt::Debug for Module<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Module({})", self.slot)
    }
}

/// A module in the session's books.
#[derive(Debug)]
pub(super) struct ModuleRecord<F> {
    name: Vec<u8>,
    /// The dylib that exports its names.
    pub(super) dylib: usize,
    symbols: SymbolSet,
    segments: Segments,
    statistics: Statistics,
    /// Held until the record is dropped, which gives the memory back.
    pub(super) memory: Option<F>,
}

impl<F> ModuleRecord<F> {
    pub(super) fn new(name: &str, dylib: usize) -> Result<Self, OutOfMemory> {
        Ok(Self {
            name: fallible::copy_of(name.as_bytes())?,
            dylib,
            symbols: SymbolSet::new(),
            segments: Segments::default(),
            statistics: Statistics::default(),
            memory: None,
        })
    }

    /// Takes over what the link made.
    pub(super) fn set_memory(&mut self, memory: F, segments: Segments, statistics: Statistics) {
        self.memory = Some(memory);
        self.segments = segments;
        self.statistics = statistics;
    }

    /// Gives back what was needed until the initializers had run.
    pub(super) fn release_finalize_segments(&mut self)
    where
        F: crate::memory::Finalized,
    {
        let is_over =
            |segment: &LinkedSegment| segment.lifetime == crate::memory::Lifetime::Finalize;
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

    /// Records the symbols of a linked graph: those that others may find, and those that tell what an address is.
    pub(super) fn record_symbols(&mut self, graph: &LinkGraph<'_>) -> Result<(), OutOfMemory> {
        let mut counts = (0_usize, 0_usize, 0_usize);
        for symbol in recorded(graph) {
            counts.0 = counts.0.saturating_add(1);
            counts.1 = counts.1.saturating_add(usize::from(symbol.is_exported));
            counts.2 = counts.2.saturating_add(symbol.name.bytes().len());
        }
        self.symbols.try_reserve(counts.0, counts.1, counts.2)?;
        for symbol in recorded(graph) {
            self.symbols.try_push(symbol)?;
        }
        Ok(())
    }

    pub(super) fn name(&self) -> Name<'_> {
        Name::new(&self.name)
    }

    pub(super) fn symbols(&self) -> &SymbolSet {
        &self.symbols
    }

    fn is_callable(&self, record: &SymbolRecord) -> bool {
        record.kind != SymbolKind::Data
            && self
                .segment_of(record.address)
                .is_some_and(|(_, protection)| protection.is_executable())
    }

    /// The segment that holds an address.
    pub(super) fn segment_of(&self, address: TargetAddr) -> Option<(AddressRange, Protection)> {
        let segments = self.segments.iter().flatten();
        segments
            .map(|segment| (segment.range, segment.protection))
            .find(|(range, _)| range.contains(address))
    }

    /// The symbol at or nearest below an address of the module, in the same segment.
    pub(super) fn nearest_symbol(&self, address: TargetAddr) -> Option<(Name<'_>, u64)> {
        let (segment, _) = self.segment_of(address)?;
        let in_reach =
            |record: &SymbolRecord| record.address <= address && segment.contains(record.address);
        // Of several at one address, one that covers it tells more than a bare label.
        let best = self
            .symbols
            .iter()
            .filter(|(_, record)| in_reach(record))
            .max_by_key(|(_, record)| (record.address, record.size_bytes))?;
        let offset = address.checked_distance_from(best.1.address)?;
        Some((self.symbols.name_at(best.0), offset))
    }
}

/// The symbols of a graph that are worth a record.
fn recorded<'g>(graph: &'g LinkGraph<'_>) -> impl Iterator<Item = NewSymbol<'g>> {
    graph.symbols.iter().filter_map(|(id, symbol)| {
        let is_kept = match symbol.definition {
            Definition::Block { block, .. } => graph.blocks.at(block).is_live,
            // A number that a module exports; of those that it keeps for itself no address tells.
            Definition::Absolute(_) => symbol.scope.is_exported(),
            _ => false,
        };
        // Anonymous symbols, mapping symbols and local labels say nothing to a reader.
        let is_telling = !symbol.name.is_empty()
            && !symbol.name.bytes().starts_with(b"$")
            && !symbol.name.bytes().starts_with(b".L")
            && symbol.kind != SymbolKind::Section;
        if !is_telling || !is_kept {
            return None;
        }
        // What an archive gave may be there again in the next module.
        let linkage = match graph.objects.at(symbol.object).origin {
            Origin::Archive => Linkage::Weak,
            Origin::Given | Origin::Linker => symbol.linkage,
        };
        Some(NewSymbol {
            name: symbol.name,
            address: graph.address(id)?,
            size_bytes: symbol.size_bytes,
            kind: symbol.kind,
            linkage,
            is_exported: symbol.scope.is_exported(),
            is_protected: false,
        })
    })
}

/// The names that a graph will export, once linked, with the linkage of each.
pub(super) fn exported_names<'g>(
    graph: &'g LinkGraph<'_>,
) -> impl Iterator<Item = (Name<'g>, Linkage, Name<'g>)> {
    graph.symbols.iter().filter_map(|(_, symbol)| {
        let is_defined = matches!(
            symbol.definition,
            Definition::Block { .. } | Definition::Absolute(_) | Definition::Common(_)
        ) && symbol.scope.is_exported();
        let object = graph.objects.at(symbol.object);
        let linkage = if object.origin == Origin::Archive {
            Linkage::Weak
        } else {
            symbol.linkage
        };
        (is_defined && !symbol.name.is_empty()).then_some((symbol.name, linkage, object.name))
    })
}

/// The modules of a session, each in a slot that is used again once it is gone.
#[derive(Debug)]
pub(super) struct ModuleSlots<F> {
    slots: Vec<Option<ModuleRecord<F>>>,
}

impl<F> ModuleSlots<F> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new() }
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut ModuleRecord<F>> {
        self.slots.get_mut(int::usize_from_u32(slot))?.as_mut()
    }

    pub(super) fn get(&self, slot: u32) -> Option<&ModuleRecord<F>> {
        self.slots.get(int::usize_from_u32(slot))?.as_ref()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &ModuleRecord<F>> {
        self.slots.iter().flatten()
    }

    /// The modules with their slots.
    pub(super) fn slots(&self) -> impl Iterator<Item = (u32, &ModuleRecord<F>)> {
        (0..)
            .zip(&self.slots)
            .filter_map(|(slot, module)| Some((slot, module.as_ref()?)))
    }

    /// Finds a free slot, or makes one.
    pub(super) fn reserve(&mut self) -> Result<u32, OutOfMemory> {
        let place = match self.slots.iter().position(Option::is_none) {
            Some(place) => place,
            None => {
                fallible::push(&mut self.slots, None)?;
                self.slots.len().saturating_sub(1)
            }
        };
        u32::try_from(place).map_err(|_| OutOfMemory)
    }

    pub(super) fn put(&mut self, slot: u32, module: ModuleRecord<F>) {
        if let Some(place) = self.slots.get_mut(int::usize_from_u32(slot)) {
            *place = Some(module);
        }
    }

    pub(super) fn take(&mut self, slot: u32) -> Option<ModuleRecord<F>> {
        self.slots.get_mut(int::usize_from_u32(slot))?.take()
    }
}
