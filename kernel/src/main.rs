//! The kernel's image: runs the program that the initial memory disk holds, or serves a shell.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
ironlink_kernel::entry!(image::main);

#[cfg(target_os = "none")]
mod image {
    use ironlink_kernel::command_line::Mode;
    use ironlink_kernel::protocol::STATUS_KERNEL_FAILED;
    use ironlink_kernel::{Kernel, log, runner, shell};

    /// Does what the command line says; gives the exit status.
    pub(super) fn main(kernel: &'static Kernel) -> u8 {
        match Mode::parse(&kernel.boot_info().command_line) {
            Ok(Mode::Run) => runner::run(kernel),
            Ok(Mode::Tour) => runner::tour(kernel),
            Ok(Mode::Shell) => shell::run(kernel),
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
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a kernel for a bare machine; `cargo xtask run` boots it.");
}
