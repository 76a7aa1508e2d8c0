//! Links the tests' image as the kernel's own is linked.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let arguments = env::var("DEP_IRONLINK_KERNEL_IMAGE_ARGUMENTS").unwrap_or_default();
    for argument in arguments.split_terminator(';') {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
