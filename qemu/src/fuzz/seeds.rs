//! What fuzzing begins with: the objects of the corpus and of the case files, those that belong together in one input,
//! small enough to be changed quickly.

use crate::machines::{MACHINES, Machine};
use crate::report;
use crate::toolchain::cases;
use crate::toolchain::corpus::{self, Member};
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

/// Larger seeds are left out: what they hold, smaller ones hold too, and the engine changes those far more often.
const LARGEST: usize = 16 << 10;

/// Makes the seeds and returns their folder.
///
/// # Errors
/// The corpus can't be compiled, or the folder not be written.
pub fn make() -> Result<PathBuf> {
    let folder = super::folder(&["seeds"])?;
    let mut count = 0;
    for machine in MACHINES {
        for (module, parts) in modules(corpus::test_objects(machine)?) {
            let paths = parts.into_iter().map(|part| part.path);
            count += write(&folder, machine, &module, paths)?;
        }
        for case in cases::all(machine)? {
            count += write(
                &folder,
                machine,
                &format!("case.{}", case.name),
                case.objects,
            )?;
        }
    }
    report::say(format!("{count} seeds in {}", folder.display()));
    Ok(folder)
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
fn write(
    folder: &Path,
    machine: &Machine,
    module: &str,
    objects: impl IntoIterator<Item = PathBuf>,
) -> Result<usize> {
    let read =
        |path: PathBuf| fs::read(&path).with_context(|| format!("cannot read {}", path.display()));
    let files = objects.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    let mut seeds = vec![(String::new(), files.join(SEPARATOR))];
    if let [first, others @ ..] = &files[..]
        && !others.is_empty()
    {
        let with_archive = [first.clone(), archive(others)?].join(SEPARATOR);
        seeds.push((String::from(".archive"), with_archive));
    }
    seeds.retain(|(_, bytes)| bytes.len() <= LARGEST);
    for (suffix, bytes) in &seeds {
        let path = folder.join(format!("{}.{module}{suffix}", machine.name));
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(seeds.len())
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
