//! The names that an object defines for others: what an archive's index says of it, for archives that have none.

use object::elf;
use object::read::elf::{FileHeader as _, Sym as _};

use crate::base::Name;
use crate::format::FormatFault;

use super::{Elf, LE, NAMES_PER_BYTE, symbols};

/// The names that an object defines, global, weak and common ones. Of a file for other machines than those with 64-bit
/// addresses and the lowest byte first there are none: none of them can be linked.
///
/// # Errors
/// A table of the object is damaged, at once or once a name of it is asked for.
pub(in crate::format) fn defined_names(
    bytes: &[u8],
) -> Result<impl Iterator<Item = Result<Name<'_>, FormatFault>>, FormatFault> {
    let header = Elf::parse(bytes).ok();
    let table = match header.filter(|header| !header.is_big_endian()) {
        Some(header) => symbols::table(&header.sections(LE, bytes)?, bytes)?,
        None => Default::default(),
    };
    // Names may share bytes; what all hold together is bounded, and so is the work that they make.
    let mut name_bytes_left = bytes.len().saturating_mul(NAMES_PER_BYTE);
    let defined = table.enumerate().filter(|(_, symbol)| {
        let is_seen = matches!(
            symbol.st_bind(),
            elf::STB_GLOBAL | elf::STB_WEAK | elf::STB_GNU_UNIQUE
        );
        is_seen && symbol.st_shndx(LE) != elf::SHN_UNDEF
    });
    Ok(defined.map(move |(index, symbol)| {
        let name = table.symbol_name(LE, symbol);
        let name = name.map_err(|_| FormatFault::SymbolName { index: index.0 })?;
        let left = name_bytes_left.checked_sub(name.len());
        name_bytes_left = left.ok_or_else(|| FormatFault::damaged(symbols::NAMES_OVERLAP))?;
        Ok(Name::new(name))
    }))
}
