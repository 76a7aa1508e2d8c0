//! A census of an object's relocations: how many of each number there are in the sections that are loaded.
//!
//! The reader stops at the first relocation that it refuses; this counts on.

use std::collections::BTreeMap;

use object::LittleEndian;
use object::elf::{self, FileHeader64};
use object::read::Error;
use object::read::elf::{FileHeader as _, SectionHeader as _};

const LE: LittleEndian = LittleEndian;

/// How many relocations of each number there are.
#[derive(Default)]
pub(super) struct Census {
    pub(super) counts: BTreeMap<u32, u64>,
}

/// Counts an object's relocations.
pub(super) fn of(bytes: &[u8]) -> Result<Census, Error> {
    let header = FileHeader64::<LittleEndian>::parse(bytes)?;
    let mut census = Census::default();
    if header.e_type(LE) != elf::ET_REL {
        return Ok(census);
    }
    let sections = header.sections(LE, bytes)?;
    let mut count = |number: u32| *census.counts.entry(number).or_default() += 1;
    for section in sections.iter() {
        let target = sections.section(section.info_link(LE));
        if !target.is_ok_and(|target| target.sh_flags(LE).contains(elf::SHF_ALLOC)) {
            continue;
        }
        if let Some((relocations, _)) = section.rela(LE, bytes)? {
            let numbers = relocations.iter();
            numbers.for_each(|relocation| count(relocation.r_type(LE, false).0));
        }
        if let Some((relocations, _)) = section.rel(LE, bytes)? {
            let numbers = relocations.iter();
            numbers.for_each(|relocation| count(relocation.r_type(LE).0));
        }
        if let Some((relocations, _)) = section.crel(LE, bytes)? {
            for relocation in relocations {
                count(relocation?.r_type.0);
            }
        }
    }
    Ok(census)
}
