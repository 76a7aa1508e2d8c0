//! A test and its harness: the harness sees local names of the test's objects, and where both define a name, the harness's
//! definition counts for both.
//!
//! That is done before the objects are read, by changing the entries of their symbol tables: what is local and wanted
//! becomes global; what is replaced becomes a reference. A file that isn't an object stays as it is: whoever reads it next
//! says so.

use std::collections::HashSet;
use std::vec::Vec;

use object::LittleEndian;
use object::elf::{self, FileHeader64, Sym64};
use object::read::elf::{FileHeader as _, Sym as _};

type Elf = FileHeader64<LittleEndian>;
const LE: LittleEndian = LittleEndian;

/// Where the fields of a symbol stand in its entry. Source: gABI, "Symbol Table".
const INFO: usize = 4;
const OTHER: usize = 5;
const SECTION: usize = 6;

/// Changes the objects of a test for the objects of its harness.
pub(super) fn prepare<'a>(
    harness: impl Iterator<Item = &'a [u8]>,
    tests: impl Iterator<Item = &'a mut [u8]>,
) {
    let mut defined = HashSet::new();
    let mut wanted = HashSet::new();
    for bytes in harness {
        for symbol in symbols(bytes).unwrap_or_default() {
            match symbol.is_defined {
                true if !symbol.is_local => defined.insert(symbol.name),
                true => false,
                false => wanted.insert(symbol.name),
            };
        }
    }
    if defined.is_empty() && wanted.is_empty() {
        return;
    }
    for bytes in tests {
        for symbol in symbols(bytes).unwrap_or_default() {
            let Some(entry) =
                bytes.get_mut(symbol.place..symbol.place + size_of::<Sym64<LittleEndian>>())
            else {
                continue;
            };
            if !symbol.is_defined {
                continue;
            }
            let kind = elf::SymbolInfo(entry[INFO]).st_type();
            if defined.contains(&symbol.name) {
                entry[INFO] = (elf::STB_GLOBAL | elf::STT_NOTYPE).0;
                entry[SECTION..].fill(0);
            } else if wanted.contains(&symbol.name) && symbol.is_local {
                entry[INFO] = (elf::STB_GLOBAL | kind).0;
                entry[OTHER] = elf::STV_HIDDEN.0;
                // Of several files' local names the first is meant.
                wanted.remove(&symbol.name);
            }
        }
    }
}

/// A symbol of a file.
struct FileSymbol {
    name: Vec<u8>,
    is_defined: bool,
    is_local: bool,
    /// Where its entry stands in the file.
    place: usize,
}

/// The symbols that have a name which other files could mean; `None` if the file can't be read.
fn symbols(bytes: &[u8]) -> Option<Vec<FileSymbol>> {
    let header = Elf::parse(bytes).ok()?;
    let sections = header.sections(LE, bytes).ok()?;
    let table = sections.symbols(LE, bytes, elf::SHT_SYMTAB).ok()?;
    let header = sections.section(table.section()).ok()?;
    let start = usize::try_from(header.sh_offset.get(LE)).ok()?;
    let named = table.iter().enumerate().filter(|(_, symbol)| {
        let kind = symbol.st_type();
        kind != elf::STT_SECTION && kind != elf::STT_FILE && symbol.st_name(LE) != 0
    });
    let symbols = named.filter_map(|(index, symbol)| {
        Some(FileSymbol {
            name: table.symbol_name(LE, symbol).ok()?.to_vec(),
            is_defined: symbol.st_shndx(LE) != elf::SHN_UNDEF,
            is_local: symbol.st_bind() == elf::STB_LOCAL,
            place: start + index * size_of::<Sym64<LittleEndian>>(),
        })
    });
    Some(symbols.collect())
}
