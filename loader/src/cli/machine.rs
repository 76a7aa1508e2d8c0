//! Which machine files are for: what the first object among them says.

use object::elf;

use crate::base::Machine;
use crate::format::FileKind;
use crate::link::Input;

/// The machine of the first object, in a file of its own or in an archive; the host's if no object tells.
pub(super) fn of<'a>(mut files: impl Iterator<Item = Input<'a>>) -> Machine {
    let told = files.find_map(|input| match FileKind::of(input.bytes) {
        FileKind::Elf => of_object(input.bytes),
        FileKind::Archive => of_archive(&input),
        FileKind::Unknown => None,
    });
    told.or(Machine::HOST).unwrap_or(Machine::X86_64)
}

/// The machine that an object is for.
pub(super) fn of_object(bytes: &[u8]) -> Option<Machine> {
    // e_machine, in a header that is the same for all classes up to here. Source: gABI, "ELF Header".
    let field = bytes.get(18..)?.first_chunk()?;
    match elf::Machine(u16::from_le_bytes(*field)) {
        elf::EM_X86_64 => Some(Machine::X86_64),
        elf::EM_AARCH64 => Some(Machine::Aarch64),
        _ => None,
    }
}

fn of_archive(input: &Input<'_>) -> Option<Machine> {
    let mut members = input.all_members().ok()?.filter_map(Result::ok);
    members.find_map(|member| of_object(member.bytes))
}
