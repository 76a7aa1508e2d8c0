//! A dialogue with the shell as a file: what is typed, and what must be answered.
//!
//! A line that begins with the shell's prompt is typed; `\e` in it is the escape of a key's sequence, `\t` a tab, `\x03` a
//! byte; the line is sent unless ctrl-c, `\x03`, gives it up at its end. The lines after it are the answer, as standard output has it: `...` in one stands for any text, and alone for any
//! lines. Before the first, `FILES` names the sources on the machine's disk, beside the script, and `#` begins a remark. The
//! last line, `STATUS`, is the exit status.

use anyhow::{Context, Result, bail};
use ironlink_kernel::shell::PROMPT;

/// What stands for any text.
const ANYTHING: &str = "...";

/// What gives a line up: ctrl-c.
const INTERRUPT: u8 = 0x03;

/// A dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The sources on the disk, by name.
    pub files: Vec<String>,
    /// What is typed and answered.
    pub exchanges: Vec<Exchange>,
    /// The exit status.
    pub status: u8,
}

/// What is typed, and what is answered to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The line as the script writes it.
    pub line: String,
    /// The bytes that are sent.
    pub typed: Vec<u8>,
    /// The lines of the answer, with what stands for any text.
    pub answer: Vec<String>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// It types nothing, says no exit status, or has a line that nothing begins.
    pub fn parse(text: &str) -> Result<Self> {
        let mut script = Self::default();
        let mut status = None;
        for (number, line) in (1..).zip(text.lines()) {
            if status.is_some() {
                bail!("line {number} follows the exit status");
            }
            if let Some(line) = line.strip_prefix(PROMPT) {
                script.exchanges.push(Exchange {
                    line: line.to_owned(),
                    typed: typed(line).with_context(|| format!("line {number}"))?,
                    answer: Vec::new(),
                });
            } else if let Some(text) = line.strip_prefix("STATUS ") {
                status = Some(text.parse().with_context(|| format!("line {number}"))?);
            } else if let Some(exchange) = script.exchanges.last_mut() {
                exchange.answer.push(line.to_owned());
            } else if let Some(files) = line.strip_prefix("FILES ") {
                script
                    .files
                    .extend(files.split_whitespace().map(String::from));
            } else if !line.is_empty() && !line.starts_with('#') {
                bail!("line {number} answers nothing: `{line}`");
            }
        }
        if script.exchanges.is_empty() {
            bail!("nothing is typed: no line begins with `{PROMPT}`");
        }
        script.status = status.context("the last line must be `STATUS` and a number")?;
        Ok(script)
    }
}

impl Exchange {
    /// Whether these lines are the answer.
    #[must_use]
    pub fn is_answered_by(&self, lines: &[String]) -> bool {
        are_alike(&self.answer, lines)
    }
}

/// What is sent for a typed line, its end included.
fn typed(line: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match characters.next() {
            Some('e') => bytes.push(0x1b),
            Some('t') => bytes.push(b'\t'),
            Some('x') => {
                let digits: String = characters.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16).ok();
                let byte = byte.filter(|_| digits.len() == 2);
                bytes.push(byte.context("`\\x` wants two digits")?);
            }
            // For the shell itself.
            Some(other) => {
                bytes.push(b'\\');
                bytes.extend(other.encode_utf8(&mut [0; 4]).as_bytes());
            }
            None => bytes.push(b'\\'),
        }
    }
    if bytes.last() != Some(&INTERRUPT) {
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Whether lines are those that are expected, where [`ANYTHING`] stands for any number of them.
fn are_alike(expected: &[String], found: &[String]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == ANYTHING => {
            (0..=found.len()).any(|skipped| are_alike(rest, found.get(skipped..).unwrap_or(&[])))
        }
        Some((first, rest)) => found
            .split_first()
            .is_some_and(|(line, others)| is_alike(first, line) && are_alike(rest, others)),
    }
}

/// Whether a line is the one that is expected, where [`ANYTHING`] stands for any text.
fn is_alike(expected: &str, found: &str) -> bool {
    match expected.split_once(ANYTHING) {
        None => expected == found,
        Some((before, after)) => found.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(start, _)| start)
                .chain([rest.len()])
                .any(|start| is_alike(after, rest.get(start..).unwrap_or("")))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Exchange, Script};

    #[test]
    fn a_script_is_a_transcript() {
        let script = Script::parse(
            "# A remark.\nFILES a.c b.c\n\nironlink> load a.o\na: ... bytes\nironlink> \\e[A\\x03\nironlink> call f \"\\n\"\nSTATUS 3\n",
        )
        .unwrap();
        assert_eq!(script.files, ["a.c", "b.c"]);
        assert_eq!(script.status, 3);
        let [load, up, call] = &script.exchanges[..] else {
            panic!("{script:?}")
        };
        assert_eq!(load.typed, b"load a.o\n");
        assert_eq!(load.answer, ["a: ... bytes"]);
        assert_eq!(up.typed, b"\x1b[A\x03");
        assert_eq!(call.typed, b"call f \"\\n\"\n");
    }

    #[test]
    fn a_script_that_says_too_little_is_refused() {
        for text in [
            "",
            "STATUS 0\n",
            "ironlink> a\n",
            "what?\nironlink> a\nSTATUS 0\n",
            "ironlink> a\nSTATUS 0\nmore\n",
            "ironlink> \\x4\nSTATUS 0\n",
        ] {
            assert!(Script::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn three_dots_stand_for_what_is_not_known() {
        let is_answered = |answer: &[&str], lines: &[&str]| {
            let owned = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect();
            let exchange = Exchange {
                answer: owned(answer),
                ..Exchange::default()
            };
            let lines: Vec<String> = owned(lines);
            exchange.is_answered_by(&lines)
        };
        assert!(is_answered(&["a"], &["a"]));
        assert!(!is_answered(&["a"], &["a", "b"]));
        assert!(!is_answered(&["a", "b"], &["a"]));
        assert!(is_answered(&["r-x ...=... a"], &["r-x 0x1..=0x2 a"]));
        assert!(!is_answered(&["r-x ... a"], &["r-x 0x1 b"]));
        assert!(is_answered(&["...", "z", "..."], &["a", "b", "z"]));
        assert!(!is_answered(&["...", "z"], &["a", "z", "b"]));
        assert!(is_answered(&["..."], &[]));
    }
}
