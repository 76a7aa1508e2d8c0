//! The modules of a session by their slots: each is found in one step, and a slot is used again once its module is gone.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, fallible};

use super::ModuleId;
use super::id::ModuleSlot;
use super::record::ModuleRecord;

/// A place for a module, which is used again once the module is gone.
#[derive(Debug)]
enum Slot<F> {
    Taken(ModuleRecord<F>),
    /// Nobody's; the next such slot.
    Free(Option<ModuleSlot>),
}

/// The modules of a session.
#[derive(Debug)]
pub(super) struct ModuleSlots<F> {
    slots: Vec<Slot<F>>,
    first_free: Option<ModuleSlot>,
    count: usize,
}

impl<F> ModuleSlots<F> {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            first_free: None,
            count: 0,
        }
    }

    pub(super) fn get(&self, slot: ModuleSlot) -> Option<&ModuleRecord<F>> {
        match self.slots.get(slot.index())? {
            Slot::Taken(module) => Some(module),
            Slot::Free(_) => None,
        }
    }

    pub(super) fn get_mut(&mut self, slot: ModuleSlot) -> Option<&mut ModuleRecord<F>> {
        match self.slots.get_mut(slot.index())? {
            Slot::Taken(module) => Some(module),
            Slot::Free(_) => None,
        }
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

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The modules with their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ModuleSlot, &ModuleRecord<F>)> {
        (0..)
            .map(ModuleSlot::from_index)
            .zip(&self.slots)
            .filter_map(|(id, slot)| match slot {
                Slot::Taken(module) => Some((id, module)),
                Slot::Free(_) => None,
            })
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ModuleRecord<F>> {
        self.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Taken(module) => Some(module),
            Slot::Free(_) => None,
        })
    }

    /// Enters a module.
    pub(super) fn insert(&mut self, module: ModuleRecord<F>) -> Result<ModuleSlot, OutOfMemory> {
        let free = self.first_free.and_then(|id| {
            let slot = self.slots.get_mut(id.index())?;
            Some((id, slot))
        });
        let id = match free {
            Some((id, slot)) => {
                if let Slot::Free(next) = slot {
                    self.first_free = *next;
                }
                *slot = Slot::Taken(module);
                id
            }
            None => {
                let index = u32::try_from(self.slots.len()).map_err(|_| OutOfMemory)?;
                fallible::push(&mut self.slots, Slot::Taken(module))?;
                ModuleSlot::from_index(index)
            }
        };
        self.count = self.count.saturating_add(1);
        Ok(id)
    }

    /// Takes a module out. Without modules, no memory is held.
    pub(super) fn take(&mut self, slot: ModuleSlot) -> Option<ModuleRecord<F>> {
        let place = self.slots.get_mut(slot.index())?;
        if let Slot::Free(_) = place {
            return None;
        }
        let free = Slot::Free(self.first_free);
        let Slot::Taken(module) = core::mem::replace(place, free) else {
            return None;
        };
        self.first_free = Some(slot);
        self.count = self.count.saturating_sub(1);
        if self.count == 0 {
            *self = Self::new();
        }
        Some(module)
    }
}
