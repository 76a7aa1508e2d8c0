//! `errno`, its numbers and their names (C17 7.5; the numbers are Linux's, as modules are compiled against its headers).

use core::ffi::c_int;
use core::sync::atomic::{AtomicI32, Ordering};

macro_rules! errors {
    ($($(#[$meta:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        $($(#[$meta])* pub(super) const $name: c_int = $number;)*

        /// What `strerror` says of a number; `None` for one that has no name.
        pub(super) fn description(number: c_int) -> Option<&'static [u8]> {
            match number {
                0 => Some(b"Success"),
                $($name => Some($text),)*
                _ => None,
            }
        }
    };
}

errors! {
    EPERM = 1, b"Operation not permitted";
    ENOENT = 2, b"No such file or directory";
    EINTR = 4, b"Interrupted system call";
    EIO = 5, b"Input/output error";
    EBADF = 9, b"Bad file descriptor";
    EAGAIN = 11, b"Resource temporarily unavailable";
    ENOMEM = 12, b"Cannot allocate memory";
    EACCES = 13, b"Permission denied";
    EFAULT = 14, b"Bad address";
    EBUSY = 16, b"Device or resource busy";
    EEXIST = 17, b"File exists";
    ENODEV = 19, b"No such device";
    ENOTDIR = 20, b"Not a directory";
    EISDIR = 21, b"Is a directory";
    EINVAL = 22, b"Invalid argument";
    EMFILE = 24, b"Too many open files";
    ENOTTY = 25, b"Inappropriate ioctl for device";
    ENOSPC = 28, b"No space left on device";
    ESPIPE = 29, b"Illegal seek";
    EPIPE = 32, b"Broken pipe";
    EDOM = 33, b"Numerical argument out of domain";
    ERANGE = 34, b"Numerical result out of range";
    ENOSYS = 38, b"Function not implemented";
    EOVERFLOW = 75, b"Value too large for defined data type";
    EILSEQ = 84, b"Invalid or incomplete multibyte or wide character";
}

/// One for all modules: they run on one thread.
static ERRNO: AtomicI32 = AtomicI32::new(0);

/// What `errno` is.
pub(super) fn get() -> c_int {
    ERRNO.load(Ordering::Relaxed)
}

/// Sets `errno`.
pub(super) fn set(number: c_int) {
    ERRNO.store(number, Ordering::Relaxed);
}

/// What C's `errno` macro dereferences (LSB, `__errno_location`).
extern "C" fn errno_location() -> *mut c_int {
    ERRNO.as_ptr()
}

exports! {
    pub(super) static EXPORTS:
    function errno_location() -> _ as "__errno_location";
}
