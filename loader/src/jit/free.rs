//! Freeing: one function, data, what was replaced, or all; and where callers are led whose function is gone.
#![expect(
    unsafe_code,
    reason = "memory that code may still run in is given back"
)]

use alloc::vec::Vec;

use crate::memory::MemoryManager;
use crate::session::Users;

use super::batch::BatchId;
use super::declaration::{Body, DeclarationId, Stage};
use super::entries::Entries;
use super::epochs::Guards;
use super::held::Held;
use super::module::Retired;
use super::{DataId, FuncId, JitError, JitModule};

impl<'s, M: MemoryManager> JitModule<'s, M> {
    /// Guards, by which is known who may be in code that was replaced.
    pub fn guards(&self) -> Guards {
        self.guards.clone()
    }

    /// Frees the bodies that were replaced and that no [`Guard`](super::Guard) keeps; gives the number of those that are left.
    /// Takes no memory, and waits for nobody.
    ///
    /// # Safety
    /// Whoever may run code of this module holds one of its guards since before that code was entered.
    pub unsafe fn free_replaced(&mut self) -> usize {
        self.guards.advance();
        let mut place = 0_usize;
        while let Some(&Retired { body, epoch }) = self.retired.get(place) {
            if self.guards.is_over(epoch) {
                self.retired.swap_remove(place);
                // SAFETY: callers were led elsewhere, and who was in it has let its guard go.
                let _ = unsafe { self.release(body) };
            } else {
                place = place.saturating_add(1);
            }
        }
        if self.retired.is_empty() {
            self.retired = Vec::new();
        }
        self.retired.len()
    }

    /// Frees a function: its memory goes back as soon as nothing else lies on its pages, and is not used for anything before.
    /// Its name can't be found any more; it may be defined anew. With hot swap, who calls it meanwhile traps.
    ///
    /// # Errors
    /// It is not in memory; or it is all that is left of what was finalized together, and a module that was loaded is linked
    /// to that.
    ///
    /// # Safety
    /// Nobody is in its code, and nobody will call it, but by an entry.
    pub unsafe fn free_function(&mut self, function: FuncId) -> Result<(), JitError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.free_one(function.0) }
    }

    /// Frees data, as [`free_function`](Self::free_function) does functions.
    ///
    /// # Errors
    /// As of [`free_function`](Self::free_function).
    ///
    /// # Safety
    /// Nobody refers to it any more.
    pub unsafe fn free_data(&mut self, data: DataId) -> Result<(), JitError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.free_one(data.0) }
    }

    unsafe fn free_one(&mut self, id: DeclarationId) -> Result<(), JitError> {
        let known = *self.declarations.get(id)?;
        let (Stage::Open | Stage::Defined, Some(body)) = (known.stage, known.body) else {
            return Err(self.not_finalized(id));
        };
        self.check_release(body)?;
        self.trap(FuncId(id));
        // SAFETY: the caller answers for callers by the body's address, and the entry leads elsewhere.
        if let Err(error) = unsafe { self.release(body) } {
            // Somebody came to hold it since it was looked at.
            if let Some(entry) = known.entry {
                entry.slot.store(body.address);
            }
            return Err(error);
        }
        if let Some(module) = self.batches.get(body.batch).and_then(|it| it.held.module()) {
            module.withdraw(self.declarations.name_of(id));
        }
        if let Some(entries) = &self.entries {
            entries.withdraw(&mut self.declarations, id);
        }
        let known = self.declarations.get_mut(id)?;
        known.body = None;
        known.stage = Stage::Open;
        Ok(())
    }

    /// Refuses what [`release`](Self::release) would at this moment.
    fn check_release(&self, body: Body) -> Result<(), JitError> {
        match self.batches.get(body.batch) {
            Some(batch) if batch.live <= 1 => Ok(batch.held.check_unload()?),
            _ => Ok(()),
        }
    }

    /// Gives back what a body took, or nothing.
    ///
    /// # Safety
    /// Nobody uses it any more.
    unsafe fn release(&mut self, body: Body) -> Result<(), JitError> {
        // SAFETY: the caller answers for it.
        unsafe { self.release_from(body.batch, &body) }?;
        if let Some(other) = body.pages_of.filter(|&other| other != body.batch) {
            // If others are linked to its names, it stays until all of the module goes.
            // SAFETY: as above.
            let _ = unsafe { self.release_from(other, &body) };
        }
        Ok(())
    }

    /// Takes a body from what a batch keeps, and gives the batch back if that was all.
    ///
    /// # Safety
    /// As of [`release`](Self::release).
    unsafe fn release_from(&mut self, id: BatchId, body: &Body) -> Result<(), JitError> {
        let Some(batch) = self.batches.get_mut(id) else {
            return Ok(());
        };
        if batch.live > 1 {
            let is_there = body.pages_of == Some(id);
            // SAFETY: the caller answers for it.
            unsafe { batch.forget(is_there.then_some((body.address, body.size_bytes))) };
            return Ok(());
        }
        // SAFETY: this is all that is left of it.
        unsafe { batch.held.unload() }?;
        self.batches.take(id);
        Ok(())
    }

    /// Lets all who call a function by its entry trap, until it is redefined.
    pub(super) fn trap(&self, function: FuncId) {
        let known = self.declarations.get(function.0).ok();
        if let (Some(entry), Some(entries)) = (known.and_then(|it| it.entry), &self.entries) {
            entries.trap(entry);
        }
    }

    /// Frees everything, entries included.
    ///
    /// # Errors
    /// A module that was loaded is linked to something of this: everything stays then, and the module is given back.
    ///
    /// # Safety
    /// Nobody is in code of this module, nor will call it, nor refers to its data.
    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    pub unsafe fn free(self) -> Result<(), (Self, JitError)> {
        // SAFETY: the caller answers for the same.
        unsafe { self.remove(Users::Refuse) }
    }

    /// Frees everything, and unloads all modules that are linked to anything of this, and all that are linked to those.
    ///
    /// # Errors
    /// Somebody holds one of these modules: everything stays then, and the module is given back. Or a finalizer of one failed.
    ///
    /// # Safety
    /// As of [`free`](Self::free), for each of the modules, too.
    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    pub unsafe fn free_with_users(self) -> Result<(), (Self, JitError)> {
        // SAFETY: the caller answers for the same.
        unsafe { self.remove(Users::TakeAlong) }
    }

    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    unsafe fn remove(mut self, users: Users) -> Result<(), (Self, JitError)> {
        self.held().for_each(Held::let_go);
        // SAFETY: the caller answers for it.
        match unsafe { self.home.tracker.remove(users) } {
            Ok(()) => Ok(()),
            Err(error) => {
                self.held().for_each(Held::hold_again);
                Err((self, error.into()))
            }
        }
    }

    /// All modules of the session that this is made of.
    fn held(&mut self) -> impl Iterator<Item = &mut Held<'s, M>> {
        let batches = self.batches.iter_mut();
        let entries = self.entries.iter_mut().flat_map(Entries::held_mut);
        batches.map(|batch| &mut batch.held).chain(entries)
    }
}
