//! Allocation that reports its failure: what stable Rust's collections lack beyond `try_reserve`.
//!
//! How a vector gets its memory is one piece of code for all, which knows the layout of an element alone: what each kind of
//! element adds are a call and a few moves. Programs that link hold vectors of some thirty kinds.
#![expect(
    unsafe_code,
    reason = "memory that was allocated here becomes a vector, or a box"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where room is reserved first"
)]

use alloc::alloc::{alloc, alloc_zeroed, realloc};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::ptr::NonNull;
use core::{fmt, hint, mem};

/// The heap has no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl fmt::Display for OutOfMemory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the heap has no room; give it more memory or unload modules")
    }
}

impl core::error::Error for OutOfMemory {}

/// What a vector's memory is, whatever its elements are.
#[derive(Clone, Copy)]
struct Room {
    memory: NonNull<u8>,
    /// How many elements it is for.
    capacity: usize,
}

/// How much room a vector gets.
#[derive(Clone, Copy)]
enum Growth {
    /// What was asked for.
    Exact,
    /// What was asked for, or twice as much as it had: its elements are moved a few times, however often it grows.
    Doubled,
}

/// Memory for so many elements; none if they take none.
#[inline(never)]
fn allocate(element: Layout, capacity: usize) -> Result<NonNull<u8>, OutOfMemory> {
    let empty = Room {
        memory: element.dangling_ptr(),
        capacity: 0,
    };
    // SAFETY: nothing was allocated yet.
    unsafe { reallocate(empty, element, capacity) }
}

/// The memory with what is in it, made larger.
///
/// # Safety
/// It is of a vector of elements of this layout, for no more of them than `capacity`; what it was is used no more if this
/// succeeds.
unsafe fn reallocate(
    room: Room,
    element: Layout,
    capacity: usize,
) -> Result<NonNull<u8>, OutOfMemory> {
    let (size, align) = (element.size(), element.align());
    let bytes = size.checked_mul(capacity).ok_or(OutOfMemory)?;
    let layout = Layout::from_size_align(bytes, align).map_err(|_| OutOfMemory)?;
    // A vector's size in bytes is a size still.
    let before = size.wrapping_mul(room.capacity);
    let memory = match (before, bytes) {
        (_, 0) => return Ok(room.memory),
        // SAFETY: the layout's size is not zero.
        (0, _) => unsafe { alloc(layout) },
        _ => {
            // SAFETY: the memory is a vector's, which was allocated with this layout.
            let before = unsafe { Layout::from_size_align_unchecked(before, align) };
            // SAFETY: likewise; the new size is a layout's, and not zero.
            unsafe { realloc(room.memory.as_ptr(), before, bytes) }
        }
    };
    NonNull::new(memory).ok_or(OutOfMemory)
}

/// A vector's memory with room for `additional` elements behind its `len` elements.
///
/// # Safety
/// As of [`reallocate`].
#[inline(never)]
unsafe fn enlarge(
    room: Room,
    len: usize,
    additional: usize,
    element: &'static Layout,
    growth: Growth,
) -> Result<Room, OutOfMemory> {
    let needed = len.checked_add(additional).ok_or(OutOfMemory)?;
    let capacity = match growth {
        Growth::Exact => needed,
        Growth::Doubled => {
            let fewest = match element.size() {
                ..=LARGEST_OF_FEW => FEWEST,
                _ => 1,
            };
            needed.max(room.capacity.saturating_mul(2)).max(fewest)
        }
    };
    // SAFETY: the caller answers for the same.
    let memory = unsafe { reallocate(room, *element, capacity) }?;
    Ok(Room { memory, capacity })
}

/// For how many elements a vector that grows has room at least, and up to which size of theirs: of what is larger, there often is
/// but one.
const FEWEST: usize = 4;
const LARGEST_OF_FEW: usize = 128;

/// Makes room for `additional` more elements, if there is none.
fn make_room<T>(vec: &mut Vec<T>, additional: usize, growth: Growth) -> Result<(), OutOfMemory> {
    // A vector never has more elements than room.
    if additional <= vec.capacity().wrapping_sub(vec.len()) {
        return Ok(());
    }
    let room = Room {
        // SAFETY: a vector's pointer is never null.
        memory: unsafe { NonNull::new_unchecked(vec.as_mut_ptr().cast()) },
        capacity: vec.capacity(),
    };
    let element = const { &Layout::new::<T>() };
    // SAFETY: this is the vector's memory, and it gets another one right below.
    let room = unsafe { enlarge(room, vec.len(), additional, element, growth) }?;
    let memory = room.memory.cast().as_ptr();
    // SAFETY: the global allocator gave the memory for so many elements, and the vector's are in it.
    let grown = unsafe { Vec::from_raw_parts(memory, vec.len(), room.capacity) };
    // What the vector had is no memory any more.
    mem::forget(mem::replace(vec, grown));
    Ok(())
}

/// An empty vector with room for exactly `capacity` elements.
///
/// # Errors
/// The heap has no room.
pub fn vec_with_capacity<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    let memory = allocate(Layout::new::<T>(), capacity)?;
    // SAFETY: the global allocator gave memory for so many elements, or they take none.
    Ok(unsafe { Vec::from_raw_parts(memory.cast().as_ptr(), 0, capacity) })
}

/// A vector of `len` clones of `value`.
///
/// # Errors
/// The heap has no room.
pub fn vec_of<T: Clone>(value: T, len: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut vec = vec_with_capacity(len)?;
    append(&mut vec, &value, len);
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
    let growth = match vec.capacity() {
        0 => Growth::Exact,
        _ => Growth::Doubled,
    };
    make_room(vec, additional, growth)
}

/// Makes room for exactly `additional` more elements: for what comes last.
///
/// # Errors
/// The heap has no room.
pub fn reserve_exact<T>(vec: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
    make_room(vec, additional, Growth::Exact)
}

/// Appends `element`.
///
/// # Errors
/// The heap has no room.
pub fn push<T>(vec: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    if vec.len() == vec.capacity() {
        grow_to_push(vec)?;
        // SAFETY: it was given room for one more element at least.
        unsafe { hint::assert_unchecked(vec.len() < vec.capacity()) };
    }
    vec.push(element);
    Ok(())
}

/// Appends `element` to a vector of a link. Large ones grow by little, since memory is dearer there than moves are: most had
/// room reserved for what was counted, and what comes beyond that is a small part of it.
///
/// # Errors
/// The heap has no room.
pub fn push_beyond<T>(vec: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    reserve_beyond(vec)?;
    vec.push(element);
    Ok(())
}

/// Makes room for one more element, as [`push_beyond`] does.
///
/// # Errors
/// The heap has no room.
#[inline]
pub fn reserve_beyond<T>(vec: &mut Vec<T>) -> Result<(), OutOfMemory> {
    if vec.len() == vec.capacity() {
        grow_beyond(vec)?;
        // SAFETY: it was given room for one more element at least.
        unsafe { hint::assert_unchecked(vec.len() < vec.capacity()) };
    }
    Ok(())
}

#[cold]
#[inline(never)]
fn grow_to_push<T>(vec: &mut Vec<T>) -> Result<(), OutOfMemory> {
    make_room(vec, 1, Growth::Doubled)
}

/// From how many elements on such a vector grows by an eighth, and not to twice its size.
const LARGE: usize = 1024;

/// Makes room for more elements.
#[cold]
#[inline(never)]
fn grow_beyond<T>(vec: &mut Vec<T>) -> Result<(), OutOfMemory> {
    match vec.len() {
        ..LARGE => make_room(vec, 1, Growth::Doubled),
        len => make_room(vec, len.wrapping_shr(3), Growth::Exact),
    }
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
    let bytes = unsafe { alloc_zeroed(layout) };
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
    make_room(vec, slice.len(), Growth::Doubled)?;
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
    make_room(vec, count, Growth::Doubled)?;
    append(vec, &element, count);
    Ok(())
}

/// Appends `count` clones of `element`, for which there is room.
fn append<T: Clone>(vec: &mut Vec<T>, element: &T, count: usize) {
    let len = vec.len();
    let places = vec.spare_capacity_mut().get_mut(..count);
    let places = places.unwrap_or(&mut []);
    let len = len.saturating_add(places.len());
    for place in places {
        place.write(element.clone());
    }
    // SAFETY: the places behind the elements were written just now, up to there.
    unsafe { vec.set_len(len) };
}

/// `value` on the heap.
///
/// # Errors
/// The heap has no room.
pub fn boxed<T>(value: T) -> Result<Box<T>, OutOfMemory> {
    let place = allocate(Layout::new::<T>(), 1)?.cast::<T>();
    // SAFETY: the global allocator gave memory for it, or it takes none.
    unsafe { place.write(value) };
    // SAFETY: likewise; the memory is owned here alone.
    Ok(unsafe { Box::from_raw(place.as_ptr()) })
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
    fn of_what_is_large_the_first_has_no_room_for_others() {
        let (mut small, mut large) = (alloc::vec::Vec::new(), alloc::vec::Vec::new());
        super::push(&mut small, [0_u8; 128]).unwrap();
        super::push(&mut large, [0_u8; 129]).unwrap();
        assert_eq!((small.capacity(), large.capacity()), (4, 1));
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
