//! Checks: equations in a file's comments that say what a link must have written.
//!
//! A rule is a line `# jitlink-check: left = right` over a linked [`Program`]; `rules` finds the rules of a file,
//! `parse` reads one, `evaluate` computes both sides, `instruction` numbers the operands of an instruction as
//! LLVM does, because the rules of existing files are written in its numbers. Nothing here knows how a program was
//! linked: it is asked for addresses and bytes, no more.

mod evaluate;
mod expression;
mod fault;
mod instruction;
mod parse;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::string::String;

use crate::base::Machine;

use fault::Fault;

/// The name of the rules unless another is asked for: they begin with `# jitlink-check:`.
pub const USUAL_NAME: &str = "jitlink-check";

/// What checks ask of a linked program. Addresses are those of the target.
pub trait Program {
    /// The machine of its code.
    fn machine(&self) -> Machine;

    /// The address of a symbol: global, local, absolute, or made by the linker.
    fn symbol(&self, name: &str) -> Option<u64>;

    /// Reads what was written for an address; returns how many bytes there are from it on, at most those that `into`
    /// has room for. What is filled with zeros reads as zeros; where nothing was linked there are none.
    fn read(&self, address: u64, into: &mut [u8]) -> usize;

    /// The address of the stub that an object's calls of a symbol go to; of stubs of this kind only, if one is named.
    fn stub(&self, object: &str, symbol: &str, kind: Option<&str>) -> Option<u64>;

    /// The address of the slot in the GOT through which an object reaches a symbol.
    fn got(&self, object: &str, symbol: &str) -> Option<u64>;

    /// The address of an object's section, or of one that the linker made for it.
    fn section(&self, object: &str, name: &str) -> Option<u64>;
}

/// Checks each rule of a file, and reports those that don't hold, one line each. `name` is the name of the rules.
///
/// # Errors
/// If the file can't be read, has no rule, or has one that doesn't hold.
pub fn check_file(
    path: &Path,
    name: &str,
    program: &dyn Program,
    report: &mut dyn Write,
) -> Result<(), CheckFailed> {
    let bytes = std::fs::read(path).map_err(|error| CheckFailed::Unreadable {
        path: path.to_path_buf(),
        error,
    })?;
    let tally = check_text(&String::from_utf8_lossy(&bytes), name, program, report);
    let path = path.to_path_buf();
    match tally {
        Tally { rules: 0, .. } => Err(CheckFailed::NoRule {
            path,
            name: name.into(),
        }),
        Tally { failures: 0, .. } => Ok(()),
        Tally { .. } => Err(CheckFailed::Some { path }),
    }
}

/// How many rules a text has, and how many of them don't hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    /// All its rules.
    pub rules: usize,
    /// Those that are false, or have no value.
    pub failures: usize,
}

/// Checks each rule of a text, as [`check_file`] does those of a file.
pub fn check_text(text: &str, name: &str, program: &dyn Program, report: &mut dyn Write) -> Tally {
    let rules = rules::rules(text, name);
    let mut failures = 0;
    for failure in rules
        .iter()
        .filter_map(|rule| check_rule(rule, program).err())
    {
        failures += 1;
        // A closed stream is nobody's to be told of; the status tells.
        let _ = writeln!(report, "{failure}");
    }
    Tally {
        rules: rules.len(),
        failures,
    }
}

/// Checks one rule.
///
/// # Errors
/// If it is false or can't be evaluated.
fn check_rule<'r>(rule: &'r str, program: &dyn Program) -> Result<(), RuleFailure<'r>> {
    let sides = || {
        let equation = parse::equation(rule)?;
        let left = evaluate::value(&equation.left, program)?;
        Ok((left, evaluate::value(&equation.right, program)?))
    };
    match sides() {
        Ok((left, right)) if left == right => Ok(()),
        Ok((left, right)) => Err(RuleFailure::False { rule, left, right }),
        Err(fault) => Err(RuleFailure::Unclear { rule, fault }),
    }
}

/// Why a rule doesn't hold.
#[derive(Clone, PartialEq, Eq, Debug)]
enum RuleFailure<'r> {
    /// The sides differ.
    False {
        /// The rule.
        rule: &'r str,
        /// The value of the left side.
        left: u64,
        /// The value of the right side.
        right: u64,
    },
    /// A side has no value.
    Unclear {
        /// The rule.
        rule: &'r str,
        /// Why it has none.
        fault: Fault,
    },
}

impl fmt::Display for RuleFailure<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::False { rule, left, right } => {
                write!(
                    formatter,
                    "Expression '{rule}' is false: {left:#x} != {right:#x}"
                )
            }
            Self::Unclear { rule, fault } => {
                write!(formatter, "Expression '{rule}' can't be evaluated: {fault}")
            }
        }
    }
}

/// Why a file's checks failed.
#[derive(Debug)]
pub enum CheckFailed {
    /// The file can't be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is nothing to check in it.
    NoRule {
        /// The file.
        path: PathBuf,
        /// The name of the rules that were looked for.
        name: String,
    },
    /// Some rule doesn't hold; which, the report says.
    Some {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for CheckFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => {
                write!(formatter, "{} can't be read: {error}", path.display())
            }
            Self::NoRule { path, name } => write!(
                formatter,
                "{} has nothing to check: no line begins with `{}`; name other rules by -check-name",
                path.display(),
                rules::prefix(name)
            ),
            Self::Some { path } => write!(formatter, "Some checks in {} failed", path.display()),
        }
    }
}

impl std::error::Error for CheckFailed {}
