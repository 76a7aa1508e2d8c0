//! The three streams, and the functions that write to and read from them (C17 7.21.4 to 7.21.8). They aren't buffered: what
//! is written is out when the call returns, also if the program then dies. There is no input and no file system.

use core::ffi::{c_char, c_int, c_long, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use super::format::Output;
use super::host::host;
use super::{errno, raw};

/// What `FILE *` points to. Programs only pass its address on.
pub(super) struct Stream {
    descriptor: c_int,
    has_failed: AtomicBool,
    is_at_end: AtomicBool,
}

impl Stream {
    const fn new(descriptor: c_int) -> Self {
        Self {
            descriptor,
            has_failed: AtomicBool::new(false),
            is_at_end: AtomicBool::new(false),
        }
    }

    /// Writes the bytes; whether the stream takes any.
    pub(super) fn write(&self, bytes: &[u8]) -> bool {
        let is_written = write_to(self.descriptor, bytes);
        if !is_written {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        is_written
    }

    /// There is never anything to read.
    fn end(&self) {
        self.is_at_end.store(true, Ordering::Relaxed);
    }
}

/// The stream behind a `FILE *`.
///
/// # Safety
/// It is one of `stdin`, `stdout`, `stderr`: there are no others.
pub(super) unsafe fn stream<'a>(file: *const Stream) -> &'a Stream {
    // SAFETY: the caller's promise; the three live forever.
    unsafe { &*file }
}

/// The stream that writes to a descriptor.
pub(super) fn of_descriptor(descriptor: c_int) -> Option<&'static Stream> {
    match descriptor {
        1 => Some(&OUTPUT),
        2 => Some(&ERRORS),
        _ => None,
    }
}

static INPUT: Stream = Stream::new(0);
/// The stream behind `stdout`.
pub(super) static OUTPUT: Stream = Stream::new(1);
static ERRORS: Stream = Stream::new(2);

static STDIN: AtomicPtr<Stream> = AtomicPtr::new((&raw const INPUT).cast_mut());
static STDOUT: AtomicPtr<Stream> = AtomicPtr::new((&raw const OUTPUT).cast_mut());
static STDERR: AtomicPtr<Stream> = AtomicPtr::new((&raw const ERRORS).cast_mut());

/// C's `EOF`.
pub(super) const EOF: c_int = -1;

/// Bytes that `printf` collects on the stack before it hands them on.
const CHUNK_BYTES: usize = 256;

/// A stream as the receiver of formatted bytes, which go out in chunks.
pub(super) struct Chunks<'a> {
    stream: &'a Stream,
    bytes: [u8; CHUNK_BYTES],
    used: usize,
    has_failed: bool,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            bytes: [0; CHUNK_BYTES],
            used: 0,
            has_failed: false,
        }
    }

    /// Hands on what is left; whether all was written.
    pub(super) fn finish(mut self) -> bool {
        self.flush();
        !self.has_failed
    }

    fn flush(&mut self) {
        let bytes = &self.bytes[..self.used];
        self.has_failed |= !bytes.is_empty() && !self.stream.write(bytes);
        self.used = 0;
    }
}

impl Output for Chunks<'_> {
    fn put(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.used == CHUNK_BYTES {
                self.flush();
            }
            let room = &mut self.bytes[self.used..];
            let (fits, rest) = bytes.split_at(bytes.len().min(room.len()));
            room[..fits.len()].copy_from_slice(fits);
            self.used += fits.len();
            bytes = rest;
        }
    }
}

fn write_to(descriptor: c_int, bytes: &[u8]) -> bool {
    let is_open = matches!(descriptor, 1 | 2);
    if is_open {
        host().write(descriptor, bytes);
    } else {
        errno::set(errno::EBADF);
    }
    is_open
}

/// `ssize_t write(int, const void *, size_t)`, of POSIX.
unsafe extern "C" fn write(descriptor: c_int, start: *const c_void, size_bytes: usize) -> isize {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::bytes(start, size_bytes) };
    if write_to(descriptor, bytes) {
        size_bytes.cast_signed()
    } else {
        -1
    }
}

/// `ssize_t read(int, void *, size_t)`, of POSIX: always at the end.
extern "C" fn read(_descriptor: c_int, _start: *mut c_void, _size_bytes: usize) -> isize {
    0
}

extern "C" fn putchar(character: c_int) -> c_int {
    put_byte(&OUTPUT, character)
}

unsafe extern "C" fn fputc(character: c_int, file: *const Stream) -> c_int {
    // SAFETY: the module's promise.
    put_byte(unsafe { stream(file) }, character)
}

fn put_byte(stream: &Stream, character: c_int) -> c_int {
    let byte = character as u8;
    if stream.write(&[byte]) {
        c_int::from(byte)
    } else {
        EOF
    }
}

/// The text and its newline go out in one piece if they fit.
pub(super) unsafe extern "C" fn puts(text: *const c_char) -> c_int {
    let mut chunks = Chunks::new(&OUTPUT);
    // SAFETY: the module's promise.
    chunks.put(unsafe { raw::text(text) });
    chunks.put(b"\n");
    if chunks.finish() { 0 } else { EOF }
}

unsafe extern "C" fn fputs(text: *const c_char, file: *const Stream) -> c_int {
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::text(text) };
    // SAFETY: the module's promise.
    if unsafe { stream(file) }.write(bytes) {
        0
    } else {
        EOF
    }
}

unsafe extern "C" fn fwrite(
    start: *const c_void,
    size_bytes: usize,
    count: usize,
    file: *const Stream,
) -> usize {
    let Some(total) = size_bytes.checked_mul(count) else {
        errno::set(errno::EOVERFLOW);
        return 0;
    };
    // SAFETY: the module's promise.
    let bytes = unsafe { raw::bytes(start, total) };
    // SAFETY: the module's promise.
    if total > 0 && unsafe { stream(file) }.write(bytes) {
        count
    } else {
        0
    }
}

unsafe extern "C" fn fread(
    _start: *mut c_void,
    _size_bytes: usize,
    _count: usize,
    file: *const Stream,
) -> usize {
    // SAFETY: the module's promise.
    unsafe { stream(file) }.end();
    0
}

unsafe extern "C" fn fgetc(file: *const Stream) -> c_int {
    // SAFETY: the module's promise.
    unsafe { stream(file) }.end();
    EOF
}

extern "C" fn getchar() -> c_int {
    INPUT.end();
    EOF
}

unsafe extern "C" fn fgets(
    _start: *mut c_char,
    _size_bytes: c_int,
    file: *const Stream,
) -> *mut c_char {
    // SAFETY: the module's promise.
    unsafe { stream(file) }.end();
    ptr::null_mut()
}

/// `char *__fgets_chk(char *, size_t, int, FILE *)` (LSB): there is nothing that could overflow.
unsafe extern "C" fn fgets_checked(
    start: *mut c_char,
    _room_bytes: usize,
    size_bytes: c_int,
    file: *const Stream,
) -> *mut c_char {
    // SAFETY: the module's promise.
    unsafe { fgets(start, size_bytes, file) }
}

/// Nothing is ever read, so nothing can be put back.
extern "C" fn ungetc(_character: c_int, _file: *const Stream) -> c_int {
    EOF
}

extern "C" fn fflush(_file: *const Stream) -> c_int {
    0
}

/// Closing flushes; the three streams stay.
extern "C" fn fclose(_file: *const Stream) -> c_int {
    0
}

/// `int setvbuf(FILE *, char *, int, size_t)`: accepted; the streams aren't buffered all the same.
extern "C" fn setvbuf(
    _file: *const Stream,
    _buffer: *mut c_char,
    _mode: c_int,
    _size_bytes: usize,
) -> c_int {
    0
}

extern "C" fn setbuf(_file: *const Stream, _buffer: *mut c_char) {}

unsafe extern "C" fn ferror(file: *const Stream) -> c_int {
    // SAFETY: the module's promise.
    c_int::from(unsafe { stream(file) }.has_failed.load(Ordering::Relaxed))
}

unsafe extern "C" fn feof(file: *const Stream) -> c_int {
    // SAFETY: the module's promise.
    c_int::from(unsafe { stream(file) }.is_at_end.load(Ordering::Relaxed))
}

unsafe extern "C" fn clearerr(file: *const Stream) {
    // SAFETY: the module's promise.
    let stream = unsafe { stream(file) };
    stream.has_failed.store(false, Ordering::Relaxed);
    stream.is_at_end.store(false, Ordering::Relaxed);
}

unsafe extern "C" fn fileno(file: *const Stream) -> c_int {
    // SAFETY: the module's promise.
    unsafe { stream(file) }.descriptor
}

extern "C" fn isatty(_descriptor: c_int) -> c_int {
    errno::set(errno::ENOTTY);
    0
}

/// There is no file system, so there is no such file.
extern "C" fn fopen(_path: *const c_char, _mode: *const c_char) -> *mut Stream {
    errno::set(errno::ENOENT);
    ptr::null_mut()
}

extern "C" fn remove(_path: *const c_char) -> c_int {
    errno::set(errno::ENOENT);
    -1
}

extern "C" fn fseek(_file: *const Stream, _offset: c_long, _origin: c_int) -> c_int {
    errno::set(errno::ESPIPE);
    -1
}

extern "C" fn ftell(_file: *const Stream) -> c_long {
    errno::set(errno::ESPIPE);
    -1
}

/// Writes a prefix, unless it is null or empty, and what `errno` means, to standard error.
unsafe extern "C" fn perror(prefix: *const c_char) {
    let mut chunks = Chunks::new(&ERRORS);
    if !prefix.is_null() {
        // SAFETY: the module's promise.
        let prefix = unsafe { raw::text(prefix) };
        if !prefix.is_empty() {
            chunks.put(prefix);
            chunks.put(b": ");
        }
    }
    chunks.put(errno::description(errno::get()).unwrap_or(b"Unknown error"));
    chunks.put(b"\n");
    chunks.finish();
}

exports! {
    pub(super) static EXPORTS:
    data STDIN as "stdin";
    data STDOUT as "stdout";
    data STDERR as "stderr";
    function write(_, _, _) -> _;
    function read(_, _, _) -> _;
    function putchar(_) -> _;
    function putchar(_) -> _ as "putchar_unlocked";
    function fputc(_, _) -> _;
    function fputc(_, _) -> _ as "putc";
    function fputc(_, _) -> _ as "_IO_putc";
    function fputc(_, _) -> _ as "fputc_unlocked";
    function fputc(_, _) -> _ as "putc_unlocked";
    function puts(_) -> _;
    function fputs(_, _) -> _;
    function fputs(_, _) -> _ as "fputs_unlocked";
    function fwrite(_, _, _, _) -> _;
    function fwrite(_, _, _, _) -> _ as "fwrite_unlocked";
    function fread(_, _, _, _) -> _;
    function fgetc(_) -> _;
    function fgetc(_) -> _ as "getc";
    function fgetc(_) -> _ as "_IO_getc";
    function getchar() -> _;
    function fgets(_, _, _) -> _;
    function fgets_checked(_, _, _, _) -> _ as "__fgets_chk";
    function ungetc(_, _) -> _;
    function fflush(_) -> _;
    function fclose(_) -> _;
    function setvbuf(_, _, _, _) -> _;
    function setbuf(_, _);
    function ferror(_) -> _;
    function feof(_) -> _;
    function clearerr(_);
    function fileno(_) -> _;
    function isatty(_) -> _;
    function fopen(_, _) -> _;
    function fopen(_, _) -> _ as "fopen64";
    function remove(_) -> _;
    function fseek(_, _, _) -> _;
    function ftell(_) -> _;
    function perror(_);
}

#[cfg(test)]
mod tests {
    use super::{ERRORS, INPUT, OUTPUT, fgetc, fputc, fputs, fwrite, perror, putchar, puts, write};
    use crate::exports::errno;
    use crate::exports::test_host::{Ending, run};

    #[test]
    fn output_and_errors_go_where_they_belong() {
        let outcome = run(|| {
            // SAFETY: it is a C string.
            unsafe { puts(c"first".as_ptr()) };
            putchar(i32::from(b'2'));
            // SAFETY: the stream is one of the three.
            unsafe { fputs(c" third\n".as_ptr(), &OUTPUT) };
            // SAFETY: as above.
            unsafe { fputc(i32::from(b'!'), &ERRORS) };
            errno::set(errno::ENOENT);
            // SAFETY: it is a C string.
            unsafe { perror(c"file".as_ptr()) };
        });
        assert_eq!(outcome.output, "first\n2 third\n");
        assert!(outcome.errors.starts_with("!file: "), "{}", outcome.errors);
        assert_eq!(outcome.ending, Ending::Returned);
    }

    #[test]
    fn sizes_are_checked_before_they_are_multiplied() {
        let outcome = run(|| {
            let byte = b'x';
            // SAFETY: nothing is read.
            let written = unsafe { fwrite((&raw const byte).cast(), usize::MAX, 2, &OUTPUT) };
            assert_eq!(written, 0);
            // SAFETY: one byte is read.
            let written = unsafe { fwrite((&raw const byte).cast(), 1, 1, &OUTPUT) };
            assert_eq!(written, 1);
        });
        assert_eq!(
            (outcome.output.as_str(), outcome.ending),
            ("x", Ending::Returned)
        );
    }

    #[test]
    fn what_is_not_open_takes_nothing_and_gives_nothing() {
        let outcome = run(|| {
            let byte = b'x';
            // SAFETY: one byte.
            assert_eq!(unsafe { write(3, (&raw const byte).cast(), 1) }, -1);
            // SAFETY: the stream is one of the three.
            assert_eq!(unsafe { fgetc(&INPUT) }, -1);
        });
        assert_eq!(
            (outcome.output.as_str(), outcome.ending),
            ("", Ending::Returned)
        );
    }
}
