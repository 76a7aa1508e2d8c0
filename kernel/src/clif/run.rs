//! The program on the disk: compiled, linked to what else lies there, and its `%main` called.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str;

use ironlink::compiler::cranelift::wire;
use ironlink::session::Input;

use super::{CompiledUnit, Entry, EntryFunction, compiler};
use crate::guard::{self, Outcome};
use crate::initrd::Initrd;
use crate::kernel::Kernel;
use crate::protocol::STATUS_NOT_LOADED;
use crate::runner::{self, end, status_of};
use crate::{console, log, program, report};

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
    let compiler = compiler(kernel.session().machine()).map_err(shown)?;
    // Guarded: what Cranelift's tables can't allocate ends the program alone.
    let unit = guard::run(|| wire::decode(&compiler, text.bytes));
    let unit = unit.map_err(|outcome| format!("the unit could not be read: {outcome}"))?;
    let mut unit = unit.map_err(shown)?;
    let entry = Entry::add(&compiler, &mut unit, MAIN)?;
    let arguments = arguments(disk)?;
    let arguments = entry.parse(arguments.into_iter())?;
    let unit = CompiledUnit::compile(&compiler, unit)?;
    let object = unit.object(&compiler)?;
    // In one link, all may refer to each other.
    let mut inputs = Vec::from([Input::new(text.name, &object)]);
    inputs.extend(&disk.inputs);
    let module = match runner::load(kernel, "program", &inputs) {
        Ok(module) => module,
        Err(ended) => return Ok(ended.map_or(STATUS_NOT_LOADED, |it| status_of(&it))),
    };
    assert_eq!(kernel.audit(), 0, "W^X is broken after it was linked");
    let function = module.function::<EntryFunction>(&entry.symbol);
    let function = *function.map_err(shown)?;
    // SAFETY: it is the entry; whoever starts the machine with this program trusts it as the kernel.
    let ended = program::call_guarded(module.segments(), || unsafe {
        entry.call(function, &arguments)
    });
    Ok(match ended {
        Ok(result) => {
            console::write_output(format!("{result}\n").as_bytes());
            end(module);
            0
        }
        Err(outcome) => {
            if let Outcome::Fault(fault) = &outcome
                && let Some((name, trap)) = unit.trap_at(&module, fault.instruction)
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

fn shown(error: impl ToString) -> String {
    error.to_string()
}
