//! The ways in which a program ends, and what it asks of its environment (C17 7.22.4, 7.2, 7.27).

use core::ffi::{CStr, c_char, c_int, c_long, c_uint};
use core::ptr;

use super::exit::run_programs_handlers;
use super::host::{abort, host};
use super::raw;

/// `void exit(int)`.
unsafe extern "C" fn exit(status: c_int) -> ! {
    // SAFETY: the calling program's modules are mapped.
    unsafe { run_programs_handlers() };
    host().exit(status)
}

/// `_Exit` and `quick_exit`: no handler runs.
extern "C" fn exit_at_once(status: c_int) -> ! {
    host().exit(status)
}

/// `void abort(void)`.
extern "C" fn abort_program() -> ! {
    abort!("abort() was called")
}

/// What `assert` calls (LSB, `__assert_fail`).
pub(super) unsafe extern "C" fn assertion_failed(
    assertion: *const c_char,
    file: *const c_char,
    line: c_uint,
    function: *const c_char,
) -> ! {
    // SAFETY: the module's promise.
    let assertion = unsafe { printable(assertion) };
    // SAFETY: the module's promise.
    let file = unsafe { printable(file) };
    // SAFETY: the module's promise.
    let function = unsafe { printable(function) };
    abort!("{file}:{line}: {function}: assertion `{assertion}' failed")
}

/// # Safety
/// `text` is null or a C string that stays.
unsafe fn printable<'a>(text: *const c_char) -> &'a str {
    if text.is_null() {
        return "?";
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("?")
}

/// There is no environment.
extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
    ptr::null_mut()
}

/// Microseconds: `CLOCKS_PER_SEC` is 1,000,000 (POSIX).
extern "C" fn clock() -> c_long {
    (host().now_nanoseconds() / 1000).cast_signed()
}

/// Seconds since the machine was started: it has no calendar.
unsafe extern "C" fn time(place: *mut c_long) -> c_long {
    let seconds = (host().now_nanoseconds() / NANOSECONDS).cast_signed();
    // SAFETY: the module's promise.
    unsafe { raw::store_if_wanted(place, seconds) };
    seconds
}

const NANOSECONDS: u64 = 1_000_000_000;

/// `int clock_gettime(clockid_t, struct timespec *)`: every clock counts from the machine's start.
unsafe extern "C" fn clock_gettime(_clock: c_int, place: *mut [c_long; 2]) -> c_int {
    let now = host().now_nanoseconds();
    let time = [now / NANOSECONDS, now % NANOSECONDS].map(u64::cast_signed);
    // SAFETY: the module's promise.
    unsafe { raw::store(place, time) };
    0
}

/// `int gettimeofday(struct timeval *, void *)`.
unsafe extern "C" fn gettimeofday(place: *mut [c_long; 2], _zone: *mut u8) -> c_int {
    let now = host().now_nanoseconds();
    let time = [now / NANOSECONDS, now % NANOSECONDS / 1000].map(u64::cast_signed);
    // SAFETY: the module's promise.
    unsafe { raw::store_if_wanted(place, time) };
    0
}

/// glibc's `__libc_single_threaded`: C++ headers count references without atomics while it is set.
static SINGLE_THREADED: u8 = 1;

exports! {
    pub(super) static EXPORTS:
    data SINGLE_THREADED as "__libc_single_threaded";
    function exit(_) -> !;
    function exit_at_once(_) -> ! as "_Exit";
    function exit_at_once(_) -> ! as "_exit";
    function exit_at_once(_) -> ! as "quick_exit";
    function abort_program() -> ! as "abort";
    function assertion_failed(_, _, _, _) -> ! as "__assert_fail";
    function getenv(_) -> _;
    function getenv(_) -> _ as "secure_getenv";
    function clock() -> _;
    function time(_) -> _;
    function clock_gettime(_, _) -> _;
    function gettimeofday(_, _) -> _;
}

#[cfg(test)]
mod tests {
    use core::ffi::c_void;
    use core::ptr;

    use super::{assertion_failed, clock, clock_gettime, exit, exit_at_once, time};
    use crate::exports::exit::{ModuleAddresses, register, set_program};
    use crate::exports::stream::puts;
    use crate::exports::test_host::{Ending, TURN, ending, run};

    unsafe extern "C" fn say_goodbye(_: *mut c_void) {
        // SAFETY: it is a C string.
        unsafe { puts(c"goodbye".as_ptr()) };
    }

    #[test]
    fn exit_runs_handlers_and_exiting_at_once_does_not() {
        let _turn = TURN.lock();
        let start = (say_goodbye as *const ()).addr();
        set_program(Some(ModuleAddresses::new(core::iter::once(
            start..start + 1,
        ))));
        let exited = run(|| {
            // SAFETY: the function may be called at any time.
            unsafe { register(say_goodbye, ptr::null_mut(), ptr::null_mut()) };
            // SAFETY: as above.
            unsafe { exit(7) }
        });
        assert_eq!(
            (exited.ending, exited.output.as_str()),
            (Ending::Exited(7), "goodbye\n")
        );
        assert_eq!(ending(|| exit_at_once(8)), Ending::Exited(8));
        set_program(None);
    }

    #[test]
    fn a_failed_assertion_is_told_as_the_c_library_tells_it() {
        let ending = ending(|| {
            // SAFETY: these are C strings.
            unsafe { assertion_failed(c"x > 0".as_ptr(), c"a.c".as_ptr(), 12, c"check".as_ptr()) }
        });
        assert_eq!(
            ending,
            Ending::Aborted("a.c:12: check: assertion `x > 0' failed".into())
        );
    }

    #[test]
    fn clocks_count_from_the_start() {
        let outcome = ending(|| {
            // SAFETY: null is no place.
            let seconds = unsafe { time(ptr::null_mut()) };
            assert_eq!((clock(), seconds), (12_345_678, 12));
            let mut now = [0; 2];
            // SAFETY: the place can be written.
            unsafe { clock_gettime(1, &raw mut now) };
            assert_eq!(now, [12, 345_678_901]);
        });
        assert_eq!(outcome, Ending::Returned);
    }
}
