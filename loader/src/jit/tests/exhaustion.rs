//! What is left when a module with hot swap has no heap for something: nothing, and all can be tried again.

use std::string::ToString;

use super::{code, hot_swap_module, hot_swap_session};
use crate::base::{Alignment, failing_heap};
use crate::jit::{FuncId, JitError, JitModule, Linkage};
use crate::memory::mock::MockMemory;
use crate::session::Session;

type Module<'s> = JitModule<'s, MockMemory>;

fn define(module: &mut Module<'_>, function: FuncId) -> Result<(), JitError> {
    let machine = module.machine();
    module.define_function(function, code(machine), Alignment::SIXTEEN, &[])
}

/// Functions that others find, one that they don't, and another name of one.
fn define_all(module: &mut Module<'_>) -> Result<[FuncId; 4], JitError> {
    let one = module.declare_function("one", Linkage::Export)?;
    let two = module.declare_function("two", Linkage::Hidden)?;
    let own = module.declare_function("own", Linkage::Local)?;
    let alias = module.declare_function("alias", Linkage::Preemptible)?;
    for function in [one, two, own] {
        define(module, function)?;
    }
    module.alias_function(alias, one)?;
    Ok([one, two, own, alias])
}

/// Does one step with each number of allocations before one fails, and lets `look` see that it left nothing each time that it
/// did; until it succeeds.
fn exhaust<'s, R>(
    module: &mut Module<'s>,
    mut step: impl FnMut(&mut Module<'s>) -> Result<R, JitError>,
    look: impl Fn(&Module<'s>),
) -> R {
    for failures in 0.. {
        match failing_heap::fail_after(failures, || step(module)) {
            Ok(result) => {
                assert!(failures > 0);
                return result;
            }
            Err(error) => assert!(error.to_string().contains("heap"), "{error}"),
        }
        look(module);
    }
    unreachable!("each step ends")
}

#[test]
fn finalizing_and_redefining_without_heap_leaves_all_as_it_was() {
    let session = hot_swap_session();
    // What the session keeps of its largest tables is there once they were.
    live(&session);
    let before = (session.statistics(), session.memory().used_bytes());
    let heap = failing_heap::live_bytes();
    live(&session);
    let after = (session.statistics(), session.memory().used_bytes());
    assert_eq!((after, failing_heap::live_bytes()), (before, heap));
}

/// A module from its beginning to its end.
fn live(session: &Session<MockMemory>) {
    let modules = session.statistics().modules;
    let mut module = hot_swap_module(session).unwrap();
    let functions = define_all(&mut module).unwrap();
    let [one, two, own, alias] = functions;
    let known = |name| session.main_dylib().address(name);
    let finalize = |module: &mut Module<'_>| module.finalize_definitions();
    exhaust(&mut module, finalize, |module| {
        // Entries may be there already.
        assert!(session.statistics().modules <= modules + 1);
        for function in functions {
            assert!(module.finalized_function(function).is_err());
        }
        assert_eq!(["one", "two", "own", "alias"].map(known), [None; 4]);
        assert_eq!(module.pending_count(), 4);
    });
    let entries = [one, two, alias].map(|function| module.finalized_function(function).ok());
    assert_eq!(["one", "two", "alias"].map(known), entries);
    let body = module.read_got_entry(one);
    assert!(module.read_got_entry(own).is_ok());
    module.prepare_for_function_redefine(one).unwrap();
    define(&mut module, one).unwrap();
    exhaust(&mut module, finalize, |module| {
        assert_eq!(module.read_got_entry(one), body);
        assert_eq!(known("one"), entries[0]);
    });
    assert_ne!(module.read_got_entry(one), body);
    // SAFETY: nothing runs a mock's code.
    assert_eq!(unsafe { module.free_replaced() }, 0);
    // SAFETY: as above.
    unsafe { module.free() }
        .map_err(|(_, error)| error)
        .unwrap();
}
