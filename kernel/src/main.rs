//! The kernel's image: runs the program that the initial memory disk holds, or serves a shell.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
ironlink_kernel::entry!(ironlink_kernel::runner::main);

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a kernel for a bare machine; `cargo xtask run` boots it.");
}
