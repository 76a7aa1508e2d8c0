//! The tool `ironlink`: links objects, and runs them or tells about them.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let status = ironlink::cli::run(&arguments, &mut io::stdout(), &mut io::stderr());
    ExitCode::from(status)
}
