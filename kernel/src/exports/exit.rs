//! What runs when a program ends or a module goes: the functions registered by `atexit` and, by compilers for destructors of
//! static objects, by `__cxa_atexit` (C17 7.22.4.2; Itanium C++ ABI 3.3.6.3). They run in reverse.

use alloc::vec::Vec;
use core::ffi::{c_int, c_void};
use core::ops::Range;
use core::ptr;

use spin::Mutex;

use super::host::host;

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

/// The program that runs, if one does: what `exit` ends.
static PROGRAM: Mutex<Option<ModuleAddresses>> = Mutex::new(None);

/// Where a module lies.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ModuleAddresses(heapless::Vec<Range<usize>, MOST_SEGMENTS>);

/// More than a module has: one for each protection and lifetime.
const MOST_SEGMENTS: usize = 8;

impl ModuleAddresses {
    /// These ranges; no more are looked at than a module has segments.
    pub fn new(ranges: impl IntoIterator<Item = Range<usize>>) -> Self {
        Self(ranges.into_iter().take(MOST_SEGMENTS).collect())
    }

    /// Whether a handler is the module's: its `__dso_handle` tells, or else the function itself.
    fn has(&self, handler: &Handler) -> bool {
        let address = match handler.owner.is_null() {
            true => (handler.function as *const ()).addr(),
            false => handler.owner.addr(),
        };
        self.0.iter().any(|range| range.contains(&address))
    }
}

/// Names the module whose `main` is about to run, and gives the one that was named before: `exit` runs its handlers.
pub fn set_program(program: Option<ModuleAddresses>) -> Option<ModuleAddresses> {
    core::mem::replace(&mut *PROGRAM.lock(), program)
}

/// A registered function, taken out to be run once.
pub struct ExitHandler(Handler);

impl ExitHandler {
    /// Runs it.
    ///
    /// # Safety
    /// The module that registered it is mapped still.
    pub unsafe fn run(self) {
        // SAFETY: the module that registered it vouched for it.
        unsafe { (self.0.function)(self.0.argument) }
    }
}

/// Takes out the function that a module registered last: each is removed before it runs, so that none runs twice (Itanium
/// C++ ABI 3.3.6.3).
pub fn take_exit_handler(module: &ModuleAddresses) -> Option<ExitHandler> {
    take_last(|handler| module.has(handler)).map(ExitHandler)
}

/// Forgets the handlers of a module, unrun: what a kernel does with a module whose call failed.
pub fn forget_exit_handlers(module: &ModuleAddresses) {
    let mut handlers = HANDLERS.lock();
    handlers.retain(|handler| !module.has(handler));
    give_back_if_empty(&mut handlers);
}

/// Forgets the handlers whose functions are gone, as `is_gone` tells of their addresses: those of memory that only initializers
/// needed.
pub fn forget_lost_exit_handlers(is_gone: impl Fn(usize) -> bool) {
    let mut handlers = HANDLERS.lock();
    handlers.retain(|handler| !is_gone((handler.function as *const ()).addr()));
    give_back_if_empty(&mut handlers);
}

/// Runs the handlers of the program that runs, the last registered first, and those that they register on the way. Those of
/// other modules run when these are unloaded.
///
/// # Safety
/// The program is mapped still.
pub(super) unsafe fn run_programs_handlers() {
    let Some(program) = PROGRAM.lock().clone() else {
        return;
    };
    while let Some(handler) = take_exit_handler(&program) {
        // SAFETY: the caller's promise.
        unsafe { handler.run() };
    }
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
    // A function of nobody who goes would never be called.
    if owner.is_null() && !host().is_module_code((function as *const ()).addr()) {
        return -1;
    }
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
    while let Some(handler) = take_last(|handler| owner.is_null() || handler.owner == owner) {
        // SAFETY: the module that registered it vouched for it.
        unsafe { (handler.function)(handler.argument) }
    }
}

fn take_last(is_meant: impl Fn(&Handler) -> bool) -> Option<Handler> {
    let mut handlers = HANDLERS.lock();
    let index = handlers.iter().rposition(is_meant)?;
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

    use super::{
        ModuleAddresses, atexit, finalize, forget_exit_handlers, forget_lost_exit_handlers,
        register, run_programs_handlers, set_program, take_exit_handler,
    };
    use crate::exports::test_host::{NO_MODULES_FUNCTION, TURN, install_test_host};

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
        install_test_host();
        let [first, second] = [1, 2].map(ptr::without_provenance_mut::<c_void>);
        for (argument, owner) in [(10, first), (20, second), (11, first), (21, second)] {
            // SAFETY: `note` may be called at any time.
            unsafe { register(note, ptr::without_provenance_mut(argument), owner) };
        }
        // SAFETY: as above.
        unsafe { finalize(first) };
        assert_eq!(noted(), [11, 10]);
    }

    /// A module in which a function lies.
    fn module_of(function: *const ()) -> ModuleAddresses {
        ModuleAddresses::new(core::iter::once(function.addr()..function.addr() + 1))
    }

    #[test]
    fn exit_runs_the_programs_handlers_and_those_that_they_register() {
        let _turn = TURN.lock();
        install_test_host();
        let program = ModuleAddresses::new([0..10, (note as *const ()).addr()..usize::MAX]);
        let late = module_of(note_late as *const ());
        // SAFETY: the functions may be called at any time.
        unsafe {
            register(
                note,
                ptr::without_provenance_mut(5),
                ptr::without_provenance_mut(7),
            )
        };
        // SAFETY: as above.
        unsafe {
            register(
                note,
                ptr::without_provenance_mut(6),
                ptr::without_provenance_mut(17),
            )
        };
        // SAFETY: as above.
        unsafe { atexit(note_late) };
        // SAFETY: as above.
        unsafe { run_programs_handlers() };
        assert!(noted().is_empty(), "no program runs");
        assert_eq!(set_program(Some(late)), None);
        // SAFETY: as above.
        unsafe { run_programs_handlers() };
        assert!(noted().is_empty());
        assert!(set_program(Some(program)).is_some());
        // SAFETY: as above.
        unsafe { run_programs_handlers() };
        set_program(None);
        assert_eq!(noted(), [99, 5], "the one of another module stays");
        forget_exit_handlers(&ModuleAddresses::new(core::iter::once(17..18)));
        // SAFETY: as above.
        unsafe { finalize(ptr::null_mut()) };
        assert!(noted().is_empty());
    }

    #[test]
    fn functions_of_nobody_are_refused_and_those_that_are_gone_forgotten() {
        let _turn = TURN.lock();
        install_test_host();
        let nobodys: *const () = ptr::without_provenance(NO_MODULES_FUNCTION);
        // SAFETY: it is only registered, never called.
        let nobodys = unsafe {
            core::mem::transmute::<*const (), unsafe extern "C" fn(*mut c_void)>(nobodys)
        };
        // SAFETY: as above.
        assert_eq!(unsafe { atexit(nobodys) }, -1);
        // SAFETY: `note` may be called at any time.
        assert_eq!(unsafe { atexit(note) }, 0);
        let address = (note as *const ()).addr();
        forget_lost_exit_handlers(|gone| gone == address);
        assert!(take_exit_handler(&module_of(note as *const ())).is_none());
    }

    #[test]
    fn the_handlers_of_a_module_are_taken_one_by_one_or_forgotten() {
        let _turn = TURN.lock();
        install_test_host();
        for argument in [1, 2] {
            // SAFETY: `note` may be called at any time.
            unsafe { register(note, ptr::without_provenance_mut(argument), ptr::null_mut()) };
        }
        let module = module_of(note as *const ());
        let last = take_exit_handler(&module).expect("two were registered");
        // SAFETY: as above.
        unsafe { last.run() };
        assert_eq!(noted(), [2]);
        forget_exit_handlers(&module);
        assert!(take_exit_handler(&module).is_none());
    }
}
