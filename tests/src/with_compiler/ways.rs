//! The ways from a unit to code that can be called: as definitions of a JIT module, and as an ELF object that is loaded.

use alloc::vec::Vec;

use ironlink::compiler::Compiler;
use ironlink::compiler::cranelift::{Cranelift, wire};
use ironlink::compiler::elf::{self, NamedFunction};
use ironlink::jit::JitBuilder;
use ironlink::session::Input;
use ironlink_kernel::Kernel;
use ironlink_kernel::clif::{self, Entry, EntryFunction, Program};

use super::call::Call;

/// Compiles the unit, links it as a JIT module, makes the calls, and frees it.
pub(super) fn through_module(kernel: &'static Kernel, unit: Input<'_>, calls: &[Call<'_>]) {
    let before = kernel.session().statistics().modules;
    let (compiler, program, entries) = compiled(kernel, unit, calls);
    let builder = JitBuilder::new(kernel.session(), unit.name).unwrap_or_else(|it| panic!("{it}"));
    // SAFETY: the session's memory is this kernel's own.
    let module = unsafe { builder.build() };
    let mut module = module.unwrap_or_else(|error| panic!("{error}"));
    let functions = program.link(&compiler, &mut module);
    let functions = functions.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(kernel.audit(), 0);
    for (call, entry) in calls.iter().zip(&entries) {
        let function = module.function::<EntryFunction>(functions[entry.number as usize]);
        call.check(entry, *function.unwrap_or_else(|error| panic!("{error}")));
    }
    // SAFETY: all calls have ended.
    unsafe { module.free() }.unwrap_or_else(|(_, error)| panic!("{error}"));
    assert_eq!(kernel.session().statistics().modules, before);
}

/// Compiles the unit, appends it to an ELF object, loads that, makes the calls, and unloads it.
pub(super) fn through_object(kernel: &'static Kernel, unit: Input<'_>, calls: &[Call<'_>]) {
    let (compiler, program, entries) = compiled(kernel, unit, calls);
    let functions: Vec<NamedFunction<'_>> = program
        .functions()
        .map(|(number, name, code)| NamedFunction {
            number,
            name,
            is_global: entries.iter().any(|entry| entry.number == number),
            code,
        })
        .collect();
    let mut object = elf::new_object(compiler.machine());
    let appended = compiler.append(&mut object, &functions, false, &mut |object, callee| {
        elf::symbol(object, program.name_of(callee)?).ok()
    });
    appended.unwrap_or_else(|error| panic!("{error}"));
    let bytes = object.write().unwrap_or_else(|error| panic!("{error}"));
    // SAFETY: the texts are trusted as the kernel's own code.
    let module = unsafe { kernel.load(unit.name, &[Input::new(unit.name, &bytes)]) };
    let module = module.unwrap_or_else(|error| panic!("{error}"));
    for (call, entry) in calls.iter().zip(&entries) {
        let function = module.function::<EntryFunction>(&entry.symbol);
        call.check(entry, *function.unwrap_or_else(|error| panic!("{error}")));
    }
    // SAFETY: all calls have ended, and nothing was linked to it.
    unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
}

/// The unit, compiled, with an entry for each call.
fn compiled(
    kernel: &'static Kernel,
    unit: Input<'_>,
    calls: &[Call<'_>],
) -> (Cranelift, Program, Vec<Entry>) {
    assert!(!calls.is_empty(), "{} tells of no call", unit.name);
    let compiler = clif::compiler(kernel).unwrap_or_else(|error| panic!("{error}"));
    let decoded = wire::decode(&compiler, unit.bytes);
    let mut unit = decoded.unwrap_or_else(|error| panic!("{error}"));
    let mut entries: Vec<Entry> = Vec::new();
    for call in calls {
        let known = entries.iter().find(|entry| call.is_by(entry));
        let entry = known.cloned();
        entries.push(entry.unwrap_or_else(|| call.entry(&compiler, &mut unit)));
    }
    let program = Program::compile(&compiler, unit).unwrap_or_else(|error| panic!("{error}"));
    (compiler, program, entries)
}
