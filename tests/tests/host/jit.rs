//! Code made at run time in this process: the cases that the kernel has, too, and threads.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ironlink::base::{Alignment, Machine};
use ironlink::jit::{Content, JitBuilder, JitError, JitModule, LazyJit, Linkage, Storage};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::plugins::{AddressMap, PerfMap};
use ironlink::session::{Input, Session};
use ironlink_tests::jit::{self, Number, Place, Unary, code};

use crate::corpus::Corpus;
use crate::failing_heap;

fn in_this_process(case: impl FnOnce(Place<'_, HostedMemory>)) {
    let corpus = Corpus::of(Machine::HOST.unwrap());
    let name = "module_jit_peer.gcc-default.o";
    let memory = HostedMemory::new().unwrap();
    let session = Session::new(memory.clone());
    case(Place {
        session: &session,
        used_bytes: &|| memory.used_bytes(),
        heap_bytes: &|| failing_heap::live_bytes().cast_unsigned(),
        peer: Input::new(name, corpus.bytes(name)),
    });
    assert_eq!((session.statistics().modules, memory.used_bytes()), (0, 0));
}

macro_rules! cases {
    ($($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                in_this_process(jit::$case);
            }
        )*
    };
}

cases! {
    a_buffer_is_filled_sealed_called_and_used_again
    definitions_refer_to_each_other_and_to_imports
    what_fails_to_link_waits_for_what_it_misses
    what_was_discarded_is_missing
    a_preemptible_name_may_be_null_or_give_way
    a_call_that_reaches_goes_straight
    unwind_records_cover_their_functions
    what_refers_to_itself_leads_into_its_own_body
    a_name_is_seen_as_far_as_its_linkage_says
    objects_and_definitions_call_each_other
    a_new_body_is_what_callers_see
    a_name_goes_with_its_definition
    a_redefinition_that_fails_leaves_names_and_bodies
    an_alias_keeps_what_it_stands_for
    a_lazy_function_is_compiled_when_it_is_first_called
    an_alias_of_itself_is_refused
    a_lazy_call_links_what_it_needs_and_no_more
    a_call_of_a_lazy_function_links_how_it_was_defined_otherwise
    a_lazy_function_that_is_defined_otherwise_stays
}

#[test]
fn redefinition_keeps_memory_level() {
    in_this_process(|place| jit::redefinition_keeps_memory_level(place, 100_000));
}

#[test]
fn small_definitions_share_pages_which_go_with_the_last() {
    // Addresses stay taken until all of a batch is gone, and those are what a host counts.
    in_this_process(|place| {
        jit::small_definitions_share_pages_which_go_with_the_last(place, false)
    });
}

/// Threads call a function all the while that it is redefined, and its old bodies are freed.
#[test]
fn threads_call_what_is_redefined_meanwhile() {
    const TIMES: u8 = 200;
    let session = Session::new(HostedMemory::new().unwrap());
    let mut builder = JitBuilder::new(&session, "jit").unwrap();
    builder.hot_swap(true);
    // SAFETY: the memory is this program's.
    let mut module = unsafe { builder.build() }.unwrap();
    let function = module.declare_function("function", Linkage::Local).unwrap();
    let define = |module: &mut JitModule<'_, HostedMemory>, number| {
        let (bytes, relocations) = code::returns(number);
        let defined = module.define_function(function, &bytes, Alignment::SIXTEEN, &relocations);
        defined.unwrap();
        module.finalize_definitions().unwrap();
    };
    define(&mut module, 0);
    let pointer: Number = *module.function(function).unwrap();
    let guards = module.guards();
    let is_over = AtomicBool::new(false);
    let calls: u64 = std::thread::scope(|scope| {
        let callers = [(); 3].map(|()| {
            scope.spawn(|| {
                let (mut calls, mut last) = (0_u64, 0);
                while !is_over.load(Ordering::Relaxed) {
                    let _guard = guards.enter();
                    // SAFETY: the function takes no arguments, and a guard is held.
                    let result = unsafe { pointer() };
                    assert!(
                        (last..=i32::from(TIMES)).contains(&result),
                        "{last}, {result}"
                    );
                    last = result;
                    calls += 1;
                }
                calls
            })
        });
        for number in 1..=TIMES {
            module.prepare_for_function_redefine(function).unwrap();
            define(&mut module, number);
            // SAFETY: all callers hold guards.
            unsafe { module.free_replaced() };
        }
        is_over.store(true, Ordering::Relaxed);
        callers.map(|caller| caller.join().unwrap()).iter().sum()
    });
    // SAFETY: nobody is left.
    assert_eq!(unsafe { module.free_replaced() }, 0);
    assert!(calls > 0);
    // SAFETY: as above.
    unsafe { module.free() }
        .map_err(|(_, error)| error)
        .unwrap();
}

/// Threads call a function at once that was not compiled yet: one of them compiles it, and all get its result.
#[test]
fn threads_call_a_lazy_function_first_at_once() {
    const THREADS: usize = 4;
    in_this_process(|place| {
        for round in 0..50 {
            let mut builder = JitBuilder::new(place.session, "jit").unwrap();
            builder.hot_swap(true);
            // SAFETY: the memory is this program's.
            let module = unsafe { builder.build() }.unwrap();
            let lazy = LazyJit::new(module).map_err(|(_, error)| error).unwrap();
            let compiled = AtomicUsize::new(0);
            let function = lazy
                .lock()
                .declare_function("lazy", Linkage::Local)
                .unwrap();
            let compiler = |module: &mut JitModule<'_, HostedMemory>, function| {
                compiled.fetch_add(1, Ordering::Relaxed);
                let (bytes, relocations) = code::adds(7);
                module.define_function(function, &bytes, Alignment::SIXTEEN, &relocations)
            };
            lazy.define_lazily(function, compiler).unwrap();
            lazy.lock().finalize_definitions().unwrap();
            let address = lazy.lock().finalized_function(function).unwrap();
            // SAFETY: the function takes an integer, and is there until the threads have ended.
            let called: Unary = unsafe { core::mem::transmute(address.value() as usize) };
            let begin = Barrier::new(THREADS);
            std::thread::scope(|scope| {
                for number in 0..THREADS as i32 {
                    let begin = &begin;
                    scope.spawn(move || {
                        begin.wait();
                        // SAFETY: as above.
                        assert_eq!(unsafe { called(number) }, number + 7);
                    });
                }
            });
            assert_eq!(compiled.load(Ordering::Relaxed), 1, "round {round}");
            // SAFETY: nobody is left.
            unsafe { lazy.into_module().free() }
                .map_err(|(_, error)| error)
                .unwrap();
        }
    });
}

/// Threads call a function all the while that freeing it is refused, since something is linked to what it was finalized with.
#[test]
fn threads_call_what_is_not_freed_meanwhile() {
    in_this_process(|place| {
        let module = |name, has_hot_swap| {
            let mut builder = JitBuilder::new(place.session, name).unwrap();
            builder.hot_swap(has_hot_swap);
            // SAFETY: the memory is this program's.
            unsafe { builder.build() }.unwrap()
        };
        let mut jit = module("jit", true);
        let function = jit.declare_function("function", Linkage::Local).unwrap();
        let (bytes, _) = code::returns(7);
        jit.define_function(function, &bytes, Alignment::SIXTEEN, &[])
            .unwrap();
        let word = (jit.declare_data("word", Linkage::Export, Storage::ReadOnly)).unwrap();
        jit.define_data(word, Content::Zeros(4), Alignment::FOUR, &[])
            .unwrap();
        jit.finalize_definitions().unwrap();
        let mut user = module("user", false);
        let imported = (user.declare_data("word", Linkage::Import, Storage::ReadOnly)).unwrap();
        let reader = user.declare_function("reader", Linkage::Local).unwrap();
        let (bytes, relocations) = code::reads(imported);
        user.define_function(reader, &bytes, Alignment::SIXTEEN, &relocations)
            .unwrap();
        user.finalize_definitions().unwrap();
        // SAFETY: the reader is not called any more.
        unsafe { jit.free_data(word) }.unwrap();
        let pointer: Number = *jit.function(function).unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    // SAFETY: the function takes no arguments, and is there as long as nobody may free it.
                    assert_eq!(unsafe { pointer() }, 7);
                }
            });
            for _ in 0..10_000 {
                // SAFETY: callers come by the entry.
                let refused = unsafe { jit.free_function(function) };
                assert!(matches!(refused, Err(JitError::Unload(_))));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        for module in [user, jit] {
            // SAFETY: nobody is left.
            unsafe { module.free() }
                .map_err(|(_, error)| error)
                .unwrap();
        }
    });
}

/// Each body of a function is called by the function's name: by fault reports, and by `perf`.
#[test]
fn addresses_of_definitions_have_names() {
    let session = Session::new(HostedMemory::new().unwrap());
    let map = AddressMap::new().unwrap();
    session.add_plugin(map.clone()).unwrap();
    let file = std::env::temp_dir().join(format!("ironlink-perf-{}.map", std::process::id()));
    session.add_plugin(PerfMap::at(&file).unwrap()).unwrap();
    for has_hot_swap in [false, true] {
        let mut builder = JitBuilder::new(&session, "jit").unwrap();
        builder.hot_swap(has_hot_swap);
        // SAFETY: the memory is this program's.
        let mut module = unsafe { builder.build() }.unwrap();
        let [first, second] = ["first", "second"].map(|name| {
            let function = module.declare_function(name, Linkage::Local).unwrap();
            let (bytes, _) = code::returns(1);
            module
                .define_function(function, &bytes, Alignment::SIXTEEN, &[])
                .unwrap();
            function
        });
        module.finalize_definitions().unwrap();
        for (function, name) in [(first, "first"), (second, "second")] {
            let body = match has_hot_swap {
                true => module.read_got_entry(function).unwrap(),
                false => module.finalized_function(function).unwrap(),
            };
            let inside = body.checked_add(1).unwrap();
            let found = map.locate(inside).unwrap();
            assert_eq!((found.symbol.as_str(), found.offset), (name, 1));
            let told = std::fs::read_to_string(&file).unwrap();
            let size = code::returns(1).0.len();
            let line = format!("{:x} {size:x} {name}", body.value());
            assert!(told.lines().any(|it| it == line), "{line}: {told}");
        }
        // SAFETY: no call of it is on its way.
        unsafe { module.free() }
            .map_err(|(_, error)| error)
            .unwrap();
    }
    std::fs::remove_file(&file).unwrap();
}
