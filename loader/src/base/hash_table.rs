//! A table of what is found by a hash.
//!
//! Open addressing with linear probing: an element stands at the place that its hash points to, or at the first one behind it
//! that was free. Each keeps half of its hash beside it, so that the table grows, and passes over others, without looking at
//! a name; and most elements of a link come into tables that were made for so many, whose places are counted by threes and
//! not by powers of two.

use alloc::vec::Vec;
use core::fmt;

use super::fallible::{self, OutOfMemory};
use super::int;

/// Elements that are found by a hash. What free places hold is `T`'s default, which nobody sees.
pub(crate) struct HashTable<T> {
    /// One of four is free at least, or there are none: each search ends.
    slots: Vec<Slot<T>>,
    len: usize,
    /// How many more elements there is room for.
    room: usize,
}

#[derive(Clone, Copy, Default)]
struct Slot<T> {
    /// The upper half of its element's hash; [`FREE`] if it has none.
    mark: u32,
    element: T,
}

/// The mark of a slot without an element. No element has it.
const FREE: u32 = 0;

/// How many slots a table has at least, once there are any.
const FEWEST: usize = 4;

/// An element's mark: the bits of its hash that choose its place are the highest.
#[inline]
fn mark_of(hash: u64) -> u32 {
    int::low_u32(hash >> u32::BITS) | 1
}

/// The place of a mark among so many, no more than 2^32.
#[inline]
fn home(mark: u32, places: usize) -> usize {
    let product = int::widen_u32(mark).wrapping_mul(int::from_usize(places));
    int::usize_from_u32(int::low_u32(product >> u32::BITS))
}

impl<T> HashTable<T> {
    /// An empty table; allocates nothing.
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
            room: 0,
        }
    }

    /// How many elements there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All elements, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let taken = self.slots.iter().filter(|slot| slot.mark != FREE);
        taken.map(|slot| &slot.element)
    }

    /// The element of this hash that `is_it` takes.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(&T) -> bool) -> Option<&T> {
        let place = self.seek(mark_of(hash), is_it).ok()?;
        self.slots.get(place).map(|slot| &slot.element)
    }

    /// All elements of this hash, and it may be some of others.
    pub(crate) fn iter_hash(&self, hash: u64) -> impl Iterator<Item = &T> {
        let mark = mark_of(hash);
        let (before, from_home) = self.slots.split_at(home(mark, self.slots.len()));
        let reached = from_home.iter().chain(before);
        reached
            .take_while(|slot| slot.mark != FREE)
            .filter(move |slot| slot.mark == mark)
            .map(|slot| &slot.element)
    }

    /// The place of the element with this mark that `is_it` takes; if there is none, the free one where it would stand, or any
    /// of a table without slots.
    #[inline]
    fn seek(&self, mark: u32, is_it: impl FnMut(&T) -> bool) -> Result<usize, usize> {
        // Of another name the mark is another one, but for one in two milliards: the second search ends where it begins.
        match self.end_of_search(mark, home(mark, self.slots.len())) {
            (place, FREE) => Err(place),
            (place, _) => self.seek_among_alike(mark, place, is_it),
        }
    }

    /// The first place from one on that is free or has this mark, and what mark it has.
    #[inline]
    fn end_of_search(&self, mark: u32, first: usize) -> (usize, u32) {
        let mut place = first;
        for slot in self.slots.get(first..).unwrap_or(&[]) {
            if slot.mark == FREE || slot.mark == mark {
                return (place, slot.mark);
            }
            place = place.wrapping_add(1);
        }
        self.end_of_search_from_start(mark)
    }

    /// The same, where the search comes to the last place: the first of all comes behind it.
    #[cold]
    fn end_of_search_from_start(&self, mark: u32) -> (usize, u32) {
        let mut slots = self.slots.iter().map(|slot| slot.mark).enumerate();
        let end = slots.find(|&(_, found)| found == FREE || found == mark);
        end.unwrap_or((0, FREE))
    }

    /// Goes on at a place with the mark that is searched for.
    #[inline(never)]
    fn seek_among_alike(
        &self,
        mark: u32,
        mut place: usize,
        mut is_it: impl FnMut(&T) -> bool,
    ) -> Result<usize, usize> {
        loop {
            match self.slots.get(place) {
                Some(slot) if is_it(&slot.element) => return Ok(place),
                _ => {}
            }
            match self.end_of_search(mark, place.wrapping_add(1)) {
                (place, FREE) => return Err(place),
                (alike, _) => place = alike,
            }
        }
    }
}

impl<T: Copy + Default> HashTable<T> {
    /// Makes room for `additional` more elements: exactly so many in an empty table, and in one that grows again and again, so
    /// many more that its elements are moved a few times, not each time.
    ///
    /// # Errors
    /// The heap has no room.
    #[inline]
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        match additional > self.room {
            true => self.grow(additional),
            false => Ok(()),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        let needed = self.len.saturating_add(additional);
        let places = needed.saturating_add(needed / 3).saturating_add(1);
        let places = places.max(FEWEST).max(self.slots.len().saturating_mul(2));
        u32::try_from(places).map_err(|_| OutOfMemory)?;
        let free = Slot {
            mark: FREE,
            element: T::default(),
        };
        let slots = fallible::vec_of(free, places)?;
        let former = core::mem::replace(&mut self.slots, slots);
        for slot in former.iter().filter(|slot| slot.mark != FREE) {
            self.put(*slot);
        }
        self.room = most(places).saturating_sub(self.len);
        Ok(())
    }

    /// Puts an element, for which there is room, at its place.
    #[inline]
    fn put(&mut self, new: Slot<T>) {
        let (place, _) = self.end_of_search(FREE, home(new.mark, self.slots.len()));
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = new;
        }
    }

    /// Adds an element, unless there is one of this hash that `is_it` takes; gives the one that is there then, and whether it is
    /// new.
    ///
    /// # Errors
    /// The heap has no room for one more.
    #[inline]
    pub(crate) fn enter(
        &mut self,
        hash: u64,
        element: T,
        is_it: impl FnMut(&T) -> bool,
    ) -> Result<(&mut T, bool), OutOfMemory> {
        self.try_reserve(1)?;
        let mark = mark_of(hash);
        let found = self.seek(mark, is_it);
        let (Ok(place) | Err(place)) = found;
        // There are slots, and the search ended at one of them.
        let slot = self.slots.get_mut(place).ok_or(OutOfMemory)?;
        if found.is_err() {
            *slot = Slot { mark, element };
            // There was room for this one; both count slots.
            self.room = self.room.wrapping_sub(1);
            self.len = self.len.wrapping_add(1);
        }
        Ok((&mut slot.element, found.is_err()))
    }

    /// Adds an element, whether or not there are others like it.
    ///
    /// # Errors
    /// The heap has no room.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, element: T) -> Result<(), OutOfMemory> {
        self.try_reserve(1)?;
        let mark = mark_of(hash);
        self.put(Slot { mark, element });
        // There is room for this one; both count slots.
        self.room = self.room.wrapping_sub(1);
        self.len = self.len.wrapping_add(1);
        Ok(())
    }

    /// Takes out the element of this hash that `is_it` takes, if there is one. What stood behind it moves up: no search meets a
    /// place that is free before its element's.
    pub(crate) fn remove(&mut self, hash: u64, is_it: impl FnMut(&T) -> bool) {
        let Ok(mut hole) = self.seek(mark_of(hash), is_it) else {
            return;
        };
        let places = self.slots.len();
        let behind = (hole.saturating_add(1)..places).chain(0..hole);
        for place in behind {
            let slot = match self.slots.get(place) {
                Some(slot) if slot.mark != FREE => *slot,
                _ => break,
            };
            // An element that stands no further behind its home than behind the hole would be passed over there.
            let home = home(slot.mark, places);
            if distance(home, place, places) >= distance(hole, place, places) {
                self.set(hole, slot);
                hole = place;
            }
        }
        let free = Slot {
            mark: FREE,
            element: T::default(),
        };
        self.set(hole, free);
        self.len = self.len.saturating_sub(1);
        self.room = self.room.saturating_add(1);
    }

    fn set(&mut self, place: usize, new: Slot<T>) {
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = new;
        }
    }
}

/// How many elements so many slots may hold.
#[inline]
const fn most(slots: usize) -> usize {
    slots.saturating_sub(slots.div_ceil(4))
}

/// How many places a search goes from one place to another; the first of all comes after the last.
const fn distance(from: usize, to: usize, places: usize) -> usize {
    match to.checked_sub(from) {
        Some(distance) => distance,
        // Both are places.
        None => to.wrapping_add(places).wrapping_sub(from),
    }
}

/// As a set of its elements.
impl<T: fmt::Debug> fmt::Debug for HashTable<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

impl<T> Default for HashTable<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{HashTable, mark_of};
    use crate::base::failing_heap;

    /// A hash whose place is the one of so many thousandths.
    fn at(thousandth: u64) -> u64 {
        thousandth.wrapping_mul(u64::MAX / 1000)
    }

    fn held(table: &HashTable<u32>) -> Vec<u32> {
        let mut held: Vec<_> = table.iter().copied().collect();
        held.sort_unstable();
        held
    }

    #[test]
    fn an_element_is_found_wherever_its_hash_points_to_and_however_many_came_before_it() {
        for thousandth in [0, 1, 500, 998, 999] {
            let mut table = HashTable::new();
            for element in 0..100_u32 {
                assert_eq!(table.find(at(thousandth), |&known| known == element), None);
                table.insert(at(thousandth), element).unwrap();
            }
            for element in 0..100 {
                let found = table.find(at(thousandth), |&known| known == element);
                assert_eq!(found, Some(&element));
            }
            assert_eq!(held(&table), (0..100).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_there_is_not_entered_again() {
        let mut table = HashTable::new();
        for (element, is_new) in [(1, true), (1, false), (2, true), (1, false)] {
            let (known, was_new) = table.enter(7, element, |&known| known == element).unwrap();
            assert_eq!((*known, was_new), (element, is_new));
        }
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn all_elements_of_a_hash_are_given_and_of_others_only_those_with_its_mark() {
        let mut table = HashTable::new();
        for element in 0..30_u32 {
            table.insert(at(u64::from(element % 3)), element).unwrap();
        }
        assert_ne!(mark_of(at(0)), mark_of(at(1)));
        let mut of_one: Vec<_> = table.iter_hash(at(1)).copied().collect();
        of_one.sort_unstable();
        assert_eq!(of_one, (0..10).map(|n| 3 * n + 1).collect::<Vec<_>>());
        assert_eq!(HashTable::<u32>::new().iter_hash(at(1)).count(), 0);
    }

    #[test]
    fn what_is_taken_out_hides_no_other() {
        // Few places, so that elements stand far from home, and go round the end.
        let mut state = 1_u64;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut table = HashTable::new();
        let mut model: Vec<(u64, u32)> = Vec::new();
        for element in 0..20_000 {
            let thousandth = [next(1000), 990 + next(10), 3][usize::try_from(next(3)).unwrap()];
            if model.len() < 12 {
                table.insert(at(thousandth), element).unwrap();
                model.push((thousandth, element));
            } else {
                let taken = usize::try_from(next(12)).unwrap();
                let (thousandth, element) = model.swap_remove(taken);
                table.remove(at(thousandth), |&known| known == element);
                table.remove(at(thousandth), |&known| known == element);
            }
            assert_eq!(table.len(), model.len());
            for &(thousandth, element) in &model {
                let found = table.find(at(thousandth), |&known| known == element);
                assert_eq!(found, Some(&element));
            }
        }
        for (thousandth, element) in model {
            table.remove(at(thousandth), |&known| known == element);
        }
        assert!(table.is_empty() && held(&table).is_empty());
    }

    #[test]
    fn what_room_was_made_for_needs_no_heap() {
        for count in 0..50 {
            let mut table = HashTable::new();
            table.try_reserve(count).unwrap();
            failing_heap::fail_after(0, || {
                for element in 0..u32::try_from(count).unwrap() {
                    table.insert(at(u64::from(element)), element).unwrap();
                }
            });
            assert_eq!(table.len(), count);
        }
    }

    #[test]
    fn a_full_heap_leaves_what_is_there() {
        let mut table = HashTable::new();
        for element in 0..1000_u32 {
            let added = failing_heap::fail_after(0, || table.insert(at(5), element));
            assert_eq!(
                table.len(),
                usize::try_from(element).unwrap() + usize::from(added.is_ok())
            );
            if added.is_err() {
                table.insert(at(5), element).unwrap();
            }
        }
        assert_eq!(held(&table), (0..1000).collect::<Vec<_>>());
    }
}
