//! A running emulator: hands on what it writes, feeds it what it is to read, and sees to its end.
//!
//! **Invariant:** it never outlives what started it. It is killed by its own process id when the time limit has passed,
//! even while we wait for somebody to read what we hand on; when [`run`] returns for any reason; and on Linux by the operating
//! system if we are killed ourselves.

use crate::process;
use anyhow::{Context, Result};
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How a machine's run ended.
#[derive(Debug)]
pub struct Ending {
    /// The emulator's own exit status, or nothing if it was killed because the time limit had passed.
    pub status: Option<ExitStatus>,
    /// What it wrote to its standard error.
    pub complaints: String,
}

/// Whether a machine shall run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// There is more to come.
    RunOn,
    /// The last word was said: the emulator gets a moment to end by itself.
    LastWord,
}

/// What a machine is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Bytes for its serial line.
    Bytes(Vec<u8>),
    /// Nothing more: the emulator is to end at once.
    End,
}

/// The time limit of what has none.
pub const NO_LIMIT: Duration = Duration::MAX;

/// How long the emulator may take to end once the last word was said.
const GRACE: Duration = Duration::from_secs(2);

/// How often it is looked whether the emulator has ended, once it has closed the line.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// How often it is looked whether an emulator to which nothing more is sent has ended.
const FEED_LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How much is taken from a pipe at once, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Runs `command` until it ends or `time_limit` has passed. Each piece of what it writes is handed to `receive` as it
/// comes; it is sent what comes through `input`, and nothing if there is none.
///
/// # Errors
/// It cannot be started, or `receive` fails, in which case it is killed.
pub fn run(
    command: &mut Command,
    time_limit: Duration,
    input: Option<Receiver<Sent>>,
    mut receive: impl FnMut(&[u8]) -> Result<Flow>,
) -> Result<Ending> {
    let guest = Guest::start(command, time_limit, input)?;
    let mut deadline = None;
    while let Ok(piece) = guest.next_piece(deadline) {
        if receive(&piece)? == Flow::LastWord && deadline.is_none() {
            deadline = Some(Instant::now() + GRACE);
        }
    }
    guest.end(deadline)
}

/// A running emulator, which is killed when this is dropped.
struct Guest {
    child: Arc<Mutex<Child>>,
    pieces: Receiver<Vec<u8>>,
    complaints: Option<JoinHandle<String>>,
    /// The time limit has passed.
    is_overdue: Arc<AtomicBool>,
    /// Closed with this, so that nobody watches the clock any longer.
    _watched: Sender<()>,
}

impl Guest {
    fn start(
        command: &mut Command,
        time_limit: Duration,
        input: Option<Receiver<Sent>>,
    ) -> Result<Self> {
        command
            .stdin(if input.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process::end_with_us(command);
        process::show(command);
        let mut child = command
            .spawn()
            .with_context(|| process::cannot_start(command))?;
        let (line, complaints) = (child.stdout.take(), child.stderr.take());
        let written = child.stdin.take();
        let child = Arc::new(Mutex::new(child));
        if let Some((input, written)) = input.zip(written) {
            feed(&child, input, written);
        }
        let is_overdue = Arc::new(AtomicBool::new(false));
        let (send, pieces) = mpsc::channel();
        // The pieces wait in memory, never in the pipe: a machine must not be slowed down by who reads its output.
        thread::spawn(move || forward(line, |piece| send.send(piece).is_ok()));
        Ok(Self {
            _watched: watch(&child, &is_overdue, time_limit),
            child,
            pieces,
            complaints: Some(thread::spawn(move || collect(complaints))),
            is_overdue,
        })
    }

    /// The next piece; an error when the line is closed, the time limit has passed, or `deadline` has.
    fn next_piece(&self, deadline: Option<Instant>) -> Result<Vec<u8>, RecvTimeoutError> {
        if self.is_overdue.load(Ordering::Acquire) {
            return Err(RecvTimeoutError::Timeout);
        }
        match deadline {
            None => self.pieces.recv().map_err(RecvTimeoutError::from),
            Some(deadline) => self
                .pieces
                .recv_timeout(deadline.saturating_duration_since(Instant::now())),
        }
    }

    /// Waits until it has ended; kills it when `deadline` has passed.
    fn end(mut self, deadline: Option<Instant>) -> Result<Ending> {
        let status = loop {
            let ended = locked(&self.child)
                .try_wait()
                .context("cannot wait for the emulator")?;
            if let Some(status) = ended {
                break status;
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                locked(&self.child)
                    .kill()
                    .context("cannot end the emulator")?;
            }
            thread::sleep(LOOK_INTERVAL);
        };
        let complaints = self.complaints.take().and_then(|thread| thread.join().ok());
        let is_overdue = self.is_overdue.load(Ordering::Acquire);
        Ok(Ending {
            status: (!is_overdue).then_some(status),
            complaints: complaints.unwrap_or_default(),
        })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut child = locked(&self.child);
        // Both fail only if it has ended already, which is what is wanted.
        let _: io::Result<()> = child.kill();
        let _: io::Result<ExitStatus> = child.wait();
    }
}

/// Kills `child` when `limit` has passed, unless what is returned was dropped before.
fn watch(child: &Arc<Mutex<Child>>, is_overdue: &Arc<AtomicBool>, limit: Duration) -> Sender<()> {
    let (watched, gone) = mpsc::channel::<()>();
    let (child, is_overdue) = (Arc::clone(child), Arc::clone(is_overdue));
    thread::spawn(move || {
        if gone.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            let mut child = locked(&child);
            // One that has ended by itself was in time.
            if matches!(child.try_wait(), Ok(None)) {
                is_overdue.store(true, Ordering::Release);
                let _: io::Result<()> = child.kill();
            }
        }
    });
    watched
}

/// Writes what comes through `input` to the child, until it ends or nobody sends any more. The pipe stays open then: its end
/// would tell a machine nothing.
fn feed(child: &Arc<Mutex<Child>>, input: Receiver<Sent>, mut written: ChildStdin) {
    let child = Arc::clone(child);
    thread::spawn(move || {
        for sent in input {
            let outcome = match sent {
                Sent::Bytes(bytes) => written.write_all(&bytes).and_then(|()| written.flush()),
                Sent::End => locked(&child).kill(),
            };
            // One that has ended reads no more.
            if outcome.is_err() {
                return;
            }
        }
        // Until it has ended by itself, or is killed by whoever runs it.
        while matches!(locked(&child).try_wait(), Ok(None)) {
            thread::sleep(FEED_LOOK_INTERVAL);
        }
    });
}

/// The child, whoever panicked while holding it: there is nothing in it to be left half done.
fn locked(child: &Mutex<Child>) -> impl std::ops::DerefMut<Target = Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn collect(pipe: Option<impl Read>) -> String {
    let mut said = Vec::new();
    forward(pipe, |piece| {
        said.extend(piece);
        true
    });
    String::from_utf8_lossy(&said).into_owned()
}

/// Hands on what comes through a pipe until it ends or nobody wants more.
fn forward(pipe: Option<impl Read>, mut take: impl FnMut(Vec<u8>) -> bool) {
    let Some(mut pipe) = pipe else { return };
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(count @ 1..) = pipe.read(&mut piece) {
        if !take(piece.iter().take(count).copied().collect()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Flow, NO_LIMIT, Sent, run};
    use anyhow::{Result, bail};
    use std::process::Command;
    use std::sync::mpsc;
    use std::thread;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(100);

    fn shell(
        script: &str,
        limit: Duration,
        receive: impl FnMut(&[u8]) -> Result<Flow>,
    ) -> Result<Ending> {
        run(
            Command::new("sh").args(["-c", script]),
            limit,
            None,
            receive,
        )
    }

    fn is_soon(begin: Instant) -> bool {
        begin.elapsed() < LONG / 2
    }

    #[test]
    fn all_that_is_written_arrives_in_order() {
        let mut received: Vec<u8> = Vec::new();
        let ending = shell("printf a; printf b; printf c >&2; exit 3", LONG, |piece| {
            received.extend(piece);
            Ok(Flow::RunOn)
        })
        .unwrap();
        assert_eq!(received, b"ab");
        assert_eq!(ending.status.unwrap().code(), Some(3));
        assert_eq!(ending.complaints, "c");
    }

    #[test]
    fn one_that_says_nothing_is_ended_in_time() {
        let begin = Instant::now();
        let ending = shell("exec sleep 600", SHORT, |_| Ok(Flow::RunOn)).unwrap();
        assert!(ending.status.is_none() && is_soon(begin));
    }

    #[test]
    fn one_that_never_stops_writing_is_ended_in_time() {
        let begin = Instant::now();
        let ending = shell("exec yes", SHORT, |_| Ok(Flow::RunOn)).unwrap();
        assert!(ending.status.is_none() && is_soon(begin));
    }

    #[test]
    fn one_whose_output_nobody_reads_is_ended_in_time() {
        let ending = shell("echo a; exec sleep 600", SHORT, |_| {
            thread::sleep(SHORT * 3);
            Ok(Flow::RunOn)
        })
        .unwrap();
        assert!(ending.status.is_none());
    }

    #[test]
    fn one_that_stays_after_its_last_word_is_ended_and_was_in_time() {
        let begin = Instant::now();
        let ending = shell("echo a; exec sleep 600", LONG, |_| Ok(Flow::LastWord)).unwrap();
        assert!(ending.status.is_some() && is_soon(begin));
    }

    #[test]
    fn what_is_sent_is_read_in_order() {
        let (send, input) = mpsc::channel();
        for piece in ["one\n", "tw", "o\n"] {
            send.send(Sent::Bytes(piece.into())).unwrap();
        }
        let mut command = Command::new("sh");
        command.args(["-c", "read a; read b; echo $b $a"]);
        let mut received: Vec<u8> = Vec::new();
        let take = |piece: &[u8]| {
            received.extend(piece);
            Ok(Flow::RunOn)
        };
        let ending = run(&mut command, LONG, Some(input), take).unwrap();
        assert_eq!(received, b"two one\n");
        assert_eq!(ending.status.unwrap().code(), Some(0));
    }

    #[test]
    fn the_line_stays_open_when_nobody_sends_any_more() {
        let (send, input) = mpsc::channel();
        drop(send);
        let ending = run(&mut Command::new("cat"), SHORT, Some(input), |_| {
            Ok(Flow::RunOn)
        })
        .unwrap();
        assert!(ending.status.is_none(), "it has read an end");
    }

    #[test]
    fn it_ends_at_once_when_told_so() {
        let begin = Instant::now();
        let (send, input) = mpsc::channel();
        send.send(Sent::End).unwrap();
        let ending = run(&mut Command::new("cat"), NO_LIMIT, Some(input), |_| {
            Ok(Flow::RunOn)
        })
        .unwrap();
        assert!(!ending.status.unwrap().success() && is_soon(begin));
    }

    #[test]
    fn it_is_ended_when_its_output_cannot_be_handed_on() {
        let begin = Instant::now();
        assert!(shell("echo a; exec sleep 600", LONG, |_| bail!("full")).is_err());
        assert!(is_soon(begin));
    }
}
