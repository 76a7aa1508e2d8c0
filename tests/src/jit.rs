//! Code made at run time: cases that the host and the kernel both run, on the machine that they run on.

pub mod code;
mod lazy;
mod memory;
mod names;

pub use lazy::{
    a_call_of_a_lazy_function_links_how_it_was_defined_otherwise,
    a_lazy_call_links_what_it_needs_and_no_more, a_lazy_call_that_fails_to_link_leaves_what_waits,
    a_lazy_function_is_compiled_when_it_is_first_called,
    a_lazy_function_that_is_defined_otherwise_stays, a_lazy_function_that_is_not_compiled_traps,
    a_lazy_function_whose_compiler_defines_nothing_traps,
};
pub use memory::{
    a_call_that_reaches_goes_straight, unwind_records_cover_their_functions,
    what_refers_to_itself_leads_into_its_own_body,
};
pub use names::a_name_is_seen_as_far_as_its_linkage_says;

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use ironlink::base::{Alignment, Machine, TargetAddr};
use ironlink::compiler::Relocation;
use ironlink::edge::{DataKind, EdgeKind};
use ironlink::jit::{
    BranchProtection, CodeBuffer, Content, FuncId, JitBuilder, JitError, JitModule, Linkage,
    Storage, Target,
};
use ironlink::memory::MemoryManager;
use ironlink::session::{Input, Session};

/// A function without arguments.
pub type Number = unsafe extern "C" fn() -> i32;

/// A function of one integer.
pub type Unary = unsafe extern "C" fn(i32) -> i32;

/// What may be asked of the place where a case runs.
#[derive(Clone, Copy)]
pub struct Place<'p, M: MemoryManager> {
    /// A session of its own, with nothing in it.
    pub session: &'p Session<M>,
    /// How many bytes of memory the session has.
    pub used_bytes: &'p dyn Fn() -> u64,
    /// How many bytes of the heap are in use.
    pub heap_bytes: &'p dyn Fn() -> u64,
    /// An object whose `peer(x)` is `jit_function(x) + 1`, and whose `call_peer(x)` calls that.
    pub peer: Input<'p>,
}

impl<'p, M: MemoryManager> Place<'p, M> {
    fn builder(&self) -> JitBuilder<'p, M> {
        JitBuilder::new(self.session, "jit").unwrap_or_else(|error| panic!("{error}"))
    }

    fn module(&self, has_hot_swap: bool) -> JitModule<'p, M> {
        let mut builder = self.builder();
        builder.hot_swap(has_hot_swap);
        build(builder)
    }
}

/// The module of a builder over memory of this program.
fn build<M: MemoryManager>(builder: JitBuilder<'_, M>) -> JitModule<'_, M> {
    // SAFETY: the sessions of these cases are over memory of this program.
    let module = unsafe { builder.build() };
    module.unwrap_or_else(|error| panic!("{error}"))
}

/// What is fine.
fn fine<T>(result: Result<T, JitError>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// Defines a function as code that was put together here.
fn define<M: MemoryManager>(
    module: &mut JitModule<'_, M>,
    function: FuncId,
    (bytes, relocations): (Vec<u8>, Vec<Relocation<Target>>),
) {
    fine(module.define_function(function, &bytes, Alignment::SIXTEEN, &relocations));
}

/// Declares and defines an exported function.
fn export<M: MemoryManager>(
    module: &mut JitModule<'_, M>,
    name: &str,
    code: (Vec<u8>, Vec<Relocation<Target>>),
) -> FuncId {
    let function = fine(module.declare_function(name, Linkage::Export));
    define(module, function, code);
    function
}

fn call<M: MemoryManager>(module: &JitModule<'_, M>, function: FuncId) -> i32 {
    let function = fine(module.function::<Number>(function));
    // SAFETY: the functions of these cases take no arguments, or don't look at them.
    unsafe { function() }
}

/// Frees a module of which nothing runs.
fn free<M: MemoryManager>(module: JitModule<'_, M>) {
    // SAFETY: no call of it is on its way.
    let freed = unsafe { module.free() };
    freed.unwrap_or_else(|(_, error)| panic!("{error}"));
}

/// Code is emitted, sealed, called and freed, and new code at the same address is what runs there next.
pub fn a_buffer_is_filled_sealed_called_and_used_again<M: MemoryManager>(place: Place<'_, M>) {
    let before = (place.used_bytes)();
    let mut address = None;
    for number in 0..20 {
        let buffer = CodeBuffer::new(place.session.memory(), 64);
        let mut buffer = buffer.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(buffer.emit(&code::returns(number).0), Ok(0));
        let sealed = buffer.seal().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(sealed.address(), *address.get_or_insert(sealed.address()));
        let function = sealed.function::<Number>(0);
        let function = function.unwrap_or_else(|error| panic!("{error}"));
        // SAFETY: the code is a function without arguments.
        assert_eq!(unsafe { function() }, i32::from(number));
    }
    assert_eq!((place.used_bytes)(), before);
}

/// A function of this program, for functions to import.
extern "C" fn imported() -> i32 {
    30
}

fn address_of(function: extern "C" fn() -> i32) -> TargetAddr {
    TargetAddr::new(function as usize as u64)
}

/// Functions call each other, whichever is defined first, and what the builder names; they read data, and data refers to both.
pub fn definitions_refer_to_each_other_and_to_imports<M: MemoryManager>(place: Place<'_, M>) {
    let before = (place.used_bytes)();
    for has_hot_swap in [false, true] {
        let mut builder = place.builder();
        builder.hot_swap(has_hot_swap);
        builder.branch_protection(BranchProtection::LandingPads);
        fine(builder.symbol("imported", TargetAddr::new(1)).map(drop));
        fine(
            builder
                .symbols([("imported", address_of(imported))])
                .map(drop),
        );
        fine(
            builder
                .symbol_lookup_fn(|_: &str| Some(TargetAddr::new(2)))
                .map(drop),
        );
        let found = |name: &str| (name == "found").then(|| address_of(imported));
        fine(builder.symbol_lookup_fn(found).map(drop));
        let mut module = build(builder);
        let callee = fine(module.declare_function("callee", Linkage::Local));
        let by_name = fine(module.declare_function("imported", Linkage::Import));
        let by_lookup = fine(module.declare_function("found", Linkage::Import));
        let caller = export(&mut module, "caller", code::calls(callee, 1));
        let calls_import = export(&mut module, "calls_import", code::calls(by_name, 2));
        let calls_found = export(&mut module, "calls_found", code::calls(by_lookup, 3));
        define(&mut module, callee, code::returns(10));
        let word = fine(module.declare_data("word", Linkage::Export, Storage::Writable));
        let bytes = 77_u32.to_le_bytes();
        fine(module.define_data(word, Content::Bytes(&bytes), Alignment::FOUR, &[]));
        let zeros = fine(module.declare_anonymous_data(Storage::Writable));
        fine(module.define_data(zeros, Content::Zeros(5000), Alignment::PAGE, &[]));
        let reader = export(&mut module, "reader", code::reads(word));
        let table = fine(module.declare_data("table", Linkage::Hidden, Storage::ReadOnly));
        let pointers = [Target::Function(caller), Target::Data(zeros)].map(pointer_to);
        let pointers = [
            pointers[0],
            Relocation {
                offset: 8,
                addend: 16,
                ..pointers[1]
            },
        ];
        fine(module.define_data(table, Content::Bytes(&[0; 16]), Alignment::EIGHT, &pointers));
        fine(module.finalize_definitions());
        let results = [caller, calls_import, calls_found, reader].map(|it| call(&module, it));
        assert_eq!(results, [11, 32, 33, 77]);
        if has_hot_swap {
            let entry = read_word(fine(module.finalized_function(caller)), 0);
            // `endbr64`; `bti c`.
            let landing_pad = match module.machine() {
                Machine::X86_64 => 0xfa1e_0ff3,
                Machine::Aarch64 => 0xd503_245f,
            };
            assert_eq!(entry & 0xffff_ffff, landing_pad, "{entry:#x}");
        }
        let (zeros, size_bytes) = fine(module.finalized_data(zeros));
        assert_eq!(
            (zeros.is_aligned(Alignment::PAGE), size_bytes),
            (true, 5000)
        );
        let (table, _) = fine(module.finalized_data(table));
        let words = [0, 8].map(|offset| read_word(table, offset));
        assert_eq!(words[0], fine(module.finalized_function(caller)).value());
        assert_eq!(words[1], zeros.value() + 16);
        free(module);
        assert_eq!((place.used_bytes)(), before);
    }
}

fn pointer_to(target: Target) -> Relocation<Target> {
    Relocation {
        offset: 0,
        kind: EdgeKind::Data(DataKind::Pointer64),
        target,
        addend: 0,
    }
}

fn read_word(address: TargetAddr, offset: u64) -> u64 {
    let pointer = (address.value() + offset) as usize as *const u64;
    // SAFETY: it is a word of finalized data.
    unsafe { pointer.read() }
}

/// Later definitions use earlier ones, and a batch that fails leaves all as it was, to be finalized later.
pub fn what_fails_to_link_waits_for_what_it_misses<M: MemoryManager>(place: Place<'_, M>) {
    for has_hot_swap in [false, true] {
        let mut module = place.module(has_hot_swap);
        let first = export(&mut module, "first", code::returns(1));
        fine(module.finalize_definitions());
        let missing = fine(module.declare_function("missing", Linkage::Import));
        let undefined = fine(module.declare_function("undefined", Linkage::Local));
        let one = export(&mut module, "one", code::calls(missing, 1));
        let other = export(&mut module, "other", code::calls(undefined, 2));
        let third = export(&mut module, "third", code::calls(first, 3));
        let used = (place.used_bytes)();
        let entries = u64::from(has_hot_swap);
        for _ in 0..3 {
            let error = module.finalize_definitions().unwrap_err().to_string();
            assert!(
                error.contains("missing") && error.contains("undefined"),
                "{error}"
            );
            let grown = (place.used_bytes)() - used;
            assert!(grown <= entries * 0x10000, "{grown}");
            let error = module.finalized_function(one).unwrap_err();
            assert!(matches!(error, JitError::NotFinalized { .. }), "{error}");
            assert_eq!(call(&module, first), 1);
        }
        // Another module of the session gives one, this one the other.
        let mut giver = place.module(false);
        export(&mut giver, "missing", code::returns(40));
        fine(giver.finalize_definitions());
        define(&mut module, undefined, code::returns(50));
        fine(module.finalize_definitions());
        assert_eq!([one, other, third].map(|it| call(&module, it)), [41, 52, 4]);
        // What others are linked to stays.
        // SAFETY: no call of it is on its way.
        let (giver, error) = unsafe { giver.free() }.unwrap_err();
        assert!(error.to_string().contains("jit #"), "{error}");
        free(module);
        free(giver);
    }
}

/// What could not be linked and was discarded is defined nowhere, whatever was made ready for it.
pub fn what_was_discarded_is_missing<M: MemoryManager>(place: Place<'_, M>) {
    for has_hot_swap in [false, true] {
        let mut module = place.module(has_hot_swap);
        let missing = fine(module.declare_function("missing", Linkage::Import));
        let gone = export(&mut module, "gone", code::calls(missing, 1));
        module.finalize_definitions().unwrap_err();
        module.discard_definitions();
        let caller = export(&mut module, "caller", code::calls(gone, 1));
        let error = module.finalize_definitions().unwrap_err().to_string();
        assert!(error.contains("gone"), "{error}");
        if has_hot_swap {
            module.read_got_entry(gone).unwrap_err();
        }
        define(&mut module, gone, code::returns(6));
        fine(module.finalize_definitions());
        assert_eq!(call(&module, caller), 7);
        free(module);
    }
}

/// A null import is one that was declared preemptible; a definition elsewhere counts before a preemptible one.
pub fn a_preemptible_name_may_be_null_or_give_way<M: MemoryManager>(place: Place<'_, M>) {
    let mut first = place.module(false);
    export(&mut first, "contested", code::returns(1));
    fine(first.finalize_definitions());
    let mut module = place.module(false);
    let contested = fine(module.declare_function("contested", Linkage::Preemptible));
    define(&mut module, contested, code::returns(2));
    let nowhere = fine(module.declare_function("nowhere", Linkage::Preemptible));
    let table = fine(module.declare_anonymous_data(Storage::ReadOnly));
    let pointer = [pointer_to(Target::Function(nowhere))];
    fine(module.define_data(table, Content::Bytes(&[7; 8]), Alignment::EIGHT, &pointer));
    let caller = export(&mut module, "caller", code::calls(contested, 10));
    fine(module.finalize_definitions());
    assert_eq!(call(&module, caller), 11);
    let (table, _) = fine(module.finalized_data(table));
    assert_eq!(read_word(table, 0), 0);
    free(module);
    free(first);
}

/// An object that was loaded calls a function made at run time, and that one calls it.
pub fn objects_and_definitions_call_each_other<M: MemoryManager>(place: Place<'_, M>) {
    for has_hot_swap in [false, true] {
        let mut module = place.module(has_hot_swap);
        let function = export(&mut module, "jit_function", code::adds(5));
        fine(module.finalize_definitions());
        // SAFETY: the object is part of this project.
        let object = unsafe { place.session.load_all("peer", &[place.peer]) };
        let object = object.unwrap_or_else(|error| panic!("{error}"));
        let peer = fine(module.declare_function("peer", Linkage::Import));
        let caller = export(&mut module, "caller", code::passes_on(peer));
        fine(module.finalize_definitions());
        let called = fine(module.function::<Unary>(caller));
        // SAFETY: it takes an integer.
        assert_eq!(unsafe { called(10) }, 16);
        let call_peer = object.function::<Unary>("call_peer");
        let call_peer = call_peer.unwrap_or_else(|error| panic!("{error}"));
        // SAFETY: as above.
        assert_eq!(unsafe { call_peer(20) }, 26);
        if has_hot_swap {
            // The object's calls see the new body, too.
            fine(module.prepare_for_function_redefine(function));
            define(&mut module, function, code::adds(100));
            fine(module.finalize_definitions());
            // SAFETY: as above.
            assert_eq!(unsafe { call_peer(20) }, 121);
        }
        drop(object);
        // Each uses the other: they go together.
        // SAFETY: no call of them is on its way.
        let (module, error) = unsafe { module.free() }.unwrap_err();
        assert!(error.to_string().contains("peer"), "{error}");
        // SAFETY: as above.
        let freed = unsafe { module.free_with_users() };
        freed.unwrap_or_else(|(_, error)| panic!("{error}"));
        assert_eq!(place.session.statistics().modules, 0);
    }
}

/// Callers see a new body at once, by whichever way they reach the function; the old one goes when nobody is in it.
pub fn a_new_body_is_what_callers_see<M: MemoryManager>(place: Place<'_, M>) {
    let mut module = place.module(true);
    let function = export(&mut module, "function", code::returns(1));
    let caller = export(&mut module, "caller", code::calls(function, 10));
    let alias = fine(module.declare_function("alias", Linkage::Export));
    fine(module.alias_function(alias, function));
    fine(module.finalize_definitions());
    let entry = fine(module.finalized_function(function));
    let old = fine(module.read_got_entry(function));
    assert_ne!(entry, old);
    assert_eq!(
        [function, caller, alias].map(|it| call(&module, it)),
        [1, 11, 1]
    );
    fine(module.prepare_for_function_redefine(function));
    define(&mut module, function, code::returns(2));
    // Not before it is finalized.
    assert_eq!(call(&module, caller), 11);
    let guards = module.guards();
    let guard = guards.enter();
    fine(module.finalize_definitions());
    assert_eq!(
        [function, caller, alias].map(|it| call(&module, it)),
        [2, 12, 2]
    );
    assert_eq!(fine(module.finalized_function(function)), entry);
    assert_ne!(fine(module.read_got_entry(function)), old);
    let used = (place.used_bytes)();
    // SAFETY: who runs code of the module holds a guard.
    assert_eq!(unsafe { module.free_replaced() }, 1);
    assert_eq!((place.used_bytes)(), used);
    // SAFETY: the body is there: the guard keeps it.
    let old: Number = unsafe { core::mem::transmute(old.value() as usize) };
    // SAFETY: as above.
    assert_eq!(unsafe { old() }, 1);
    drop(guard);
    // SAFETY: as above.
    assert_eq!(unsafe { module.free_replaced() }, 0);
    // Two functions were finalized together: the page stays for the other.
    assert_eq!(call(&module, caller), 12);
    free(module);
}

/// However often a function is redefined, memory and heap stay level.
pub fn redefinition_keeps_memory_level<M: MemoryManager>(place: Place<'_, M>, times: u32) {
    let mut module = place.module(true);
    let callee = export(&mut module, "callee", code::returns(100));
    let function = export(&mut module, "function", code::returns(0));
    fine(module.finalize_definitions());
    let mut level = None;
    for number in 0..times {
        fine(module.prepare_for_function_redefine(function));
        let addend = u8::try_from(number % 100).unwrap_or(0);
        define(&mut module, function, code::calls(callee, addend));
        fine(module.finalize_definitions());
        assert_eq!(call(&module, function), 100 + i32::from(addend));
        // SAFETY: no call of it is on its way.
        assert_eq!(unsafe { module.free_replaced() }, 0);
        let (used, heap) = ((place.used_bytes)(), (place.heap_bytes)());
        let (used_at_first, heap_at_first) = *level.get_or_insert((used, heap));
        assert_eq!(used, used_at_first, "after {number}");
        // Tables grow once more, and so do numbers in names.
        assert!(
            heap <= heap_at_first + 4096,
            "after {number}: {heap}, {heap_at_first}"
        );
    }
    free(module);
}

/// A thousand functions of forty bytes take pages by their total size, and each page goes with the last of them on it.
pub fn small_definitions_share_pages_which_go_with_the_last<M: MemoryManager>(
    place: Place<'_, M>,
    frees_pages: bool,
) {
    let before = (place.used_bytes)();
    let mut module = place.module(false);
    let functions: Vec<FuncId> = (0..1000)
        .map(|number| {
            let function = fine(module.declare_function(&format!("f{number}"), Linkage::Local));
            let (mut bytes, _) = code::returns(u8::try_from(number % 200).unwrap_or(0));
            bytes.resize(40, 0);
            fine(module.define_function(function, &bytes, Alignment::EIGHT, &[]));
            function
        })
        .collect();
    fine(module.finalize_definitions());
    let all = (place.used_bytes)();
    // Ten pages, and unmapped ones around.
    assert!(all - before <= 12 * 4096, "{}", all - before);
    let addresses = functions
        .iter()
        .map(|it| fine(module.finalized_function(*it)));
    let first_page = addresses
        .clone()
        .map(|it| it.align_down(Alignment::PAGE))
        .min();
    let on_first_page: Vec<FuncId> = functions
        .iter()
        .zip(addresses)
        .filter(|(_, address)| Some(address.align_down(Alignment::PAGE)) == first_page)
        .map(|(function, _)| *function)
        .collect();
    assert!(on_first_page.len() > 90);
    for (number, function) in on_first_page.iter().enumerate() {
        assert_eq!((place.used_bytes)(), all, "{number}");
        // SAFETY: no call of it is on its way.
        fine(unsafe { module.free_function(*function) });
        assert!(module.function::<Number>(*function).is_err());
        // SAFETY: as above.
        assert!(unsafe { module.free_function(*function) }.is_err());
    }
    if frees_pages {
        assert!((place.used_bytes)() <= all - 4096);
    }
    let others = (0..)
        .zip(&functions)
        .filter(|(_, it)| !on_first_page.contains(it));
    for (number, function) in others.clone() {
        assert_eq!(call(&module, *function), number % 200);
    }
    for (_, function) in others {
        // SAFETY: as above.
        fine(unsafe { module.free_function(*function) });
    }
    assert_eq!((place.used_bytes)(), before);
    // A function that is gone may be defined anew.
    define(&mut module, functions[0], code::returns(7));
    fine(module.finalize_definitions());
    assert_eq!(call(&module, functions[0]), 7);
    free(module);
    assert_eq!((place.used_bytes)(), before);
}

/// A name is given up with what it names, and may be given to something else.
pub fn a_name_goes_with_its_definition<M: MemoryManager>(place: Place<'_, M>) {
    for has_hot_swap in [false, true] {
        let mut module = place.module(has_hot_swap);
        let one = export(&mut module, "one", code::returns(1));
        let other = export(&mut module, "other", code::returns(2));
        let data = fine(module.declare_data("data", Linkage::Export, Storage::ReadOnly));
        fine(module.define_data(data, Content::Bytes(&[1]), Alignment::ONE, &[]));
        let own = fine(module.declare_function("own", Linkage::Local));
        define(&mut module, own, code::returns(4));
        fine(module.finalize_definitions());
        let dylib = place.session.main_dylib();
        let known = ["one", "other", "data", "own"].map(|name| dylib.address(name).is_some());
        assert_eq!(known, [true, true, true, false]);
        assert_eq!(dylib.address("one"), module.finalized_function(one).ok());
        // SAFETY: no call of it is on its way.
        fine(unsafe { module.free_function(one) });
        // SAFETY: nothing refers to it.
        fine(unsafe { module.free_data(data) });
        let known = ["one", "other", "data"].map(|name| dylib.address(name).is_some());
        assert_eq!(known, [false, true, false]);
        let mut second = place.module(has_hot_swap);
        let again = export(&mut second, "one", code::returns(3));
        fine(second.finalize_definitions());
        assert_eq!((call(&second, again), call(&module, other)), (3, 2));
        // Two strong definitions are one too many, and nothing of the batch is kept.
        define(&mut module, one, code::returns(5));
        let error = module.finalize_definitions().unwrap_err().to_string();
        assert!(error.contains("`one`"), "{error}");
        assert!(module.finalized_function(one).is_err());
        free(second);
        fine(module.finalize_definitions());
        assert_eq!(call(&module, one), 5);
        free(module);
    }
}

/// A redefinition that fails, since something beside it does, takes no name from what was there.
pub fn a_redefinition_that_fails_leaves_names_and_bodies<M: MemoryManager>(place: Place<'_, M>) {
    let mut first = place.module(false);
    export(&mut first, "taken", code::returns(1));
    fine(first.finalize_definitions());
    let mut module = place.module(true);
    let function = export(&mut module, "function", code::returns(2));
    fine(module.finalize_definitions());
    let known = place.session.main_dylib().address("function");
    fine(module.prepare_for_function_redefine(function));
    define(&mut module, function, code::returns(3));
    let taken = export(&mut module, "taken", code::returns(4));
    assert!(module.finalize_definitions().is_err());
    assert_eq!(call(&module, function), 2);
    assert_eq!(place.session.main_dylib().address("function"), known);
    module.discard_definitions();
    assert!(module.finalized_function(taken).is_err());
    fine(module.finalize_definitions());
    assert_eq!(call(&module, function), 2);
    free(module);
    free(first);
}

/// What an alias stands for stays until both are freed, and so do their names.
pub fn an_alias_keeps_what_it_stands_for<M: MemoryManager>(place: Place<'_, M>) {
    let before = (place.used_bytes)();
    let modules = place.session.statistics().modules;
    for is_later in [false, true] {
        let mut module = place.module(false);
        let function = export(&mut module, "function", code::returns(5));
        if is_later {
            fine(module.finalize_definitions());
        }
        let alias = fine(module.declare_function("alias", Linkage::Export));
        fine(module.alias_function(alias, function));
        fine(module.finalize_definitions());
        let dylib = place.session.main_dylib();
        // SAFETY: no call of it is on its way.
        fine(unsafe { module.free_function(function) });
        assert_eq!((dylib.address("function"), call(&module, alias)), (None, 5));
        // SAFETY: as above.
        fine(unsafe { module.free_function(alias) });
        assert_eq!(dylib.address("alias"), None);
        assert_eq!((place.used_bytes)(), before);
        assert_eq!(place.session.statistics().modules, modules);
        free(module);
    }
}

/// No alias leads to itself, be it by what was finalized before.
pub fn an_alias_of_itself_is_refused<M: MemoryManager>(place: Place<'_, M>) {
    let mut module = place.module(true);
    let function = export(&mut module, "function", code::returns(5));
    let alias = fine(module.declare_function("alias", Linkage::Export));
    fine(module.alias_function(alias, function));
    fine(module.finalize_definitions());
    fine(module.prepare_for_function_redefine(function));
    for target in [function, alias] {
        let error = module.alias_function(function, target);
        assert!(matches!(error, Err(JitError::AliasOfItself { .. })));
    }
    assert_eq!(call(&module, alias), 5);
    free(module);
}
