//! The archive of helpers that compilers call by themselves and that the kernel doesn't export: those with float
//! parameters, above all.

use super::{Compiler, Language, command};
use crate::machines::Machine;
use crate::process;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// The compiler's own archive of helpers (`libgcc.a`), to be packed beside objects of C, C++ and assembly.
///
/// # Errors
/// gcc for the machine is missing, or came without its archive.
pub fn builtins_archive(machine: &Machine) -> Result<PathBuf> {
    let mut gcc = command::c_compiler(machine, Compiler::Gcc, Language::C);
    let answer = command::run(gcc.arg("-print-libgcc-file-name"))?;
    let path = PathBuf::from(String::from_utf8_lossy(&answer).trim());
    if !path.is_file() {
        bail!(
            "`{}` names no file; reinstall the compiler",
            process::command_line(&gcc)
        );
    }
    Ok(path)
}
