//! What is left of lazy functions when anything runs out: over a mock's memory, of which compilers are asked for by hand.

use std::vec::Vec;

use super::{LazyJit, compile};
use crate::base::{Alignment, failing_heap};
use crate::jit::tests::{hot_swap_module, hot_swap_session};
use crate::jit::{FuncId, JitError, JitModule, Linkage};
use crate::memory::mock::MockMemory;
use crate::session::Session;

const CODE: [u8; 8] = [0; 8];

/// Has a function compiled that is lazy, with one that waits and that it needs; gives the module that this is in, if there is
/// one.
fn compile_lazily<'s>(
    session: &'s Session<MockMemory>,
    kept: &mut Option<JitModule<'s, MockMemory>>,
) -> Result<(), JitError> {
    let module = hot_swap_module(session)?;
    let lazy = LazyJit::new(module).map_err(|(module, error)| {
        *kept = Some(module);
        error
    })?;
    let compiled = compile_in(&lazy);
    *kept = Some(lazy.into_module());
    compiled
}

fn compile_in(lazy: &LazyJit<'_, MockMemory>) -> Result<(), JitError> {
    let function = lazy.lock().declare_function("lazy", Linkage::Export)?;
    let compiler = |module: &mut JitModule<'_, MockMemory>, function: FuncId| {
        let beside = module.declare_function("beside", Linkage::Export)?;
        module.define_function(beside, &CODE, Alignment::EIGHT, &[])?;
        module.define_function(function, &CODE, Alignment::EIGHT, &[])
    };
    lazy.define_lazily(function, compiler)?;
    lazy.lock().finalize_definitions()?;
    let trampoline = lazy.lock().read_got_entry(function)?;
    let waiting: Vec<usize> = {
        let waiting = lazy.state.waiting.lock();
        let places = waiting
            .iter()
            .map(|it| (&raw const **it).expose_provenance());
        failing_heap::exempt(|| places.collect())
    };
    compile::<MockMemory>(waiting[0]);
    failing_heap::exempt(|| drop(waiting));
    match lazy.take_failure() {
        Some(error) => {
            assert_eq!(lazy.lock().pending_count(), 0);
            Err(error)
        }
        None => {
            assert_ne!(lazy.lock().read_got_entry(function)?, trampoline);
            Ok(())
        }
    }
}

/// Does all of it, with only so many allocations, and frees what there is.
fn live(session: &Session<MockMemory>, allocations: u64) -> Result<(), JitError> {
    let mut kept = None;
    let result = failing_heap::fail_after(allocations, || compile_lazily(session, &mut kept));
    if let Some(module) = kept {
        // SAFETY: nothing runs a mock's code.
        unsafe { module.free() }
            .map_err(|(_, error)| error)
            .unwrap();
    }
    result
}

#[test]
fn whatever_allocation_of_a_lazy_function_fails_nothing_is_left() {
    let session = hot_swap_session();
    let counts = || (session.statistics(), session.memory().used_bytes());
    let before = counts();
    let fail_each = || {
        let failures = (0..).take_while(|&count| {
            let failed = live(&session, count).is_err();
            assert_eq!(counts(), before, "{count}");
            failed
        });
        failures.count()
    };
    // What the session keeps of its largest tables is there once they were.
    let failures = fail_each();
    let heap = failing_heap::live_bytes();
    assert_eq!((fail_each(), failing_heap::live_bytes()), (failures, heap));
    assert!(failures > 50, "{failures}");
}
