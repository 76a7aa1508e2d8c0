//! Arguments as people who know llvm-jitlink write them: options with one dash or two.
//!
//! The parser knows long options by two dashes. Here each word that begins with one dash and a known name gets the other;
//! names are those that the parser itself declares, so there is no second list of them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::vec::Vec;

use clap::Command;

use super::error::ToolError;
use super::options::NOT_YET;

/// The option after which all words are the program's own.
const PROGRAM_ARGUMENTS: &[u8] = b"args";

/// The option of several letters that its value may follow at once.
const GLUED: &[u8] = b"hidden-l";

/// The words of a command line, sorted into those of the tool and those of the program.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Words {
    /// What the parser is to see.
    pub(super) tool: Vec<OsString>,
    /// What stands after `-args`.
    pub(super) program: Vec<OsString>,
}

/// Sorts the words, and writes the tool's options as `command` declares them.
///
/// # Errors
/// One is an option of llvm-jitlink that is not there yet.
pub(super) fn sort(command: &Command, words: &[OsString]) -> Result<Words, ToolError> {
    let is_known = |name: &[u8]| {
        let mut names = command.get_arguments().filter_map(|known| known.get_long());
        names.any(|known| known.as_bytes() == name)
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
            // A longer name counts before a letter and its value.
            Some((1, name)) if is_short(command, name) && !is_known(name) => {
                refuse_what_is_not_there(name)?;
                tool.push(word.clone());
            }
            Some((_, name)) if name.len() > GLUED.len() && name.starts_with(GLUED) => {
                tool.extend(unglued(word));
            }
            Some((dashes, name)) => {
                refuse_what_is_not_there(name)?;
                tool.push(if dashes == 1 {
                    with_two_dashes(word)
                } else {
                    word.clone()
                });
            }
            None => tool.push(word.clone()),
        }
    }
    Ok(Words {
        tool,
        program: words.cloned().collect(),
    })
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

/// Whether a word begins as an option of one letter does, which its value may follow at once; `-h` has none.
fn is_short(command: &Command, name: &[u8]) -> bool {
    let first = name.first().copied().map(char::from);
    let mut shorts = command.get_arguments();
    let is_declared = shorts.any(|known| first.is_some() && known.get_short() == first);
    is_declared && (first != Some('h') || name.len() == 1)
}

fn refuse_what_is_not_there(name: &[u8]) -> Result<(), ToolError> {
    let mut known = NOT_YET.iter();
    match known.find(|(known, _)| known.as_bytes() == name) {
        Some(&(name, instead)) => Err(ToolError::NotYet { name, instead }),
        None => Ok(()),
    }
}

/// The option and its value, as two words.
fn unglued(word: &OsStr) -> [OsString; 2] {
    let bytes = word.as_bytes();
    let dashes = bytes.iter().take_while(|&&byte| byte == b'-').count();
    let value = bytes.get(dashes + GLUED.len()..).unwrap_or_default();
    let value = value.strip_prefix(b"=").unwrap_or(value);
    let option = [b"--", GLUED].concat();
    [
        OsString::from_vec(option),
        OsString::from_vec(value.to_vec()),
    ]
}

fn with_two_dashes(word: &OsStr) -> OsString {
    OsString::from_vec([b"-", word.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::{Words, sort};
    use clap::{Arg, Command};
    use std::ffi::OsString;
    use std::string::ToString;
    use std::vec::Vec;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn sorted(line: &str) -> Words {
        let command = Command::new("tool")
            .arg(Arg::new("noexec").long("noexec"))
            .arg(Arg::new("load_hidden").long("load_hidden"))
            .arg(Arg::new("hidden").long("hidden-l"))
            .arg(Arg::new("library").short('l'));
        sort(&command, &words(line)).unwrap()
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
    fn the_name_of_a_hidden_library_may_follow_at_once() {
        assert_eq!(
            sorted("-hidden-lc -hidden-l c").tool,
            words("--hidden-l c --hidden-l c")
        );
        assert_eq!(sorted("-hidden-l=c").tool, words("--hidden-l=c"));
    }

    #[test]
    fn what_is_not_there_yet_is_refused_by_name() {
        let error = sort(&Command::new("tool"), &words("-jd=x")).unwrap_err();
        assert!(error.to_string().contains("jd"), "{error}");
        let command = Command::new("tool").arg(Arg::new("library").short('l'));
        let error = sort(&command, &words("-lazy")).unwrap_err();
        assert!(error.to_string().contains("-lazy is not there"), "{error}");
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
