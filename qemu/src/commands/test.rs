//! `test`: the tests on the host, then those inside the kernel, counted together.

use super::qemu_test::Extent;
use super::{chosen, machine_parser, parse_seconds, qemu_test};
use crate::counts::Counts;
use crate::image::{target_folder, workspace};
use crate::machines::{AARCH64, MACHINES, Machine};
use crate::setup::rust::TargetRust;
use crate::{fuzz, process, report, setup};
use anyhow::{Context, Result};
use std::env::consts;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// Run all tests: those of the host, then those inside the kernel.
///
/// The last line of standard output is `N passed, N failed`, summed over all.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Run the tests inside the kernel on this machine only
    #[arg(long, value_name = "ARCH", value_parser = machine_parser())]
    pub arch: Option<&'static Machine>,

    /// How long each board may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "600")]
    pub timeout: Duration,
}

/// Runs the command.
///
/// # Errors
/// Something could not be built or booted. Failed tests are no error but an exit status of 1.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let machines = chosen(arguments.arch);
    // Whatever is tested inside the kernel, those on the host compile module sources for all machines.
    let tools = MACHINES.iter().copied().flat_map(setup::all_tools);
    setup::ensure(&tools.collect::<Vec<_>>())?;
    report::say("host tests");
    let mut workspace = cargo();
    workspace
        .args(["test", "--workspace", "--no-fail-fast", "--target-dir"])
        .arg(target_folder());
    let mut fuzzing = process::cargo();
    fuzzing
        .current_dir(fuzz::package())
        .args(["test", "--lib", "--target-dir"])
        .arg(fuzz::target_folder());
    let mut on_host: Counts = [count(workspace)?, count(fuzzing)?].into_iter().sum();
    match loader_on_aarch64() {
        Ok(loader) => {
            report::say("host tests of the loader for aarch64");
            on_host += count(loader)?;
        }
        Err(reason) => report::say(format!(
            "host tests of the loader for aarch64: not run, since {reason}"
        )),
    }
    report::say(format!("host: {on_host}"));
    let in_kernel = qemu_test::count(&machines, None, Extent::Usual, arguments.timeout)?;
    report::say(format!("inside the kernel: {in_kernel}"));
    println!("{}", [on_host, in_kernel].into_iter().sum::<Counts>());
    Ok(if on_host.is_success() && in_kernel.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Cargo, set up to run the loader's own tests as programs of Linux on AArch64, or why that is not done.
fn loader_on_aarch64() -> Result<Command, &'static str> {
    const TARGET: &str = "aarch64-unknown-linux-gnu";
    const EMULATOR: &str = "qemu-aarch64";
    if consts::ARCH == AARCH64.name {
        return Err("they are this machine's own");
    }
    process::find_program(EMULATOR).ok_or("there is no `qemu-aarch64`, as of qemu-user")?;
    let rust = TargetRust::at_hand(TARGET)
        .ok_or("`rustup target add aarch64-unknown-linux-gnu` has not been done")?;
    let set = |name: &str| format!("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_{name}");
    let mut cargo = rust.cargo();
    cargo
        .current_dir(workspace())
        .args(["test", "--package", "ironlink", "--lib"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(target_folder())
        .env(set("LINKER"), AARCH64.gnu_compilers().gcc.program)
        .env(set("RUNNER"), EMULATOR)
        // So that nobody must tell the emulator where that machine's C library lies.
        .env(set("RUSTFLAGS"), "-Ctarget-feature=+crt-static");
    Ok(cargo)
}

/// Lets cargo run tests, and counts what they say.
fn count(mut cargo: Command) -> Result<Counts> {
    cargo.stdin(Stdio::null()).stdout(Stdio::piped());
    process::show(&cargo);
    let mut child = cargo
        .spawn()
        .with_context(|| process::cannot_start(&cargo))?;
    let mut counts = Counts::default();
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|pipe| BufReader::new(pipe).split(b'\n'))
    {
        let line = line.context("cannot read what the tests say")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        counts += Counts::in_harness_line(&line).unwrap_or_default();
    }
    let status = child.wait().context("cannot wait for the tests")?;
    if !status.success() && counts.failed == 0 {
        report::say(format!(
            "`cargo test` failed ({status}) though no test did: something was not built, or crashed"
        ));
        counts.failed = 1;
    }
    Ok(counts)
}

/// Cargo, in the workspace.
pub(super) fn cargo() -> Command {
    let mut cargo = process::cargo();
    cargo.current_dir(workspace());
    cargo
}
