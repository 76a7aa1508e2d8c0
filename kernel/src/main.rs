//! The kernel's image: runs the program that the initial memory disk holds.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
ironlink_kernel::entry!(run);

/// Does what the command line says; gives the exit status.
#[cfg(target_os = "none")]
fn run(kernel: &'static ironlink_kernel::kernel::Kernel) -> u8 {
    ironlink_kernel::log!("{:?}", kernel.boot_info());
    0
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a kernel for a bare machine; `cargo xtask run` boots it.");
}
