//! Interfaces that a program offers to its modules: names with versions, looked at when a module states one.

use crate::base::{OutOfMemory, Text, fallible};
use crate::kit::{self, Interface, RequiredInterface};
use crate::memory::MemoryManager;

use super::{LoadError, Session};

/// An interface that a program offers. It is made when a module asks for it, so that nothing is computed for those that
/// don't.
#[derive(Clone, Copy, Debug)]
pub struct OfferedInterface {
    /// Its name.
    pub name: &'static str,
    /// Makes it.
    pub make: fn() -> Result<Interface<'static>, OutOfMemory>,
}

impl<M: MemoryManager> Session<M> {
    /// Offers an interface: a module that states one of this name is loaded only if it was built against the same.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn offer_interface(&self, interface: OfferedInterface) -> Result<(), OutOfMemory> {
        fallible::push(&mut self.books.lock().interfaces, interface)
    }

    /// Refuses a module that was built against something else than what is offered.
    pub(super) fn check_interface(
        &self,
        module: Text<64>,
        required: &RequiredInterface<'_>,
    ) -> Result<(), LoadError> {
        let offered = {
            let books = self.books.lock();
            let mut offered = books.interfaces.iter();
            let same = offered.find(|offered| offered.name.as_bytes() == required.name.bytes());
            same.copied()
        };
        let Some(offered) = offered else {
            return Err(LoadError::NoInterface {
                module,
                interface: Text::of(required.name),
            });
        };
        let checked = kit::check_interface(required, &(offered.make)()?);
        checked.map_err(|mismatch| LoadError::Interface { module, mismatch })
    }
}
