//! Allocation that reports its failure: what stable Rust's collections lack beyond `try_reserve`.
#![expect(
    unsafe_code,
    reason = "a box of an array of one becomes a box of its element, and zeroed memory a vector"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where room is reserved first"
)]

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::fmt;

/// The heap has no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl fmt::Display for OutOfMemory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the heap has no room; give it more memory or unload modules")
    }
}

impl core::error::Error for OutOfMemory {}

/// An empty vector with room for exactly `capacity` elements.
///
/// # Errors
/// The heap has no room.
pub fn vec_with_capacity<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(capacity).map_err(|_| OutOfMemory)?;
    Ok(vec)
}

/// A vector of `len` clones of `value`.
///
/// # Errors
/// The heap has no room.
pub fn vec_of<T: Clone>(value: T, len: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut vec = vec_with_capacity(len)?;
    vec.resize(len, value);
    Ok(vec)
}

/// A copy of `slice`.
///
/// # Errors
/// The heap has no room.
pub fn copy_of<T: Clone>(slice: &[T]) -> Result<Vec<T>, OutOfMemory> {
    let mut vec = vec_with_capacity(slice.len())?;
    vec.extend_from_slice(slice);
    Ok(vec)
}

/// Makes room for `additional` more elements: exactly so many in an empty vector, and in one that grows again and again, so
/// many more that its elements are moved a few times, not each time.
///
/// # Errors
/// The heap has no room.
pub fn reserve<T>(vec: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
    let result = if vec.capacity() == 0 {
        vec.try_reserve_exact(additional)
    } else {
        vec.try_reserve(additional)
    };
    result.map_err(|_| OutOfMemory)
}

/// Makes room for exactly `additional` more elements: for what comes last.
///
/// # Errors
/// The heap has no room.
pub fn reserve_exact<T>(vec: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
    vec.try_reserve_exact(additional).map_err(|_| OutOfMemory)
}

/// Appends `element`.
///
/// # Errors
/// The heap has no room.
pub fn push<T>(vec: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    if vec.len() == vec.capacity() {
        grow(vec)?;
    }
    vec.push(element);
    Ok(())
}

/// From how many elements on a vector grows by a quarter, and not to twice its size.
const LARGE: usize = 1024;

/// Makes room for more elements. Large vectors were reserved for what was counted, and what comes beyond is a small part of it.
#[cold]
fn grow<T>(vec: &mut Vec<T>) -> Result<(), OutOfMemory> {
    let grown = match vec.len() {
        ..LARGE => vec.try_reserve(1),
        len => vec.try_reserve_exact(len.wrapping_shr(2)),
    };
    grown.map_err(|_| OutOfMemory)
}

/// Appends elements as long as there is room for them; it allocates nothing. What there is no room for is not taken.
#[inline]
pub fn fill<T>(vec: &mut Vec<T>, mut elements: impl Iterator<Item = T>) {
    let mut left = vec.spare_capacity_mut().iter_mut();
    let room = left.len();
    while !left.as_slice().is_empty()
        && let Some(element) = elements.next()
        && let Some(place) = left.next()
    {
        place.write(element);
    }
    let taken = room.saturating_sub(left.len());
    // SAFETY: so many of the spare places behind the elements were written just now.
    unsafe { vec.set_len(vec.len().saturating_add(taken)) };
}

/// Inserts `element` before the one at `place`, or at the end.
///
/// # Errors
/// The heap has no room.
pub fn insert<T>(vec: &mut Vec<T>, place: usize, element: T) -> Result<(), OutOfMemory> {
    push(vec, element)?;
    if let Some(moved) = vec.get_mut(place..) {
        moved.rotate_right(usize::from(moved.len() > 1));
    }
    Ok(())
}

/// A vector of `len` zeros. A host gives address space alone until they are written.
///
/// # Errors
/// The heap has no room.
pub fn zeros(len: usize) -> Result<Vec<u8>, OutOfMemory> {
    let layout = Layout::array::<u8>(len).map_err(|_| OutOfMemory)?;
    if len == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout's size is not zero.
    let bytes = unsafe { alloc::alloc::alloc_zeroed(layout) };
    if bytes.is_null() {
        return Err(OutOfMemory);
    }
    // SAFETY: the global allocator gave so many bytes, all of them zero, with the layout that a vector of bytes has.
    Ok(unsafe { Vec::from_raw_parts(bytes, len, len) })
}

/// Appends a copy of `slice`.
///
/// # Errors
/// The heap has no room.
pub fn extend<T: Clone>(vec: &mut Vec<T>, slice: &[T]) -> Result<(), OutOfMemory> {
    vec.try_reserve(slice.len()).map_err(|_| OutOfMemory)?;
    vec.extend_from_slice(slice);
    Ok(())
}

/// Appends `count` clones of `element`.
///
/// # Errors
/// The heap has no room.
pub fn extend_with<T: Clone>(
    vec: &mut Vec<T>,
    element: T,
    count: usize,
) -> Result<(), OutOfMemory> {
    vec.try_reserve(count).map_err(|_| OutOfMemory)?;
    vec.resize(vec.len().saturating_add(count), element);
    Ok(())
}

/// `value` on the heap.
///
/// # Errors
/// The heap has no room.
pub fn boxed<T>(value: T) -> Result<Box<T>, OutOfMemory> {
    // A vector of one element is the only box that stable Rust allocates fallibly.
    let mut vec = vec_with_capacity(1)?;
    vec.push(value);
    let slice: Box<[T]> = vec.into_boxed_slice();
    let one: Box<[T; 1]> = slice.try_into().map_err(|_| OutOfMemory)?;
    let pointer: *mut T = Box::into_raw(one).cast();
    // SAFETY: the pointer comes from `Box::into_raw` of a `[T; 1]`, whose layout is that of `T`; it is owned here alone.
    Ok(unsafe { Box::from_raw(pointer) })
}

#[cfg(test)]
mod tests {
    use super::OutOfMemory;

    #[test]
    fn zeros_can_be_had_in_any_number_or_not_at_all() {
        assert!(super::zeros(0).unwrap().is_empty());
        assert_eq!(super::zeros(5).unwrap(), [0_u8; 5]);
        assert_eq!(super::zeros(usize::MAX), Err(OutOfMemory));
    }

    #[test]
    fn a_box_holds_its_value() {
        assert_eq!(*super::boxed([7_u64; 9]).unwrap(), [7; 9]);
        assert_eq!(*super::boxed(()).unwrap(), ());
    }

    #[test]
    fn a_vector_that_grows_again_and_again_is_moved_a_few_times() {
        let mut vec = alloc::vec::Vec::new();
        super::reserve(&mut vec, 5).unwrap();
        assert_eq!(vec.capacity(), 5);
        let mut moves = 0;
        for _ in 0..1000 {
            let before = vec.capacity();
            super::reserve(&mut vec, 5).unwrap();
            super::extend(&mut vec, &[7_u64; 5]).unwrap();
            moves += usize::from(vec.capacity() != before);
        }
        assert!(moves < 12, "{moves}");
    }

    #[test]
    fn impossible_sizes_are_errors() {
        assert_eq!(
            super::vec_with_capacity::<u64>(usize::MAX),
            Err(OutOfMemory)
        );
        assert_eq!(super::vec_of(0_u8, usize::MAX), Err(OutOfMemory));
        let mut vec = alloc::vec![1_u8];
        assert_eq!(super::reserve(&mut vec, usize::MAX), Err(OutOfMemory));
        assert_eq!(vec, [1]);
    }
}
