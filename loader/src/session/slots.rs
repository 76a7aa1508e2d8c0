//! The modules of a session by their slots, and by their ids.

use core::ops::{Deref, DerefMut};

use crate::base::Slots;

use super::ModuleId;
use super::id::SlotKey;
use super::record::ModuleRecord;

/// The modules of a session. An id names a slot and what must stand there.
#[derive(Debug)]
pub(super) struct ModuleSlots<F>(Slots<SlotKey, ModuleRecord<F>>);

impl<F> ModuleSlots<F> {
    pub(super) const fn new() -> Self {
        Self(Slots::new())
    }

    /// The module that this names, if it is there still.
    pub(super) fn of(&self, id: ModuleId) -> Option<&ModuleRecord<F>> {
        self.get(id.slot)
            .filter(|module| module.serial == id.serial)
    }

    pub(super) fn of_mut(&mut self, id: ModuleId) -> Option<&mut ModuleRecord<F>> {
        self.get_mut(id.slot)
            .filter(|module| module.serial == id.serial)
    }
}

impl<F> Deref for ModuleSlots<F> {
    type Target = Slots<SlotKey, ModuleRecord<F>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<F> DerefMut for ModuleSlots<F> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
