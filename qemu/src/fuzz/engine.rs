//! The engine, libFuzzer: how it is called, and what its lines say.

use crate::process;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// An input that takes longer is a finding, in seconds: usual ones take a millisecond.
const SLOWEST_INPUT: u32 = 20;

/// Lines of what the engine says on a finding that are worth showing, and how many.
const FINDING_MARKS: &[&str] = &[PANIC, "ERROR:", "SUMMARY:"];
const PANIC: &str = "panicked at";
const FINDING_LINES: usize = 6;

/// How far the engine has come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Progress {
    /// Inputs that were tried.
    pub executions: u64,
    /// Places in the program that were reached.
    pub coverage: u64,
    /// Inputs that are kept since each reaches something new.
    pub inputs: u64,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How far it came.
    pub progress: Progress,
    /// The input that failed, if one did.
    pub finding: Option<PathBuf>,
    /// What is to be shown of the failure.
    pub said: Vec<String>,
    /// Whether the program ended by itself and all was well.
    pub is_success: bool,
}

/// One call of a target's program.
#[derive(Debug)]
pub struct Call<'a> {
    /// The program.
    pub program: &'a Path,
    /// Where it keeps inputs that reach something new.
    pub corpus: &'a Path,
    /// What it begins with.
    pub seeds: &'a Path,
    /// Where it leaves an input that fails.
    pub findings: &'a Path,
    /// Where all that it says is kept.
    pub log: &'a Path,
    /// How long it works.
    pub time: Duration,
}

impl Call<'_> {
    /// Lets the engine work until the time is over or an input fails. `watch` hears how far it has come.
    ///
    /// # Errors
    /// The program does not start, or the log can't be written.
    pub fn run(&self, watch: impl FnMut(Progress)) -> Result<Outcome> {
        let mut command = Command::new(self.program);
        command.arg(format!("-max_total_time={}", self.time.as_secs()));
        command.arg(format!("-timeout={SLOWEST_INPUT}"));
        command.arg(format!("-artifact_prefix={}/", self.findings.display()));
        command.arg(self.corpus).arg(self.seeds);
        process::end_with_us(&mut command);
        listen(&mut command, self.log, watch)
    }
}

/// Tries one input and lets the program say all that it says where ours goes. True if all was well.
///
/// # Errors
/// The program does not start.
pub fn try_input(program: &Path, input: &Path) -> Result<bool> {
    let mut command = Command::new(program);
    command.arg(format!("-timeout={SLOWEST_INPUT}")).arg(input);
    command.env("RUST_BACKTRACE", "1").stdin(Stdio::null());
    process::show(&command);
    let status = command.status();
    Ok(status
        .with_context(|| process::cannot_start(&command))?
        .success())
}

fn listen(command: &mut Command, log: &Path, mut watch: impl FnMut(Progress)) -> Result<Outcome> {
    let cannot_write = || format!("cannot write {}", log.display());
    let mut file = File::create(log).with_context(cannot_write)?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    process::show(command);
    let mut child = command
        .spawn()
        .with_context(|| process::cannot_start(command))?;
    let mut outcome = Outcome::default();
    let pipe = child.stderr.take().into_iter();
    for line in pipe.flat_map(|pipe| BufReader::new(pipe).split(b'\n')) {
        let line = line.context("cannot read what the engine says")?;
        let line = String::from_utf8_lossy(&line);
        writeln!(file, "{line}").with_context(cannot_write)?;
        outcome.hear(&line);
        watch(outcome.progress);
    }
    let status = child.wait().context("cannot wait for the engine")?;
    outcome.is_success = status.success();
    Ok(outcome)
}

impl Outcome {
    /// Takes in a line.
    fn hear(&mut self, line: &str) {
        if let Some(progress) = Progress::in_line(line) {
            self.progress = progress;
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.finding = Some(PathBuf::from(path.trim()));
        } else if let Some(runs) = line.strip_prefix("stat::number_of_executed_units:") {
            self.progress.executions = runs.trim().parse().unwrap_or(self.progress.executions);
        } else {
            let is_telling = FINDING_MARKS.iter().any(|mark| line.contains(mark));
            // What a panic says stands below where it happened.
            let is_message = self.said.last().is_some_and(|line| line.contains(PANIC));
            if (is_telling || is_message) && self.said.len() < FINDING_LINES {
                self.said.push(line.to_owned());
            }
        }
    }
}

impl Progress {
    /// What a line like `#1000 NEW cov: 20 ft: 30 corp: 4/56b …` says.
    fn in_line(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix('#')?.split_whitespace();
        let executions = words.next()?.parse().ok()?;
        let words: Vec<&str> = words.collect();
        let after = |name: &str| {
            let place = words.iter().position(|word| *word == name)?;
            let value = words.get(place + 1)?.split('/').next()?;
            value.parse().ok()
        };
        Some(Self {
            executions,
            coverage: after("cov:").unwrap_or(0),
            inputs: after("corp:").unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Progress};
    use std::path::Path;

    #[test]
    fn progress_is_read_from_the_engines_lines() {
        let line =
            "#50689\tDONE   cov: 2946 ft: 9457 corp: 846/4268Kb lim: 16328 exec/s: 1236 rss: 463Mb";
        let progress = Progress {
            executions: 50_689,
            coverage: 2946,
            inputs: 846,
        };
        assert_eq!(Progress::in_line(line), Some(progress));
        assert_eq!(Progress::in_line("INFO: Seed: 1"), None);
        assert_eq!(
            Progress::in_line("###### Recommended dictionary. ######"),
            None
        );
    }

    #[test]
    fn a_finding_is_told_with_its_input() {
        let mut outcome = Outcome::default();
        for line in [
            "INFO: Seed: 1",
            "#7\tNEW    cov: 3 ft: 4 corp: 2/8b",
            "thread '<unnamed>' panicked at src/lib.rs:1:2:",
            "attempt to add with overflow",
            "stack backtrace:",
            "artifact_prefix='/f/'; Test unit written to /f/crash-1",
            "stat::number_of_executed_units: 9",
        ] {
            outcome.hear(line);
        }
        assert_eq!(outcome.finding.as_deref(), Some(Path::new("/f/crash-1")));
        assert_eq!(outcome.progress.executions, 9);
        assert_eq!(outcome.said.len(), 2);
    }
}
