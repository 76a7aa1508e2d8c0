//! Trackers: owners of modules, who remove them together or hand them on.

use core::fmt;

use crate::base::OutOfMemory;
use crate::memory::MemoryManager;

use super::record::Stage;
use super::unload::Users;
use super::{Session, TrackerId, UnloadError};

/// A handle to an owner of modules: those that are loaded with its id ([`LoadOptions`](super::LoadOptions)), or were handed
/// on to it. Dropping it leaves them loaded.
pub struct Tracker<'session, M: MemoryManager> {
    pub(super) session: &'session Session<M>,
    pub(super) id: TrackerId,
}

impl<M: MemoryManager> Tracker<'_, M> {
    /// Which it is.
    pub const fn id(&self) -> TrackerId {
        self.id
    }

    /// How many modules it owns.
    pub fn module_count(&self) -> usize {
        let books = self.session.books.lock();
        let owned = (books.modules.iter()).filter(|(_, module)| module.tracker == self.id);
        owned.count()
    }

    /// Unloads all modules that it owns, users before what they use. There must be no handles to them. Whatever is refused,
    /// nothing is unloaded then.
    ///
    /// # Errors
    /// Somebody uses one of them and nobody asked to take users along, or holds it; or a finalizer failed, in which case they
    /// are unloaded all the same.
    ///
    /// # Safety
    /// As of [`Module::unload`](super::Module::unload), for each of them.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn remove(&self, users: Users) -> Result<(), UnloadError> {
        self.session.remove_owned(self.id, users)
    }

    /// Hands all its modules on to another owner.
    ///
    /// # Errors
    /// The heap has no room to tell plugins of it; nothing is handed on then.
    pub fn transfer_to(&self, other: TrackerId) -> Result<(), OutOfMemory> {
        let plugins = self.session.plugins.now();
        let mut books = self.session.books.lock();
        let owned = books.owned_by(self.id)?;
        for module in books.modules.iter_mut() {
            if module.tracker == self.id {
                module.tracker = other;
            }
        }
        for id in owned {
            // Plugins hear of a module's owner when it is ready.
            let is_ready = |id| {
                books
                    .modules
                    .of(id)
                    .is_some_and(|it| it.stage == Stage::Ready)
            };
            let Some(mut view) = books.view_of(id).filter(|view| is_ready(view.id)) else {
                continue;
            };
            drop(books);
            view.tracker = self.id;
            for plugin in plugins.iter() {
                plugin.transferring(&view, other);
            }
            books = self.session.books.lock();
        }
        Ok(())
    }
}

impl<M: MemoryManager> fmt::Debug for Tracker<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.id)
    }
}
