//! What is packed beside Rust objects: the support archive and the libraries of their target.

use super::{cache, command, rust};
use crate::machines::Machine;
use anyhow::{Context, Result};
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember};
use object::read::archive::ArchiveFile;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The support archive's name among packed files.
const ARCHIVE: &str = "librust_support.a";

/// The archives that satisfy what a Rust object leaves undefined: panic handler and allocator, then the target's
/// `core`, `alloc` and `compiler_builtins`, just as rustc left them. The support is compiled into `out_dir`.
///
/// # Errors
/// No rustc makes objects for the machine, or it refuses the support's source.
pub fn rust_support(machine: &'static Machine, out_dir: &Path) -> Result<Vec<PathBuf>> {
    let library = rust::library(machine)?;
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/toolchain/support/rust_support.rs");
    let archive = out_dir.join(ARCHIVE);
    let static_library = out_dir.join("rust_support_and_all.a");
    command::create_dir(out_dir)?;
    // A static library is the one kind of crate to which rustc adds the entry points of its allocator, whose names are
    // its own business. The support is compiled as such, and only what it has beyond the rlibs is kept.
    let mut rustc = library.rustc();
    rustc.args(["--crate-type=staticlib", "--crate-name=rust_support"]);
    rustc.args(["-Copt-level=3", "-Ccodegen-units=1", "-o"]);
    rustc.arg(&static_library).arg(&source);
    cache::make(&mut rustc, &[source], &archive, |rustc| {
        command::run(rustc)?;
        keep_own_members(&static_library, &archive)?;
        fs::remove_file(&static_library)
            .with_context(|| format!("cannot remove {}", static_library.display()))
    })?;
    Ok([archive].into_iter().chain(library.rlibs).collect())
}

/// Makes `archive` of those members of `static_library` that come from no rlib: rustc names them after the file.
fn keep_own_members(static_library: &Path, archive: &Path) -> Result<()> {
    let stem = static_library
        .file_stem()
        .unwrap_or_default()
        .as_encoded_bytes();
    let bytes = command::read(static_library)?;
    let mut kept = Vec::new();
    for member in ArchiveFile::parse(&*bytes)?.members() {
        let member = member?;
        if member.name().starts_with(stem) {
            let name = format!("rust_support.{}.o", kept.len());
            let data = member.data(&*bytes)?;
            kept.push(NewArchiveMember::new(data, &DEFAULT_OBJECT_READER, name));
        }
    }
    let mut file =
        File::create(archive).with_context(|| format!("cannot create {}", archive.display()))?;
    ar_archive_writer::write_archive_to_stream(&mut file, &kept, ArchiveKind::Gnu, false, None)
        .with_context(|| format!("cannot write {}", archive.display()))
}
