//! The comments of case files. What looks as if it said something must be understood: a rule that is misspelt would
//! otherwise be one that always holds.

use super::archives::{Archive, Form};
use super::patch::Patch;
use super::{Case, Run};
use anyhow::{Context, Result, bail};

/// What comments begin with that say something.
const WORDS: &[&str] = &[
    "KERNEL",
    "ARCHIVE",
    "ARCHIVE WITHOUT INDEX",
    "THIN ARCHIVE",
    "RELOCATION",
    "PATCH",
    "RUN",
    "RUN ANYWHERE",
    "CHECK",
    "OUTPUT",
    "NO OUTPUT",
    "STATUS",
    "FAILS",
];

impl Case {
    /// Takes what a line says of the case; it stands in the source at `place`.
    pub(super) fn take(&mut self, place: usize, line: &str) -> Result<()> {
        let Some(said) = line.trim().strip_prefix('#').map(str::trim) else {
            return Ok(());
        };
        let (word, rest) = said.split_once(':').unwrap_or((said, ""));
        let rest = rest.trim();
        match word {
            "KERNEL" => self.is_program = true,
            "ARCHIVE" => self.archives.push(Archive::parse(Form::Usual, rest)?),
            "ARCHIVE WITHOUT INDEX" => {
                self.archives
                    .push(Archive::parse(Form::WithoutIndex, rest)?);
            }
            "THIN ARCHIVE" => self.archives.push(Archive::parse(Form::Thin, rest)?),
            "RELOCATION" => {
                let (from, to) = rest
                    .split_once(" becomes ")
                    .context("nothing becomes something")?;
                let number = |text: &str| text.trim().parse().context("it is no number");
                self.renumbered.push((number(from)?, number(to)?));
            }
            "PATCH" => self.patches.push((place, Patch::parse(rest)?)),
            "RUN" | "RUN ANYWHERE" => self.runs.push(Run {
                options: rest.split_whitespace().map(str::to_owned).collect(),
                is_anywhere: word == "RUN ANYWHERE",
                ..Run::default()
            }),
            "CHECK" | "OUTPUT" | "NO OUTPUT" | "STATUS" | "FAILS" => {
                let run = self.runs.last_mut().context("it belongs to no run")?;
                run.take(word, rest)?;
            }
            _ if looks_like_a_word(word) => bail!("`{word}` says nothing that is understood"),
            _ => {}
        }
        Ok(())
    }
}

/// Whether a comment up to its colon could be meant for us: in capitals, or a word that is known with something amiss.
fn looks_like_a_word(text: &str) -> bool {
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-' | b'_');
    let is_in_capitals = !text.is_empty() && text.bytes().all(is_capital);
    let first = text.split_whitespace().next().unwrap_or_default();
    let mut words = WORDS.iter();
    is_in_capitals || WORDS.contains(&first) || words.any(|word| text.eq_ignore_ascii_case(word))
}

impl Run {
    fn take(&mut self, word: &str, rest: &str) -> Result<()> {
        if rest.is_empty() {
            bail!("it claims nothing");
        }
        match word {
            "CHECK" => self.checks.push(rest.to_owned()),
            "OUTPUT" => self.outputs.push(rest.to_owned()),
            "NO OUTPUT" => self.absent.push(rest.to_owned()),
            "STATUS" => self.status = rest.parse().context("it is no exit status")?,
            _ => {
                self.failures.push(rest.to_owned());
                self.status = 1;
            }
        }
        Ok(())
    }

    /// Whether it asks for nothing but an exit status of 0, and for what is absent: a tool that does nothing has that, too.
    pub(super) fn claims_nothing(&self) -> bool {
        let Self {
            options: _,
            is_anywhere: _,
            checks,
            outputs,
            absent: _,
            status,
            failures,
        } = self;
        let texts = [checks, outputs, failures];
        texts.iter().all(|texts| texts.is_empty()) && *status == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Case, Run};
    use crate::machines::X86_64;

    fn case(lines: &[&str]) -> anyhow::Result<Case> {
        let mut case = Case::new("case".to_owned(), &X86_64);
        for line in lines {
            case.take(0, line)?;
        }
        case.finish()?;
        Ok(case)
    }

    #[test]
    fn rules_belong_to_the_run_above_them() {
        let case = case(&[
            "# What it is about: nothing that is understood.",
            "# RUN: -noexec -abs a=1",
            "# CHECK: a = 1",
            "# RUN ANYWHERE: -noexec",
            "# FAILS: `a`",
            "\t.text # CHECK: not at a line's beginning",
        ])
        .unwrap();
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(
            case.runs,
            [
                Run {
                    options: words(&["-noexec", "-abs", "a=1"]),
                    checks: words(&["a = 1"]),
                    ..Run::default()
                },
                Run {
                    options: words(&["-noexec"]),
                    is_anywhere: true,
                    failures: words(&["`a`"]),
                    status: 1,
                    ..Run::default()
                }
            ]
        );
        assert!(!case.is_program);
    }

    #[test]
    fn a_rule_without_a_run_is_an_error() {
        assert!(case(&["# KERNEL", "# CHECK: a = 1"]).is_err());
    }

    #[test]
    fn a_case_that_claims_nothing_is_an_error() {
        assert!(case(&["# Some words"]).is_err());
        assert!(case(&["# RUN: -noexec"]).is_err());
        assert!(case(&["# RUN: -noexec", "# CHECK:"]).is_err());
        assert!(case(&["# KERNEL"]).is_ok());
    }

    #[test]
    fn what_looks_like_a_rule_must_be_one() {
        let with = |line: &str| case(&["# KERNEL", "# RUN: -noexec", "# CHECK: a = 1", line]);
        for misspelt in [
            "# CHEK: a = 1",
            "# CHECK a = 1",
            "# check: a = 1",
            "# Check: a = 1",
            "# CHECK : a = 1",
            "# CHECK-NOT: a = 1",
            "# RUN_ANYWHERE: -noexec",
            "# RUN -noexec",
            "# KERNAL",
        ] {
            assert!(with(misspelt).is_err(), "{misspelt}");
        }
        for other in [
            "# R_X86_64_64: an address",
            "# Checks: none",
            "#",
            "# GOT entries are two",
        ] {
            assert!(with(other).is_ok(), "{other}");
        }
    }

    #[test]
    fn a_rule_counts_wherever_its_comment_begins() {
        let case = case(&["\t#RUN: -noexec", "  #  CHECK: a = 1"]).unwrap();
        assert_eq!(case.runs[0].checks, ["a = 1"]);
    }
}
