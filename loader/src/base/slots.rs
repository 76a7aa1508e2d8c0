//! Elements in numbered slots: each is found in one step, and a slot is used again once its element is gone.

use alloc::vec::Vec;

use super::{Id, OutOfMemory, fallible};

/// Elements by slots. Without elements, no memory is held; taking one out needs none.
#[derive(Debug)]
pub(crate) struct Slots<K, T> {
    slots: Vec<Slot<K, T>>,
    first_free: Option<Id<K>>,
    count: usize,
}

#[derive(Debug)]
enum Slot<K, T> {
    Taken(T),
    /// Nobody's; the next such slot.
    Free(Option<Id<K>>),
}

impl<K, T> Slots<K, T> {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            first_free: None,
            count: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn get(&self, slot: Id<K>) -> Option<&T> {
        match self.slots.get(slot.index())? {
            Slot::Taken(element) => Some(element),
            Slot::Free(_) => None,
        }
    }

    pub(crate) fn get_mut(&mut self, slot: Id<K>) -> Option<&mut T> {
        match self.slots.get_mut(slot.index())? {
            Slot::Taken(element) => Some(element),
            Slot::Free(_) => None,
        }
    }

    /// The elements with their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Id<K>, &T)> {
        (0..)
            .map(Id::from_index)
            .zip(&self.slots)
            .filter_map(|(id, slot)| match slot {
                Slot::Taken(element) => Some((id, element)),
                Slot::Free(_) => None,
            })
    }

    /// The elements, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Taken(element) => Some(element),
            Slot::Free(_) => None,
        })
    }

    /// Makes room for one more element: the next [`insert`](Self::insert) can't fail.
    pub(crate) fn reserve_one(&mut self) -> Result<(), OutOfMemory> {
        if self.first_free.is_some() {
            return Ok(());
        }
        u32::try_from(self.slots.len()).map_err(|_| OutOfMemory)?;
        fallible::reserve(&mut self.slots, 1)
    }

    /// Enters an element.
    pub(crate) fn insert(&mut self, element: T) -> Result<Id<K>, OutOfMemory> {
        let free = self.first_free.and_then(|id| {
            let slot = self.slots.get_mut(id.index())?;
            Some((id, slot))
        });
        let id = match free {
            Some((id, slot)) => {
                if let Slot::Free(next) = slot {
                    self.first_free = *next;
                }
                *slot = Slot::Taken(element);
                id
            }
            None => {
                let index = u32::try_from(self.slots.len()).map_err(|_| OutOfMemory)?;
                fallible::push(&mut self.slots, Slot::Taken(element))?;
                Id::from_index(index)
            }
        };
        self.count = self.count.saturating_add(1);
        Ok(id)
    }

    /// Takes an element out.
    pub(crate) fn take(&mut self, slot: Id<K>) -> Option<T> {
        let place = self.slots.get_mut(slot.index())?;
        if let Slot::Free(_) = place {
            return None;
        }
        let free = Slot::Free(self.first_free);
        let Slot::Taken(element) = core::mem::replace(place, free) else {
            return None;
        };
        self.first_free = Some(slot);
        self.count = self.count.saturating_sub(1);
        if self.count == 0 {
            *self = Self::new();
        }
        Some(element)
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;
    use crate::base::failing_heap;

    enum Key {}

    #[test]
    fn a_slot_is_used_again_once_its_element_is_gone() {
        let mut slots: Slots<Key, char> = Slots::new();
        let [a, b, c] = ['a', 'b', 'c'].map(|element| slots.insert(element).unwrap());
        assert_eq!(slots.take(b), Some('b'));
        assert_eq!((slots.take(b), slots.get(b), slots.len()), (None, None, 2));
        assert_eq!(slots.insert('d').unwrap(), b);
        let all: std::vec::Vec<_> = slots.iter().map(|(id, element)| (id, *element)).collect();
        assert_eq!(all, [(a, 'a'), (b, 'd'), (c, 'c')]);
    }

    #[test]
    fn without_elements_no_memory_is_held() {
        let before = failing_heap::live_bytes();
        let mut slots: Slots<Key, u64> = Slots::new();
        let id = slots.insert(1).unwrap();
        assert!(failing_heap::live_bytes() > before);
        assert_eq!(slots.take(id), Some(1));
        assert_eq!(failing_heap::live_bytes(), before);
    }

    #[test]
    fn where_there_is_room_entering_an_element_needs_no_heap() {
        let mut slots: Slots<Key, u64> = Slots::new();
        assert!(failing_heap::fail_after(0, || slots.reserve_one()).is_err());
        slots.reserve_one().unwrap();
        assert!(failing_heap::fail_after(0, || slots.insert(1)).is_ok());
        let second = slots.insert(2).unwrap();
        slots.take(second);
        assert!(failing_heap::fail_after(0, || slots.reserve_one()).is_ok());
        assert!(failing_heap::fail_after(0, || slots.insert(3)).is_ok());
    }
}
