//! Tests of texts that are compiled inside the kernel: those under `tests/clif`, each with the calls that its comments tell of,
//! and the program that `run` makes of one.

use super::qemu_test::count_on;
use super::run::add_objects;
use super::show;
use crate::boot::{Boot, Clock};
use crate::counts::Counts;
use crate::image::{Image, work_folder, workspace};
use crate::judge::judge;
use crate::machines::Machine;
use crate::pack::Pack;
use crate::toolchain::clif;
use anyhow::{Context, Result, ensure};
use ironlink_kernel::protocol::{Event, STATUS_FAULT, STATUS_NOT_LOADED};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the names of these tests begin with.
const PREFIX: &str = "clif::";

/// The test of what lines that are typed leave, which is in the texts' image since that has a compiler.
const OF_LINES: &str = "clif::repl_leaves_nothing";

/// How each text is tried: as the tests' image calls it.
const WAYS: [&str; 3] = ["jit", "elf", "damaged"];

/// Whether no other tests than these have names that contain `filter`.
pub(super) fn are_meant(filter: &str) -> bool {
    filter.starts_with(PREFIX)
}

/// Runs those of the tests whose names contain `filter` on the usual board of each machine.
///
/// # Errors
/// A text can't be read, or an image could not be built.
pub(super) fn count(
    machines: &[&'static Machine],
    filter: Option<&str>,
    time_limit: Duration,
) -> Result<Counts> {
    let is_meant = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    let texts = files("clif")?;
    let names = texts.iter().flat_map(|text| {
        let stem = stem(text);
        WAYS.map(|way| format!("{PREFIX}{stem}::{way}"))
    });
    let is_any_text = names.into_iter().any(|name| is_meant(&name)) || is_meant(OF_LINES);
    let programs = PROGRAMS.iter().filter(|program| is_meant(program.name));
    let programs: Vec<&Program> = programs.collect();
    let mut counts = Counts::default();
    for machine in machines.iter().copied() {
        if is_any_text {
            counts += count_texts(machine, &texts, filter, time_limit)?;
        }
        for program in &programs {
            counts += program.count(machine, time_limit)?;
        }
    }
    Ok(counts)
}

/// All texts in one boot, beside the C files of their folder.
fn count_texts(
    machine: &'static Machine,
    texts: &[PathBuf],
    filter: Option<&str>,
    time_limit: Duration,
) -> Result<Counts> {
    let mut pack = Pack::new();
    add_objects(machine, &files("c")?, &folder(machine)?, &mut pack)?;
    for text in texts {
        let name = format!("{}.clif", stem(text));
        let unit = folder(machine)?.join(&name);
        clif::write_unit(std::slice::from_ref(text), &unit)?;
        for call in clif::calls(text)? {
            pack.add_argument(OsStr::new(&format!("{name} {call}")));
        }
        pack.add_file(&unit)?;
    }
    let initrd = folder(machine)?.join("texts.initrd");
    pack.write(&initrd)?;
    let image = Image::TestsWithCompiler.build(machine)?;
    let line = filter.map_or_else(|| String::from("test"), |filter| format!("test {filter}"));
    let board = machine.usual_board();
    count_on(machine, board, &image, &initrd, &line, time_limit)
}

/// A program that is made of texts, and what must come of it.
struct Program {
    name: &'static str,
    /// Files of the folder, of whichever kind.
    files: &'static [&'static str],
    arguments: &'static [&'static str],
    /// Whether the unit arrives without its second half.
    is_damaged: bool,
    status: u8,
    output: &'static str,
    /// What is said beside the output.
    told: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "clif::program_prints_its_result",
        files: &["fib.clif"],
        arguments: &["30"],
        is_damaged: false,
        status: 0,
        output: "832040\n",
        told: "",
    },
    Program {
        name: "clif::program_is_linked_to_other_files",
        files: &["programs/sum.clif", "programs/add.clif", "programs/add.c"],
        arguments: &["-5", "3"],
        is_damaged: false,
        status: 0,
        output: "adding\n-2\n",
        told: "",
    },
    Program {
        name: "clif::program_is_told_of_arguments_it_does_not_take",
        files: &["fib.clif"],
        arguments: &["30", "1"],
        is_damaged: false,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "the number of arguments is 1, and 2 are given",
    },
    Program {
        name: "clif::program_is_told_of_an_argument_out_of_range",
        files: &["programs/divide.clif"],
        arguments: &["1", "4000000000"],
        is_damaged: false,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "argument 2, `4000000000`, is no i32: -2147483648 to 2147483647",
    },
    Program {
        name: "clif::program_ends_by_a_fault_with_the_trap_told",
        files: &["programs/divide.clif"],
        arguments: &["1", "0"],
        is_damaged: false,
        status: STATUS_FAULT,
        output: "",
        told: "%main: division by zero",
    },
    Program {
        name: "clif::program_without_main_is_refused",
        files: &["recursion.clif"],
        arguments: &[],
        is_damaged: false,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "there is no function %main",
    },
    Program {
        name: "clif::program_that_gives_a_float_is_refused",
        files: &["programs/half.clif"],
        arguments: &["1"],
        is_damaged: false,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "the result of %main is f64",
    },
    Program {
        name: "clif::program_that_takes_the_address_of_a_structure_is_refused",
        files: &["programs/structure.clif"],
        arguments: &["1"],
        is_damaged: false,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "parameter 1 of %main is i64 sret",
    },
    Program {
        name: "clif::program_and_other_files_call_each_other",
        files: &["programs/back.clif", "programs/back.c"],
        arguments: &["20"],
        is_damaged: false,
        status: 0,
        output: "41\n",
        told: "",
    },
    Program {
        name: "clif::program_that_misses_a_name_is_refused",
        files: &["programs/sum.clif"],
        arguments: &["1", "2"],
        is_damaged: false,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "nothing defines `add`",
    },
    Program {
        name: "clif::program_that_arrives_damaged_is_refused",
        files: &["fib.clif"],
        arguments: &["30"],
        is_damaged: true,
        status: STATUS_NOT_LOADED,
        output: "",
        told: "the unit",
    },
];

impl Program {
    fn count(&self, machine: &'static Machine, time_limit: Duration) -> Result<Counts> {
        let initrd = self.pack(machine)?;
        let image = Image::KernelWithCompiler.build(machine)?;
        let result = self.check(machine, &image, &initrd, time_limit);
        Ok(Counts::of_test(self.name, result))
    }

    fn pack(&self, machine: &'static Machine) -> Result<PathBuf> {
        let files = self.files.iter().map(|file| sources().join(file));
        let (texts, others) = clif::split(&files.collect::<Vec<_>>());
        let mut pack = Pack::new();
        add_objects(machine, &others, &folder(machine)?, &mut pack)?;
        let unit = folder(machine)?.join("program.clif");
        clif::write_unit(&texts, &unit)?;
        let mut bytes =
            fs::read(&unit).with_context(|| format!("cannot read {}", unit.display()))?;
        if self.is_damaged {
            bytes.truncate(bytes.len() / 2);
        }
        pack.add("program.clif", bytes);
        for word in ["program"].iter().chain(self.arguments) {
            pack.add_argument(OsStr::new(word));
        }
        let initrd = folder(machine)?.join("program.initrd");
        pack.write(&initrd)?;
        Ok(initrd)
    }

    fn check(
        &self,
        machine: &'static Machine,
        kernel: &Path,
        initrd: &Path,
        time_limit: Duration,
    ) -> Result<()> {
        let boot = Boot {
            machine,
            board: machine.usual_board(),
            kernel,
            initrd: Some(initrd),
            command_line: "run",
            memory_mib: machine.memory_mib,
            clock: Clock::Wall,
            time_limit,
        };
        let (mut output, mut told) = (Vec::new(), String::new());
        let status = judge(&boot, |event| {
            match &event {
                Event::Output(bytes) => output.extend(bytes),
                Event::Record(record) => told.push_str(&format!("{record:?}\n")),
                Event::Malformed(_) => {}
            }
            show(&event);
            Ok(())
        })?;
        ensure!(status == self.status, "it ended with status {status}");
        let output = String::from_utf8_lossy(&output);
        ensure!(output == self.output, "it wrote {output:?}");
        ensure!(told.contains(self.told), "it was not said: {}", self.told);
        Ok(())
    }
}

/// Where the texts stand, and what belongs to them.
fn sources() -> PathBuf {
    workspace().join("tests").join("clif")
}

/// The files there with this extension, by name.
fn files(extension: &str) -> Result<Vec<PathBuf>> {
    let folder = sources();
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.context("cannot read a folder's entry")?.path();
        if path.extension().is_some_and(|it| it == extension) {
            files.push(path);
        }
    }
    ensure!(
        !files.is_empty(),
        "{} has no .{extension} file",
        folder.display()
    );
    files.sort_unstable();
    Ok(files)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Where what is made of them is put.
fn folder(machine: &Machine) -> Result<PathBuf> {
    let folder = work_folder().join(machine.name).join("clif");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::{PROGRAMS, are_meant, files, sources};

    #[test]
    fn every_program_has_its_files() {
        assert!(files("clif").unwrap().len() > 5);
        for program in PROGRAMS {
            for file in program.files {
                assert!(sources().join(file).is_file(), "{}: {file}", program.name);
            }
            assert!(are_meant(program.name));
        }
        assert!(!are_meant("repl::") && !are_meant("clif"));
    }
}
