//! The tool `ironlink`, as a library, so that tests call it as a shell would.

pub mod check;

use std::ffi::OsString;
use std::io::Write;

/// Does what the arguments say; returns the exit status.
pub fn run(arguments: &[OsString], stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    let _ = (arguments, stdout);
    // A closed standard error is nobody's to be told of.
    let _ = writeln!(stderr, "ironlink: no option is known yet");
    1
}
