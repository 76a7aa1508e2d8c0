//! The address map: what an address is.
//!
//! It knows the segments of all modules in the order of their addresses, and of each module the symbols and the sections in
//! that order: an address is found by searches that halve what is left. Who asks for an address may be the handler of a fault
//! in code that holds the map's lock: it is never waited for there, and nothing is allocated.

use alloc::vec::Vec;

use spin::Mutex;

use crate::base::{
    AddressRange, Name, OutOfMemory, Protection, Shared, TargetAddr, Text, fallible, int,
};
use crate::graph::{Block, Definition, LinkGraph, Symbol, SymbolKind};
use crate::memory::Lifetime;
use crate::session::{LoadError, Location, ModuleId, ModuleView, Plugin, PluginError};

/// A plugin that tells what an address is. Clones are the same map; it serves one session.
#[derive(Clone, Debug)]
pub struct AddressMap {
    shared: Shared<Mutex<Modules>>,
}

/// Where a section of a module lies; one after the other of the same name are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SectionPlace<'m> {
    /// Its name.
    pub name: Name<'m>,
    /// Its addresses, with what fills the space between its parts.
    pub range: AddressRange,
    /// What its memory may be used for.
    pub protection: Protection,
}

/// Where a symbol of a module lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SymbolPlace<'m> {
    /// Its name.
    pub name: Name<'m>,
    /// Its address.
    pub address: TargetAddr,
    /// The size of what it names in bytes; 0 if unknown.
    pub size_bytes: u64,
    /// What it names.
    pub kind: SymbolKind,
}

impl AddressMap {
    /// A map of modules that are yet to come.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn new() -> Result<Self, OutOfMemory> {
        let shared = Shared::new(Mutex::new(Modules::default()))?;
        Ok(Self { shared })
    }

    /// What an address is, for a fault report: the nearest named symbol at or below it in the same segment, local ones
    /// included, and of several at one address the largest. `None` if no module lies there, or if the map is being written or
    /// read at this very moment. Never blocks and never allocates.
    pub fn locate(&self, address: TargetAddr) -> Option<Location> {
        self.shared.try_lock()?.locate(address)
    }

    /// Shows the sections of a module in the order of their addresses; none if the module is not there. The map is locked
    /// meanwhile: `show` must not ask it.
    pub fn for_each_section(&self, module: ModuleId, show: impl FnMut(SectionPlace<'_>)) {
        if let Some(module) = self.shared.lock().module(module) {
            module.sections().for_each(show);
        }
    }

    /// Shows the symbols of a module that [`locate`](Self::locate) may name, in the order of their addresses; none if the
    /// module is not there. The map is locked meanwhile: `show` must not ask it.
    pub fn for_each_symbol(&self, module: ModuleId, show: impl FnMut(SymbolPlace<'_>)) {
        if let Some(module) = self.shared.lock().module(module) {
            module.symbols().for_each(show);
        }
    }

    fn remove(&self, id: ModuleId) {
        let removed = self.shared.lock().remove(id);
        // The heap has a lock of its own.
        drop(removed);
    }
}

impl Plugin for AddressMap {
    fn name(&self) -> &str {
        "address map"
    }

    fn loaded(&self, module: &ModuleView, graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        let record = Module::of(module, graph)?;
        Ok(self.shared.lock().insert(module, record)?)
    }

    /// What only initializers needed is gone.
    fn ready(&self, module: &ModuleView) {
        self.shared.lock().keep_segments(module);
    }

    fn failed(&self, module: &ModuleView, _error: &LoadError) {
        self.remove(module.id);
    }

    fn removing(&self, module: &ModuleView) {
        self.remove(module.id);
    }
}

/// All modules. Without any, no memory is held.
#[derive(Default, Debug)]
struct Modules {
    /// In the order of their addresses.
    segments: Vec<Segment>,
    /// In the order of their ids.
    modules: Vec<Module>,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    range: AddressRange,
    module: ModuleId,
}

impl Modules {
    fn locate(&self, address: TargetAddr) -> Option<Location> {
        let above = (self.segments).partition_point(|segment| segment.range.first() <= address);
        let segment = self.segments.get(above.checked_sub(1)?)?;
        if !segment.range.contains(address) {
            return None;
        }
        let module = self.module(segment.module)?;
        let symbol = module.nearest_symbol(address, segment.range);
        let start = symbol.map_or(segment.range.first(), |symbol| symbol.address);
        Some(Location {
            module: module.name,
            symbol: symbol.map_or(Text::new(), |symbol| Text::of(symbol.name)),
            offset: address.checked_distance_from(start)?,
        })
    }

    fn module(&self, id: ModuleId) -> Option<&Module> {
        let place = self.place_of(id).ok()?;
        self.modules.get(place)
    }

    /// Where a module stands, or would stand.
    fn place_of(&self, id: ModuleId) -> Result<usize, usize> {
        self.modules.binary_search_by_key(&id, |module| module.id)
    }

    /// Adds a module, or nothing if the heap has no room.
    fn insert(&mut self, view: &ModuleView, module: Module) -> Result<(), OutOfMemory> {
        let Err(place) = self.place_of(view.id) else {
            // Two clones were added to the session.
            return Ok(());
        };
        fallible::reserve(&mut self.segments, view.segments().count())?;
        fallible::insert(&mut self.modules, place, module)?;
        for (range, _) in view.segments() {
            // No two live at one address. Who lived there has given its memory back, and is about to say so.
            let meets = |segment: &Segment| segment.range.intersection(range).is_some();
            self.segments.retain(|segment| !meets(segment));
            let place =
                (self.segments).partition_point(|segment| segment.range.first() < range.first());
            let module = view.id;
            fallible::insert(&mut self.segments, place, Segment { range, module })?;
        }
        Ok(())
    }

    /// Forgets what lies in no segment of a module any more.
    fn keep_segments(&mut self, view: &ModuleView) {
        (self.segments).retain(|segment| segment.module != view.id || lies_in(view, segment.range));
        let Ok(place) = self.place_of(view.id) else {
            return;
        };
        if let Some(module) = self.modules.get_mut(place) {
            (module.sections).retain(|section| lies_in(view, section.range));
            (module.symbols).retain(|symbol| is_in(view, symbol.address));
        }
    }

    /// Takes a module out; what is returned holds what it took of the heap.
    fn remove(&mut self, id: ModuleId) -> (Option<Module>, Option<Self>) {
        self.segments.retain(|segment| segment.module != id);
        let removed = self.place_of(id).ok().and_then(|place| {
            let moved = self.modules.get_mut(place..)?;
            moved.rotate_left(1);
            self.modules.pop()
        });
        let is_empty = self.modules.is_empty();
        (removed, is_empty.then(|| core::mem::take(self)))
    }
}

/// What is known of one module.
#[derive(Debug)]
struct Module {
    id: ModuleId,
    name: Text<64>,
    /// The names of symbols and sections, one after the other.
    names: Vec<u8>,
    /// In the order of their addresses, and at one address of their sizes.
    symbols: Vec<SymbolRecord>,
    /// In the order of their addresses.
    sections: Vec<SectionRecord>,
}

/// A stretch of the names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct NameRecord {
    start: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
struct SymbolRecord {
    address: TargetAddr,
    size_bytes: u64,
    name: NameRecord,
    kind: SymbolKind,
}

#[derive(Clone, Copy, Debug)]
struct SectionRecord {
    range: AddressRange,
    name: NameRecord,
    protection: Protection,
}

impl Module {
    fn of(view: &ModuleView, graph: &LinkGraph<'_>) -> Result<Self, OutOfMemory> {
        let mut module = Self {
            id: view.id,
            name: view.name,
            names: Vec::new(),
            symbols: Vec::new(),
            sections: Vec::new(),
        };
        module.record_symbols(view, graph)?;
        module.record_sections(view, graph)?;
        Ok(module)
    }

    fn record_symbols(
        &mut self,
        view: &ModuleView,
        graph: &LinkGraph<'_>,
    ) -> Result<(), OutOfMemory> {
        let (mut count, mut name_bytes) = (0_usize, 0_usize);
        for symbol in telling(view, graph) {
            count = count.saturating_add(1);
            name_bytes = name_bytes.saturating_add(symbol.name.bytes().len());
        }
        fallible::reserve(&mut self.symbols, count)?;
        fallible::reserve(&mut self.names, name_bytes)?;
        for symbol in telling(view, graph) {
            let record = SymbolRecord {
                address: symbol.address,
                size_bytes: symbol.size_bytes,
                name: self.record_name(symbol.name)?,
                kind: symbol.kind,
            };
            fallible::push(&mut self.symbols, record)?;
        }
        // Of what is alike the graph's order counts, in which names were recorded.
        (self.symbols)
            .sort_unstable_by_key(|symbol| (symbol.address, symbol.size_bytes, symbol.name));
        Ok(())
    }

    fn record_sections(
        &mut self,
        view: &ModuleView,
        graph: &LinkGraph<'_>,
    ) -> Result<(), OutOfMemory> {
        let mut parts = Vec::new();
        for (_, block) in graph.blocks() {
            let size_bytes = block.content.size_bytes();
            if let Some(range) = AddressRange::from_size(block.address, size_bytes)
                && is_in_memory(graph, block)
            {
                fallible::push(&mut parts, (range, block.section))?;
            }
        }
        parts.sort_unstable_by_key(|(range, _)| range.first());
        let segment_of = |range: AddressRange| {
            let mut segments = view.segments();
            segments.position(|(segment, _)| segment.contains_range(range))
        };
        let is_same = |one: &(AddressRange, _), other: &(AddressRange, _)| {
            let [one, other] = [one, other].map(|&(range, id)| (range, graph.sections.at(id)));
            one.1.name == other.1.name && segment_of(one.0) == segment_of(other.0)
        };
        for same in parts.chunk_by(is_same) {
            let (Some(&(first, section)), Some(&(last, _))) = (same.first(), same.last()) else {
                continue;
            };
            let section = graph.sections.at(section);
            let record = SectionRecord {
                range: first.hull(last),
                name: self.record_name(section.name)?,
                protection: section.protection,
            };
            fallible::push(&mut self.sections, record)?;
        }
        Ok(())
    }

    fn record_name(&mut self, name: Name<'_>) -> Result<NameRecord, OutOfMemory> {
        let start = u32::try_from(self.names.len()).map_err(|_| OutOfMemory)?;
        let len = u32::try_from(name.bytes().len()).map_err(|_| OutOfMemory)?;
        fallible::extend(&mut self.names, name.bytes())?;
        Ok(NameRecord { start, len })
    }

    /// The symbol at or nearest below an address, in the same segment.
    fn nearest_symbol(
        &self,
        address: TargetAddr,
        segment: AddressRange,
    ) -> Option<SymbolPlace<'_>> {
        let above = (self.symbols).partition_point(|symbol| symbol.address <= address);
        let nearest = self.symbols.get(above.checked_sub(1)?)?;
        segment
            .contains(nearest.address)
            .then(|| self.symbol(nearest))
    }

    fn symbols(&self) -> impl Iterator<Item = SymbolPlace<'_>> {
        self.symbols.iter().map(|record| self.symbol(record))
    }

    fn symbol(&self, record: &SymbolRecord) -> SymbolPlace<'_> {
        SymbolPlace {
            name: self.name_of(record.name),
            address: record.address,
            size_bytes: record.size_bytes,
            kind: record.kind,
        }
    }

    fn sections(&self) -> impl Iterator<Item = SectionPlace<'_>> {
        self.sections.iter().map(|record| SectionPlace {
            name: self.name_of(record.name),
            range: record.range,
            protection: record.protection,
        })
    }

    fn name_of(&self, record: NameRecord) -> Name<'_> {
        let start = int::usize_from_u32(record.start);
        let end = start.saturating_add(int::usize_from_u32(record.len));
        Name::new(self.names.get(start..end).unwrap_or(&[]))
    }
}

/// The symbols of a linked graph that say something to a reader. Those that only end a segment are no address's name.
fn telling<'g>(
    view: &'g ModuleView,
    graph: &'g LinkGraph<'_>,
) -> impl Iterator<Item = SymbolPlace<'g>> {
    graph.symbols.iter().filter_map(|(id, symbol)| {
        let Definition::Block { block, .. } = symbol.definition else {
            return None;
        };
        if !is_telling(symbol) || !is_in_memory(graph, graph.blocks.at(block)) {
            return None;
        }
        let address = graph.address(id).filter(|&address| is_in(view, address))?;
        Some(SymbolPlace {
            name: symbol.name,
            address,
            size_bytes: symbol.size_bytes,
            kind: symbol.kind,
        })
    })
}

/// Whether a symbol is more than a mark for tools: a mapping symbol, such as `$x`, or a label of a compiler's own. Source: ELF
/// for the Arm 64-bit Architecture (AAELF64), "Mapping symbols"; GNU as, "Symbol Names", local symbol names.
fn is_telling(symbol: &Symbol<'_>) -> bool {
    let name = symbol.name.bytes();
    let is_mark = name.is_empty() || name.starts_with(b"$") || name.starts_with(b".L");
    !is_mark && symbol.kind != SymbolKind::Section
}

/// Whether a block lies where the program can reach it.
fn is_in_memory(graph: &LinkGraph<'_>, block: &Block<'_>) -> bool {
    block.is_live && graph.sections.at(block.section).lifetime != Lifetime::NoAlloc
}

fn is_in(view: &ModuleView, address: TargetAddr) -> bool {
    let mut segments = view.segments();
    segments.any(|(segment, _)| segment.contains(address))
}

fn lies_in(view: &ModuleView, range: AddressRange) -> bool {
    let mut segments = view.segments();
    segments.any(|(segment, _)| segment.contains_range(range))
}
