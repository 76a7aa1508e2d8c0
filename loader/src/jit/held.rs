//! Modules of the session that a JIT module is made of: it holds them, so that nobody else unloads them.
#![expect(unsafe_code, reason = "loads and unloads what was built here")]

use crate::base::Alignment;
use crate::memory::MemoryManager;
use crate::pass::Pipeline;
use crate::session::{
    Dylib, Input, LoadError, LoadOptions, Module, ModuleId, Session, Tracker, UnloadError,
};

/// Where all that a JIT module is made of is linked.
pub(super) struct Home<'s, M: MemoryManager> {
    pub(super) session: &'s Session<M>,
    pub(super) dylib: Dylib<'s, M>,
    pub(super) tracker: Tracker<'s, M>,
    pub(super) memory: &'s M,
}

/// A module that is held, but for moments in which it may go.
pub(super) struct Held<'s, M: MemoryManager> {
    session: &'s Session<M>,
    page: Alignment,
    id: ModuleId,
    handle: Option<Module<'s, M>>,
}

impl<'s, M: MemoryManager> Held<'s, M> {
    /// Links what `input` builds. It has no initializers: it changes nothing before it is called.
    pub(super) fn load<'p>(
        home: &Home<'s, M>,
        input: Input<'_>,
        pipeline: Pipeline<'p>,
    ) -> Result<Self, LoadError>
    where
        's: 'p,
    {
        let options = LoadOptions {
            tracker: Some(home.tracker.id()),
            pipeline: Some(pipeline),
            memory: Some(home.memory),
        };
        // SAFETY: definitions of a JIT module and its entries are linked, not run.
        let module = unsafe { home.dylib.load_with(input.name, &[input], options) }?;
        Ok(Self {
            session: home.session,
            page: home.memory.page(),
            id: module.id(),
            handle: Some(module),
        })
    }

    /// The module; `None` if it is gone.
    pub(super) const fn module(&self) -> Option<&Module<'s, M>> {
        self.handle.as_ref()
    }

    /// What its pages are.
    pub(super) const fn page(&self) -> Alignment {
        self.page
    }

    /// Refuses what would be refused if it were unloaded at this moment.
    pub(super) fn check_unload(&self) -> Result<(), UnloadError> {
        self.module().map_or(Ok(()), Module::check_unload)
    }

    /// Unloads it, or keeps it.
    ///
    /// # Safety
    /// As of [`Module::unload`].
    pub(super) unsafe fn unload(&mut self) -> Result<(), UnloadError> {
        let Some(module) = self.handle.take() else {
            return Ok(());
        };
        // SAFETY: passed on from the caller.
        let unloaded = unsafe { module.unload() };
        if unloaded.is_err() {
            self.hold_again();
        }
        unloaded
    }

    /// Lets it be unloaded by its tracker.
    pub(super) fn let_go(&mut self) {
        self.handle = None;
    }

    /// Holds it again, if it is still there.
    pub(super) fn hold_again(&mut self) {
        if self.handle.is_none() {
            self.handle = self.session.module(self.id);
        }
    }
}
