//! The tests' image with a compiler in it: what the disk has as text is compiled in each way, called, and measured.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
extern crate alloc;

#[cfg(target_os = "none")]
mod with_compiler;

#[cfg(target_os = "none")]
ironlink_kernel::entry!(with_compiler::main);

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a kernel for a bare machine; `cargo xtask qemu-test clif::` boots it.");
}
