//! Tests that run in the kernel, each file with some, by `kernel_test!`, and some for each program of the corpus;
//! and what measures it.

mod auditor;
mod bad_input;
mod bench;
mod bench_jit;
mod bench_objects;
#[cfg(target_arch = "x86_64")]
mod code_model;
mod cycles;
mod ends;
mod exhaustion;
mod faults;
mod hook;
mod jit;
mod kit;
mod lives;
mod meter;
mod module_protections;
mod modules;
mod paging;
mod plugins;
mod programs;
mod protections;
mod sessions;
mod snapshot;

use ironlink_kernel::command_line::Mode;
use ironlink_kernel::protocol::STATUS_KERNEL_FAILED;
use ironlink_kernel::{Kernel, log, selftest};

/// Does what the command line says; gives the exit status.
pub(crate) fn main(kernel: &'static Kernel) -> u8 {
    match Mode::parse(&kernel.boot_info().command_line) {
        Ok(Mode::Test {
            filter,
            is_complete,
        }) => {
            // The session's tables grow by the first module, and stay so.
            modules::load_good_and_unload(kernel);
            let mut run = selftest::Run::new(kernel, filter);
            run.image_tests();
            programs::test_all(kernel, &mut run);
            faults::test_all(kernel, &mut run, is_complete);
            run.conclude()
        }
        Ok(Mode::Bench) => bench::run(kernel),
        Ok(_) => {
            log!("this image tests the kernel; another one runs programs");
            STATUS_KERNEL_FAILED
        }
        Err(error) => {
            log!("{error}");
            STATUS_KERNEL_FAILED
        }
    }
}
