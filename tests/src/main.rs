//! The tests' image: a kernel that tests itself, and measures.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
extern crate alloc;

#[cfg(target_os = "none")]
mod kernel;

#[cfg(target_os = "none")]
ironlink_kernel::entry!(kernel::main);

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a kernel for a bare machine; `cargo xtask qemu-test` boots it.");
}
