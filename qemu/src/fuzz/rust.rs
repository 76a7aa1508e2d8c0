//! Finds what instruments the targets: cargo-fuzz, and a compiler that takes its `-Z` flags.
//!
//! The compilers, in order: the newest nightly that rustup has and that is new enough; else the one that runs us, to which
//! `RUSTC_BOOTSTRAP` opens the flags. Which one was taken is said. Nothing that ships is built by it.

use crate::setup::rust::LOWEST_RUST;
use crate::setup::{Version, last_lines};
use crate::{process, report};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A compiler that instruments, by way of cargo-fuzz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuzzRust {
    /// The nightly toolchain of rustup's; `None` for the compiler that runs us.
    toolchain: Option<String>,
    /// The target that it compiles for: this machine.
    pub host: String,
    /// Whether the address sanitizer came with it.
    has_address_sanitizer: bool,
}

impl FuzzRust {
    /// Finds a compiler, and installs cargo-fuzz if it is missing.
    ///
    /// # Errors
    /// cargo-fuzz is missing and can't be installed, or the compiler does not say what it is.
    pub fn find() -> Result<Self> {
        ensure_cargo_fuzz()?;
        let toolchain = nightly();
        let said = rustc(toolchain.as_deref(), &["-vV"])?;
        let host = said.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("rustc -vV names no host")?.to_owned();
        let libraries = rustc(toolchain.as_deref(), &["--print", "target-libdir"])?;
        let rust = Self {
            has_address_sanitizer: has_address_sanitizer(Path::new(libraries.trim())),
            toolchain,
            host,
        };
        let version = said.lines().next().unwrap_or_default();
        let way = match rust.toolchain {
            Some(_) => "a nightly of rustup's",
            None => "RUSTC_BOOTSTRAP=1, since rustup has no nightly that is new enough",
        };
        report::say(format!("instrumented by {version} ({way})"));
        if !rust.has_address_sanitizer {
            report::say(
                "the address sanitizer did not come with it: checks of memory are left out",
            );
        }
        Ok(rust)
    }

    /// Builds one target, below `folder`.
    pub(super) fn build(&self, target: &str, folder: &Path) -> Result<()> {
        let mut cargo = self.cargo();
        cargo.args(["fuzz", "build", "--target", &self.host, "--sanitizer"]);
        cargo.arg(if self.has_address_sanitizer {
            "address"
        } else {
            "none"
        });
        cargo.arg("--fuzz-dir").arg(super::package());
        cargo.arg("--target-dir").arg(folder).arg(target);
        process::run(&mut cargo)
    }

    fn cargo(&self) -> Command {
        let mut cargo = by_toolchain(self.toolchain.as_deref(), "cargo");
        if self.toolchain.is_none() {
            cargo.env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("CARGO_TARGET_DIR");
        cargo.current_dir(super::package());
        cargo
    }
}

/// Sees to it that `cargo fuzz` works.
fn ensure_cargo_fuzz() -> Result<()> {
    let works = || {
        let output = process::output(process::cargo().args(["fuzz", "--version"]));
        output.is_ok_and(|output| output.status.success())
    };
    if works() {
        return Ok(());
    }
    let step = report::begin("installing cargo-fuzz (cargo install --locked cargo-fuzz)");
    let output = process::output(process::cargo().args(["install", "--locked", "cargo-fuzz"]));
    drop(step);
    let output = output?;
    if !works() {
        bail!(
            "`cargo fuzz` is missing; `cargo install --locked cargo-fuzz` was tried:\n{}",
            last_lines(&String::from_utf8_lossy(&output.stderr), 5)
        );
    }
    Ok(())
}

/// The nightly toolchain to take, if rustup has one that is new enough.
fn nightly() -> Option<String> {
    let output = process::output(Command::new("rustup").args(["toolchain", "list"])).ok()?;
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = |name: &str| {
        let said = rustc(Some(name), &["--version"]).ok()?;
        Version::in_text(&said).filter(|version| *version >= LOWEST_RUST)
    };
    nightlies(&list)
        .filter_map(|name| Some((version(name)?, name)))
        .max_by_key(|(version, _)| *version)
        .map(|(_, name)| name.to_owned())
}

/// The nightly toolchains in rustup's list.
fn nightlies(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| name.starts_with("nightly"))
}

/// What `rustc` of a toolchain says.
fn rustc(toolchain: Option<&str>, arguments: &[&str]) -> Result<String> {
    let mut command = by_toolchain(toolchain, "rustc");
    let output = process::output(command.args(arguments))?;
    if !output.status.success() {
        bail!("`{}` failed", process::command_line(&command));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program of a toolchain of rustup's, or else of the one that runs us.
fn by_toolchain(toolchain: Option<&str>, program: &str) -> Command {
    match toolchain {
        Some(name) => {
            let mut rustup = Command::new("rustup");
            // The cargo that runs us told where it is.
            rustup.args(["run", name, program]).env_remove("CARGO");
            rustup
        }
        None if program == "cargo" => process::cargo(),
        None => Command::new(
            std::env::var_os("RUSTC").map_or_else(|| PathBuf::from(program), PathBuf::from),
        ),
    }
}

/// Whether a toolchain's folder of libraries has the sanitizer's runtime.
fn has_address_sanitizer(libraries: &Path) -> bool {
    libraries.read_dir().is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().contains("rt.asan."))
    })
}

#[cfg(test)]
mod tests {
    use super::nightlies;

    #[test]
    fn nightlies_are_found_in_rustups_list() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n\
                    nightly-x86_64-unknown-linux-gnu\nnightly-2026-01-01-x86_64-unknown-linux-gnu\n";
        assert_eq!(
            nightlies(list).collect::<Vec<_>>(),
            [
                "nightly-x86_64-unknown-linux-gnu",
                "nightly-2026-01-01-x86_64-unknown-linux-gnu"
            ]
        );
    }
}
