//! Which members were read already. Members that an index names may lie within each other, and a thin archive may name a file
//! again and again: without care, the work would grow with the square of an archive's length.

use crate::base::{HashTable, Mark, Name, OutOfMemory};

use super::Member;

/// Members that were taken out of archives: each once, and together no more than the files are long that hold them.
#[derive(Debug, Default)]
pub struct Taken {
    /// Where the content of each begins.
    members: HashTable<usize>,
    files: HashTable<File>,
}

/// A file that members were taken from.
#[derive(Clone, Copy, Default, Debug)]
struct File {
    /// Where its bytes begin.
    start: usize,
    /// How many more may be taken.
    bytes_left: usize,
}

impl Taken {
    /// None yet.
    pub const fn new() -> Self {
        Self {
            members: HashTable::new(),
            files: HashTable::new(),
        }
    }

    /// Takes a member; false if it, or some of its bytes as part of others, was taken before.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn take(&mut self, member: &Member<'_>) -> Result<bool, OutOfMemory> {
        let start = member.bytes.as_ptr().addr();
        let mark = mark_of(start);
        if self.members.find(mark, |&taken| taken == start).is_some() {
            return Ok(false);
        }
        let file = self.file(member.file)?;
        let Some(left) = file.bytes_left.checked_sub(member.bytes.len()) else {
            return Ok(false);
        };
        file.bytes_left = left;
        self.members.insert(mark, start)?;
        Ok(true)
    }

    fn file(&mut self, bytes: &[u8]) -> Result<&mut File, OutOfMemory> {
        let start = bytes.as_ptr().addr();
        let new = File {
            start,
            bytes_left: bytes.len(),
        };
        let is_it = |file: &File| file.start == start;
        self.files.enter(mark_of(start), new, is_it)?;
        self.files
            .find_mut(mark_of(start), is_it)
            .ok_or(OutOfMemory)
    }
}

fn mark_of(place: usize) -> Mark {
    Mark::of(Name::new(&place.to_le_bytes()))
}
