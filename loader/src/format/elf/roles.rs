//! What memory a section needs, and what the linker does with it beside loading it: as its header says.

use object::elf;
use object::read::elf::SectionHeader as _;

use crate::base::{Alignment, Name, Protection};
use crate::format::FormatFault;
use crate::graph::SectionRole;

use super::{LE, SectionHeader};

/// A large page of every machine: what memory managers can give, and far beyond what compilers ask.
const LARGEST_ALIGNMENT: u64 = 2 << 20;
/// The priority of constructors that ask for none; the others run before.
const LAST_PRIORITY: u16 = u16::MAX;

/// What the linker does with a section beside loading it.
pub(super) fn role_of(header: &SectionHeader, name: Name<'_>) -> Result<SectionRole, FormatFault> {
    let flags = header.sh_flags(LE);
    if flags.contains(elf::SHF_TLS) {
        return Ok(SectionRole::ThreadLocal);
    }
    if is_legacy_initializer(header, name) {
        return Err(FormatFault::UnsupportedSection);
    }
    if let Some(priority) = initializer_priority(header, name)? {
        return Ok(SectionRole::Initializers(priority));
    }
    // Destructors are kept for who wants to run them.
    let is_retained =
        flags.contains(elf::SHF_GNU_RETAIN) || header.sh_type(LE) == elf::SHT_FINI_ARRAY;
    Ok(if is_retained {
        SectionRole::Retained
    } else {
        SectionRole::Ordinary
    })
}

/// What a section's memory may be used for.
pub(super) fn protection_of(
    header: &SectionHeader,
    name: Name<'_>,
    role: SectionRole,
) -> Result<Protection, FormatFault> {
    let flags = header.sh_flags(LE);
    match (
        flags.contains(elf::SHF_EXECINSTR),
        flags.contains(elf::SHF_WRITE),
    ) {
        (true, true) => Err(FormatFault::WritableExecutable),
        (true, false) => Ok(Protection::ReadExecute),
        (false, true) if is_constant_once_relocated(name, role) => Ok(Protection::Read),
        (false, true) => Ok(Protection::ReadWrite),
        (false, false) => Ok(Protection::Read),
    }
}

/// An alignment as headers state it: zero and one both mean none.
pub(super) fn alignment_of(value: u64) -> Result<Alignment, FormatFault> {
    let value = value.max(1);
    let alignment = Alignment::new(value).ok_or(FormatFault::BadAlignment { value })?;
    if value > LARGEST_ALIGNMENT {
        return Err(FormatFault::LargeAlignment {
            value,
            largest: LARGEST_ALIGNMENT,
        });
    }
    Ok(alignment)
}

/// Arrays of constructors that run in another order than .init_array; not running them would be silent wrong-doing.
fn is_legacy_initializer(header: &SectionHeader, name: Name<'_>) -> bool {
    header.sh_type(LE) == elf::SHT_PREINIT_ARRAY || name.bytes().starts_with(b".ctors")
}

/// Sections that are marked writable for the relocations alone: the program itself never writes them.
fn is_constant_once_relocated(name: Name<'_>, role: SectionRole) -> bool {
    matches!(role, SectionRole::Initializers(_)) || name.bytes().starts_with(b".data.rel.ro")
}

/// When the initializers of a section run; `None` if it holds none. Linkers know the arrays by their names: tools exist that
/// don't know the type.
fn initializer_priority(
    header: &SectionHeader,
    name: Name<'_>,
) -> Result<Option<u16>, FormatFault> {
    let suffix = name.bytes().strip_prefix(b".init_array");
    let is_named_so = suffix.is_some_and(|suffix| suffix.is_empty() || suffix.starts_with(b"."));
    let is_array = header.sh_type(LE) == elf::SHT_INIT_ARRAY
        || is_named_so && header.sh_type(LE) == elf::SHT_PROGBITS;
    if !is_array {
        return Ok(None);
    }
    let Some(suffix) = suffix.filter(|suffix| !suffix.is_empty()) else {
        return Ok(Some(LAST_PRIORITY));
    };
    suffix
        .strip_prefix(b".")
        .and_then(|digits| core::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok())
        .map(Some)
        .ok_or_else(|| FormatFault::damaged("a priority of .init_array is no number below 65536"))
}
