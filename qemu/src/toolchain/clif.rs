//! Functions as Cranelift's text has them: a program of its own reads them, since what it is made of takes minutes to build,
//! and most who run something have no such text.

use crate::image::{target_folder, workspace};
use crate::process;
use anyhow::{Context, Result, bail};
use ironlink_kernel::clif::{Call, NotACall};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package that reads, and its program.
const READER: &str = "ironlink-clif";

/// Whether the file at `path` is such text, told by its name.
#[must_use]
pub fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "clif")
}

/// Such texts among `files`, and all others.
#[must_use]
pub fn split(files: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    files.iter().cloned().partition(|file| is_text(file))
}

/// Reads `texts` as one unit for a kernel that compiles it, and writes it to `unit`.
///
/// # Errors
/// The reader could not be built, or something in a text is wrong.
pub fn write_unit(texts: &[PathBuf], unit: &Path) -> Result<()> {
    read(Command::new(reader()?).arg("unit").arg(unit).args(texts))?;
    Ok(())
}

/// The calls that comments in `text` tell of.
///
/// # Errors
/// The reader could not be built, or one of the calls can't be made.
pub fn calls(text: &Path) -> Result<Vec<Call>> {
    let calls = read(Command::new(reader()?).arg("calls").arg(text))?;
    let call = |line: &str| match line.parse() {
        Ok(call) => Ok(call),
        Err(NotACall) => bail!("the reader told of `{line}`, which is no call"),
    };
    calls.lines().map(call).collect()
}

/// The program that reads, built.
fn reader() -> Result<PathBuf> {
    let mut cargo = process::cargo();
    // As tests on the host are built, so that what both are made of is built once.
    cargo
        .args(["build", "--profile", "test", "--package", READER])
        .arg("--target-dir")
        .arg(target_folder())
        .current_dir(workspace());
    process::run(&mut cargo)?;
    Ok(target_folder().join("debug").join(READER))
}

/// What the reader says.
fn read(reader: &mut Command) -> Result<String> {
    let output = process::output(reader)?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    String::from_utf8(output.stdout).context("what the reader says is no text")
}

#[cfg(test)]
mod tests {
    use super::split;
    use std::path::PathBuf;

    #[test]
    fn texts_are_told_by_their_names() {
        let files = ["a.clif", "b.c", "clif", "c.d/d.clif"].map(PathBuf::from);
        let (texts, others) = split(&files);
        assert_eq!(texts, ["a.clif", "c.d/d.clif"].map(PathBuf::from));
        assert_eq!(others, ["b.c", "clif"].map(PathBuf::from));
    }
}
