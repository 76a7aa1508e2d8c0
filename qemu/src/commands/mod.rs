//! The commands, one file each: what a user types, and in which order the parts of this package answer it.

pub mod bench;
pub mod check;
mod clif_tests;
mod dialogue_tests;
pub mod fuzz;
pub mod new_module;
pub mod qemu_test;
pub mod run;
pub mod setup;
pub mod size;
pub mod test;

use crate::machines::{MACHINES, Machine};
use crate::report;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use ironlink_kernel::protocol::{Event, Record};
use std::time::Duration;

/// Reads the name of a machine.
fn machine_parser() -> impl TypedValueParser<Value = &'static Machine> {
    PossibleValuesParser::new(MACHINES.iter().map(|machine| machine.name))
        .try_map(|name| Machine::named(&name).ok_or("no such machine"))
}

/// Reads a number of seconds: at least one, at most a day.
fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err(String::from("expected a number of seconds from 1 to 86400")),
    }
}

/// The machine that was named, or else all.
fn chosen(machine: Option<&'static Machine>) -> Vec<&'static Machine> {
    machine.map_or_else(|| MACHINES.to_vec(), |machine| vec![machine])
}

/// Shows a record to people, on standard error.
fn show(event: &Event) {
    match event {
        // A test is shown when it ends.
        Event::Output(_) | Event::Record(Record::Test(_) | Record::Exit(_)) => {}
        Event::Record(Record::Boot(text)) => report::say(format!("booted: {text}")),
        Event::Record(Record::Log(text)) => eprintln!("{text}"),
        Event::Record(Record::Error(text)) => eprint!("{text}"),
        Event::Record(Record::Pass(name)) => eprintln!("test {name} ... ok"),
        Event::Record(Record::Fail { name, reason }) => {
            eprintln!("test {name} ... FAILED: {reason}")
        }
        Event::Record(Record::Fault(text)) => eprintln!("fault: {text}"),
        Event::Record(Record::Figure { name, value }) => eprintln!("{name}: {value}"),
        Event::Malformed(line) => {
            report::say(format!("the kernel sent a record that is none: {line}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse_seconds;
    use std::time::Duration;

    #[test]
    fn a_time_limit_is_at_least_a_second_and_at_most_a_day() {
        assert_eq!(parse_seconds("1"), Ok(Duration::from_secs(1)));
        assert_eq!(parse_seconds("86400"), Ok(Duration::from_secs(86_400)));
        assert!(parse_seconds("0").is_err());
        assert!(parse_seconds("86401").is_err());
        assert!(parse_seconds("soon").is_err());
    }
}
