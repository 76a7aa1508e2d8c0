//! What memory a section needs, and what the linker does with it beside loading it: as its header says.

use object::elf;
use object::read::elf::SectionHeader as _;

use crate::base::{Alignment, Name, Protection};
use crate::graph::SectionRole;
use crate::memory::Lifetime;

use super::{Fault, LE, SectionHeader, routines};

/// A large page of every machine: what memory managers can give, and far beyond what compilers ask.
const LARGEST_ALIGNMENT: u64 = 2 << 20;

/// What is needed by initializers alone is called so, followed by one of the kinds, alone or with more behind a dot.
const INIT_ONLY: &[u8] = b".init.";
const INIT_ONLY_KINDS: [&[u8]; 3] = [b"text", b"data", b"rodata"];

/// What the linker does with a section beside loading it.
pub(super) fn role_of(
    header: &SectionHeader,
    name: Name<'_>,
) -> Result<SectionRole, Fault<'static>> {
    let flags = header.sh_flags(LE);
    if flags.contains(elf::SHF_TLS) {
        return Ok(SectionRole::ThreadLocal);
    }
    if let Some(role) = routines::role_of(header, name)? {
        return Ok(role);
    }
    Ok(if flags.contains(elf::SHF_GNU_RETAIN) {
        SectionRole::Retained
    } else {
        SectionRole::Ordinary
    })
}

/// How long a section of memory is needed, as its name says. Source: the Linux kernel's `include/linux/init.h` and linker
/// scripts.
pub(super) fn lifetime_of(name: Name<'_>, role: SectionRole) -> Lifetime {
    let kind = name.bytes().strip_prefix(INIT_ONLY);
    let is_named_so = kind.is_some_and(|kind| {
        INIT_ONLY_KINDS.iter().any(|known| {
            let suffix = kind.strip_prefix(*known);
            suffix.is_some_and(|suffix| suffix.is_empty() || suffix.starts_with(b"."))
        })
    });
    match role {
        SectionRole::Ordinary | SectionRole::Retained if is_named_so => Lifetime::Finalize,
        _ => Lifetime::Standard,
    }
}

/// What a section's memory may be used for.
pub(super) fn protection_of(
    header: &SectionHeader,
    name: Name<'_>,
    role: SectionRole,
) -> Result<Protection, Fault<'static>> {
    let flags = header.sh_flags(LE);
    match (
        flags.contains(elf::SHF_EXECINSTR),
        flags.contains(elf::SHF_WRITE),
    ) {
        (true, true) => Err(Fault::WritableExecutable),
        (true, false) => Ok(Protection::ReadExecute),
        (false, true) if is_constant_once_relocated(name, role) => Ok(Protection::Read),
        (false, true) => Ok(Protection::ReadWrite),
        (false, false) => Ok(Protection::Read),
    }
}

/// An alignment as headers state it: zero and one both mean none.
pub(super) fn alignment_of(value: u64) -> Result<Alignment, Fault<'static>> {
    let value = value.max(1);
    let alignment = Alignment::new(value).ok_or(Fault::BadAlignment { value })?;
    if value > LARGEST_ALIGNMENT {
        return Err(Fault::LargeAlignment {
            value,
            largest: LARGEST_ALIGNMENT,
        });
    }
    Ok(alignment)
}

/// Sections that are marked writable for the relocations alone: the program itself never writes them.
fn is_constant_once_relocated(name: Name<'_>, role: SectionRole) -> bool {
    matches!(
        role,
        SectionRole::Initializers(_) | SectionRole::Finalizers(_)
    ) || name.bytes().starts_with(b".data.rel.ro")
}
