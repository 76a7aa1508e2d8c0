//! Judges a run by what came over the serial line: the verdict is the kernel's `exit` record, and without one there is
//! none, whatever QEMU's exit status was.

use crate::boot::Boot;
use crate::guest::{Ending, Flow, Sent};
use crate::setup::last_lines;
use anyhow::Result;
use ironlink_kernel::protocol::{Decoder, Event, Record};
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// Our exit status when the machine gave no verdict in its time, as `timeout` has it.
pub const STATUS_TIME_LIMIT: u8 = 124;

/// Our exit status when no verdict came for another reason, or when we failed ourselves.
pub const STATUS_NO_VERDICT: u8 = 125;

/// How much of the serial line is kept for the case that no verdict comes, in bytes.
const KEPT_BYTES: usize = 4096;

/// How many lines of it are shown.
const SHOWN_LINES: usize = 15;

/// Boots and judges. Each event is handed to `receive` as it comes.
///
/// # Errors
/// QEMU cannot be started; `receive` fails; or no verdict came ([`NoVerdict`]).
pub fn judge(boot: &Boot<'_>, receive: impl FnMut(Event) -> Result<()>) -> Result<u8> {
    judge_fed(boot, None, receive)
}

/// Boots and judges a machine that is sent what comes through `input`.
///
/// # Errors
/// As of [`judge`].
pub fn judge_fed(
    boot: &Boot<'_>,
    input: Option<Receiver<Sent>>,
    mut receive: impl FnMut(Event) -> Result<()>,
) -> Result<u8> {
    let mut judge = Judge::default();
    let ending = boot.run(input, |piece| judge.take(piece, &mut receive))?;
    Ok(judge.conclude(boot.time_limit, &ending)?)
}

/// What is known of a run so far.
#[derive(Debug, Default)]
struct Judge {
    decoder: Decoder,
    has_booted: bool,
    verdict: Option<u8>,
    last_bytes: VecDeque<u8>,
}

/// A run that ended without a verdict.
#[derive(Debug)]
pub struct NoVerdict {
    end: End,
    has_booted: bool,
    last_lines: String,
    complaints: String,
}

/// How it ended instead.
#[derive(Debug)]
enum End {
    TimeLimit(Duration),
    /// QEMU's exit status, described.
    Ended(String),
}

impl Judge {
    fn take(&mut self, piece: &[u8], mut receive: impl FnMut(Event) -> Result<()>) -> Result<Flow> {
        self.last_bytes.extend(piece);
        self.last_bytes
            .drain(..self.last_bytes.len().saturating_sub(KEPT_BYTES));
        let mut events = Vec::new();
        self.decoder.feed(piece, |event| events.push(event));
        for event in events {
            // Nothing counts after the verdict.
            if self.verdict.is_some() {
                break;
            }
            self.has_booted = true;
            if let Event::Record(Record::Exit(status)) = event {
                self.verdict = Some(status);
            }
            receive(event)?;
        }
        Ok(if self.verdict.is_some() {
            Flow::LastWord
        } else {
            Flow::RunOn
        })
    }

    fn conclude(mut self, time_limit: Duration, ending: &Ending) -> Result<u8, NoVerdict> {
        self.verdict.ok_or_else(|| NoVerdict {
            end: ending.status.map_or(End::TimeLimit(time_limit), |status| {
                End::Ended(status.to_string())
            }),
            has_booted: self.has_booted,
            last_lines: last_lines(&printable(self.last_bytes.make_contiguous()), SHOWN_LINES),
            complaints: last_lines(&ending.complaints, SHOWN_LINES),
        })
    }
}

impl NoVerdict {
    /// The exit status that tells this from a program's own.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self.end {
            End::TimeLimit(_) => STATUS_TIME_LIMIT,
            End::Ended(_) => STATUS_NO_VERDICT,
        }
    }
}

impl Error for NoVerdict {}

impl fmt::Display for NoVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.end {
            End::TimeLimit(limit) => {
                write!(
                    f,
                    "no verdict within {} s, so QEMU was ended (--timeout gives it longer)",
                    limit.as_secs()
                )?;
            }
            End::Ended(status) => {
                write!(f, "QEMU ended ({status}) before the kernel gave a verdict")?
            }
        }
        if !self.has_booted {
            write!(f, "; the kernel never said that it had booted")?;
        }
        if !self.complaints.is_empty() {
            write!(f, "\n  QEMU said:\n{}", self.complaints)?;
        }
        if !self.last_lines.is_empty() {
            write!(
                f,
                "\n  the last that came over the serial line:\n{}",
                self.last_lines
            )?;
        }
        Ok(())
    }
}

/// The bytes as text that cannot disturb a terminal.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Ending, Judge, STATUS_NO_VERDICT, STATUS_TIME_LIMIT};
    use crate::guest::Flow;
    use ironlink_kernel::protocol::{Event, Record, encode_output};
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_secs(60);

    fn line_of(records: &[Record<&str>]) -> Vec<u8> {
        let mut line = Vec::new();
        for record in records {
            record.encode(|byte| line.push(byte));
        }
        line
    }

    fn ended(status: i32) -> Ending {
        Ending {
            status: Some(ExitStatus::from_raw(status << 8)),
            complaints: String::new(),
        }
    }

    fn judge_line(line: &[u8]) -> (Judge, Vec<Event>) {
        let mut judge = Judge::default();
        let mut events = Vec::new();
        for piece in line.chunks(3) {
            judge
                .take(piece, |event| {
                    events.push(event);
                    Ok(())
                })
                .unwrap();
        }
        (judge, events)
    }

    #[test]
    fn the_verdict_is_the_exit_record_whatever_qemu_says() {
        let (judge, _) = judge_line(&line_of(&[
            Record::Boot("ironlink 1 x86_64"),
            Record::Exit(255),
        ]));
        assert_eq!(judge.conclude(LIMIT, &ended(33)).unwrap(), 255);
    }

    #[test]
    fn a_run_goes_on_until_the_exit_record() {
        let mut judge = Judge::default();
        let boot = line_of(&[Record::Boot("ironlink 1 x86_64")]);
        assert_eq!(judge.take(&boot, |_| Ok(())).unwrap(), Flow::RunOn);
        assert_eq!(
            judge
                .take(&line_of(&[Record::Exit(0)]), |_| Ok(()))
                .unwrap(),
            Flow::LastWord
        );
    }

    #[test]
    fn output_that_imitates_a_verdict_is_output() {
        let mut line = line_of(&[Record::Boot("ironlink 1 x86_64")]);
        encode_output(b"\x1eexit 0\n", |byte| line.push(byte));
        let (judge, events) = judge_line(&line);
        let output = events.iter().flat_map(|event| match event {
            Event::Output(bytes) => bytes.clone(),
            _ => Vec::new(),
        });
        assert_eq!(output.collect::<Vec<_>>(), b"\x1eexit 0\n");
        assert!(judge.conclude(LIMIT, &ended(0)).is_err());
    }

    #[test]
    fn nothing_counts_after_the_verdict() {
        let line = line_of(&[
            Record::Boot("ironlink 1 x86_64"),
            Record::Exit(3),
            Record::Log("more"),
            Record::Exit(0),
        ]);
        let (judge, events) = judge_line(&line);
        assert_eq!(events.last(), Some(&Event::Record(Record::Exit(3))));
        assert_eq!(judge.conclude(LIMIT, &ended(33)).unwrap(), 3);
    }

    #[test]
    fn no_verdict_in_time_has_its_own_status_and_says_what_came_last() {
        let (judge, _) = judge_line(&line_of(&[
            Record::Boot("ironlink 1 x86_64"),
            Record::Log("loading"),
        ]));
        let trouble = judge
            .conclude(
                LIMIT,
                &Ending {
                    status: None,
                    complaints: String::new(),
                },
            )
            .unwrap_err();
        assert_eq!(trouble.status(), STATUS_TIME_LIMIT);
        let text = trouble.to_string();
        assert!(
            text.contains("within 60 s") && text.contains("log loading"),
            "{text}"
        );
    }

    #[test]
    fn a_qemu_that_refuses_is_quoted() {
        let (judge, _) = judge_line(b"");
        let ending = Ending {
            complaints: String::from("could not load kernel\n"),
            ..ended(1)
        };
        let trouble = judge.conclude(LIMIT, &ending).unwrap_err();
        assert_eq!(trouble.status(), STATUS_NO_VERDICT);
        let text = trouble.to_string();
        assert!(
            text.contains("could not load kernel")
                && text.contains("never said that it had booted"),
            "{text}"
        );
    }

    #[test]
    fn what_is_shown_of_the_line_cannot_disturb_a_terminal() {
        assert_eq!(super::printable(b"a\x1b[2Jb\x1e\nc\0"), "a[2Jb\nc");
    }

    #[test]
    fn only_the_end_of_a_long_line_is_kept() {
        let mut judge = Judge::default();
        judge.take(&[b'x'; 100_000], |_| Ok(())).unwrap();
        assert_eq!(judge.last_bytes.len(), super::KEPT_BYTES);
    }
}
