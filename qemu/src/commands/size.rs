//! `size`: how much code the loader adds to a program.

use super::{chosen, machine_parser};
use crate::figures::Figures;
use crate::image::{target_folder, work_folder, workspace};
use crate::machines::Machine;
use crate::setup::{self, rust::TargetRust};
use crate::size::{Owner, Size};
use crate::{process, report};
use anyhow::{Context, Result};
use std::fs;
use std::process::ExitCode;

/// Show how large the smallest programs are that link an object, by floor of the loader.
///
/// Each is compared with one that links nothing, all optimized for size and as a whole; with each feature of the loader, and
/// with none. `bench` tells what the compiler adds.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Build for this machine only
    #[arg(long, value_name = "ARCH", value_parser = machine_parser())]
    arch: Option<&'static Machine>,

    /// Show so many of the largest functions, too
    #[arg(long, value_name = "COUNT", default_value = "0")]
    largest: usize,
}

/// The package of the programs.
pub(super) const PACKAGE: &str = "ironlink-size";

/// The one that links nothing, and those that link: with no pass but those that it takes, with all, and by a session.
const PROGRAMS: [&str; 4] = ["nothing", "least", "link", "session"];

/// Features of the loader that bare metal can have and that bring no compiler, and none.
const FEATURES: [Option<&str>; 3] = [None, Some("compressed"), Some("elf-writer")];

/// Runs the command.
///
/// # Errors
/// A program could not be built.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let machines = chosen(arguments.arch);
    let tools = machines.iter().copied().flat_map(setup::boot_tools);
    setup::ensure(&tools.collect::<Vec<_>>())?;
    for machine in machines {
        for features in FEATURES {
            let sizes = measure(machine, features)?;
            let title = features.map_or_else(
                || String::from("no features"),
                |feature| format!("feature {feature}"),
            );
            println!("{}, {title}: bytes\n{}\n", machine.name, table(&sizes));
            for (program, size) in PROGRAMS.iter().zip(&sizes).skip(1) {
                for (bytes, name) in size.functions.iter().take(arguments.largest) {
                    println!("{program}: {bytes:6}  {name}");
                }
                if arguments.largest > 0 {
                    println!();
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the programs, and reads how large each is.
fn measure(machine: &'static Machine, features: Option<&str>) -> Result<Vec<Size>> {
    let target = machine.kernel_target;
    let rust = TargetRust::find(target, &work_folder())?;
    report::say(format!(
        "building {PACKAGE} for {}, {}",
        machine.name,
        features.unwrap_or("no features")
    ));
    let mut cargo = rust.cargo();
    // Names in this form tell what generic code was made for. The flags add to those of the workspace.
    let flags = format!("target.{target}.rustflags=[\"-Csymbol-mangling-version=v0\"]");
    cargo
        .args(["--config", &flags, "build"])
        .args(rust.cargo_arguments())
        .args(["--profile", "size", "--target", target])
        .args(["--package", PACKAGE, "--bins"])
        .args(features.map(|feature| format!("--features={feature}")))
        .current_dir(workspace())
        .arg("--target-dir")
        .arg(target_folder());
    process::run(&mut cargo)?;
    let folder = target_folder().join(target).join("size");
    let read = |program| {
        let file = folder.join(format!("{PACKAGE}-{program}"));
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Size::of(&bytes).with_context(|| format!("cannot measure {}", file.display()))
    };
    PROGRAMS.into_iter().map(read).collect()
}

/// A column for each program: what it has, what it adds to the first, and whom its code is of.
fn table(sizes: &[Size]) -> Figures {
    let mut figures = Figures::new();
    let nothing = sizes.first().map_or(0, |size| size.text);
    for (program, size) in PROGRAMS.iter().zip(sizes) {
        figures.begin_column(*program);
        figures.add(".text", size.text);
        figures.add(".text that it adds", size.text.saturating_sub(nothing));
        figures.add(".rodata", size.rodata);
        for owner in Owner::all() {
            let bytes = size.owners.get(&owner).copied().unwrap_or_default();
            figures.add(&format!("  {}", owner.name()), bytes);
        }
        figures.add("  between functions", size.unnamed());
        figures.add("generic code of other crates in floors", size.generic);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::size::{Owner, Size};

    #[test]
    fn what_a_program_adds_is_the_difference_to_the_one_that_links_nothing() {
        let nothing = Size {
            text: 1000,
            ..Size::default()
        };
        let link = Size {
            text: 41_500,
            rodata: 7,
            owners: [(Owner::Floor("pass"), 30_000)].into(),
            ..Size::default()
        };
        let text = table(&[nothing, link]).to_string();
        let cells = |row: &str| {
            let line = text.lines().find(|line| line.trim().starts_with(row));
            let (_, cells) = line.unwrap().split_once(row).unwrap();
            cells.trim().to_owned()
        };
        assert_eq!(cells(".text that it adds"), "0  40 500");
        assert_eq!(cells("pass"), "0  30 000");
        assert_eq!(cells("between functions"), "1 000  11 500");
    }
}
