//! Tests that run in the kernel, each file with some, by `kernel_test!`; and what measures it.

mod bench;
mod protections;

use ironlink_kernel::command_line::Mode;
use ironlink_kernel::protocol::STATUS_KERNEL_FAILED;
use ironlink_kernel::{Kernel, log, selftest};

/// Does what the command line says; gives the exit status.
pub(crate) fn main(kernel: &'static Kernel) -> u8 {
    match Mode::parse(&kernel.boot_info().command_line) {
        Ok(Mode::Test { filter }) => selftest::run(kernel, filter),
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
