//! Arguments as people who know llvm-jitlink write them: options with one dash or two.
//!
//! The parser knows long options by two dashes. Here each word that begins with one dash and a known name gets the other;
//! names are those that the parser itself declares, so there is no second list of them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::vec::Vec;

use clap::Command;

/// The option after which all words are the program's own.
const PROGRAM_ARGUMENTS: &[u8] = b"args";

/// The words of a command line, sorted into those of the tool and those of the program.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Words {
    /// What the parser is to see.
    pub(super) tool: Vec<OsString>,
    /// What stands after `-args`.
    pub(super) program: Vec<OsString>,
}

/// Sorts the words, and writes the tool's options as `command` declares them.
pub(super) fn sort(command: &Command, words: &[OsString]) -> Words {
    let is_known = |name: &[u8]| {
        let mut names = command.get_arguments().filter_map(|known| known.get_long());
        names.any(|known| known.as_bytes() == name) || matches!(name, b"help" | b"version")
    };
    let mut tool = Vec::with_capacity(words.len());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match dashes_and_name(word) {
            // After a bare `--` nothing is an option.
            Some((2, b"")) => {
                tool.push(word.clone());
                tool.extend(words.by_ref().cloned());
            }
            Some((_, PROGRAM_ARGUMENTS)) => break,
            Some((1, name)) if is_known(name) => tool.push(with_two_dashes(word)),
            Some((1, name)) if !is_short(command, name) => tool.push(with_two_dashes(word)),
            _ => tool.push(word.clone()),
        }
    }
    Words {
        tool,
        program: words.cloned().collect(),
    }
}

/// How many dashes a word begins with, up to two, and the name up to an equals sign; `None` if it is no option.
fn dashes_and_name(word: &OsStr) -> Option<(usize, &[u8])> {
    let bytes = word.as_bytes();
    let rest = bytes.strip_prefix(b"-")?;
    let (dashes, rest) = match rest.strip_prefix(b"-") {
        Some(rest) => (2, rest),
        None if rest.is_empty() => return None,
        None => (1, rest),
    };
    let name = rest.split(|&byte| byte == b'=').next().unwrap_or(rest);
    Some((dashes, name))
}

/// Whether a word begins as an option of one letter does, which its value may follow at once.
fn is_short(command: &Command, name: &[u8]) -> bool {
    let first = name.first().copied().map(char::from);
    first == Some('h') && name.len() == 1
        || command
            .get_arguments()
            .any(|known| known.get_short().is_some() && known.get_short() == first)
}

fn with_two_dashes(word: &OsStr) -> OsString {
    OsString::from_vec([b"-", word.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::{Words, sort};
    use clap::{Arg, Command};
    use std::ffi::OsString;
    use std::vec::Vec;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn sorted(line: &str) -> Words {
        let command = Command::new("tool")
            .arg(Arg::new("noexec").long("noexec"))
            .arg(Arg::new("load_hidden").long("load_hidden"))
            .arg(Arg::new("library").short('l'));
        sort(&command, &words(line))
    }

    #[test]
    fn options_have_one_dash_or_two() {
        let Words { tool, program } = sorted("-noexec --noexec -load_hidden=x a.o");
        assert_eq!(tool, words("--noexec --noexec --load_hidden=x a.o"));
        assert!(program.is_empty());
    }

    #[test]
    fn a_letter_is_followed_by_its_value() {
        assert_eq!(sorted("-lFoo -l Foo").tool, words("-lFoo -l Foo"));
    }

    #[test]
    fn what_is_unknown_is_left_for_the_parser_to_say() {
        assert_eq!(sorted("-noexce -").tool, words("--noexce -"));
    }

    #[test]
    fn all_after_args_is_the_programs() {
        let Words { tool, program } = sorted("a.o -args -noexec -- -args");
        assert_eq!(tool, words("a.o"));
        assert_eq!(program, words("-noexec -- -args"));
    }

    #[test]
    fn all_after_two_dashes_is_files() {
        assert_eq!(sorted("-- -noexec").tool, words("-- -noexec"));
    }
}
