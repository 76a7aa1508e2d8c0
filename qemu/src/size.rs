//! What the code of a program is of: which floor of the loader, or which other crate, by the names of its symbols.
//!
//! Code that was inlined counts where it ended up. Generic code that another crate wrote, such as sorting, counts for the
//! floor whose types or closures it was made for.

use anyhow::{Context, Result};
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use rustc_demangle::try_demangle;
use std::collections::BTreeMap;

/// Whom code is counted for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Owner {
    /// A floor of the loader, which [`FLOORS`] has.
    Floor(&'static str),
    /// `core` or `alloc`.
    Library,
    /// Another crate, or what compilers call by C's names.
    Other,
    /// The program itself.
    Program,
}

/// The loader's floors that link on bare metal, the lowest first.
pub const FLOORS: [&str; 12] = [
    "base", "edge", "memory", "graph", "format", "arch", "compiler", "pass", "kit", "link",
    "session", "jit",
];

/// The crate of the programs that are measured, and the symbol that they are entered by.
const PROGRAM: [&str; 2] = ["ironlink_size", "_start"];

impl Owner {
    /// All there are, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        let floors = FLOORS.into_iter().map(Self::Floor);
        floors.chain([Self::Library, Self::Other, Self::Program])
    }

    /// Whom a function of this name is counted for. Of several floors that it names, the highest wanted it.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let names = |floor: &&str| name.contains(&format!("ironlink::{floor}::"));
        if let Some(floor) = FLOORS.into_iter().rev().find(names) {
            return Self::Floor(floor);
        }
        match first_crate(name) {
            Some("core" | "alloc") => Self::Library,
            Some(it) if PROGRAM.contains(&it) => Self::Program,
            None if PROGRAM.contains(&name) => Self::Program,
            _ => Self::Other,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor(name) => name,
            Self::Library => "core, alloc",
            Self::Other => "other crates",
            Self::Program => "the program",
        }
    }
}

/// The crate that wrote a function: the one whose path its name begins with. Methods of primitive types are `core`'s.
fn first_crate(name: &str) -> Option<&str> {
    let (before, _) = name.split_once("::")?;
    let is_within = |c: char| c.is_alphanumeric() || c == '_';
    let word = before.rsplit(|c| !is_within(c)).next()?;
    Some(if word.is_empty() { "core" } else { word })
}

/// How large a program is, in bytes.
#[derive(Debug, Default)]
pub struct Size {
    /// Its code.
    pub text: u64,
    /// Its constants.
    pub rodata: u64,
    /// Whom how much of the code is of.
    pub owners: BTreeMap<Owner, u64>,
    /// How much of the floors' code is generic code that other crates wrote.
    pub generic: u64,
    /// Each function, with its size; the largest first.
    pub functions: Vec<(u64, String)>,
}

impl Size {
    /// Reads it from a program's file.
    ///
    /// # Errors
    /// It is no object file, or has no code.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        let file = object::File::parse(bytes)?;
        let text = file.section_by_name(".text").context("it has no .text")?;
        let rodata = file.section_by_name(".rodata");
        let mut size = Self {
            text: text.size(),
            rodata: rodata.map_or(0, |section| section.size()),
            ..Self::default()
        };
        // Functions of the same bytes may have been made one: it is counted once.
        let functions: BTreeMap<u64, (u64, &str)> = file
            .symbols()
            .filter(|symbol| symbol.section_index() == Some(text.index()))
            .filter(|symbol| symbol.kind() == SymbolKind::Text)
            .filter_map(|symbol| Some((symbol.address(), (symbol.size(), symbol.name().ok()?))))
            .collect();
        for (bytes, symbol) in functions.into_values() {
            let name =
                try_demangle(symbol).map_or_else(|_| symbol.to_owned(), |name| format!("{name:#}"));
            size.add(name, bytes);
        }
        size.functions.sort_by(|one, other| other.cmp(one));
        Ok(size)
    }

    /// Code that no symbol tells of: what lies between functions.
    #[must_use]
    pub fn unnamed(&self) -> u64 {
        self.text.saturating_sub(self.owners.values().sum())
    }

    fn add(&mut self, name: String, bytes: u64) {
        let owner = Owner::of(&name);
        *self.owners.entry(owner).or_default() += bytes;
        if matches!(owner, Owner::Floor(_)) && first_crate(&name) != Some("ironlink") {
            self.generic += bytes;
        }
        self.functions.push((bytes, name));
    }
}

#[cfg(test)]
mod tests {
    use super::{FLOORS, Owner, Size};
    use std::path::Path;

    #[test]
    fn a_function_is_its_floors() {
        for (name, floor) in [
            ("ironlink::link::reach::of", "link"),
            ("<ironlink::format::elf::Reader>::add_edges", "format"),
            (
                "<ironlink::base::name::Name as core::fmt::Display>::fmt",
                "base",
            ),
        ] {
            assert_eq!(Owner::of(name), Owner::Floor(floor), "{name}");
        }
    }

    #[test]
    fn generic_code_is_the_highest_floors_that_it_was_made_for() {
        for (name, floor) in [
            (
                "core::slice::sort::heapsort::<ironlink::base::name::Name>",
                "base",
            ),
            (
                "core::slice::sort::heapsort::<u32, <ironlink::graph::globals::Groups>::take::{closure#2}>",
                "graph",
            ),
            (
                "<ironlink::link::write::Written<ironlink::memory::kernel_space::KernelInFlight<ironlink_size::given::Frames>>>::blocks",
                "link",
            ),
        ] {
            assert_eq!(Owner::of(name), Owner::Floor(floor), "{name}");
        }
    }

    #[test]
    fn what_names_no_floor_is_a_librarys_or_the_programs() {
        for (name, owner) in [
            ("<core::fmt::Formatter>::pad", Owner::Library),
            ("<u32 as core::fmt::Display>::fmt", Owner::Library),
            ("<str>::trim", Owner::Library),
            ("memchr::arch::all::memchr::find", Owner::Other),
            ("memcpy", Owner::Other),
            ("ironlink_size::bare::begin", Owner::Program),
            ("_start", Owner::Program),
        ] {
            assert_eq!(Owner::of(name), owner, "{name}");
        }
    }

    #[test]
    fn generic_code_of_others_is_told_apart() {
        let mut size = Size {
            text: 100,
            ..Size::default()
        };
        size.add(String::from("ironlink::pass::prune"), 40);
        size.add(
            String::from("core::slice::sort::<ironlink::pass::Bound>"),
            30,
        );
        size.add(String::from("core::fmt::write"), 20);
        assert_eq!(size.owners[&Owner::Floor("pass")], 70);
        assert_eq!(size.owners[&Owner::Library], 20);
        assert_eq!((size.generic, size.unnamed()), (30, 10));
    }

    #[test]
    fn every_floor_is_a_folder_of_the_loader() {
        let loader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../loader/src");
        let mut folders = Vec::new();
        for entry in loader.read_dir().unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_dir() {
                folders.push(entry.file_name().into_string().unwrap());
            }
        }
        // The tool needs an operating system.
        folders.retain(|folder| folder != "cli");
        folders.sort();
        let mut floors = FLOORS.map(String::from);
        floors.sort();
        assert_eq!(folders, floors);
    }
}
