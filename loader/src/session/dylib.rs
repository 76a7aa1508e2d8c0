//! Dylibs: tables of names that modules are linked against, and what they are filled from.

use alloc::boxed::Box;
use core::fmt;

use crate::base::{OutOfMemory, Shared, TargetAddr, Text, fallible};
use crate::graph::{Linkage, Scope};
use crate::link::Reference;
use crate::memory::MemoryManager;

use super::generator::{Generator, Source};
use super::load::Request;
use super::{AbsoluteSymbol, DylibId, Input, LoadError, LoadOptions, Module, Session};

/// A handle to a dylib of a session.
pub struct Dylib<'session, M: MemoryManager> {
    pub(super) session: &'session Session<M>,
    pub(super) id: DylibId,
}

impl<'session, M: MemoryManager> Dylib<'session, M> {
    /// Which it is.
    pub const fn id(&self) -> DylibId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> Text<64> {
        self.session.books.lock().dylib_name(self.id)
    }

    /// Defines absolute symbols: what a program exports to the modules that it loads.
    ///
    /// # Errors
    /// A name is defined twice, or missing; nothing is defined then.
    pub fn define(&self, rows: &[AbsoluteSymbol<'_>]) -> Result<(), LoadError> {
        let mut books = self.session.books.lock();
        match books.names_mut(self.id) {
            Some((names, modules)) => names.define(modules, rows),
            None => Ok(()),
        }
    }

    /// Chooses the dylibs that modules loaded into this one from now on are linked against after this one itself, in this
    /// order. Of this one they find all names, hidden ones too; of the others those that are exported.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn set_link_order(&self, others: &[DylibId]) -> Result<(), OutOfMemory> {
        let mut order = fallible::vec_with_capacity(others.len())?;
        for other in others.iter().filter(|other| **other != self.id) {
            fallible::push(&mut order, *other)?;
        }
        let mut books = self.session.books.lock();
        if let Some(dylib) = books.dylib_mut(self.id) {
            dylib.link_order = Some(order);
        }
        Ok(())
    }

    /// Lets a generator be asked for names that nothing here defines: before all that were added earlier. Closures from what
    /// is [`Wanted`](super::Wanted) to addresses are generators.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_generator(&self, generator: impl Generator + 'static) -> Result<(), OutOfMemory> {
        let generator: Box<dyn Generator> = fallible::boxed(generator)?;
        self.add_source(Source::Generator(Shared::new(generator)?))
    }

    /// Lets `__start_X` and `__stop_X` stand for the bounds of sections `X` of this dylib's modules, in modules that have no
    /// such sections themselves. Bounds span the sections of one module; while two have some, asking for them is an error.
    /// Source: GNU ld's manual, "Orphan Sections".
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_section_bounds(&self) -> Result<(), OutOfMemory> {
        self.add_source(Source::SectionBounds)
    }

    fn add_source(&self, source: Source) -> Result<(), OutOfMemory> {
        let mut books = self.session.books.lock();
        match books.dylib_mut(self.id) {
            Some(dylib) => fallible::insert(&mut dylib.sources, 0, source),
            None => Ok(()),
        }
    }

    /// The address of what a module loaded into this dylib would be linked to under a name. Generators are not asked.
    pub fn address(&self, name: &str) -> Option<TargetAddr> {
        let reference = Reference {
            name: name.into(),
            linkage: Linkage::Strong,
            scope: Scope::Default,
        };
        let books = self.session.books.lock();
        Some(books.find(self.id, &reference)?.address)
    }

    /// Loads one object as a module of this dylib; see [`load_all`](Self::load_all).
    ///
    /// # Safety
    /// As of [`load_all`](Self::load_all).
    ///
    /// # Errors
    /// As of [`load_all`](Self::load_all).
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load(&self, name: &str, bytes: &[u8]) -> Result<Module<'session, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.load_all(name, &[Input::new(name, bytes)]) }
    }

    /// Loads objects, and what archives must add to them, as one module of this dylib: links them together, protects, runs
    /// initializers. Objects of one load may refer to each other; what is missing then must be there before. A name is looked
    /// for in the module itself, then in this dylib, then in those of its link order, each with its generators, and last in
    /// the archives among the inputs, of which only what is reachable is loaded. Of an archive alone nothing is loaded, since
    /// nothing asks for its members, unless it is given as [`Input::whole`].
    ///
    /// # Safety
    /// What is loaded runs with all rights of this program, and must be trusted as its own code is. The caller answers for:
    /// - the code of the inputs, and of what archives and generators add to them: initializers and resolvers of indirect
    ///   functions run now, what is called of the module later, its ends when it is unloaded;
    /// - what was given to [`define`](Self::define), and what generators give as addresses: there lies what modules take it
    ///   for, a function of that type or data of that size, for as long as they are loaded;
    /// - the caller of modules' code, if [one was set](Session::set_code_caller): it calls what it is told to as C does, says
    ///   what was returned, and doesn't unwind;
    /// - plugins, and the passes that they or [`load_with`](Self::load_with) add: they may change any code, and what they
    ///   make of it runs.
    ///
    /// Setting these up is safe, since nothing of it is used before a load.
    ///
    /// # Errors
    /// Says which file is wrong where, which names are missing, or what ran out. Nothing of the load stays behind.
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_all(
        &self,
        name: &str,
        inputs: &[Input<'_>],
    ) -> Result<Module<'session, M>, LoadError> {
        self.session.perform(Request::new(self.id, name, inputs))
    }

    /// Loads as [`load_all`](Self::load_all) does, for another owner, with passes of one's own, or into other memory.
    ///
    /// # Safety
    /// As of [`load_all`](Self::load_all), for these passes too. Where the memory says that code lies it does, or the
    /// [caller of modules' code](Session::set_code_caller) knows what to call instead.
    ///
    /// # Errors
    /// As of [`load_all`](Self::load_all), or a pass failed.
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_with(
        &self,
        name: &str,
        inputs: &[Input<'_>],
        options: LoadOptions<'_, M>,
    ) -> Result<Module<'session, M>, LoadError> {
        let request = Request::new(self.id, name, inputs);
        self.session.perform(Request { options, ..request })
    }
}

impl<M: MemoryManager> fmt::Debug for Dylib<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Dylib({})", self.name())
    }
}
