//! zlib: the C sources that the Cargo package `libz-sys` brings, unmodified, as parts of one program.
//!
//! The package is a dependency that no target enables: cargo fetches it by the lock file and never builds it.

use super::command;
use super::corpus::{Part, Program, sources, stem};
use crate::image;
use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, whose driver lies in the folder of this name among the module sources.
pub(super) const PROGRAM: &str = "zlib";

/// The driver under `modules`, and each file of zlib but those for files (`gz*.c`), which want an operating system.
pub(super) fn program(modules: &Path) -> Result<Program> {
    let zlib = source_dir()?;
    let mut driver = Part::read(
        Some("main".to_owned()),
        modules.join(PROGRAM).join("main.c"),
    )?;
    driver
        .options
        .extend(["-I".into(), zlib.clone().into_os_string()]);
    let mut parts = vec![driver];
    for source in sources(&zlib)? {
        let name = stem(&source);
        if !name.starts_with("gz") {
            parts.push(Part::read(Some(name), source)?);
        }
    }
    Ok(Program {
        name: PROGRAM.to_owned(),
        parts,
    })
}

/// Where cargo keeps zlib's sources.
fn source_dir() -> Result<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "metadata",
            "--locked",
            "--format-version=1",
            "--manifest-path",
        ])
        .arg(image::workspace().join("Cargo.toml"));
    let metadata = String::from_utf8(command::run(&mut cargo)?)?;
    let manifest = metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split_once('"'))
        .map(|(path, _)| Path::new(path))
        .find(|path| {
            let package = path.parent().and_then(Path::file_name).unwrap_or_default();
            package.as_encoded_bytes().starts_with(b"libz-sys-")
        })
        .context("`cargo metadata` names no package libz-sys")?;
    Ok(manifest.with_file_name("src").join("zlib"))
}
