//! The kernel's image with a compiler in it: does all that the other one does, and serves whoever makes code at run time.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
ironlink_kernel::entry!(ironlink_kernel::runner::main);

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a kernel for a bare machine; `cargo xtask` boots it.");
}
