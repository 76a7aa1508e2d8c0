//! The ways from a unit to code that can be called: as definitions of a JIT module, and as an ELF object that is loaded.

use alloc::vec::Vec;

use ironlink::base::Name;
use ironlink::compiler::Callee;
use ironlink::compiler::cranelift::{Cranelift, wire};
use ironlink::jit::{FuncId, JitBuilder, JitError, JitModule, Linkage, Storage};
use ironlink::session::Input;
use ironlink_kernel::Kernel;
use ironlink_kernel::clif::{self, Call, CompiledUnit, Entry, EntryFunction};
use ironlink_kernel::kernel::ModuleMemory;

use super::call;

/// Compiles the unit, links it as a JIT module, makes the calls, and frees it.
pub(super) fn through_module(kernel: &'static Kernel, unit: Input<'_>, calls: &[Call]) {
    let before = kernel.session().statistics().modules;
    let (compiler, compiled, entries) = compiled(kernel, unit, calls);
    let builder = JitBuilder::new(kernel.session(), unit.name).unwrap_or_else(|it| panic!("{it}"));
    // SAFETY: the session's memory is this kernel's own.
    let module = unsafe { builder.build() };
    let mut module = module.unwrap_or_else(|error| panic!("{error}"));
    let functions = link(compiled, &compiler, &mut module);
    let functions = functions.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(kernel.audit(), 0);
    for (call, entry) in calls.iter().zip(&entries) {
        let function = module.function::<EntryFunction>(functions[entry.number as usize]);
        call::check(
            call,
            entry,
            *function.unwrap_or_else(|error| panic!("{error}")),
        );
    }
    // SAFETY: all calls have ended.
    unsafe { module.free() }.unwrap_or_else(|(_, error)| panic!("{error}"));
    assert_eq!(kernel.session().statistics().modules, before);
}

/// Compiles the unit, writes it as an ELF object, loads that, makes the calls, and unloads it.
pub(super) fn through_object(kernel: &'static Kernel, unit: Input<'_>, calls: &[Call]) {
    let (compiler, compiled, entries) = compiled(kernel, unit, calls);
    let bytes = compiled
        .object(&compiler)
        .unwrap_or_else(|error| panic!("{error}"));
    // SAFETY: the texts are trusted as the kernel's own code.
    let module = unsafe { kernel.load(unit.name, &[Input::new(unit.name, &bytes)]) };
    let module = module.unwrap_or_else(|error| panic!("{error}"));
    for (call, entry) in calls.iter().zip(&entries) {
        let function = module.function::<EntryFunction>(&entry.symbol);
        call::check(
            call,
            entry,
            *function.unwrap_or_else(|error| panic!("{error}")),
        );
    }
    // SAFETY: all calls have ended, and nothing was linked to it.
    unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
}

/// Links a unit's functions in a module. Gives what they are there, by their numbers.
pub(super) fn link(
    compiled: CompiledUnit,
    compiler: &Cranelift,
    module: &mut JitModule<'_, ModuleMemory>,
) -> Result<Vec<FuncId>, JitError> {
    let CompiledUnit { unit, code } = compiled;
    let text_of =
        |name| core::str::from_utf8(name).unwrap_or_else(|_| panic!("{}", Name::new(name)));
    let mut functions = Vec::new();
    for (function, code) in unit.functions.iter().zip(&code) {
        let linkage = match code {
            Some(_) => Linkage::Local,
            None => Linkage::Import,
        };
        functions.push(module.declare_function(text_of(&function.name), linkage)?);
    }
    let mut data = Vec::new();
    for one in &unit.data {
        let name = text_of(&one.name);
        data.push(module.declare_data(name, Linkage::Import, Storage::Writable)?);
    }
    for (id, code) in functions.iter().zip(code) {
        let Some(mut code) = code else { continue };
        for relocation in &mut code.relocations {
            relocation.target = match relocation.target {
                Callee::Function(number) => Callee::Function(functions[number as usize].number()),
                Callee::Data(number) => Callee::Data(data[number as usize].number()),
                other => other,
            };
        }
        module.define_compiled(*id, compiler, &code)?;
    }
    module.finalize_definitions()?;
    Ok(functions)
}

/// The unit, compiled, with an entry for each call.
fn compiled(
    kernel: &'static Kernel,
    unit: Input<'_>,
    calls: &[Call],
) -> (Cranelift, CompiledUnit, Vec<Entry>) {
    assert!(!calls.is_empty(), "{} tells of no call", unit.name);
    let compiler =
        clif::compiler(kernel.session().machine()).unwrap_or_else(|error| panic!("{error}"));
    let decoded = wire::decode(&compiler, unit.bytes);
    let mut unit = decoded.unwrap_or_else(|error| panic!("{error}"));
    let mut entries: Vec<Entry> = Vec::new();
    for call in calls {
        let known = entries.iter().find(|entry| entry.function == call.function);
        let entry = known
            .cloned()
            .map_or_else(|| Entry::add(&compiler, &mut unit, &call.function), Ok);
        entries.push(entry.unwrap_or_else(|error| panic!("{error}")));
    }
    let compiled = CompiledUnit::compile(&compiler, unit);
    (
        compiler,
        compiled.unwrap_or_else(|error| panic!("{error}")),
        entries,
    )
}
