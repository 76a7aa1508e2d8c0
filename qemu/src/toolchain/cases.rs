//! Case files: one behaviour of the linker each, as assembly that says in comments how it is linked and what must come of it.
//!
//! A case is a file `tests/cases/MACHINE/NAME.s`, or a folder of that name whose files are linked together. Comments that
//! have a line to themselves, in any of its files, say what is linked:
//!
//! - `# KERNEL` — the objects are a program, too, whose `main` returns 0: the corpus of modules has it, so that it runs inside
//!   the kernel and, where that is its machine, on the host, by the tool as well.
//! - `# ARCHIVE: libNAME.a = PART …` — these files of the folder stand in an archive instead of being linked themselves.
//!   `# ARCHIVE WITHOUT INDEX:` and `# THIN ARCHIVE:` make what their names say.
//! - `# RELOCATION: NUMBER becomes NUMBER` — relocations that the assembler gave one number get another: for those that
//!   assemblers don't know yet.
//! - `# PATCH: FIELD of NAME = VALUE` — for what assemblers refuse to write: a field of the file's own object is
//!   overwritten, once it is assembled. FIELD has its name in the ELF specification, as in `sh_link of .text`,
//!   `st_value of main` or `e_flags` of the file's header; or it is one of the words of four bytes that a section holds:
//!   `word 2 of .group`. VALUE is a number, or a section whose number is meant.
//!
//! and what must come of it:
//!
//! - `# RUN: OPTIONS` — a run of the tool `ironlink` on the case's objects and archives, but for those that the options
//!   name themselves; files lie in the folder MACHINE, archives in MACHINE/NAME. With `-noexec` memory begins at 0x10000000
//!   unless the options say otherwise; without, only the machine itself can run it.
//!   `# RUN ANYWHERE: OPTIONS` — memory lies where the tool puts it.
//!   The lines below it, up to the next run, are what it must do:
//!   - `# CHECK: RULE` — a rule of the tool's `-check` language holds;
//!   - `# OUTPUT: TEXT` — standard output has a line that contains this; `# NO OUTPUT: TEXT` — it has none;
//!   - `# STATUS: N` — the tool exits with this status; 0 if nothing is said;
//!   - `# FAILS: TEXT` — the tool exits with status 1, and a line of its errors contains this.

mod archives;
mod comments;
mod patch;

use super::corpus::{Member, sources, stem};
use super::{Compiler, FLAVOURS, Language, cache, command};
use crate::image;
use crate::machines::Machine;
use anyhow::{Context, Result, bail};
use archives::Archive;
use patch::Patch;
use std::fs;
use std::path::{Path, PathBuf};

/// One behaviour.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's name, without its ending.
    pub name: String,
    /// The machine that it is for.
    pub machine: &'static Machine,
    /// All its objects, in the order of their names.
    pub objects: Vec<PathBuf>,
    /// What is linked: objects, then archives of others.
    pub files: Vec<PathBuf>,
    /// How it is linked.
    pub runs: Vec<Run>,
    /// Whether its objects are a program that returns 0.
    pub is_program: bool,
    sources: Vec<PathBuf>,
    archives: Vec<Archive>,
    renumbered: Vec<(u32, u32)>,
    /// Each with the place of its file among the sources.
    patches: Vec<(usize, Patch)>,
}

/// One run of the tool, and what must come of it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Run {
    /// The options, in words.
    pub options: Vec<String>,
    /// Whether the tool chooses where memory lies, even with `-noexec`.
    pub is_anywhere: bool,
    /// Rules of the tool's `-check` language.
    pub checks: Vec<String>,
    /// What lines of standard output contain.
    pub outputs: Vec<String>,
    /// What no line of standard output contains.
    pub absent: Vec<String>,
    /// The exit status.
    pub status: u8,
    /// What lines of the errors contain; none if it must not fail.
    pub failures: Vec<String>,
}

impl Run {
    /// Whether the options name a file themselves: by its path, or a library by its short name.
    #[must_use]
    pub fn names(&self, file: &Path) -> bool {
        let path = file.to_string_lossy();
        let library = stem(file);
        let library = library.strip_prefix("lib").map(|name| format!("l{name}"));
        let is_path = |option: &str| option.split(['=', ',']).any(|part| part == path);
        let is_library = |option: &str| {
            let mut library = library.iter();
            library.any(|name| option.starts_with('-') && option.ends_with(name.as_str()))
        };
        let mut options = self.options.iter();
        options.any(|option| is_path(option) || is_library(option))
    }
}

/// The folder that the options of runs see as their own.
#[must_use]
pub fn folder() -> PathBuf {
    image::work_folder().join("cases")
}

/// All cases for `machine`, assembled, in the order of their names.
///
/// # Errors
/// A case says something that isn't understood, or the assembler refuses it.
pub fn all(machine: &'static Machine) -> Result<Vec<Case>> {
    let cases = read_all(machine)?;
    command::create_dir(&folder().join(machine.name))?;
    let _lock = super::corpus::lock(machine)?;
    cache::for_each(&cases, Case::make)?;
    Ok(cases)
}

/// The objects of those cases that are programs, under the names that the corpus gives them.
pub(super) fn programs(machine: &'static Machine) -> Result<Vec<Member>> {
    let cases = read_all(machine)?;
    let programs: Vec<Case> = cases.into_iter().filter(|case| case.is_program).collect();
    command::create_dir(&folder().join(machine.name))?;
    cache::for_each(&programs, Case::make)?;
    Ok(programs.iter().flat_map(Case::members).collect())
}

fn read_all(machine: &'static Machine) -> Result<Vec<Case>> {
    let folder = image::workspace().join("tests/cases").join(machine.name);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    let twice = paths
        .windows(2)
        .find(|pair| stem(&pair[0]) == stem(&pair[1]));
    if let Some([path, _]) = twice {
        bail!("{} is there as a file and as a folder", path.display());
    }
    paths.iter().map(|path| Case::read(machine, path)).collect()
}

impl Case {
    fn read(machine: &'static Machine, path: &Path) -> Result<Self> {
        let sources = if path.is_dir() {
            sources(path)?
        } else {
            vec![path.to_owned()]
        };
        let name = stem(path);
        let folder = folder().join(machine.name);
        let object = |source: &PathBuf| match path.is_dir() {
            true => folder.join(format!("{name}.{}.o", stem(source))),
            false => folder.join(format!("{name}.o")),
        };
        let mut case = Self {
            objects: sources.iter().map(object).collect(),
            ..Self::new(name, machine)
        };
        for (place, source) in sources.iter().enumerate() {
            let text = String::from_utf8_lossy(&command::read(source)?).into_owned();
            for line in text.lines() {
                case.take(place, line)
                    .with_context(|| format!("{}: `{line}`", source.display()))?;
            }
        }
        case.sources = sources;
        case.finish().with_context(|| path.display().to_string())?;
        Ok(case)
    }

    /// A case of which nothing is said yet.
    fn new(name: String, machine: &'static Machine) -> Self {
        Self {
            name,
            machine,
            objects: Vec::new(),
            files: Vec::new(),
            runs: Vec::new(),
            is_program: false,
            sources: Vec::new(),
            archives: Vec::new(),
            renumbered: Vec::new(),
            patches: Vec::new(),
        }
    }

    /// Judges what was said as a whole, and finds what is linked.
    fn finish(&mut self) -> Result<()> {
        if self.runs.is_empty() && !self.is_program {
            bail!("it says nothing of what must come of it");
        }
        if let Some(run) = self.runs.iter().find(|run| run.claims_nothing()) {
            let options = run.options.join(" ");
            bail!("it says nothing of what must come of the run `{options}`");
        }
        if self.is_program && !self.archives.is_empty() {
            bail!("a program of the corpus can't bring an archive of its own");
        }
        if self.is_program {
            self.runs.push(Run::default());
        }
        let folder = folder().join(self.machine.name).join(&self.name);
        let mut files = Vec::new();
        for (source, object) in self.sources.iter().zip(&self.objects) {
            let part = stem(source);
            if !self.archives.iter().any(|archive| archive.has(&part)) {
                files.push(object.clone());
            }
        }
        files.extend(
            self.archives
                .iter()
                .map(|archive| folder.join(&archive.name)),
        );
        self.files = files;
        Ok(())
    }

    /// Makes its objects and archives.
    fn make(&self) -> Result<()> {
        let flavour = FLAVOURS
            .iter()
            .find(|flavour| {
                flavour.compiler == Compiler::Clang && flavour.suits(Language::Assembly)
            })
            .context("no flavour assembles")?;
        for (place, (source, object)) in self.sources.iter().zip(&self.objects).enumerate() {
            let mut command = command::command(self.machine, source, flavour, &[], object)?;
            cache::make(
                &mut command,
                std::slice::from_ref(source),
                object,
                |command| {
                    command::run(command)?;
                    self.patch(place, object)
                },
            )
            .with_context(|| source.display().to_string())?;
        }
        let folder = folder().join(self.machine.name).join(&self.name);
        let parts = || {
            let parts = self.sources.iter().zip(&self.objects);
            parts.map(|(source, object)| (stem(source), object.as_path()))
        };
        for archive in &self.archives {
            archive.make(&folder, parts())?;
        }
        Ok(())
    }

    /// Changes in an object what the case asks for; `place` is that of its source.
    fn patch(&self, place: usize, object: &Path) -> Result<()> {
        let mut bytes = command::read(object)?;
        patch::renumber(&mut bytes, &self.renumbered)?;
        for (_, patch) in self.patches.iter().filter(|(of, _)| *of == place) {
            patch.apply(&mut bytes)?;
        }
        command::write(object, &bytes)
    }

    fn members(&self) -> Vec<Member> {
        let name = |object: &PathBuf| match self.objects.len() {
            1 => format!("case_{}.clang-default.o", self.name),
            _ => {
                let part = stem(object);
                let part = part.rsplit('.').next().unwrap_or_default();
                format!("case_{}.{part}.clang-default.o", self.name)
            }
        };
        let members = self.objects.iter().map(|object| Member {
            name: name(object),
            path: object.clone(),
        });
        members.collect()
    }
}
