//! The checked forms that a hardened gcc or clang calls (`-D_FORTIFY_SOURCE`; LSB, `__memcpy_chk` and its like). The compiler
//! adds how large the written object is, or the largest number if it doesn't know; what would write past its end ends the
//! call with a named error before anything is written.

use core::ffi::{c_char, c_int, c_void};

use super::host::abort;
use super::machine::{VaList, variadic};
use super::stream::{self, Stream};
use super::{memory, printf, raw, string};

/// Ends the call unless `wanted` bytes fit into `room_bytes`.
fn require_room(function: &str, wanted: usize, room_bytes: usize) {
    if wanted > room_bytes {
        abort!("buffer overflow detected: {function} of {wanted} bytes into {room_bytes}");
    }
}

macro_rules! checked_memory {
    ($($name:ident = $body:ident($source:ident: $type:ty);)*) => {
        $(unsafe extern "C" fn $name(
            target: *mut c_void,
            $source: $type,
            size_bytes: usize,
            room_bytes: usize,
        ) -> *mut c_void {
            require_room(stringify!($body), size_bytes, room_bytes);
            // SAFETY: the module's promise.
            unsafe { memory::$body(target, $source, size_bytes) }
        })*
    };
}

checked_memory! {
    memcpy_checked = memcpy(source: *const c_void);
    memmove_checked = memmove(source: *const c_void);
    mempcpy_checked = mempcpy(source: *const c_void);
    memset_checked = memset(value: c_int);
}

unsafe extern "C" fn bzero_checked(target: *mut c_void, size_bytes: usize, room_bytes: usize) {
    require_room("explicit_bzero", size_bytes, room_bytes);
    // SAFETY: the module's promise.
    unsafe { memory::bzero(target, size_bytes) }
}

unsafe extern "C" fn strcpy_checked(
    target: *mut c_char,
    source: *const c_char,
    room_bytes: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    unsafe { stpcpy_checked(target, source, room_bytes) };
    target
}

unsafe extern "C" fn stpcpy_checked(
    target: *mut c_char,
    source: *const c_char,
    room_bytes: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    let source = unsafe { raw::text(source) };
    require_room("strcpy", source.len().saturating_add(1), room_bytes);
    // SAFETY: the module's promise.
    unsafe { raw::store_text(target, source) }
}

unsafe extern "C" fn strncpy_checked(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
    room_bytes: usize,
) -> *mut c_char {
    require_room("strncpy", size_bytes, room_bytes);
    // SAFETY: the module's promise.
    unsafe { string::strncpy(target, source, size_bytes) }
}

unsafe extern "C" fn stpncpy_checked(
    target: *mut c_char,
    source: *const c_char,
    size_bytes: usize,
    room_bytes: usize,
) -> *mut c_char {
    require_room("stpncpy", size_bytes, room_bytes);
    // SAFETY: the module's promise.
    unsafe { string::stpncpy(target, source, size_bytes) }
}

unsafe extern "C" fn strcat_checked(
    target: *mut c_char,
    source: *const c_char,
    room_bytes: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    unsafe { strncat_checked(target, source, usize::MAX, room_bytes) }
}

unsafe extern "C" fn strncat_checked(
    target: *mut c_char,
    source: *const c_char,
    most: usize,
    room_bytes: usize,
) -> *mut c_char {
    // SAFETY: the module's promise.
    let used = unsafe { raw::text(target) }.len();
    // SAFETY: the module's promise.
    let source = unsafe { raw::text_within(source, most) };
    require_room(
        "strcat",
        used.saturating_add(source.len()).saturating_add(1),
        room_bytes,
    );
    // SAFETY: the module's promise.
    unsafe { raw::store_text(target.wrapping_add(used), source) };
    target
}

// The `flag` of the `printf` forms asks that `%n` be refused in writable templates; here it always is.

unsafe extern "C" fn vprintf_checked(
    _flag: c_int,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { printf::print(&stream::OUTPUT, template, arguments) }
}

unsafe extern "C" fn vfprintf_checked(
    file: *const Stream,
    _flag: c_int,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { printf::vfprintf(file, template, arguments) }
}

unsafe extern "C" fn vdprintf_checked(
    descriptor: c_int,
    _flag: c_int,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { printf::vdprintf(descriptor, template, arguments) }
}

unsafe extern "C" fn vasprintf_checked(
    place: *mut *mut c_char,
    _flag: c_int,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { printf::vasprintf(place, template, arguments) }
}

/// Writes no further than the room; that it would have is found out by the result.
unsafe extern "C" fn vsprintf_checked(
    buffer: *mut c_char,
    _flag: c_int,
    room_bytes: usize,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    require_room("sprintf", 1, room_bytes);
    // SAFETY: the module's promise.
    let result =
        unsafe { printf::print_to_buffer("sprintf", buffer, room_bytes, template, arguments) };
    if let Ok(length) = usize::try_from(result) {
        require_room("sprintf", length.saturating_add(1), room_bytes);
    }
    result
}

unsafe extern "C" fn vsnprintf_checked(
    buffer: *mut c_char,
    size_bytes: usize,
    _flag: c_int,
    room_bytes: usize,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    require_room("snprintf", size_bytes, room_bytes);
    // SAFETY: the module's promise.
    unsafe { printf::print_to_buffer("snprintf", buffer, size_bytes, template, arguments) }
}

variadic!(printf_checked => vprintf_checked(_, _, _));
variadic!(fprintf_checked => vfprintf_checked(_, _, _, _));
variadic!(dprintf_checked => vdprintf_checked(_, _, _, _));
variadic!(asprintf_checked => vasprintf_checked(_, _, _, _));
variadic!(sprintf_checked => vsprintf_checked(_, _, _, _, _));
variadic!(snprintf_checked => vsnprintf_checked(_, _, _, _, _, _));

/// `void __chk_fail(void)`.
extern "C" fn fail() -> ! {
    abort!("buffer overflow detected")
}

exports! {
    pub(super) static EXPORTS:
    function memcpy_checked(_, _, _, _) -> _ as "__memcpy_chk";
    function memmove_checked(_, _, _, _) -> _ as "__memmove_chk";
    function mempcpy_checked(_, _, _, _) -> _ as "__mempcpy_chk";
    function memset_checked(_, _, _, _) -> _ as "__memset_chk";
    function bzero_checked(_, _, _) as "__explicit_bzero_chk";
    function strcpy_checked(_, _, _) -> _ as "__strcpy_chk";
    function stpcpy_checked(_, _, _) -> _ as "__stpcpy_chk";
    function strncpy_checked(_, _, _, _) -> _ as "__strncpy_chk";
    function stpncpy_checked(_, _, _, _) -> _ as "__stpncpy_chk";
    function strcat_checked(_, _, _) -> _ as "__strcat_chk";
    function strncat_checked(_, _, _, _) -> _ as "__strncat_chk";
    shim printf_checked as "__printf_chk";
    shim fprintf_checked as "__fprintf_chk";
    shim dprintf_checked as "__dprintf_chk";
    shim asprintf_checked as "__asprintf_chk";
    shim sprintf_checked as "__sprintf_chk";
    shim snprintf_checked as "__snprintf_chk";
    function vprintf_checked(_, _, _) -> _ as "__vprintf_chk";
    function vfprintf_checked(_, _, _, _) -> _ as "__vfprintf_chk";
    function vdprintf_checked(_, _, _, _) -> _ as "__vdprintf_chk";
    function vasprintf_checked(_, _, _, _) -> _ as "__vasprintf_chk";
    function vsprintf_checked(_, _, _, _, _) -> _ as "__vsprintf_chk";
    function vsnprintf_checked(_, _, _, _, _, _) -> _ as "__vsnprintf_chk";
    protected fail() -> ! as "__chk_fail";
}

#[cfg(test)]
mod tests {
    use core::ffi::{c_char, c_int, c_void};
    use std::string::{String, ToString};

    use super::{
        memcpy_checked, snprintf_checked, sprintf_checked, strcat_checked, strcpy_checked,
        strncpy_checked,
    };
    use crate::exports::test_host::{Ending, ending};

    type Sprintf = unsafe extern "C" fn(*mut c_char, c_int, usize, *const c_char, ...) -> c_int;
    type Snprintf =
        unsafe extern "C" fn(*mut c_char, usize, c_int, usize, *const c_char, ...) -> c_int;

    fn overflow(call: impl FnOnce(*mut c_char) + Send + 'static) -> String {
        let ending = ending(move || {
            let mut buffer = [0_u8; 16];
            buffer[..3].copy_from_slice(b"abc");
            call(buffer.as_mut_ptr().cast());
        });
        match ending {
            Ending::Aborted(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_fits_is_copied() {
        let mut buffer = [b'x'; 8];
        let place = buffer.as_mut_ptr().cast::<c_char>();
        // SAFETY: the buffer has eight bytes.
        unsafe { strcpy_checked(place, c"abc".as_ptr(), 8) };
        // SAFETY: as above.
        unsafe { strcat_checked(place, c"defg".as_ptr(), 8) };
        assert_eq!(&buffer, b"abcdefg\0");
        // SAFETY: as above.
        unsafe { strncpy_checked(place, c"12".as_ptr(), 4, 8) };
        assert_eq!(&buffer, b"12\0\0efg\0");
    }

    #[test]
    fn what_would_overflow_ends_the_call_by_name() {
        let source = [0_u8; 32];
        // SAFETY: the call ends before it writes.
        let memcpy = overflow(move |place| unsafe {
            memcpy_checked(place.cast(), (&raw const source).cast::<c_void>(), 17, 16);
        });
        assert_eq!(
            memcpy,
            "buffer overflow detected: memcpy of 17 bytes into 16"
        );
        // SAFETY: the call ends before it writes.
        let strcat = overflow(|place| unsafe {
            strcat_checked(place, c"0123456789abc".as_ptr(), 16);
        });
        assert_eq!(
            strcat,
            "buffer overflow detected: strcat of 17 bytes into 16"
        );
    }

    #[test]
    fn the_printf_forms_check_too() {
        let reason = overflow(|place| {
            // SAFETY: a shim is called by its C type.
            let sprintf: Sprintf = unsafe { core::mem::transmute(sprintf_checked as *const ()) };
            // SAFETY: the arguments are what the template says; the call ends before it writes past the room.
            unsafe {
                sprintf(
                    place,
                    1,
                    16,
                    c"%d %s %.1f".as_ptr(),
                    12_i32,
                    c"twelve".as_ptr(),
                    1234.5_f64,
                )
            };
        });
        assert_eq!(
            reason,
            "buffer overflow detected: sprintf of 17 bytes into 16"
        );
        let reason = overflow(|place| {
            // SAFETY: a shim is called by its C type.
            let snprintf: Snprintf = unsafe { core::mem::transmute(snprintf_checked as *const ()) };
            // SAFETY: the arguments are what the template says; what fits the size is cut.
            let count = unsafe {
                snprintf(
                    place,
                    16,
                    1,
                    16,
                    c"%s-%s-%g".as_ptr(),
                    c"0123456789".as_ptr(),
                    c"abcdef".as_ptr(),
                    0.5_f64,
                )
            };
            assert_eq!(count, 21);
            // SAFETY: the call ends before it writes.
            unsafe { snprintf(place, 17, 1, 16, c"".as_ptr()) };
        });
        assert_eq!(
            reason,
            "buffer overflow detected: snprintf of 17 bytes into 16".to_string()
        );
    }
}
