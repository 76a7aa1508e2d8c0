//! `bench`: measures loading, on the host beside other linkers, and inside the kernel, there in instructions alone, as it does
//! compiling; and what the compiler adds to the kernel.

mod compiler;
mod host;
mod kernel;

use super::{chosen, machine_parser, parse_seconds};
use crate::machines::Machine;
use anyhow::Result;
use std::process::ExitCode;
use std::time::Duration;

/// Measure loading: time and instructions on the host, beside other linkers; instructions inside the kernel.
///
/// QEMU counts instructions (`-icount shift=0`), so the numbers repeat exactly, whatever this machine does besides. On the
/// host valgrind counts them, where it is installed. Reports are written to `target/bench`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Measure on this machine only
    #[arg(long, value_name = "ARCH", value_parser = machine_parser())]
    pub arch: Option<&'static Machine>,

    /// Measure on the host only
    #[arg(long)]
    pub host: bool,

    /// Measure few rounds of few objects on the host, and no other benches
    #[arg(long)]
    pub quick: bool,

    /// Load these objects on the host only, by name
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub objects: Vec<String>,

    /// Use linkers only whose names begin so
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub linkers: Vec<String>,

    /// How long each machine may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "600")]
    pub timeout: Duration,

    /// Also show how many seconds it takes to build the kernel from nothing, with the compiler and without: some minutes
    #[arg(long, conflicts_with = "host")]
    pub build_time: bool,
}

/// Runs the command.
///
/// # Errors
/// An image could not be built or booted, or it measured nothing.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let machines = chosen(arguments.arch);
    for machine in &machines {
        host::compare(machine, arguments)?;
    }
    if !arguments.host {
        kernel::measure(&machines, arguments)?;
    }
    if !arguments.host && !arguments.quick {
        host::run_benches()?;
    }
    Ok(ExitCode::SUCCESS)
}
