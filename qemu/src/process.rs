//! Running other programs: found in `PATH`, shown when asked for, ended when they take too long.

use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Whether command lines are shown before they run.
static VERBOSE: AtomicBool = AtomicBool::new(false);

/// How often a program with a time limit is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Shows the command line of each program from now on.
pub fn show_command_lines() {
    VERBOSE.store(true, Ordering::Relaxed);
}

/// Whether command lines are shown.
#[must_use]
pub fn is_verbose() -> bool {
    VERBOSE.load(Ordering::Relaxed)
}

/// Cargo: the one that runs us, if one does.
#[must_use]
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// Where `PATH` has `program`.
#[must_use]
pub fn find_program(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Shows the command line on standard error if `--verbose` was given.
pub fn show(command: &Command) {
    if is_verbose() {
        eprintln!("+ {}", command_line(command));
    }
}

/// The command line as one would type it, with what it sets in the environment in front.
#[must_use]
pub fn command_line(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(value?))));
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(quoted);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// Runs `command`, whose output goes where ours goes, and fails unless it succeeds.
///
/// # Errors
/// The program is missing, or ended otherwise than by success.
pub fn run(command: &mut Command) -> Result<()> {
    show(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", command_line(command));
    }
    Ok(())
}

/// Runs `command` and returns what it wrote, however it ended.
///
/// # Errors
/// The program is missing.
pub fn output(command: &mut Command) -> Result<Output> {
    show(command);
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| cannot_start(command))
}

/// Runs `command` and returns what it wrote; ends it when `limit` has passed.
///
/// # Errors
/// The program is missing, or took too long.
pub fn output_within(command: &mut Command, limit: Duration) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let Some(status) = wait_within(&mut child, limit)? else {
        bail!(
            "`{}` took longer than {} s and was ended",
            command_line(command),
            limit.as_secs()
        );
    };
    Ok(Output {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Waits until `child` ends. When `limit` has passed it is killed instead, and nothing is returned.
///
/// # Errors
/// The operating system does not tell.
pub fn wait_within(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK_INTERVAL);
    }
}

/// Has the operating system kill the program of `command` when we end, however we end. Only Linux can do so; elsewhere
/// an interrupt from the terminal still reaches the program, since it stays in our process group.
///
/// It must be spawned by a thread that lives as long as the program may: to Linux, that thread is the parent.
pub fn end_with_us(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};
        use std::os::unix::process::CommandExt;

        let us = getpid();
        let ask = move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // If we are gone already, the signal will not come.
            if getppid() == Some(us) {
                Ok(())
            } else {
                Err(io::Error::from(io::ErrorKind::BrokenPipe))
            }
        };
        // SAFETY: between fork and exec, the closure makes two system calls, which are async-signal-safe, and neither
        // allocates nor takes a lock.
        unsafe { command.pre_exec(ask) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

/// What is said when a program does not start.
#[must_use]
pub fn cannot_start(command: &Command) -> String {
    format!(
        "cannot start `{}`: is it installed? `cargo xtask setup` installs what is missing",
        command_line(command)
    )
}

/// Reads a pipe to its end, aside, so that a program never waits for us to read.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is all there is.
            let _: io::Result<usize> = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// A word as one would type it: quoted, where a shell would take it for something else.
#[must_use]
pub fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./,:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{command_line, find_program, output_within};
    use std::process::Command;
    use std::time::{Duration, Instant};

    #[test]
    fn a_command_line_can_be_typed_again() {
        let mut command = Command::new("qemu");
        command
            .args(["-append", "run it's", "-m", "256"])
            .env("A", "b c");
        assert_eq!(
            command_line(&command),
            r"A='b c' qemu -append 'run it'\''s' -m 256"
        );
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let begin = Instant::now();
        let result = output_within(Command::new("sleep").arg("60"), Duration::from_millis(50));
        assert!(result.unwrap_err().to_string().contains("was ended"));
        assert!(begin.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_a_program_wrote_is_whole() {
        let output =
            output_within(Command::new("echo").arg("hello"), Duration::from_secs(30)).unwrap();
        assert_eq!(output.stdout, b"hello\n");
    }

    #[test]
    fn programs_are_found_in_path() {
        assert!(find_program("sh").is_some());
        assert!(find_program("ironlink-no-such-program").is_none());
    }
}
