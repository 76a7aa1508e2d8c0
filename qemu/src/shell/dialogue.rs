//! Holds a dialogue with a machine's shell, and says where it went otherwise than it was written down.

use super::{Screen, Script};
use crate::boot::Boot;
use crate::guest::Sent;
use crate::judge::judge_fed;
use anyhow::{Result, bail};
use ironlink_kernel::protocol::{Event, Record};
use ironlink_kernel::shell::PROMPT;
use std::collections::VecDeque;
use std::sync::mpsc::{self, Sender};

/// The end of input, as a shell reads it: ctrl-d.
const END_OF_INPUT: u8 = 0x04;

/// Types each line of the script when the shell asks for it, and the end of input after the last. What the machine says
/// beside its output is handed to `show`.
///
/// # Errors
/// An answer, or the exit status, is another one; or no verdict came.
pub fn hold(boot: &Boot<'_>, script: &Script, mut show: impl FnMut(&Event)) -> Result<()> {
    let (send, input) = mpsc::channel();
    let mut typist = Typist {
        send,
        lines: script.exchanges.iter().map(|it| it.typed.clone()).collect(),
        output: Vec::new(),
    };
    let verdict = judge_fed(boot, Some(input), |event| {
        match &event {
            Event::Output(bytes) => typist.take(bytes),
            Event::Record(Record::Boot(_) | Record::Exit(_)) => {}
            other => show(other),
        }
        Ok(())
    });
    let answers = answers(&typist.output);
    for (place, exchange) in script.exchanges.iter().enumerate() {
        let line = &exchange.line;
        let Some(answer) = answers.get(place) else {
            verdict?;
            bail!("the shell never asked for `{line}`");
        };
        if !exchange.is_answered_by(answer) {
            let (expected, found) = (quoted(&exchange.answer), quoted(answer));
            bail!("to `{line}`, expected\n{expected}  found\n{found}");
        }
    }
    let status = verdict?;
    if status != script.status {
        bail!("the exit status is {status}, expected {}", script.status);
    }
    Ok(())
}

/// Types a line whenever it is asked for one.
struct Typist {
    send: Sender<Sent>,
    lines: VecDeque<Vec<u8>>,
    /// All that was said so far.
    output: Vec<u8>,
}

impl Typist {
    fn take(&mut self, bytes: &[u8]) {
        self.output.extend(bytes);
        if self.output.ends_with(PROMPT.as_bytes()) {
            let line = self.lines.pop_front();
            let line = line.unwrap_or_else(|| vec![END_OF_INPUT]);
            // If nobody listens, the machine has ended, and the verdict says so.
            let _ = self.send.send(Sent::Bytes(line));
        }
    }
}

/// The answers to the lines that were typed, in order.
fn answers(output: &[u8]) -> Vec<Vec<String>> {
    let mut answers: Vec<Vec<String>> = Vec::new();
    let mut lines: Vec<String> = Screen::of(output).lines().collect();
    // What follows the last newline is no line unless there is something.
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    for line in lines {
        if line.starts_with(PROMPT) {
            answers.push(Vec::new());
        } else if let Some(answer) = answers.last_mut() {
            answer.push(line);
        }
    }
    answers
}

/// Lines as an error shows them.
fn quoted(lines: &[String]) -> String {
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::answers;

    #[test]
    fn what_follows_a_typed_line_answers_it() {
        let output = b"welcome\nironlink> lis\r\x1b[Kironlink> list\n\none\ntwo\nironlink> exit\n";
        let found = answers(output);
        assert_eq!(found, [vec!["", "one", "two"], Vec::<&str>::new()]);
    }
}
