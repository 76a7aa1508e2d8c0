//! `mem*`: objects as bytes (C17 7.24; the others are POSIX's, BSD's and glibc's). They rest on the compiler's own routines,
//! which the kernel is linked with under these names; modules get them by this table.

use core::ffi::{c_int, c_void};
use core::ptr;

use super::raw;

/// Three-way comparison as C returns it.
pub(super) fn sign(ordering: core::cmp::Ordering) -> c_int {
    ordering as c_int
}

/// gcc copies a structure onto itself by `memcpy` (its documentation, "Standards"), and programs have overlapped more
/// than that: so this is `memmove`.
pub(super) unsafe extern "C" fn memcpy(
    target: *mut c_void,
    source: *const c_void,
    size_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    unsafe { ptr::copy(source.cast::<u8>(), target.cast(), size_bytes) };
    target
}

/// GNU: `memcpy` that returns the target's end.
pub(super) unsafe extern "C" fn mempcpy(
    target: *mut c_void,
    source: *const c_void,
    size_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    unsafe { memcpy(target, source, size_bytes) }.wrapping_byte_add(size_bytes)
}

pub(super) unsafe extern "C" fn memmove(
    target: *mut c_void,
    source: *const c_void,
    size_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    unsafe { ptr::copy(source.cast::<u8>(), target.cast(), size_bytes) };
    target
}

unsafe extern "C" fn bcopy(source: *const c_void, target: *mut c_void, size_bytes: usize) {
    // SAFETY: the module's promise.
    unsafe { memmove(target, source, size_bytes) };
}

/// Copies up to and with a byte; returns the address behind it, or null if it isn't among the bytes.
unsafe extern "C" fn memccpy(
    target: *mut c_void,
    source: *const c_void,
    last: c_int,
    size_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    let found = unsafe { memchr(source, last, size_bytes) };
    let count = match found.is_null() {
        true => size_bytes,
        false => found.addr() - source.addr() + 1,
    };
    // SAFETY: no more than the module's promise.
    let end = unsafe { mempcpy(target, source, count) };
    if found.is_null() {
        ptr::null_mut()
    } else {
        end
    }
}

pub(super) unsafe extern "C" fn memset(
    target: *mut c_void,
    value: c_int,
    size_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    unsafe { ptr::write_bytes(target.cast::<u8>(), value as u8, size_bytes) };
    target
}

/// Also `explicit_bzero`: a compiler of modules can't see into this call, so that it stays.
pub(super) unsafe extern "C" fn bzero(target: *mut c_void, size_bytes: usize) {
    // SAFETY: the module's promise.
    unsafe { memset(target, 0, size_bytes) };
}

unsafe extern "C" fn memcmp(left: *const c_void, right: *const c_void, size_bytes: usize) -> c_int {
    // SAFETY: the module's promise.
    let left = unsafe { raw::bytes(left, size_bytes) };
    // SAFETY: the module's promise.
    let right = unsafe { raw::bytes(right, size_bytes) };
    sign(left.cmp(right))
}

unsafe extern "C" fn memchr(start: *const c_void, wanted: c_int, size_bytes: usize) -> *mut c_void {
    let wanted = wanted as u8;
    // C17 7.24.5.1: the bytes are read in order, so that the object may end behind the one looked for.
    let found = (0..size_bytes).find(|index| {
        // SAFETY: the module's promise.
        unsafe { raw::load(start.cast::<u8>().wrapping_add(*index)) == wanted }
    });
    found.map_or(ptr::null_mut(), |index| {
        start.wrapping_byte_add(index).cast_mut()
    })
}

/// GNU: `memchr` for a byte that is there.
unsafe extern "C" fn rawmemchr(start: *const c_void, wanted: c_int) -> *mut c_void {
    // SAFETY: the module's promise.
    unsafe { memchr(start, wanted, usize::MAX) }
}

unsafe extern "C" fn memrchr(
    start: *const c_void,
    wanted: c_int,
    size_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::bytes(start, size_bytes) };
    match bytes.iter().rposition(|byte| *byte == wanted as u8) {
        Some(index) => start.wrapping_byte_add(index).cast_mut(),
        None => ptr::null_mut(),
    }
}

unsafe extern "C" fn memmem(
    start: *const c_void,
    size_bytes: usize,
    wanted: *const c_void,
    wanted_bytes: usize,
) -> *mut c_void {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::bytes(start, size_bytes) };
    // SAFETY: the module's promise.
    let wanted = unsafe { raw::bytes(wanted, wanted_bytes) };
    match position_of(bytes, wanted) {
        Some(index) => start.wrapping_byte_add(index).cast_mut(),
        None => ptr::null_mut(),
    }
}

/// Where a sequence of bytes first occurs; the empty one at once.
pub(super) fn position_of(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let starts = bytes.len().checked_sub(wanted.len())?;
    (0..=starts).find(|start| bytes[*start..].starts_with(wanted))
}

exports! {
    pub(super) static EXPORTS:
    function memcpy(_, _, _) -> _;
    function mempcpy(_, _, _) -> _;
    function mempcpy(_, _, _) -> _ as "__mempcpy";
    function memmove(_, _, _) -> _;
    function bcopy(_, _, _);
    function memccpy(_, _, _, _) -> _;
    function memset(_, _, _) -> _;
    function bzero(_, _);
    function bzero(_, _) as "explicit_bzero";
    function memcmp(_, _, _) -> _;
    function memcmp(_, _, _) -> _ as "bcmp";
    function memchr(_, _, _) -> _;
    function rawmemchr(_, _) -> _;
    function rawmemchr(_, _) -> _ as "__rawmemchr";
    function memrchr(_, _, _) -> _;
    function memmem(_, _, _, _) -> _;
}

#[cfg(test)]
mod tests {
    use core::ffi::c_void;

    use super::{memccpy, memchr, memcmp, memmem, memrchr, position_of};

    fn place(text: &[u8]) -> *const c_void {
        text.as_ptr().cast()
    }

    fn index_in(text: &[u8], found: *mut c_void) -> Option<usize> {
        (!found.is_null()).then(|| found.addr() - text.as_ptr().addr())
    }

    #[test]
    fn bytes_are_compared_as_unsigned() {
        // SAFETY: both arrays have one byte.
        assert!(unsafe { memcmp(place(b"\xff"), place(b"\x01"), 1) } > 0);
        // SAFETY: no byte is read.
        let nothing = unsafe { memcmp(core::ptr::null(), core::ptr::null(), 0) };
        assert_eq!(nothing, 0);
    }

    #[test]
    fn searches_find_the_first_and_the_last() {
        let text = b"abcabc";
        // SAFETY: six bytes each.
        let first = unsafe { memchr(place(text), i32::from(b'c'), 6) };
        // SAFETY: as above.
        let last = unsafe { memrchr(place(text), i32::from(b'c'), 6) };
        // SAFETY: as above.
        let none = unsafe { memchr(place(text), i32::from(b'd'), 6) };
        // SAFETY: as above, and two.
        let pair = unsafe { memmem(place(text), 6, place(b"ca"), 2) };
        let found = [first, last, none, pair].map(|found| index_in(text, found));
        assert_eq!(found, [Some(2), Some(5), None, Some(2)]);
    }

    #[test]
    fn an_empty_sequence_is_everywhere_and_a_longer_one_nowhere() {
        assert_eq!(position_of(b"abc", b""), Some(0));
        assert_eq!(position_of(b"", b""), Some(0));
        assert_eq!(position_of(b"ab", b"abc"), None);
    }

    #[test]
    fn memccpy_stops_behind_the_byte() {
        let mut target = [0_u8; 6];
        let start = target.as_mut_ptr();
        // SAFETY: six bytes each.
        let end = unsafe { memccpy(start.cast(), place(b"abcabc"), i32::from(b'b'), 6) };
        assert_eq!(end, start.wrapping_add(2).cast());
        assert_eq!(&target, b"ab\0\0\0\0");
    }
}
