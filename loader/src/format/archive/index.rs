//! Which member defines a name: as the archive's own index says, or, where there is none, as the members say themselves.

use object::read::archive::ArchiveFile;

use crate::base::{HashTable, Mark, Name, OutOfMemory};
use crate::format::{FormatError, FormatFault, elf};

use super::container::Container;
use super::members::{Member, Members};
use super::taken::Taken;

/// The names that an archive defines, each with the place of the first member that does.
#[derive(Debug)]
pub(super) struct Index<'a> {
    entries: HashTable<Entry<'a>>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Entry<'a> {
    symbol: Name<'a>,
    member: u64,
}

impl<'a> Index<'a> {
    /// The index of an archive. One without names is as good as none: an `ar` that doesn't know the machine writes such.
    pub(super) fn of(container: Container<'a>) -> Result<Self, FormatError> {
        let mut index = Self {
            entries: HashTable::new(),
        };
        index
            .add_written(container.bytes)
            .map_err(|fault| FormatError::of_object(container.name, fault))?;
        if index.entries.is_empty() {
            index.add_defined(container)?;
        }
        Ok(index)
    }

    pub(super) fn find(&self, symbol: Name<'_>) -> Option<u64> {
        let entry = self
            .entries
            .find(Mark::of(symbol), |entry| entry.symbol == symbol)?;
        Some(entry.member)
    }

    /// Adds what the archive's own index says, if there is one.
    fn add_written(&mut self, bytes: &'a [u8]) -> Result<(), FormatFault> {
        // The size is not known before: each step checks what it reads, so that a large count alone costs nothing.
        let Some(symbols) = ArchiveFile::parse(bytes)?.symbols()? else {
            return Ok(());
        };
        let mut name_bytes_left = bytes.len();
        for symbol in symbols {
            let symbol = symbol?;
            // Names may share bytes; what all hold together is bounded, and so is the work that they make.
            let left = name_bytes_left.checked_sub(symbol.name().len());
            name_bytes_left = left
                .ok_or_else(|| FormatFault::damaged("the names of the archive's index overlap"))?;
            self.add(Name::new(symbol.name()), symbol.offset().0)?;
        }
        Ok(())
    }

    /// Adds what each member defines that is an object.
    fn add_defined(&mut self, container: Container<'a>) -> Result<(), FormatError> {
        let mut taken = Taken::new();
        for member in Members::in_container(container) {
            let member = member?;
            self.add_defined_in(&member, &mut taken)
                .map_err(|fault| FormatError::of_member(container.name, member.name, fault))?;
        }
        Ok(())
    }

    fn add_defined_in(
        &mut self,
        member: &Member<'a>,
        taken: &mut Taken,
    ) -> Result<(), FormatFault> {
        // What was read before told its names then, and the first member counts.
        if member.is_object() && taken.take(member)? {
            for symbol in elf::defined_names(member.bytes)? {
                self.add(symbol?, member.offset)?;
            }
        }
        Ok(())
    }

    /// Adds a name, unless it is there: the first member that defines it counts.
    fn add(&mut self, symbol: Name<'a>, member: u64) -> Result<(), OutOfMemory> {
        let is_it = |entry: &Entry<'_>| entry.symbol == symbol;
        self.entries
            .enter(Mark::of(symbol), Entry { symbol, member }, is_it)?;
        Ok(())
    }
}
