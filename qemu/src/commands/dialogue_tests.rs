//! Tests of the kernel's shell and of the compiler in it: each script under `tests/shell` and `tests/repl` is a dialogue that
//! is held with boards.

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

/// What serves lines, and where its dialogues stand.
#[derive(Clone, Copy)]
struct Server {
    /// The kernel's command line, the folder of the scripts, and what the names of their tests begin with.
    name: &'static str,
    image: Image,
    /// Whether all boards are asked: what is the same on each is asked of the usual one alone.
    has_all_boards: bool,
}

const SERVERS: &[Server] = &[
    Server {
        name: "shell",
        image: Image::Kernel,
        has_all_boards: true,
    },
    Server {
        name: "repl",
        image: Image::KernelWithCompiler,
        has_all_boards: false,
    },
];

/// Whether no other tests than these have names that contain `filter`.
pub(super) fn are_meant(filter: &str) -> bool {
    let mut servers = SERVERS.iter();
    servers.any(|server| filter.starts_with(&server.prefix()))
}

/// Holds the dialogues whose names contain `filter` with boards of `machines`.
///
/// # Errors
/// A script can't be read, or an image could not be built. A dialogue that goes otherwise is a failed test.
pub(super) fn count(
    machines: &[&'static Machine],
    filter: Option<&str>,
    time_limit: Duration,
) -> Result<Counts> {
    let mut counts = Counts::default();
    for server in SERVERS {
        let mut tests = server.tests()?;
        tests.retain(|test| filter.is_none_or(|filter| test.name.contains(filter)));
        if tests.is_empty() {
            continue;
        }
        let mut own = Counts::default();
        for machine in machines.iter().copied() {
            let kernel = server.image.build(machine)?;
            for test in &tests {
                let initrd = test.pack(machine)?;
                for board in server.boards(machine) {
                    own += test.count(machine, board, &kernel, &initrd, time_limit);
                }
            }
        }
        report::say(format!("{}: {own}", server.name));
        counts += own;
    }
    Ok(counts)
}

impl Server {
    fn prefix(&self) -> String {
        format!("{}::", self.name)
    }

    fn boards(&self, machine: &'static Machine) -> &'static [Board] {
        match self.has_all_boards {
            true => machine.boards,
            false => std::slice::from_ref(machine.usual_board()),
        }
    }

    /// Where the scripts stand, and the sources that they name.
    fn folder(&self) -> PathBuf {
        workspace().join("tests").join(self.name)
    }

    /// All scripts, by name.
    fn tests(&'static self) -> Result<Vec<Dialogue>> {
        let folder = self.folder();
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut tests = Vec::new();
        for entry in entries {
            let path = entry.context("cannot read a folder's entry")?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                tests.push(self.read(&path)?);
            }
        }
        ensure!(!tests.is_empty(), "{} has no script", folder.display());
        tests.sort_unstable_by(|one, two| one.name.cmp(&two.name));
        Ok(tests)
    }

    fn read(&'static self, path: &Path) -> Result<Dialogue> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Dialogue {
            server: self,
            name: format!("{}{stem}", self.prefix()),
            script: Script::parse(&text).with_context(|| path.display().to_string())?,
        })
    }
}

/// A dialogue, as a test.
struct Dialogue {
    server: &'static Server,
    name: String,
    script: Script,
}

impl Dialogue {
    /// Compiles and packs the script's files.
    fn pack(&self, machine: &'static Machine) -> Result<PathBuf> {
        let work = work_folder().join(machine.name).join(self.server.name);
        fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
        let files = self
            .script
            .files
            .iter()
            .map(|file| self.server.folder().join(file));
        let mut pack = Pack::new();
        add_objects(machine, &files.collect::<Vec<_>>(), &work, &mut pack)?;
        let stem = self.name.replace("::", "-");
        let initrd = work.join(format!("{stem}.initrd"));
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
            command_line: self.server.name,
            memory_mib: machine.memory_mib,
            clock: Clock::Wall,
            time_limit,
        };
        Counts::of_test(&self.name, shell::hold(&boot, &self.script, show))
    }
}

#[cfg(test)]
mod tests {
    use super::{SERVERS, are_meant};

    #[test]
    fn every_script_can_be_read_and_has_its_files() {
        for server in SERVERS {
            for test in server.tests().unwrap() {
                for file in &test.script.files {
                    assert!(
                        server.folder().join(file).is_file(),
                        "{}: {file}",
                        test.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_name_tells_whose_test_it_is() {
        assert!(are_meant("shell::calls") && are_meant("repl::"));
        assert!(!are_meant("repl") && !are_meant("jit::"));
    }
}
