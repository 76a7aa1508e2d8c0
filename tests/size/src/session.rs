//! The program that loads one object into a session, and calls its `main`.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
use ironlink::session::Session;

#[cfg(target_os = "none")]
ironlink_size::entry!(main);

#[cfg(target_os = "none")]
fn main(given: &'static ironlink_size::Given) -> Option<i32> {
    let session = Session::new(given.space()?);
    // SAFETY: the object is trusted as this program's own code is.
    let module = unsafe { session.load("object", given.object()) }.ok()?;
    let main = module
        .function::<unsafe extern "C" fn() -> i32>("main")
        .ok()?;
    // SAFETY: `main` has this signature.
    Some(unsafe { main() })
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a program for a bare machine; `cargo xtask size` measures it.");
}
