//! What runs when a program ends or a module goes: the functions registered by `atexit` and, by compilers for destructors of
//! static objects, by `__cxa_atexit` (C17 7.22.4.2; Itanium C++ ABI 3.3.6.3). They run in reverse.

use alloc::vec::Vec;
use core::ffi::{c_int, c_void};
use core::ops::Range;
use core::ptr;

use spin::Mutex;

/// A registered function.
#[derive(Clone, Copy)]
struct Handler {
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
    /// The `__dso_handle` of the module that registered it; null for the program as a whole.
    owner: *mut c_void,
}

// SAFETY: the pointers are the module's own; here they are only kept.
unsafe impl Send for Handler {}

/// Never locked while a handler runs, which may register others.
static HANDLERS: Mutex<Vec<Handler>> = Mutex::new(Vec::new());

/// Runs all handlers, the last registered first, and those that they register on the way. `exit` does so; the kernel does
/// when a program's `main` returns.
///
/// # Safety
/// The modules that registered handlers are still mapped.
pub unsafe fn run_exit_handlers() {
    // SAFETY: the caller's promise; null stands for all owners.
    unsafe { finalize(ptr::null_mut()) }
}

/// Forgets the handlers of a module that lie in its addresses, unrun: what a kernel does with a module whose call failed.
pub fn forget_exit_handlers(addresses: Range<usize>) {
    let is_kept = |handler: &Handler| !addresses.contains(&(handler.function as *const ()).addr());
    let mut handlers = HANDLERS.lock();
    handlers.retain(is_kept);
    give_back_if_empty(&mut handlers);
}

/// Leaves nothing of a program behind, its handlers' memory included.
fn give_back_if_empty(handlers: &mut Vec<Handler>) {
    if handlers.is_empty() {
        *handlers = Vec::new();
    }
}

/// `int __cxa_atexit(void (*)(void *), void *, void *)`.
pub(super) unsafe extern "C" fn register(
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
    owner: *mut c_void,
) -> c_int {
    let mut handlers = HANDLERS.lock();
    if handlers.try_reserve(1).is_err() {
        return -1;
    }
    handlers.push(Handler {
        function,
        argument,
        owner,
    });
    0
}

/// `int atexit(void (*)(void))`: a function without parameters may be given one in a register that it doesn't read, in
/// both ABIs.
unsafe extern "C" fn atexit(function: unsafe extern "C" fn(*mut c_void)) -> c_int {
    // SAFETY: the module's promise.
    unsafe { register(function, ptr::null_mut(), ptr::null_mut()) }
}

/// `void __cxa_finalize(void *)`: runs a module's handlers; all, if it is null.
unsafe extern "C" fn finalize(owner: *mut c_void) {
    while let Some(handler) = take_last(owner) {
        // SAFETY: the module that registered it vouched for it.
        unsafe { (handler.function)(handler.argument) }
    }
}

/// Each handler is removed before it runs, so that none runs twice (Itanium C++ ABI 3.3.6.3).
fn take_last(owner: *mut c_void) -> Option<Handler> {
    let mut handlers = HANDLERS.lock();
    let index = handlers
        .iter()
        .rposition(|handler| owner.is_null() || handler.owner == owner)?;
    let handler = handlers.remove(index);
    give_back_if_empty(&mut handlers);
    Some(handler)
}

exports! {
    pub(super) static EXPORTS:
    function atexit(_) -> _;
    function register(_, _, _) -> _ as "__cxa_atexit";
    // There is one thread: its end is the program's.
    function register(_, _, _) -> _ as "__cxa_thread_atexit";
    function register(_, _, _) -> _ as "__cxa_thread_atexit_impl";
    function finalize(_) as "__cxa_finalize";
}

#[cfg(test)]
mod tests {
    use core::ffi::c_void;
    use core::ptr;
    use std::sync::Mutex;
    use std::vec::Vec;

    use super::{atexit, finalize, forget_exit_handlers, register, run_exit_handlers};
    use crate::exports::test_host::TURN;

    static RUN: Mutex<Vec<usize>> = Mutex::new(Vec::new());

    unsafe extern "C" fn note(argument: *mut c_void) {
        RUN.lock().unwrap().push(argument.addr());
    }

    unsafe extern "C" fn note_late(_: *mut c_void) {
        // SAFETY: `note` may be called at any time.
        unsafe { register(note, ptr::without_provenance_mut(99), ptr::null_mut()) };
    }

    fn noted() -> Vec<usize> {
        core::mem::take(&mut *RUN.lock().unwrap())
    }

    #[test]
    fn handlers_run_in_reverse_by_module_and_once() {
        let _turn = TURN.lock();
        let [first, second] = [1, 2].map(ptr::without_provenance_mut::<c_void>);
        for (argument, owner) in [(10, first), (20, second), (11, first), (21, second)] {
            // SAFETY: `note` may be called at any time.
            unsafe { register(note, ptr::without_provenance_mut(argument), owner) };
        }
        // SAFETY: as above.
        unsafe { finalize(first) };
        assert_eq!(noted(), [11, 10]);
        // SAFETY: as above.
        unsafe { atexit(note_late) };
        // SAFETY: as above.
        unsafe { run_exit_handlers() };
        assert_eq!(noted(), [99, 21, 20]);
    }

    #[test]
    fn the_handlers_of_a_lost_module_are_forgotten() {
        let _turn = TURN.lock();
        // SAFETY: `note` may be called at any time.
        unsafe { register(note, ptr::null_mut(), ptr::null_mut()) };
        let address = (note as *const ()).addr();
        forget_exit_handlers(address..address + 1);
        // SAFETY: as above.
        unsafe { run_exit_handlers() };
        assert!(noted().is_empty());
    }
}
