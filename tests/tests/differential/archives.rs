//! Archives of other people's objects: the C library, the C++ library, and Rust's own, each member linked by itself.

use crate::elf::File;
use crate::lld::Relaxation;
use crate::programs::{directory, finish, judge};
use crate::tool;
use libtest_mimic::Trial;
use object::read::archive::ArchiveFile;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::machines::Machine;
use xtask::toolchain::corpus;

/// The archives that come with a compiler.
const OF_COMPILERS: [&str; 2] = ["libc.a", "libstdc++.a"];

/// How many failures of an archive are shown.
const SHOWN: usize = 20;

/// A test for each archive.
pub(crate) fn trials(machine: &'static Machine) -> Vec<Trial> {
    let of_compiler = OF_COMPILERS.map(|name| path_of(machine, name));
    let members = corpus::library_objects(machine).unwrap_or_else(|error| panic!("{error:#}"));
    let of_rust = members
        .into_iter()
        .map(|member| member.path)
        .filter(|path| {
            let extension = path.extension().unwrap_or_default();
            extension == "rlib" || extension == "a"
        });
    let trial = |path: PathBuf| {
        // Rust's have a number behind the name.
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.split('-').next().unwrap_or_default();
        let name = format!("{}::{name}", machine.name);
        Trial::test(name.clone(), move || {
            finish(check(&path, &directory(&name)))
        })
    };
    of_compiler.into_iter().chain(of_rust).map(trial).collect()
}

/// Where the compiler for the machine has the archive.
fn path_of(machine: &Machine, archive: &str) -> PathBuf {
    let mut compiler = Command::new(machine.gnu_compilers().gcc.program);
    compiler.arg(format!("-print-file-name={archive}"));
    let answer = compiler
        .output()
        .expect("the compiler was there for the corpus");
    PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim())
}

/// Links each member, with relaxation and without, and says what is wrong with that.
fn check(archive: &Path, directory: &Path) -> Vec<String> {
    let bytes = fs::read(archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
    let mut failures = Vec::new();
    let mut count = 0;
    for (index, member) in ArchiveFile::parse(&*bytes).unwrap().members().enumerate() {
        let member = member.unwrap();
        let name = String::from_utf8_lossy(member.name());
        let object = member.data(&*bytes).unwrap().to_vec();
        // Rust keeps more than code in its archives.
        if name.ends_with(".rmeta") {
            continue;
        }
        count += 1;
        // An archive may have several members of one name.
        let path = directory.join(format!("{index}.{name}"));
        fs::write(&path, &object).unwrap();
        let object = [File::parse(&path.to_string_lossy(), object)];
        for relaxation in [Relaxation::Off, Relaxation::On] {
            match tool::link(&object, relaxation, directory) {
                Ok((linked, faults)) => {
                    failures.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
                    failures.extend(judge(&object, &linked));
                }
                Err(error) => failures.push(format!("{name}: {error}")),
            }
        }
        fs::remove_file(&path).unwrap();
    }
    assert!(count > 0, "{} has no members", archive.display());
    if failures.len() > SHOWN {
        let count = failures.len();
        failures.truncate(SHOWN);
        failures.push(format!("… and {} more", count - SHOWN));
    }
    failures
}
