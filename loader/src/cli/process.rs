//! This process: the names that it has, and calls of code that was linked into it.
#![expect(unsafe_code, reason = "looks names up and calls what was linked")]

use std::ffi::{CString, c_char, c_int};
use std::vec::Vec;

use crate::base::{Name, TargetAddr, int};

/// The address that the dynamic linker knows for a name.
pub(super) fn find(name: Name<'_>) -> Option<u64> {
    // Of the C library's functions, this one is not in its shared object: each program has its own.
    if name.bytes() == b"atexit" {
        #[expect(clippy::as_conversions, reason = "the address of a function")]
        let own = atexit as *const ();
        return address_of(own);
    }
    let name = CString::new(name.bytes()).ok()?;
    // SAFETY: the name is a string that ends with a zero; looking it up changes nothing.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    address_of(found.cast())
}

unsafe extern "C" {
    fn atexit(function: extern "C" fn()) -> c_int;
}

fn address_of(pointer: *const ()) -> Option<u64> {
    (!pointer.is_null()).then(|| int::from_usize(pointer.expose_provenance()))
}

/// Calls the resolver of an indirect function: the user asked for the code to be run.
pub(super) fn call_resolver(function: TargetAddr) -> TargetAddr {
    let pointer = std::ptr::with_exposed_provenance::<()>(int::to_usize(function.value()));
    // SAFETY: it is code of this machine that was linked and sealed; resolvers have this signature by their ABI.
    let resolver: extern "C" fn() -> usize = unsafe { std::mem::transmute(pointer) };
    TargetAddr::new(int::from_usize(resolver()))
}

/// Calls initializers, in this order. Slots that hold no function are left out.
pub(super) fn call_initializers(initializers: &[TargetAddr]) {
    for function in initializers {
        if *function == TargetAddr::ZERO || function.value() == u64::MAX {
            continue;
        }
        let pointer = std::ptr::with_exposed_provenance::<()>(int::to_usize(function.value()));
        // SAFETY: it is code of this machine that was linked; initializers have this signature by their ABI.
        let initializer: extern "C" fn() = unsafe { std::mem::transmute(pointer) };
        initializer();
    }
}

/// Calls the function at `address` as a C program's main, and returns what it returns.
pub(super) fn call_main(address: TargetAddr, arguments: &[CString]) -> c_int {
    // A Rust program ignores the signal of a broken pipe; the program that is run expects what every program finds.
    // SAFETY: only sets what the signal does.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let mut pointers: Vec<*const c_char> =
        arguments.iter().map(|argument| argument.as_ptr()).collect();
    pointers.push(std::ptr::null());
    let count = c_int::try_from(arguments.len()).unwrap_or(c_int::MAX);
    let pointer = std::ptr::with_exposed_provenance::<()>(int::to_usize(address.value()));
    // SAFETY: it is code of this machine that was linked; the user says that it is a program's main.
    let main: extern "C" fn(c_int, *const *const c_char) -> c_int =
        unsafe { std::mem::transmute(pointer) };
    main(count, pointers.as_ptr())
}
