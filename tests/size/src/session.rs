//! The program that loads one object into a session, and calls its `main`.
#![cfg_attr(target_os = "none", no_std, no_main)]

ironlink_size::entry!(|given| {
    let session = ironlink::session::Session::new(given.space()?);
    // SAFETY: the object is trusted as this program's own code is.
    let module = unsafe { session.load("object", given.object()) }.ok()?;
    let main = module
        .function::<unsafe extern "C" fn() -> i32>("main")
        .ok()?;
    // SAFETY: `main` has this signature.
    Some(unsafe { main() })
});
