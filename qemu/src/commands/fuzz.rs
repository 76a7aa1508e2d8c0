//! `fuzz`: feeds the loader damaged objects until the time is over or one is a finding.

use crate::fuzz::engine::{self, Call, Outcome, Progress};
use crate::fuzz::rust::FuzzRust;
use crate::fuzz::{self, TARGETS, Target};
use crate::report;
use anyhow::{Context, Result};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often it is said how far the engine has come.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// Fuzz the loader: feed it damaged objects, and look for one that makes it fail.
///
/// The engine is libFuzzer, by way of cargo-fuzz, which is installed if it is missing. It begins with the objects of the
/// test corpus and with what earlier runs kept under target/xtask/fuzz. A finding ends its target's run; it is told which
/// input made it, and the exit status is 1.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to fuzz; all in turn unless one is named
    #[arg(value_name = "TARGET", value_parser = target_parser())]
    target: Option<&'static Target>,

    /// How long to fuzz each target: a number of seconds, or like 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "60s")]
    time: Duration,

    /// Try this one input instead, and show all that is said: a finding of an earlier run, or any object
    #[arg(
        long,
        value_name = "FILE",
        requires = "target",
        conflicts_with = "time"
    )]
    input: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Something is missing, does not compile or does not start. Findings are no error but an exit status of 1.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    fuzz::ensure_tools()?;
    let rust = FuzzRust::find()?;
    let targets = match arguments.target {
        Some(target) => std::slice::from_ref(target),
        None => TARGETS,
    };
    let is_success = match &arguments.input {
        Some(input) => try_input(targets, &rust, input)?,
        None => fuzz_all(targets, &rust, arguments.time)?,
    };
    Ok(if is_success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn target_parser() -> impl TypedValueParser<Value = &'static Target> {
    let values = TARGETS
        .iter()
        .map(|target| PossibleValue::new(target.name).help(target.purpose));
    PossibleValuesParser::new(values).try_map(|name| Target::named(&name).ok_or("no such target"))
}

/// Reads a time: a number with `s`, `m` or `h`, or of seconds.
fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((end, 's')) => (&text[..end], 1),
        Some((end, 'm')) => (&text[..end], 60),
        Some((end, 'h')) => (&text[..end], 3600),
        _ => (text, 1),
    };
    match number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
    {
        Some(seconds @ 1..=2_592_000) => Ok(Duration::from_secs(seconds)),
        _ => Err(String::from(
            "expected a time like 90s, 10m or 1h, of at most 30 days",
        )),
    }
}

/// Tries one input by each target. True if all is well.
fn try_input(targets: &[Target], rust: &FuzzRust, input: &Path) -> Result<bool> {
    let mut is_success = true;
    for target in targets {
        report::say(format!("building {}", target.name));
        is_success &= engine::try_input(&target.build(rust)?, input)?;
    }
    Ok(is_success)
}

/// Fuzzes targets in turn. True if there was no finding.
fn fuzz_all(targets: &[Target], rust: &FuzzRust, time: Duration) -> Result<bool> {
    let mut is_success = true;
    for target in targets {
        report::say(format!("building {}: {}", target.name, target.purpose));
        let program = target.build(rust)?;
        let findings = target.findings_folder()?;
        let log = findings.join("log");
        let call = Call {
            program: &program,
            corpus: &target.corpus_folder()?,
            seeds: &target.seeds.make()?,
            findings: &findings,
            log: &log,
            time,
        };
        report::say(format!("fuzzing {} for {} s", target.name, time.as_secs()));
        let begin = Instant::now();
        let mut next_report = begin + REPORT_INTERVAL;
        let outcome = call.run(|progress| {
            if Instant::now() >= next_report {
                next_report = Instant::now() + REPORT_INTERVAL;
                report::say(summary(target, progress, begin.elapsed()));
            }
        });
        let outcome = outcome.with_context(|| format!("cannot fuzz {}", target.name))?;
        println!("{}", verdict(target, &outcome, begin.elapsed(), &log));
        is_success &= outcome.is_success;
    }
    Ok(is_success)
}

/// How far the engine has come, in one line.
fn summary(target: &Target, progress: Progress, time: Duration) -> String {
    let seconds = time.as_secs().max(1);
    format!(
        "{}: {} executions in {seconds} s ({} a second), coverage {}, {} inputs kept",
        target.name,
        progress.executions,
        progress.executions / seconds,
        progress.coverage,
        progress.inputs
    )
}

/// What is told of a run that has ended.
fn verdict(target: &Target, outcome: &Outcome, time: Duration, log: &Path) -> String {
    let summary = summary(target, outcome.progress, time);
    if outcome.is_success {
        return format!("{summary}, no finding");
    }
    let said = outcome.said.join("\n    ");
    let log = log.display();
    match &outcome.finding {
        Some(input) => format!(
            "{summary}, A FINDING\n    {said}\n  the input: {input}\n  to try it again: cargo xtask fuzz {name} --input \
             {input}\n  all that the engine said: {log}",
            input = input.display(),
            name = target.name,
        ),
        None => format!("{summary}, THE ENGINE FAILED\n    {said}\n  all that it said: {log}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_time, verdict};
    use crate::fuzz::TARGETS;
    use crate::fuzz::engine::Outcome;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        assert_eq!(parse_time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_time("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["", "h", "0", "-1s", "1d", "99999999h", "1é"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_finding_says_how_it_is_tried_again() {
        let outcome = Outcome {
            finding: Some("/f/crash-1".into()),
            ..Outcome::default()
        };
        let text = verdict(
            &TARGETS[0],
            &outcome,
            Duration::from_secs(2),
            Path::new("/f/log"),
        );
        assert!(
            text.contains("cargo xtask fuzz read_object --input /f/crash-1"),
            "{text}"
        );
    }
}
