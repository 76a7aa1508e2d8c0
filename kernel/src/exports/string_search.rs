//! `str*`: searching in strings that end in a NUL, and cutting them up (C17 7.24.5; the others are POSIX's, BSD's and
//! glibc's).

use core::ffi::{c_char, c_int};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::memory::position_of;
use super::raw;

/// The character at an index of a text, as C returns it; null if there is none.
fn at(text: *const c_char, index: Option<usize>) -> *mut c_char {
    index.map_or(ptr::null_mut(), |index| text.wrapping_add(index).cast_mut())
}

unsafe extern "C" fn strchr(text: *const c_char, wanted: c_int) -> *mut c_char {
    // SAFETY: the module's promise.
    let found = unsafe { strchrnul(text, wanted) };
    // SAFETY: it lies in the text, or is its NUL.
    let is_there = unsafe { raw::load(found) } == wanted as c_char;
    if is_there { found } else { ptr::null_mut() }
}

/// GNU: the NUL is what is found at last.
unsafe extern "C" fn strchrnul(text: *const c_char, wanted: c_int) -> *mut c_char {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    let index = bytes.iter().position(|byte| *byte == wanted as u8);
    at(text, Some(index.unwrap_or(bytes.len())))
}

unsafe extern "C" fn strrchr(text: *const c_char, wanted: c_int) -> *mut c_char {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    let index = match wanted as u8 {
        0 => Some(bytes.len()),
        wanted => bytes.iter().rposition(|byte| *byte == wanted),
    };
    at(text, index)
}

unsafe extern "C" fn strstr(text: *const c_char, wanted: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    // SAFETY: the module's promise.
    let wanted = unsafe { raw::text(wanted) };
    at(text, position_of(bytes, wanted))
}

/// GNU: `strstr` that takes upper and lower case for the same.
unsafe extern "C" fn strcasestr(text: *const c_char, wanted: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    // SAFETY: the module's promise.
    let wanted = unsafe { raw::text(wanted) };
    let is_match = |start: &usize| {
        bytes
            .get(*start..*start + wanted.len())
            .is_some_and(|bytes| bytes.eq_ignore_ascii_case(wanted))
    };
    at(text, (0..=bytes.len()).find(is_match))
}

unsafe extern "C" fn strspn(text: *const c_char, set: *const c_char) -> usize {
    // SAFETY: the module's promise.
    let set = unsafe { raw::text(set) };
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    bytes.iter().take_while(|byte| set.contains(byte)).count()
}

unsafe extern "C" fn strcspn(text: *const c_char, set: *const c_char) -> usize {
    // SAFETY: the module's promise.
    let set = unsafe { raw::text(set) };
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    bytes.iter().take_while(|byte| !set.contains(byte)).count()
}

unsafe extern "C" fn strpbrk(text: *const c_char, set: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    let found = text.wrapping_add(unsafe { strcspn(text, set) });
    // SAFETY: it lies in the text, or is its NUL.
    match unsafe { raw::load(found) } {
        0 => ptr::null_mut(),
        _ => found.cast_mut(),
    }
}

unsafe extern "C" fn strtok(text: *mut c_char, separators: *const c_char) -> *mut c_char {
    static REST: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());
    let mut rest = REST.load(Ordering::Relaxed);
    // SAFETY: the module's promise.
    let token = unsafe { strtok_r(text, separators, &raw mut rest) };
    REST.store(rest, Ordering::Relaxed);
    token
}

/// Cuts off the next token. What is left stands in `rest`, null at the end.
unsafe extern "C" fn strtok_r(
    text: *mut c_char,
    separators: *const c_char,
    rest: *mut *mut c_char,
) -> *mut c_char {
    let start = match text.is_null() {
        // SAFETY: the module's promise.
        true => unsafe { raw::load(rest) },
        false => text,
    };
    if start.is_null() {
        return start;
    }
    // SAFETY: the module's promise.
    let token = start.wrapping_add(unsafe { strspn(start, separators) });
    // SAFETY: it lies in the text, or is its NUL.
    if unsafe { raw::load(token) } == 0 {
        // SAFETY: the module's promise.
        unsafe { raw::store(rest, ptr::null_mut()) };
        return ptr::null_mut();
    }
    // SAFETY: the module's promise.
    unsafe { raw::store(rest, token) };
    // SAFETY: the module's promise.
    unsafe { strsep(rest, separators) }
}

/// BSD: cuts off what stands before the next separator, be it nothing.
unsafe extern "C" fn strsep(rest: *mut *mut c_char, separators: *const c_char) -> *mut c_char {
    // SAFETY: the module's promise.
    let start = unsafe { raw::load(rest) };
    if start.is_null() {
        return start;
    }
    // SAFETY: the module's promise.
    let end = unsafe { strpbrk(start, separators) };
    let behind = match end.is_null() {
        true => end,
        false => {
            // SAFETY: a separator of the text, which may be overwritten.
            unsafe { raw::store(end, 0) };
            end.wrapping_add(1)
        }
    };
    // SAFETY: the module's promise.
    unsafe { raw::store(rest, behind) };
    start
}

exports! {
    pub(super) static EXPORTS:
    function strchr(_, _) -> _;
    function strchr(_, _) -> _ as "index";
    function strchrnul(_, _) -> _;
    function strrchr(_, _) -> _;
    function strrchr(_, _) -> _ as "rindex";
    function strstr(_, _) -> _;
    function strcasestr(_, _) -> _;
    function strspn(_, _) -> _;
    function strcspn(_, _) -> _;
    function strpbrk(_, _) -> _;
    function strtok(_, _) -> _;
    function strtok_r(_, _, _) -> _;
    function strtok_r(_, _, _) -> _ as "__strtok_r";
    function strsep(_, _) -> _;
}

#[cfg(test)]
mod tests {
    use core::ffi::{CStr, c_char, c_int};
    use std::string::String;
    use std::vec::Vec;

    use super::{strcasestr, strchr, strcspn, strpbrk, strrchr, strsep, strspn, strstr, strtok_r};

    const TEXT: &CStr = c"abcabc";

    fn index(found: *mut c_char) -> Option<usize> {
        (!found.is_null()).then(|| found.addr() - TEXT.as_ptr().addr())
    }

    #[test]
    fn characters_are_found_the_nul_too() {
        // SAFETY: it is a C string.
        let first = |wanted: c_int| index(unsafe { strchr(TEXT.as_ptr(), wanted) });
        // SAFETY: it is a C string.
        let last = |wanted: c_int| index(unsafe { strrchr(TEXT.as_ptr(), wanted) });
        let [b, d] = [b'b', b'd'].map(c_int::from);
        assert_eq!([first(b), first(0), first(d)], [Some(1), Some(6), None]);
        assert_eq!([last(b), last(0), last(d)], [Some(4), Some(6), None]);
    }

    #[test]
    fn texts_are_found() {
        // SAFETY: both are C strings.
        let find = |wanted: &CStr| index(unsafe { strstr(TEXT.as_ptr(), wanted.as_ptr()) });
        assert_eq!(
            [find(c"ca"), find(c""), find(c"abcabcd")],
            [Some(2), Some(0), None]
        );
        // SAFETY: both are C strings.
        let find = |wanted: &CStr| index(unsafe { strcasestr(TEXT.as_ptr(), wanted.as_ptr()) });
        assert_eq!(
            [find(c"CA"), find(c""), find(c"x")],
            [Some(2), Some(0), None]
        );
    }

    #[test]
    fn sets_of_characters_are_spanned() {
        // SAFETY: both are C strings.
        assert_eq!(unsafe { strspn(TEXT.as_ptr(), c"ba".as_ptr()) }, 2);
        // SAFETY: both are C strings.
        assert_eq!(unsafe { strcspn(TEXT.as_ptr(), c"xc".as_ptr()) }, 2);
        // SAFETY: both are C strings.
        let found = unsafe { strpbrk(TEXT.as_ptr(), c"x".as_ptr()) };
        assert_eq!(index(found), None);
    }

    type Cut = unsafe fn(*mut *mut c_char, *const c_char) -> *mut c_char;

    fn pieces(text: &CStr, cut: Cut) -> Vec<String> {
        let mut bytes = text.to_bytes_with_nul().to_vec();
        let mut rest = bytes.as_mut_ptr().cast::<c_char>();
        let mut pieces = Vec::new();
        loop {
            // SAFETY: the text can be changed.
            let piece = unsafe { cut(&raw mut rest, c",;".as_ptr()) };
            if piece.is_null() {
                return pieces;
            }
            // SAFETY: a piece ends in a NUL.
            pieces.push(
                unsafe { CStr::from_ptr(piece) }
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }

    #[test]
    fn tokens_skip_what_is_empty_and_fields_do_not() {
        let tokens = pieces(c",a,;b;", |rest, separators| {
            // SAFETY: the text is what is left.
            let text = unsafe { rest.read() };
            // SAFETY: as above.
            unsafe { strtok_r(text, separators, rest) }
        });
        assert_eq!(tokens, ["a", "b"]);
        // SAFETY: the text is what is left.
        let fields = pieces(c",a,;b;", |rest, separators| unsafe {
            strsep(rest, separators)
        });
        assert_eq!(fields, ["", "a", "", "b", ""]);
    }
}
