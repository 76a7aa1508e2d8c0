//! Tests of the kernel's shell: each script under `tests/shell` is a dialogue that is held with each board.

use super::run::add_objects;
use super::show;
use crate::boot::{Boot, Clock};
use crate::counts::Counts;
use crate::image::{Image, work_folder, workspace};
use crate::machines::{Board, Machine};
use crate::pack::Pack;
use crate::report;
use crate::shell::{self, Script};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the names of these tests begin with.
pub(super) const PREFIX: &str = "shell::";

/// Holds the dialogues whose names contain `filter` with each board of `machines`.
///
/// # Errors
/// A script can't be read, or an image could not be built. A dialogue that goes otherwise is a failed test.
pub(super) fn count(
    machines: &[&'static Machine],
    filter: Option<&str>,
    time_limit: Duration,
) -> Result<Counts> {
    let mut tests = ShellTest::all()?;
    tests.retain(|test| filter.is_none_or(|filter| test.name.contains(filter)));
    let mut counts = Counts::default();
    if tests.is_empty() {
        return Ok(counts);
    }
    for machine in machines.iter().copied() {
        let kernel = Image::Kernel.build(machine)?;
        for test in &tests {
            let initrd = test.pack(machine)?;
            for board in machine.boards {
                counts += test.count(machine, board, &kernel, &initrd, time_limit);
            }
        }
    }
    report::say(format!("the shell: {counts}"));
    Ok(counts)
}

/// A dialogue, as a test.
struct ShellTest {
    name: String,
    script: Script,
}

impl ShellTest {
    /// All scripts, by name.
    fn all() -> Result<Vec<Self>> {
        let folder = folder();
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut tests = Vec::new();
        for entry in entries {
            let path = entry.context("cannot read a folder's entry")?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                tests.push(Self::read(&path)?);
            }
        }
        ensure!(!tests.is_empty(), "{} has no script", folder.display());
        tests.sort_unstable_by(|one, two| one.name.cmp(&two.name));
        Ok(tests)
    }

    fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            name: format!("{PREFIX}{stem}"),
            script: Script::parse(&text).with_context(|| path.display().to_string())?,
        })
    }

    /// Compiles and packs the script's files.
    fn pack(&self, machine: &'static Machine) -> Result<PathBuf> {
        let work = work_folder().join(machine.name).join("shell");
        fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
        let files = self.script.files.iter().map(|file| folder().join(file));
        let mut pack = Pack::new();
        add_objects(machine, &files.collect::<Vec<_>>(), &work, &mut pack)?;
        let initrd = work.join(format!("{}.initrd", self.name.trim_start_matches(PREFIX)));
        pack.write(&initrd)?;
        Ok(initrd)
    }

    fn count(
        &self,
        machine: &'static Machine,
        board: &'static Board,
        kernel: &Path,
        initrd: &Path,
        time_limit: Duration,
    ) -> Counts {
        let boot = Boot {
            machine,
            board,
            kernel,
            initrd: Some(initrd),
            command_line: "shell",
            memory_mib: machine.memory_mib,
            clock: Clock::Wall,
            time_limit,
        };
        let (name, mut counts) = (&self.name, Counts::default());
        match shell::hold(&boot, &self.script, show) {
            Ok(()) => {
                counts.passed = 1;
                eprintln!("test {name} ... ok");
            }
            Err(error) => {
                counts.failed = 1;
                eprintln!("test {name} ... FAILED: {error:#}");
            }
        }
        counts
    }
}

/// Where the scripts stand, and the sources that they name.
fn folder() -> PathBuf {
    workspace().join("tests").join("shell")
}

#[cfg(test)]
mod tests {
    use super::{ShellTest, folder};

    #[test]
    fn every_script_can_be_read_and_has_its_files() {
        for test in ShellTest::all().unwrap() {
            for file in &test.script.files {
                assert!(folder().join(file).is_file(), "{}: {file}", test.name);
            }
        }
    }
}
