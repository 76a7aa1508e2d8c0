//! Functions as Cranelift's text has them: a program of its own reads them, since what it is made of takes minutes to build,
//! and most who run something have no such text.

use crate::image::{target_folder, workspace};
use crate::process;
use anyhow::{Context, Result, bail};
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

/// Reads `texts` as one unit for a kernel that compiles it, and writes it to `unit`. Gives the calls that comments tell of, a
/// line each: the function's name, arguments, `==` or `!=`, and a result.
///
/// # Errors
/// The reader could not be built, or something in a text is wrong.
pub fn read(texts: &[PathBuf], unit: &Path) -> Result<Vec<String>> {
    let mut cargo = process::cargo();
    // As tests on the host are built, so that what both are made of is built once.
    cargo
        .args(["build", "--profile", "test", "--package", READER])
        .arg("--target-dir")
        .arg(target_folder())
        .current_dir(workspace());
    process::run(&mut cargo)?;
    let reader = target_folder().join("debug").join(READER);
    let output = process::output(Command::new(reader).arg(unit).args(texts))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    let calls = String::from_utf8(output.stdout).context("the reader's calls are no text")?;
    Ok(calls.lines().map(String::from).collect())
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
