//! This process: the names that it has, and calls of code that was linked into it.
#![expect(unsafe_code, reason = "looks names up and calls what was linked")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::string::{String, ToString};
use std::sync::OnceLock;
use std::vec::Vec;

use crate::base::{Name, TargetAddr, int};
use crate::pass::{Routine, Routines};

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
    static environ: *const *const c_char;
    fn atexit(function: extern "C" fn()) -> c_int;
}

fn address_of(pointer: *const ()) -> Option<u64> {
    (!pointer.is_null()).then(|| int::from_usize(pointer.expose_provenance()))
}

/// Calls the resolver of an indirect function: the user asked for the code to be run. Told of no hardware capabilities, it
/// chooses what runs everywhere, or looks for itself. Source: SYSVABI64 of AArch64, "GNU indirect functions".
pub(super) fn call_resolver(function: TargetAddr) -> TargetAddr {
    type Resolver = extern "C" fn(u64, *const ()) -> usize;
    let pointer = ptr::with_exposed_provenance::<()>(int::to_usize(function.value()));
    // SAFETY: it is code of this machine that was linked and sealed; resolvers take two arguments at most, and return an
    // address.
    let resolver = unsafe { std::mem::transmute::<*const (), Resolver>(pointer) };
    TargetAddr::new(int::from_usize(resolver(0, ptr::null())))
}

/// Tells the C++ runtime of unwind records from this address on, so that exceptions find their way through what was linked;
/// without such a runtime nothing throws.
pub(super) fn register_unwind_records(start: TargetAddr) {
    let Some(register) = find(Name::from("__register_frame")) else {
        return;
    };
    let register = ptr::with_exposed_provenance::<()>(int::to_usize(register));
    // SAFETY: it is libgcc's function of this name, which has this signature.
    let register = unsafe { std::mem::transmute::<*const (), extern "C" fn(*const ())>(register) };
    // The records stay, and end with a zero.
    register(ptr::with_exposed_provenance(int::to_usize(start.value())));
}

/// Loads a shared library with all of its names, or those that a linker script names in its place, as `libm.so` is one on many
/// systems; says why if it can't be.
pub(super) fn load(path: &Path) -> Result<(), String> {
    match fs::read(path) {
        Ok(text) if !text.starts_with(b"\x7fELF") => {
            let libraries = named_by_script(&String::from_utf8_lossy(&text));
            if libraries.is_empty() {
                return Err(
                    "it is neither a library nor a linker script that names some".to_string(),
                );
            }
            libraries.iter().try_for_each(|library| open(library))
        }
        // What can't be read here may stand where the system looks.
        _ => open(path),
    }
}

/// The shared libraries that a linker script names by their paths.
fn named_by_script(text: &str) -> Vec<PathBuf> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ','));
    let libraries = words.filter(|word| word.starts_with('/') && word.contains(".so"));
    libraries.map(PathBuf::from).collect()
}

fn open(path: &Path) -> Result<(), String> {
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
    // SAFETY: the name is a string that ends with a zero. The library's initializers run: the user named it to be loaded.
    let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if !library.is_null() {
        return Ok(());
    }
    // SAFETY: asks for the reason of what just failed in this thread.
    let reason = unsafe { libc::dlerror() };
    if reason.is_null() {
        return Err("the system doesn't say why".to_string());
    }
    // SAFETY: it is a string that ends with a zero, and stays until the next call of this family.
    let reason = unsafe { CStr::from_ptr(reason) };
    Err(reason.to_string_lossy().into_owned())
}

/// What the program has to do at its end, in this order.
static FINALIZERS: OnceLock<Vec<Routine>> = OnceLock::new();

/// Calls initializers in their order, and then the function at `main` as a C program's main; returns what that returns.
/// Finalizers run when this process exits, after what the program registered for that.
pub(super) fn call_program(routines: Routines, main: TargetAddr, arguments: &[CString]) -> c_int {
    if FINALIZERS.set(routines.finalizers).is_ok() {
        // SAFETY: the function may be called at any time. If there is no room for it, nothing is to be done about it.
        unsafe { atexit(run_finalizers) };
    }
    // A Rust program ignores the signal of a broken pipe; the program that is run expects what every program finds.
    // SAFETY: only sets what the signal does.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let mut words: Vec<*const c_char> =
        arguments.iter().map(|argument| argument.as_ptr()).collect();
    words.push(ptr::null());
    let count = c_int::try_from(arguments.len()).unwrap_or(c_int::MAX);
    for initializer in &routines.initializers {
        program_function(initializer.address)(count, words.as_ptr(), environment());
    }
    program_function(main)(count, words.as_ptr(), environment())
}

extern "C" fn run_finalizers() {
    for finalizer in FINALIZERS.get().into_iter().flatten() {
        program_function(finalizer.address)(0, ptr::null(), environment());
    }
}

/// A program's main, or an initializer, which gets the same on Linux; what it returns is nothing then.
type ProgramFunction = extern "C" fn(c_int, *const *const c_char, *const *const c_char) -> c_int;

fn program_function(address: TargetAddr) -> ProgramFunction {
    let pointer = ptr::with_exposed_provenance::<()>(int::to_usize(address.value()));
    // SAFETY: it is code of this machine that was linked, at an address that is not zero; the user says that the program's
    // main is one. A function that takes or returns less than this type says may be called by it on all machines here.
    unsafe { std::mem::transmute::<*const (), ProgramFunction>(pointer) }
}

fn environment() -> *const *const c_char {
    // SAFETY: the C library's variable is there from the start, and no other thread changes it.
    unsafe { environ }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::named_by_script;

    #[test]
    fn a_linker_script_names_the_libraries_that_stand_behind_it() {
        let script = "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\n\
            GROUP ( /lib/libm.so.6 /usr/lib/libm_nonshared.a AS_NEEDED ( /lib/libmvec.so.1 ) )\n";
        let names = ["/lib/libm.so.6", "/lib/libmvec.so.1"].map(PathBuf::from);
        assert_eq!(named_by_script(script), names);
        assert!(named_by_script("no library").is_empty());
    }
}
