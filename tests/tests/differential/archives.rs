//! Archives of other people's objects: the C library, the C++ library, and Rust's own. Each member is linked by itself, and
//! then all of them together.

use crate::elf::File;
use crate::programs::{self, WAYS, directory, finish, judge};
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

/// Two tests for each archive; Rust's make one program.
pub(crate) fn trials(machine: &'static Machine) -> Vec<Trial> {
    let of_compiler = OF_COMPILERS.map(|name| path_of(machine, name));
    let members = corpus::library_objects(machine).unwrap_or_else(|error| panic!("{error:#}"));
    let paths = members.into_iter().map(|member| member.path);
    let (of_rust, of_gcc): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .filter(|path| path.extension().is_some_and(|extension| extension != "o"))
        .partition(|path| !path.ends_with("libgcc.a"));
    let mut trials = Vec::new();
    for path in of_compiler.iter().chain(&of_gcc).chain(&of_rust) {
        // Rust's have a number behind the name.
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let stem = stem.split('-').next().unwrap_or_default();
        let name = format!("{}::{stem}::each_member", machine.name);
        let path = path.clone();
        trials.push(Trial::test(name.clone(), move || {
            finish(check_each(&path, &directory(&name)))
        }));
    }
    let [libc, libstdcxx] = of_compiler;
    for (name, archives) in [
        ("libc", vec![libc]),
        ("libstdc++", vec![libstdcxx]),
        ("rust", of_rust),
    ] {
        let name = format!("{}::{name}::as_a_whole", machine.name);
        trials.push(Trial::test(name.clone(), move || {
            finish(check_whole(&archives, &directory(&name)))
        }));
    }
    trials
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

/// Writes the objects in an archive to files in `directory`.
fn extract(archive: &Path, directory: &Path) -> Vec<PathBuf> {
    let bytes = fs::read(archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
    let stem = archive.file_stem().unwrap_or_default().to_string_lossy();
    let mut paths = Vec::new();
    for (index, member) in ArchiveFile::parse(&*bytes).unwrap().members().enumerate() {
        let member = member.unwrap();
        let name = String::from_utf8_lossy(member.name());
        // Rust keeps more than code in its archives.
        if name.ends_with(".rmeta") {
            continue;
        }
        // An archive may have several members of one name.
        let path = directory.join(format!("{stem}.{index}.{name}"));
        fs::write(&path, member.data(&*bytes).unwrap()).unwrap();
        paths.push(path);
    }
    assert!(!paths.is_empty(), "{} has no members", archive.display());
    paths
}

/// Links each member, with relaxation and without, and says what is wrong with that.
fn check_each(archive: &Path, directory: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    for path in extract(archive, directory) {
        let name = path.to_string_lossy();
        let object = [File::parse(&name, fs::read(&path).unwrap())];
        for (relaxation, region) in WAYS {
            match tool::link(&object, relaxation, region, directory) {
                Ok((linked, faults)) => {
                    failures.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
                    failures.extend(judge(&object, &linked));
                }
                Err(error) => failures.push(format!("{name}: {error}")),
            }
        }
        fs::remove_file(&path).unwrap();
    }
    if failures.len() > SHOWN {
        let count = failures.len();
        failures.truncate(SHOWN);
        failures.push(format!("… and {} more", count - SHOWN));
    }
    failures
}

/// Links all members of the archives, and says what is wrong with that.
fn check_whole(archives: &[PathBuf], directory: &Path) -> Vec<String> {
    let paths = archives
        .iter()
        .flat_map(|archive| extract(archive, directory));
    let paths: Vec<PathBuf> = paths.collect();
    let failures = programs::check(&paths, true, directory);
    for path in paths {
        fs::remove_file(path).unwrap();
    }
    failures
}
