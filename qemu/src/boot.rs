//! Boots an image: the arguments with which QEMU plays a machine.

use crate::guest::{self, Ending, Flow, Sent};
use crate::machines::{Board, Machine};
use anyhow::Result;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::time::Duration;

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
    /// to `receive` as it comes; what comes through `input` goes over it.
    ///
    /// # Errors
    /// QEMU cannot be started, or `receive` fails, in which case QEMU is ended.
    pub fn run(
        &self,
        input: Option<Receiver<Sent>>,
        receive: impl FnMut(&[u8]) -> Result<Flow>,
    ) -> Result<Ending> {
        let mut qemu = Command::new(self.machine.emulator.program);
        guest::run(qemu.args(self.arguments()), self.time_limit, input, receive)
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
