//! The modules of a map: what an address is, and who comes and goes.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, TargetAddr, Text, fallible};
use crate::session::{Location, ModuleId, ModuleView};

use super::module::Module;
use super::spans::Spans;

/// All modules. Without any, no memory is held.
#[derive(Default, Debug)]
pub(super) struct Modules {
    spans: Spans,
    /// Each in the slot that the session's books have it in.
    modules: Vec<Option<Module>>,
    count: usize,
}

impl Modules {
    pub(super) fn locate(&self, address: TargetAddr) -> Option<Location> {
        let (segment, owner) = self.spans.find(address)?;
        let module = self.module(owner)?;
        let symbol = module.nearest_symbol(address, segment);
        let start = symbol.map_or(segment.first(), |symbol| symbol.address);
        Some(Location {
            module: module.name,
            symbol: symbol.map_or(Text::new(), |symbol| Text::of(symbol.name)),
            offset: address.checked_distance_from(start)?,
        })
    }

    pub(super) fn module(&self, id: ModuleId) -> Option<&Module> {
        let module = self.modules.get(id.slot.index())?.as_ref();
        module.filter(|module| module.id == id)
    }

    /// Adds a module, or nothing if the heap has no room. What is returned stood in its slot: a session uses the slot of a
    /// load that failed again before it says that it failed.
    pub(super) fn insert(&mut self, module: Module) -> Result<Option<Module>, OutOfMemory> {
        let id = module.id;
        if self.module(id).is_some() {
            // Two clones were added to the session.
            return Ok(Some(module));
        }
        self.spans.try_reserve(module.segments.len())?;
        while self.modules.len() <= id.slot.index() {
            fallible::push(&mut self.modules, None)?;
        }
        let before = self.take(id);
        for &range in &module.segments {
            self.spans.insert(range, id)?;
        }
        if let Some(slot) = self.modules.get_mut(id.slot.index()) {
            *slot = Some(module);
            self.count = self.count.saturating_add(1);
        }
        Ok(before)
    }

    /// Forgets what lies in no segment of a module any more.
    pub(super) fn keep_segments(&mut self, view: &ModuleView) {
        let Self { spans, modules, .. } = self;
        if let Some(Some(module)) = modules.get_mut(view.id.slot.index())
            && module.id == view.id
        {
            module.keep_segments(view, |segment| spans.leave(segment, view.id));
        }
    }

    /// Takes a module out; what is returned holds what it took of the heap.
    pub(super) fn remove(&mut self, id: ModuleId) -> (Option<Module>, Option<Self>) {
        let removed = self.module(id).is_some().then(|| self.take(id)).flatten();
        let is_empty = self.count == 0;
        (removed, is_empty.then(|| core::mem::take(self)))
    }

    /// Takes out what stands in a module's slot.
    fn take(&mut self, id: ModuleId) -> Option<Module> {
        let module = self.modules.get_mut(id.slot.index())?.take()?;
        for &segment in &module.segments {
            self.spans.leave(segment, module.id);
        }
        self.count = self.count.saturating_sub(1);
        Some(module)
    }
}
