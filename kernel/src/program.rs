//! Running a module's functions: `main` with its arguments, and what runs at its beginning and end, each in a guarded call.

use alloc::vec::Vec;
use core::ptr;

use ironlink::base::{AddressRange, Protection, TargetAddr, Text};
use ironlink::session::{CallFailed, LoadError, LookupError, Module, ModuleView, Plugin};
use spin::Mutex;

use crate::exports;
use crate::guard::{self, Outcome};
use crate::kernel::{self, ModuleMemory};
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
    // SAFETY: by this function's contract it is C's `main`; the pointers live until the call has ended.
    let ended = call_guarded(module.segments(), || unsafe { main(count, pointers) });
    Ok(ended.map_or_else(|outcome| outcome, Outcome::Exited))
}

/// Runs code of a module with these segments, and then what it registered with `atexit`. Gives how that ended, if it didn't
/// return: what was registered is forgotten then, unless the code has called `exit`.
///
/// # Errors
/// How it ended.
pub(crate) fn call_guarded<T>(
    segments: impl Iterator<Item = (AddressRange, Protection)>,
    code: impl FnOnce() -> T,
) -> Result<T, Outcome> {
    let addresses = addresses_of(segments);
    let outer = exports::set_program(Some(addresses.clone()));
    let ended = guard::run(|| {
        let result = code();
        while let Some(handler) = exports::take_exit_handler(&addresses) {
            // SAFETY: the module is loaded.
            unsafe { handler.run() };
        }
        result
    });
    exports::set_program(outer);
    if !matches!(ended, Ok(_) | Err(Outcome::Exited(_))) {
        exports::forget_exit_handlers(&addresses);
    }
    ended
}

/// Where a module's segments lie.
fn addresses_of(
    segments: impl Iterator<Item = (AddressRange, Protection)>,
) -> exports::ModuleAddresses {
    exports::ModuleAddresses::new(segments.map(|(range, _)| {
        let [first, last] = [range.first(), range.last()].map(|it| it.value() as usize);
        first..last + 1
    }))
}

/// Runs what modules registered for their ends when they are unloaded, or when a load is undone: the functions given to
/// `atexit` and `__cxa_atexit`, each in a guarded call.
pub(crate) struct ExitHandlers;

impl Plugin for ExitHandlers {
    fn name(&self) -> &str {
        "exit handlers"
    }

    fn finalizing(&self, module: &ModuleView) {
        let addresses = addresses_of(module.segments());
        while let Some(handler) = exports::take_exit_handler(&addresses) {
            // SAFETY: the module is loaded still.
            let ended = guard::run(|| unsafe { handler.run() });
            if let Err(outcome) = ended {
                report::send(&outcome);
            }
        }
    }

    fn ready(&self, _: &ModuleView) {
        // What only initializers needed is gone, and what they registered of it must not be called.
        let is_gone = |address: usize| {
            let address = TargetAddr::new(address as u64);
            kernel::get().is_some_and(|kernel| kernel.mapped_at(address).is_none())
        };
        exports::forget_lost_exit_handlers(is_gone);
    }

    fn removing(&self, module: &ModuleView) {
        // What finalizers registered comes too late to run.
        exports::forget_exit_handlers(&addresses_of(module.segments()));
    }

    fn failed(&self, module: &ModuleView, _: &LoadError) {
        self.removing(module);
    }
}

/// How the first function of a module ended that did not return, since this was asked for.
static UNRETURNED: Mutex<Option<Outcome>> = Mutex::new(None);

/// How the initializer ended for which the last load failed: a program that calls `exit` there has an exit status, too.
/// Tells it once.
pub fn take_unreturned() -> Option<Outcome> {
    UNRETURNED.lock().take()
}

/// Calls a function of a module for a session: an initializer, a finalizer, a resolver. One that does not return fails, and is
/// reported.
///
/// # Errors
/// It did not return.
pub(crate) fn call_code(function: TargetAddr) -> Result<usize, CallFailed> {
    let pointer: *const () = ptr::with_exposed_provenance(function.value() as usize);
    // SAFETY: the session gives addresses of code, and whoever loads a module answers for it. These functions take no
    // parameters; or C's three, of which they get a zero count and a null pointer; or a resolver's two, of which they get no
    // capabilities and a null pointer.
    let function = unsafe { core::mem::transmute::<*const (), Callee>(pointer) };
    // SAFETY: likewise.
    let outcome = unsafe { guard::call(function, 0, 0) };
    if let Outcome::Returned(value) = outcome {
        return Ok(value);
    }
    report::send(&outcome);
    let reason = Text::display(&outcome);
    // What undoes a load may fail, too; the first failure is the one that counts.
    UNRETURNED.lock().get_or_insert(outcome);
    Err(CallFailed { reason })
}
