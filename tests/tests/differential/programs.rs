//! Programs and libraries that are compiled here: each is verified in every flavour, some are compared with `ld.lld`.

use crate::compare;
use crate::elf::{File, Place};
use crate::figures;
use crate::linked::Linked;
use crate::lld::{self, Placement, Relaxation};
use crate::names;
use crate::support;
use crate::tool::{self, Region};
use crate::verify::{self, Extent, Mismatch};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use xtask::machines::Machine;
use xtask::toolchain::corpus::{self, Member};

/// The libraries that must be among what is compiled.
const LIBRARIES: [&str; 3] = ["lua", "sqlite", "zstd"];

/// The flavours of the small programs that are compared with `ld.lld`, too: it takes longer than we do.
const COMPARED: &[&str] = &["gcc-O2", "gcc-nopic-O3", "clang-noplt", "rustc-O3"];

/// The ways in which everything is linked.
pub(crate) const WAYS: [(Relaxation, Region); 2] = [
    (Relaxation::Off, Region::Low),
    (Relaxation::On, Region::Usual),
];

/// The ways in which is linked what `ld.lld` links, too.
const COMPARED_WAYS: [(Relaxation, Region); 2] = [
    (Relaxation::Off, Region::Low),
    (Relaxation::On, Region::Low),
];

/// How many objects make more than a small program.
const MANY: usize = 100;

/// How many mismatches of a link are shown.
const SHOWN: usize = 12;

/// A test for each library and flavour, and for each small program.
pub(crate) fn trials(machine: &'static Machine) -> Vec<Trial> {
    let libraries = corpus::library_objects(machine).unwrap_or_else(|error| panic!("{error:#}"));
    let modules = corpus::test_objects(machine).unwrap_or_else(|error| panic!("{error:#}"));
    for name in LIBRARIES {
        let beginning = format!("{name}.");
        let is_there = libraries
            .iter()
            .any(|member| member.name.starts_with(&beginning));
        assert!(is_there, "{name} was not compiled for {}", machine.name);
    }
    let mut trials = Vec::new();
    for ((library, flavour), paths) in programs(libraries) {
        let name = format!("{}::{library}::{flavour}", machine.name);
        trials.push(Trial::test(name.clone(), move || {
            finish(check(&paths, true, &directory(&name)))
        }));
    }
    let mut by_program: BTreeMap<String, Vec<(String, Vec<PathBuf>)>> = BTreeMap::new();
    for ((program, flavour), paths) in programs(modules) {
        // Those must not link.
        if !program.starts_with("refused_") {
            by_program
                .entry(program)
                .or_default()
                .push((flavour, paths));
        }
    }
    for (program, flavours) in by_program {
        let name = format!("{}::modules::{program}", machine.name);
        trials.push(Trial::test(name.clone(), move || {
            let mut failures = Vec::new();
            for (flavour, paths) in flavours {
                let is_compared = COMPARED.contains(&flavour.as_str());
                failures.extend(check(&paths, is_compared, &directory(&name)));
            }
            finish(failures)
        }));
    }
    trials
}

/// The objects that make a program in a flavour, by the names of both.
fn programs(members: Vec<Member>) -> BTreeMap<(String, String), Vec<PathBuf>> {
    let mut programs: BTreeMap<_, Vec<PathBuf>> = BTreeMap::new();
    for member in members {
        // Archives stand beside all programs.
        let Some(name) = member.name.strip_suffix(".o") else {
            continue;
        };
        let (name, flavour) = name.rsplit_once('.').unwrap_or((name, "as it is"));
        let program = name.split('.').next().unwrap_or(name);
        let key = (program.to_owned(), flavour.to_owned());
        programs.entry(key).or_default().push(member.path);
    }
    programs
}

/// A directory for the files of the test of this name.
pub(crate) fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("differential")
        .join(name.replace("::", "/"));
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// The outcome of a test that has found this.
pub(crate) fn finish(failures: Vec<String>) -> Result<(), Failed> {
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failed::from(failures.join("\n")))
}

/// Links the files, with relaxation and without, and says what is wrong with that. Those that can be compared are linked once
/// more if they aren't all.
pub(crate) fn check(paths: &[PathBuf], is_compared: bool, directory: &Path) -> Vec<String> {
    let objects: Vec<File> = paths.iter().map(|path| read(path)).collect();
    let all = objects.len();
    if !is_compared {
        return check_objects(&objects, false, directory);
    }
    let mut failures = Vec::new();
    if !objects.iter().all(is_comparable) {
        failures.extend(check_objects(&objects, false, directory));
    }
    let mut comparable: Vec<File> = objects.into_iter().filter(is_comparable).collect();
    // Of a small program, the rest says little.
    if comparable.len() < all && all < MANY {
        return failures;
    }
    let support = directory.join("support.o");
    fs::write(&support, support::object_for(&comparable)).unwrap();
    comparable.push(read(&support));
    failures.extend(check_objects(&comparable, true, directory));
    failures
}

/// Whether `ld.lld` makes of an object what we would: it doesn't tell where it keeps what resolvers choose, and it always
/// rewrites code for thread-local storage.
fn is_comparable(object: &File) -> bool {
    let mut symbols = object.symbols.iter();
    !symbols.any(|symbol| symbol.is_indirect || symbol.is_thread_local)
}

fn check_objects(objects: &[File], is_compared: bool, directory: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    let ways = if is_compared { COMPARED_WAYS } else { WAYS };
    for (relaxation, region) in ways {
        let linked = match tool::link(objects, relaxation, region, directory) {
            Ok((linked, faults)) => {
                failures.extend(faults);
                linked
            }
            Err(error) => {
                failures.push(error);
                continue;
            }
        };
        failures.extend(judge(objects, &linked));
        if is_compared {
            failures.extend(compare_with_lld(objects, &linked, relaxation, directory));
        }
    }
    failures
}

/// Verifies a link and says what is wrong with it.
pub(crate) fn judge(objects: &[File], linked: &Linked) -> Vec<String> {
    let report = verify::verify(objects, linked, Extent::Whole);
    figures::count_link(&report);
    told(&report.mismatches)
}

fn compare_with_lld(
    objects: &[File],
    ours: &Linked,
    relaxation: Relaxation,
    directory: &Path,
) -> Vec<String> {
    let placement = Placement::of(objects, ours);
    let theirs = lld::link(objects, &placement, relaxation, &directory.join("lld"));
    // If we are wrong about what is right, that shows in their link too.
    let mut failures: Vec<String> =
        told(&verify::verify(objects, &theirs, Extent::Part).mismatches);
    for failure in &mut failures {
        failure.insert_str(0, "in ld.lld's link: ");
    }
    let (comparison, mismatches) = compare::compare(objects, ours, &theirs);
    figures::count_comparison(comparison);
    failures.extend(told(&mismatches));
    failures
}

fn told(mismatches: &[Mismatch]) -> Vec<String> {
    let mut lines: Vec<String> = mismatches
        .iter()
        .take(SHOWN)
        .map(Mismatch::to_string)
        .collect();
    if mismatches.len() > SHOWN {
        lines.push(format!("… and {} more", mismatches.len() - SHOWN));
    }
    lines
}

fn read(path: &Path) -> File {
    File::parse(&path.to_string_lossy(), fs::read(path).unwrap())
}

impl Placement {
    /// Where another linker put everything.
    fn of(objects: &[File], linked: &Linked) -> Self {
        let symbols = objects.iter().flat_map(|object| &object.symbols);
        let names =
            symbols.filter(|symbol| symbol.place == Place::Common || names::is_bound(&symbol.name));
        let names = names.filter_map(|symbol| {
            let address = linked.names.get(&symbol.name)?;
            Some((symbol.name.clone(), *address))
        });
        // A section of which parts were left out speaks of code that is gone: `ld.lld` wouldn't link it as it is.
        let sections = linked
            .sections
            .iter()
            .filter_map(|(&(object, section), pieces)| {
                let facts = &objects[object].sections[section];
                let is_whole = matches!(pieces[..], [piece] if piece.size == facts.size);
                let address = pieces.first()?.address;
                (facts.is_allocated() && is_whole).then_some(((object, section), address))
            });
        Self {
            sections: sections.collect(),
            names: names.collect(),
            got: linked.got_base.unwrap_or(0),
        }
    }
}
