//! How a module's own code is called while it is loaded: directly, unless a kernel guards the calls.

use crate::base::{TargetAddr, int};
use crate::link::{Environment, Reference, ResolverFailed};

use super::InitializerFailed;

/// How an initializer is called. A kernel that guards the call can report that it did not return.
pub type InitializerCaller = fn(TargetAddr) -> Result<(), InitializerFailed>;

/// How the resolver of an indirect function is called, and what it returned. A kernel that guards the call can report that it
/// did not return.
pub type ResolverCaller = fn(TargetAddr) -> Result<TargetAddr, ResolverFailed>;

/// How a module's own code is called while it is loaded.
#[derive(Clone, Copy)]
pub(super) struct Callers {
    pub(super) initializer: InitializerCaller,
    pub(super) resolver: ResolverCaller,
}

impl Callers {
    /// Calls that are trusted to return.
    pub(super) const DIRECT: Self = Self {
        initializer: call_directly,
        resolver: resolve_directly,
    };
}

/// The surroundings of a link whose names are resolved.
pub(super) struct Resolvers {
    /// `None` if this program can't call the module's code.
    pub(super) caller: Option<ResolverCaller>,
}

impl Environment for Resolvers {
    fn resolve(&mut self, _: Reference<'_>) -> Option<TargetAddr> {
        None
    }

    fn call_resolver(
        &mut self,
        function: TargetAddr,
    ) -> Result<Option<TargetAddr>, ResolverFailed> {
        self.caller.map(|call| call(function)).transpose()
    }
}

/// Calls an initializer as any C function, and trusts it to return.
#[expect(unsafe_code, reason = "an initializer is foreign code")]
fn call_directly(function: TargetAddr) -> Result<(), InitializerFailed> {
    type Initializer = unsafe extern "C" fn();
    let function = super::Function::<Initializer>::new(function);
    // SAFETY: whoever loads a module answers for its initializers, which take and return nothing.
    unsafe { function() };
    Ok(())
}

/// Calls a resolver as its ABI says, and trusts it to return. It is told of no hardware capabilities, so that it chooses what
/// runs everywhere, or looks for itself. Source: System V gABI, GNU extensions; SYSVABI64 of AArch64, "GNU indirect
/// functions".
#[expect(unsafe_code, reason = "a resolver is foreign code")]
fn resolve_directly(function: TargetAddr) -> Result<TargetAddr, ResolverFailed> {
    type Resolver = unsafe extern "C" fn(u64, *const ()) -> usize;
    let function = super::Function::<Resolver>::new(function);
    // SAFETY: whoever loads a module answers for its resolvers; they take two arguments at most, and return an address.
    let chosen = unsafe { function(0, core::ptr::null()) };
    Ok(TargetAddr::new(int::from_usize(chosen)))
}
