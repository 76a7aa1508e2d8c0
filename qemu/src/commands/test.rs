//! `test`: the tests on the host, then those inside the kernel, counted together.

use super::qemu_test::Extent;
use super::{chosen, machine_parser, parse_seconds, qemu_test};
use crate::counts::Counts;
use crate::image::{target_folder, workspace};
use crate::machines::{MACHINES, Machine};
use crate::{fuzz, process, report, setup};
use anyhow::{Context, Result};
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
    let on_host: Counts = [count(workspace)?, count(fuzzing)?].into_iter().sum();
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
