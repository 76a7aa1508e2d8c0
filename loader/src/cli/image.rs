//! The linked memory as an ELF executable: a program header for each segment, the sections in it, the symbols, for
//! whatever reads such files. Source: System V gABI, chapters 4 and 5.

use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use object::Endianness;
use object::elf;
use object::write::elf::{FileHeader, ProgramHeader, SectionHeader, SectionIndex, Sym, Writer};
use object::write::{Error, StringId};

use crate::base::{Machine, Protection, int};
use crate::graph::{Linkage, Scope, SymbolKind};

use super::picture::{Picture, PictureSection, PictureSegment, PictureSymbol};

/// In the file, each segment lies as far into a page as in memory; pages of AArch64 may be this large.
const PAGE_BYTES: u64 = 0x1_0000;

/// The bytes of the file.
pub(super) fn elf(picture: &Picture) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let entries = entry_symbols(picture);
    let mut writer = Writer::new(Endianness::Little, true, &mut bytes);
    let plan = Plan::new(picture, &entries, &mut writer)?;
    plan.write(picture, &mut writer)?;
    Ok(bytes)
}

/// A segment in the file.
struct Loaded {
    segment: PictureSegment,
    file_offset: u64,
    /// What is not zero to its end.
    bytes: Vec<u8>,
}

/// A section in the file.
struct Written<'p> {
    section: &'p PictureSection,
    name: StringId,
    file_offset: u64,
    /// The bytes of what is in no memory, together with all of its name; `None` if the section lies in a segment.
    detached: Option<Vec<u8>>,
}

/// Where everything lies in the file.
struct Plan<'p> {
    segments: Vec<Loaded>,
    sections: Vec<Written<'p>>,
    /// For each section of the picture, its index in the file.
    indices: Vec<SectionIndex>,
    /// The symbols with their names, those that only their object sees first.
    symbols: Vec<(&'p PictureSymbol, StringId)>,
}

impl<'p> Plan<'p> {
    fn new(
        picture: &'p Picture,
        entries: &'p [PictureSymbol],
        writer: &mut Writer<'p>,
    ) -> Result<Self, Error> {
        writer.reserve_file_header();
        let thread_segment = usize::from(picture.thread_storage.is_some());
        let headers = picture.segments.len() + thread_segment;
        writer.reserve_program_headers(u32::try_from(headers).unwrap_or(u32::MAX));
        let mut segments = Vec::new();
        for segment in &picture.segments {
            let bytes = bytes_of(segment, &picture.sections);
            let into_page = segment.address % PAGE_BYTES;
            let page = writer.reserved_len().next_multiple_of(PAGE_BYTES);
            writer.reserve_until(page + into_page);
            let file_offset = writer.reserve(int::from_usize(bytes.len()), 1);
            segments.push(Loaded {
                segment: *segment,
                file_offset,
                bytes,
            });
        }
        let mut plan = Self {
            segments,
            sections: Vec::new(),
            indices: vec![SectionIndex::default(); picture.sections.len()],
            symbols: Vec::new(),
        };
        plan.place_sections(picture, writer);
        plan.name_symbols(entries.iter().chain(&picture.symbols), writer);
        writer.reserve_symtab_section_index();
        if writer.symtab_shndx_needed() {
            writer.reserve_symtab_shndx_section_index();
        }
        writer.reserve_strtab_section_index();
        writer.reserve_shstrtab_section_index();
        writer.reserve_symtab();
        writer.reserve_symtab_shndx();
        writer.reserve_strtab()?;
        writer.reserve_shstrtab()?;
        writer.reserve_section_headers();
        Ok(plan)
    }

    fn place_sections(&mut self, picture: &'p Picture, writer: &mut Writer<'p>) {
        let mut places: Vec<usize> = (0..picture.sections.len()).collect();
        places.sort_by_key(|&place| {
            let section = &picture.sections[place];
            (section.protection.is_none(), section.address)
        });
        let mut detached: BTreeMap<&str, (usize, SectionIndex)> = BTreeMap::new();
        for place in places {
            let section = &picture.sections[place];
            if section.protection.is_none()
                && let Some(&(first, index)) = detached.get(section.name.as_str())
            {
                let written: &mut Written<'_> = &mut self.sections[first];
                put(section, written.detached.get_or_insert_default());
                self.indices[place] = index;
                continue;
            }
            let index = writer.reserve_section_index();
            self.indices[place] = index;
            let mut bytes = Vec::new();
            if section.protection.is_none() {
                detached.insert(&section.name, (self.sections.len(), index));
                put(section, &mut bytes);
            }
            self.sections.push(Written {
                section,
                name: writer.add_section_name(section.name.as_bytes()),
                file_offset: self.offset_in_segment(section),
                detached: section.protection.is_none().then_some(bytes),
            });
        }
        for written in &mut self.sections {
            if let Some(bytes) = &written.detached {
                written.file_offset = writer.reserve(int::from_usize(bytes.len()), 1);
            }
        }
    }

    fn offset_in_segment(&self, section: &PictureSection) -> u64 {
        let mut segments = self.segments.iter();
        let segment = segments.find(|loaded| contains(&loaded.segment, section));
        segment.map_or(0, |loaded| {
            loaded.file_offset + (section.address - loaded.segment.address)
        })
    }

    fn name_symbols(
        &mut self,
        symbols: impl Iterator<Item = &'p PictureSymbol>,
        writer: &mut Writer<'p>,
    ) {
        let mut symbols: Vec<&PictureSymbol> = symbols.collect();
        symbols.sort_by_key(|symbol| symbol.scope != Scope::Local);
        writer.reserve_null_symbol_index();
        for symbol in symbols {
            let section = symbol.section.map(|place| self.indices[place]);
            writer.reserve_symbol_index(section);
            let name = writer.add_string(symbol.name.as_bytes());
            self.symbols.push((symbol, name));
        }
    }

    fn write(&self, picture: &Picture, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.write_file_header(&FileHeader {
            e_type: elf::ET_EXEC,
            e_machine: match picture.machine {
                Machine::X86_64 => elf::EM_X86_64,
                Machine::Aarch64 => elf::EM_AARCH64,
            },
            e_entry: picture.entry.unwrap_or(0),
            ..FileHeader::default()
        })?;
        self.write_program_headers(picture, writer);
        for loaded in &self.segments {
            writer.pad_until(loaded.file_offset);
            writer.write(&loaded.bytes);
        }
        for written in &self.sections {
            if let Some(bytes) = &written.detached {
                writer.pad_until(written.file_offset);
                writer.write(bytes);
            }
        }
        self.write_symbols(picture, writer);
        writer.write_strtab();
        writer.write_shstrtab();
        self.write_section_headers(writer);
        Ok(())
    }

    fn write_program_headers(&self, picture: &Picture, writer: &mut Writer<'_>) {
        writer.write_align_program_headers();
        for loaded in &self.segments {
            writer.write_program_header(&ProgramHeader {
                p_type: elf::PT_LOAD,
                p_flags: match loaded.segment.protection {
                    Protection::Read => elf::PF_R,
                    Protection::ReadWrite => elf::PF_R | elf::PF_W,
                    Protection::ReadExecute => elf::PF_R | elf::PF_X,
                },
                p_offset: loaded.file_offset,
                p_vaddr: loaded.segment.address,
                p_paddr: loaded.segment.address,
                p_filesz: int::from_usize(loaded.bytes.len()),
                p_memsz: loaded.segment.size,
                p_align: PAGE_BYTES,
            });
        }
        let Some(storage) = &picture.thread_storage else {
            return;
        };
        let sections = picture.sections.iter();
        let content = sections.filter(|section| section.is_thread_local && !section.is_zero_fill);
        let end = content.map(|section| section.address + section.size).max();
        let mut segments = self.segments.iter();
        let segment = segments.find(|loaded| {
            let into = storage.address.checked_sub(loaded.segment.address);
            into.is_some_and(|into| into < loaded.segment.size)
        });
        writer.write_program_header(&ProgramHeader {
            p_type: elf::PT_TLS,
            p_flags: elf::PF_R,
            p_offset: segment.map_or(0, |loaded| {
                loaded.file_offset + (storage.address - loaded.segment.address)
            }),
            p_vaddr: storage.address,
            p_paddr: storage.address,
            p_filesz: end.map_or(0, |end| end - storage.address),
            p_memsz: storage.size,
            p_align: storage.alignment,
        });
    }

    fn write_symbols(&self, picture: &Picture, writer: &mut Writer<'_>) {
        writer.write_null_symbol();
        for (symbol, name) in &self.symbols {
            let section = symbol.section.map(|place| self.indices[place].0);
            let (kind, value) = match (symbol.kind, picture.thread_storage) {
                (SymbolKind::ThreadLocal, Some(storage)) => {
                    (elf::STT_TLS, symbol.address.wrapping_sub(storage.address))
                }
                (SymbolKind::Function | SymbolKind::IndirectFunction, _) => {
                    (elf::STT_FUNC, symbol.address)
                }
                (SymbolKind::Data, _) => (elf::STT_OBJECT, symbol.address),
                (SymbolKind::Section, _) => (elf::STT_SECTION, symbol.address),
                (SymbolKind::Unknown | SymbolKind::ThreadLocal, _) => {
                    (elf::STT_NOTYPE, symbol.address)
                }
            };
            let binding = match (symbol.scope, symbol.linkage) {
                (Scope::Local, _) => elf::STB_LOCAL,
                (_, Linkage::Strong) => elf::STB_GLOBAL,
                (_, Linkage::Weak) => elf::STB_WEAK,
            };
            let visibility = match symbol.scope {
                Scope::Link | Scope::Hidden => elf::STV_HIDDEN,
                Scope::Protected => elf::STV_PROTECTED,
                Scope::Local | Scope::Default => elf::STV_DEFAULT,
            };
            writer.write_symbol(&Sym {
                section,
                st_name: writer.string_offset(Some(*name)),
                st_info: binding | kind,
                st_other: elf::SymbolOther(visibility.0),
                st_shndx: elf::SHN_ABS,
                st_value: value,
                st_size: symbol.size,
            });
        }
        writer.write_symtab_shndx();
    }

    fn write_section_headers(&self, writer: &mut Writer<'_>) {
        writer.write_null_section_header();
        for written in &self.sections {
            let section = written.section;
            let (size, address) = match &written.detached {
                Some(bytes) => (int::from_usize(bytes.len()), 0),
                None => (section.size, section.address),
            };
            let is_zero_fill = section.is_zero_fill && written.detached.is_none();
            writer.write_section_header(&SectionHeader {
                sh_name: writer.section_name_offset(Some(written.name)),
                sh_type: match is_zero_fill {
                    true => elf::SHT_NOBITS,
                    false => elf::SHT_PROGBITS,
                },
                sh_flags: flags_of(section),
                sh_addr: address,
                sh_offset: written.file_offset,
                sh_size: size,
                sh_addralign: 1,
                ..SectionHeader::default()
            });
        }
        let locals = self.symbols.iter();
        let locals = locals.filter(|(symbol, _)| symbol.scope == Scope::Local);
        let locals = u32::try_from(locals.count() + 1).unwrap_or(u32::MAX);
        writer.write_symtab_section_header(locals);
        writer.write_symtab_shndx_section_header();
        writer.write_strtab_section_header();
        writer.write_shstrtab_section_header();
    }
}

/// A symbol for each entry of the tables, as disassemblers show them: `NAME@got`, `NAME@stub`.
fn entry_symbols(picture: &Picture) -> Vec<PictureSymbol> {
    let tables = [
        (&picture.got, "got", SymbolKind::Data),
        (&picture.stubs, "stub", SymbolKind::Function),
    ];
    let mut symbols = Vec::new();
    for (entries, suffix, kind) in tables {
        let Some(first) = entries.first().map(|entry| entry.address) else {
            continue;
        };
        let mut sections = picture.sections.iter();
        let place = sections.position(|section| {
            let into = first.checked_sub(section.address);
            section.protection.is_some() && into.is_some_and(|into| into < section.size)
        });
        symbols.extend(entries.iter().map(|entry| PictureSymbol {
            name: format!("{}@{suffix}", entry.symbol),
            object: String::new(),
            section: place,
            address: entry.address,
            size: entry.size,
            kind,
            scope: Scope::Local,
            linkage: Linkage::Strong,
            is_external: false,
        }));
    }
    symbols
}

fn flags_of(section: &PictureSection) -> elf::SectionFlags {
    let flags = match section.protection {
        None => elf::SectionFlags(0),
        Some(Protection::Read) => elf::SHF_ALLOC,
        Some(Protection::ReadWrite) => elf::SHF_ALLOC | elf::SHF_WRITE,
        Some(Protection::ReadExecute) => elf::SHF_ALLOC | elf::SHF_EXECINSTR,
    };
    match section.is_thread_local {
        true => flags | elf::SHF_TLS,
        false => flags,
    }
}

/// Whether a section lies in a segment; one without bytes may lie at its end.
fn contains(segment: &PictureSegment, section: &PictureSection) -> bool {
    let Some(into) = section.address.checked_sub(segment.address) else {
        return false;
    };
    section.protection.is_some() && into <= segment.size && section.size <= segment.size - into
}

/// The bytes of a segment, up to the last that a section holds.
fn bytes_of(segment: &PictureSegment, sections: &[PictureSection]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for section in sections {
        if contains(segment, section) && !section.is_zero_fill {
            put_at(section, section.address - segment.address, &mut bytes);
        }
    }
    bytes
}

/// Puts a section in no memory to its place among those of its name.
fn put(section: &PictureSection, bytes: &mut Vec<u8>) {
    put_at(section, section.address, bytes);
}

fn put_at(section: &PictureSection, offset: u64, bytes: &mut Vec<u8>) {
    let Ok(start) = usize::try_from(offset) else {
        return;
    };
    let Some(end) = start.checked_add(section.bytes.len()) else {
        return;
    };
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[start..end].copy_from_slice(&section.bytes);
}
