//! What is kept of the names of a module's parts: its objects, which errors name, and the sections whose bounds others may ask
//! for. Each kind has its names in one stretch of bytes.

use alloc::vec::Vec;

use crate::base::{AddressRange, Name, OutOfMemory, fallible, int};
use crate::graph::{LinkGraph, ObjectId};

/// The names of a module's objects.
#[derive(Default, Debug)]
pub(super) struct ObjectNames {
    bytes: Vec<u8>,
    /// Where each name ends.
    ends: Vec<u32>,
}

impl ObjectNames {
    pub(super) fn record(&mut self, graph: &LinkGraph<'_>) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.ends, graph.objects.len())?;
        for (_, object) in graph.objects.iter() {
            if !object.archive.is_empty() {
                fallible::extend(&mut self.bytes, object.archive.bytes())?;
                fallible::extend(&mut self.bytes, b"(")?;
            }
            fallible::extend(&mut self.bytes, object.name.bytes())?;
            if !object.archive.is_empty() {
                fallible::extend(&mut self.bytes, b")")?;
            }
            let end = u32::try_from(self.bytes.len()).map_err(|_| OutOfMemory)?;
            fallible::push(&mut self.ends, end)?;
        }
        Ok(())
    }

    pub(super) fn get(&self, object: ObjectId) -> Option<Name<'_>> {
        let end = int::usize_from_u32(*self.ends.get(object.index())?);
        let before = object
            .index()
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |&start| int::usize_from_u32(start));
        Some(Name::new(self.bytes.get(start..end)?))
    }
}

/// Sections whose names C can spell, and where they lie.
#[derive(Default, Debug)]
pub(super) struct SectionNames {
    bytes: Vec<u8>,
    /// Where each name ends, and where its sections lie.
    sections: Vec<(u32, AddressRange)>,
}

impl SectionNames {
    pub(super) fn record(&mut self, named: &[(Name<'_>, AddressRange)]) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.sections, named.len())?;
        for (name, range) in named {
            fallible::extend(&mut self.bytes, name.bytes())?;
            let end = u32::try_from(self.bytes.len()).map_err(|_| OutOfMemory)?;
            fallible::push(&mut self.sections, (end, *range))?;
        }
        Ok(())
    }

    /// Where the sections of this name lie.
    pub(super) fn find(&self, wanted: Name<'_>) -> Option<AddressRange> {
        let mut start = 0;
        self.sections.iter().find_map(|&(end, range)| {
            let end = int::usize_from_u32(end);
            let name = self.bytes.get(start..end)?;
            start = end;
            (name == wanted.bytes()).then_some(range)
        })
    }
}
