//! Says how an image is linked: by the machine's linker script. The kernel's own binary is linked so, and other packages with an
//! image are told by `DEP_IRONLINK_KERNEL_IMAGE_ARGUMENTS`, separated by semicolons.

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
    let folder = variable("CARGO_MANIFEST_DIR");
    let script = Path::new(&folder)
        .join("link")
        .join(format!("{machine}.ld"));
    let mut arguments = vec![format!("-T{}", script.display())];
    if machine == "aarch64" {
        // QEMU passes a device tree and an initial memory disk to flat images alone.
        arguments.push(String::from("--oformat=binary"));
    }
    for argument in &arguments {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    println!("cargo:image_arguments={}", arguments.join(";"));
}
