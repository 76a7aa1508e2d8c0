//! Sorting, once in the program's code instead of once for each type that is sorted.
//!
//! The library's sort is a few kilobytes of code for each type; here a type adds a comparison and an exchange, through which
//! one heap sort works. Most of what a link sorts is in order as it comes, which one pass finds; what isn't costs
//! O(n log n), whoever chose it. Alike elements may change places: keys here are made so that it doesn't matter.

use core::cmp::Ordering;

/// Sorts a slice.
pub fn sort<T: Ord>(slice: &mut [T]) {
    sort_by(slice, T::cmp);
}

/// Sorts a slice by a key of each element.
pub fn sort_by_key<T, K: Ord>(slice: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(slice, |a, b| key(a).cmp(&key(b)));
}

/// Sorts a slice by a comparison.
pub fn sort_by<T>(slice: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let len = slice.len();
    heap_sort(&mut Compared { slice, compare }, len);
}

/// What can be sorted without knowing what it is of. Places that don't exist are not less, and not exchanged.
trait Sortable {
    fn is_less(&self, a: usize, b: usize) -> bool;
    fn exchange(&mut self, a: usize, b: usize);
}

/// A slice, and how its elements compare.
struct Compared<'a, T, F> {
    slice: &'a mut [T],
    compare: F,
}

impl<T, F: Fn(&T, &T) -> Ordering> Sortable for Compared<'_, T, F> {
    fn is_less(&self, a: usize, b: usize) -> bool {
        match (self.slice.get(a), self.slice.get(b)) {
            (Some(a), Some(b)) => (self.compare)(a, b).is_lt(),
            _ => false,
        }
    }

    fn exchange(&mut self, a: usize, b: usize) {
        if a < self.slice.len() && b < self.slice.len() {
            self.slice.swap(a, b);
        }
    }
}

/// Sorts places `0..len`.
fn heap_sort(all: &mut dyn Sortable, len: usize) {
    let is_sorted = (1..len).all(|place| !all.is_less(place, place.wrapping_sub(1)));
    if is_sorted {
        return;
    }
    for root in (0..len / 2).rev() {
        sift_down(all, root, len);
    }
    for end in (1..len).rev() {
        all.exchange(0, end);
        sift_down(all, 0, end);
    }
}

/// Lets an element sink in the heap of places `0..end` until none below it is greater.
fn sift_down(all: &mut dyn Sortable, mut root: usize, end: usize) {
    loop {
        // `end` counts elements that take memory, or comparisons that all say "alike": twice a place of it can't wrap and then
        // be below it.
        let left = root.wrapping_mul(2).wrapping_add(1);
        if left >= end {
            return;
        }
        let right = left.wrapping_add(1);
        let greater = if right < end && all.is_less(left, right) {
            right
        } else {
            left
        };
        if !all.is_less(root, greater) {
            return;
        }
        all.exchange(root, greater);
        root = greater;
    }
}

#[cfg(test)]
mod tests {
    use super::{sort, sort_by_key};
    use alloc::vec::Vec;
    use core::cell::Cell;

    /// Numbers in no order, the same ones each time.
    fn numbers(count: u32) -> impl Iterator<Item = u32> {
        (0..count).map(|at| at.wrapping_mul(2_654_435_761) >> 7)
    }

    #[test]
    fn sorts_what_the_library_sorts() {
        for count in (0..70).chain([1_000]) {
            let mut sorted: Vec<u32> = numbers(count).collect();
            let mut expected = sorted.clone();
            sort(&mut sorted);
            expected.sort_unstable();
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn sorts_by_a_key() {
        let mut words = ["three", "a", "to", "four"];
        sort_by_key(&mut words, |word| word.len());
        assert_eq!(words, ["a", "to", "four", "three"]);
    }

    #[test]
    fn compares_each_element_once_where_all_are_in_order() {
        let compared = Cell::new(0);
        let mut numbers: Vec<u32> = (0..1_000).collect();
        super::sort_by(&mut numbers, |a, b| {
            compared.set(compared.get() + 1);
            a.cmp(b)
        });
        assert_eq!(compared.get(), 999);
    }

    #[test]
    fn compares_no_more_than_a_heap_has_to_whatever_the_order() {
        let count = 10_000;
        let falling = (0..count).rev().collect();
        let all_alike_but_last = (0..count).map(|at| u32::from(at + 1 < count)).collect();
        for mut slice in [numbers(count).collect(), falling, all_alike_but_last] {
            let slice: &mut Vec<u32> = &mut slice;
            let compared = Cell::new(0_u32);
            super::sort_by(slice, |a, b| {
                compared.set(compared.get() + 1);
                a.cmp(b)
            });
            assert!(slice.is_sorted());
            // Twice the height of the heap for each element, and what it takes to build it.
            assert!(compared.get() < count * (2 * count.ilog2() + 3));
        }
    }
}
