//! `printf` and its family (C17 7.21.6; `asprintf` and `dprintf` as in POSIX 2024). The variadic ones are shims of the ones
//! that take a `va_list`.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::format::{FormatError, Output, format};
use super::host::abort;
use super::machine::{VaList, variadic};
use super::stream::{self, Chunks, Stream};
use super::{errno, heap, raw};

unsafe extern "C" fn vprintf(template: *const c_char, arguments: *mut VaList) -> c_int {
    // SAFETY: the module's promise about the template and its arguments.
    unsafe { print(&stream::OUTPUT, template, arguments) }
}

pub(super) unsafe extern "C" fn vfprintf(
    file: *const Stream,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    let stream = unsafe { stream::stream(file) };
    // SAFETY: as above.
    unsafe { print(stream, template, arguments) }
}

pub(super) unsafe extern "C" fn vdprintf(
    descriptor: c_int,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    let Some(stream) = stream::of_descriptor(descriptor) else {
        errno::set(errno::EBADF);
        return -1;
    };
    // SAFETY: the module's promise.
    unsafe { print(stream, template, arguments) }
}

/// The buffer has room for the result: nobody says for how much.
unsafe extern "C" fn vsprintf(
    buffer: *mut c_char,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { print_to_buffer("sprintf", buffer, usize::MAX, template, arguments) }
}

unsafe extern "C" fn vsnprintf(
    buffer: *mut c_char,
    size_bytes: usize,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { print_to_buffer("snprintf", buffer, size_bytes, template, arguments) }
}

/// Formats into memory of its own, which the caller frees. Two walks: the first counts.
pub(super) unsafe extern "C" fn vasprintf(
    place: *mut *mut c_char,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    let mut second = unsafe { raw::load(arguments) };
    // SAFETY: the module's promise; a size of 0 asks for no buffer.
    let length = unsafe { vsnprintf(ptr::null_mut(), 0, template, arguments) };
    let buffer = match usize::try_from(length) {
        Ok(length) => heap::allocate(length.saturating_add(1), heap::ALIGNMENT),
        Err(_) => ptr::null_mut(),
    };
    // SAFETY: the module's promise.
    unsafe { raw::store(place, buffer.cast()) };
    if buffer.is_null() {
        return -1;
    }
    // SAFETY: the buffer has room for what was counted.
    unsafe { vsprintf(buffer.cast(), template, &raw mut second) }
}

variadic!(printf => vprintf(_, _));
variadic!(fprintf => vfprintf(_, _, _));
variadic!(dprintf => vdprintf(_, _, _));
variadic!(sprintf => vsprintf(_, _, _));
variadic!(snprintf => vsnprintf(_, _, _, _));
variadic!(asprintf => vasprintf(_, _, _));

exports! {
    pub(super) static EXPORTS:
    shim printf;
    shim fprintf;
    shim dprintf;
    shim sprintf;
    shim snprintf;
    shim asprintf;
    function vprintf(_, _) -> _;
    function vfprintf(_, _, _) -> _;
    function vdprintf(_, _, _) -> _;
    function vsprintf(_, _, _) -> _;
    function vsnprintf(_, _, _, _) -> _;
    function vasprintf(_, _, _) -> _;
}

/// # Safety
/// The template is a C string, and the arguments have the types that it names.
pub(super) unsafe fn print(
    stream: &Stream,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    let mut output = Chunks::new(stream);
    // SAFETY: the caller's promise.
    let result = unsafe { format_for("printf", &mut output, template, arguments) };
    if output.finish() { result } else { -1 }
}

/// Formats into a buffer of `size_bytes`, the NUL counted in. A size of 0 writes nothing at all.
///
/// # Safety
/// The template is a C string, and the arguments have the types that it names. The buffer has room for the result, or for
/// as much of it as `size_bytes`.
pub(super) unsafe fn print_to_buffer(
    function: &str,
    buffer: *mut c_char,
    size_bytes: usize,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    let mut output = Buffer {
        place: buffer.cast(),
        room: size_bytes.saturating_sub(1),
    };
    // SAFETY: the caller's promise.
    let result = unsafe { format_for(function, &mut output, template, arguments) };
    if size_bytes > 0 {
        // SAFETY: the caller's promise counts the NUL in.
        unsafe { raw::store(output.place, 0) };
    }
    result
}

/// Formats; as C reports it: the number of bytes, or -1 and `errno`. `%n` ends the call: a program that wants it can't go on
/// rightly without.
///
/// # Safety
/// The template is a C string, and the arguments have the types that it names.
unsafe fn format_for(
    function: &str,
    output: &mut dyn Output,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's promise.
    let template = unsafe { raw::text(template) };
    // SAFETY: the list is the caller's to use up.
    let arguments = unsafe { &mut *arguments };
    // SAFETY: the caller's promise.
    match unsafe { format(output, template, arguments) } {
        Ok(count) => count,
        Err(FormatError::StoresCount) => abort!("{function}: the conversion %n is refused"),
        Err(error) => {
            errno::set(error.errno());
            -1
        }
    }
}

/// Takes as many bytes as there is room for.
struct Buffer {
    place: *mut u8,
    room: usize,
}

impl Output for Buffer {
    fn put(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.room);
        // SAFETY: the maker of this buffer vouches for the room. The bytes may lie in it, as when a program appends to a
        // buffer by formatting it into itself.
        unsafe { self.place.copy_from(bytes.as_ptr(), count) };
        self.place = self.place.wrapping_add(count);
        self.room -= count;
    }
}

#[cfg(test)]
mod tests {
    use core::ffi::{CStr, c_char, c_int};
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::{asprintf, printf, snprintf, sprintf};
    use crate::exports::heap;
    use crate::exports::row::Shim;
    use crate::exports::test_host::{Ending, run};

    type Printf = unsafe extern "C" fn(*const c_char, ...) -> c_int;
    type Snprintf = unsafe extern "C" fn(*mut c_char, usize, *const c_char, ...) -> c_int;
    type Sprintf = unsafe extern "C" fn(*mut c_char, *const c_char, ...) -> c_int;
    type Asprintf = unsafe extern "C" fn(*mut *mut c_char, *const c_char, ...) -> c_int;

    /// The shim as C code sees it.
    ///
    /// # Safety
    /// `F` is its C type.
    unsafe fn as_c<F>(shim: Shim) -> F {
        // SAFETY: the caller's promise; both are addresses of code.
        unsafe { core::mem::transmute_copy(&shim) }
    }

    #[test]
    fn the_shim_finds_integers_and_floats_in_registers_and_memory() {
        let outcome = run(|| {
            // SAFETY: it is printf.
            let printf: Printf = unsafe { as_c(printf) };
            // SAFETY: the arguments are what the template says.
            let count = unsafe {
                printf(
                    c"%d %f %d %g %s %d %d %d %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f|%c\n"
                        .as_ptr(),
                    1_i32,
                    2.5_f64,
                    -3_i32,
                    1e100_f64,
                    c"four".as_ptr(),
                    5_i32,
                    6_i32,
                    7_i32,
                    3.5_f64,
                    4.5_f64,
                    5.5_f64,
                    6.5_f64,
                    7.5_f64,
                    8.5_f64,
                    9.5_f64,
                    10.5_f64,
                    33_i32,
                )
            };
            assert_eq!(count, 67);
        });
        let expected = "1 2.500000 -3 1e+100 four 5 6 7 3.5 4.5 5.5 6.5 7.5 8.5 9.5 10.5|!\n";
        assert_eq!(
            (outcome.output.as_str(), outcome.ending),
            (expected, Ending::Returned)
        );
    }

    #[test]
    fn snprintf_cuts_and_counts() {
        let mut buffer = [b'x'; 8];
        // SAFETY: it is snprintf.
        let snprintf: Snprintf = unsafe { as_c(snprintf) };
        // SAFETY: the buffer has eight bytes, and the arguments are what the template says.
        let count = unsafe {
            snprintf(
                buffer.as_mut_ptr().cast(),
                6,
                c"%d-%s".as_ptr(),
                123_i32,
                c"abcdef".as_ptr(),
            )
        };
        assert_eq!((count, &buffer), (10, b"123-a\0xx"));
        // SAFETY: a size of 0 writes nothing.
        let count = unsafe { snprintf(core::ptr::null_mut(), 0, c"%05.1f".as_ptr(), 2.25_f64) };
        assert_eq!(count, 5);
    }

    #[test]
    fn sprintf_and_asprintf_write_all_and_a_nul() {
        let mut buffer = [b'x'; 8];
        // SAFETY: it is sprintf.
        let sprintf: Sprintf = unsafe { as_c(sprintf) };
        // SAFETY: the buffer has room, and the arguments are what the template says.
        let count = unsafe { sprintf(buffer.as_mut_ptr().cast(), c"%x!".as_ptr(), 0xabc_i32) };
        assert_eq!((count, &buffer), (4, b"abc!\0xxx"));

        let mut text = core::ptr::null_mut();
        // SAFETY: it is asprintf.
        let asprintf: Asprintf = unsafe { as_c(asprintf) };
        // SAFETY: the arguments are what the template says.
        let count =
            unsafe { asprintf(&raw mut text, c"%s %.2f".as_ptr(), c"e".as_ptr(), 2.71_f64) };
        // SAFETY: the text was written to a block of its own.
        let copy = unsafe { CStr::from_ptr(text) }.to_str().map(str::to_string);
        assert_eq!((count, copy), (6, Ok(String::from("e 2.71"))));
        // SAFETY: the block is given up.
        unsafe { heap::release("test", text.cast()) };
    }

    #[test]
    fn long_output_goes_out_in_order() {
        let outcome = run(|| {
            let long: Vec<u8> = (0..1000)
                .map(|index| b'a' + (index % 26) as u8)
                .chain([0])
                .collect();
            // SAFETY: it is printf.
            let printf: Printf = unsafe { as_c(printf) };
            // SAFETY: the arguments are what the template says.
            unsafe { printf(c"<%s>".as_ptr(), long.as_ptr()) };
        });
        let letters: String = (0..1000)
            .map(|index| char::from(b'a' + (index % 26) as u8))
            .collect();
        assert_eq!(outcome.output, std::format!("<{letters}>"));
    }

    #[test]
    fn a_stored_count_ends_the_call_by_name() {
        let outcome = run(|| {
            let mut count = 0;
            // SAFETY: it is printf.
            let printf: Printf = unsafe { as_c(printf) };
            // SAFETY: the arguments are what the template says.
            unsafe { printf(c"abc%n".as_ptr(), &raw mut count) };
        });
        assert_eq!(
            outcome.ending,
            Ending::Aborted(String::from("printf: the conversion %n is refused"))
        );
    }
}
