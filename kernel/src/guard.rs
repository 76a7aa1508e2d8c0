//! Guarded calls: code that may fault, panic, abort or exit is called so that only the call ends by it, not the kernel.
//!
//! Calls nest: the first one runs on the module stack, those within it go on there. Whatever ends a call ends the innermost
//! one. What the code below it held, locks of the kernel included, is not given back; the line's lock alone is broken, and
//! a fault under the heap's lock ends the kernel, since the heap may be half changed.

use core::fmt;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use ironlink::base::Text;

use crate::console;
use crate::fault::{Fault, Report};
use crate::machine::{self, CallContext, Callee, GuardedStack};
use crate::panic;
use crate::protocol::{Record, STATUS_KERNEL_FAILED};

/// The size of the stack that modules run on.
const MODULE_STACK_BYTES: usize = 1 << 20;
/// The most bytes of a reason that an outcome keeps.
const REASON_BYTES: usize = 256;

static MODULE_STACK: GuardedStack<MODULE_STACK_BYTES> = GuardedStack::new();

/// The innermost guarded call; null outside of all.
static INNERMOST: AtomicPtr<Guard> = AtomicPtr::new(ptr::null_mut());
/// Whether a trap or a panic is being handled: a second one is then the kernel's end.
static IS_HANDLING: AtomicBool = AtomicBool::new(false);

/// How a guarded call ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The function returned this.
    Returned(usize),
    /// The code called `exit` with this status.
    Exited(i32),
    /// The machine ended the code.
    Fault(Fault),
    /// The code called `abort`, or a check of its compiler's failed; the reason.
    Aborted(Text<REASON_BYTES>),
    /// Code of the kernel panicked; the message.
    Panicked(Text<REASON_BYTES>),
}

/// A guarded call that has not ended.
struct Guard {
    context: CallContext,
    /// How it ends, if it doesn't return.
    end: Option<Outcome>,
}

/// Calls `function(first, second)` by the C ABI.
///
/// # Safety
/// The function takes two words at most and gives a word. If it doesn't return, nothing that it or what it called held is
/// needed any more.
pub unsafe fn call(function: Callee, first: usize, second: usize) -> Outcome {
    let outer = INNERMOST.load(Ordering::Relaxed);
    let mut guard = Guard {
        context: CallContext::default(),
        end: None,
    };
    let this = &raw mut guard;
    let stack_top = if outer.is_null() {
        MODULE_STACK.top()
    } else {
        0
    };
    INNERMOST.store(this, Ordering::Relaxed);
    // SAFETY: the guard lives here until the call has ended.
    let context = unsafe { &raw mut (*this).context };
    // SAFETY: outside of all guarded calls nobody uses the module stack; inside, the one in use goes on.
    let returned = unsafe { machine::call_on(stack_top, function, first, second, context) };
    INNERMOST.store(outer, Ordering::Relaxed);
    // SAFETY: the call has ended, so that the guard is this function's alone.
    let end = unsafe { (*this).end.take() };
    end.unwrap_or(Outcome::Returned(returned))
}

/// Runs `code`; gives the fault that ended it, if one did.
///
/// # Panics
/// The code ended in another way than by returning or by a fault: it is passed on as a panic.
pub fn expect_fault(code: impl FnOnce()) -> Option<Fault> {
    match run(code) {
        Ok(()) => None,
        Err(Outcome::Fault(fault)) => Some(fault),
        Err(other) => panic!("{other}"),
    }
}

/// Runs `code`; gives how it ended, if it didn't return.
///
/// If it didn't, nothing that `code` held is dropped: locks stay taken and memory stays allocated. So code that relies on a
/// drop for its soundness doesn't belong here, as it doesn't under `mem::forget`.
///
/// # Errors
/// How it ended.
pub fn run<T>(code: impl FnOnce() -> T) -> Result<T, Outcome> {
    struct Errand<F, T> {
        code: Option<F>,
        result: Option<T>,
    }
    unsafe extern "C" fn callee<F: FnOnce() -> T, T>(errand: usize, _: usize) -> usize {
        let errand: *mut Errand<F, T> = ptr::with_exposed_provenance_mut(errand);
        // SAFETY: the address is that of the errand below, which nobody else uses meanwhile.
        let errand = unsafe { &mut *errand };
        errand.result = errand.code.take().map(|code| code());
        0
    }
    fn callee_of<F: FnOnce() -> T, T>(_: &Errand<F, T>) -> Callee {
        callee::<F, T>
    }
    let mut errand = Errand {
        code: Some(code),
        result: None,
    };
    let function = callee_of(&errand);
    let address = (&raw mut errand).expose_provenance();
    // SAFETY: `callee` takes a word and gives one; code that doesn't return leaves the errand without a result.
    let outcome = unsafe { call(function, address, 0) };
    errand.result.ok_or(outcome)
}

/// Ends the innermost guarded call.
///
/// # Panics
/// There is none.
pub(crate) fn end(outcome: Outcome) -> ! {
    let innermost = INNERMOST.load(Ordering::Relaxed);
    assert!(
        !innermost.is_null(),
        "outside of all guarded calls: {outcome}"
    );
    // SAFETY: the innermost guard lives on the stack of the call that has not ended.
    unsafe { (*innermost).end = Some(outcome) };
    // SAFETY: likewise.
    let context = unsafe { &raw const (*innermost).context };
    // SAFETY: that call has not returned; by its contract nothing below it is needed.
    unsafe { machine::leave(context, 0) }
}

/// Takes a trap: ends the innermost guarded call by it. The machine's trap code is to leave to that context.
pub(crate) fn trapped(fault: Fault) -> *const CallContext {
    let innermost = INNERMOST.load(Ordering::Relaxed);
    let is_second = IS_HANDLING.swap(true, Ordering::Relaxed);
    if innermost.is_null() || is_second || crate::heap::is_locked() {
        die(&fault);
    }
    // SAFETY: the code that was interrupted never runs on.
    unsafe { console::recover() };
    // SAFETY: the innermost guard lives on the stack of the call that has not ended.
    unsafe { (*innermost).end = Some(Outcome::Fault(fault)) };
    IS_HANDLING.store(false, Ordering::Relaxed);
    // SAFETY: likewise.
    unsafe { &raw const (*innermost).context }
}

/// The page below the module stack, which is never mapped.
pub(crate) fn guard_page() -> u64 {
    MODULE_STACK.guard_page()
}

/// Whether code runs whose panic ends a call only.
pub(crate) fn is_active() -> bool {
    !INNERMOST.load(Ordering::Relaxed).is_null() && !crate::heap::is_locked()
}

/// Reports a fault of the kernel itself, and ends.
fn die(fault: &Fault) -> ! {
    static IS_DYING: AtomicBool = AtomicBool::new(false);
    if IS_DYING.swap(true, Ordering::Relaxed) {
        // Telling of the first fault led to this one.
        machine::switch_off();
    }
    // SAFETY: the code that was interrupted never runs on.
    unsafe { console::recover() };
    let report = Report {
        fault,
        place: &"in the kernel",
        detail: None,
    };
    console::send(&Record::Fault(format_args!("{report}")));
    panic::exit(STATUS_KERNEL_FAILED)
}

/// The words on the module stack from `stack_pointer` on; none if that lies elsewhere.
pub(crate) fn module_stack_from(stack_pointer: u64) -> impl Iterator<Item = u64> {
    let top = MODULE_STACK.top();
    let first = stack_pointer.next_multiple_of(8);
    let is_there = (top - MODULE_STACK_BYTES as u64..top).contains(&first);
    let end = if is_there { top } else { first };
    (first..end).step_by(8).map(|address| {
        let word: *const u64 = ptr::with_exposed_provenance(address as usize);
        // SAFETY: the word is part of the module stack; whatever wrote there has ended.
        unsafe { word.read_volatile() }
    })
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned(value) => write!(formatter, "returned {value}"),
            Self::Exited(status) => write!(formatter, "status {status}"),
            Self::Fault(fault) => write!(formatter, "{} at {:#x}", fault.cause, fault.instruction),
            Self::Aborted(reason) => write!(formatter, "aborted: {reason}"),
            Self::Panicked(message) => write!(formatter, "the kernel panicked: {message}"),
        }
    }
}
