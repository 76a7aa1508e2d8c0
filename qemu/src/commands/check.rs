//! `check`: what continuous integration does.

use super::size;
use super::test::{self, cargo};
use crate::fuzz;
use crate::image::{Image, target_folder, work_folder, workspace};
use crate::machines::{MACHINES, Machine};
use crate::setup::rust::{CoreOrigin, TargetRust};
use crate::setup::{self, rust};
use crate::{process, report};
use anyhow::{Context, Result};
use std::process::{Command, ExitCode};

/// Check everything: formatting, lints on all targets, documentation, then all tests.
///
/// The first check that fails ends it; the tests are all run. The last line of standard output is `N passed, N failed`.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    tests: test::Arguments,
}

/// Runs the command.
///
/// # Errors
/// A check failed, or could not be made.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    rust::ensure_components(&["fmt", "clippy"])?;
    report::say("formatting");
    process::run(cargo().args(["fmt", "--all", "--check"])).context("`cargo fmt` mends it")?;
    report::say("lints for the host");
    process::run(
        cargo()
            .args(["clippy", "--workspace", "--all-targets"])
            .args(["--features", "ironlink-bench/peers", "--target-dir"])
            .arg(target_folder())
            .args(DENY_WARNINGS),
    )?;
    for machine in MACHINES {
        for image in Image::ALL {
            lint(image.program(), &image.cargo_arguments(), machine)?;
        }
        lint(
            size::PACKAGE,
            &["--package", size::PACKAGE, "--bins"],
            machine,
        )?;
    }
    check_fuzz_targets()?;
    report::say("documentation");
    process::run(
        cargo()
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
                "--target-dir",
            ])
            .arg(target_folder())
            .env("RUSTDOCFLAGS", "-Dwarnings"),
    )?;
    test::run(&arguments.tests)
}

const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

/// Lints the fuzz targets, which are a workspace of their own.
fn check_fuzz_targets() -> Result<()> {
    report::say("fuzz targets");
    fuzz::ensure_tools()?;
    let folder = fuzz::target_folder();
    let run = |arguments: &[&str]| {
        let mut cargo = process::cargo();
        cargo.current_dir(fuzz::package()).args(arguments);
        process::run(cargo.env("CARGO_TARGET_DIR", &folder))
    };
    run(&["fmt", "--check"])?;
    run(&["clippy", "--all-targets", "--", "--deny", "warnings"])
}

/// Lints what cargo takes `selection` for, as `machine` has it: each image by itself, since features of one would be the
/// others', too.
fn lint(name: &str, selection: &[&str], machine: &'static Machine) -> Result<()> {
    let rust = TargetRust::find(machine.kernel_target, &work_folder())?;
    report::say(format!("lints of {name} for {}", machine.kernel_target));
    let mut cargo = rust.cargo();
    match rust.core {
        CoreOrigin::Installed => cargo.arg("clippy"),
        CoreOrigin::Sources => {
            // `cargo clippy` is tied to its own toolchain; the driver beside that compiler is called as clippy calls it.
            setup::ensure(&[&rust::PACKAGED_CLIPPY])?;
            lint_by_driver(&mut cargo, rust::PACKAGED_CLIPPY.program);
            cargo.arg("check")
        }
    };
    cargo
        .args(rust.cargo_arguments())
        .args(["--release", "--target", machine.kernel_target])
        .args(selection)
        .current_dir(workspace())
        .arg("--target-dir")
        .arg(target_folder());
    if rust.core == CoreOrigin::Installed {
        cargo.args(DENY_WARNINGS);
    }
    process::run(&mut cargo)
}

/// Lets `cargo check` lint this workspace by clippy's driver, warnings denied.
fn lint_by_driver(cargo: &mut Command, driver: &str) {
    cargo.env("RUSTC_WORKSPACE_WRAPPER", driver);
    cargo.env(
        "CLIPPY_ARGS",
        "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
    );
}
