//! Functions that are compiled when they are first called.

use alloc::string::ToString;
use core::sync::atomic::{AtomicUsize, Ordering};

use ironlink::base::Alignment;
use ironlink::jit::{Content, Declared, FuncId, JitError, JitModule, LazyJit, Linkage, Storage};
use ironlink::memory::MemoryManager;

use super::{Number, Place, Unary, call, code, define, export, fine, free};

fn lazy_module<'p, M: MemoryManager<Finalized: Send> + Sync>(
    place: &Place<'p, M>,
) -> LazyJit<'p, M> {
    let lazy = LazyJit::new(place.module(true));
    lazy.unwrap_or_else(|(_, error)| panic!("{error}"))
}

/// The first call compiles, the second goes straight; all arguments arrive.
pub fn a_lazy_function_is_compiled_when_it_is_first_called<
    M: MemoryManager<Finalized: Send> + Sync,
>(
    place: Place<'_, M>,
) {
    let before = (place.used_bytes)();
    let compiled = AtomicUsize::new(0);
    let lazy = lazy_module(&place);
    let [function, caller] = {
        let mut module = lazy.lock();
        let function = fine(module.declare_function("lazy", Linkage::Export));
        [
            function,
            export(&mut module, "caller", code::passes_on(function)),
        ]
    };
    let compiler = |module: &mut JitModule<'_, M>, function| {
        compiled.fetch_add(1, Ordering::Relaxed);
        define(module, function, code::adds(7));
        Ok(())
    };
    fine(lazy.define_lazily(function, compiler));
    fine(lazy.lock().finalize_definitions());
    let address = fine(lazy.lock().finalized_function(caller));
    let trampoline = fine(lazy.lock().read_got_entry(function));
    // SAFETY: the caller takes an integer, and is there until the end.
    let called: Unary = unsafe { core::mem::transmute(address.value() as usize) };
    assert_eq!(compiled.load(Ordering::Relaxed), 0);
    for (argument, count) in [(1, 1), (2, 1), (3, 1)] {
        // SAFETY: as above.
        assert_eq!(unsafe { called(argument) }, argument + 7);
        assert_eq!(compiled.load(Ordering::Relaxed), count);
    }
    assert_ne!(fine(lazy.lock().read_got_entry(function)), trampoline);
    let mut module = lazy.into_module();
    // SAFETY: no call of it is on its way.
    assert_eq!(unsafe { module.free_replaced() }, 0);
    free(module);
    assert_eq!((place.used_bytes)(), before);
}

/// A function in memory whose compiler must not be called.
fn never_compiled<'p, M: MemoryManager<Finalized: Send> + Sync>(
    place: &Place<'p, M>,
) -> (LazyJit<'p, M>, FuncId) {
    let lazy = lazy_module(place);
    let function = fine(lazy.lock().declare_function("function", Linkage::Export));
    let compiler =
        |_: &mut JitModule<'_, M>, _| -> Result<(), JitError> { panic!("it was called") };
    fine(lazy.define_lazily(function, compiler));
    fine(lazy.lock().finalize_definitions());
    (lazy, function)
}

/// A lazy function that is defined in another way before it is called is not compiled, nor taken away with the compilers.
pub fn a_lazy_function_that_is_defined_otherwise_stays<M: MemoryManager<Finalized: Send> + Sync>(
    place: Place<'_, M>,
) {
    let (lazy, function) = never_compiled(&place);
    let mut module = lazy.lock();
    fine(module.prepare_for_function_redefine(function));
    define(&mut module, function, code::returns(6));
    fine(module.finalize_definitions());
    assert_eq!(call(&module, function), 6);
    drop(module);
    let module = lazy.into_module();
    assert_eq!(call(&module, function), 6);
    free(module);
}

/// A call of a lazy function that was defined in another way meanwhile, and not linked yet, links that.
pub fn a_call_of_a_lazy_function_links_how_it_was_defined_otherwise<
    M: MemoryManager<Finalized: Send> + Sync,
>(
    place: Place<'_, M>,
) {
    let (lazy, function) = never_compiled(&place);
    let mut module = lazy.lock();
    let address = fine(module.finalized_function(function));
    fine(module.prepare_for_function_redefine(function));
    define(&mut module, function, code::returns(6));
    drop(module);
    // SAFETY: it is an entry of a function that takes nothing, which stays.
    let called: Number = unsafe { core::mem::transmute(address.value() as usize) };
    // SAFETY: as above.
    assert_eq!(unsafe { called() }, 6);
    free(lazy.into_module());
}

/// A lazy call links its function, what was compiled beside it, and what these need; all else that waits does so still, be it
/// that it can't be linked.
pub fn a_lazy_call_links_what_it_needs_and_no_more<M: MemoryManager<Finalized: Send> + Sync>(
    place: Place<'_, M>,
) {
    let lazy = lazy_module(&place);
    let mut module = lazy.lock();
    let [number, alias] = ["number", "alias"]
        .map(|name| fine(module.declare_data(name, Linkage::Local, Storage::ReadOnly)));
    let [function, deepest, helper] = ["function", "deepest", "helper"]
        .map(|name| fine(module.declare_function(name, Linkage::Export)));
    let nowhere = fine(module.declare_function("nowhere", Linkage::Import));
    let compiler = move |module: &mut JitModule<'_, M>, function| {
        let beside = fine(module.declare_function("beside", Linkage::Export));
        define(module, function, code::calls(helper, 1));
        define(module, beside, code::returns(70));
        Ok(())
    };
    drop(module);
    fine(lazy.define_lazily(function, compiler));
    let mut module = lazy.lock();
    fine(module.finalize_definitions());
    let bytes = 40_u32.to_le_bytes();
    fine(module.define_data(number, Content::Bytes(&bytes), Alignment::FOUR, &[]));
    let stuck = export(&mut module, "stuck", code::calls(nowhere, 2));
    fine(module.alias_data(alias, number));
    define(&mut module, deepest, code::reads(alias));
    let other = export(&mut module, "other", code::returns(60));
    define(&mut module, helper, code::calls(deepest, 5));
    let address = fine(module.finalized_function(function));
    drop(module);
    // SAFETY: it is an entry of a function that takes nothing, which stays.
    let called: Number = unsafe { core::mem::transmute(address.value() as usize) };
    // SAFETY: as above.
    assert_eq!(unsafe { called() }, 46);
    assert!(lazy.take_failure().is_none());
    let mut module = lazy.into_module();
    assert_eq!(call(&module, deepest), 40);
    let Some(Declared::Function(beside)) = module.declared("beside") else {
        panic!("it was declared");
    };
    assert_eq!(call(&module, beside), 70);
    for waiting in [stuck, other] {
        assert!(module.function::<Number>(waiting).is_err());
    }
    let error = module.finalize_definitions().unwrap_err().to_string();
    assert!(error.contains("nowhere"), "{error}");
    let mut giver = place.module(false);
    export(&mut giver, "nowhere", code::returns(20));
    fine(giver.finalize_definitions());
    fine(module.finalize_definitions());
    assert_eq!([stuck, other].map(|it| call(&module, it)), [22, 60]);
    free(module);
    free(giver);
}

/// A lazy function whose code can't be linked takes nothing along: what waited before is linked later, and can be.
pub fn a_lazy_call_that_fails_to_link_leaves_what_waits<
    M: MemoryManager<Finalized: Send> + Sync,
>(
    place: Place<'_, M>,
    traps: impl Fn(Number) -> bool,
) {
    let lazy = lazy_module(&place);
    let [function, helper, other] = ["function", "helper", "other"]
        .map(|name| fine(lazy.lock().declare_function(name, Linkage::Export)));
    let compiler = move |module: &mut JitModule<'_, M>, function| {
        let nowhere = fine(module.declare_function("nowhere", Linkage::Import));
        let beside = fine(module.declare_function("beside", Linkage::Export));
        define(module, function, code::calls(helper, 1));
        define(module, beside, code::calls(nowhere, 1));
        Ok(())
    };
    fine(lazy.define_lazily(function, compiler));
    let mut module = lazy.lock();
    fine(module.finalize_definitions());
    define(&mut module, helper, code::returns(3));
    define(&mut module, other, code::calls(helper, 4));
    let address = fine(module.finalized_function(function));
    drop(module);
    // SAFETY: it is an entry of a function that takes nothing, which stays.
    let called: Number = unsafe { core::mem::transmute(address.value() as usize) };
    assert!(traps(called));
    let failure = lazy.take_failure().map(|error| error.to_string());
    assert!(failure.is_some_and(|it| it.contains("nowhere")));
    let mut module = lazy.into_module();
    fine(module.finalize_definitions());
    assert_eq!([helper, other].map(|it| call(&module, it)), [3, 7]);
    free(module);
}

/// A function whose compiler says that all went well, and defined something else, traps instead of being compiled for ever.
pub fn a_lazy_function_whose_compiler_defines_nothing_traps<
    M: MemoryManager<Finalized: Send> + Sync,
>(
    place: Place<'_, M>,
    traps: impl Fn(Number) -> bool,
) {
    let lazy = lazy_module(&place);
    let function = fine(lazy.lock().declare_function("function", Linkage::Export));
    fine(lazy.define_lazily(function, |_: &mut JitModule<'_, M>, _| Ok(())));
    let mut module = lazy.lock();
    fine(module.finalize_definitions());
    let address = fine(module.finalized_function(function));
    drop(module);
    // SAFETY: it is an entry of a function that takes nothing, which stays.
    let called: Number = unsafe { core::mem::transmute(address.value() as usize) };
    for _ in 0..2 {
        assert!(traps(called));
    }
    let failure = lazy.take_failure().map(|error| error.to_string());
    assert_eq!(
        failure.as_deref(),
        Some("`function` could not be compiled: its compiler did not define it")
    );
    free(lazy.into_module());
}

/// What can't be compiled leaves callers at a trap, tells why, and may be defined after all. `traps` calls a function and tells
/// whether it trapped.
pub fn a_lazy_function_that_is_not_compiled_traps<M: MemoryManager<Finalized: Send> + Sync>(
    place: Place<'_, M>,
    traps: impl Fn(Number) -> bool,
) {
    let lazy = lazy_module(&place);
    let [function, forgotten, unlinked] = ["refused", "forgotten", "unlinked"]
        .map(|name| fine(lazy.lock().declare_function(name, Linkage::Export)));
    let compiler = |module: &mut JitModule<'_, M>, function: FuncId| {
        define(module, function, code::returns(1));
        Err(JitError::not_compiled("refused", "it has no body"))
    };
    fine(lazy.define_lazily(function, compiler));
    fine(lazy.define_lazily(forgotten, |_: &mut JitModule<'_, M>, _| Ok(())));
    fine(lazy.lock().finalize_definitions());
    let pointer = |module: &JitModule<'_, M>, function| {
        let address = fine(module.finalized_function(function));
        // SAFETY: it is an entry, which stays.
        unsafe { core::mem::transmute::<usize, Number>(address.value() as usize) }
    };
    let pointers = [function, forgotten].map(|function| pointer(&lazy.lock(), function));
    for _ in 0..2 {
        assert!(traps(pointers[0]));
    }
    let failure = lazy.take_failure().map(|error| error.to_string());
    assert_eq!(
        failure.as_deref(),
        Some("`refused` could not be compiled: it has no body")
    );
    fine(lazy.define_lazily(unlinked, |_: &mut JitModule<'_, M>, _| Ok(())));
    let mut module = lazy.into_module();
    // The compilers of the others are gone.
    assert!(traps(pointers[1]));
    fine(module.finalize_definitions());
    assert!(traps(pointer(&module, unlinked)));
    fine(module.prepare_for_function_redefine(function));
    define(&mut module, function, code::returns(9));
    fine(module.finalize_definitions());
    assert_eq!(call(&module, function), 9);
    // SAFETY: no call of it is on its way.
    fine(unsafe { module.free_function(function) });
    assert!(traps(pointers[0]));
    free(module);
}
