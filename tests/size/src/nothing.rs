//! The program that links nothing: what the others are larger than.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
ironlink_size::entry!(main);

#[cfg(target_os = "none")]
fn main(given: &'static ironlink_size::Given) -> Option<i32> {
    given.object().first().copied().map(i32::from)
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a program for a bare machine; `cargo xtask size` measures it.");
}
