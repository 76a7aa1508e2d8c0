//! The modules of a map, and their segments in the order of their addresses.

use alloc::vec::Vec;

use crate::base::{AddressRange, OutOfMemory, TargetAddr, Text, fallible};
use crate::session::{Location, ModuleId, ModuleView};

use super::module::{Module, lies_in};

/// All modules. Without any, no memory is held.
#[derive(Default, Debug)]
pub(super) struct Modules {
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
    pub(super) fn locate(&self, address: TargetAddr) -> Option<Location> {
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

    pub(super) fn module(&self, id: ModuleId) -> Option<&Module> {
        let place = self.place_of(id).ok()?;
        self.modules.get(place)
    }

    /// Where a module stands, or would stand.
    fn place_of(&self, id: ModuleId) -> Result<usize, usize> {
        self.modules.binary_search_by_key(&id, |module| module.id)
    }

    /// Adds a module, or nothing if the heap has no room.
    pub(super) fn insert(&mut self, view: &ModuleView, module: Module) -> Result<(), OutOfMemory> {
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
    pub(super) fn keep_segments(&mut self, view: &ModuleView) {
        (self.segments).retain(|segment| segment.module != view.id || lies_in(view, segment.range));
        let Ok(place) = self.place_of(view.id) else {
            return;
        };
        if let Some(module) = self.modules.get_mut(place) {
            module.keep_segments(view);
        }
    }

    /// Takes a module out; what is returned holds what it took of the heap.
    pub(super) fn remove(&mut self, id: ModuleId) -> (Option<Module>, Option<Self>) {
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
