//! `run`: links a program inside the kernel and runs it, or serves a shell or a compiler there. Its output and its exit status
//! are ours.

use super::{machine_parser, parse_seconds, show};
use crate::boot::{Boot, Clock};
use crate::guest::NO_LIMIT;
use crate::image::{Image, work_folder};
use crate::judge::{judge, judge_fed};
use crate::machines::{Board, Machine, X86_64};
use crate::pack::Pack;
use crate::report;
use crate::setup::{self, State, Tool};
use crate::shell::{RawTerminal, Typed};
use crate::toolchain::{self, Language, clif, corpus};
use anyhow::{Context, Result, bail};
use ironlink_kernel::protocol::{Event, Record};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;

/// Link a program inside the kernel, run it, and exit with its status.
///
/// FILES are sources in C, C++, Rust or assembly, which are compiled, and objects (.o) and archives (.a, .rlib), which
/// are taken as they are. All are linked together as one module; its `main` is called with the file's name and ARGS.
/// Standard output is the program's output, byte for byte; all else goes to standard error. Without FILES, a tour: objects
/// of several compilers are linked and called one by one.
///
/// FILES that end in .clif are functions as Cranelift's text has them. They are compiled in the kernel, which is then one that
/// has a compiler inside and takes minutes to build the first time, and linked to the other FILES; `%main` is called with ARGS,
/// decimal integers, and the integer that it gives is printed.
///
/// With --shell, FILES lie on the machine's disk, and a shell there loads, calls and unloads them: `help` shows its commands.
/// Sources are on it as objects, hello.c as hello.o. Standard input is the shell's, from a terminal or a file; its end, or
/// ctrl-d, ends the shell. On a terminal, ctrl-] ends QEMU.
///
/// With --repl, a kernel that has a compiler inside is built, which takes minutes the first time, and lines of a small language
/// are compiled there as they are typed: `:help` shows it. FILES are linked before, and their functions can be called.
///
/// The exit status is what `main` returned, modulo 256. If there is none: 124 when the time limit passed, 125 when
/// something around the program failed, 126 when it could not be linked, 134 when it aborted, 139 when it was ended by a
/// fault.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The machine to run on
    #[arg(long, value_name = "ARCH", value_parser = machine_parser(), default_value = X86_64.name)]
    pub arch: &'static Machine,

    /// QEMU's board for it: microvm or q35 for x86_64, virt for aarch64
    #[arg(long, value_name = "BOARD")]
    pub machine: Option<String>,

    /// Serve a shell instead of running a program
    #[arg(long, conflicts_with = "program_arguments")]
    pub shell: bool,

    /// Compile lines as they are typed instead of running a program
    #[arg(long, conflicts_with_all = ["program_arguments", "shell"])]
    pub repl: bool,

    /// How long the machine may run, in seconds [default: 60; with --shell or --repl, as long as it likes]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub timeout: Option<Duration>,

    /// The machine's memory, in MiB
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(32..=65536))]
    pub memory: Option<u32>,

    /// Sources, objects and archives
    #[arg(value_name = "FILES")]
    pub files: Vec<PathBuf>,

    /// What the program finds in `argv`, after its name
    #[arg(last = true, value_name = "ARGS")]
    pub program_arguments: Vec<OsString>,
}

/// How long a program may run.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Our exit status when the user ended QEMU: 128 and the number of SIGINT, as shells say it.
const STATUS_INTERRUPTED: u8 = 130;

/// Runs the command.
///
/// # Errors
/// Something around the program failed.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let machine = arguments.arch;
    let board = board_of(machine, arguments.machine.as_deref())?;
    let mode = Mode::of(arguments);
    setup::ensure(&tools(machine, &arguments.files, mode == Mode::Tour))?;
    let scratch = Scratch::new(machine)?;
    let pack = match mode {
        Mode::Tour => tour(machine)?,
        Mode::Program => program(machine, arguments, &scratch)?,
        Mode::Shell | Mode::Repl => {
            let mut pack = Pack::new();
            add_objects(machine, &arguments.files, &scratch.folder, &mut pack)?;
            pack
        }
    };
    let initrd = scratch.folder.join("initrd");
    pack.write(&initrd)?;
    let has_compiler = mode == Mode::Repl
        || mode == Mode::Program && arguments.files.iter().any(|file| clif::is_text(file));
    let image = match has_compiler {
        true => Image::KernelWithCompiler,
        false => Image::Kernel,
    };
    let boot = Boot {
        machine,
        board,
        kernel: &image.build(machine)?,
        initrd: Some(&initrd),
        command_line: mode.word(),
        memory_mib: arguments.memory.unwrap_or(machine.memory_mib),
        clock: Clock::Wall,
        time_limit: arguments.timeout.unwrap_or(mode.time_limit()),
    };
    report::say(format!("booting {} on {}", machine.name, board.name));
    let status = match mode {
        Mode::Tour | Mode::Program => judge(&boot, hand_on)?,
        Mode::Shell | Mode::Repl => serve(&boot)?,
    };
    Ok(ExitCode::from(status))
}

/// What the machine does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// Shows objects of several compilers.
    Tour,
    /// Runs the program that the files are.
    Program,
    /// Serves the shell.
    Shell,
    /// Compiles lines as they are typed.
    Repl,
}

impl Mode {
    fn of(arguments: &Arguments) -> Self {
        match arguments {
            Arguments { shell: true, .. } => Self::Shell,
            Arguments { repl: true, .. } => Self::Repl,
            Arguments { files, .. } if files.is_empty() => Self::Tour,
            _ => Self::Program,
        }
    }

    /// What the kernel's command line calls it.
    const fn word(self) -> &'static str {
        match self {
            Self::Tour => "tour",
            Self::Program => "run",
            Self::Shell => "shell",
            Self::Repl => "repl",
        }
    }

    /// How long it may last unless told otherwise.
    const fn time_limit(self) -> Duration {
        match self {
            Self::Tour | Self::Program => TIME_LIMIT,
            Self::Shell | Self::Repl => NO_LIMIT,
        }
    }
}

/// A folder of this run alone, so that runs at the same time do not meet. It is removed when this is dropped.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new(machine: &Machine) -> Result<Self> {
        let folder = work_folder()
            .join(machine.name)
            .join(format!("run-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It is only in the way now; if it cannot be removed, so be it.
        let _: io::Result<()> = fs::remove_dir_all(&self.folder);
    }
}

/// Packs what the tour shows.
fn tour(machine: &'static Machine) -> Result<Pack> {
    let mut pack = Pack::new();
    for member in corpus::tour_objects(machine)? {
        pack.add_file_as(member.name, &member.path)?;
    }
    Ok(pack)
}

/// Packs the program, compiled where it must be, with its arguments.
fn program(machine: &'static Machine, arguments: &Arguments, scratch: &Scratch) -> Result<Pack> {
    let mut pack = Pack::new();
    let (texts, files) = clif::split(&arguments.files);
    add_objects(machine, &files, &scratch.folder, &mut pack)?;
    if let Some(name) = texts.first().and_then(|text| text.file_name()) {
        // What the kernel tells of it, the user knows by the name of the text.
        let unit = scratch.folder.join(name);
        clif::write_unit(&texts, &unit)?;
        pack.add_file(&unit)?;
    }
    let first = arguments.files.first().and_then(|file| file.file_stem());
    pack.add_argument(first.unwrap_or(OsStr::new("main")));
    for argument in &arguments.program_arguments {
        pack.add_argument(argument);
    }
    Ok(pack)
}

/// Compiles what has to be compiled, and packs it with all else as it is, and with what compilers rely on.
pub(super) fn add_objects(
    machine: &'static Machine,
    files: &[PathBuf],
    folder: &Path,
    pack: &mut Pack,
) -> Result<()> {
    for file in files {
        match Language::of(file) {
            Some(_) => {
                let name = file.with_extension("o");
                let name = name.file_name().unwrap_or(OsStr::new("source.o"));
                pack.add_file_as(name.to_string_lossy(), &compiled(machine, file, folder)?)?;
            }
            None => {
                refuse_other_files(file)?;
                pack.add_file(file)?;
            }
        }
    }
    if files
        .iter()
        .any(|file| Language::of(file) == Some(Language::Rust))
    {
        for library in toolchain::rust_support(machine, &work_folder().join(machine.name))? {
            pack.add_file(&library)?;
        }
    }
    add_helpers(machine, pack)
}

/// Compiles `source` as its compiler does when told nothing more.
fn compiled(machine: &'static Machine, source: &Path, folder: &Path) -> Result<PathBuf> {
    if !source.is_file() {
        bail!("{} is not there", source.display());
    }
    let flavour = toolchain::default_flavour(source)?;
    report::say(format!("compiling {} ({})", source.display(), flavour.name));
    toolchain::compile(machine, source, flavour, folder)
}

/// What it takes to compile `files`, or the tour, and to boot.
fn tools(machine: &'static Machine, files: &[PathBuf], is_tour: bool) -> Vec<&'static Tool> {
    let gnu = machine.gnu_compilers();
    let mut tools = setup::boot_tools(machine).to_vec();
    if is_tour {
        tools.extend(setup::compilers(machine));
    }
    // Sources of C's family go through GNU's compilers unless told otherwise.
    for file in files {
        match Language::of(file) {
            Some(Language::C | Language::Assembly) => tools.push(&gnu.gcc),
            Some(Language::Cxx) => tools.extend([&gnu.gcc, &gnu.gxx]),
            Some(Language::Rust) | None => {}
        }
    }
    tools
}

/// Packs the compiler's own helpers, which the kernel does not export if they take floats. Objects that were compiled
/// elsewhere may need none, so nothing is installed for them.
fn add_helpers(machine: &'static Machine, pack: &mut Pack) -> Result<()> {
    if machine.gnu_compilers().gcc.state() == State::Missing {
        report::say(format!(
            "no gcc for {}: its libgcc.a is not packed, and an object may miss it",
            machine.name
        ));
        return Ok(());
    }
    pack.add_file(&toolchain::builtins_archive(machine)?)
}

/// Refuses what is neither source nor object nor archive before a machine is booted for it. Thin archives pass: the loader
/// says why it doesn't take them.
fn refuse_other_files(file: &Path) -> Result<()> {
    let mut start = [0; 4];
    let mut opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let is_long_enough = opened.read_exact(&mut start).is_ok();
    if is_long_enough && [b"\x7fELF", b"!<ar", b"!<th"].contains(&&start) {
        return Ok(());
    }
    let hint = match &start {
        b"BC\xc0\xde" => "; it is LLVM bitcode: compile without -flto",
        _ => "",
    };
    bail!(
        "{} is neither a source (.c .cpp .cc .cxx .rs .s .S; .clif for `run` alone) nor an ELF object nor an archive{hint}",
        file.display()
    )
}

/// Boots a machine whose line is standard input and output. Gives the shell's exit status.
fn serve(boot: &Boot<'_>) -> Result<u8> {
    let terminal = RawTerminal::enter()?;
    if terminal.is_some() {
        report::say("ctrl-] ends QEMU, whatever the machine does");
    }
    let (send, input) = mpsc::channel();
    let typed = Typed::new(send, terminal.is_some());
    let has_left = typed.has_left();
    let mut typed = Some(typed);
    let status = judge_fed(boot, Some(input), |event| {
        // What comes before the kernel has set its port up would be lost.
        if matches!(event, Event::Record(Record::Boot(_)))
            && let Some(typed) = typed.take()
        {
            typed.begin();
        }
        hand_on(event)
    });
    // Before anything is said: how the terminal was.
    drop(terminal);
    if has_left.load(Ordering::Acquire) {
        report::say("QEMU was ended");
        return Ok(STATUS_INTERRUPTED);
    }
    status
}

/// Hands output on to standard output as it comes, and shows all else.
fn hand_on(event: Event) -> Result<()> {
    match event {
        Event::Output(bytes) => {
            let mut stdout = io::stdout().lock();
            stdout
                .write_all(&bytes)
                .and_then(|()| stdout.flush())
                .context("cannot write standard output")
        }
        event => {
            show(&event);
            Ok(())
        }
    }
}

fn board_of(machine: &'static Machine, name: Option<&str>) -> Result<&'static Board> {
    let Some(name) = name else {
        return Ok(machine.usual_board());
    };
    machine.board(name).with_context(|| {
        let boards = machine
            .boards
            .iter()
            .map(|board| board.name)
            .collect::<Vec<_>>()
            .join(", ");
        format!("{} has no board `{name}`; it has {boards}", machine.name)
    })
}

#[cfg(test)]
mod tests {
    use super::{board_of, refuse_other_files, tools};
    use crate::machines::{AARCH64, X86_64};
    use std::path::PathBuf;

    fn programs(files: &[&str]) -> Vec<&'static str> {
        let files = files.iter().map(PathBuf::from).collect::<Vec<_>>();
        tools(&AARCH64, &files, files.is_empty())
            .iter()
            .map(|tool| tool.program)
            .collect()
    }

    #[test]
    fn objects_want_no_compiler() {
        assert_eq!(programs(&["a.o", "b.a"]), ["qemu-system-aarch64", "ld.lld"]);
    }

    #[test]
    fn a_source_wants_its_own_compiler_alone() {
        let gcc = AARCH64.gnu_compilers().gcc.program;
        assert_eq!(programs(&["a.c"]), ["qemu-system-aarch64", "ld.lld", gcc]);
        assert_eq!(programs(&["a.rs"]), ["qemu-system-aarch64", "ld.lld"]);
    }

    #[test]
    fn the_tour_wants_all_compilers() {
        assert!(programs(&[]).contains(&"clang"));
    }

    #[test]
    fn a_board_of_another_machine_is_refused_with_the_ones_to_choose_from() {
        assert_eq!(board_of(&X86_64, None).unwrap().name, "microvm");
        let error = board_of(&X86_64, Some("virt")).unwrap_err().to_string();
        assert!(error.contains("microvm, q35"), "{error}");
    }

    #[test]
    fn what_the_loader_can_say_more_about_is_left_to_it() {
        let file = std::env::temp_dir().join(format!("ironlink-kinds-{}", std::process::id()));
        let refused = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            let error = refuse_other_files(&file).err()?;
            Some(error.to_string())
        };
        for taken in [&b"\x7fELF\x01"[..], b"!<arch>\n", b"!<thin>\n"] {
            assert_eq!(refused(taken), None);
        }
        assert!(refused(b"BC\xc0\xde").unwrap().contains("-flto"));
        for other in [&b""[..], b"\x7fEL", b"#!/bin/sh"] {
            assert!(refused(other).unwrap().contains("neither a source"));
        }
        std::fs::remove_file(&file).unwrap();
    }
}
