//! `qemu-test`: boots the test image and counts what its tests say, and those of the shell and of the compiler.

use super::{chosen, clif_tests, dialogue_tests, machine_parser, parse_seconds, show};
use crate::boot::{Boot, Clock};
use crate::counts::Counts;
use crate::image::{Image, work_folder};
use crate::judge::judge;
use crate::machines::{Board, Machine};
use crate::pack::Pack;
use crate::toolchain::corpus;
use crate::{kit_modules, report, setup};
use anyhow::Result;
use ironlink_kernel::protocol::{Event, Record};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Run the tests that live inside the kernel, and dialogues with its shell and its compiler, on boards of each machine.
///
/// Each test is a line on standard error; the last line of standard output is `N passed, N failed`, summed over all
/// boards. A test that was running when a machine ended counts as failed.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Test on this machine only
    #[arg(long, value_name = "ARCH", value_parser = machine_parser())]
    pub arch: Option<&'static Machine>,

    /// How long each board may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "600")]
    pub timeout: Duration,

    /// Try as a whole what tests try in part, since it takes long: each program in each flavour is loaded while each count of
    /// everything that it takes runs out
    #[arg(long)]
    pub complete: bool,

    /// Run only tests whose names contain this
    #[arg(value_name = "FILTER")]
    pub filter: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// An image could not be built or booted. Failed tests are no error but an exit status of 1.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let counts = count(
        &chosen(arguments.arch),
        arguments.filter.as_deref(),
        match arguments.complete {
            true => Extent::Complete,
            false => Extent::Usual,
        },
        arguments.timeout,
    )?;
    if counts == Counts::default() {
        report::say("no test has such a name, so nothing was shown");
    }
    println!("{counts}");
    Ok(if counts.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How much is tried of what takes long as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// So much that the tests are through in minutes.
    Usual,
    /// All of it.
    Complete,
}

/// Runs the tests whose names contain `filter` on each board of `machines`.
///
/// # Errors
/// As for [`run`].
pub fn count(
    machines: &[&'static Machine],
    filter: Option<&str>,
    extent: Extent,
    time_limit: Duration,
) -> Result<Counts> {
    let tools = machines.iter().copied().flat_map(setup::all_tools);
    setup::ensure(&tools.collect::<Vec<_>>())?;
    let mut counts = Counts::default();
    let word = match extent {
        Extent::Usual => "test",
        Extent::Complete => "test-completely",
    };
    let command_line = filter.map_or_else(|| String::from(word), |it| format!("{word} {it}"));
    // Their names begin so, and no other test's does: then there is no need to build what the others take.
    let is_for_others =
        filter.is_some_and(|it| dialogue_tests::are_meant(it) || clif_tests::are_meant(it));
    let machines_of_tests = if is_for_others { &[] } else { machines };
    for machine in machines_of_tests.iter().copied() {
        let mut members = corpus::test_objects(machine)?;
        members.extend(kit_modules::objects(machine)?);
        let initrd = pack_members("test", machine, members)?;
        let image = Image::Tests.build(machine)?;
        for board in machine.boards {
            counts += count_on(machine, board, &image, &initrd, &command_line, time_limit)?;
        }
    }
    counts += dialogue_tests::count(machines, filter, time_limit)?;
    counts += clif_tests::count(machines, filter, time_limit)?;
    Ok(counts)
}

/// Packs members of the corpus for `machine`, and returns the packed file.
pub(super) fn pack_members(
    purpose: &str,
    machine: &Machine,
    members: Vec<corpus::Member>,
) -> Result<PathBuf> {
    let mut pack = Pack::new();
    for member in members {
        pack.add_file_as(member.name, &member.path)?;
    }
    let file = work_folder()
        .join(machine.name)
        .join(format!("{purpose}.initrd"));
    pack.write(&file)?;
    Ok(file)
}

/// Runs tests of an image on a board, and counts what they say.
///
/// # Errors
/// None but those of what shows them: a machine that gives no verdict is a failed test.
pub(super) fn count_on(
    machine: &'static Machine,
    board: &'static Board,
    image: &Path,
    initrd: &Path,
    command_line: &str,
    time_limit: Duration,
) -> Result<Counts> {
    report::say(format!("testing on {}, {}", machine.name, board.name));
    let boot = Boot {
        machine,
        board,
        kernel: image,
        initrd: Some(initrd),
        command_line,
        memory_mib: machine.memory_mib,
        clock: Clock::Wall,
        time_limit,
    };
    let mut tally = Tally::default();
    let verdict = judge(&boot, |event| {
        tally.take(&event);
        show(&event);
        if let Event::Output(bytes) = event {
            // What modules under test write is for people.
            io::stderr().write_all(&bytes)?;
        }
        Ok(())
    });
    if let Err(error) = &verdict {
        report::say(format!("{}, {}: {error:#}", machine.name, board.name));
    }
    let counts = tally.conclude(verdict.ok());
    report::say(format!("{}, {}: {counts}", machine.name, board.name));
    Ok(counts)
}

/// Counts the tests of one run.
#[derive(Debug, Default)]
struct Tally {
    counts: Counts,
    /// The test that has begun and not ended.
    current: Option<String>,
}

impl Tally {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Record(Record::Test(name)) => {
                self.abandon();
                self.current = Some(name.clone());
            }
            Event::Record(Record::Pass(_)) => {
                self.counts.passed += 1;
                self.current = None;
            }
            Event::Record(Record::Fail { .. }) => {
                self.counts.failed += 1;
                self.current = None;
            }
            _ => {}
        }
    }

    /// The counts of a run that ended in `verdict`. One that went wrong has at least one failure to show.
    fn conclude(mut self, verdict: Option<u8>) -> Counts {
        self.abandon();
        if verdict != Some(0) && self.counts.failed == 0 {
            self.counts.failed = 1;
        }
        self.counts
    }

    /// A test that was begun and never ended has failed.
    fn abandon(&mut self) {
        if let Some(name) = self.current.take() {
            eprintln!("test {name} ... FAILED: it never ended");
            self.counts.failed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::counts::Counts;
    use ironlink_kernel::protocol::{Event, Record};

    fn tally(records: Vec<Record<String>>) -> Tally {
        let mut tally = Tally::default();
        for record in records {
            tally.take(&Event::Record(record));
        }
        tally
    }

    fn begin() -> Record<String> {
        Record::Test(String::from("a"))
    }

    fn pass() -> Record<String> {
        Record::Pass(String::from("a"))
    }

    fn fail() -> Record<String> {
        Record::Fail {
            name: String::from("a"),
            reason: String::from("b"),
        }
    }

    #[test]
    fn tests_are_counted_by_their_ends() {
        let tally = tally(vec![begin(), pass(), begin(), fail(), begin(), pass()]);
        assert_eq!(
            tally.conclude(Some(1)),
            Counts {
                passed: 2,
                failed: 1
            }
        );
    }

    #[test]
    fn a_test_that_never_ends_has_failed() {
        assert_eq!(
            tally(vec![begin(), pass(), begin()]).conclude(None),
            Counts {
                passed: 1,
                failed: 1
            }
        );
        assert_eq!(
            tally(vec![begin(), begin(), pass()]).conclude(Some(0)),
            Counts {
                passed: 1,
                failed: 1
            }
        );
    }

    #[test]
    fn a_run_that_goes_wrong_between_tests_has_failed() {
        assert_eq!(
            tally(vec![begin(), pass()]).conclude(None),
            Counts {
                passed: 1,
                failed: 1
            }
        );
        assert_eq!(
            tally(vec![begin(), pass()]).conclude(Some(1)),
            Counts {
                passed: 1,
                failed: 1
            }
        );
    }

    #[test]
    fn a_run_without_tests_counts_nothing() {
        assert_eq!(tally(Vec::new()).conclude(Some(0)), Counts::default());
    }
}
