//! `qsort` and `bsearch` (C17 7.22.5). The sort is stable, as programs that were only ever run on glibc expect, and takes
//! no memory: insertion sort of short runs, then merging in place by rotation (SymMerge, Kim and Kutzner 2004).

use core::cmp::Ordering;
use core::ffi::{c_int, c_void};
use core::ptr;

use super::host::abort;
use super::raw;

type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
type CompareWith = unsafe extern "C" fn(*const c_void, *const c_void, *mut c_void) -> c_int;

unsafe extern "C" fn qsort(start: *mut c_void, count: usize, size_bytes: usize, compare: Compare) {
    // SAFETY: the module's promise.
    let order = |left, right| unsafe { compare(left, right) }.cmp(&0);
    // SAFETY: the module's promise.
    unsafe { Elements::new(start, count, size_bytes, order) }.sort(count);
}

/// GNU: the comparison gets a word of the caller's.
unsafe extern "C" fn qsort_r(
    start: *mut c_void,
    count: usize,
    size_bytes: usize,
    compare: CompareWith,
    context: *mut c_void,
) {
    // SAFETY: the module's promise.
    let order = |left, right| unsafe { compare(left, right, context) }.cmp(&0);
    // SAFETY: the module's promise.
    unsafe { Elements::new(start, count, size_bytes, order) }.sort(count);
}

unsafe extern "C" fn bsearch(
    key: *const c_void,
    start: *const c_void,
    count: usize,
    size_bytes: usize,
    compare: Compare,
) -> *mut c_void {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let element = start.wrapping_byte_add(middle.wrapping_mul(size_bytes));
        // SAFETY: the module's promise.
        match unsafe { compare(key, element) }.cmp(&0) {
            Ordering::Equal => return element.cast_mut(),
            Ordering::Less => high = middle,
            Ordering::Greater => low = middle + 1,
        }
    }
    ptr::null_mut()
}

/// An array of elements that only the module knows how to compare.
struct Elements<F> {
    start: *mut c_void,
    size_bytes: usize,
    order: F,
}

impl<F: Fn(*const c_void, *const c_void) -> Ordering> Elements<F> {
    const RUN: usize = 16;

    /// # Safety
    /// The array is the caller's to change, and `order` can compare its elements.
    unsafe fn new(start: *mut c_void, count: usize, size_bytes: usize, order: F) -> Self {
        if count
            .checked_mul(size_bytes)
            .is_none_or(|total| total > isize::MAX.cast_unsigned())
        {
            abort!("qsort: {count} elements of {size_bytes} bytes are more than memory");
        }
        Self {
            start,
            size_bytes,
            order,
        }
    }

    fn sort(&self, count: usize) {
        for low in (0..count).step_by(Self::RUN) {
            self.sort_run(low, count.min(low + Self::RUN));
        }
        let mut run = Self::RUN;
        while run < count {
            for low in (0..count - run).step_by(run * 2) {
                self.merge(low, low + run, count.min(low + run * 2));
            }
            run = run.saturating_mul(2);
        }
    }

    fn sort_run(&self, low: usize, high: usize) {
        for next in low + 1..high {
            let place = (low..next)
                .rev()
                .take_while(|index| self.is_less(next, *index))
                .last();
            if let Some(place) = place {
                self.rotate(place, next, next + 1);
            }
        }
    }

    /// Merges the sorted `low..middle` and `middle..high`.
    fn merge(&self, low: usize, middle: usize, high: usize) {
        if low == middle || middle == high || !self.is_less(middle, middle - 1) {
            return;
        }
        if high - low == 2 {
            return self.rotate(low, middle, high);
        }
        // The elements around the centre that a stable merge exchanges lie as far before it as behind it.
        let centre = low + (high - low) / 2;
        let sum = centre + middle;
        let (mut start, mut end) = if middle > centre {
            (sum - high, centre)
        } else {
            (low, middle)
        };
        while start < end {
            let probe = start + (end - start) / 2;
            if self.is_less(sum - 1 - probe, probe) {
                end = probe;
            } else {
                start = probe + 1;
            }
        }
        let end = sum - start;
        if start < middle && middle < end {
            self.rotate(start, middle, end);
        }
        self.merge(low, start, centre);
        self.merge(centre, end, high);
    }

    fn is_less(&self, left: usize, right: usize) -> bool {
        (self.order)(self.element(left), self.element(right)).is_lt()
    }

    fn element(&self, index: usize) -> *mut c_void {
        self.start.wrapping_byte_add(index * self.size_bytes)
    }

    /// Exchanges the neighbours `low..middle` and `middle..high`.
    fn rotate(&self, low: usize, middle: usize, high: usize) {
        // SAFETY: the elements are this sort's to change, and no comparison is under way.
        let bytes = unsafe { raw::bytes_mut(self.element(low), (high - low) * self.size_bytes) };
        bytes.rotate_left((middle - low) * self.size_bytes);
    }
}

exports! {
    pub(super) static EXPORTS:
    function qsort(_, _, _, _);
    function qsort_r(_, _, _, _, _);
    function bsearch(_, _, _, _, _) -> _;
}

#[cfg(test)]
mod tests {
    use core::ffi::{c_int, c_void};
    use std::vec::Vec;

    use super::{bsearch, qsort};

    /// The upper half is the key; the lower one tells equal keys apart.
    unsafe extern "C" fn by_key(left: *const c_void, right: *const c_void) -> c_int {
        // SAFETY: the elements are such numbers.
        let left = unsafe { left.cast::<u32>().read() };
        // SAFETY: as above.
        let right = unsafe { right.cast::<u32>().read() };
        (left >> 16).cmp(&(right >> 16)) as c_int
    }

    #[test]
    fn a_sort_is_right_and_stable_at_every_length() {
        for length in (0..200).chain([1000, 4097]) {
            let mut numbers: Vec<u32> = (0..length)
                .map(|index| (index * 7919 % 13) << 16 | index)
                .collect();
            let mut expected = numbers.clone();
            expected.sort_by_key(|number| number >> 16);
            // SAFETY: the array has so many elements of four bytes.
            unsafe { qsort(numbers.as_mut_ptr().cast(), numbers.len(), 4, by_key) };
            assert_eq!(numbers, expected);
        }
    }

    #[test]
    fn a_search_finds_what_is_there() {
        let numbers: Vec<u32> = (0..100).map(|index| index << 17).collect();
        let find = |key: u32| {
            let key = key << 16;
            // SAFETY: the array has so many elements of four bytes.
            let found = unsafe {
                bsearch(
                    (&raw const key).cast(),
                    numbers.as_ptr().cast(),
                    numbers.len(),
                    4,
                    by_key,
                )
            };
            (!found.is_null()).then(|| (found.addr() - numbers.as_ptr().addr()) / 4)
        };
        assert_eq!(
            [find(0), find(84), find(198), find(85), find(200)],
            [Some(0), Some(42), Some(99), None, None]
        );
    }
}
