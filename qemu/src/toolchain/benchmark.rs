//! What the comparison with other linkers loads: one object each, by clang at `-O2 -fPIC`, of libraries that Cargo packages
//! bring and of generated sources.
//!
//! Libraries of several sources are joined by GNU's linker, as one would join them for a linker that takes one object: LLVM's
//! leaves addends where relocations are, which some refuse.

use super::corpus::{self, Member, lock, objects_dir};
use super::{Compiler, Flavour, Language, cache, command, generated, packages, rust};
use crate::machines::Machine;
use crate::report;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An object to be.
struct Subject {
    name: &'static str,
    source: Source,
    flavour: &'static Flavour,
}

/// What an object is made of.
enum Source {
    /// A C library, by its name.
    Library(&'static str),
    /// A crate of Rust, `regex-automata`, all of it in one codegen unit.
    Crate,
    /// C++ with so many instances of each of its templates.
    Templates(u32),
    /// So many functions of five relocations each.
    Functions { count: u32, is_apart: bool },
}

const fn by_clang(name: &'static str, options: &'static [&'static str]) -> Flavour {
    Flavour {
        name,
        compiler: Compiler::Clang,
        options,
        machine: None,
    }
}

static PLAIN: Flavour = by_clang("plain", &["-O2", "-fPIC"]);
static SECTIONS: Flavour = by_clang(
    "sections",
    &["-O2", "-fPIC", "-ffunction-sections", "-fdata-sections"],
);
static DEBUG: Flavour = by_clang("debug", &["-O2", "-fPIC", "-g"]);
static CRATE: Flavour = Flavour {
    name: "crate",
    compiler: Compiler::Rustc,
    options: &["-Copt-level=2", "-Crelocation-model=pic"],
    machine: None,
};

const fn library(name: &'static str, of: &'static str, flavour: &'static Flavour) -> Subject {
    Subject {
        name,
        source: Source::Library(of),
        flavour,
    }
}

const fn functions(name: &'static str, count: u32, is_apart: bool) -> Subject {
    Subject {
        name,
        source: Source::Functions { count, is_apart },
        flavour: &PLAIN,
    }
}

/// The objects that a quick look takes, and the kernel.
pub const QUICK: [&str; 4] = ["zlib", "lua", "flat-1k", "apart-1k"];

/// All of them, in the order in which they are shown.
static SUBJECTS: &[Subject] = &[
    library("zlib", "zlib", &PLAIN),
    library("zlib-sections", "zlib", &SECTIONS),
    library("lua", "lua", &PLAIN),
    library("lua-sections", "lua", &SECTIONS),
    library("zstd", "zstd", &PLAIN),
    library("zstd-sections", "zstd", &SECTIONS),
    library("sqlite", "sqlite", &PLAIN),
    library("sqlite-sections", "sqlite", &SECTIONS),
    library("sqlite-debug", "sqlite", &DEBUG),
    Subject {
        name: "rust",
        source: Source::Crate,
        flavour: &CRATE,
    },
    Subject {
        name: "cxx-comdat",
        source: Source::Templates(1500),
        flavour: &PLAIN,
    },
    functions("flat-1k", 1_000, false),
    functions("flat-10k", 10_000, false),
    functions("flat-100k", 100_000, false),
    functions("apart-1k", 1_000, true),
    functions("apart-10k", 10_000, true),
    functions("apart-100k", 100_000, true),
];

/// What the objects are called.
#[must_use]
pub fn names() -> Vec<&'static str> {
    SUBJECTS.iter().map(|subject| subject.name).collect()
}

/// The objects whose names `is_wanted`, each called by its name alone.
///
/// # Errors
/// A compiler is missing or refuses a source, or a package isn't there.
pub fn objects(machine: &'static Machine, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<Member>> {
    let _lock = lock(machine)?;
    let directory = objects_dir(machine).join("benchmark");
    command::create_dir(&directory)?;
    let wanted = SUBJECTS.iter().filter(|subject| is_wanted(subject.name));
    let wanted: Vec<&Subject> = wanted.collect();
    let _step = report::begin(format!(
        "{} objects to measure for {}",
        wanted.len(),
        machine.name
    ));
    let mut members = Vec::new();
    for subject in wanted {
        members.push(Member {
            name: subject.name.to_owned(),
            path: subject.make(machine, &directory)?,
        });
    }
    Ok(members)
}

impl Subject {
    fn make(&self, machine: &'static Machine, directory: &Path) -> Result<PathBuf> {
        let object = directory.join(self.name).with_extension("o");
        let source = match self.source {
            Source::Library(name) => {
                let folder = directory.join(self.name);
                let parts = self.parts(machine, &packages::sources_of(name)?, &folder)?;
                join(machine, &parts, &object)?;
                return Ok(object);
            }
            Source::Crate => {
                self.compile_crate(machine, directory, &object)?;
                return Ok(object);
            }
            Source::Templates(count) => {
                let text = generated::templates(count)?;
                generated::source(self.name, "cpp", &text, directory)?
            }
            Source::Functions { count, is_apart } => {
                let text = generated::functions(machine, count, is_apart)?;
                generated::source(self.name, "s", &text, directory)?
            }
        };
        compile(machine, &source, self.flavour, &object)?;
        Ok(object)
    }

    fn parts(
        &self,
        machine: &'static Machine,
        sources: &[PathBuf],
        folder: &Path,
    ) -> Result<Vec<PathBuf>> {
        command::create_dir(folder)?;
        let object = |source: &PathBuf| {
            let name = corpus::stem(source);
            folder.join(name).with_extension("o")
        };
        cache::for_each(sources, |source| {
            compile(machine, source, self.flavour, &object(source))
        })?;
        Ok(sources.iter().map(object).collect())
    }

    /// Compiles the crate, and the one that it uses, as cargo would with few of its features.
    fn compile_crate(
        &self,
        machine: &'static Machine,
        directory: &Path,
        object: &Path,
    ) -> Result<()> {
        const FEATURES: [&str; 10] = [
            "alloc",
            "syntax",
            "meta",
            "nfa-thompson",
            "nfa-pikevm",
            "nfa-backtrack",
            "dfa-build",
            "dfa-search",
            "dfa-onepass",
            "hybrid",
        ];
        let root = |package: &str| -> Result<PathBuf> {
            Ok(packages::package_dir(package)?.join("src/lib.rs"))
        };
        let used = directory.join("libregex_syntax.rlib");
        let mut rustc = rust::library(machine)?.rustc_of_edition("2021");
        rustc.args(["--crate-type=rlib", "--crate-name=regex_syntax"]);
        rustc.args(self.flavour.options).arg("--cap-lints=allow");
        rustc.arg("-o").arg(&used);
        let source = root("regex-syntax")?;
        run(rustc.arg(&source), &[source], &used)?;

        let mut rustc = rust::library(machine)?.rustc_of_edition("2021");
        rustc.args(["--crate-type=lib", "--crate-name=regex_automata"]);
        rustc.args(["--emit=obj", "-Ccodegen-units=1"]);
        rustc.args(self.flavour.options).arg("--cap-lints=allow");
        for feature in FEATURES {
            rustc.arg("--cfg").arg(format!("feature=\"{feature}\""));
        }
        rustc
            .arg("--extern")
            .arg(format!("regex_syntax={}", used.display()));
        rustc.arg("-o").arg(object);
        let source = root("regex-automata")?;
        run(rustc.arg(&source), &[source, used], object)
    }
}

fn compile(
    machine: &'static Machine,
    source: &Path,
    flavour: &Flavour,
    object: &Path,
) -> Result<()> {
    let mut command = command::command(machine, source, flavour, &[], object)?;
    run(&mut command, &[source.to_owned()], object)
}

fn join(machine: &Machine, parts: &[PathBuf], object: &Path) -> Result<()> {
    let mut linker = command::c_compiler(machine, Compiler::Gcc, Language::C);
    linker
        .args(["-r", "-nostdlib", "-o"])
        .arg(object)
        .args(parts);
    run(&mut linker, parts, object)
}

fn run(command: &mut Command, inputs: &[PathBuf], output: &Path) -> Result<()> {
    cache::make(command, inputs, output, |command| {
        command::run(command).map(|_| ())
    })
}

#[cfg(test)]
mod tests {
    use super::objects;
    use crate::machines::X86_64;

    #[test]
    fn functions_have_five_relocations_each() {
        use object::{Object, ObjectSection};
        let members = objects(&X86_64, |name| name == "apart-1k").unwrap();
        let bytes = std::fs::read(&members[0].path).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let of_function = |name: &str| name.starts_with(".text.function_");
        let counts: Vec<usize> = file
            .sections()
            .filter(|section| section.name().is_ok_and(of_function))
            .map(|section| section.relocations().count())
            .collect();
        assert_eq!(counts, [5; 1000]);
    }
}
