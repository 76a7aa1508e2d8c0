//! `bench`: measures loading, in instructions inside the kernel, and on the host beside other linkers.

use super::qemu_test::pack_members;
use super::{chosen, machine_parser, parse_seconds, show};
use crate::boot::{Boot, Clock};
use crate::figures::Figures;
use crate::image::{Image, target_folder, workspace};
use crate::judge::judge;
use crate::machines::Machine;
use crate::process;
use crate::toolchain::{benchmark, corpus, jitlink};
use crate::{report, setup};
use anyhow::{Result, bail};
use ironlink_kernel::protocol::{Event, Record};
use std::process::ExitCode;
use std::time::Duration;

/// Measure loading: instructions inside the kernel; time and instructions on the host, beside other linkers.
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

    /// Measure few rounds of few objects on the host
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
}

/// Runs the command.
///
/// # Errors
/// An image could not be built or booted, or it measured nothing.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !arguments.host {
        measure_in_kernel(arguments)?;
    }
    for machine in chosen(arguments.arch) {
        compare(machine, arguments)?;
    }
    if !arguments.host {
        measure_on_host()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure_in_kernel(arguments: &Arguments) -> Result<()> {
    let mut figures = Figures::new();
    for machine in chosen(arguments.arch) {
        figures.begin_column(machine.name);
        measure(machine, arguments.timeout, &mut figures)?;
    }
    if figures.is_empty() {
        bail!("the kernel measured nothing");
    }
    println!("{figures}\n");
    Ok(())
}

/// The objects that a quick look takes.
const QUICK: [&str; 3] = ["zlib", "lua", "flat-1k"];

/// Has the host load objects for `machine` with each linker.
fn compare(machine: &'static Machine, arguments: &Arguments) -> Result<()> {
    setup::ensure(&setup::compilers(machine))?;
    let is_wanted = |name: &str| match &*arguments.objects {
        [] => !arguments.quick || QUICK.contains(&name),
        names => names.iter().any(|wanted| wanted == name),
    };
    let objects = benchmark::objects(machine, is_wanted)?;
    if objects.is_empty() {
        bail!("no object is called so: {}", benchmark::names().join(", "));
    }
    report::say(format!("linking for {} on the host", machine.name));
    let mut command = process::cargo();
    command.current_dir(workspace());
    command.args(["run", "--quiet", "--release", "--package", "ironlink-bench"]);
    command.args(["--features", "peers"]);
    command.arg("--target-dir").arg(target_folder());
    command.args(["--", "compare", "--name", machine.name, "--out"]);
    command.arg(target_folder().join("bench"));
    if arguments.quick {
        command.arg("--quick");
    }
    if !arguments.linkers.is_empty() {
        command.arg("--linkers").arg(arguments.linkers.join(","));
    }
    command.args(objects.iter().map(|object| &object.path));
    if let Some(library) = jitlink::library()? {
        command.env("IRONLINK_BENCH_JITLINK", library);
    }
    process::run(&mut command)
}

/// What else the host measures, by package and bench: programs of the corpus; and functions made at run time, beside
/// cranelift-jit.
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
