//! A reader of 64-bit little-endian ELF files, by the gABI alone: it shares nothing with the loader that is tested.
//!
//! What it reads was written by compilers, by the linker under test or by `ld.lld`: it panics where a file is damaged.

use std::ops::Range;

/// `sh_type` of a symbol table.
const SHT_SYMTAB: u32 = 2;
/// `sh_type` of relocations with addends.
const SHT_RELA: u32 = 4;
/// `sh_type` of a section of zeros.
const SHT_NOBITS: u32 = 8;
/// `sh_type` of relocations without addends.
const SHT_REL: u32 = 9;
/// `sh_type` of a section group.
const SHT_GROUP: u32 = 17;
/// `sh_type` of the section indices that don't fit a symbol.
const SHT_SYMTAB_SHNDX: u32 = 18;
/// `p_type` of what is loaded.
const PT_LOAD: u32 = 1;

const SHF_WRITABLE: u64 = 1;
const SHF_ALLOC: u64 = 2;
const SHF_EXECUTABLE: u64 = 4;
const SHF_THREAD_LOCAL: u64 = 0x400;

const SHN_UNDEF: u16 = 0;
const SHN_ABS: u16 = 0xfff1;
const SHN_COMMON: u16 = 0xfff2;
const SHN_XINDEX: u16 = 0xffff;

/// What the names of sections begin with that are written only to be relocated.
const ONCE_RELOCATED: [&str; 6] = [
    ".data.rel.ro",
    ".preinit_array",
    ".init_array",
    ".fini_array",
    ".ctors",
    ".dtors",
];

/// A machine that objects are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Machine {
    X86_64,
    Aarch64,
}

/// A file: an object to be linked, or an executable.
#[derive(Debug)]
pub(crate) struct File {
    /// What messages call it.
    pub(crate) name: String,
    pub(crate) machine: Machine,
    pub(crate) sections: Vec<Section>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) bytes: Vec<u8>,
}

/// A section, at its place in the section header table.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) kind: u32,
    pub(crate) flags: u64,
    pub(crate) address: u64,
    pub(crate) size: u64,
    pub(crate) alignment: u64,
    /// `sh_link` and `sh_info`: other sections, or a symbol, depending on the kind.
    pub(crate) link: usize,
    pub(crate) info: usize,
    /// Its bytes in the file; none if it is a section of zeros.
    pub(crate) range: Range<usize>,
    /// What is to be written into it.
    pub(crate) relocations: Vec<Relocation>,
}

#[derive(Clone, Debug)]
pub(crate) struct Relocation {
    pub(crate) offset: u64,
    pub(crate) number: u32,
    /// Its place in the symbol table.
    pub(crate) symbol: usize,
    pub(crate) addend: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) value: u64,
    pub(crate) size: u64,
    pub(crate) binding: Binding,
    /// Whether a reference may be to something outside of the link.
    pub(crate) is_default: bool,
    pub(crate) is_section: bool,
    pub(crate) is_indirect: bool,
    pub(crate) is_thread_local: bool,
}

/// Where a symbol is defined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Undefined,
    Absolute,
    /// Nowhere yet: its value is an alignment.
    Common,
    /// In the section of this index.
    Section(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Binding {
    Local,
    Global,
    /// Weak, or unique in the process: gives way to others.
    Weak,
}

/// A part of an executable that is loaded.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) address: u64,
    pub(crate) size: u64,
    pub(crate) range: Range<usize>,
}

impl Section {
    /// Whether it takes memory when the program runs.
    pub(crate) fn is_allocated(&self) -> bool {
        self.flags & SHF_ALLOC != 0
    }

    /// Whether each thread has one of its own.
    pub(crate) fn is_thread_local(&self) -> bool {
        self.flags & SHF_THREAD_LOCAL != 0
    }

    /// Whether its memory may be used so, told by letters as a map does.
    pub(crate) fn allows(&self, protection: &str) -> bool {
        let is_constant = ONCE_RELOCATED
            .iter()
            .any(|name| self.name.starts_with(name));
        match protection {
            "rx" => self.flags & SHF_EXECUTABLE != 0,
            "rw" => self.flags & SHF_WRITABLE != 0 && !is_constant,
            "r" => self.flags & (SHF_EXECUTABLE | SHF_WRITABLE) == 0 || is_constant,
            _ => false,
        }
    }

    /// Whether it has no bytes in the file.
    pub(crate) fn is_zero_fill(&self) -> bool {
        self.kind == SHT_NOBITS
    }

    /// Whether it lists the sections of a group.
    pub(crate) fn is_group(&self) -> bool {
        self.kind == SHT_GROUP
    }
}

impl File {
    /// Reads a file, whose name is for messages.
    pub(crate) fn parse(name: &str, bytes: Vec<u8>) -> Self {
        assert!(
            bytes.starts_with(b"\x7fELF\x02\x01"),
            "{name}: not a 64-bit little-endian ELF file"
        );
        let machine = match u16_at(&bytes, 18) {
            62 => Machine::X86_64,
            183 => Machine::Aarch64,
            other => panic!("{name}: machine {other}"),
        };
        let mut file = Self {
            name: name.to_owned(),
            machine,
            sections: Vec::new(),
            symbols: Vec::new(),
            segments: segments(&bytes),
            bytes,
        };
        file.sections = file.read_sections();
        let table = |kind| move |section: &Section| section.kind == kind;
        if let Some(symbols) = file.sections.iter().position(table(SHT_SYMTAB)) {
            file.symbols = file.read_symbols(symbols);
        }
        for index in 0..file.sections.len() {
            let Section { kind, info, .. } = file.sections[index];
            assert!(kind != SHT_REL, "{name}: relocations without addend");
            // What stays for a dynamic linker names no section.
            if kind == SHT_RELA && info != 0 {
                file.sections[info].relocations = file.relocations(index);
            }
        }
        file
    }

    /// The bytes of a section; none for a section of zeros.
    pub(crate) fn section_bytes(&self, index: usize) -> &[u8] {
        &self.bytes[self.sections[index].range.clone()]
    }

    fn read_sections(&self) -> Vec<Section> {
        let bytes = &self.bytes;
        let table = to_usize(u64_at(bytes, 40));
        if table == 0 {
            return Vec::new();
        }
        // Where a count or an index doesn't fit the file header, the first section header has it.
        let count = match u16_at(bytes, 60) {
            0 => to_usize(u64_at(bytes, table + 32)),
            count => usize::from(count),
        };
        let names = match u16_at(bytes, 62) {
            SHN_XINDEX => u32_at(bytes, table + 40) as usize,
            index => usize::from(index),
        };
        let names = to_usize(u64_at(bytes, table + names * 64 + 24));
        let section = |at: usize| {
            let kind = u32_at(bytes, at + 4);
            let (offset, size) = (to_usize(u64_at(bytes, at + 24)), u64_at(bytes, at + 32));
            let length = if kind == SHT_NOBITS {
                0
            } else {
                to_usize(size)
            };
            Section {
                name: string_at(bytes, names + u32_at(bytes, at) as usize),
                kind,
                flags: u64_at(bytes, at + 8),
                address: u64_at(bytes, at + 16),
                size,
                alignment: u64_at(bytes, at + 48),
                link: u32_at(bytes, at + 40) as usize,
                info: u32_at(bytes, at + 44) as usize,
                range: offset..offset + length,
                relocations: Vec::new(),
            }
        };
        (0..count)
            .map(|index| section(table + index * 64))
            .collect()
    }

    fn read_symbols(&self, table: usize) -> Vec<Symbol> {
        let names = self.sections[self.sections[table].link].range.start;
        let is_wide = |section: &Section| section.kind == SHT_SYMTAB_SHNDX && section.link == table;
        let wide = self.sections.iter().position(is_wide);
        let wide = wide.map(|index| self.section_bytes(index));
        let symbol = |(index, entry): (usize, &[u8])| {
            let kind = entry[4] & 15;
            Symbol {
                name: string_at(&self.bytes, names + u32_at(entry, 0) as usize),
                place: match u16_at(entry, 6) {
                    SHN_UNDEF => Place::Undefined,
                    SHN_ABS => Place::Absolute,
                    SHN_COMMON => Place::Common,
                    SHN_XINDEX => Place::Section(u32_at(wide.unwrap(), index * 4) as usize),
                    section => Place::Section(usize::from(section)),
                },
                value: u64_at(entry, 8),
                size: u64_at(entry, 16),
                binding: match entry[4] >> 4 {
                    0 => Binding::Local,
                    1 => Binding::Global,
                    2 | 10 => Binding::Weak,
                    other => panic!("{}: binding {other}", self.name),
                },
                is_default: entry[5] & 3 == 0,
                is_section: kind == 3,
                is_indirect: kind == 10,
                is_thread_local: kind == 6,
            }
        };
        let table = self.section_bytes(table);
        table.chunks_exact(24).enumerate().map(symbol).collect()
    }

    fn relocations(&self, table: usize) -> Vec<Relocation> {
        let relocation = |entry: &[u8]| Relocation {
            offset: u64_at(entry, 0),
            number: u32_at(entry, 8),
            symbol: u32_at(entry, 12) as usize,
            addend: u64_at(entry, 16).cast_signed(),
        };
        let table = self.section_bytes(table);
        table.chunks_exact(24).map(relocation).collect()
    }
}

fn segments(bytes: &[u8]) -> Vec<Segment> {
    let table = to_usize(u64_at(bytes, 32));
    let count = usize::from(u16_at(bytes, 56));
    let mut segments = Vec::new();
    for at in (0..count).map(|index| table + index * 56) {
        let kind = u32_at(bytes, at);
        if kind != PT_LOAD {
            continue;
        }
        let offset = to_usize(u64_at(bytes, at + 8));
        segments.push(Segment {
            address: u64_at(bytes, at + 16),
            size: u64_at(bytes, at + 40),
            range: offset..offset + to_usize(u64_at(bytes, at + 32)),
        });
    }
    segments
}

/// The little-endian number of `size` bytes at `offset`.
pub(crate) fn number_at(bytes: &[u8], offset: usize, size: usize) -> u64 {
    let mut number = [0; 8];
    number[..size].copy_from_slice(&bytes[offset..offset + size]);
    u64::from_le_bytes(number)
}

fn u16_at(bytes: &[u8], offset: usize) -> u16 {
    number_at(bytes, offset, 2) as u16
}

/// The instruction, or other number of four bytes, at `offset`.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    number_at(bytes, offset, 4) as u32
}

fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    number_at(bytes, offset, 8)
}

fn string_at(bytes: &[u8], offset: usize) -> String {
    let rest = &bytes[offset..];
    let end = rest.iter().position(|&byte| byte == 0).unwrap();
    String::from_utf8_lossy(&rest[..end]).into_owned()
}

/// A size or an offset within a file that is in memory.
pub(crate) fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap()
}
