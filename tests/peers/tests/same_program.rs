//! One program, run on cranelift-jit and here: what each of its functions returns must be the same, and right.

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, default_libcall_names};
use ironlink::base::{Machine, TargetAddr};
use ironlink::compiler::cranelift::Cranelift;
use ironlink::jit::{CraneliftJit, JitBuilder, symbol_of_process};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::Session;
use ironlink_peers::Case;

/// Cranelift for this machine: with all that its processor has, or with what each has alone, which lets it call more
/// routines.
fn isa(is_native: bool, settings: &[(&str, &str)]) -> OwnedTargetIsa {
    let mut flags = settings::builder();
    flags.set("use_colocated_libcalls", "false").unwrap();
    flags.set("is_pic", "false").unwrap();
    for (name, value) in settings {
        flags.set(name, value).unwrap();
    }
    let native = cranelift_native::builder().unwrap();
    let builder = match is_native {
        true => native,
        false => isa::lookup(native.triple().clone()).unwrap(),
    };
    builder.finish(Flags::new(flags)).unwrap()
}

/// What each case returns.
fn results(cases: &[Case], address: impl Fn(FuncId) -> *const u8) -> Vec<i64> {
    let call = |case: &Case| {
        let function = address(case.function);
        assert!(!function.is_null(), "{}", case.name);
        // SAFETY: what the program says to call is a function of this type, and was finalized.
        let function: extern "C" fn(i64, i64) -> i64 = unsafe { std::mem::transmute(function) };
        function(case.arguments[0], case.arguments[1])
    };
    cases.iter().map(call).collect()
}

fn on_cranelift_jit(isa: OwnedTargetIsa) -> (Vec<Case>, Vec<i64>) {
    let mut builder = JITBuilder::with_isa(isa, default_libcall_names());
    builder.symbols(ironlink_peers::imports());
    let mut module = JITModule::new(builder);
    let cases = ironlink_peers::build(&mut module).unwrap();
    module.finalize_definitions().unwrap();
    let results = results(&cases, |id| module.get_finalized_function(id));
    // SAFETY: nobody calls it any more.
    unsafe { module.free_memory() };
    (cases, results)
}

fn on_ironlink(isa: OwnedTargetIsa, has_hot_swap: bool) -> (Vec<Case>, Vec<i64>) {
    let memory = HostedMemory::new().unwrap();
    let session = Session::new(memory.clone());
    let mut builder = JitBuilder::new(&session, "program").unwrap();
    let address = |pointer: *const u8| TargetAddr::new(pointer.expose_provenance() as u64);
    let imports = ironlink_peers::imports().into_iter();
    builder
        .symbols(imports.map(|(name, pointer)| (name, address(pointer))))
        .unwrap()
        .symbol_lookup_fn(symbol_of_process)
        .unwrap()
        .hot_swap(has_hot_swap);
    // SAFETY: this memory is the program's own.
    let module = unsafe { builder.build() }.unwrap();
    let compiler = Cranelift::from_isa(isa).unwrap();
    let mut module = CraneliftJit::new(module, compiler).unwrap();
    let cases = ironlink_peers::build(&mut module).unwrap();
    module.finalize_definitions().unwrap();
    let results = results(&cases, |id| module.get_finalized_function(id));
    // SAFETY: nobody calls it any more.
    unsafe { module.free_memory() }
        .map_err(|(_, error)| error)
        .unwrap();
    assert_eq!(memory.used_bytes(), 0);
    (cases, results)
}

fn compare(is_native: bool, settings: &[(&str, &str)]) {
    if Machine::HOST.is_none() {
        return;
    }
    let isa = isa(is_native, settings);
    let (cases, theirs) = on_cranelift_jit(isa.clone());
    assert!(cases.len() > 30, "only {} cases", cases.len());
    let expected: Vec<i64> = cases.iter().map(|case| case.expected).collect();
    for has_hot_swap in [false, true] {
        let (same, ours) = on_ironlink(isa.clone(), has_hot_swap);
        assert_eq!(same.len(), cases.len());
        for (place, case) in cases.iter().enumerate() {
            let (theirs, ours) = (theirs[place], ours[place]);
            let name = case.name;
            assert_eq!(ours, theirs, "{name}{:?}: {has_hot_swap}", case.arguments);
        }
    }
    let differ = cases
        .iter()
        .zip(&theirs)
        .find(|(case, it)| case.expected != **it);
    assert_eq!(theirs, expected, "{differ:?}");
}

#[test]
fn code_as_it_comes() {
    compare(true, &[]);
}

#[test]
fn code_for_any_processor_of_its_kind() {
    compare(false, &[]);
}

#[test]
fn code_that_is_optimized() {
    compare(
        true,
        &[("opt_level", "speed"), ("enable_verifier", "false")],
    );
}

/// Code for any position is nothing that cranelift-jit takes.
#[test]
fn code_for_any_position() {
    if Machine::HOST.is_none() {
        return;
    }
    for is_native in [false, true] {
        let isa = isa(is_native, &[("is_pic", "true")]);
        let (cases, results) = on_ironlink(isa, is_native);
        let expected: Vec<i64> = cases.iter().map(|case| case.expected).collect();
        assert_eq!(results, expected);
    }
}

#[test]
fn declarations_are_those_that_cranelift_keeps() {
    let session = Session::new(HostedMemory::new().unwrap());
    let builder = JitBuilder::new(&session, "program").unwrap();
    // SAFETY: there is no hot swap.
    let module = unsafe { builder.build() }.unwrap();
    let compiler = Cranelift::from_isa(isa(true, &[])).unwrap();
    let mut ours = CraneliftJit::new(module, compiler).unwrap();
    ironlink_peers::build(&mut ours).unwrap();
    let theirs = JITBuilder::with_isa(isa(true, &[]), default_libcall_names());
    let mut theirs = JITModule::new(theirs);
    ironlink_peers::build(&mut theirs).unwrap();
    assert_eq!(
        format!(
            "{:?}",
            ours.declarations().get_functions().collect::<Vec<_>>()
        ),
        format!(
            "{:?}",
            theirs.declarations().get_functions().collect::<Vec<_>>()
        )
    );
    assert_eq!(
        format!(
            "{:?}",
            ours.declarations().get_data_objects().collect::<Vec<_>>()
        ),
        format!(
            "{:?}",
            theirs.declarations().get_data_objects().collect::<Vec<_>>()
        )
    );
}
