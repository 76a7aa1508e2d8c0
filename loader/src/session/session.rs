//! The session: the load as a transaction, and what is asked of all that is loaded.

use core::fmt;

use spin::Mutex;

use crate::base::{Machine, Name, TargetAddr, Text, fallible};
use crate::format::ReadOptions;
use crate::link::{self, Reference, inputs};
use crate::memory::MemoryManager;
use crate::pass::{Pipeline, Purpose, Routine, Routines};

use super::books::{Books, dylib_at};
use super::callers::{InitializerCaller, ResolverCaller, Resolvers};
use super::dylib::DylibRecord;
use super::module::ModuleRecord;
use super::{AbsoluteSymbol, Dylib, Input, LoadError, Location, Module};

/// The dylib that modules are loaded into unless told otherwise.
const MAIN: usize = 0;

/// Everything that is loaded through one memory manager, and what it was linked against.
pub struct Session<M: MemoryManager> {
    machine: Machine,
    memory: M,
    books: Mutex<Books<M::Finalized>>,
}

/// What a session holds, counted: equal before and after a load that failed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SessionStatistics {
    /// Modules that are loaded.
    pub modules: usize,
    /// Names that can be found, in all dylibs.
    pub symbols: usize,
}

impl<M: MemoryManager> Session<M> {
    /// A session for the machine that this program runs on; on a machine that Ironlink doesn't link for, for x86-64.
    pub fn new(memory: M) -> Self {
        Self::for_machine(Machine::HOST.unwrap_or(Machine::X86_64), memory)
    }

    /// A session for `machine`; on another one, its modules can be looked at but not run. On this one, initializers are called
    /// whatever the memory manager: over a mock, which gives addresses where nothing lies,
    /// [`set_initializer_caller`](Self::set_initializer_caller) to one that calls nothing.
    pub fn for_machine(machine: Machine, memory: M) -> Self {
        Self {
            machine,
            memory,
            books: Mutex::new(Books::new()),
        }
    }

    /// The machine that is linked for.
    pub const fn machine(&self) -> Machine {
        self.machine
    }

    /// The memory manager.
    pub const fn memory(&self) -> &M {
        &self.memory
    }

    /// Sets how initializers are called; directly, unless this is set.
    pub fn set_initializer_caller(&self, caller: InitializerCaller) {
        self.books.lock().callers.initializer = caller;
    }

    /// Sets how resolvers of indirect functions are called; directly, unless this is set.
    pub fn set_resolver_caller(&self, caller: ResolverCaller) {
        self.books.lock().callers.resolver = caller;
    }

    /// Adds a dylib. Modules in the main dylib are linked against it, and against all others in the order of their
    /// creation; modules in this one against itself, and against those that were there before.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn create_dylib(&self, name: &str) -> Result<Dylib<'_, M>, LoadError> {
        let mut books = self.books.lock();
        fallible::push(&mut books.dylibs, DylibRecord::new(name)?)?;
        Ok(Dylib {
            session: self,
            place: books.dylibs.len(),
        })
    }

    /// Loads one object as a module of the main dylib; see [`load_all`](Self::load_all). Of an archive alone nothing is
    /// loaded, since nothing asks for its members.
    ///
    /// # Safety
    /// As of [`load_all`](Self::load_all).
    ///
    /// # Errors
    /// As of [`load_all`](Self::load_all).
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load(&self, name: &str, bytes: &[u8]) -> Result<Module<'_, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.load_into(MAIN, name, &[Input::new(name, bytes)]) }
    }

    /// Loads objects, and what archives must add to them, as one module of the main dylib: links, protects, runs
    /// initializers. A name is looked for in the module itself, then in its dylib, then in the others, and last in the
    /// archives that were given.
    ///
    /// # Safety
    /// The objects' initializers run with all rights of this program, and so will whatever is called of the module: it must
    /// be trusted as this program's own code is. Its names can be found as soon as its initializers begin: nothing that they
    /// call, and no other thread, may load a module that refers to them before they have ended.
    ///
    /// # Errors
    /// Says which file is wrong where, which names are missing, or what ran out. Nothing of the load stays behind.
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_all(
        &self,
        name: &str,
        inputs: &[Input<'_>],
    ) -> Result<Module<'_, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.load_into(MAIN, name, inputs) }
    }

    /// Loads as [`load_all`](Self::load_all) does, with passes of one's own: those of the pipeline, which
    /// [`Pipeline::standard`] begins. They run while the session's books are locked, and must not ask the session.
    ///
    /// # Safety
    /// As of [`load_all`](Self::load_all); and passes may change the code as they like.
    ///
    /// # Errors
    /// As of [`load_all`](Self::load_all), or a pass failed.
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_with(
        &self,
        name: &str,
        inputs: &[Input<'_>],
        pipeline: &mut Pipeline<'_>,
    ) -> Result<Module<'_, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.load_through(MAIN, name, inputs, pipeline) }
    }

    /// Loads into the dylib at `place`.
    ///
    /// # Safety
    /// As of [`load_all`](Self::load_all).
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub(super) unsafe fn load_into(
        &self,
        place: usize,
        name: &str,
        inputs: &[Input<'_>],
    ) -> Result<Module<'_, M>, LoadError> {
        let mut pipeline = Pipeline::standard(Purpose::Run)?;
        // SAFETY: the caller answers for the same.
        unsafe { self.load_through(place, name, inputs, &mut pipeline) }
    }

    /// Loads into the dylib at `place`.
    ///
    /// # Safety
    /// As of [`load_with`](Self::load_with).
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    unsafe fn load_through(
        &self,
        place: usize,
        name: &str,
        inputs: &[Input<'_>],
        pipeline: &mut Pipeline<'_>,
    ) -> Result<Module<'_, M>, LoadError> {
        let (slot, routines, caller) = self.link_in(place, name, inputs, pipeline)?;
        let module = Module {
            session: self,
            slot,
        };
        match self.run_initializers(name, &routines.initializers, caller) {
            Ok(()) => {
                if let Some(module) = self.books.lock().modules.get_mut(slot) {
                    module.release_finalize_segments();
                }
                Ok(module)
            }
            Err(error) => {
                self.remove(slot);
                Err(error)
            }
        }
    }

    /// Links inputs into a module and enters it into the books.
    fn link_in(
        &self,
        place: usize,
        name: &str,
        inputs: &[Input<'_>],
        pipeline: &mut Pipeline<'_>,
    ) -> Result<(u32, Routines, InitializerCaller), LoadError> {
        let in_link = |error| LoadError::Link {
            module: Text::of(name),
            error,
        };
        let mut books = self.books.lock();
        let find = |wanted: Name<'_>| books.find(place, wanted);
        let mut graph = inputs::read(self.machine, inputs, ReadOptions::default(), |wanted| {
            find(wanted).is_some()
        })?;
        books.check_exports(place, &graph)?;
        let mut surroundings = |reference: Reference<'_>| find(reference.name);
        let filled = link::fill(&mut graph, &self.memory, pipeline, &mut surroundings);
        let filled = filled.map_err(in_link)?;
        let callers = books.callers;
        let mut resolvers = Resolvers {
            caller: (Machine::HOST == Some(self.machine)).then_some(callers.resolver),
        };
        let runs_code = !graph.indirect_functions.is_empty();
        let linked = if runs_code {
            drop(books);
            let linked = filled.finalize(&graph, &mut resolvers).map_err(in_link)?;
            books = self.books.lock();
            // Meanwhile others may have defined the same names.
            books.check_exports(place, &graph)?;
            linked
        } else {
            filled.finalize(&graph, &mut resolvers).map_err(in_link)?
        };
        let (slot, routines) = books.enter(place, name, &graph, linked)?;
        Ok((slot, routines, callers.initializer))
    }

    /// Runs the initializers of a module that is in the books, with no lock held.
    fn run_initializers(
        &self,
        name: &str,
        initializers: &[Routine],
        caller: InitializerCaller,
    ) -> Result<(), LoadError> {
        if Machine::HOST != Some(self.machine) {
            // Linked to be looked at: nobody will call into it either.
            return Ok(());
        }
        for &Routine {
            address: function, ..
        } in initializers
        {
            caller(function).map_err(|failed| {
                let function = match self.locate(function) {
                    Some(location) => Text::of(location),
                    None => Text::of(function),
                };
                LoadError::Initializer {
                    module: Text::of(name),
                    function,
                    reason: failed.reason,
                }
            })?;
        }
        Ok(())
    }

    /// What an address is, for a fault report: `None` if no module lies there, or if the books are being written at this
    /// very moment. Never blocks and never allocates.
    pub fn locate(&self, address: TargetAddr) -> Option<Location> {
        let books = self.books.try_lock()?;
        let module = books
            .modules
            .iter()
            .find(|module| module.segment_of(address).is_some())?;
        let name = Text::of(module.name());
        if let Some((symbol, offset)) = module.nearest_symbol(address) {
            return Some(Location {
                module: name,
                symbol: Text::of(symbol),
                offset,
            });
        }
        let (segment, _) = module.segment_of(address)?;
        let offset = address.checked_distance_from(segment.first())?;
        Some(Location {
            module: name,
            symbol: Text::new(),
            offset,
        })
    }

    /// What the session holds, counted.
    pub fn statistics(&self) -> SessionStatistics {
        let books = self.books.lock();
        let others = books.dylibs.iter().map(DylibRecord::symbol_count);
        SessionStatistics {
            modules: books.modules.iter().count(),
            symbols: others.fold(books.main.symbol_count(), usize::saturating_add),
        }
    }

    /// Defines absolute symbols in the dylib at `place`.
    pub(super) fn define(
        &self,
        place: usize,
        rows: &[AbsoluteSymbol<'_>],
    ) -> Result<(), LoadError> {
        let mut books = self.books.lock();
        let Books {
            main,
            dylibs,
            modules,
            ..
        } = &mut *books;
        match dylib_at(main, dylibs, place) {
            Some(dylib) => dylib.define(modules, rows),
            None => Ok(()),
        }
    }

    /// Looks at the module in a slot.
    pub(super) fn with_module<T>(
        &self,
        slot: u32,
        look: impl FnOnce(&ModuleRecord<M::Finalized>) -> T,
    ) -> Option<T> {
        self.books.lock().modules.get(slot).map(look)
    }

    /// Removes the module in a slot from the books and gives its memory back.
    pub(super) fn remove(&self, slot: u32) {
        let mut books = self.books.lock();
        let Books {
            main,
            dylibs,
            modules,
            ..
        } = &mut *books;
        let Some(place) = modules.get(slot).map(|module| module.dylib) else {
            return;
        };
        if let Some(dylib) = dylib_at(main, dylibs, place) {
            dylib.withdraw(modules, slot, place);
        }
        let module = modules.take(slot);
        // The memory manager has locks of its own.
        drop(books);
        drop(module);
    }
}

impl<M: MemoryManager> fmt::Debug for Session<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({})", self.machine)
    }
}
