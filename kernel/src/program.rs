//! Running a module's functions: `main` with its arguments, and initializers, each in a guarded call.

use alloc::vec::Vec;
use core::ptr;

use ironlink::base::{TargetAddr, Text};
use ironlink::link::ResolverFailed;
use ironlink::session::{InitializerFailed, LookupError, Module};
use spin::Mutex;

use crate::exports;
use crate::guard::{self, Outcome};
use crate::kernel::ModuleMemory;
use crate::machine::Callee;
use crate::report;

/// `int main(int argc, char **argv)`; the kernel has no environment.
type Main = unsafe extern "C" fn(i32, *const *const u8) -> i32;

/// A program's arguments as C has them.
#[derive(Debug)]
pub struct Arguments {
    /// The strings, each ended by a zero byte; the program may write to them.
    _strings: Vec<u8>,
    /// Where each of them begins, and a null pointer at the end.
    pointers: Vec<*const u8>,
}

impl Arguments {
    /// These arguments, the first of which is the program's name.
    pub fn new<'a>(arguments: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut strings = Vec::new();
        let mut starts = Vec::new();
        for argument in arguments {
            starts.push(strings.len());
            strings.extend_from_slice(argument);
            strings.push(0);
        }
        let first: *const u8 = strings.as_mut_ptr();
        let mut pointers: Vec<_> = starts
            .into_iter()
            .map(|start| first.wrapping_add(start))
            .collect();
        pointers.push(ptr::null());
        Self {
            _strings: strings,
            pointers,
        }
    }

    fn count(&self) -> i32 {
        i32::try_from(self.pointers.len() - 1).unwrap_or(i32::MAX)
    }
}

/// Calls the module's `main`, and then what it registered with `atexit`. Gives how that ended: if `main` returned, as
/// if it had called `exit`.
///
/// # Errors
/// The module has no `main`.
///
/// # Safety
/// The module's `main` has that name's signature, and the module is trusted as the kernel's own code is. If the call ends
/// by a fault, nothing that it held is needed any more.
pub unsafe fn call_main(
    module: &Module<'_, ModuleMemory>,
    arguments: &Arguments,
) -> Result<Outcome, LookupError> {
    let main = module.function::<Main>("main")?;
    let (count, pointers) = (arguments.count(), arguments.pointers.as_ptr());
    let ended = guard::run(|| {
        // SAFETY: by this function's contract it is C's `main`; the pointers live until the call has ended.
        let status = unsafe { main(count, pointers) };
        // SAFETY: the module that registered them is loaded.
        unsafe { exports::run_exit_handlers() };
        status
    });
    let outcome = ended.map_or_else(|outcome| outcome, Outcome::Exited);
    if !matches!(outcome, Outcome::Exited(_)) {
        exports::forget_exit_handlers(0..usize::MAX);
    }
    Ok(outcome)
}

/// How the last initializer ended that did not return.
static UNRETURNED: Mutex<Option<Outcome>> = Mutex::new(None);

/// How the initializer ended for which the last load failed: a program that calls `exit` there has an exit status, too.
/// Tells it once.
pub fn take_unreturned() -> Option<Outcome> {
    UNRETURNED.lock().take()
}

/// Calls an initializer for a session. One that does not return fails, and is reported.
///
/// # Errors
/// It did not return.
pub(crate) fn call_initializer(initializer: TargetAddr) -> Result<(), InitializerFailed> {
    match call_while_loading(initializer) {
        Ok(_) => Ok(()),
        Err(reason) => Err(InitializerFailed { reason }),
    }
}

/// Calls the resolver of an indirect function for a session, and gives what it returned. One that does not return fails, and
/// is reported.
///
/// # Errors
/// It did not return.
pub(crate) fn call_resolver(resolver: TargetAddr) -> Result<TargetAddr, ResolverFailed> {
    match call_while_loading(resolver) {
        Ok(chosen) => Ok(TargetAddr::new(chosen as u64)),
        Err(reason) => Err(ResolverFailed { reason }),
    }
}

/// Calls a function of a module that is being loaded, and gives what it returned, or why it didn't.
fn call_while_loading(function: TargetAddr) -> Result<usize, Text<200>> {
    let pointer: *const () = ptr::with_exposed_provenance(function.value() as usize);
    // SAFETY: the session gives addresses of code, and whoever loads a module answers for its initializers and resolvers. They
    // take no parameters; or C's three, of which they get a zero count and a null pointer; or a resolver's two, of which they
    // get no capabilities and a null pointer.
    let function = unsafe { core::mem::transmute::<*const (), Callee>(pointer) };
    // SAFETY: likewise.
    let outcome = unsafe { guard::call(function, 0, 0) };
    if let Outcome::Returned(value) = outcome {
        return Ok(value);
    }
    report::send(&outcome);
    // Nothing that the module registered for its end may run: it is about to be removed.
    exports::forget_exit_handlers(0..usize::MAX);
    let reason = Text::of(&outcome);
    *UNRETURNED.lock() = Some(outcome);
    Err(reason)
}
