//! A picture, as the language of checks asks about it.

use crate::base::Machine;

use super::check::Program;
use super::picture::{Picture, PictureEntry, PictureSection};

impl Program for Picture {
    fn machine(&self) -> Machine {
        self.machine
    }

    fn symbol(&self, name: &str) -> Option<u64> {
        let mut symbols = self.symbols.iter();
        let symbol = symbols.find(|symbol| symbol.name == name);
        symbol.map(|symbol| symbol.address)
    }

    fn read(&self, address: u64, into: &mut [u8]) -> usize {
        let mut sections = self.sections.iter();
        let section = sections.find(|section| holds(section, address));
        let Some(section) = section else {
            return 0;
        };
        // The end of a section isn't the end of what is linked: what was split off goes on behind it.
        let rest = section.size - (address - section.address);
        let count = usize::try_from(rest).unwrap_or(usize::MAX).min(into.len());
        let (now, later) = into.split_at_mut(count);
        now.fill(0);
        let start = usize::try_from(address - section.address).unwrap_or(usize::MAX);
        if let Some(bytes) = section.bytes.get(start..) {
            let there = bytes.len().min(count);
            now[..there].copy_from_slice(&bytes[..there]);
        }
        match address.checked_add(rest) {
            Some(next) if !later.is_empty() => count + self.read(next, later),
            _ => count,
        }
    }

    fn stub(&self, object: &str, symbol: &str, _kind: Option<&str>) -> Option<u64> {
        self.entry(&self.stubs, object, symbol)
    }

    fn got(&self, object: &str, symbol: &str) -> Option<u64> {
        self.entry(&self.got, object, symbol)
    }

    fn section(&self, object: &str, name: &str) -> Option<u64> {
        let is_here = |section: &&PictureSection| {
            section.name == name && (section.is_of_linker || is_called(&section.object, object))
        };
        let sections = self.sections.iter().filter(is_here);
        sections.map(|section| section.address).min()
    }
}

impl Picture {
    /// The address of a symbol's entry. There is one table for all objects: the object only has to be there.
    fn entry(&self, table: &[PictureEntry], object: &str, symbol: &str) -> Option<u64> {
        let mut sections = self.sections.iter();
        if !sections.any(|section| is_called(&section.object, object)) {
            return None;
        }
        let mut entries = table.iter();
        let entry = entries.find(|entry| entry.symbol == symbol);
        entry.map(|entry| entry.address)
    }
}

fn holds(section: &PictureSection, address: u64) -> bool {
    let into = address.checked_sub(section.address);
    section.protection.is_some() && into.is_some_and(|into| into < section.size)
}

/// Whether a path is that of a file of this name.
fn is_called(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name)
}
