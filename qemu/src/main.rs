//! `cargo xtask`: sets up, compiles, builds, packs, boots, judges, fuzzes.

use anyhow::Error;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xtask::commands::{bench, check, fuzz, new_module, qemu_test, run, setup, size, test};
use xtask::judge::{NoVerdict, STATUS_NO_VERDICT};
use xtask::{process, report};

/// Build, boot and test Ironlink.
///
/// Each command first installs what it needs and this machine lacks, if it may; otherwise it says what to type.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    max_term_width = 100
)]
struct Line {
    /// Show the command lines of compilers, of QEMU, and of all else that is run
    #[arg(long, short, global = true)]
    verbose: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    QemuTest(qemu_test::Arguments),
    Test(test::Arguments),
    Check(check::Arguments),
    Bench(bench::Arguments),
    Size(size::Arguments),
    Fuzz(fuzz::Arguments),
    Setup(setup::Arguments),
    NewModule(new_module::Arguments),
}

fn main() -> ExitCode {
    let line = Line::parse();
    if line.verbose {
        process::show_command_lines();
    }
    let outcome = match &line.command {
        Command::Run(arguments) => run::run(arguments),
        Command::QemuTest(arguments) => qemu_test::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Size(arguments) => size::run(arguments),
        Command::Fuzz(arguments) => fuzz::run(arguments),
        Command::Setup(arguments) => setup::run(arguments),
        Command::NewModule(arguments) => new_module::run(arguments),
    };
    outcome.unwrap_or_else(|error| {
        report::say(format!("error: {error:#}"));
        let is_run = matches!(line.command, Command::Run(_));
        ExitCode::from(status_of(&error, is_run))
    })
}

/// A program's exit status is its own: what goes wrong around it has one that programs seldom use.
fn status_of(error: &Error, is_run: bool) -> u8 {
    match error.downcast_ref::<NoVerdict>() {
        Some(trouble) => trouble.status(),
        None if is_run => STATUS_NO_VERDICT,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Line};
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }

    #[test]
    fn what_follows_two_dashes_is_the_programs() {
        let line = Line::try_parse_from([
            "xtask", "run", "--arch", "aarch64", "a.c", "b.o", "--", "--arch", "x",
        ])
        .unwrap();
        let Command::Run(run) = line.command else {
            panic!("not run")
        };
        assert_eq!(run.files.len(), 2);
        assert_eq!(run.program_arguments, ["--arch", "x"]);
    }

    #[test]
    fn a_new_module_has_a_language() {
        let line = ["xtask", "new-module", "clock", "--lang"];
        for language in ["c", "cpp", "rust"] {
            assert!(Line::try_parse_from(line.into_iter().chain([language])).is_ok());
        }
        assert!(Line::try_parse_from(line.into_iter().chain(["assembly"])).is_err());
        assert!(Line::try_parse_from(&line[..3]).is_err());
    }

    #[test]
    fn a_shell_has_files_and_no_program() {
        let line = Line::try_parse_from(["xtask", "run", "--shell", "a.c"]).unwrap();
        assert!(matches!(line.command, Command::Run(run) if run.shell && run.files.len() == 1));
        assert!(Line::try_parse_from(["xtask", "run", "--shell", "a.c", "--", "x"]).is_err());
        let line = Line::try_parse_from(["xtask", "run", "--repl"]).unwrap();
        assert!(matches!(line.command, Command::Run(run) if run.repl));
        assert!(Line::try_parse_from(["xtask", "run", "--repl", "--shell"]).is_err());
    }

    #[test]
    fn an_unknown_machine_is_refused() {
        assert!(Line::try_parse_from(["xtask", "run", "--arch", "vax"]).is_err());
    }
}
