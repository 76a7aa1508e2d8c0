//! The program that links one object with all passes, without a session, and calls its `main`.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
use ironlink::pass::{Pipeline, Purpose};

#[cfg(target_os = "none")]
ironlink_size::entry!(main);

#[cfg(target_os = "none")]
fn main(given: &'static ironlink_size::Given) -> Option<i32> {
    ironlink_size::linked::run(given, Pipeline::standard(Purpose::Run).ok()?)
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a program for a bare machine; `cargo xtask size` measures it.");
}
