//! How a module's own code is called by the session: directly, unless a kernel guards the calls.

use crate::base::{TargetAddr, Text, int};

/// How a function of a module is called: an initializer, a finalizer, the resolver of an indirect function, a module's `init`
/// or `exit`. It gives what the function returned, of which those who look at it take as many bits as the function's type has.
/// A kernel that guards the call can report that it did not return.
///
/// The function takes three words at most, as C passes them, which are zero: C's initializers are given a count of arguments
/// and two lists of them, resolvers hardware capabilities and a list of more. So none is told, and each chooses what runs
/// everywhere, or looks for itself. Source: System V gABI, GNU extensions; SYSVABI64 of AArch64, "GNU indirect functions".
pub type CodeCaller = fn(TargetAddr) -> Result<usize, CallFailed>;

/// Why a call did not return: what its caller tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallFailed {
    /// Why.
    pub reason: Text<200>,
}

/// Calls a function, and trusts it to return.
#[expect(unsafe_code, reason = "a module's function is foreign code")]
pub(super) fn call_directly(function: TargetAddr) -> Result<usize, CallFailed> {
    type Code = unsafe extern "C" fn(usize, usize, *const ()) -> usize;
    let function = super::Function::<Code>::new(function);
    // SAFETY: whoever loads a module answers for its functions; C lets each be given more words than it takes, and one that
    // returns nothing leaves some word where a result would be.
    Ok(unsafe { function(0, 0, core::ptr::null()) })
}

/// What a function returned that returns C's `int`.
pub(super) fn as_int(returned: usize) -> i32 {
    int::low_u32(int::from_usize(returned)).cast_signed()
}
