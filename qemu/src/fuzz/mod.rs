//! Fuzzing: what `tests/fuzz` needs to be built ([`rust`]), what its targets begin with ([`seeds`]), and what the engine
//! says while it works ([`engine`]).

pub mod engine;
pub mod rust;
pub mod seeds;

use crate::machines::MACHINES;
use crate::{image, setup};
use seeds::Seeds;

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;

/// What can be fuzzed.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name, and that of its program.
    pub name: &'static str,
    /// What it does with an input, for people.
    pub purpose: &'static str,
    /// What it begins with.
    pub seeds: Seeds,
}

/// All that can be fuzzed.
pub const TARGETS: &[Target] = &[
    Target {
        name: "read_object",
        purpose: "the reader alone",
        seeds: Seeds::Objects,
    },
    Target {
        name: "link",
        purpose: "the whole link over a mock memory manager, and unloading",
        seeds: Seeds::Objects,
    },
    Target {
        name: "tool",
        purpose: "the tool, and what it writes",
        seeds: Seeds::Objects,
    },
    Target {
        name: "check",
        purpose: "the language of checks, over bytes of any kind",
        seeds: Seeds::Rules,
    },
];

impl Target {
    /// The target called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Where the inputs are kept that reach something new, from one run to the next.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn corpus_folder(&self) -> Result<PathBuf> {
        folder(&["corpus", self.name])
    }

    /// Where inputs are kept that the target fails on, and what the engine said.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn findings_folder(&self) -> Result<PathBuf> {
        folder(&["findings", self.name])
    }

    /// Builds the target's program.
    ///
    /// # Errors
    /// It does not compile.
    pub fn build(&self, rust: &rust::FuzzRust) -> Result<PathBuf> {
        let built = folder(&["build"])?;
        rust.build(self.name, &built)?;
        let program = built.join(&rust.host).join("release").join(self.name);
        ensure!(
            program.is_file(),
            "cargo-fuzz built {} but {} is not there",
            self.name,
            program.display()
        );
        Ok(program)
    }
}

/// Sees to it that compilers are there: the engine is C++, and seeds are compiled for every machine.
///
/// # Errors
/// One is missing and can't be installed.
pub fn ensure_tools() -> Result<()> {
    let tools = MACHINES.iter().copied().flat_map(setup::all_tools);
    setup::ensure(&tools.collect::<Vec<_>>())
}

/// Where lints and tests of the package are built; the targets themselves are instrumented, and built elsewhere.
#[must_use]
pub fn target_folder() -> PathBuf {
    image::target_folder().join("fuzz")
}

/// The folder of the package with the targets.
#[must_use]
pub fn package() -> PathBuf {
    image::workspace().join("tests/fuzz")
}

/// A folder of ours, which is made if need be.
fn folder(parts: &[&str]) -> Result<PathBuf> {
    let mut path = image::work_folder().join("fuzz");
    path.extend(parts);
    fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}
