//! One compiler's run: which program, with which arguments, and what it says when it fails.

use super::{Compiler, Flavour, Language, rust};
use crate::machines::Machine;
use crate::process;
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles `source` in `flavour` for `machine` to one object in `out_dir`, and returns the object's path:
/// `STEM.FLAVOUR.o`.
///
/// # Errors
/// The compiler is missing or refuses the source; the error carries what it wrote.
pub fn compile(
    machine: &'static Machine,
    source: &Path,
    flavour: &Flavour,
    out_dir: &Path,
) -> Result<PathBuf> {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let object = out_dir.join(format!("{stem}.{}.o", flavour.name));
    create_dir(out_dir)?;
    if flavour.compiler == Compiler::Rustc {
        rust::refuse_std(source)?;
    }
    run(&mut command(machine, source, flavour, &[], &object)?)?;
    Ok(object)
}

/// The command that compiles `source` to `object`, with `options` after those of the flavour.
pub(super) fn command(
    machine: &'static Machine,
    source: &Path,
    flavour: &Flavour,
    options: &[OsString],
    object: &Path,
) -> Result<Command> {
    let language = Language::told_by(source)?;
    let mut command = match flavour.compiler {
        Compiler::Rustc => rust::object_command(machine, object)?,
        Compiler::Gcc | Compiler::Clang => {
            let mut command = c_compiler(machine, flavour.compiler, language);
            command.args([OsStr::new("-c"), OsStr::new("-o"), object.as_os_str()]);
            command
        }
    };
    command.args(flavour.options).args(options).arg(source);
    Ok(command)
}

/// The compiler driver of C's family for `machine`.
pub(super) fn c_compiler(machine: &Machine, compiler: Compiler, language: Language) -> Command {
    let is_cxx = language == Language::Cxx;
    if compiler == Compiler::Clang {
        let mut command = Command::new(if is_cxx { "clang++" } else { "clang" });
        command.arg(format!("--target={}", machine.gnu_triple));
        return command;
    }
    let compilers = machine.gnu_compilers();
    let tool = if is_cxx {
        &compilers.gxx
    } else {
        &compilers.gcc
    };
    Command::new(tool.program)
}

/// Runs a tool to its end and returns its standard output. What it wrote otherwise is the error if it fails.
pub(super) fn run(command: &mut Command) -> Result<Vec<u8>> {
    let output = process::output(command)?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({})\n{}{}",
            process::command_line(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output.stdout)
}

pub(super) fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
