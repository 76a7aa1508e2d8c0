//! What fuzzing begins with: the objects of the corpus and of the case files, those that belong together in one input,
//! small enough to be changed quickly.

use crate::machines::{MACHINES, Machine};
use crate::toolchain::corpus::{self, Member};
use crate::toolchain::{self, Compiler, Flavour, cases};
use crate::{image, report};
use anyhow::{Context, Result};
use ar_archive_writer::{
    ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream,
};
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// What stands between two files of an input.
const SEPARATOR: &[u8] = include_bytes!("../../../tests/fuzz/separator");

/// Rules that show the whole language.
const RULES: &str = include_str!("../../../tests/fuzz/rules");

/// Debug information is compressed in no flavour of the corpus.
const COMPRESSED: Flavour = Flavour {
    name: "gcc-debug-compressed",
    compiler: Compiler::Gcc,
    options: &["-g", "-gz"],
    machine: None,
};
const COMPRESSED_SOURCE: &str = "tests/modules/hello.c";

/// Larger seeds are left out: what they hold, smaller ones hold too, and the engine changes those far more often.
const LARGEST: usize = 16 << 10;

/// What a target begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// Objects, those that belong together in one input, and archives.
    Objects,
    /// The rules of case files, and some that show all of their language, before an object.
    Rules,
}

impl Seeds {
    /// Makes them and returns their folder.
    ///
    /// # Errors
    /// The corpus can't be compiled, or the folder not be written.
    pub fn make(self) -> Result<PathBuf> {
        let (name, write): (_, fn(&Path, &'static Machine) -> Result<usize>) = match self {
            Self::Objects => ("objects", write_objects),
            Self::Rules => ("rules", write_rules),
        };
        let folder = super::folder(&["seeds", name])?;
        let mut count = 0;
        for machine in MACHINES {
            count += write(&folder, machine)?;
        }
        report::say(format!("{count} seeds in {}", folder.display()));
        Ok(folder)
    }
}

fn write_objects(folder: &Path, machine: &'static Machine) -> Result<usize> {
    let mut count = 0;
    for (module, parts) in modules(corpus::test_objects(machine)?) {
        let paths = parts.into_iter().map(|part| part.path);
        count += write_module(folder, machine, &module, paths)?;
    }
    let source = image::workspace().join(COMPRESSED_SOURCE);
    let objects = super::folder(&["objects", machine.name])?;
    let compressed = toolchain::compile(machine, &source, &COMPRESSED, &objects)?;
    count += write_module(folder, machine, COMPRESSED.name, [compressed])?;
    for case in cases::all(machine)? {
        count += write_module(
            folder,
            machine,
            &format!("case.{}", case.name),
            case.objects,
        )?;
    }
    Ok(count)
}

fn write_rules(folder: &Path, machine: &'static Machine) -> Result<usize> {
    let mut count = 0;
    for case in cases::all(machine)? {
        let rules = case.runs.iter().flat_map(|run| &run.checks);
        let own = rules.fold(String::new(), |text, rule| text + "# CHECK: " + rule + "\n");
        for object in &case.objects {
            let input = [(own.clone() + RULES).into_bytes(), read(object)?].join(SEPARATOR);
            let name = object.file_name().unwrap_or_default().to_string_lossy();
            count += write(folder, &format!("{}.{name}", machine.name), &input)?;
        }
    }
    Ok(count)
}

/// The objects of the corpus by the module that they make: those that share program and flavour.
fn modules(members: Vec<Member>) -> BTreeMap<String, Vec<Member>> {
    let mut modules: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for member in members {
        let parts: Vec<&str> = member.name.split('.').collect();
        if let [program, .., flavour, "o"] = parts[..] {
            let module = format!("{program}.{flavour}");
            modules.entry(module).or_default().push(member);
        }
    }
    modules
}

/// Writes the seeds that these objects make together, and returns how many.
fn write_module(
    folder: &Path,
    machine: &Machine,
    module: &str,
    objects: impl IntoIterator<Item = PathBuf>,
) -> Result<usize> {
    let files = objects.into_iter().map(|path| read(&path));
    let files = files.collect::<Result<Vec<_>>>()?;
    let name = format!("{}.{module}", machine.name);
    let mut count = write(folder, &name, &files.join(SEPARATOR))?;
    if let [first, others @ ..] = &files[..]
        && !others.is_empty()
    {
        let with_archive = [first.clone(), archive(others)?].join(SEPARATOR);
        count += write(folder, &format!("{name}.archive"), &with_archive)?;
    }
    Ok(count)
}

/// Writes a seed, unless it is too large; returns how many that makes.
fn write(folder: &Path, name: &str, input: &[u8]) -> Result<usize> {
    if input.len() > LARGEST {
        return Ok(0);
    }
    let path = folder.join(name);
    fs::write(&path, input).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(1)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A static archive of these objects, with an index.
fn archive(files: &[Vec<u8>]) -> Result<Vec<u8>> {
    let member = |(index, file)| {
        NewArchiveMember::new(file, &DEFAULT_OBJECT_READER, format!("member{index}.o"))
    };
    let members: Vec<_> = files.iter().enumerate().map(member).collect();
    let mut archive = Cursor::new(Vec::new());
    write_archive_to_stream(&mut archive, &members, ArchiveKind::Gnu, false, None)
        .context("cannot make an archive")?;
    Ok(archive.into_inner())
}

#[cfg(test)]
mod tests {
    use super::{SEPARATOR, modules};
    use crate::toolchain::corpus::Member;

    #[test]
    fn the_parts_of_a_program_come_together_by_flavour() {
        let member = |name: &str| Member {
            name: name.to_owned(),
            path: name.into(),
        };
        let names = ["a.main.gcc-O2.o", "a.part.gcc-O2.o", "b.gcc-O2.o", "libx.a"];
        let found: Vec<(String, usize)> = modules(names.map(member).into())
            .into_iter()
            .map(|(module, members)| (module, members.len()))
            .collect();
        assert_eq!(found, [("a.gcc-O2".into(), 2), ("b.gcc-O2".into(), 1)]);
    }

    #[test]
    fn no_file_can_begin_within_the_separator() {
        assert!(!SEPARATOR.contains(&0x7f) && !SEPARATOR.contains(&b'!'));
    }
}
