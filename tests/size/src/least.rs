//! The program that links one object with no pass but those that it takes, and calls its `main`: the smallest way to use
//! Ironlink.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
use ironlink::pass::{Pipeline, Purpose, standard};

#[cfg(target_os = "none")]
ironlink_size::entry!(main);

#[cfg(target_os = "none")]
fn main(given: &'static ironlink_size::Given) -> Option<i32> {
    ironlink_size::linked::run(given, Pipeline::of(standard::NEEDED, Purpose::Run).ok()?)
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a program for a bare machine; `cargo xtask size` measures it.");
}
