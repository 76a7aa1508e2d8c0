//! What the kernel's images do: run the program on the initial memory disk, show each object of it, or serve a shell.

use alloc::vec::Vec;

use ironlink::session::{Input, Module};

use crate::command_line::Mode;
use crate::guard::Outcome;
use crate::image;
use crate::kernel::{Kernel, ModuleMemory};
use crate::log;
use crate::program::{self, Arguments};
use crate::protocol::{STATUS_ABORTED, STATUS_FAULT, STATUS_KERNEL_FAILED, STATUS_NOT_LOADED};
use crate::report;
use crate::shell;
#[cfg(feature = "cranelift")]
use crate::{clif, repl};

/// Does what the command line says; gives the exit status.
pub fn main(kernel: &'static Kernel) -> u8 {
    match Mode::parse(&kernel.boot_info().command_line) {
        Ok(Mode::Run) => run(kernel),
        Ok(Mode::Tour) => tour(kernel),
        Ok(Mode::Shell) => shell::run(kernel),
        #[cfg(feature = "cranelift")]
        Ok(Mode::Repl) => repl::run(kernel),
        #[cfg(not(feature = "cranelift"))]
        Ok(Mode::Repl) => without_compiler(),
        Ok(Mode::Test { .. } | Mode::Bench) => {
            log!("this image runs programs; tests and benches are in another one");
            STATUS_KERNEL_FAILED
        }
        Err(error) => {
            log!("{error}");
            STATUS_KERNEL_FAILED
        }
    }
}

/// Links all inputs as one module and calls its `main` with the disk's arguments. Gives the program's exit status.
pub fn run(kernel: &'static Kernel) -> u8 {
    let initrd = kernel.initrd();
    if !initrd.units.is_empty() {
        #[cfg(feature = "cranelift")]
        return clif::run(kernel);
        #[cfg(not(feature = "cranelift"))]
        return without_compiler();
    }
    if initrd.inputs.is_empty() {
        log!("the initial memory disk holds nothing to run");
        return STATUS_NOT_LOADED;
    }
    let arguments = Arguments::new(initrd.arguments.iter().copied());
    let own_name = initrd.arguments.first();
    let name = own_name.and_then(|name| core::str::from_utf8(name).ok());
    let name = name.filter(|name| !name.is_empty()).unwrap_or("program");
    let module = match load(kernel, name, &initrd.inputs) {
        Ok(module) => module,
        Err(ended) => return ended.map_or(STATUS_NOT_LOADED, |outcome| status_of(&outcome)),
    };
    let outcome = call(&module, name, &arguments);
    // What a program that was ended amid its work had to do at its end is not asked of it.
    if outcome
        .as_ref()
        .is_some_and(|it| matches!(it, Outcome::Exited(_)))
    {
        end(module);
    }
    outcome.map_or(STATUS_NOT_LOADED, |outcome| status_of(&outcome))
}

/// Says that what is asked for isn't here; gives the exit status.
#[cfg(not(feature = "cranelift"))]
fn without_compiler() -> u8 {
    log!("this image has no compiler; the one that has is built with the feature `cranelift`");
    STATUS_KERNEL_FAILED
}

/// Lets a module's destructors run, and removes it; says so if they go wrong.
pub(crate) fn end(module: Module<'static, ModuleMemory>) {
    // SAFETY: its `main` has ended, and what it registered to be called has run or runs now.
    if let Err(error) = unsafe { module.unload() } {
        log!("{error}");
    }
}

/// Links each object as a module of its own, calls its `main`, and shows what all of them and the kernel map. Gives 0 if
/// every `main` returned 0.
pub fn tour(kernel: &'static Kernel) -> u8 {
    let archives: Vec<Input<'static>> = kernel.initrd().archives().collect();
    let mut modules = Vec::new();
    let mut failures = 0_u8;
    for object in kernel.initrd().objects() {
        let mut inputs = Vec::from([object]);
        inputs.extend(&archives);
        let name = object.name;
        let Ok(module) = load(kernel, name, &inputs) else {
            failures = failures.saturating_add(1);
            continue;
        };
        assert_eq!(kernel.audit(), 0, "W^X is broken after {name} was loaded");
        let statistics = module.statistics();
        let outcome = call(&module, name, &Arguments::new([name.as_bytes()]));
        if let Some(outcome) = &outcome {
            log!(
                "{name}: {} bytes, {} fixups; {outcome}",
                statistics.content_bytes,
                statistics.fixups
            );
        }
        let is_success = outcome.is_some_and(|outcome| status_of(&outcome) == 0);
        failures = failures.saturating_add(u8::from(!is_success));
        modules.push((name, module));
    }
    show_map(kernel, &modules);
    log!("{} modules, {failures} failed", modules.len());
    for (_, module) in modules.into_iter().rev() {
        end(module);
    }
    failures
}

/// Links inputs as one module in a dylib of its own; says why where that can't be done, and how a constructor ended if it is
/// for that.
pub(crate) fn load(
    kernel: &'static Kernel,
    name: &str,
    inputs: &[Input<'_>],
) -> Result<Module<'static, ModuleMemory>, Option<Outcome>> {
    // Whatever ended before has been told.
    let _ = program::take_unreturned();
    let dylib = kernel.session().create_dylib(name);
    let module = dylib.and_then(|dylib| {
        // SAFETY: whoever starts the machine with these objects trusts them as the kernel.
        unsafe { dylib.load_all(name, inputs) }
    });
    module.map_err(|error| {
        let ended = program::take_unreturned();
        // A program that ends itself has not failed.
        if !matches!(ended, Some(Outcome::Exited(_))) {
            log!("{error}");
        }
        ended
    })
}

/// Calls a module's `main`, and reports it if that doesn't return; says so where there is none.
fn call(
    module: &Module<'static, ModuleMemory>,
    name: &str,
    arguments: &Arguments,
) -> Option<Outcome> {
    // SAFETY: the objects are trusted; a program that ends by a fault is not used any more.
    let outcome = unsafe { program::call_main(module, arguments) };
    let outcome = outcome.map_err(|error| log!("{name}: {error}")).ok()?;
    report::send(&outcome);
    Some(outcome)
}

/// The exit status by which a runner on the host ends.
pub(crate) fn status_of(outcome: &Outcome) -> u8 {
    match *outcome {
        // As everywhere, the low eight bits count.
        Outcome::Exited(status) => status.to_le_bytes()[0],
        Outcome::Returned(_) => 0,
        Outcome::Fault(_) => STATUS_FAULT,
        Outcome::Aborted(_) => STATUS_ABORTED,
        Outcome::Panicked(_) => STATUS_KERNEL_FAILED,
    }
}

/// Shows the protection of each segment, and what the auditor finds.
fn show_map(kernel: &'static Kernel, modules: &[(&str, Module<'static, ModuleMemory>)]) {
    log!("the map:");
    for (range, protection) in image::segments() {
        log!("  {protection} {range} the kernel");
    }
    for (name, module) in modules {
        for (range, protection) in module.segments() {
            log!("  {protection} {range} {name}");
        }
    }
    match kernel.audit() {
        0 => log!("nothing that is mapped can be both written and executed"),
        violations => log!("W^X is broken in {violations} places"),
    }
}
