//! What the tool can fail with, in the words of the user.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::string::{String, ToString};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::base::{Machine, OutOfMemory};
use crate::format::FormatError;
use crate::graph::GraphError;
use crate::link::LinkError;

use super::check::CheckFailed;

/// Why the tool stops.
#[derive(Debug)]
pub(super) enum ToolError {
    /// The words of the command line don't make sense.
    CommandLine(clap::Error),
    /// There is nothing to link.
    NoFiles,
    /// A file can't be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file can't be written.
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Standard output takes no more.
    Output(io::Error),
    /// The heap is full.
    Heap(OutOfMemory),
    /// A file is wrong.
    Format(FormatError),
    /// The link failed.
    Link(LinkError),
    /// The link failed, in words that need the graph.
    Told(String),
    /// The slab is too small.
    Slab {
        /// How many bytes it has.
        size_bytes: u64,
        /// How many it would need.
        wanted_bytes: u64,
    },
    /// What was linked is for another machine.
    Foreign {
        /// The machine.
        machine: Machine,
    },
    /// The function to begin with is not there.
    NoEntry {
        /// Its name.
        name: String,
    },
    /// An option of llvm-jitlink is not there yet.
    NotYet {
        /// The option.
        name: &'static str,
        /// What can be done instead.
        instead: &'static str,
    },
    /// A library is in none of the directories.
    NoLibrary {
        /// The name that was asked for.
        name: String,
        /// Whether any directory is looked into.
        has_directories: bool,
    },
    /// A library can't be loaded into this process.
    Library {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// What the command line adds doesn't go together with the rest.
    Graph(GraphError),
    /// An argument of the program can't be handed over.
    Argument {
        /// The argument.
        text: String,
    },
    /// Checks don't hold.
    Check(CheckFailed),
    /// A fault of the tool's own.
    Internal(String),
}

impl From<OutOfMemory> for ToolError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<FormatError> for ToolError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl From<GraphError> for ToolError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<LinkError> for ToolError {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<CheckFailed> for ToolError {
    fn from(error: CheckFailed) -> Self {
        Self::Check(error)
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(error) => command_line(formatter, error),
            Self::NoFiles => {
                formatter.write_str("no file to link; name an object or archive, or see -help")
            }
            Self::Read { path, error } => {
                write!(formatter, "{} can't be read: {error}", path.display())
            }
            Self::Write { path, error } => {
                write!(formatter, "{} can't be written: {error}", path.display())
            }
            Self::Output(error) => write!(formatter, "standard output can't be written: {error}"),
            Self::Heap(error) => error.fmt(formatter),
            Self::Format(error) => error.fmt(formatter),
            Self::Link(error) => error.fmt(formatter),
            Self::Told(text) => formatter.write_str(text),
            Self::Slab {
                size_bytes,
                wanted_bytes,
            } => write!(
                formatter,
                "the slab of {size_bytes:#x} bytes is {:#x} too small; give -slab-allocate {}Kb",
                wanted_bytes.saturating_sub(*size_bytes),
                wanted_bytes.div_ceil(1024)
            ),
            Self::Foreign { machine } => write!(
                formatter,
                "the objects are for {machine}, which this machine can't run; link them with -noexec"
            ),
            Self::NoEntry { name } => write!(
                formatter,
                "no file defines `{name}`, the function to begin with; name another by -entry, or link with -noexec alone"
            ),
            Self::NotYet { name, instead } => {
                write!(formatter, "-{name} is not there yet; {instead}")
            }
            Self::NoLibrary {
                name,
                has_directories: true,
            } => write!(
                formatter,
                "no directory of -L has lib{name}.a; name another by -L"
            ),
            Self::NoLibrary { name, .. } => {
                write!(
                    formatter,
                    "-l{name} needs a directory to look into; name one by -L"
                )
            }
            Self::Library { path, reason } => {
                write!(formatter, "{} can't be loaded: {reason}", path.display())
            }
            Self::Graph(error) => error.fmt(formatter),
            Self::Argument { text } => {
                write!(
                    formatter,
                    "the argument `{text}` has a zero byte, which ends it for a program"
                )
            }
            Self::Check(error) => error.fmt(formatter),
            Self::Internal(what) => write!(
                formatter,
                "a fault of the tool itself, please report it: {what}"
            ),
        }
    }
}

/// Says on one line what is wrong with the command line.
fn command_line(formatter: &mut fmt::Formatter<'_>, error: &clap::Error) -> fmt::Result {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.trim_start_matches('-')),
        Some(ContextValue::Strings(words)) => {
            let first = words.first();
            first.map(|word| word.trim_start_matches('-'))
        }
        _ => None,
    };
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(unknown) = word(ContextKind::InvalidArg)
    {
        write!(formatter, "there is no option -{unknown}; ")?;
        return match word(ContextKind::SuggestedArg) {
            Some(known) => write!(formatter, "did you mean -{known}? -help shows all"),
            None => formatter.write_str("-help shows all"),
        };
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    // What follows the first empty line is how to write it, in general.
    let lines = text.lines().take_while(|line| !line.is_empty());
    for (place, line) in lines.enumerate() {
        let blank = if place == 0 { "" } else { " " };
        write!(formatter, "{blank}{}", line.trim())?;
    }
    formatter.write_str("; see -help")
}

impl std::error::Error for ToolError {}
