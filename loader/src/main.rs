//! The tool `ironlink`: links objects, and runs them or tells about them.

use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Objects of strangers can't be made to be slow for a key that they don't know.
    ironlink::base::set_hash_key(RandomState::new().build_hasher().finish());
    let mut arguments = std::env::args_os();
    let called = arguments.next().unwrap_or_default();
    let name = Path::new(&called).file_stem().unwrap_or_default();
    let arguments: Vec<OsString> = arguments.collect();
    let status = ironlink::cli::run_as(
        &name.to_string_lossy(),
        &arguments,
        &mut io::stdout(),
        &mut io::stderr(),
    );
    ExitCode::from(status)
}
