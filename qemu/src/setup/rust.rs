//! Finds a way to compile Rust for a target without an operating system.
//!
//! The ways, in order: the target's libraries are installed beside the toolchain; `rustup target add` installs them; a
//! Rust that brings the sources of `core` builds it, which needs `RUSTC_BOOTSTRAP` though our own sources use nothing
//! unstable. Which one was taken is said.

use super::{Packages, Probe, Tool, Version, install_tools, last_lines};
use crate::{process, report};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A Rust compiler that can compile for a target, with what it needs to do so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRust {
    /// The target.
    pub target: &'static str,
    /// The compiler.
    pub rustc: PathBuf,
    /// Where `core` for the target comes from.
    pub core: CoreOrigin,
}

/// Where a target's `core` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreOrigin {
    /// Compiled beforehand, installed beside the compiler.
    Installed,
    /// Compiled by us from the compiler's own sources.
    Sources,
}

/// A Rust with the sources of `core`, as Debian packages it.
static RUST_WITH_SOURCES: Tool = Tool {
    name: "Rust with the sources of its libraries",
    program: PACKAGED_RUSTC,
    probe: Probe::Version,
    lowest: LOWEST_RUST,
    packages: Packages {
        apt: &["rustc-web", "rust-web-src"],
        dnf: &["rust", "rust-src"],
        pacman: &["rust", "rust-src"],
        apk: &["rust", "rust-src"],
        zypper: &["rust", "rust-src"],
        brew: &[],
    },
};

/// The linter that goes with it. The one of a rustup toolchain comes first in `PATH`, so the path is told.
pub static PACKAGED_CLIPPY: Tool = Tool {
    name: "clippy for Rust with sources",
    program: "/usr/bin/clippy-driver",
    probe: Probe::Version,
    lowest: Version(0, 1),
    packages: Packages {
        apt: &["rust-web-clippy"],
        dnf: &["clippy"],
        pacman: &["rust"],
        apk: &["rust-clippy"],
        zypper: &["rust"],
        brew: &[],
    },
};

/// Where packages put the compiler.
const PACKAGED_RUSTC: &str = "/usr/bin/rustc";

/// The `rust-version` of the workspace.
pub const LOWEST_RUST: Version = Version(1, 95);

/// Downloading a target takes seconds; without a network, rustup may wait far longer than anybody would.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

impl TargetRust {
    /// A way to compile for `target`, which is installed if need be.
    ///
    /// `notes` is a folder where it is noted that rustup failed, so that only the first command waits for it.
    ///
    /// # Errors
    /// No way was found; the error says what was tried.
    pub fn find(target: &'static str, notes: &Path) -> Result<Self> {
        let own = own();
        if let Some(found) = Self::installed(target, &own) {
            return Ok(found);
        }
        if add_by_rustup(target, notes)?
            && let Some(found) = Self::installed(target, &own)
        {
            return Ok(found);
        }
        if let Some(found) = Self::with_sources(target, &own) {
            return Ok(found);
        }
        install_tools(&[&RUST_WITH_SOURCES]).with_context(|| {
            format!("no Rust for {target}: `rustup target add {target}` would do, as would a Rust with sources")
        })?;
        Self::with_sources(target, &own).with_context(|| {
            format!("{PACKAGED_RUSTC} is older than {LOWEST_RUST} or has no sources; `rustup target add {target}` would do")
        })
    }

    /// What compiles for `target` without anything being installed or built.
    #[must_use]
    pub fn at_hand(target: &'static str) -> Option<Self> {
        Self::installed(target, &own())
    }

    /// `cargo`, set up to compile for the target. The subcommand and its arguments follow, among them
    /// [`Self::cargo_arguments`].
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut cargo = process::cargo();
        cargo.env("RUSTC", &self.rustc);
        // The user's flags would replace those that the kernel is linked with.
        cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET");
        self.allow_sources(&mut cargo);
        cargo
    }

    /// What the subcommand of [`Self::cargo`] must be told.
    #[must_use]
    pub fn cargo_arguments(&self) -> &'static [&'static str] {
        match self.core {
            CoreOrigin::Installed => &[],
            CoreOrigin::Sources => &["-Zbuild-std=core,alloc"],
        }
    }

    /// Lets a compiler or cargo build `core` from sources where that is the way taken.
    fn allow_sources(&self, command: &mut Command) {
        if self.core == CoreOrigin::Sources {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
    }

    fn installed(target: &'static str, rustc: &Path) -> Option<Self> {
        let libraries = print(rustc, &["target-libdir", "--target", target])?;
        has_core(&libraries).then(|| Self {
            target,
            rustc: rustc.into(),
            core: CoreOrigin::Installed,
        })
    }

    fn with_sources(target: &'static str, own: &Path) -> Option<Self> {
        let has_sources = |rustc: &Path| {
            version(rustc).is_some_and(|version| version >= LOWEST_RUST)
                && print(rustc, &["sysroot"]).is_some_and(|root| {
                    root.join("lib/rustlib/src/rust/library/Cargo.toml")
                        .exists()
                })
        };
        let rustc = [own, Path::new(PACKAGED_RUSTC)]
            .into_iter()
            .find(|rustc| has_sources(rustc))?;
        report::say(format!(
            "{target}: core is built from the sources of {} (RUSTC_BOOTSTRAP=1, for -Zbuild-std alone)",
            rustc.display()
        ));
        Some(Self {
            target,
            rustc: rustc.into(),
            core: CoreOrigin::Sources,
        })
    }
}

/// The compiler that is taken unless it can't compile for a target.
fn own() -> PathBuf {
    env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from)
}

/// Tries `rustup target add`. False if there is no rustup, or it failed now or before.
fn add_by_rustup(target: &str, notes: &Path) -> Result<bool> {
    let note = notes.join(format!("rustup-has-no-{target}"));
    // A compiler that was named by hand is none of rustup's.
    let is_rustups = env::var_os("RUSTC").is_none() && process::find_program("rustup").is_some();
    if !is_rustups || note.exists() {
        return Ok(false);
    }
    let step = report::begin(format!("rustup target add {target}"));
    let outcome = process::output_within(
        Command::new("rustup").args(["target", "add", target]),
        RUSTUP_LIMIT,
    );
    drop(step);
    let trouble = match outcome {
        Ok(output) if output.status.success() => return Ok(true),
        Ok(output) => last_lines(&String::from_utf8_lossy(&output.stderr), 2),
        Err(error) => format!("    {error}"),
    };
    report::say(format!(
        "rustup cannot add {target}; looking for a Rust with sources instead, until \
         `cargo xtask setup` tries again. It said:\n{trouble}"
    ));
    fs::create_dir_all(notes)
        .and_then(|()| fs::write(&note, trouble))
        .with_context(|| format!("cannot write {}", note.display()))?;
    Ok(false)
}

/// Forgets that rustup failed, so that it is tried again.
///
/// # Errors
/// A note is there and cannot be removed.
pub fn forget_failures(notes: &Path) -> Result<()> {
    for machine in crate::machines::MACHINES {
        for target in [machine.kernel_target, machine.module_target] {
            let note = notes.join(format!("rustup-has-no-{target}"));
            if note.exists() {
                fs::remove_file(&note)
                    .with_context(|| format!("cannot remove {}", note.display()))?;
            }
        }
    }
    Ok(())
}

/// Sees to it that `cargo fmt`, `cargo clippy` and the like are there, by rustup if need be.
///
/// # Errors
/// One is missing and rustup cannot add it.
pub fn ensure_components(subcommands: &[&str]) -> Result<()> {
    for subcommand in subcommands {
        let works = || {
            let output = process::output(process::cargo().args([subcommand, "--version"]));
            output.is_ok_and(|output| output.status.success())
        };
        if works() {
            continue;
        }
        let component = if *subcommand == "fmt" {
            "rustfmt"
        } else {
            subcommand
        };
        let step = report::begin(format!("rustup component add {component}"));
        let added = process::output_within(
            Command::new("rustup").args(["component", "add", component]),
            RUSTUP_LIMIT,
        );
        drop(step);
        if !works() {
            let said = added.map_or_else(
                |error| error.to_string(),
                |output| String::from_utf8_lossy(&output.stderr).into(),
            );
            bail!(
                "`cargo {subcommand}` is missing; `rustup component add {component}` was tried:\n{}",
                last_lines(&said, 3)
            );
        }
    }
    Ok(())
}

fn has_core(libraries: &Path) -> bool {
    libraries.read_dir().is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libcore-") && name.ends_with(".rlib")
        })
    })
}

fn print(rustc: &Path, what: &[&str]) -> Option<PathBuf> {
    let output = process::output(Command::new(rustc).arg("--print").args(what)).ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn version(rustc: &Path) -> Option<Version> {
    let output = process::output(Command::new(rustc).arg("--version")).ok()?;
    Version::in_text(&String::from_utf8_lossy(&output.stdout))
}

/// The rustup toolchain or package that `rustc` belongs to, for people: its version line.
#[must_use]
pub fn describe(rust: &TargetRust) -> String {
    let version = process::output(Command::new(&rust.rustc).arg("--version")).map_or_else(
        |_| String::from("unknown version"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    let origin = match rust.core {
        CoreOrigin::Installed => "core installed",
        CoreOrigin::Sources => "core built from sources",
    };
    format!("{}: {version}, {origin}", rust.target)
}

#[cfg(test)]
mod tests {
    use super::{CoreOrigin, TargetRust};
    use crate::process::command_line;

    fn rust(core: CoreOrigin) -> TargetRust {
        TargetRust {
            target: "aarch64-unknown-none",
            rustc: "/usr/bin/rustc".into(),
            core,
        }
    }

    #[test]
    fn unstable_features_are_let_in_only_to_build_core() {
        assert!(!command_line(&rust(CoreOrigin::Installed).cargo()).contains("RUSTC_BOOTSTRAP"));
        assert!(command_line(&rust(CoreOrigin::Sources).cargo()).contains("RUSTC_BOOTSTRAP=1"));
        assert_eq!(
            rust(CoreOrigin::Sources).cargo_arguments(),
            ["-Zbuild-std=core,alloc"]
        );
    }
}
