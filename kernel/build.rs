//! Gives the kernel's binary its linker script.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link");
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    if variable("CARGO_CFG_TARGET_OS") != "none" {
        return;
    }
    let machine = variable("CARGO_CFG_TARGET_ARCH");
    let scripts = Path::new(&variable("CARGO_MANIFEST_DIR")).join("link");
    // A package whose binary is an image too reads this as DEP_IRONLINK_KERNEL_LINK_SCRIPTS.
    println!("cargo:link_scripts={}", scripts.display());
    let script = scripts.join(format!("{machine}.ld"));
    println!("cargo:rustc-link-arg-bins=-T{}", script.display());
    if machine == "aarch64" {
        // QEMU passes a device tree to flat images alone.
        println!("cargo:rustc-link-arg-bins=--oformat=binary");
    }
}
