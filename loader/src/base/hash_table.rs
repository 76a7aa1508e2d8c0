//! A table of what is found by a hash.
//!
//! Open addressing with linear probing: an element stands at the place that its hash points to, or at the first one behind it
//! that was free. Each keeps half of its hash beside it, so that the table grows, and passes over others, without looking at
//! a name. Most elements of a link come into tables that were made for so many: these have exactly as many places as keep one
//! of four free.

use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::{fmt, iter};

use super::fallible::{self, OutOfMemory};
use super::hash::NameHasher;
use super::{Name, int};

/// Elements that are found by a hash. What free places hold is `T`'s default, which nobody sees.
pub(crate) struct HashTable<T> {
    /// One of four is free at least, or there are none: each search ends.
    slots: Vec<Slot<T>>,
    len: usize,
    /// How many elements so many slots may hold.
    most: usize,
}

#[derive(Clone, Copy, Default)]
struct Slot<T> {
    /// Its element's mark; `None` if it has none.
    mark: Option<Mark>,
    element: T,
}

/// What a table keeps of an element's hash: its upper half but for the lowest bit, which is set, so that none is 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mark(NonZeroU32);

impl Mark {
    /// The mark of a name.
    #[inline]
    pub(crate) fn of(name: Name<'_>) -> Self {
        Self::by(NameHasher::get(), name)
    }

    /// The same, for who wants those of many names.
    #[inline]
    pub(crate) fn by(hasher: NameHasher, name: Name<'_>) -> Self {
        Self::of_hash(hasher.hash(name))
    }

    #[inline]
    fn of_hash(hash: u64) -> Self {
        Self(NonZeroU32::MIN | int::low_u32(hash >> u32::BITS))
    }

    /// The place that it points to among so many, no more than 2^32.
    ///
    /// Tables of different sizes put marks in different orders. In one and the same, elements that come in the order of their
    /// places, be it out of a smaller table, would all crowd into the first part of a table that grows.
    #[inline]
    fn home(self, places: usize) -> usize {
        let places = int::from_usize(places);
        // Odd, so that it takes no two marks to one; about 2^32 divided by the golden ratio.
        let factor = int::low_u32(places).wrapping_mul(0x9e37_79b1) | 1;
        let mixed = int::widen_u32(self.0.get().wrapping_mul(factor));
        int::usize_from_u32(int::low_u32(mixed.wrapping_mul(places) >> u32::BITS))
    }
}

/// How many slots a table has at least, once there are any.
const FEWEST: usize = 4;

impl<T> HashTable<T> {
    /// An empty table; allocates nothing.
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
            most: 0,
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
        let taken = self.slots.iter().filter(|slot| slot.mark.is_some());
        taken.map(|slot| &slot.element)
    }

    /// The element of this mark that `is_it` takes.
    #[inline]
    pub(crate) fn find(&self, mark: Mark, is_it: impl FnMut(&T) -> bool) -> Option<&T> {
        let place = self.place_of(mark, is_it)?;
        self.slots.get(place).map(|slot| &slot.element)
    }

    /// The same, to change what it isn't found by.
    pub(crate) fn find_mut(&mut self, mark: Mark, is_it: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let place = self.place_of(mark, is_it)?;
        self.slots.get_mut(place).map(|slot| &mut slot.element)
    }

    /// All elements of this mark: those of one hash, and it may be some of others.
    pub(crate) fn iter_marked(&self, mark: Mark) -> impl Iterator<Item = &T> {
        let (before, from_home) = self.slots.split_at(mark.home(self.slots.len()));
        let reached = from_home.iter().chain(before);
        reached
            .take_while(|slot| slot.mark.is_some())
            .filter(move |slot| slot.mark == Some(mark))
            .map(|slot| &slot.element)
    }

    /// The place of the element with this mark that `is_it` takes, if there is one.
    #[inline]
    fn place_of(&self, mark: Mark, is_it: impl FnMut(&T) -> bool) -> Option<usize> {
        let place = self.seek(mark, is_it)?;
        self.slots.get(place)?.mark.map(|_| place)
    }

    /// The place of the element with this mark that `is_it` takes; if there is none, the free one where it would stand, or none
    /// of a table without slots.
    #[inline]
    fn seek(&self, mark: Mark, mut is_it: impl FnMut(&T) -> bool) -> Option<usize> {
        // Of another name the mark is another one, but for one in two milliards.
        self.first_from_home(mark, |slot| match slot.mark {
            None => true,
            found => found == Some(mark) && is_it(&slot.element),
        })
    }

    /// The first place from a mark's home on that `is_it` takes; the first of all comes behind the last. It takes free ones, of
    /// which there are some, if there are any.
    #[inline]
    fn first_from_home(
        &self,
        mark: Mark,
        mut is_it: impl FnMut(&Slot<T>) -> bool,
    ) -> Option<usize> {
        let mut place = mark.home(self.slots.len());
        while let Some(slot) = self.slots.get(place) {
            if is_it(slot) {
                return Some(place);
            }
            place = place.wrapping_add(1);
        }
        self.slots.iter().position(is_it)
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
        // A table never holds more than it may.
        match additional > self.most.wrapping_sub(self.len) {
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
            mark: None,
            element: T::default(),
        };
        let slots = fallible::vec_of(free, places)?;
        let former = core::mem::replace(&mut self.slots, slots);
        for slot in former {
            if let Some(mark) = slot.mark {
                self.put(mark, slot.element);
            }
        }
        self.most = most(places);
        Ok(())
    }

    /// Puts an element, for which there is room, at its place.
    #[inline]
    fn put(&mut self, mark: Mark, element: T) {
        let place = self.first_from_home(mark, |slot| slot.mark.is_none());
        self.set(place, Some(mark), element);
    }

    /// Adds an element, unless there is one of this mark that `is_it` takes; gives the one that was there.
    ///
    /// # Errors
    /// The heap has no room for one more.
    #[inline]
    pub(crate) fn enter(
        &mut self,
        mark: Mark,
        element: T,
        is_it: impl FnMut(&T) -> bool,
    ) -> Result<Option<T>, OutOfMemory> {
        let place = self.seek(mark, is_it);
        let slot = place.and_then(|place| self.slots.get_mut(place));
        match slot {
            Some(slot) if slot.mark.is_some() => return Ok(Some(slot.element)),
            Some(slot) if self.len < self.most => {
                let mark = Some(mark);
                *slot = Slot { mark, element };
            }
            _ => {
                self.grow(1)?;
                self.put(mark, element);
            }
        }
        // There are more slots than elements.
        self.len = self.len.wrapping_add(1);
        Ok(None)
    }

    /// Adds an element, whether or not there are others like it.
    ///
    /// # Errors
    /// The heap has no room.
    #[inline]
    pub(crate) fn insert(&mut self, mark: Mark, element: T) -> Result<(), OutOfMemory> {
        self.insert_all(1, iter::once((mark, element)))
    }

    /// Adds elements, at most `count`, whether or not there are others like them.
    ///
    /// # Errors
    /// The heap has no room for so many. Nothing is changed then.
    #[inline]
    pub(crate) fn insert_all(
        &mut self,
        count: usize,
        elements: impl Iterator<Item = (Mark, T)>,
    ) -> Result<(), OutOfMemory> {
        self.try_reserve(count)?;
        for (mark, element) in elements.take(count) {
            self.put(mark, element);
            // There are more slots than elements.
            self.len = self.len.wrapping_add(1);
        }
        Ok(())
    }

    /// Takes out the element of this mark that `is_it` takes, if there is one. What stood behind it moves up: no search meets a
    /// place that is free before its element's.
    pub(crate) fn remove(&mut self, mark: Mark, is_it: impl FnMut(&T) -> bool) {
        let Some(mut hole) = self.place_of(mark, is_it) else {
            return;
        };
        let places = self.slots.len();
        let behind = (hole.saturating_add(1)..places).chain(0..hole);
        for place in behind {
            let Some(&Slot {
                mark: Some(mark),
                element,
            }) = self.slots.get(place)
            else {
                break;
            };
            // An element that stands no further behind its home than behind the hole would be passed over there.
            let home = mark.home(places);
            if distance(home, place, places) >= distance(hole, place, places) {
                self.set(Some(hole), Some(mark), element);
                hole = place;
            }
        }
        self.set(Some(hole), None, T::default());
        self.len = self.len.saturating_sub(1);
    }

    #[inline]
    fn set(&mut self, place: Option<usize>, mark: Option<Mark>, element: T) {
        if let Some(slot) = place.and_then(|place| self.slots.get_mut(place)) {
            *slot = Slot { mark, element };
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

    use super::{HashTable, Mark, OutOfMemory};
    use crate::base::failing_heap;

    /// Marks that differ.
    fn at(thousandth: u64) -> Mark {
        Mark::of_hash(thousandth.wrapping_mul(u64::MAX / 1000))
    }

    /// Marks in the order of their places in a table of so many.
    fn in_order_of(places: usize, count: u64) -> Vec<Mark> {
        let mut marks: Vec<_> = (0..count)
            .map(|number| Mark::of_hash(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect();
        marks.sort_by_key(|mark| mark.home(places));
        marks
    }

    fn held(table: &HashTable<u32>) -> Vec<u32> {
        let mut held: Vec<_> = table.iter().copied().collect();
        held.sort_unstable();
        held
    }

    #[test]
    fn an_element_is_found_wherever_its_mark_points_to_and_however_many_came_before_it() {
        for thousandth in 0..50 {
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
            let known = table.enter(at(7), element, |&known| known == element);
            assert_eq!(known.unwrap(), (!is_new).then_some(element));
        }
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn all_elements_of_a_mark_are_given_and_no_others() {
        let mut table = HashTable::new();
        for element in 0..30_u32 {
            table.insert(at(u64::from(element % 3)), element).unwrap();
        }
        assert_ne!(at(0), at(1));
        let mut of_one: Vec<_> = table.iter_marked(at(1)).copied().collect();
        of_one.sort_unstable();
        assert_eq!(of_one, (0..10).map(|n| 3 * n + 1).collect::<Vec<_>>());
        assert_eq!(HashTable::<u32>::new().iter_marked(at(1)).count(), 0);
    }

    #[test]
    fn elements_of_a_mark_are_all_given_where_they_go_round_the_end() {
        let mut rounds = 0;
        for thousandth in 0..100 {
            let mark = at(thousandth);
            let mut table = HashTable::new();
            table.try_reserve(5).unwrap();
            rounds += u32::from(mark.home(table.slots.len()) + 5 > table.slots.len());
            for element in 0..5_u32 {
                table.insert(mark, element).unwrap();
            }
            let given: Vec<_> = table.iter_marked(mark).copied().collect();
            assert_eq!(given, [0, 1, 2, 3, 4]);
        }
        assert!(rounds > 10);
    }

    #[test]
    fn marks_in_the_order_of_their_places_are_spread_as_others_are() {
        let count = 20_000;
        for places in [1 << 20, 1000, 31_337] {
            let mut table = HashTable::new();
            let mut passed = 0;
            for mark in in_order_of(places, count) {
                let place = table.first_from_home(mark, |slot| slot.mark.is_none());
                let home = mark.home(table.slots.len());
                passed += place.unwrap_or(0).saturating_sub(home);
                table.insert(mark, 0_u32).unwrap();
            }
            assert!(passed < 200_000, "{passed} places were passed");
        }
    }

    #[test]
    fn what_comes_and_goes_needs_no_more_room() {
        let mut table = HashTable::new();
        table.try_reserve(3).unwrap();
        let slots = table.slots.len();
        for element in 0..1000_u32 {
            let mark = at(u64::from(element % 1000));
            table.insert(mark, element).unwrap();
            table
                .enter(mark, element, |&known| known == element)
                .unwrap();
            table.remove(mark, |&known| known == element);
        }
        assert_eq!((table.slots.len(), table.len()), (slots, 0));
    }

    #[test]
    fn what_is_there_is_entered_without_room() {
        let mut table = HashTable::new();
        table.try_reserve(10).unwrap();
        for element in 0..u32::try_from(table.most).unwrap() {
            table.insert(at(3), element).unwrap();
        }
        let entered = |table: &mut HashTable<u32>, element| {
            let is_it = |&known: &u32| known == element;
            failing_heap::fail_after(0, || table.enter(at(3), element, is_it))
        };
        assert_eq!(entered(&mut table, 4), Ok(Some(4)));
        assert_eq!(entered(&mut table, 4000), Err(OutOfMemory));
        table.enter(at(3), 4000, |&known| known == 4000).unwrap();
        assert_eq!(entered(&mut table, 4000), Ok(Some(4000)));
    }

    #[test]
    fn one_place_of_four_is_free_and_no_more_in_a_table_that_was_made_for_so_many() {
        for count in [10_usize, 1000, 30_000] {
            let mut table = HashTable::<u32>::new();
            table.try_reserve(count).unwrap();
            let slots = table.slots.len();
            assert!(
                (count * 4 / 3..count * 4 / 3 + 3).contains(&slots),
                "{slots} for {count}"
            );
        }
    }

    #[test]
    fn a_table_that_grows_one_by_one_moves_its_elements_a_few_times() {
        let mut table = HashTable::new();
        let mut growths = 0;
        for element in 0..10_000_u32 {
            let slots = table.slots.len();
            table
                .insert(at(u64::from(element % 1000)), element)
                .unwrap();
            growths += u32::from(table.slots.len() != slots);
        }
        assert!(growths < 15, "it grew {growths} times");
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
