//! What a JIT module refuses, and what is left when anything runs out: for either machine, over a mock's memory.
#![expect(
    unsafe_code,
    reason = "modules are built over a mock, which nothing runs"
)]

mod at_random;
mod exhaustion;
mod runs;

use std::alloc::{GlobalAlloc, Layout};
use std::string::ToString;

use crate::base::{AddressRange, Alignment, Machine, TargetAddr, failing_heap};
use crate::compiler::Relocation;
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};
use crate::jit::{
    Content, Declared, FuncId, JitBuilder, JitError, JitModule, Linkage, Storage, Target,
};
use crate::memory::mock::MockMemory;
use crate::session::Session;

const MACHINES: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

fn session(machine: Machine) -> Session<MockMemory> {
    let window = AddressRange::from_size(TargetAddr::new(0x40_0000), 0x100_0000).unwrap();
    let session = Session::for_machine(machine, MockMemory::new(&[window]).unwrap());
    session.set_code_caller(|_| Ok(0));
    session
}

fn module(session: &Session<MockMemory>) -> JitModule<'_, MockMemory> {
    let builder = JitBuilder::new(session, "jit").unwrap();
    // SAFETY: there is no hot swap.
    unsafe { builder.build() }.unwrap()
}

/// A mock's memory at addresses that this program may write to: what is linked isn't seen there, but slots can be stored to.
fn hot_swap_memory() -> MockMemory {
    const SIZE_BYTES: usize = 1 << 20;
    let pages = Layout::from_size_align(SIZE_BYTES, 0x1000).unwrap();
    // SAFETY: the size isn't zero.
    let region = unsafe { std::alloc::System.alloc_zeroed(pages) };
    let first = TargetAddr::new(region.expose_provenance() as u64);
    let window = AddressRange::from_size(first, SIZE_BYTES as u64).unwrap();
    MockMemory::new(&[window]).unwrap()
}

/// A session for this machine over such memory.
pub(super) fn hot_swap_session() -> Session<MockMemory> {
    let machine = Machine::HOST.expect("Ironlink links for this machine");
    let session = Session::for_machine(machine, hot_swap_memory());
    session.set_code_caller(|_| Ok(0));
    session
}

pub(super) fn hot_swap_module(
    session: &Session<MockMemory>,
) -> Result<JitModule<'_, MockMemory>, JitError> {
    let mut builder = JitBuilder::new(session, "jit")?;
    builder.hot_swap(true);
    // SAFETY: it is memory of this program, which nobody else uses.
    unsafe { builder.build() }
}

fn branch(machine: Machine, target: FuncId) -> Relocation<Target> {
    let (kind, addend) = match machine {
        Machine::X86_64 => (EdgeKind::X86_64(X86_64Kind::RequestBranch32), -4),
        Machine::Aarch64 => (EdgeKind::Aarch64(Aarch64Kind::RequestBranch26), 0),
    };
    Relocation {
        offset: 4,
        kind,
        target: Target::Function(target),
        addend,
    }
}

/// Code whose second half is a branch, or may be taken for one.
const fn code(machine: Machine) -> &'static [u8] {
    match machine {
        Machine::X86_64 => &[0x90; 8],
        Machine::Aarch64 => &[0x1f, 0x20, 0x03, 0xd5, 0, 0, 0, 0x94],
    }
}

fn pointer(target: Target) -> Relocation<Target> {
    Relocation {
        offset: 0,
        kind: EdgeKind::Data(DataKind::Pointer64),
        target,
        addend: 0,
    }
}

#[test]
fn a_name_keeps_its_id_and_its_widest_linkage() {
    let session = session(Machine::X86_64);
    let mut module = module(&session);
    let function = module.declare_function("f", Linkage::Import).unwrap();
    assert_eq!(module.declare_function("f", Linkage::Export), Ok(function));
    assert_eq!(module.declare_function("f", Linkage::Local), Ok(function));
    assert_eq!(module.declared("f"), Some(Declared::Function(function)));
    assert_eq!(module.declared("g"), None);
    assert_eq!(module.defined("f"), None);
    let define = |module: &mut JitModule<'_, MockMemory>| {
        let defined = module.define_function(function, &[0xc3], Alignment::ONE, &[]);
        defined.unwrap();
        assert_eq!(module.defined("f"), Some(Declared::Function(function)));
    };
    define(&mut module);
    module.discard_definitions();
    assert_eq!(module.defined("f"), None);
    define(&mut module);
    module.finalize_definitions().unwrap();
    assert_eq!(module.defined("f"), Some(Declared::Function(function)));
    assert!(session.main_dylib().address("f").is_some());
    assert_eq!(module.function_name(function), "f");
    let anonymous = module.declare_anonymous_function().unwrap();
    assert_eq!(module.function_name(anonymous), "");
}

#[test]
fn declarations_that_contradict_each_other_are_refused_by_name() {
    let session = session(Machine::X86_64);
    let mut module = module(&session);
    assert_eq!(
        module.declare_function("", Linkage::Local),
        Err(JitError::Unnamed)
    );
    module.declare_function("f", Linkage::Local).unwrap();
    let error = module
        .declare_data("f", Linkage::Local, Storage::ReadOnly)
        .unwrap_err();
    assert!(error.to_string().contains("`f`"), "{error}");
    let error = module
        .declare_data("t", Linkage::Local, Storage::ThreadLocal)
        .unwrap_err();
    assert!(error.to_string().contains("`t` is thread-local"), "{error}");
    let data = module
        .declare_data("d", Linkage::Local, Storage::ReadOnly)
        .unwrap();
    let late = module.declare_data("t", Linkage::Local, Storage::ReadOnly);
    assert!(late.is_ok());
    module
        .define_data(data, Content::Zeros(8), Alignment::EIGHT, &[])
        .unwrap();
    for (linkage, storage) in [
        (Linkage::Export, Storage::ReadOnly),
        (Linkage::Local, Storage::Writable),
    ] {
        let error = module.declare_data("d", linkage, storage).unwrap_err();
        assert!(matches!(error, JitError::DeclaredTooLate { .. }), "{error}");
    }
    assert!(
        module
            .declare_data("d", Linkage::Import, Storage::ReadOnly)
            .is_ok()
    );
}

#[test]
fn definitions_that_can_not_be_are_refused_and_leave_nothing() {
    let machine = Machine::X86_64;
    let session = session(machine);
    let mut module = module(&session);
    let import = module.declare_function("import", Linkage::Import).unwrap();
    let function = module.declare_function("f", Linkage::Local).unwrap();
    let other = module.declare_function("g", Linkage::Local).unwrap();
    let code = [0x90; 8];
    let mut define = |function, relocation: Relocation<Target>| {
        module.define_function(function, &code, Alignment::ONE, &[relocation])
    };
    let good = branch(machine, import);
    let error = define(import, good).unwrap_err();
    assert!(matches!(error, JitError::DefinesImport { .. }), "{error}");
    for offset in [5, 8, u32::MAX] {
        let error = define(function, Relocation { offset, ..good }).unwrap_err();
        assert!(
            matches!(error, JitError::OutsideOfDefinition { .. }),
            "{error}"
        );
    }
    for kind in [
        EdgeKind::Aarch64(Aarch64Kind::Branch26),
        EdgeKind::Data(DataKind::ThreadOffset32),
    ] {
        let error = define(function, Relocation { kind, ..good }).unwrap_err();
        assert!(
            matches!(error, JitError::ForeignRelocation { .. }),
            "{error}"
        );
    }
    let elsewhere = FuncId(crate::base::Id::from_index(99));
    let error = define(function, branch(machine, elsewhere)).unwrap_err();
    assert_eq!(error, JitError::Unknown { number: 99 });
    let error = module.alias_function(function, other).unwrap_err();
    assert!(matches!(error, JitError::AliasOfNothing { .. }), "{error}");
    module
        .define_function(function, &code, Alignment::ONE, &[])
        .unwrap();
    let twice = module.define_function(function, &code, Alignment::ONE, &[]);
    assert!(matches!(twice, Err(JitError::AlreadyDefined { .. })));
    assert!(matches!(
        module.finalized_function(function),
        Err(JitError::NotFinalized { .. })
    ));
    module.finalize_definitions().unwrap();
    let again = module.define_function(function, &code, Alignment::ONE, &[]);
    assert!(matches!(again, Err(JitError::AlreadyDefined { .. })));
    for error in [
        module.prepare_for_function_redefine(function).unwrap_err(),
        module.read_got_entry(function).unwrap_err(),
    ] {
        assert!(matches!(error, JitError::NoHotSwap { .. }), "{error}");
    }
    assert_eq!(session.statistics().modules, 1);
}

#[test]
fn hot_swap_is_refused_where_its_code_does_not_run() {
    for machine in MACHINES {
        let session = session(machine);
        let mut builder = JitBuilder::new(&session, "jit").unwrap();
        builder.hot_swap(true);
        if Machine::HOST != Some(machine) {
            // SAFETY: it is refused.
            let refused = unsafe { builder.build() }.map(drop);
            assert_eq!(refused, Err(JitError::ForeignMachine { machine }));
        }
    }
}

#[test]
fn either_machine_is_linked_for_wherever_this_runs() {
    for machine in MACHINES {
        let session = session(machine);
        let before = session.memory().reservations();
        let mut module = module(&session);
        let [first, second] =
            ["first", "second"].map(|name| module.declare_function(name, Linkage::Export).unwrap());
        for (one, other) in [(first, second), (second, first)] {
            let relocation = branch(machine, other);
            module
                .define_function(one, code(machine), Alignment::SIXTEEN, &[relocation])
                .unwrap();
        }
        let table = module.declare_anonymous_data(Storage::ReadOnly).unwrap();
        let pointers = [pointer(Target::Function(first))];
        module
            .define_data(table, Content::Bytes(&[0; 8]), Alignment::EIGHT, &pointers)
            .unwrap();
        module.finalize_definitions().unwrap();
        let [first, second] =
            [first, second].map(|function| module.finalized_function(function).unwrap());
        assert_eq!(second.checked_distance_from(first), Some(16));
        // SAFETY: nothing runs a mock's code.
        unsafe { module.free() }
            .map_err(|(_, error)| error)
            .unwrap();
        assert_eq!(session.memory().reservations(), before);
    }
}

#[test]
fn a_module_lies_in_the_memory_that_its_builder_was_given() {
    let (session, elsewhere) = (hot_swap_session(), hot_swap_memory());
    let used = session.memory().used_bytes();
    let mut builder = JitBuilder::new(&session, "jit").unwrap();
    builder.memory(&elsewhere).hot_swap(true);
    // SAFETY: it is memory of this program, which nobody else uses.
    let mut module = unsafe { builder.build() }.unwrap();
    let function = module.declare_function("one", Linkage::Export).unwrap();
    let code = code(module.machine());
    module
        .define_function(function, code, Alignment::SIXTEEN, &[])
        .unwrap();
    module.finalize_definitions().unwrap();
    assert_eq!(session.memory().used_bytes(), used);
    let (entries, body) = (1, 1);
    assert_eq!(elsewhere.reservations(), entries + body);
    // SAFETY: nothing runs a mock's code.
    let freed = unsafe { module.free() }.map_err(|(_, error)| error);
    freed.unwrap();
    assert_eq!(elsewhere.reservations(), 0);
}

/// Declares, defines and finalizes; gives the results of all steps.
fn make_and_free(session: &Session<MockMemory>) -> Result<(), JitError> {
    let mut builder = JitBuilder::new(session, "jit")?;
    builder.symbol("known", TargetAddr::new(0x1234))?;
    builder.symbol_lookup_fn(|_: &str| None)?;
    // SAFETY: there is no hot swap.
    let mut module = unsafe { builder.build() }?;
    let known = module.declare_function("known", Linkage::Import)?;
    let mut functions = [known; 3];
    for (name, place) in ["one", "two", "three"].into_iter().zip(&mut functions) {
        let function = module.declare_function(name, Linkage::Export)?;
        let relocations = [branch(Machine::X86_64, known)];
        module.define_function(function, &[0x90; 8], Alignment::SIXTEEN, &relocations)?;
        *place = function;
    }
    let alias = module.declare_function("alias", Linkage::Hidden)?;
    module.alias_function(alias, functions[0])?;
    let finalized = module.finalize_definitions();
    if finalized.is_ok() {
        // SAFETY: nothing runs a mock's code.
        unsafe { module.free_function(functions[1]) }?;
    }
    // SAFETY: as above.
    let freed = unsafe { module.free() }.map_err(|(_, error)| error);
    finalized.and(freed)
}

#[test]
fn whatever_allocation_fails_nothing_is_left() {
    let session = session(Machine::X86_64);
    make_and_free(&session).unwrap();
    let before = (session.statistics(), session.memory().used_bytes());
    let mut failures = 0;
    loop {
        let heap = failing_heap::live_bytes();
        let result = failing_heap::fail_after(failures, || make_and_free(&session));
        // What is freed needs heap to be told apart from what stays: it is tried again when there is some.
        let left = session.statistics().modules;
        if left > before.0.modules {
            let trackers = session.modules().unwrap();
            for summary in trackers {
                let left = session.module(summary.view.id).unwrap();
                // SAFETY: nothing runs a mock's code.
                unsafe { left.unload() }.unwrap();
            }
        }
        assert_eq!(
            (session.statistics(), session.memory().used_bytes()),
            before
        );
        if result.is_ok() {
            break;
        }
        assert_eq!(failing_heap::live_bytes(), heap, "{failures}");
        failures += 1;
    }
    assert!(failures > 20, "{failures}");
}

#[test]
fn without_memory_nothing_is_left_and_it_may_be_tried_again() {
    let session = session(Machine::X86_64);
    let mut module = module(&session);
    let function = module.declare_function("f", Linkage::Export).unwrap();
    module
        .define_function(function, &[0xc3], Alignment::ONE, &[])
        .unwrap();
    session.memory().fail_after(0);
    let error = module.finalize_definitions().unwrap_err();
    assert!(matches!(error, JitError::Load(_)), "{error}");
    assert_eq!(session.statistics().modules, 0);
    module.finalize_definitions().unwrap();
    assert!(module.finalized_function(function).is_ok());
}
