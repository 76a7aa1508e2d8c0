//! Boots an image in QEMU: puts its arguments together, hands on what comes over the serial line, and ends it in time.
//!
//! **Invariant:** QEMU never outlives what started it. It is killed by its own process id when the time limit has
//! passed and when [`Boot::run`] returns for any reason; and on Linux by the operating system if we are killed.

use crate::machines::{Board, Machine};
use crate::process;
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What is booted, and how.
#[derive(Clone, Debug)]
pub struct Boot<'a> {
    /// The machine.
    pub machine: &'static Machine,
    /// Its board.
    pub board: &'static Board,
    /// The image.
    pub kernel: &'a Path,
    /// The packed modules.
    pub initrd: Option<&'a Path>,
    /// The kernel's command line.
    pub command_line: &'a str,
    /// The machine's memory, in MiB.
    pub memory_mib: u32,
    /// How time passes.
    pub clock: Clock,
    /// How long the machine may run.
    pub time_limit: Duration,
}

/// How time passes in the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// As it does for us.
    Wall,
    /// By instructions: each takes one nanosecond, so that a run repeats exactly.
    Instructions,
}

/// How a machine's run ended.
#[derive(Debug)]
pub struct Ending {
    /// QEMU's own exit status, or nothing if it was killed because the time limit had passed.
    pub status: Option<ExitStatus>,
    /// What QEMU wrote to its standard error.
    pub complaints: String,
}

/// Whether a machine shall run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// There is more to come.
    RunOn,
    /// The last word was said: QEMU gets a moment to end by itself.
    LastWord,
}

/// How long QEMU may take to end once the kernel has said its last word.
const GRACE: Duration = Duration::from_secs(5);

/// How much is taken from the serial line at once, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

impl Boot<'_> {
    /// QEMU's arguments.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let mut arguments = Arguments::default();
        arguments.add(["-no-user-config", "-nodefaults", "-no-reboot"]);
        arguments.add(["-display", "none", "-nic", "none"]);
        arguments.add(["-machine", self.board.name, "-cpu", self.machine.cpu]);
        arguments.add(["-m", &format!("{}M", self.memory_mib)]);
        match self.clock {
            Clock::Wall => arguments.add(["-accel", "tcg"]),
            // Counting instructions wants one thread.
            Clock::Instructions => {
                arguments.add(["-accel", "tcg,thread=single", "-icount", "shift=0"])
            }
        }
        arguments.add([
            "-chardev",
            "stdio,id=line,signal=off",
            "-serial",
            "chardev:line",
        ]);
        arguments.add(self.machine.switch_off_arguments);
        arguments.add([OsStr::new("-kernel"), self.kernel.as_os_str()]);
        if let Some(initrd) = self.initrd {
            arguments.add([OsStr::new("-initrd"), initrd.as_os_str()]);
        }
        arguments.add(["-append", self.command_line]);
        arguments.0
    }

    /// Runs the machine until it ends or its time has passed. Each piece of what comes over the serial line is handed
    /// to `receive` as it comes.
    ///
    /// # Errors
    /// QEMU cannot be started, or `receive` fails, in which case QEMU is killed.
    pub fn run(&self, mut receive: impl FnMut(&[u8]) -> Result<Flow>) -> Result<Ending> {
        let qemu = Qemu::start(self)?;
        let mut deadline = Instant::now() + self.time_limit;
        // Until the time has passed or QEMU has closed the line, since it ends.
        while let Ok(piece) = qemu.next_piece(deadline) {
            if receive(&piece)? == Flow::LastWord {
                deadline = deadline.min(Instant::now() + GRACE);
            }
        }
        qemu.end(deadline)
    }
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn add<T: AsRef<OsStr>>(&mut self, words: impl IntoIterator<Item = T>) {
        self.0
            .extend(words.into_iter().map(|word| word.as_ref().to_owned()));
    }
}

/// A running QEMU, which is killed when this is dropped.
struct Qemu {
    child: Child,
    pieces: Receiver<Vec<u8>>,
    complaints: Option<JoinHandle<String>>,
}

impl Qemu {
    fn start(boot: &Boot<'_>) -> Result<Self> {
        let mut command = Command::new(boot.machine.emulator.program);
        command
            .args(boot.arguments())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process::end_with_us(&mut command);
        process::show(&command);
        let mut child = command
            .spawn()
            .with_context(|| process::cannot_start(&command))?;
        let (line, complaints) = (child.stdout.take(), child.stderr.take());
        let (send, pieces) = mpsc::channel();
        // The pieces wait in memory, never in the pipe: a machine must not be slowed down by who reads its output.
        thread::spawn(move || forward(line, |piece| send.send(piece).is_ok()));
        let complaints = thread::spawn(move || {
            let mut said = Vec::new();
            forward(complaints, |piece| {
                said.extend(piece);
                true
            });
            String::from_utf8_lossy(&said).into_owned()
        });
        Ok(Self {
            child,
            pieces,
            complaints: Some(complaints),
        })
    }

    fn next_piece(&self, deadline: Instant) -> Result<Vec<u8>, RecvTimeoutError> {
        self.pieces
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
    }

    fn end(mut self, deadline: Instant) -> Result<Ending> {
        let left = deadline.saturating_duration_since(Instant::now());
        let status = process::wait_within(&mut self.child, left).context("cannot wait for QEMU")?;
        let complaints = self
            .complaints
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        Ok(Ending { status, complaints })
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        // Both fail only if it has ended already, which is what is wanted.
        let _: io::Result<()> = self.child.kill();
        let _: io::Result<ExitStatus> = self.child.wait();
    }
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
    use super::{Boot, Clock};
    use crate::machines::{AARCH64, Machine, X86_64};
    use std::path::Path;
    use std::time::Duration;

    fn line(machine: &'static Machine, change: impl FnOnce(&mut Boot<'static>)) -> String {
        let mut boot = Boot {
            machine,
            board: machine.usual_board(),
            kernel: Path::new("kernel"),
            initrd: None,
            command_line: "run",
            memory_mib: 256,
            clock: Clock::Wall,
            time_limit: Duration::from_secs(1),
        };
        change(&mut boot);
        boot.arguments()
            .iter()
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_whole_line_for_x86_64() {
        assert_eq!(
            line(&X86_64, |_| {}),
            "-no-user-config -nodefaults -no-reboot -display none -nic none -machine microvm -cpu max -m 256M \
             -accel tcg -chardev stdio,id=line,signal=off -serial chardev:line \
             -device isa-debug-exit,iobase=0xf4,iosize=0x4 -kernel kernel -append run"
        );
    }

    #[test]
    fn board_memory_and_initial_memory_disk_are_the_callers() {
        let line = line(&X86_64, |boot| {
            boot.board = X86_64.board("q35").unwrap();
            boot.memory_mib = 512;
            boot.initrd = Some(Path::new("modules.a"));
        });
        for part in ["-machine q35", "-m 512M", "-initrd modules.a"] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }

    #[test]
    fn instructions_are_counted_on_one_thread() {
        let line = line(&AARCH64, |boot| boot.clock = Clock::Instructions);
        assert!(
            line.contains("-accel tcg,thread=single -icount shift=0"),
            "{line}"
        );
    }

    #[test]
    fn only_x86_64_has_the_exit_device() {
        assert!(!line(&AARCH64, |_| {}).contains("isa-debug-exit"));
    }

    #[test]
    fn there_is_never_a_network() {
        for machine in [&X86_64, &AARCH64] {
            assert!(line(machine, |_| {}).contains("-nic none"));
        }
    }
}
