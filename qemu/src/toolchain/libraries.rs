//! A program's own archives: folders in its folder. `NAME.a` has a member for each of its sources; `NAME.rlib` is a crate,
//! whose root is `lib.rs`, which the program and the crates after it may use by this name.
//!
//! Each is packed as `PROGRAM.NAME.FLAVOUR.a` or `….rlib`, and made in the flavour of the program.

use super::corpus::{self, Member, Part, Program};
use super::{Flavour, cache, command, rust};
use crate::machines::Machine;
use anyhow::{Context, Result};
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

/// An archive of a program's own.
#[derive(Debug)]
pub(super) struct Library {
    name: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Each source is a member.
    Members(Vec<Part>),
    /// A crate, by its root.
    Crate(Part),
}

/// The archives of a program in one flavour.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) archives: Vec<Member>,
    /// What the compiler of the program's parts is told.
    pub(super) options: Vec<OsString>,
}

impl Made {
    /// The archives' files.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let paths = self.archives.iter().map(|member| member.path.clone());
        paths.collect()
    }
}

/// The archives in a program's folder, in the order of their names.
pub(super) fn read(program: &Path) -> Result<Vec<Library>> {
    let mut libraries = Vec::new();
    for path in corpus::entries(program)? {
        let name = corpus::stem(&path);
        let content = match path.extension().and_then(|extension| extension.to_str()) {
            Some("a") => {
                let sources = corpus::sources(&path)?.into_iter();
                let read = |source: PathBuf| Part::read(Some(corpus::stem(&source)), source);
                Content::Members(sources.map(read).collect::<Result<_>>()?)
            }
            Some("rlib") => Content::Crate(Part::read(None, path.join("lib.rs"))?),
            _ => continue,
        };
        libraries.push(Library { name, content });
    }
    Ok(libraries)
}

/// Makes the archives of a program, in a folder of their own.
pub(super) fn make(
    machine: &'static Machine,
    program: &Program,
    flavour: &Flavour,
    directory: &Path,
) -> Result<Made> {
    let mut made = Made::default();
    if program.libraries.is_empty() {
        return Ok(made);
    }
    let name = format!("{}.{}", program.name, flavour.name);
    let folder = directory.join("libraries").join(name);
    command::create_dir(&folder)?;
    for library in &program.libraries {
        let (path, extension) = match &library.content {
            Content::Members(parts) => (archive(machine, library, parts, flavour, &folder)?, "a"),
            Content::Crate(root) => {
                let path = rlib(machine, library, root, flavour, &folder, &made)?;
                let mut used = OsString::from(format!("{}=", library.name));
                used.push(&path);
                // Of crates that crates use, the compiler looks at folders alone.
                let mut beside = OsString::from("dependency=");
                beside.push(&folder);
                let options = ["-L".into(), beside, "--extern".into(), used];
                made.options.extend(options);
                (path, "rlib")
            }
        };
        let name = format!(
            "{}.{}.{}.{extension}",
            program.name, library.name, flavour.name
        );
        made.archives.push(Member { name, path });
    }
    Ok(made)
}

fn archive(
    machine: &'static Machine,
    library: &Library,
    parts: &[Part],
    flavour: &Flavour,
    folder: &Path,
) -> Result<PathBuf> {
    let mut members = Vec::new();
    for part in parts {
        let name = format!("{}.o", corpus::stem(&part.source));
        let object = folder.join(&name);
        let mut compiler =
            command::command(machine, &part.source, flavour, &part.options, &object)?;
        let inputs = [std::slice::from_ref(&part.source), &part.included].concat();
        cache::make(&mut compiler, &inputs, &object, |compiler| {
            command::run(compiler).map(|_| ())
        })?;
        members.push((name, command::read(&object)?));
    }
    let members: Vec<NewArchiveMember<'_>> = (members.iter())
        .map(|(name, bytes)| NewArchiveMember::new(&**bytes, &DEFAULT_OBJECT_READER, name.clone()))
        .collect();
    let path = folder.join(format!("lib{}.a", library.name));
    let mut file =
        File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    ar_archive_writer::write_archive_to_stream(&mut file, &members, ArchiveKind::Gnu, false, None)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

fn rlib(
    machine: &'static Machine,
    library: &Library,
    root: &Part,
    flavour: &Flavour,
    folder: &Path,
    earlier: &Made,
) -> Result<PathBuf> {
    // The compiler takes an archive for a crate's only if it is called so.
    let path = folder.join(format!("lib{}.rlib", library.name));
    let mut rustc = rust::library(machine)?.rustc();
    rustc.args(["--crate-type=rlib", "--crate-name", &library.name]);
    rustc.args(flavour.options).args(&root.options);
    rustc.args(&earlier.options).arg("-o").arg(&path);
    rustc.arg(&root.source);
    let inputs = [vec![root.source.clone()], earlier.paths()].concat();
    cache::make(&mut rustc, &inputs, &path, |rustc| {
        command::run(rustc).map(|_| ())
    })?;
    Ok(path)
}
