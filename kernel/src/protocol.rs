//! The line between the kernel and its runner: one serial line carries a module's output and the kernel's records.
//!
//! Output goes out as it is, but for two bytes: [`START`] and [`ESCAPE`] are sent as an escape and a letter. A record is
//! [`START`], its word and text escaped in the same way (and newlines too), and a newline. So no output can look like a
//! record, and every byte arrives. What comes before the first `boot` record is the firmware's and is dropped.
//!
//! Both ends are here and neither touches a machine: the kernel encodes, the runner decodes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};

/// The byte that begins a record.
pub const START: u8 = 0x1e;
/// The byte that makes the next one a letter for a byte which can't be sent as it is.
pub const ESCAPE: u8 = 0x10;
/// The version of this protocol, as the `boot` record says it.
pub const VERSION: u32 = 1;

/// Bytes that are escaped, and the letter that stands for each; a newline is escaped in records alone.
const ESCAPES: [(u8, u8); 3] = [(START, b'^'), (ESCAPE, b'P'), (b'\n', b'N')];

/// The exit status of a program that a fault ended: 128 and the number of SIGSEGV, as shells say it.
pub const STATUS_FAULT: u8 = 139;
/// The exit status of a program that called `abort`: 128 and the number of SIGABRT.
pub const STATUS_ABORTED: u8 = 134;
/// The exit status when the program could not be linked: a shell's "cannot execute".
pub const STATUS_NOT_LOADED: u8 = 126;
/// The exit status when the kernel itself failed.
pub const STATUS_KERNEL_FAILED: u8 = 125;

/// Something the kernel says. `T` is how its text is held: anything that displays to encode, a [`String`] once decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record<T> {
    /// The kernel runs: `ironlink`, the protocol's version, the machine.
    Boot(T),
    /// Progress, for people.
    Log(T),
    /// What a module writes to its standard error, as it comes: not a line, but a piece of text.
    Error(T),
    /// A test begins; its name.
    Test(T),
    /// The test of this name passed.
    Pass(T),
    /// The test of this name failed.
    Fail {
        /// The test's name.
        name: T,
        /// What was expected, and what was found.
        reason: T,
    },
    /// Code was ended by the machine or by a panic: where, why, registers.
    Fault(T),
    /// A measurement.
    Figure {
        /// What was measured, its unit included.
        name: T,
        /// How much.
        value: u64,
    },
    /// The verdict, and the last record: the machine is switched off after it.
    Exit(u8),
}

impl<T: Display> Record<T> {
    /// Gives the record's bytes to `send`, in order.
    pub fn encode(&self, send: impl FnMut(u8)) {
        let mut line = RecordWriter { send };
        (line.send)(START);
        // Writing to the line can't fail: `RecordWriter` takes all that it is given.
        let _ = match self {
            Self::Boot(text) => write!(line, "boot {text}"),
            Self::Log(text) => write!(line, "log {text}"),
            Self::Error(text) => write!(line, "error {text}"),
            Self::Test(name) => write!(line, "test {name}"),
            Self::Pass(name) => write!(line, "pass {name}"),
            Self::Fail { name, reason } => write!(line, "fail {name}: {reason}"),
            Self::Fault(text) => write!(line, "fault {text}"),
            Self::Figure { name, value } => write!(line, "figure {name} {value}"),
            Self::Exit(status) => write!(line, "exit {status}"),
        };
        (line.send)(b'\n');
    }
}

impl Record<String> {
    /// The record that a line's unescaped text is; `None` if it is none.
    fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let all = || rest.to_string();
        Some(match word {
            "boot" => Self::Boot(all()),
            "log" => Self::Log(all()),
            "error" => Self::Error(all()),
            "test" => Self::Test(all()),
            "pass" => Self::Pass(all()),
            "fail" => {
                let (name, reason) = rest.split_once(": ")?;
                Self::Fail {
                    name: name.to_string(),
                    reason: reason.to_string(),
                }
            }
            "fault" => Self::Fault(all()),
            "figure" => {
                let (name, value) = rest.rsplit_once(' ')?;
                Self::Figure {
                    name: name.to_string(),
                    value: value.parse().ok()?,
                }
            }
            "exit" => Self::Exit(rest.parse().ok()?),
            _ => return None,
        })
    }
}

/// Gives the bytes that carry a module's output to `send`, in order.
pub fn encode_output(output: &[u8], mut send: impl FnMut(u8)) {
    for &byte in output {
        match letter_for(byte) {
            Some(letter) if byte != b'\n' => {
                send(ESCAPE);
                send(letter);
            }
            _ => send(byte),
        }
    }
}

/// Escapes a record's text on its way to the line.
struct RecordWriter<F> {
    send: F,
}

impl<F: FnMut(u8)> Write for RecordWriter<F> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if let Some(letter) = letter_for(byte) {
                (self.send)(ESCAPE);
                (self.send)(letter);
            } else {
                (self.send)(byte);
            }
        }
        Ok(())
    }
}

fn letter_for(byte: u8) -> Option<u8> {
    let (_, letter) = ESCAPES.iter().find(|(escaped, _)| *escaped == byte)?;
    Some(*letter)
}

fn byte_for(letter: u8) -> Option<u8> {
    let (byte, _) = ESCAPES.iter().find(|(_, written)| *written == letter)?;
    Some(*byte)
}

/// What the runner receives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Output of a module.
    Output(Vec<u8>),
    /// A record of the kernel.
    Record(Record<String>),
    /// A line that began as a record and is none: the two ends disagree. It is shown as it came.
    Malformed(String),
}

/// Takes the line's bytes, in pieces of any size, and gives the events that they make.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    has_booted: bool,
    is_in_record: bool,
    is_escaped: bool,
    /// The record so far.
    record: Vec<u8>,
}

impl Decoder {
    /// A decoder at the line's beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the line, and gives each event to `receive` once it is whole. Output is handed on at the
    /// end of each piece at the latest.
    pub fn feed(&mut self, bytes: &[u8], mut receive: impl FnMut(Event)) {
        let mut output = Vec::new();
        for &byte in bytes {
            if !self.is_in_record && byte == START {
                self.is_escaped = false;
                self.is_in_record = true;
            } else if self.is_in_record && byte == b'\n' {
                if self.has_booted && !output.is_empty() {
                    receive(Event::Output(core::mem::take(&mut output)));
                }
                if let Some(event) = self.end_record() {
                    receive(event);
                }
                output.clear();
            } else if let Some(byte) = self.unescape(byte) {
                if self.is_in_record {
                    self.record.push(byte);
                } else {
                    output.push(byte);
                }
            }
        }
        if self.has_booted && !output.is_empty() {
            receive(Event::Output(output));
        }
    }

    /// The byte that `byte` stands for after what came before it; `None` if that shows only with the next one.
    fn unescape(&mut self, byte: u8) -> Option<u8> {
        if core::mem::take(&mut self.is_escaped) {
            Some(byte_for(byte).unwrap_or(byte))
        } else if byte == ESCAPE {
            self.is_escaped = true;
            None
        } else {
            Some(byte)
        }
    }

    fn end_record(&mut self) -> Option<Event> {
        self.is_in_record = false;
        self.is_escaped = false;
        let line = core::mem::take(&mut self.record);
        let text = String::from_utf8_lossy(&line);
        let event =
            Record::parse(&text).map_or_else(|| Event::Malformed(text.to_string()), Event::Record);
        self.has_booted |= matches!(event, Event::Record(Record::Boot(_)));
        self.has_booted.then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::{Decoder, Event, Record, encode_output};

    fn line_of(record: &Record<&str>) -> Vec<u8> {
        let mut line = Vec::new();
        record.encode(|byte| line.push(byte));
        line
    }

    fn decode_in_pieces(line: &[u8], piece: usize) -> Vec<Event> {
        let mut decoder = Decoder::new();
        let mut events: Vec<Event> = Vec::new();
        for bytes in line.chunks(piece) {
            decoder.feed(bytes, |event| match (events.last_mut(), event) {
                (Some(Event::Output(before)), Event::Output(more)) => before.extend(more),
                (_, event) => events.push(event),
            });
        }
        events
    }

    #[test]
    fn every_record_arrives_as_it_was_sent() {
        let records = [
            Record::Boot("ironlink 1 x86_64"),
            Record::Log("two\nlines, \u{1e} and \u{10}"),
            Record::Error(" no newline "),
            Record::Test("loads"),
            Record::Pass("loads"),
            Record::Fail {
                name: "unloads",
                reason: "expected: 1",
            },
            Record::Fault("page fault"),
            Record::Figure {
                name: "instructions",
                value: u64::MAX,
            },
            Record::Exit(255),
        ];
        let line: Vec<u8> = records.iter().flat_map(line_of).collect();
        for piece in [1, 3, line.len()] {
            let lines_again: Vec<u8> = decode_in_pieces(&line, piece)
                .into_iter()
                .flat_map(|event| match event {
                    Event::Record(record) => {
                        let mut line = Vec::new();
                        record.encode(|byte| line.push(byte));
                        line
                    }
                    other => panic!("not a record: {other:?}"),
                })
                .collect();
            assert_eq!(lines_again, line);
        }
    }

    #[test]
    fn output_that_looks_like_a_record_stays_output() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let forged = b"\x1eexit 0\n\x10^exit 0\n";
        let mut line = line_of(&Record::Boot("ironlink 1 x86_64"));
        encode_output(&every_byte, |byte| line.push(byte));
        encode_output(forged, |byte| line.push(byte));
        line.extend(line_of(&Record::Exit(7)));
        for piece in [1, 5, line.len()] {
            let events = decode_in_pieces(&line, piece);
            let mut sent = every_byte.clone();
            sent.extend(forged);
            assert_eq!(
                events,
                [
                    Event::Record(Record::Boot("ironlink 1 x86_64".to_string())),
                    Event::Output(sent),
                    Event::Record(Record::Exit(7)),
                ]
            );
        }
    }

    #[test]
    fn what_comes_before_the_first_boot_record_is_dropped() {
        let mut line = b"SeaBIOS \x1enoise\nmore \x10".to_vec();
        line.extend(line_of(&Record::Boot("ironlink 1 aarch64")));
        let events = decode_in_pieces(&line, line.len());
        assert_eq!(
            events,
            [Event::Record(Record::Boot(
                "ironlink 1 aarch64".to_string()
            ))]
        );
    }

    #[test]
    fn a_record_of_no_known_word_is_shown_as_malformed() {
        let mut line = line_of(&Record::Boot("ironlink 1 x86_64"));
        line.extend(b"\x1eexit many\n");
        let events = decode_in_pieces(&line, line.len());
        assert_eq!(
            events.last(),
            Some(&Event::Malformed("exit many".to_string()))
        );
    }
}
