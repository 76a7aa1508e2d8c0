//! Builds the images that are booted: programs of this workspace, for a machine without an operating system.

use crate::machines::Machine;
use crate::setup::rust::TargetRust;
use crate::{process, report};
use anyhow::{Context, Result, ensure};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An image, and the package that it is the program of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// The kernel that runs programs.
    Kernel,
    /// The same, with a compiler inside: what it takes minutes to build, only who needs it builds.
    KernelWithCompiler,
    /// The kernel that runs its own tests.
    Tests,
    /// The kernel that tests the compiler inside.
    TestsWithCompiler,
}

impl Image {
    /// All images.
    pub const ALL: [Self; 4] = [
        Self::Kernel,
        Self::Tests,
        Self::KernelWithCompiler,
        Self::TestsWithCompiler,
    ];

    /// The package that has it.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Kernel | Self::KernelWithCompiler => "ironlink-kernel",
            Self::Tests | Self::TestsWithCompiler => "ironlink-tests",
        }
    }

    /// The program's name.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Kernel => "ironlink-kernel",
            Self::KernelWithCompiler => "ironlink-kernel-with-compiler",
            Self::Tests => "ironlink-kernel-tests",
            Self::TestsWithCompiler => "ironlink-kernel-tests-with-compiler",
        }
    }

    /// The features of its package that it is built with.
    #[must_use]
    pub fn features(self) -> &'static [&'static str] {
        match self {
            Self::Kernel | Self::Tests => &[],
            Self::KernelWithCompiler | Self::TestsWithCompiler => &["cranelift"],
        }
    }

    /// What cargo is told to build, check or lint it.
    #[must_use]
    pub fn cargo_arguments(self) -> Vec<&'static str> {
        let mut arguments = vec!["--package", self.package(), "--bin", self.program()];
        for feature in self.features() {
            arguments.extend(["--features", feature]);
        }
        arguments
    }

    /// Builds it for `machine` and returns its file. It wants the tools of [`crate::setup::boot_tools`].
    ///
    /// # Errors
    /// No Rust for the machine is to be had, or the sources do not compile.
    pub fn build(self, machine: &'static Machine) -> Result<PathBuf> {
        self.build_in(machine, &target_folder())
    }

    /// Builds it for `machine` in a folder where nothing is built yet, and returns how long that took. Nothing stays.
    ///
    /// # Errors
    /// As those of [`Self::build`], or the folder can't be removed.
    pub fn build_from_nothing(self, machine: &'static Machine) -> Result<Duration> {
        let folder = work_folder().join(format!("build-time-{}", std::process::id()));
        let start = Instant::now();
        let built = self.build_in(machine, &folder);
        let time = start.elapsed();
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
        built.map(|_| time)
    }

    fn build_in(self, machine: &'static Machine, folder: &Path) -> Result<PathBuf> {
        let rust = TargetRust::find(machine.kernel_target, &work_folder())?;
        report::say(format!("building {} for {}", self.program(), machine.name));
        let mut cargo = rust.cargo();
        cargo.arg("build").args(rust.cargo_arguments()).args([
            "--release",
            "--target",
            machine.kernel_target,
        ]);
        cargo
            .args(self.cargo_arguments())
            .current_dir(workspace())
            .arg("--target-dir")
            .arg(folder);
        process::run(&mut cargo)?;
        let file = folder
            .join(machine.kernel_target)
            .join("release")
            .join(self.program());
        ensure!(
            file.is_file(),
            "cargo built {} but {} is not there",
            self.program(),
            file.display()
        );
        Ok(file)
    }
}

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    // This package's folder lies directly in it.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// Cargo's folder for what it builds.
#[must_use]
pub fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(
        || workspace().join("target"),
        |folder| workspace().join(folder),
    )
}

/// The folder for what we make ourselves: objects, packed modules, notes.
#[must_use]
pub fn work_folder() -> PathBuf {
    target_folder().join("xtask")
}
