//! `setup`: installs all that any command may need.

use super::{chosen, machine_parser};
use crate::image::work_folder;
use crate::machines::Machine;
use crate::setup::rust::{self, TargetRust};
use crate::{report, setup};
use anyhow::Result;
use std::process::ExitCode;

/// Install what is missing: QEMU, compilers, linker, Rust for the bare machines.
///
/// The other commands do so too, each for what it needs itself.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// For this machine only
    #[arg(long, value_name = "ARCH", value_parser = machine_parser())]
    pub arch: Option<&'static Machine>,
}

/// Runs the command.
///
/// # Errors
/// Something is missing and could not be installed.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let machines = chosen(arguments.arch);
    let tools = machines.iter().copied().flat_map(setup::all_tools);
    setup::ensure(&tools.collect::<Vec<_>>())?;
    rust::forget_failures(&work_folder())?;
    let mut targets = machines
        .iter()
        .flat_map(|machine| [machine.kernel_target, machine.module_target])
        .collect::<Vec<_>>();
    targets.dedup();
    for target in targets {
        report::say(rust::describe(&TargetRust::find(target, &work_folder())?));
    }
    report::say("everything is there");
    Ok(ExitCode::SUCCESS)
}
