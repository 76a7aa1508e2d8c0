//! The tool `ironlink`, as a library, so that tests call it as a shell would.
//!
//! `arguments` and `options` read the command line, `job` does what it says: it links into memory that runs or into a `slab`
//! that doesn't, for what `names` finds around it, and takes a [`picture`] of the link, which `map`, `image`, `perf` and
//! `check` tell of. `process` is the only part that calls what was linked.

mod arguments;
mod camera;
mod census;
mod changes;
pub mod check;
mod error;
mod explain;
mod fault;
mod files;
mod graphs;
mod harness;
mod image;
mod job;
mod machine;
mod map;
mod names;
mod options;
mod perf;
pub mod picture;
mod process;
mod program;
mod report;
mod roots;
mod self_relocations;
mod show;
mod slab;
mod streams;
mod thin;
mod times;
mod values;

use std::ffi::OsString;
use std::io::{ErrorKind, Write};

use clap::{CommandFactory, FromArgMatches};

use error::ToolError;
use options::Options;
use streams::Streams;

/// The name of the tool.
const NAME: &str = "ironlink";

/// Does what the arguments say; returns the exit status.
pub fn run(arguments: &[OsString], stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    run_as(NAME, arguments, stdout, stderr)
}

/// Does what the arguments say, for who called the tool by this name: errors begin with it.
pub fn run_as(
    name: &str,
    arguments: &[OsString],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    let mut streams = Streams {
        output: stdout,
        errors: stderr,
    };
    let done = perform(arguments, &mut streams);
    let told = streams.output.flush().map_err(ToolError::Output);
    match done.and_then(|status| told.map(|()| status)) {
        Ok(status) => status,
        // Who reads no more needs no explanation.
        Err(ToolError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => 1,
        Err(error) => {
            // A closed standard error is nobody's to be told of.
            let _ = writeln!(streams.errors, "{name} error: {error}");
            1
        }
    }
}

fn perform(arguments: &[OsString], streams: &mut Streams<'_>) -> Result<u8, ToolError> {
    let command = Options::command();
    let words = arguments::sort(&command, arguments)?;
    let words_with_name = [OsString::from(NAME)].into_iter().chain(words.tool);
    let options = command
        .try_get_matches_from(words_with_name)
        .and_then(|matches| Options::from_arg_matches(&matches));
    match options {
        Ok(options) => job::run(&options, words.program, streams),
        Err(error) if error.use_stderr() => Err(ToolError::CommandLine(error)),
        Err(help) => {
            write!(streams.output, "{}", help.render()).map_err(ToolError::Output)?;
            Ok(0)
        }
    }
}
