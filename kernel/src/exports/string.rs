//! `str*`: strings that end in a NUL, copied, compared and measured (C17 7.24; the others are POSIX's, BSD's and glibc's).
//! Searching in them is the matter of `string_search`.

use core::cmp::Ordering;
use core::ffi::{c_char, c_int};
use core::ptr;

use super::memory::sign;
use super::{errno, heap, raw};

unsafe extern "C" fn strlen(text: *const c_char) -> usize {
    // SAFETY: the module's promise.
    unsafe { raw::text(text) }.len()
}

unsafe extern "C" fn strnlen(text: *const c_char, most: usize) -> usize {
    // SAFETY: the module's promise.
    unsafe { raw::text_within(text, most) }.len()
}

unsafe extern "C" fn strcmp(left: *const c_char, right: *const c_char) -> c_int {
    // SAFETY: the module's promise.
    let left = unsafe { raw::text(left) };
    // SAFETY: the module's promise.
    let right = unsafe { raw::text(right) };
    sign(left.cmp(right))
}

unsafe extern "C" fn strncmp(left: *const c_char, right: *const c_char, most: usize) -> c_int {
    // SAFETY: the module's promise.
    let left = unsafe { raw::text_within(left, most) };
    // SAFETY: the module's promise.
    let right = unsafe { raw::text_within(right, most) };
    sign(left.cmp(right))
}

unsafe extern "C" fn strcasecmp(left: *const c_char, right: *const c_char) -> c_int {
    // SAFETY: the module's promise.
    let left = unsafe { raw::text(left) };
    // SAFETY: the module's promise.
    let right = unsafe { raw::text(right) };
    sign(without_case(left, right))
}

unsafe extern "C" fn strncasecmp(left: *const c_char, right: *const c_char, most: usize) -> c_int {
    // SAFETY: the module's promise.
    let left = unsafe { raw::text_within(left, most) };
    // SAFETY: the module's promise.
    let right = unsafe { raw::text_within(right, most) };
    sign(without_case(left, right))
}

fn without_case(left: &[u8], right: &[u8]) -> Ordering {
    let left = left.iter().map(u8::to_ascii_lowercase);
    left.cmp(right.iter().map(u8::to_ascii_lowercase))
}

unsafe extern "C" fn strcpy(target: *mut c_char, source: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    unsafe { stpcpy(target, source) };
    target
}

unsafe extern "C" fn stpcpy(target: *mut c_char, source: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    let source = unsafe { raw::text(source) };
    // SAFETY: the module's promise.
    unsafe { raw::store_text(target, source) }
}

pub(super) unsafe extern "C" fn strncpy(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    unsafe { stpncpy(target, source, size_bytes) };
    target
}

/// Fills all of the target: with NULs behind a short text, with none behind a long one. Returns where the NULs begin.
pub(super) unsafe extern "C" fn stpncpy(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    let source = unsafe { raw::text_within(source, size_bytes) };
    let end = target.cast::<u8>().wrapping_add(source.len());
    // SAFETY: the module's promise.
    unsafe { target.cast::<u8>().copy_from(source.as_ptr(), source.len()) };
    // SAFETY: the module's promise.
    unsafe { end.write_bytes(0, size_bytes - source.len()) };
    end.cast()
}

unsafe extern "C" fn strcat(target: *mut c_char, source: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    let end = target.wrapping_add(unsafe { strlen(target) });
    // SAFETY: the module's promise.
    unsafe { strcpy(end, source) };
    target
}

unsafe extern "C" fn strncat(
    target: *mut c_char,
    source: *const c_char,
    most: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    let end = target.wrapping_add(unsafe { strlen(target) });
    // SAFETY: the module's promise.
    let source = unsafe { raw::text_within(source, most) };
    // SAFETY: the module's promise.
    unsafe { raw::store_text(end, source) };
    target
}

/// BSD: copies what fits and always ends it; returns how long the whole would be.
unsafe extern "C" fn strlcpy(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
) -> usize {
    // SAFETY: the module's promise.
    let source = unsafe { raw::text(source) };
    if let Some(most) = size_bytes.checked_sub(1) {
        // SAFETY: the module's promise.
        unsafe { raw::store_text(target, &source[..source.len().min(most)]) };
    }
    source.len()
}

/// BSD: appends what fits and always ends it; returns how long the whole would be.
unsafe extern "C" fn strlcat(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
) -> usize {
    // SAFETY: the module's promise.
    let used = unsafe { strnlen(target, size_bytes) };
    // SAFETY: the module's promise.
    used + unsafe { strlcpy(target.wrapping_add(used), source, size_bytes - used) }
}

unsafe extern "C" fn strdup(text: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    duplicate(unsafe { raw::text(text) })
}

unsafe extern "C" fn strndup(text: *const c_char, most: usize) -> *mut c_char {
    // SAFETY: the module's promise.
    duplicate(unsafe { raw::text_within(text, most) })
}

fn duplicate(text: &[u8]) -> *mut c_char {
    let copy = heap::allocate(text.len().saturating_add(1), heap::ALIGNMENT).cast::<c_char>();
    if !copy.is_null() {
        // SAFETY: the block has room for the text and its NUL.
        unsafe { raw::store_text(copy, text) };
    }
    copy
}

/// As strings compare in the C locale, byte by byte, a text is its own key.
unsafe extern "C" fn strxfrm(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
) -> usize {
    // SAFETY: the module's promise.
    unsafe { strlcpy(target, source, size_bytes) }
}

/// `char *strerror(int)`. Numbers without a name share one text.
extern "C" fn strerror(number: c_int) -> *mut c_char {
    static TEXT: TextCell = TextCell::new();
    TEXT.set(errno::description(number).unwrap_or(b"Unknown error"))
}

/// `int strerror_r(int, char *, size_t)`, of POSIX.
unsafe extern "C" fn strerror_into(number: c_int, target: *mut c_char, size_bytes: usize) -> c_int {
    let text = errno::description(number).unwrap_or(b"Unknown error");
    if size_bytes <= text.len() {
        return errno::ERANGE;
    }
    // SAFETY: the module's promise, and the size has just been checked.
    unsafe { raw::store_text(target, text) };
    0
}

/// Memory for a text that C code may look at until the next one.
struct TextCell([core::sync::atomic::AtomicU8; Self::BYTES]);

impl TextCell {
    const BYTES: usize = 64;

    const fn new() -> Self {
        Self([const { core::sync::atomic::AtomicU8::new(0) }; Self::BYTES])
    }

    fn set(&self, text: &[u8]) -> *mut c_char {
        let ended = text.iter().chain([&0]).take(Self::BYTES);
        for (cell, byte) in self.0.iter().zip(ended) {
            cell.store(*byte, core::sync::atomic::Ordering::Relaxed);
        }
        ptr::from_ref(&self.0).cast_mut().cast()
    }
}

exports! {
    pub(super) static EXPORTS:
    function strlen(_) -> _;
    function strnlen(_, _) -> _;
    function strcmp(_, _) -> _;
    function strcmp(_, _) -> _ as "strcoll";
    function strncmp(_, _, _) -> _;
    function strcasecmp(_, _) -> _;
    function strncasecmp(_, _, _) -> _;
    function strcpy(_, _) -> _;
    function stpcpy(_, _) -> _;
    function stpcpy(_, _) -> _ as "__stpcpy";
    function strncpy(_, _, _) -> _;
    function stpncpy(_, _, _) -> _;
    function strcat(_, _) -> _;
    function strncat(_, _, _) -> _;
    function strlcpy(_, _, _) -> _;
    function strlcat(_, _, _) -> _;
    function strdup(_) -> _;
    function strdup(_) -> _ as "__strdup";
    function strndup(_, _) -> _;
    function strndup(_, _) -> _ as "__strndup";
    function strxfrm(_, _, _) -> _;
    function strerror(_) -> _;
    function strerror_into(_, _, _) -> _ as "__xpg_strerror_r";
}

#[cfg(test)]
mod tests {
    use core::ffi::{CStr, c_char};

    use super::{
        stpcpy, strcasecmp, strcat, strcmp, strerror, strlcat, strlcpy, strncat, strncmp, strncpy,
        strnlen,
    };
    use crate::exports::errno;

    #[test]
    fn texts_compare_as_unsigned_bytes_up_to_their_end() {
        let compare = |left: &CStr, right: &CStr| {
            // SAFETY: both are C strings.
            unsafe { strcmp(left.as_ptr(), right.as_ptr()) }.signum()
        };
        assert_eq!(
            [
                compare(c"a", c"b"),
                compare(c"ab", c"a"),
                compare(c"a", c"a")
            ],
            [-1, 1, 0]
        );
        assert_eq!(compare(c"\xff", c"a"), 1);
        // SAFETY: both are C strings.
        assert_eq!(unsafe { strncmp(c"abcX".as_ptr(), c"abcY".as_ptr(), 3) }, 0);
        // SAFETY: both are C strings.
        let without_case = unsafe { strcasecmp(c"HeLLo".as_ptr(), c"hEllO".as_ptr()) };
        assert_eq!(without_case, 0);
        // SAFETY: three bytes count.
        assert_eq!(unsafe { strnlen(c"abcdef".as_ptr(), 3) }, 3);
    }

    #[test]
    fn copies_end_where_c_says() {
        let mut buffer = [b'x'; 12];
        let place = buffer.as_mut_ptr().cast::<c_char>();
        // SAFETY: the buffer has room.
        let end = unsafe { stpcpy(place, c"abc".as_ptr()) };
        assert_eq!(
            (end.addr() - place.addr(), &buffer[..5]),
            (3, b"abc\0x".as_slice())
        );
        // SAFETY: the buffer has room.
        unsafe { strcat(place, c"de".as_ptr()) };
        // SAFETY: the buffer has room.
        unsafe { strncat(place, c"fghij".as_ptr(), 2) };
        assert_eq!(&buffer, b"abcdefg\0xxxx");
        // SAFETY: the buffer has room; a short text is filled up.
        unsafe { strncpy(place, c"12".as_ptr(), 4) };
        assert_eq!(&buffer, b"12\0\0efg\0xxxx");
        // SAFETY: the buffer has room; a long text gets no end.
        unsafe { strncpy(place, c"123456".as_ptr(), 3) };
        assert_eq!(&buffer[..5], b"123\0e");
    }

    #[test]
    fn bounded_copies_always_end_and_tell_the_whole_length() {
        let mut buffer = [b'x'; 6];
        let place = buffer.as_mut_ptr().cast::<c_char>();
        // SAFETY: the buffer has six bytes.
        let copied = unsafe { strlcpy(place, c"abcdefgh".as_ptr(), 4) };
        assert_eq!((copied, &buffer), (8, b"abc\0xx"));
        // SAFETY: the buffer has six bytes.
        let appended = unsafe { strlcat(place, c"1234".as_ptr(), 6) };
        assert_eq!((appended, &buffer), (7, b"abc12\0"));
    }

    #[test]
    fn errors_have_texts() {
        // SAFETY: the text ends.
        let text = unsafe { CStr::from_ptr(strerror(errno::ENOMEM)) };
        assert_eq!(text, c"Cannot allocate memory");
    }
}
