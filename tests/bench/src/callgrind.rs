//! What a process of its own tells of one load: whether it ends well, the heap's peak, and, by valgrind's callgrind where it is
//! installed, how many instructions it takes.

use crate::once::{Answer, MEASURED};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long one load may take.
const LIMIT: Duration = Duration::from_secs(20);

/// How long it may take while instructions are counted.
const COUNTING_LIMIT: Duration = Duration::from_secs(60);

/// Keeps the C library from string instructions, of which valgrind counts one for each byte.
const WITHOUT_STRING_INSTRUCTIONS: &str = "glibc.cpu.x86_rep_movsb_threshold=0x7fffffffffff:glibc.cpu.x86_rep_stosb_threshold=0x7fffffffffff";

/// Whether instructions can be counted.
pub(crate) fn is_there() -> bool {
    let mut valgrind = Command::new("valgrind");
    let quiet = valgrind.arg("--version").stdout(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Loads the object once with a linker, in a process of its own. What the linker refuses or dies of is the error.
pub(crate) fn try_once(linker: &str, object: &Path) -> Result<Answer> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("once").arg(linker).arg(object);
    let text = finish(&mut command, LIMIT)?;
    serde_json::from_str(&text).with_context(|| format!("it says `{text}`"))
}

/// The instructions of one load.
pub(crate) fn count(linker: &str, object: &Path, folder: &Path) -> Result<u64> {
    let file = folder.join("callgrind.out");
    let mut command = Command::new("valgrind");
    command
        .env("GLIBC_TUNABLES", WITHOUT_STRING_INSTRUCTIONS)
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--toggle-collect={MEASURED}"))
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe()?);
    finish(command.arg("once").arg(linker).arg(object), COUNTING_LIMIT)?;
    let text = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    totals(&text).context("callgrind wrote no totals")
}

/// The number of instructions in callgrind's file.
fn totals(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals: "));
    line?.trim().parse().ok()
}

/// Runs a program to its end, and returns what it wrote. The last line of its complaints is the error, if it fails.
fn finish(command: &mut Command, limit: Duration) -> Result<String> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let begin = Instant::now();
    // What is written fits into the pipes: a line or two.
    while child.try_wait()?.is_none() {
        if begin.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("it took longer than {} s", limit.as_secs());
        }
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let complaints = String::from_utf8_lossy(&output.stderr);
        let line = complaints.lines().find(|line| !line.trim().is_empty());
        bail!("{} ({})", line.unwrap_or("it ended"), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::totals;

    #[test]
    fn totals_are_read_from_callgrinds_file() {
        let text = "events: Ir\nfn=(1) main\n3 14\n\ntotals: 123456\n";
        assert_eq!(totals(text), Some(123_456));
        assert_eq!(totals("events: Ir\n"), None);
    }
}
