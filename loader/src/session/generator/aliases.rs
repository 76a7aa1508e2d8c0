//! Names that stand for what has another name, here or in another dylib.

use alloc::vec::Vec;

use crate::base::{Name, OutOfMemory, fallible, int, sort};
use crate::session::DylibId;

use super::{Generated, Generator, GeneratorError, Wanted};

/// Names that stand for others of the same dylib, or of what that is linked against.
#[derive(Default, Debug)]
pub struct Aliases {
    /// Name after name, each alias before what it stands for.
    bytes: Vec<u8>,
    /// Where the alias ends, and where what it stands for ends; in ascending order of the aliases.
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: u32,
    middle: u32,
    end: u32,
}

impl Aliases {
    /// These aliases, each with what it stands for. Of several alike, the first counts.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn new(pairs: &[(&str, &str)]) -> Result<Self, OutOfMemory> {
        let mut aliases = Self::default();
        fallible::reserve(&mut aliases.rows, pairs.len())?;
        for (alias, stands_for) in pairs {
            let start = aliases.end()?;
            fallible::extend(&mut aliases.bytes, alias.as_bytes())?;
            let middle = aliases.end()?;
            fallible::extend(&mut aliases.bytes, stands_for.as_bytes())?;
            let end = aliases.end()?;
            fallible::push(&mut aliases.rows, Row { start, middle, end })?;
        }
        let Self { bytes, rows } = &mut aliases;
        // Rows alike stay in the order in which they came, by where they start.
        sort::sort_by_key(rows, |row| (alias_in(bytes, row), row.start));
        Ok(aliases)
    }

    fn end(&self) -> Result<u32, OutOfMemory> {
        u32::try_from(self.bytes.len()).map_err(|_| OutOfMemory)
    }
}

impl Generator for Aliases {
    fn generate(&self, wanted: Wanted<'_>) -> Result<Option<Generated<'_>>, GeneratorError> {
        let before = |row: &Row| alias_in(&self.bytes, row) < wanted.name;
        let row = self.rows.get(self.rows.partition_point(before));
        let row = row.filter(|row| alias_in(&self.bytes, row) == wanted.name);
        Ok(row.map(|row| Generated::SameAs {
            dylib: None,
            name: bytes_in(&self.bytes, row.middle, row.end),
        }))
    }
}

fn alias_in<'b>(bytes: &'b [u8], row: &Row) -> Name<'b> {
    bytes_in(bytes, row.start, row.middle)
}

fn bytes_in(bytes: &[u8], start: u32, end: u32) -> Name<'_> {
    let range = int::usize_from_u32(start)..int::usize_from_u32(end);
    Name::new(bytes.get(range).unwrap_or(&[]))
}

/// Another dylib's names, as if they were the generator's own.
#[derive(Clone, Copy, Debug)]
pub struct ReExports {
    dylib: DylibId,
    /// Which names; all if `None`.
    is_meant: Option<fn(Name<'_>) -> bool>,
}

impl ReExports {
    /// All names that a dylib exports.
    pub const fn all(dylib: DylibId) -> Self {
        Self {
            dylib,
            is_meant: None,
        }
    }

    /// The names that a dylib exports and `is_meant` takes.
    pub const fn only(dylib: DylibId, is_meant: fn(Name<'_>) -> bool) -> Self {
        Self {
            dylib,
            is_meant: Some(is_meant),
        }
    }
}

impl Generator for ReExports {
    fn generate(&self, wanted: Wanted<'_>) -> Result<Option<Generated<'_>>, GeneratorError> {
        if self.is_meant.is_some_and(|is_meant| !is_meant(wanted.name)) {
            return Ok(None);
        }
        Ok(Some(Generated::SameName { dylib: self.dylib }))
    }
}
