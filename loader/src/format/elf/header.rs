//! The file header: is this an object that can be linked for the machine at hand?

use object::SectionIndex;
use object::elf;
use object::read::elf::{FileHeader, SectionTable};

use crate::base::{Machine, int};

use super::{Elf, Fault, LE};

/// Where the header says how long addresses are: `EI_CLASS`.
const CLASS: usize = 4;

/// Checks the header and finds the sections, and the bytes of their names.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    machine: Machine,
) -> Result<(SectionTable<'a, Elf>, &'a [u8]), Fault<'a>> {
    let header = match Elf::parse(bytes) {
        Ok(header) if header.is_big_endian() => return Err(Fault::BigEndian),
        Ok(header) => header,
        Err(_) if bytes.get(CLASS) == Some(&elf::ELFCLASS32.0) => return Err(Fault::Not64Bit),
        Err(error) => return Err(error.into()),
    };
    let found = header.e_machine.get(LE);
    let expected = match machine {
        Machine::X86_64 => elf::EM_X86_64,
        Machine::Aarch64 => elf::EM_AARCH64,
    };
    if found != expected {
        return Err(Fault::WrongMachine {
            found: found.0,
            expected: machine,
        });
    }
    let file_type = header.e_type.get(LE);
    if file_type != elf::ET_REL {
        return Err(Fault::NotRelocatable {
            file_type: file_type.0,
        });
    }
    let sections = header.sections(LE, bytes)?;
    let names = header.shstrndx(LE, bytes).map_or(0, int::usize_from_u32);
    let names = super::strings_in(&sections, SectionIndex(names), bytes);
    Ok((sections, names))
}
