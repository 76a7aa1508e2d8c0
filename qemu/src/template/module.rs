//! @NAME@: a module for Ironlink. README.md says how it is built and run.
#![no_std]

use core::ffi::{c_char, c_int};

#[macro_use]
mod ironlink_module;
#[macro_use]
mod ironlink_kernel;

unsafe extern "C" {
    fn printf(template: *const c_char, ...) -> c_int;
}

/// What other modules may use.
#[unsafe(no_mangle)]
pub extern "C" fn @NAME@_double(number: c_int) -> c_int {
    number.wrapping_mul(2)
}

/// Runs once the module is linked. Any result but 0 fails the load.
extern "C" fn @NAME@_init() -> c_int {
    // SAFETY: the template asks for no arguments.
    unsafe { printf(c"@NAME@: init\n".as_ptr()) };
    0
}

/// Runs before the module is unloaded.
extern "C" fn @NAME@_exit() {
    // SAFETY: the template asks for no arguments.
    unsafe { printf(c"@NAME@: exit\n".as_ptr()) };
}

/// What `cargo xtask run` calls: the module as a program of its own.
#[unsafe(no_mangle)]
pub extern "C" fn main() -> c_int {
    // SAFETY: the template asks for one number.
    unsafe { printf(c"@NAME@: twice 21 is %d\n".as_ptr(), @NAME@_double(21)) };
    0
}

ironlink_module! {
    name: "@NAME@",
    version: "0.1.0",
    licence: "MIT",
    init: @NAME@_init,
    exit: @NAME@_exit,
}
ironlink_export!(@NAME@_double);
ironlink_export!(main);
ironlink_needs_kernel!();
