//! The session: everything that is loaded together, and what is asked of it as a whole.

use alloc::vec::Vec;
use core::fmt;

use spin::Mutex;

use crate::base::{Machine, Name, OutOfMemory, fallible, sort};
use crate::memory::MemoryManager;

use super::books::Books;
use super::callers::CodeCaller;
use super::plugin::{Plugin, Plugins};
use super::record::Stage;
use super::{
    About, Dylib, DylibId, Input, LoadError, LoadOptions, Module, ModuleId, Tracker, TrackerId,
};

/// Everything that is loaded together, and what it was linked against. It lies in the memory of one manager, unless a load is
/// given [another](LoadOptions::memory).
///
/// Dropping it gives all memory back, but runs no finalizers and tells no plugins: nobody answers for the modules' code then.
/// Who wants their ends to run unloads them before.
pub struct Session<M: MemoryManager> {
    machine: Machine,
    memory: M,
    pub(super) books: Mutex<Books<M::Finalized>>,
    pub(super) plugins: Plugins,
}

/// What a session holds, counted: equal before and after a load that failed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SessionStatistics {
    /// Modules that are loaded.
    pub modules: usize,
    /// Definitions of names that can be found, in all dylibs.
    pub symbols: usize,
    /// Times that a module takes names of another one.
    pub dependencies: usize,
    /// Handles to modules.
    pub handles: u64,
}

impl<M: MemoryManager> Session<M> {
    /// A session for the machine that this program runs on; on a machine that Ironlink doesn't link for, for x86-64.
    pub fn new(memory: M) -> Self {
        Self::for_machine(Machine::HOST.unwrap_or(Machine::X86_64), memory)
    }

    /// A session for `machine`; on another one, its modules can be looked at but not run. On this one, initializers are called
    /// whatever the memory manager: over a mock, which gives addresses where nothing lies,
    /// [`set_code_caller`](Self::set_code_caller) to one that calls nothing.
    pub fn for_machine(machine: Machine, memory: M) -> Self {
        Self {
            machine,
            memory,
            books: Mutex::new(Books::new()),
            plugins: Plugins::new(),
        }
    }

    /// The machine that is linked for.
    pub const fn machine(&self) -> Machine {
        self.machine
    }

    /// The memory that modules lie in, unless a load is told another.
    pub const fn memory(&self) -> &M {
        &self.memory
    }

    /// Sets how functions of modules are called that the session calls by itself; directly, unless this is set.
    pub fn set_code_caller(&self, caller: CodeCaller) {
        self.books.lock().caller = caller;
    }

    /// Lets a plugin take part in all loads and unloads from now on.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_plugin(&self, plugin: impl Plugin + 'static) -> Result<(), OutOfMemory> {
        self.plugins.add(plugin)
    }

    /// Adds a dylib. Until a [link order](Dylib::set_link_order) is chosen, modules in the main dylib are linked against it,
    /// and against all others in the order of their creation; modules in this one against itself, and against those that were
    /// there before, but for the main one.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn create_dylib(&self, name: &str) -> Result<Dylib<'_, M>, LoadError> {
        let id = self.books.lock().add_dylib(name)?;
        Ok(Dylib { session: self, id })
    }

    /// The dylib that modules are loaded into unless told otherwise.
    pub const fn main_dylib(&self) -> Dylib<'_, M> {
        Dylib {
            session: self,
            id: DylibId::MAIN,
        }
    }

    /// The dylib of this name; the first, if there are several.
    pub fn dylib(&self, name: &str) -> Option<Dylib<'_, M>> {
        let books = self.books.lock();
        let is_it = |dylib: &Name<'_>| *dylib == Name::from(name);
        let mut dylibs = books.dylibs();
        let (id, _) = dylibs.find(|(_, dylib)| is_it(&dylib.names.dylib_name()))?;
        Some(Dylib { session: self, id })
    }

    /// Adds an owner of modules.
    pub fn create_tracker(&self) -> Tracker<'_, M> {
        let id = self.books.lock().new_tracker();
        Tracker { session: self, id }
    }

    /// The owner of all modules that were loaded for no other.
    pub const fn default_tracker(&self) -> Tracker<'_, M> {
        Tracker {
            session: self,
            id: TrackerId::DEFAULT,
        }
    }

    /// Loads one object as a module of the main dylib; see [`Dylib::load_all`].
    ///
    /// # Safety
    /// As of [`Dylib::load_all`].
    ///
    /// # Errors
    /// As of [`Dylib::load_all`].
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load(&self, name: &str, bytes: &[u8]) -> Result<Module<'_, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.main_dylib().load(name, bytes) }
    }

    /// Loads objects, and what archives must add to them, as one module of the main dylib; see [`Dylib::load_all`].
    ///
    /// # Safety
    /// As of [`Dylib::load_all`].
    ///
    /// # Errors
    /// As of [`Dylib::load_all`].
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_all(
        &self,
        name: &str,
        inputs: &[Input<'_>],
    ) -> Result<Module<'_, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.main_dylib().load_all(name, inputs) }
    }

    /// Loads as [`load_all`](Self::load_all) does, for another owner, with passes of one's own, or into other memory.
    ///
    /// # Safety
    /// As of [`Dylib::load_with`].
    ///
    /// # Errors
    /// As of [`Dylib::load_with`].
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_with(
        &self,
        name: &str,
        inputs: &[Input<'_>],
        options: LoadOptions<'_, M>,
    ) -> Result<Module<'_, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.main_dylib().load_with(name, inputs, options) }
    }

    /// A handle to a module; `None` if it is not loaded, or not there for good yet, or on its way out.
    pub fn module(&self, id: ModuleId) -> Option<Module<'_, M>> {
        let mut books = self.books.lock();
        let module = books.modules.of_mut(id)?;
        if module.stage != Stage::Ready {
            return None;
        }
        module.handles = module.handles.saturating_add(1);
        Some(Module { session: self, id })
    }

    /// A handle to the module of this name; to the one that was loaded last, if there are several.
    pub fn module_named(&self, name: &str) -> Option<Module<'_, M>> {
        let books = self.books.lock();
        let name = Name::from(name);
        let named = (books.modules.iter())
            .filter(|(_, module)| module.name() == name && module.stage == Stage::Ready);
        let id = named.map(|(slot, module)| module.id(slot)).max();
        drop(books);
        self.module(id?)
    }

    /// The modules that are there, in the order of their loads.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn modules(&self) -> Result<Vec<ModuleSummary>, OutOfMemory> {
        let books = self.books.lock();
        let mut all = fallible::vec_with_capacity(books.modules.len())?;
        for (slot, module) in books.modules.iter() {
            let id = module.id(slot);
            if let Some(view) = books.view_of(id) {
                let summary = ModuleSummary {
                    view,
                    users: module.users,
                    handles: module.handles,
                    symbols: module.symbols().len(),
                    about: module.about,
                };
                fallible::push(&mut all, summary)?;
            }
        }
        sort::sort_by_key(&mut all, |summary| summary.view.id);
        Ok(all)
    }

    /// The modules that a module takes names of, in the order of their loads; none if it is not there.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn dependencies(&self, id: ModuleId) -> Result<Vec<ModuleId>, OutOfMemory> {
        let books = self.books.lock();
        let uses = books.modules.of(id).map_or(&[][..], |module| &module.uses);
        let mut all = fallible::vec_with_capacity(uses.len())?;
        for &slot in uses {
            if let Some(used) = books.modules.get(slot) {
                fallible::push(&mut all, used.id(slot))?;
            }
        }
        sort::sort(&mut all);
        all.dedup();
        Ok(all)
    }

    /// What the session holds, counted.
    pub fn statistics(&self) -> SessionStatistics {
        let books = self.books.lock();
        let mut statistics = SessionStatistics {
            modules: books.modules.len(),
            ..SessionStatistics::default()
        };
        for (_, dylib) in books.dylibs() {
            statistics.symbols = statistics.symbols.saturating_add(dylib.names.len());
        }
        for (_, module) in books.modules.iter() {
            let uses = module.uses.len();
            statistics.dependencies = statistics.dependencies.saturating_add(uses);
            let handles = u64::from(module.handles);
            statistics.handles = statistics.handles.saturating_add(handles);
        }
        statistics
    }
}

/// A module as a list shows it.
#[derive(Clone, Copy, Debug)]
pub struct ModuleSummary {
    /// What it is, and where it lies.
    pub view: super::ModuleView,
    /// How many modules take names of it.
    pub users: u32,
    /// How many handles there are to it.
    pub handles: u32,
    /// How many names it gives to others.
    pub symbols: usize,
    /// What it says of itself, if it does.
    pub about: Option<About>,
}

impl<M: MemoryManager> fmt::Debug for Session<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({})", self.machine)
    }
}
