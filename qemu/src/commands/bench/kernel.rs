//! Inside the kernel: programs, the same objects that the host loads, and functions made at run time, in instructions that QEMU
//! counts; and what an object takes here as a multiple of what it takes on the host.

use super::{Arguments, compiler, host};
use crate::boot::{Boot, Clock};
use crate::commands::show;
use crate::figures::Figures;
use crate::image::{Image, work_folder};
use crate::judge::judge;
use crate::machines::Machine;
use crate::pack::Pack;
use crate::toolchain::{benchmark, corpus};
use crate::{report, setup};
use anyhow::{Context, Result, bail};
use ironlink_kernel::protocol::{Event, Record};
use object::{Object, ObjectSymbol};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the kernel calls the figure that is compared with the host's count.
const LINKING: &str = ": instructions to link";

/// Measures on each machine, and prints a table.
pub(super) fn measure(machines: &[&'static Machine], arguments: &Arguments) -> Result<()> {
    let time_limit = arguments.timeout;
    let (mut figures, mut ratios) = (Figures::new(), Vec::new());
    for machine in machines {
        figures.begin_column(machine.name);
        let counts = host::counts(machine)?;
        setup::ensure(&setup::all_tools(machine))?;
        let initrd = pack(machine)?;
        measure_on(machine, Image::Tests, &initrd, time_limit, |name, value| {
            figures.add(name, value);
            let object = name.strip_prefix("object ");
            let object = object.and_then(|rest| rest.strip_suffix(LINKING));
            let count = counts.iter().find(|(known, _)| Some(&**known) == object);
            if let Some((object, count)) = count {
                let ratio = value as f64 / *count as f64;
                ratios.push(format!(
                    "{object}, {}: {ratio:.2} times the host's {count}",
                    machine.name
                ));
            }
        })?;
        let (image, initrd) = (Image::TestsWithCompiler, compiler::pack_text(machine)?);
        measure_on(machine, image, &initrd, time_limit, |name, value| {
            figures.add(name, value);
        })?;
        compiler::compare_kernels(machine, arguments.build_time, &mut figures)?;
    }
    if figures.is_empty() {
        bail!("the kernel measured nothing");
    }
    println!("{figures}\n");
    if !ratios.is_empty() {
        println!(
            "instructions to link, page tables and the bytes themselves apart\n{}\n",
            ratios.join("\n")
        );
    }
    Ok(())
}

/// Has an image measure on `machine`.
fn measure_on(
    machine: &'static Machine,
    image: Image,
    initrd: &Path,
    time_limit: Duration,
    mut tell: impl FnMut(&str, u64),
) -> Result<()> {
    let image = image.build(machine)?;
    let board = machine.usual_board();
    report::say(format!("measuring on {}, {}", machine.name, board.name));
    let boot = Boot {
        machine,
        board,
        kernel: &image,
        initrd: Some(initrd),
        command_line: "bench",
        memory_mib: machine.memory_mib,
        clock: Clock::Instructions,
        time_limit,
    };
    let status = judge(&boot, |event| {
        match &event {
            Event::Record(Record::Figure { name, value }) => tell(name, *value),
            event => show(event),
        }
        Ok(())
    })?;
    if status != 0 {
        bail!("the kernel ended its measurements with status {status}");
    }
    Ok(())
}

/// Packs programs, and the objects with the names that they miss.
fn pack(machine: &'static Machine) -> Result<PathBuf> {
    let mut pack = Pack::new();
    for member in corpus::bench_objects(machine)? {
        pack.add_file_as(member.name, &member.path)?;
    }
    for member in benchmark::objects(machine, |name| benchmark::QUICK.contains(&name))? {
        let path = &member.path;
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let names = missing_names(&bytes)?;
        pack.add(format!("{}.names", member.name), names.into_bytes());
        pack.add(format!("{}.object", member.name), bytes);
    }
    let file = work_folder().join(machine.name).join("bench.initrd");
    pack.write(&file)?;
    Ok(file)
}

/// The names that an object misses, a line each.
fn missing_names(bytes: &[u8]) -> Result<String> {
    let file = object::File::parse(bytes)?;
    let missing = file.symbols().filter(|symbol| symbol.is_undefined());
    let names = missing.filter_map(|symbol| symbol.name().ok());
    let mut names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    // The linker defines this one by itself.
    names.retain(|name| *name != "_GLOBAL_OFFSET_TABLE_");
    names.sort_unstable();
    names.dedup();
    Ok(names.join("\n"))
}
