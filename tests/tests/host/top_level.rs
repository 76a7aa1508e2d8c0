//! The repository's top level is exactly what ARCHITECTURE.md lists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitignore",
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "kernel",
    "loader",
    "qemu",
    "tests",
];

/// What git keeps for itself, and what builds leave.
const IGNORED: &[&str] = &[".git", "target"];

#[test]
fn the_top_level_is_what_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found: BTreeSet<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !IGNORED.contains(&name.as_str()))
        .collect();
    let listed: BTreeSet<String> = TOP_LEVEL.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(found, listed);
}
