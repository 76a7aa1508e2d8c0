//! The loader's floors: a file imports from lower floors and from its own folder, never upward and never sideways.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of `loader/src` and how high they lie. Folders of one height don't know each other.
const FLOORS: &[(&str, u32)] = &[
    ("base", 0),
    ("edge", 1),
    ("memory", 1),
    ("graph", 2),
    ("format", 3),
    ("arch", 3),
    ("compiler", 3),
    ("pass", 4),
    ("kit", 4),
    ("link", 5),
    ("session", 6),
    ("jit", 7),
    ("unwind", 7),
    ("debug", 7),
    ("cli", 8),
];

#[test]
fn every_folder_of_the_loader_has_a_floor() {
    for entry in fs::read_dir(loader()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(height(name).is_some(), "loader/src/{name} is on no floor");
        }
    }
}

#[test]
fn no_file_imports_from_its_own_height_or_above() {
    let mut violations = Vec::new();
    let mut count = 0;
    for (folder, _) in FLOORS {
        for file in rust_files(&loader().join(folder)) {
            count += 1;
            let text = fs::read_to_string(&file).unwrap();
            let is_folder_itself = file.file_name().is_some_and(|name| name == "mod.rs");
            let inner = file.strip_prefix(loader()).unwrap();
            let module = Module {
                folder,
                depth: inner.components().count() - usize::from(is_folder_itself),
                text: &text,
            };
            for (line, import) in wrong_imports(&module) {
                violations.push(format!("{}:{line} imports {import}", inner.display()));
            }
        }
    }
    assert!(count > 20, "only {count} files were found");
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn upward_and_sideways_imports_are_found() {
    let upward = "use core::fmt;\nuse crate::link::LinkError;\n";
    assert_eq!(wrong_in("graph", upward), [(2, "link".to_owned())]);
    let sideways = "    use crate::arch::{self, FixUpFault};";
    assert_eq!(wrong_in("format", sideways), [(1, "arch".to_owned())]);
    let grouped = "use crate::{\n    base::Name,\n    session::{self, Session},\n};";
    assert_eq!(wrong_in("pass", grouped), [(3, "session".to_owned())]);
    let in_passing = "fn f() -> crate::session::Session { loop {} }";
    assert_eq!(wrong_in("link", in_passing), [(1, "session".to_owned())]);
    let by_super = "use super::super::edge::Field;";
    assert_eq!(wrong_in("memory", by_super), [(1, "edge".to_owned())]);
}

#[test]
fn downward_imports_own_folders_and_comments_are_fine() {
    let text = "//! See [`crate::session`].\nuse crate::base::Name;\nuse crate::link::layout; // crate::jit\n\
                use super::session::Own;\n";
    assert_eq!(wrong_in("link", text), []);
}

/// The wrong imports of a file that lies in `folder` itself.
fn wrong_in(folder: &str, text: &str) -> Vec<(usize, String)> {
    wrong_imports(&Module {
        folder,
        depth: 2,
        text,
    })
}

/// The lines of `module` that import from its folder's own height or above, and from where.
fn wrong_imports(module: &Module<'_>) -> Vec<(usize, String)> {
    let own = height(module.folder).expect("the folder is on a floor");
    let is_wrong =
        |name: &str| name != module.folder && height(name).is_some_and(|other| other >= own);
    // From there on, a path starts at the crate's root.
    let supers = "super::".repeat(module.depth);
    let mut wrong = Vec::new();
    let mut is_in_group = false;
    for (number, line) in (1..).zip(module.text.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        let mut roots: Vec<&str> = code.split("crate::").skip(1).collect();
        roots.extend(code.split(&supers).skip(1));
        // Paths of a group `use crate::{` that goes over several lines.
        if is_in_group {
            roots.push(code.trim_start());
        }
        if code.contains("use crate::{") {
            is_in_group = true;
            roots.extend(code.split(['{', ',']).skip(1).map(str::trim_start));
        }
        if code.contains(';') {
            is_in_group = false;
        }
        for root in roots {
            let end = root.find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = &root[..end.unwrap_or(root.len())];
            if is_wrong(name) {
                wrong.push((number, name.to_owned()));
            }
        }
    }
    wrong.dedup();
    wrong
}

/// A file as its imports see it.
struct Module<'a> {
    folder: &'a str,
    /// How many modules it lies in, itself included.
    depth: usize,
    text: &'a str,
}

fn height(folder: &str) -> Option<u32> {
    let floor = FLOORS.iter().find(|(name, _)| *name == folder)?;
    Some(floor.1)
}

fn loader() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../loader/src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect()
}
