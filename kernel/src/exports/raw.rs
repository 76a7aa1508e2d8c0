//! The pointers that modules pass: trusted, as a module has the kernel's own privilege, and turned into slices at once.

use core::ffi::{CStr, c_char, c_void};
use core::slice;

/// The bytes of an object that C describes by address and size. Null goes with size 0.
///
/// # Safety
/// `start` is valid for reads of `size_bytes` bytes, which nothing writes during `'a`, or the size is 0.
pub(super) unsafe fn bytes<'a>(start: *const c_void, size_bytes: usize) -> &'a [u8] {
    if size_bytes == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; no object is larger than half of the address space.
    unsafe { slice::from_raw_parts(start.cast(), size_bytes) }
}

/// The bytes of an object that C lets a function overwrite.
///
/// # Safety
/// `start` is valid for reads and writes of `size_bytes` bytes, which nothing else uses during `'a`, or the size is 0.
pub(super) unsafe fn bytes_mut<'a>(start: *mut c_void, size_bytes: usize) -> &'a mut [u8] {
    if size_bytes == 0 {
        return &mut [];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts_mut(start.cast(), size_bytes) }
}

/// A C string, without its NUL.
///
/// # Safety
/// `start` points to bytes that end in a NUL and that nothing writes during `'a`.
pub(super) unsafe fn text<'a>(start: *const c_char) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(start) }.to_bytes()
}

/// A C string of which at most `most` bytes count: they need not end in a NUL.
///
/// # Safety
/// `start` points to `most` bytes, or to fewer that end in a NUL, which nothing writes during `'a`.
pub(super) unsafe fn text_within<'a>(start: *const c_char, most: usize) -> &'a [u8] {
    // SAFETY: each byte before the NUL, and the NUL, are the caller's.
    let is_text = |index: &usize| unsafe { load(start.wrapping_add(*index)) } != 0;
    let length = (0..most).take_while(is_text).count();
    // SAFETY: these bytes have just been read.
    unsafe { bytes(start.cast(), length) }
}

/// Reads one value, aligned or not.
///
/// # Safety
/// `place` is valid for reads of a `T`.
pub(super) unsafe fn load<T: Copy>(place: *const T) -> T {
    // SAFETY: the caller's promise.
    unsafe { place.read_unaligned() }
}

/// Writes one value, aligned or not.
///
/// # Safety
/// `place` is valid for writes of a `T`.
pub(super) unsafe fn store<T: Copy>(place: *mut T, value: T) {
    // SAFETY: the caller's promise.
    unsafe { place.write_unaligned(value) }
}

/// Writes one value unless C left the place out by passing null.
///
/// # Safety
/// `place` is null or valid for writes of a `T`.
pub(super) unsafe fn store_if_wanted<T: Copy>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: the caller's promise.
        unsafe { store(place, value) }
    }
}

/// Copies `source` and a NUL to `place`; returns where the NUL went. They may overlap: C leaves that undefined, and programs
/// shift texts in place all the same.
///
/// # Safety
/// `place` is valid for writes of one byte more than `source` has.
pub(super) unsafe fn store_text(place: *mut c_char, source: &[u8]) -> *mut c_char {
    let end = place.wrapping_add(source.len());
    // SAFETY: the caller's promise.
    unsafe { place.cast::<u8>().copy_from(source.as_ptr(), source.len()) };
    // SAFETY: the last of the bytes promised.
    unsafe { store(end, 0) };
    end
}
