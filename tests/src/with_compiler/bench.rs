//! What it costs to have a function compiled where it runs, in instructions.

use alloc::format;
use alloc::string::{String, ToString};

use ironlink::compiler::cranelift::{Cranelift, wire};
use ironlink::jit::JitBuilder;
use ironlink::session::Input;
use ironlink_kernel::clif::{self, CompiledUnit, Entry, EntryFunction};
use ironlink_kernel::protocol::STATUS_KERNEL_FAILED;
use ironlink_kernel::selftest::figure;
use ironlink_kernel::{Kernel, clock, log};

use super::ways;

/// What is called, and with which number.
const CALLED: (&str, &str, i128) = ("main", "20", 6765);

/// Measures each unit of the disk, whose `%main` gives Fibonacci's numbers.
pub(super) fn run(kernel: &'static Kernel) -> u8 {
    let measured = clif::compiler(kernel.session().machine())
        .map_err(shown)
        .and_then(|compiler| {
            for &unit in &kernel.initrd().units {
                // The first takes page tables that stay.
                measure(kernel, &compiler, unit, |_, _| {})?;
                measure(kernel, &compiler, unit, figure)?;
            }
            Ok(())
        });
    match measured {
        Ok(()) => 0,
        Err(error) => {
            log!("{error}");
            STATUS_KERNEL_FAILED
        }
    }
}

fn measure(
    kernel: &'static Kernel,
    compiler: &Cranelift,
    unit: Input<'_>,
    tell: fn(&str, u64),
) -> Result<(), String> {
    let mut last = clock::instructions();
    let mut step = |name: &str| {
        let now = clock::instructions();
        let spent = now - last;
        tell(&format!("{}: {name}", unit.name), spent);
        last = clock::instructions();
        spent
    };
    let mut decoded = wire::decode(compiler, unit.bytes).map_err(shown)?;
    step("decoded and verified");
    let (function, argument, expected) = CALLED;
    let entry = Entry::add(compiler, &mut decoded, function)?;
    let compiled = CompiledUnit::compile(compiler, decoded)?;
    let compiling = step("compiled, with an entry to it");
    let builder = JitBuilder::new(kernel.session(), unit.name).map_err(shown)?;
    // SAFETY: the session's memory is this kernel's own.
    let mut module = unsafe { builder.build() }.map_err(shown)?;
    let functions = ways::link(compiled, compiler, &mut module).map_err(shown)?;
    let linking = step("linked");
    let pointer = module.function::<EntryFunction>(functions[entry.number as usize]);
    let pointer = *pointer.map_err(shown)?;
    let arguments = entry.parse([argument].into_iter())?;
    // SAFETY: it is the entry, with its arguments.
    let result = unsafe { entry.call(pointer, &arguments) };
    let call = step(&format!("called, for {argument}"));
    let all = compiling + linking + call;
    tell(&format!("{}: compiled, linked and called", unit.name), all);
    assert_eq!(result, expected);
    // SAFETY: the call has ended.
    unsafe { module.free() }.map_err(|(_, error)| shown(error))?;
    step("freed");
    Ok(())
}

fn shown(error: impl ToString) -> String {
    error.to_string()
}
