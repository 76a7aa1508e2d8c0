//! What the interface refuses: by the same errors as cranelift-jit where that has one, and by an error where that panics.

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{AbiParam, ArgumentPurpose, InstBuilder, LibCall, Signature, types};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{
    DataDescription, FuncId, Linkage, Module, ModuleError, ModuleReloc, ModuleRelocTarget,
    default_libcall_names,
};
use ironlink::compiler::cranelift::Cranelift;
use ironlink::jit::{CraneliftJit, JitBuilder, symbol_of_process};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::Session;

fn isa() -> OwnedTargetIsa {
    let mut flags = settings::builder();
    flags.set("is_pic", "false").unwrap();
    let builder = cranelift_native::builder().unwrap();
    builder.finish(Flags::new(flags)).unwrap()
}

fn ours(session: &Session<HostedMemory>, has_hot_swap: bool) -> CraneliftJit<'_, HostedMemory> {
    let mut builder = JitBuilder::new(session, "refusals").unwrap();
    builder.hot_swap(has_hot_swap);
    // SAFETY: this memory is the program's own.
    let module = unsafe { builder.build() }.unwrap();
    CraneliftJit::new(module, Cranelift::from_isa(isa()).unwrap()).unwrap()
}

fn session() -> Session<HostedMemory> {
    Session::new(HostedMemory::new().unwrap())
}

fn theirs() -> JITModule {
    JITModule::new(JITBuilder::with_isa(isa(), default_libcall_names()))
}

fn signature(module: &dyn Module) -> Signature {
    let mut signature = module.make_signature();
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// A function that returns `value`, or what `callee` does.
fn function(module: &mut dyn Module, value: i64, callee: Option<FuncId>) -> Context {
    let mut context = module.make_context();
    context.func.signature = signature(module);
    let mut builder_context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let block = builder.create_block();
    builder.switch_to_block(block);
    builder.seal_block(block);
    let value = match callee {
        None => builder.ins().iconst(types::I64, value),
        Some(callee) => {
            let callee = module.declare_func_in_func(callee, builder.func);
            let call = builder.ins().call(callee, &[]);
            builder.inst_results(call)[0]
        }
    };
    builder.ins().return_(&[value]);
    builder.finalize(module.target_config());
    context
}

fn call<M: Module>(module: &M, id: FuncId, address: impl Fn(&M, FuncId) -> *const u8) -> i64 {
    let function = address(module, id);
    assert!(!function.is_null());
    // SAFETY: it is finalized, and a function of this type.
    let function: extern "C" fn() -> i64 = unsafe { std::mem::transmute(function) };
    function()
}

/// What each module says to what is wrong by Cranelift's own rules.
fn told_by_rules(module: &mut dyn Module) -> Vec<String> {
    let signature = signature(module);
    let mut told = Vec::new();
    let import = (module.declare_function("import", Linkage::Import, &signature)).unwrap();
    let mut one = function(module, 1, None);
    told.push(module.define_function(import, &mut one).unwrap_err());
    told.push(
        module
            .define_function_bytes(import, 1, &[0; 8], &[])
            .unwrap_err(),
    );
    let local = (module.declare_function("local", Linkage::Local, &signature)).unwrap();
    module.define_function(local, &mut one).unwrap();
    told.push(module.define_function(local, &mut one).unwrap_err());
    told.push(
        module
            .define_function_bytes(local, 1, &[0; 8], &[])
            .unwrap_err(),
    );
    let other = module.make_signature();
    told.push(
        module
            .declare_function("local", Linkage::Local, &other)
            .unwrap_err(),
    );
    told.push(
        module
            .declare_data("local", Linkage::Local, true, false)
            .unwrap_err(),
    );
    let data = (module.declare_data("data", Linkage::Local, true, false)).unwrap();
    let wrong = module.declare_function("data", Linkage::Local, &signature);
    told.push(wrong.unwrap_err());
    let mut description = DataDescription::new();
    description.define_zeroinit(4);
    module.define_data(data, &description).unwrap();
    told.push(module.define_data(data, &description).unwrap_err());
    let imported = (module.declare_data("imported", Linkage::Import, true, false)).unwrap();
    told.push(module.define_data(imported, &description).unwrap_err());
    told.iter().map(ToString::to_string).collect()
}

#[test]
fn the_interface_has_the_same_rules() {
    let session = session();
    assert_eq!(
        told_by_rules(&mut ours(&session, false)),
        told_by_rules(&mut theirs())
    );
}

#[test]
fn functions_that_the_verifier_refuses_are_told_as_cranelift_does() {
    let session = session();
    let mut module = ours(&session, false);
    let signature = signature(&module);
    let id = (module.declare_function("f", Linkage::Local, &signature)).unwrap();
    let mut empty = module.make_context();
    let error = module.define_function(id, &mut empty).unwrap_err();
    assert!(error.to_string().contains("no block"), "{error}");
    let mut wrong = function(&mut module, 1, None);
    wrong.func.signature.returns.clear();
    let error = module.define_function(id, &mut wrong).unwrap_err();
    assert!(
        matches!(error, ModuleError::Compilation(CodegenError::Verifier(_))),
        "{error}"
    );
    // Cranelift panics over a structure's address beside a result.
    let mut both = function(&mut module, 1, None);
    let address = AbiParam::special(types::I64, ArgumentPurpose::StructReturn);
    both.func.signature.params.push(address);
    let error = module.define_function(id, &mut both).unwrap_err();
    assert!(error.to_string().contains("sret"), "{error}");
    let mut right = function(&mut module, 1, None);
    module.define_function(id, &mut right).unwrap();
}

#[test]
fn an_import_that_is_missing_is_an_error_and_may_come_later() {
    let session = session();
    let mut module = ours(&session, false);
    let signature = signature(&module);
    let import = (module.declare_function("late", Linkage::Import, &signature)).unwrap();
    let id = (module.declare_function("f", Linkage::Export, &signature)).unwrap();
    let mut calling = function(&mut module, 0, Some(import));
    module.define_function(id, &mut calling).unwrap();
    let error = module.finalize_definitions().unwrap_err();
    assert!(error.to_string().contains("late"), "{error}");
    assert!(module.get_finalized_function(id).is_null());
    assert!(module.get_address(&import.into()).is_null());

    let mut other = ours(&session, false);
    let late = (other.declare_function("late", Linkage::Export, &signature)).unwrap();
    let mut constant = function(&mut other, 17, None);
    other.define_function(late, &mut constant).unwrap();
    other.finalize_definitions().unwrap();
    module.finalize_definitions().unwrap();
    let address = CraneliftJit::get_finalized_function;
    assert_eq!(call(&module, id, address), 17);
    assert_eq!(
        module.get_address(&import.into()),
        other.get_finalized_function(late)
    );
}

#[test]
fn data_without_content_and_thread_local_data_are_refused() {
    let session = session();
    let mut module = ours(&session, false);
    let id = (module.declare_data("data", Linkage::Local, false, false)).unwrap();
    let error = module.define_data(id, &DataDescription::new()).unwrap_err();
    assert!(error.to_string().contains("`data`"), "{error}");
    let local = module.declare_data("local", Linkage::Local, true, true);
    let error = local.unwrap_err();
    assert!(error.to_string().contains("thread-local"), "{error}");
    assert!(module.declare_anonymous_data(true, true).is_err());
    assert_eq!(module.get_finalized_data(id), (std::ptr::null(), 0));
    let mut empty = DataDescription::new();
    empty.define(Box::new([]));
    module.define_data(id, &empty).unwrap();
    module.finalize_definitions().unwrap();
    let (start, size_bytes) = module.get_finalized_data(id);
    assert!(!start.is_null());
    assert_eq!(size_bytes, 1);
}

#[test]
fn ids_of_other_modules_and_odd_relocations_are_refused() {
    let session = session();
    let mut module = ours(&session, false);
    let stray = FuncId::from_u32(7);
    assert!(module.get_finalized_function(stray).is_null());
    let error = module.prepare_for_function_redefine(stray).unwrap_err();
    assert!(matches!(error, ModuleError::Undeclared(_)), "{error}");
    let signature = signature(&module);
    let id = (module.declare_function("f", Linkage::Local, &signature)).unwrap();
    let reloc = |kind, name, offset| ModuleReloc {
        offset,
        kind,
        name,
        addend: 0,
    };
    let mut refused = |alignment, reloc| {
        let defined = module.define_function_bytes(id, alignment, &[0; 16], &[reloc]);
        defined.unwrap_err().to_string()
    };
    let itself = ModuleRelocTarget::from(id);
    let odd = refused(24, reloc(Reloc::Abs8, itself.clone(), 0));
    assert!(odd.contains("alignment"), "{odd}");
    let foreign = refused(16, reloc(Reloc::RiscvCallPlt, itself.clone(), 0));
    assert!(foreign.contains("another machine"), "{foreign}");
    let outside = refused(16, reloc(Reloc::Abs8, itself.clone(), 12));
    assert!(outside.contains("doesn't lie within"), "{outside}");
    let unknown = refused(16, reloc(Reloc::Abs8, ModuleRelocTarget::user(0, 9), 0));
    assert!(unknown.contains("u0:9"), "{unknown}");
    let tls = ModuleRelocTarget::LibCall(LibCall::ElfTlsGetAddr);
    let unknown = refused(16, reloc(Reloc::Abs8, tls, 0));
    assert!(unknown.contains("ElfTlsGetAddr"), "{unknown}");
}

#[test]
fn routines_and_places_within_functions_are_written() {
    let session = session();
    let mut builder = JitBuilder::new(&session, "jit").unwrap();
    builder.symbol_lookup_fn(symbol_of_process).unwrap();
    // SAFETY: there is no hot swap.
    let module = unsafe { builder.build() }.unwrap();
    let mut module = CraneliftJit::new(module, Cranelift::from_isa(isa()).unwrap()).unwrap();
    let signature = signature(&module);
    let id = (module.declare_function("f", Linkage::Local, &signature)).unwrap();
    let targets = [
        ModuleRelocTarget::LibCall(LibCall::Memcpy),
        ModuleRelocTarget::FunctionOffset(id, 4),
        ModuleRelocTarget::from(id),
    ];
    let relocs = (0..).step_by(8).zip(&targets);
    let relocs: Vec<_> = relocs
        .map(|(offset, name)| ModuleReloc {
            offset,
            kind: Reloc::Abs8,
            name: name.clone(),
            addend: 1,
        })
        .collect();
    (module.define_function_bytes(id, 64, &[0; 24], &relocs)).unwrap();
    module.finalize_definitions().unwrap();
    let start = module.get_finalized_function(id);
    assert!(start.addr().is_multiple_of(64));
    for (place, target) in targets.iter().enumerate() {
        let written = start.cast::<usize>().wrapping_add(place);
        // SAFETY: these bytes can be read.
        let written = unsafe { written.read() };
        assert_eq!(written, module.get_address(target).addr() + 1, "{target}");
    }
    assert_eq!(module.get_address(&targets[1]).addr(), start.addr() + 4);
}

#[test]
fn a_function_is_redefined_and_callers_see_it() {
    let session = session();
    let mut module = ours(&session, true);
    let signature = signature(&module);
    let callee = (module.declare_function("callee", Linkage::Export, &signature)).unwrap();
    let caller = (module.declare_function("caller", Linkage::Export, &signature)).unwrap();
    let mut body = function(&mut module, 1, None);
    module.define_function(callee, &mut body).unwrap();
    let error = module.prepare_for_function_redefine(callee).unwrap_err();
    assert!(error.to_string().contains("`callee`"), "{error}");
    let mut calling = function(&mut module, 0, Some(callee));
    module.define_function(caller, &mut calling).unwrap();
    module.finalize_definitions().unwrap();
    let address = CraneliftJit::get_finalized_function;
    assert_eq!(call(&module, caller, address), 1);
    let (entry, body) = (
        module.get_finalized_function(callee),
        module.read_got_entry(callee),
    );
    assert_ne!(entry, body);

    module.prepare_for_function_redefine(callee).unwrap();
    let mut second = function(&mut module, 2, None);
    module.define_function(callee, &mut second).unwrap();
    assert_eq!(call(&module, caller, address), 1, "not yet");
    module.finalize_definitions().unwrap();
    assert_eq!(call(&module, caller, address), 2);
    assert_eq!(module.get_finalized_function(callee), entry);
    assert_ne!(module.read_got_entry(callee), body);

    let mut fixed = ours(&session, false);
    let id = (fixed.declare_function("fixed", Linkage::Local, &signature)).unwrap();
    let mut body = function(&mut fixed, 1, None);
    fixed.define_function(id, &mut body).unwrap();
    fixed.finalize_definitions().unwrap();
    assert!(fixed.prepare_for_function_redefine(id).is_err());
    assert!(fixed.read_got_entry(id).is_null());
}
