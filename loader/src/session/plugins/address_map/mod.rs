//! The address map: what an address is.
//!
//! It knows the segments of all modules in the order of their addresses, and of each module the symbols and the sections in
//! that order: an address is found by searches that halve what is left. Who asks for an address may be the handler of a fault
//! in code that holds the map's lock: it is never waited for there, and nothing is allocated.

mod module;
mod modules;
mod spans;

use spin::Mutex;

use crate::base::{AddressRange, Name, OutOfMemory, Protection, Shared, TargetAddr};
use crate::graph::{LinkGraph, SymbolKind};
use crate::session::{LoadError, Location, ModuleId, ModuleView, Plugin, PluginError};

use module::Module;
#[cfg(any(feature = "std", test))]
pub(super) use module::telling;
use modules::Modules;

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
        let replaced = self.shared.lock().insert(record)?;
        // The heap has a lock of its own.
        drop(replaced);
        Ok(())
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
