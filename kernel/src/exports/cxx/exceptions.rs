//! Exceptions, until modules can be unwound: throwing one ends the call with an error that names its type, and what only
//! runs on the way up ends it too, should it ever be reached.

use core::ffi::{CStr, c_void};

use super::type_info::TypeInfo;
use crate::exports::heap::{self, ALIGNMENT};
use crate::exports::host::abort;

/// `void *__cxa_allocate_exception(size_t)`: memory for the object that is about to be thrown.
extern "C" fn allocate(size_bytes: usize) -> *mut u8 {
    let block = heap::allocate(size_bytes, ALIGNMENT);
    if block.is_null() {
        abort!("no memory for an exception of {size_bytes} bytes");
    }
    block
}

/// `void __cxa_free_exception(void *)`: its constructor threw.
unsafe extern "C" fn release(block: *mut u8) {
    // SAFETY: the module's promise.
    unsafe { heap::release("__cxa_free_exception", block) }
}

/// `void __cxa_throw(void *, std::type_info *, void (*)(void *))`.
unsafe extern "C" fn throw(
    _object: *mut c_void,
    class: *const TypeInfo,
    _destructor: *const c_void,
) -> ! {
    // SAFETY: the module's promise: the object's type information.
    let name = unsafe { (*class).name };
    // SAFETY: as above: its name is a C string.
    let name = unsafe { CStr::from_ptr(name) }.to_str().unwrap_or("?");
    abort!("a C++ exception of type {name} was thrown, and exceptions can't be caught yet");
}

/// `void std::terminate()`.
extern "C" fn terminate() -> ! {
    abort!("std::terminate() was called");
}

/// `void __cxa_pure_virtual(void)`.
extern "C" fn pure_virtual() -> ! {
    abort!("a pure virtual function was called");
}

/// `void __cxa_deleted_virtual(void)`.
extern "C" fn deleted_virtual() -> ! {
    abort!("a deleted virtual function was called");
}

/// Functions that are reached by unwinding only.
macro_rules! unwinding {
    ($($name:ident = $symbol:literal;)*) => {
        $(extern "C" fn $name() -> ! {
            abort!(concat!($symbol, " was called, and modules can't be unwound yet"));
        })*
    };
}

unwinding! {
    cxx_personality = "__gxx_personality_v0";
    c_personality = "__gcc_personality_v0";
    rust_personality = "rust_eh_personality";
    resume = "_Unwind_Resume";
    raise = "_Unwind_RaiseException";
    begin_catch = "__cxa_begin_catch";
    end_catch = "__cxa_end_catch";
    rethrow = "__cxa_rethrow";
    exception_pointer = "__cxa_get_exception_ptr";
    call_unexpected = "__cxa_call_unexpected";
    call_terminate = "__cxa_call_terminate";
}

exports! {
    pub(super) static EXPORTS:
    function allocate(_) -> _ as "__cxa_allocate_exception";
    function release(_) as "__cxa_free_exception";
    function throw(_, _, _) -> ! as "__cxa_throw";
    function terminate() -> ! as "_ZSt9terminatev";
    function pure_virtual() -> ! as "__cxa_pure_virtual";
    function deleted_virtual() -> ! as "__cxa_deleted_virtual";
    function cxx_personality() -> ! as "__gxx_personality_v0";
    function c_personality() -> ! as "__gcc_personality_v0";
    // The support object that a Rust program brings may define its own.
    weak rust_personality() -> ! as "rust_eh_personality";
    function resume() -> ! as "_Unwind_Resume";
    function raise() -> ! as "_Unwind_RaiseException";
    function begin_catch() -> ! as "__cxa_begin_catch";
    function end_catch() -> ! as "__cxa_end_catch";
    function rethrow() -> ! as "__cxa_rethrow";
    function exception_pointer() -> ! as "__cxa_get_exception_ptr";
    function call_unexpected() -> ! as "__cxa_call_unexpected";
    function call_terminate() -> ! as "__cxa_call_terminate";
}
