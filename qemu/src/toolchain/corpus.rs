//! The corpus: which objects the module sources under `tests/modules` make.
//!
//! A source file there is a program, and so is a folder, whose sources are its parts. A program's `main` returns 0 if all
//! is well, else the line of the first check that failed. Its name says more where that isn't what should happen:
//! `refused_X` must not load, and the error names `X`; `faults_X` must be ended by the kernel while it runs.
//!
//! An object is called `PROGRAM.FLAVOUR.o`, or `PROGRAM.PART.FLAVOUR.o` for a program of several parts: the objects that
//! share program and flavour make one module. Archives stand beside them for all; those of one program alone are folders in
//! its folder (`libraries.rs`), and are called as its parts are. What is called `module_X` is no program: tests load it on
//! their own, and look at what comes of it.
//!
//! A source may say of itself, in comments: `//@ machine: NAME` that only one machine can run it, `//@ options: …` what
//! its compiler is told in every flavour, `//@ flavours: NAME …` that these are enough (`*` ends a name that stands for all
//! that begin so). In a program of several parts the one called `main` chooses the flavours, or else the first.

use super::libraries::{self, Library, Made};
use super::{
    Flavour, Language, builtins_archive, cache, command, default_flavour, generated, packages,
    rust_support,
};
use crate::image;
use crate::machines::Machine;
use crate::report;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A file to be packed, and the name under which it is packed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// The name: an object's as the corpus has it, or an archive's.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// A module to be: one source, or several that are linked together.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) name: String,
    pub(super) parts: Vec<Part>,
    /// Its own archives.
    pub(super) libraries: Vec<Library>,
}

/// One source of a program.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// `None` in a program of one part.
    pub(super) name: Option<String>,
    pub(super) source: PathBuf,
    /// What the compiler is told in every flavour.
    pub(super) options: Vec<OsString>,
    /// Other files that its object depends on.
    pub(super) included: Vec<PathBuf>,
    /// The only machine that can run it.
    pub(super) machine: Option<String>,
    /// Patterns of the flavours that are enough; none if all are wanted.
    pub(super) flavours: Vec<String>,
}

/// One object to be made.
struct Job {
    member: Member,
    source: PathBuf,
    flavour: &'static Flavour,
    options: Vec<OsString>,
    included: Vec<PathBuf>,
}

/// Every program in every flavour that makes a difference to it, and the archives that they need.
///
/// # Errors
/// A compiler is missing or refuses a source, or a source says something of itself that isn't understood.
pub fn test_objects(machine: &'static Machine) -> Result<Vec<Member>> {
    let _lock = lock(machine)?;
    let mut programs = read_programs(&modules_dir())?;
    programs.push(packages::zlib(&modules_dir())?);
    programs.push(generated::many_sections(machine, &objects_dir(machine))?);
    let mut members = make(machine, &programs, |_, _| true)?;
    members.extend(super::cases::programs(machine)?);
    Ok(members)
}

/// What the tour shows: programs of one object, in flavours that differ much.
///
/// # Errors
/// As [`test_objects`].
pub fn tour_objects(machine: &'static Machine) -> Result<Vec<Member>> {
    const STOPS: &[(&str, &str)] = &[
        ("hello", "gcc-default"),
        ("hello", "clang-pic-O3"),
        ("formatted_output", "gcc-fortify"),
        ("constructors", "clang-sections"),
        ("switch_tables", "gcc-large"),
        ("static_objects", "gcc-O2"),
        ("lambdas", "clang-default"),
        ("rust_collections", "rustc-O3"),
        ("relaxable_got", "gcc-default"),
        ("page_relocations", "clang-default"),
    ];
    let _lock = lock(machine)?;
    let programs = read_programs(&modules_dir())?;
    make(machine, &programs, |program, flavour| {
        STOPS.contains(&(program, flavour))
    })
}

/// What the bench loads: the first program of everybody, zlib by clang, and an object of a thousand functions by gcc.
///
/// # Errors
/// As [`test_objects`].
pub fn bench_objects(machine: &'static Machine) -> Result<Vec<Member>> {
    let _lock = lock(machine)?;
    let mut programs = read_programs(&modules_dir())?;
    programs.push(packages::zlib(&modules_dir())?);
    programs.push(generated::thousand_functions(&objects_dir(machine))?);
    make(machine, &programs, |program, flavour| {
        matches!(
            (program, flavour),
            ("hello", "gcc-default") | ("zlib", "clang-O2") | ("thousand_functions", _)
        )
    })
}

/// Libraries of other people's, each in a few flavours, to be linked without being run: Lua, SQLite and zstd.
///
/// # Errors
/// As [`test_objects`].
pub fn library_objects(machine: &'static Machine) -> Result<Vec<Member>> {
    let _lock = lock(machine)?;
    make(machine, &packages::libraries()?, |_, _| true)
}

/// Keeps other threads and programs from compiling the same objects, until it is dropped.
pub(super) fn lock(machine: &Machine) -> Result<File> {
    let directory = objects_dir(machine);
    command::create_dir(&directory)?;
    let path = directory.join("lock");
    let lock = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    lock.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(lock)
}

/// Compiles what is wanted of `programs`, and adds the archives.
fn make(
    machine: &'static Machine,
    programs: &[Program],
    is_wanted: impl Fn(&str, &str) -> bool,
) -> Result<Vec<Member>> {
    let directory = objects_dir(machine);
    let mut jobs = Vec::new();
    let mut own_archives = Vec::new();
    for program in programs {
        for flavour in program.flavours(machine)? {
            if is_wanted(&program.name, flavour.name) {
                let made = libraries::make(machine, program, flavour, &directory)?;
                jobs.extend(program.jobs(flavour, &directory, &made)?);
                own_archives.extend(made.archives);
            }
        }
    }
    let step = report::begin(format!(
        "{} module objects for {}",
        jobs.len(),
        machine.name
    ));
    cache::for_each(&jobs, |job| {
        let object = &job.member.path;
        let mut command =
            command::command(machine, &job.source, job.flavour, &job.options, object)?;
        let inputs = [std::slice::from_ref(&job.source), &job.included].concat();
        cache::make(&mut command, &inputs, object, |command| {
            command::run(command).map(|_| ())
        })
    })?;
    drop(step);
    let archives = archives(machine, &directory)?;
    Ok(jobs
        .into_iter()
        .map(|job| job.member)
        .chain(own_archives)
        .chain(archives)
        .collect())
}

fn archives(machine: &'static Machine, directory: &Path) -> Result<Vec<Member>> {
    let mut paths = vec![builtins_archive(machine)?];
    paths.extend(rust_support(machine, directory)?);
    Ok(paths
        .into_iter()
        .map(|path| Member {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path,
        })
        .collect())
}

fn modules_dir() -> PathBuf {
    image::workspace().join("tests/modules")
}

pub(super) fn objects_dir(machine: &Machine) -> PathBuf {
    image::work_folder().join("modules").join(machine.name)
}

impl Program {
    /// The flavours that it is wanted in on `machine`.
    fn flavours(&self, machine: &'static Machine) -> Result<Vec<&'static Flavour>> {
        let is_main = |part: &&Part| part.name.as_deref().is_none_or(|name| name == "main");
        let main = self.parts.iter().find(is_main).or(self.parts.first());
        let main = main.with_context(|| format!("program {} has no parts", self.name))?;
        let language = Language::told_by(&main.source)?;
        if self.parts.iter().any(|part| !part.runs_on(machine)) {
            return Ok(Vec::new());
        }
        Ok(super::FLAVOURS
            .iter()
            .filter(|flavour| flavour.exists_on(machine) && flavour.suits(language))
            .filter(|flavour| main.wants(flavour))
            .collect())
    }

    /// What must be compiled for the program in `flavour`, whose own archives are made; parts that the flavour doesn't suit
    /// are compiled in their default.
    fn jobs(
        &self,
        flavour: &'static Flavour,
        directory: &Path,
        libraries: &Made,
    ) -> Result<Vec<Job>> {
        let job = |part: &Part| -> Result<Job> {
            let name = match &part.name {
                None => format!("{}.{}.o", self.name, flavour.name),
                Some(part) => format!("{}.{part}.{}.o", self.name, flavour.name),
            };
            let is_suited = flavour.suits(Language::told_by(&part.source)?);
            Ok(Job {
                member: Member {
                    path: directory.join(&name),
                    name,
                },
                source: part.source.clone(),
                flavour: if is_suited {
                    flavour
                } else {
                    default_flavour(&part.source)?
                },
                options: [&*libraries.options, &part.options].concat(),
                included: [part.included.clone(), libraries.paths()].concat(),
            })
        };
        self.parts.iter().map(job).collect()
    }
}

impl Part {
    /// The part of this name that `source` makes, by what it says of itself.
    pub(super) fn read(name: Option<String>, source: PathBuf) -> Result<Self> {
        let text = String::from_utf8_lossy(&command::read(&source)?).into_owned();
        let mut part = Self {
            name,
            included: headers_beside(&source)?,
            source,
            ..Self::default()
        };
        for line in text.lines() {
            let Some((_, said)) = line.split_once("//@ ") else {
                continue;
            };
            let words = |text: &str| -> Vec<String> {
                text.split_whitespace().map(str::to_owned).collect()
            };
            match said.split_once(':') {
                Some(("machine", name)) => part.machine = Some(name.trim().to_owned()),
                Some(("options", options)) => {
                    part.options = words(options).into_iter().map(OsString::from).collect();
                }
                Some(("flavours", names)) => part.flavours = words(names),
                _ => bail!("{}: `{said}` is not understood", part.source.display()),
            }
        }
        Ok(part)
    }

    fn runs_on(&self, machine: &Machine) -> bool {
        self.machine
            .as_deref()
            .is_none_or(|only| only == machine.name)
    }

    fn wants(&self, flavour: &Flavour) -> bool {
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => flavour.name.starts_with(beginning),
            None => flavour.name == pattern,
        };
        self.flavours.is_empty() || self.flavours.iter().any(matches)
    }
}

/// The programs in `directory`, in the order of their names. What needs more than its own sources is left to others.
fn read_programs(directory: &Path) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for path in entries(directory)? {
        let name = stem(&path);
        if path.is_dir() && name != packages::ZLIB {
            let parts = sources(&path)?
                .into_iter()
                .map(|source| Part::read(Some(stem(&source)), source))
                .collect::<Result<Vec<_>>>()?;
            let libraries = libraries::read(&path)?;
            programs.push(Program {
                name,
                parts,
                libraries,
            });
        } else if Language::of(&path).is_some() {
            programs.push(Program {
                name,
                parts: vec![Part::read(None, path)?],
                ..Program::default()
            });
        }
    }
    Ok(programs)
}

/// The sources in `directory`, in the order of their names.
pub(super) fn sources(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = entries(directory)?;
    paths.retain(|path| Language::of(path).is_some());
    Ok(paths)
}

/// The headers in the folder of `source` and the one above it, since any of them may be included.
fn headers_beside(source: &Path) -> Result<Vec<PathBuf>> {
    let mut headers = Vec::new();
    for folder in source.ancestors().skip(1).take(2) {
        headers.extend(
            entries(folder)?
                .into_iter()
                .filter(|path| path.extension().is_some_and(|extension| extension == "h")),
        );
    }
    Ok(headers)
}

pub(super) fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = directory
        .read_dir()
        .with_context(|| format!("cannot read {}", directory.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

pub(super) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Made, Part, modules_dir, read_programs};
    use crate::machines::{MACHINES, X86_64};

    #[test]
    fn every_program_has_flavours_on_some_machine() {
        for program in read_programs(&modules_dir()).unwrap() {
            let total: usize = MACHINES
                .iter()
                .map(|machine| program.flavours(machine).unwrap().len())
                .sum();
            assert!(total > 0, "{}", program.name);
        }
    }

    #[test]
    fn a_pattern_with_a_star_stands_for_all_that_begin_so() {
        let part = Part {
            flavours: vec!["gcc-pic-*".to_owned(), "clang-O2".to_owned()],
            ..Part::default()
        };
        let wanted: Vec<&str> = super::super::FLAVOURS
            .iter()
            .filter(|flavour| part.wants(flavour))
            .map(|flavour| flavour.name)
            .collect();
        assert_eq!(wanted, ["gcc-pic-O0", "gcc-pic-O3", "clang-O2"]);
    }

    #[test]
    fn objects_are_named_by_program_part_and_flavour() {
        let programs = read_programs(&modules_dir()).unwrap();
        let names = |program: &str| -> Vec<String> {
            let program = programs.iter().find(|known| known.name == program).unwrap();
            let flavour = program.flavours(&X86_64).unwrap()[0];
            let jobs = program
                .jobs(flavour, &modules_dir(), &Made::default())
                .unwrap();
            jobs.into_iter().map(|job| job.member.name).collect()
        };
        assert_eq!(names("hello"), ["hello.gcc-default.o"]);
        assert_eq!(
            names("mixed_languages"),
            [
                "mixed_languages.describe.gcc-default.o",
                "mixed_languages.main.gcc-default.o",
                "mixed_languages.sum.gcc-default.o"
            ]
        );
    }
}
