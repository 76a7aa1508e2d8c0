//! Tests of the compiler inside the kernel. The disk has units, objects that they are linked to, and as its arguments the calls
//! that texts tell of, each behind the name of its unit.

mod bench;
mod call;
mod damage;
mod repl;
mod ways;

use alloc::format;
use alloc::vec::Vec;

use ironlink::session::Input;
use ironlink_kernel::command_line::Mode;
use ironlink_kernel::protocol::{STATUS_KERNEL_FAILED, STATUS_NOT_LOADED};
use ironlink_kernel::selftest::Run;
use ironlink_kernel::{Kernel, log};

/// Does what the command line says; gives the exit status.
pub(crate) fn main(kernel: &'static Kernel) -> u8 {
    let objects: Vec<Input<'_>> = kernel.initrd().inputs.clone();
    if !objects.is_empty() {
        // SAFETY: whoever starts the machine with these objects trusts them as the kernel.
        match unsafe { kernel.load("disk", &objects) } {
            // It stays without a handle.
            Ok(module) => drop(module),
            Err(error) => {
                log!("{error}");
                return STATUS_NOT_LOADED;
            }
        }
    }
    match Mode::parse(&kernel.boot_info().command_line) {
        Ok(Mode::Test { filter, .. }) => test(kernel, filter),
        Ok(Mode::Bench) => bench::run(kernel),
        Ok(_) => {
            log!("this image tests the compiler; another one runs programs");
            STATUS_KERNEL_FAILED
        }
        Err(error) => {
            log!("{error}");
            STATUS_KERNEL_FAILED
        }
    }
}

fn test(kernel: &'static Kernel, filter: &str) -> u8 {
    let mut run = Run::new(kernel, filter);
    for &unit in &kernel.initrd().units {
        let stem = unit.name.trim_end_matches(".clif");
        let calls = call::all_of(kernel.initrd(), unit.name);
        run.test(&format!("clif::{stem}::jit"), || {
            ways::through_module(kernel, unit, &calls)
        });
        run.test(&format!("clif::{stem}::elf"), || {
            ways::through_object(kernel, unit, &calls)
        });
        run.test(&format!("clif::{stem}::damaged"), || {
            damage::is_refused(kernel, unit)
        });
    }
    run.test("clif::repl_leaves_nothing", || repl::leaves_nothing(kernel));
    run.conclude()
}
