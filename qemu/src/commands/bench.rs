//! `bench`: measures loading, in instructions inside the kernel and in nanoseconds on the host, there beside cranelift-jit.

use super::qemu_test::pack_members;
use super::{chosen, machine_parser, parse_seconds, show};
use crate::boot::{Boot, Clock};
use crate::figures::Figures;
use crate::image::Image;
use crate::judge::judge;
use crate::machines::Machine;
use crate::process;
use crate::toolchain::corpus;
use crate::{report, setup};
use anyhow::{Result, bail};
use ironlink_kernel::protocol::{Event, Record};
use std::process::ExitCode;
use std::time::Duration;

/// Measure loading: instructions inside the kernel, nanoseconds on the host.
///
/// QEMU counts instructions (`-icount shift=0`), so the numbers repeat exactly, whatever this machine does besides.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Measure on this machine only
    #[arg(long, value_name = "ARCH", value_parser = machine_parser())]
    pub arch: Option<&'static Machine>,

    /// How long each machine may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "600")]
    pub timeout: Duration,
}

/// Runs the command.
///
/// # Errors
/// An image could not be built or booted, or it measured nothing.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut figures = Figures::new();
    for machine in chosen(arguments.arch) {
        figures.begin_column(machine.name);
        measure(machine, arguments.timeout, &mut figures)?;
    }
    if figures.is_empty() {
        bail!("the kernel measured nothing");
    }
    println!("{figures}\n");
    measure_on_host()?;
    Ok(ExitCode::SUCCESS)
}

/// What the host measures, by package and bench: the same objects; and functions made at run time, beside cranelift-jit.
const HOST_BENCHES: [(&str, &str); 2] =
    [("ironlink-tests", "host_load"), ("ironlink-peers", "link")];

/// Has the host measure, in nanoseconds.
fn measure_on_host() -> Result<()> {
    for (package, bench) in HOST_BENCHES {
        report::say(format!("measuring on the host: {bench} of {package}"));
        let mut command = process::cargo();
        command.args(["bench", "--quiet", "--package", package, "--bench", bench]);
        process::run(&mut command)?;
    }
    Ok(())
}

/// Has the kernel measure on `machine`, counting instructions.
fn measure(machine: &'static Machine, time_limit: Duration, figures: &mut Figures) -> Result<()> {
    setup::ensure(&setup::all_tools(machine))?;
    let initrd = pack_members("bench", machine, corpus::bench_objects(machine)?)?;
    let image = Image::Tests.build(machine)?;
    let board = machine.usual_board();
    report::say(format!("measuring on {}, {}", machine.name, board.name));
    let boot = Boot {
        machine,
        board,
        kernel: &image,
        initrd: Some(&initrd),
        command_line: "bench",
        memory_mib: machine.memory_mib,
        clock: Clock::Instructions,
        time_limit,
    };
    let status = judge(&boot, |event| {
        match &event {
            Event::Record(Record::Figure { name, value }) => figures.add(name, *value),
            event => show(event),
        }
        Ok(())
    })?;
    if status != 0 {
        bail!("the kernel ended its measurements with status {status}");
    }
    Ok(())
}
