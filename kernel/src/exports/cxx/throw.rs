//! `std::__throw_*`: how libstdc++'s headers throw from inline code. Each ends the call with an error that names the
//! exception and gives its message.

use core::ffi::{CStr, c_char, c_int, c_uint};

use crate::exports::host::abort;
use crate::exports::machine::{VaList, variadic};
use crate::exports::printf;

/// Exceptions with a message.
macro_rules! with_message {
    ($($name:ident = $exception:literal;)*) => {
        $(unsafe extern "C" fn $name(message: *const c_char) -> ! {
            // SAFETY: the module's promise.
            let message = unsafe { CStr::from_ptr(message) };
            abort!("std::{} was thrown: {}", $exception, message.to_str().unwrap_or("?"));
        })*
    };
}

with_message! {
    logic_error = "logic_error";
    domain_error = "domain_error";
    invalid_argument = "invalid_argument";
    length_error = "length_error";
    out_of_range = "out_of_range";
    runtime_error = "runtime_error";
    range_error = "range_error";
    overflow_error = "overflow_error";
    underflow_error = "underflow_error";
    ios_failure = "ios_base::failure";
}

/// Exceptions without one.
macro_rules! without_message {
    ($($name:ident = $exception:literal;)*) => {
        $(extern "C" fn $name() -> ! {
            abort!(concat!("std::", $exception, " was thrown"));
        })*
    };
}

without_message! {
    bad_alloc = "bad_alloc";
    bad_array_new_length = "bad_array_new_length";
    bad_cast = "bad_cast";
    bad_typeid = "bad_typeid";
    bad_exception = "bad_exception";
    bad_function_call = "bad_function_call";
}

extern "C" fn system_error(code: c_int) -> ! {
    abort!("std::system_error {code} was thrown");
}

extern "C" fn future_error(code: c_int) -> ! {
    abort!("std::future_error {code} was thrown");
}

/// `std::__throw_out_of_range_fmt(const char *, ...)`.
unsafe extern "C" fn out_of_range_list(template: *const c_char, arguments: *mut VaList) {
    let mut message = [0; 160];
    // SAFETY: the module's promise; the size is the buffer's.
    unsafe {
        printf::print_to_buffer(
            "snprintf",
            message.as_mut_ptr(),
            message.len(),
            template,
            arguments,
        )
    };
    // SAFETY: it has just been filled, and ends in a NUL.
    unsafe { out_of_range(message.as_ptr()) }
}

variadic!(out_of_range_formatted => out_of_range_list(_, _));

/// `std::__glibcxx_assert_fail(const char *, int, const char *, const char *)`.
unsafe extern "C" fn assertion_failed(
    file: *const c_char,
    line: c_uint,
    function: *const c_char,
    condition: *const c_char,
) -> ! {
    // SAFETY: the module's promise.
    unsafe { crate::exports::process::assertion_failed(condition, file, line, function) }
}

exports! {
    pub(super) static EXPORTS:
    function logic_error(_) -> ! as "_ZSt19__throw_logic_errorPKc";
    function domain_error(_) -> ! as "_ZSt20__throw_domain_errorPKc";
    function invalid_argument(_) -> ! as "_ZSt24__throw_invalid_argumentPKc";
    function length_error(_) -> ! as "_ZSt20__throw_length_errorPKc";
    function out_of_range(_) -> ! as "_ZSt20__throw_out_of_rangePKc";
    shim out_of_range_formatted as "_ZSt24__throw_out_of_range_fmtPKcz";
    function runtime_error(_) -> ! as "_ZSt21__throw_runtime_errorPKc";
    function range_error(_) -> ! as "_ZSt19__throw_range_errorPKc";
    function overflow_error(_) -> ! as "_ZSt22__throw_overflow_errorPKc";
    function underflow_error(_) -> ! as "_ZSt23__throw_underflow_errorPKc";
    function ios_failure(_) -> ! as "_ZSt19__throw_ios_failurePKc";
    function bad_alloc() -> ! as "_ZSt17__throw_bad_allocv";
    function bad_array_new_length() -> ! as "_ZSt28__throw_bad_array_new_lengthv";
    function bad_array_new_length() -> ! as "__cxa_throw_bad_array_new_length";
    function bad_cast() -> ! as "_ZSt16__throw_bad_castv";
    function bad_cast() -> ! as "__cxa_bad_cast";
    function bad_typeid() -> ! as "_ZSt18__throw_bad_typeidv";
    function bad_typeid() -> ! as "__cxa_bad_typeid";
    function bad_exception() -> ! as "_ZSt21__throw_bad_exceptionv";
    function bad_function_call() -> ! as "_ZSt25__throw_bad_function_callv";
    function system_error(_) -> ! as "_ZSt20__throw_system_errori";
    function future_error(_) -> ! as "_ZSt20__throw_future_errori";
    function assertion_failed(_, _, _, _) -> ! as "_ZSt21__glibcxx_assert_failPKciS0_S0_";
}

#[cfg(test)]
mod tests {
    use core::ffi::{c_char, c_int};

    use super::{length_error, out_of_range_formatted};
    use crate::exports::test_host::{Ending, ending};

    #[test]
    fn the_exception_and_its_message_are_named() {
        // SAFETY: the message is a C string.
        let plain = ending(|| unsafe { length_error(c"vector::reserve".as_ptr()) });
        assert_eq!(
            plain,
            Ending::Aborted("std::length_error was thrown: vector::reserve".into())
        );
        let formatted = ending(|| {
            type Throw = unsafe extern "C" fn(*const c_char, ...) -> c_int;
            // SAFETY: a shim is called by its C type.
            let throw: Throw = unsafe { core::mem::transmute(out_of_range_formatted as *const ()) };
            // SAFETY: the arguments are what the template says.
            unsafe { throw(c"%s: n (which is %zu)".as_ptr(), c"at".as_ptr(), 7_usize) };
        });
        assert_eq!(
            formatted,
            Ending::Aborted("std::out_of_range was thrown: at: n (which is 7)".into())
        );
    }
}
