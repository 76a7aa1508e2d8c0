//! Unloading: modules go together with nobody left who uses them, and take all that was theirs with them.
//!
//! Who is to go is marked first, in one step, or refused; from then on nobody can take a name of it. Then, with no lock held,
//! users go before what they use: their ends run, plugins are told, names are withdrawn, memory is given back.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, Text, fallible, sort};
use crate::memory::MemoryManager;

use super::books::Books;
use super::error::ModuleNames;
use super::id::ModuleSlot;
use super::life::End;
use super::record::{ModuleRecord, Stage};
use super::{Module, ModuleId, Session, TrackerId, UnloadError};

/// Which modules go beside those that are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Users {
    /// None: if others use them, nothing goes.
    Refuse,
    /// All that use them, and all that use these.
    TakeAlong,
}

impl<M: MemoryManager> Session<M> {
    /// Unloads one module to which so many handles may be left.
    pub(super) fn remove(&self, id: ModuleId, handles: u32) -> Result<(), UnloadError> {
        let mut books = self.books.lock();
        books.check_remove(id, handles)?;
        books.mark_leaving(&[id]);
        drop(books);
        self.take_out(&[id])
    }

    /// Unloads one module to which so many handles may be left, and all that use it, to which none may be.
    pub(super) fn remove_with_users(&self, id: ModuleId, handles: u32) -> Result<(), UnloadError> {
        let mut books = self.books.lock();
        let leaving = books.with_users(&[id])?;
        for &other in &leaving {
            books.check_leave(other, if other == id { handles } else { 0 })?;
        }
        books.check_users(&leaving)?;
        books.mark_leaving(&leaving);
        drop(books);
        self.take_out(&leaving)
    }

    /// Unloads all modules that a tracker owns, to which there must be no handles.
    pub(super) fn remove_owned(&self, tracker: TrackerId, users: Users) -> Result<(), UnloadError> {
        let mut books = self.books.lock();
        let owned = books.owned_by(tracker)?;
        let leaving = match users {
            Users::Refuse => owned,
            Users::TakeAlong => books.with_users(&owned)?,
        };
        for &id in &leaving {
            books.check_leave(id, 0)?;
        }
        books.check_users(&leaving)?;
        books.mark_leaving(&leaving);
        drop(books);
        self.take_out(&leaving)
    }

    /// Unloads the modules that generators gave and that nobody uses any more, nor holds; gives their number.
    ///
    /// # Errors
    /// A finalizer failed; the modules are unloaded all the same, as far as they were reached.
    ///
    /// # Safety
    /// As of [`Module::unload`](super::Module::unload), for each of them.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn unload_unused(&self) -> Result<usize, UnloadError> {
        let mut count = 0_usize;
        let shared = self.books.lock().shared()?;
        // Users come before what they use: what they leave unused comes later.
        for id in shared {
            let is_unused = self.books.lock().mark_if_unused(id);
            if is_unused {
                self.end(id)?;
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    /// Takes out modules that are marked, users before what they use.
    fn take_out(&self, leaving: &[ModuleId]) -> Result<(), UnloadError> {
        let mut result = Ok(());
        for &id in leaving {
            let ended = self.end(id);
            if result.is_ok() {
                result = ended;
            }
        }
        result
    }

    fn end(&self, id: ModuleId) -> Result<(), UnloadError> {
        let plugins = self.plugins.now();
        let mut books = self.books.lock();
        let Some(view) = books.view_of(id) else {
            return Err(UnloadError::Gone);
        };
        let record = books.modules.of_mut(id);
        let (finalizers, exit) = record.map_or((Vec::new(), None), |record| {
            (core::mem::take(&mut record.finalizers), record.exit)
        });
        drop(books);
        let end = End {
            plugins,
            view: &view,
            exit,
        };
        let ended = match self.code_caller() {
            Some(call) => end.run(call, finalizers.iter()),
            None => Ok(()),
        };
        for plugin in plugins.latest_first() {
            plugin.removing(&view);
        }
        let record = self.books.lock().remove(id);
        // The memory manager has locks of its own.
        drop(record);
        ended.map_err(|(function, failed)| UnloadError::Finalizer {
            module: view.name,
            function,
            reason: failed.reason,
        })
    }
}

impl<M: MemoryManager> Module<'_, M> {
    /// Refuses what [`unload`](Self::unload) would at this moment.
    pub(crate) fn check_unload(&self) -> Result<(), UnloadError> {
        self.session.books.lock().check_remove(self.id, 1)
    }
}

impl<F> Books<F> {
    /// Refuses to let one module go, to which so many handles may be left.
    fn check_remove(&mut self, id: ModuleId, handles: u32) -> Result<(), UnloadError> {
        self.check_leave(id, handles)?;
        self.check_users(&[id])
    }

    /// Refuses to let a module go that is held by more than so many handles, or is not there for good.
    fn check_leave(&self, id: ModuleId, handles: u32) -> Result<(), UnloadError> {
        let module = self.modules.of(id).ok_or(UnloadError::Gone)?;
        let name = Text::of(module.name());
        if module.stage != Stage::Ready {
            return Err(UnloadError::Busy { module: name });
        }
        match module.handles.checked_sub(handles) {
            None | Some(0) => Ok(()),
            Some(handles) => Err(UnloadError::Held {
                module: name,
                handles,
            }),
        }
    }

    /// Refuses to let modules go that others use than those that go with them.
    fn check_users(&mut self, leaving: &[ModuleId]) -> Result<(), UnloadError> {
        self.count_leaving_users(leaving, |count| count.saturating_add(1));
        let is_used = |id: &&ModuleId| {
            let module = self.modules.of(**id);
            module.is_some_and(|module| module.users > module.leaving_users)
        };
        let used = leaving.iter().find(is_used);
        self.count_leaving_users(leaving, |_| 0);
        used.map_or(Ok(()), |&id| Err(self.in_use(id, leaving)))
    }

    /// Changes, for each of these modules, the count in all that it uses.
    fn count_leaving_users(&mut self, leaving: &[ModuleId], change: impl Fn(u32) -> u32) {
        for &id in leaving {
            let count = self.modules.of(id).map_or(0, |module| module.uses.len());
            for place in 0..count {
                let used = self
                    .modules
                    .of(id)
                    .and_then(|module| module.uses.get(place));
                let Some(&used) = used else { break };
                if let Some(used) = self.modules.get_mut(used) {
                    used.leaving_users = change(used.leaving_users);
                }
            }
        }
    }

    /// Says who uses a module, those that leave with it left out.
    #[cold]
    fn in_use(&self, id: ModuleId, leaving: &[ModuleId]) -> UnloadError {
        let mut users = ModuleNames::default();
        for (slot, other) in self.modules.iter() {
            if other.uses.contains(&id.slot) && !leaving.contains(&other.id(slot)) {
                users.add(other.name());
            }
        }
        let module = self.modules.of(id);
        UnloadError::InUse {
            module: module.map_or(Text::new(), |module| Text::of(module.name())),
            users,
        }
    }

    /// Lets nobody take names of these modules any more.
    fn mark_leaving(&mut self, leaving: &[ModuleId]) {
        for &id in leaving {
            if let Some(module) = self.modules.of_mut(id) {
                module.stage = Stage::Leaving;
            }
        }
    }

    /// Lets nobody take names of a module any more if nobody uses it; says whether that is so.
    fn mark_if_unused(&mut self, id: ModuleId) -> bool {
        let is_unused = self.modules.of(id).is_some_and(|module| {
            module.users == 0 && module.handles == 0 && module.stage == Stage::Ready
        });
        if is_unused {
            self.mark_leaving(&[id]);
        }
        is_unused
    }

    /// The modules that a tracker owns, users before what they use.
    pub(super) fn owned_by(&self, tracker: TrackerId) -> Result<Vec<ModuleId>, OutOfMemory> {
        self.users_first(|module| module.tracker == tracker)
    }

    /// The modules that generators gave, users before what they use.
    fn shared(&self) -> Result<Vec<ModuleId>, OutOfMemory> {
        self.users_first(|module| module.is_shared)
    }

    /// The modules that are meant, users before what they use.
    fn users_first(
        &self,
        is_meant: impl Fn(&ModuleRecord<F>) -> bool,
    ) -> Result<Vec<ModuleId>, OutOfMemory> {
        let mut meant = Vec::new();
        for (slot, module) in self.modules.iter() {
            if is_meant(module) {
                fallible::push(&mut meant, module.id(slot))?;
            }
        }
        self.sort_used_first(&mut meant);
        meant.reverse();
        Ok(meant)
    }

    /// Puts modules into an order in which each comes after all that it uses.
    fn sort_used_first(&self, modules: &mut [ModuleId]) {
        let ready = |id: &ModuleId| self.modules.of(*id).map_or(u64::MAX, |module| module.ready);
        sort::sort_by_key(modules, |id| (ready(id), *id));
    }

    /// These modules and all that use them, users before what they use.
    fn with_users(&self, roots: &[ModuleId]) -> Result<Vec<ModuleId>, OutOfMemory> {
        let mut all = fallible::vec_with_capacity(self.modules.len())?;
        for (slot, module) in self.modules.iter() {
            fallible::push(&mut all, module.id(slot))?;
        }
        self.sort_used_first(&mut all);
        // For each slot, whether its module leaves.
        let slots = all.iter().map(|id| id.slot).max();
        let slots = slots.map_or(0, |slot| slot.index().saturating_add(1));
        let mut leaves = fallible::vec_of(false, slots)?;
        for id in roots {
            mark(&mut leaves, id.slot);
        }
        let mut leaving = Vec::new();
        for id in all {
            let uses = self.modules.of(id).map_or(&[][..], |module| &module.uses);
            let is_marked = |slot: &ModuleSlot| leaves.get(slot.index()) == Some(&true);
            if is_marked(&id.slot) || uses.iter().any(is_marked) {
                mark(&mut leaves, id.slot);
                fallible::push(&mut leaving, id)?;
            }
        }
        leaving.reverse();
        Ok(leaving)
    }
}

fn mark(leaves: &mut [bool], slot: ModuleSlot) {
    if let Some(leaves) = leaves.get_mut(slot.index()) {
        *leaves = true;
    }
}
