//! Sections: which are loaded, into memory of which protection, and which groups count.

use object::elf;
use object::read::SectionIndex;
use object::read::elf::{SectionHeader as _, Sym as _};

use crate::base::{Alignment, Name, Protection, Text, int};
use crate::format::{FormatError, FormatFault};
use crate::graph::{Content, Section, SectionRole};
use crate::memory::Lifetime;

use super::{LE, Reader, SectionFate, SectionHeader};

/// A large page of every machine: what memory managers can give, and far beyond what compilers ask.
const LARGEST_ALIGNMENT: u64 = 2 << 20;
/// Half of what four levels of page tables can map.
pub(super) const LARGEST_SECTION: u64 = 1 << 47;
/// The priority of constructors that ask for none; the others run before.
const LAST_PRIORITY: u16 = u16::MAX;

impl Reader<'_, '_> {
    /// Makes room for all that the headers announce; what they announce must be there, so that they can't ask for more than
    /// the file is long.
    pub(super) fn reserve(&mut self) -> Result<(), FormatFault> {
        let mut loaded: usize = 0;
        let mut relocations: usize = 0;
        let mut table_bytes: usize = 0;
        for header in self.sections.iter() {
            if is_loaded(header) {
                loaded = loaded.saturating_add(1);
            } else if self.is_relocation_of_loaded(header) {
                let entry_size = match header.sh_type(LE) {
                    elf::SHT_RELA => size_of::<elf::Rela64<object::LittleEndian>>(),
                    _ => size_of::<elf::Rel64<object::LittleEndian>>(),
                };
                let size_bytes = header.data(LE, self.bytes)?.len();
                table_bytes = table_bytes.saturating_add(size_bytes);
                let count = size_bytes.checked_div(entry_size);
                relocations = relocations.saturating_add(count.unwrap_or(0));
            } else if self.is_compact_relocation_of_loaded(header) {
                return Err(FormatFault::CompactRelocations);
            }
        }
        if table_bytes > self.bytes.len() {
            return Err(FormatFault::damaged("tables of relocations overlap"));
        }
        let symbols = self.symbols.len();
        let first_global = match self.sections.section(self.symbols.section()) {
            Ok(header) => int::usize_from_u32(header.sh_info(LE)),
            Err(_) => symbols,
        };
        let globals = symbols.saturating_sub(first_global);
        Ok(self
            .graph
            .try_reserve(loaded, symbols, globals, relocations)?)
    }

    /// Whether a section holds relocations of one that is loaded.
    pub(super) fn is_relocation_of_loaded(&self, header: &SectionHeader) -> bool {
        matches!(header.sh_type(LE), elf::SHT_RELA | elf::SHT_REL)
            && self
                .sections
                .section(header.info_link(LE))
                .is_ok_and(is_loaded)
    }

    /// Whether a section holds relocations of one that is loaded, in the compact encoding.
    fn is_compact_relocation_of_loaded(&self, header: &SectionHeader) -> bool {
        header.sh_type(LE) == elf::SHT_CREL
            && self
                .sections
                .section(header.info_link(LE))
                .is_ok_and(is_loaded)
    }

    /// Finds the groups whose name was taken before, and marks their sections. Source: gABI, "Section Groups".
    pub(super) fn discard_groups(&mut self) -> Result<(), FormatError> {
        let mut bytes_left = self.bytes.len();
        for header in self.sections.iter() {
            let group = header.group(LE, self.bytes);
            let Some((flags, members)) = group.map_err(|e| self.in_section(header, 0, e))? else {
                continue;
            };
            if !flags.contains(elf::GRP_COMDAT) {
                continue;
            }
            bytes_left = bytes_left
                .checked_sub(size_of_val(members))
                .ok_or_else(|| {
                    self.in_section(header, 0, FormatFault::damaged("section groups overlap"))
                })?;
            let signature = self.group_signature(header)?;
            if self
                .graph
                .take_group(signature)
                .map_err(|e| self.of_object(e))?
            {
                continue;
            }
            for member in members {
                let index = member.get(LE);
                let count = self.fates.len();
                match self.fates.get_mut(int::usize_from_u32(index)) {
                    Some(fate) => *fate = SectionFate::Discarded,
                    None => {
                        let index = int::widen_u32(index);
                        let fault = FormatFault::SectionIndex { index, count };
                        return Err(self.in_section(header, 0, fault));
                    }
                }
            }
        }
        Ok(())
    }
}

impl<'a> Reader<'a, '_> {
    /// The name of the symbol that a group's header names.
    fn group_signature(&self, header: &SectionHeader) -> Result<Name<'a>, FormatError> {
        let index = header.sh_info(LE);
        let symbol = self
            .symbols
            .symbol(object::SymbolIndex(int::usize_from_u32(index)));
        let symbol = symbol.map_err(|_| {
            let fault = FormatFault::SymbolIndex {
                index,
                count: self.symbols.len(),
            };
            self.in_section(header, 0, fault)
        })?;
        let name = if symbol.st_type() == elf::STT_SECTION {
            // Old assemblers name the group by the section symbol.
            let section = SectionIndex(usize::from(symbol.st_shndx(LE).0));
            self.sections
                .section(section)
                .and_then(|named| self.sections.section_name(LE, named))
        } else {
            self.symbols.symbol_name(LE, symbol)
        };
        name.map(Name::new)
            .map_err(|e| self.in_section(header, 0, e))
    }

    /// Adds a section and a block for each section that is loaded.
    pub(super) fn add_sections(&mut self) -> Result<(), FormatError> {
        for (index, header) in self.sections.enumerate() {
            let is_discarded = self.fates.get(index.0) == Some(&SectionFate::Discarded);
            if is_discarded || !is_loaded(header) {
                continue;
            }
            let added = self.add_section(header);
            let fate = added.map_err(|fault| self.in_section(header, 0, fault))?;
            if let Some(place) = self.fates.get_mut(index.0) {
                *place = fate;
            }
        }
        Ok(())
    }

    fn add_section(&mut self, header: &'a SectionHeader) -> Result<SectionFate, FormatFault> {
        let name = Name::new(self.sections.section_name(LE, header)?);
        let flags = header.sh_flags(LE);
        if flags.contains(elf::SHF_TLS) {
            let what = Text::of(self.first_thread_local().unwrap_or(name));
            return Err(FormatFault::ThreadLocal { what });
        }
        if is_legacy_initializer(header, name) {
            return Err(FormatFault::UnsupportedSection);
        }
        let size_bytes = header.sh_size.get(LE);
        if size_bytes > LARGEST_SECTION {
            return Err(FormatFault::LargeSection {
                size_bytes,
                largest: LARGEST_SECTION,
            });
        }
        let role = role_of(header, name)?;
        let protection = protection_of(header, name, role)?;
        let alignment = alignment_of(header)?;
        let content = if header.sh_type(LE) == elf::SHT_NOBITS {
            Content::ZeroFill(size_bytes)
        } else {
            Content::Bytes(header.data(LE, self.bytes)?)
        };
        let object = self.object;
        let lifetime = Lifetime::Standard;
        let section = Section {
            name,
            object,
            protection,
            lifetime,
            role,
            is_bounded: false,
        };
        let section = self.graph.add_section(section)?;
        Ok(SectionFate::Block(
            self.graph.add_block(section, content, alignment)?,
        ))
    }
}

impl<'a> Reader<'a, '_> {
    /// The name of the first thread-local variable: what the author of the source knows, unlike the section.
    fn first_thread_local(&self) -> Option<Name<'a>> {
        self.symbols
            .iter()
            .filter(|symbol| {
                symbol.st_type() == elf::STT_TLS && symbol.st_shndx(LE) != elf::SHN_UNDEF
            })
            .filter_map(|symbol| self.symbols.symbol_name(LE, symbol).ok())
            // Compilers mark data by symbols that begin so, and label it for themselves.
            .find(|name| !name.starts_with(b"$") && !name.starts_with(b".L"))
            .map(Name::new)
    }
}

/// Whether a section has a place in memory.
fn is_loaded(header: &SectionHeader) -> bool {
    let flags = header.sh_flags(LE);
    flags.contains(elf::SHF_ALLOC)
        && !flags.contains(elf::SHF_EXCLUDE)
        && !matches!(header.sh_type(LE), elf::SHT_NULL | elf::SHT_GROUP)
}

/// Arrays of constructors that run in another order than .init_array; not running them would be silent wrong-doing.
fn is_legacy_initializer(header: &SectionHeader, name: Name<'_>) -> bool {
    header.sh_type(LE) == elf::SHT_PREINIT_ARRAY || name.bytes().starts_with(b".ctors")
}

fn alignment_of(header: &SectionHeader) -> Result<Alignment, FormatFault> {
    // Zero and one both mean none.
    let value = header.sh_addralign.get(LE).max(1);
    let alignment = Alignment::new(value).ok_or(FormatFault::BadAlignment { value })?;
    if value > LARGEST_ALIGNMENT {
        return Err(FormatFault::LargeAlignment {
            value,
            largest: LARGEST_ALIGNMENT,
        });
    }
    Ok(alignment)
}

fn protection_of(
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

/// Sections that are marked writable for the relocations alone: the program itself never writes them.
fn is_constant_once_relocated(name: Name<'_>, role: SectionRole) -> bool {
    matches!(role, SectionRole::Initializers(_)) || name.bytes().starts_with(b".data.rel.ro")
}

fn role_of(header: &SectionHeader, name: Name<'_>) -> Result<SectionRole, FormatFault> {
    // Linkers know the arrays by their names: tools exist that don't know the type.
    let is_named_so = name.bytes() == b".init_array" || name.bytes().starts_with(b".init_array.");
    let is_array = header.sh_type(LE) == elf::SHT_INIT_ARRAY
        || is_named_so && header.sh_type(LE) == elf::SHT_PROGBITS;
    let Some(suffix) = name
        .bytes()
        .strip_prefix(b".init_array")
        .filter(|_| is_array)
    else {
        if is_array {
            return Ok(SectionRole::Initializers(LAST_PRIORITY));
        }
        // Destructors are kept for who wants to run them.
        let is_retained = header.sh_flags(LE).contains(elf::SHF_GNU_RETAIN)
            || header.sh_type(LE) == elf::SHT_FINI_ARRAY;
        return Ok(if is_retained {
            SectionRole::Retained
        } else {
            SectionRole::Ordinary
        });
    };
    if suffix.is_empty() {
        return Ok(SectionRole::Initializers(LAST_PRIORITY));
    }
    suffix
        .strip_prefix(b".")
        .and_then(|digits| core::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok())
        .map(SectionRole::Initializers)
        .ok_or_else(|| FormatFault::damaged("a priority of .init_array is no number below 65536"))
}
