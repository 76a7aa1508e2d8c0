//! The program on the disk: compiled, linked to what else lies there, and its `%main` called.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str;

use ironlink::compiler::cranelift::wire;
use ironlink::jit::JitBuilder;
use ironlink::session::{ArchiveGenerator, Dylib, Input, LoadError, Module};

use super::{Entry, EntryFunction, Program, compiler};
use crate::guard::Outcome;
use crate::initrd::Initrd;
use crate::kernel::{Kernel, ModuleMemory};
use crate::program;
use crate::protocol::STATUS_NOT_LOADED;
use crate::runner::{end, status_of};
use crate::{console, log, report};

/// The function that a program begins with.
const MAIN: &str = "main";

/// Runs the disk's unit, and writes what `%main` gives. Gives the exit status.
pub fn run(kernel: &'static Kernel) -> u8 {
    let [text] = kernel.initrd().units[..] else {
        log!("the initial memory disk holds several units; a program is one");
        return STATUS_NOT_LOADED;
    };
    match try_run(kernel, text) {
        Ok(status) => status,
        Err(reason) => {
            log!("{}: {reason}", text.name);
            STATUS_NOT_LOADED
        }
    }
}

fn try_run(kernel: &'static Kernel, text: Input<'_>) -> Result<u8, String> {
    let disk = kernel.initrd();
    let compiler = compiler(kernel).map_err(shown)?;
    let mut unit = wire::decode(&compiler, text.bytes).map_err(shown)?;
    let entry = Entry::add(&compiler, &mut unit, MAIN)?;
    let arguments = arguments(disk)?;
    let arguments = entry.parse(arguments.into_iter())?;
    let program = Program::compile(&compiler, unit)?;
    let dylib = kernel.session().create_dylib("program").map_err(shown)?;
    let objects = load(disk, &dylib).map_err(shown)?;
    let builder = JitBuilder::in_dylib(kernel.session(), dylib, text.name).map_err(shown)?;
    // SAFETY: the session's memory is this kernel's own, where it says that it lies.
    let mut module = unsafe { builder.build() }.map_err(shown)?;
    let functions = program.link(&compiler, &mut module).map_err(shown)?;
    assert_eq!(kernel.audit(), 0, "W^X is broken after it was linked");
    let own = functions[entry.number as usize];
    let function = module.function::<EntryFunction>(own).map_err(shown)?;
    let segments = objects.iter().flat_map(Module::segments);
    // SAFETY: it is the entry; whoever starts the machine with this program trusts it as the kernel.
    let ended = program::call_guarded(segments, || unsafe { entry.call(*function, &arguments) });
    Ok(match ended {
        Ok(result) => {
            console::write_output(format!("{result}\n").as_bytes());
            // SAFETY: the call has ended, and nobody else was linked to it.
            unsafe { module.free() }.map_err(|(_, error)| shown(error))?;
            objects.into_iter().for_each(end);
            0
        }
        Err(outcome) => {
            if let Outcome::Fault(fault) = &outcome
                && let Some((name, trap)) = program.trap_at(&module, &functions, fault.instruction)
            {
                log!("%{name}: {trap}");
            }
            report::send(&outcome);
            status_of(&outcome)
        }
    })
}

/// The program's arguments, without its name.
fn arguments(disk: &Initrd<'static>) -> Result<Vec<&'static str>, String> {
    let arguments = disk.arguments.iter().skip(1).zip(1..);
    arguments
        .map(|(text, place)| {
            str::from_utf8(text).map_err(|_| format!("argument {place} is no text"))
        })
        .collect()
}

/// Loads the objects, if there are any; archives give what anybody misses.
fn load(
    disk: &Initrd<'static>,
    dylib: &Dylib<'static, ModuleMemory>,
) -> Result<Option<Module<'static, ModuleMemory>>, LoadError> {
    for archive in disk.archives() {
        dylib.add_generator(ArchiveGenerator::new(archive.name, archive.bytes)?)?;
    }
    let objects: Vec<_> = disk.objects().collect();
    if objects.is_empty() {
        return Ok(None);
    }
    // SAFETY: whoever starts the machine with these objects trusts them as the kernel.
    unsafe { dylib.load_all("program", &objects) }.map(Some)
}

fn shown(error: impl ToString) -> String {
    error.to_string()
}
