//! A small writer of ELF objects: every field of theirs can be given any value, so that a test can make a good object, and
//! then the same with one thing wrong.

use alloc::vec;
use alloc::vec::Vec;

use ironlink::base::Machine;

/// Numbers of the ELF specification that tests name.
pub mod elf {
    /// `e_machine` of x86-64.
    pub const EM_X86_64: u16 = 62;
    /// `e_machine` of aarch64.
    pub const EM_AARCH64: u16 = 183;
    /// `e_type` of a relocatable object.
    pub const ET_REL: u16 = 1;
    /// `e_type` of an executable.
    pub const ET_EXEC: u16 = 2;
    /// `e_type` of a shared object.
    pub const ET_DYN: u16 = 3;
    /// `sh_type` of a section with bytes in the file.
    pub const SHT_PROGBITS: u32 = 1;
    /// `sh_type` of a section of zeros.
    pub const SHT_NOBITS: u32 = 8;
    /// `sh_type` of pointers to initializers.
    pub const SHT_INIT_ARRAY: u32 = 14;
    /// `sh_flags`: writable.
    pub const SHF_WRITE: u64 = 1;
    /// `sh_flags`: takes memory.
    pub const SHF_ALLOC: u64 = 2;
    /// `sh_flags`: code.
    pub const SHF_EXECINSTR: u64 = 4;
    /// `sh_flags`: thread-local.
    pub const SHF_TLS: u64 = 0x400;
    /// `st_shndx` of an undefined symbol.
    pub const SHN_UNDEF: u16 = 0;
    /// `st_shndx` of a symbol whose value is its address.
    pub const SHN_ABS: u16 = 0xfff1;
    /// `st_info` of a global function.
    pub const GLOBAL_FUNCTION: u8 = 0x12;
    /// `st_info` of a global variable.
    pub const GLOBAL_OBJECT: u8 = 0x11;
    /// `st_info` of a global symbol that is not said to be anything.
    pub const GLOBAL: u8 = 0x10;
    /// `st_info` of a weak function.
    pub const WEAK_FUNCTION: u8 = 0x22;
    /// `st_info` of a global function that a resolver chooses.
    pub const GLOBAL_IFUNC: u8 = 0x1a;
    /// `st_info` of a global thread-local variable.
    pub const GLOBAL_TLS: u8 = 0x16;
    /// `R_X86_64_64`.
    pub const R_X86_64_64: u32 = 1;
    /// `R_X86_64_PC32`.
    pub const R_X86_64_PC32: u32 = 2;
    /// `R_X86_64_PLT32`.
    pub const R_X86_64_PLT32: u32 = 4;
    /// `R_X86_64_32S`.
    pub const R_X86_64_32S: u32 = 11;
    /// `R_AARCH64_ABS64`.
    pub const R_AARCH64_ABS64: u32 = 257;
    /// `R_AARCH64_PREL32`.
    pub const R_AARCH64_PREL32: u32 = 261;
    /// `R_AARCH64_CALL26`.
    pub const R_AARCH64_CALL26: u32 = 283;
}

/// An object. Section 0 and symbol 0, which mean nothing, are written by themselves: the first section here has index 1.
#[derive(Clone, Debug)]
pub struct ObjectFile {
    /// `e_ident[EI_CLASS]`: 2 for 64 bits.
    pub class: u8,
    /// `e_ident[EI_DATA]`: 1 for little endian.
    pub encoding: u8,
    /// `e_type`.
    pub file_type: u16,
    /// `e_machine`.
    pub machine: u16,
    /// The sections, from index 1 on. Those that hold symbols, strings and relocations follow by themselves.
    pub sections: Vec<Section>,
    /// The symbols, from index 1 on, all of them global.
    pub symbols: Vec<Symbol>,
}

/// A section.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
    /// `sh_addralign`.
    pub alignment: u64,
    /// Its bytes in the file.
    pub bytes: Vec<u8>,
    /// `sh_size` where it isn't the number of bytes.
    pub size_bytes: Option<u64>,
    /// Its relocations.
    pub relocations: Vec<Relocation>,
}

/// A relocation with addend.
#[derive(Clone, Copy, Debug)]
pub struct Relocation {
    /// Where it writes.
    pub offset: u64,
    /// The symbol's index.
    pub symbol: u32,
    /// Its number.
    pub kind: u32,
    /// Its addend.
    pub addend: i64,
}

/// A symbol.
#[derive(Clone, Copy, Debug)]
pub struct Symbol {
    /// Its name.
    pub name: &'static str,
    /// `st_name` where it isn't where the name is.
    pub name_offset: Option<u32>,
    /// `st_info`.
    pub info: u8,
    /// `st_shndx`.
    pub section: u16,
    /// `st_value`.
    pub value: u64,
    /// `st_size`.
    pub size_bytes: u64,
}

const FILE_HEADER_SIZE: usize = 64;
const SECTION_HEADER_SIZE: u16 = 64;
const SYMBOL_SIZE: u64 = 24;
const RELOCATION_SIZE: u64 = 24;
const SHT_SYMTAB: u32 = 2;
const SHT_STRTAB: u32 = 3;
const SHT_RELA: u32 = 4;

impl Section {
    /// A section of code, by default 16-byte aligned.
    pub fn text(name: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            name,
            kind: elf::SHT_PROGBITS,
            flags: elf::SHF_ALLOC | elf::SHF_EXECINSTR,
            alignment: 16,
            bytes,
            size_bytes: None,
            relocations: Vec::new(),
        }
    }

    /// A section of data that may be written.
    pub fn data(name: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            flags: elf::SHF_ALLOC | elf::SHF_WRITE,
            ..Self::text(name, bytes)
        }
    }

    /// A section of zeros that may be written.
    pub fn bss(name: &'static str, size_bytes: u64) -> Self {
        Self {
            kind: elf::SHT_NOBITS,
            size_bytes: Some(size_bytes),
            ..Self::data(name, Vec::new())
        }
    }
}

impl Symbol {
    /// A global function at the start of the section with this index.
    pub const fn function(name: &'static str, section: u16) -> Self {
        Self {
            name,
            name_offset: None,
            info: elf::GLOBAL_FUNCTION,
            section,
            value: 0,
            size_bytes: 0,
        }
    }

    /// A name that the object wants.
    pub const fn undefined(name: &'static str) -> Self {
        Self {
            info: elf::GLOBAL,
            ..Self::function(name, elf::SHN_UNDEF)
        }
    }
}

impl ObjectFile {
    /// An object for `machine` without sections.
    pub const fn empty(machine: Machine) -> Self {
        Self {
            class: 2,
            encoding: 1,
            file_type: elf::ET_REL,
            machine: match machine {
                Machine::X86_64 => elf::EM_X86_64,
                Machine::Aarch64 => elf::EM_AARCH64,
            },
            sections: Vec::new(),
            symbols: Vec::new(),
        }
    }

    /// An object whose `main` returns 0. `.text` is section 1, `.data` with sixteen zeros section 2; `main` is symbol 1.
    pub fn good(machine: Machine) -> Self {
        let return_zero = match machine {
            // xor %eax, %eax; ret
            Machine::X86_64 => vec![0x31, 0xc0, 0xc3, 0x90],
            // mov w0, #0; ret
            Machine::Aarch64 => vec![0x00, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6],
        };
        Self {
            sections: vec![
                Section::text(".text", return_zero),
                Section::data(".data", vec![0; 16]),
            ],
            symbols: vec![Symbol::function("main", 1)],
            ..Self::empty(machine)
        }
    }

    /// The number of the relocation that writes a 64-bit address on the object's machine.
    pub const fn address_relocation(&self) -> u32 {
        match self.machine {
            elf::EM_AARCH64 => elf::R_AARCH64_ABS64,
            _ => elf::R_X86_64_64,
        }
    }

    /// The object as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut names = Strings::new();
        let mut headers = vec![SectionHeader::default()];
        let mut file = vec![0; FILE_HEADER_SIZE];
        for section in &self.sections {
            let offset = append(&mut file, &section.bytes);
            headers.push(SectionHeader {
                name: names.add(section.name),
                kind: section.kind,
                flags: section.flags,
                offset,
                size_bytes: section.size_bytes.unwrap_or(section.bytes.len() as u64),
                alignment: section.alignment,
                ..SectionHeader::default()
            });
        }
        let symbol_table = headers.len() as u32;
        self.append_symbols(&mut file, &mut headers, &mut names);
        for (index, section) in (1..).zip(&self.sections) {
            if !section.relocations.is_empty() {
                headers.push(SectionHeader {
                    name: names.add(".rela"),
                    kind: SHT_RELA,
                    offset: append(&mut file, &relocation_bytes(&section.relocations)),
                    size_bytes: RELOCATION_SIZE * section.relocations.len() as u64,
                    link: symbol_table,
                    info: index,
                    alignment: 8,
                    entry_size: RELOCATION_SIZE,
                    ..SectionHeader::default()
                });
            }
        }
        let name = names.add(".shstrtab");
        headers.push(SectionHeader {
            name,
            kind: SHT_STRTAB,
            offset: append(&mut file, &names.bytes),
            size_bytes: names.bytes.len() as u64,
            alignment: 1,
            ..SectionHeader::default()
        });
        let header_bytes: Vec<u8> = headers.iter().flat_map(SectionHeader::to_bytes).collect();
        let headers_offset = append(&mut file, &header_bytes);
        let header = self.file_header(headers_offset, headers.len() as u16);
        file[..FILE_HEADER_SIZE].copy_from_slice(&header);
        file
    }

    fn append_symbols(
        &self,
        file: &mut Vec<u8>,
        headers: &mut Vec<SectionHeader>,
        names: &mut Strings,
    ) {
        let mut strings = Strings::new();
        let mut table = vec![0; SYMBOL_SIZE as usize];
        for symbol in &self.symbols {
            let name = strings.add(symbol.name);
            table.extend(symbol.name_offset.unwrap_or(name).to_le_bytes());
            table.extend([symbol.info, 0]);
            table.extend(symbol.section.to_le_bytes());
            table.extend(symbol.value.to_le_bytes());
            table.extend(symbol.size_bytes.to_le_bytes());
        }
        let string_table = headers.len() as u32 + 1;
        headers.push(SectionHeader {
            name: names.add(".symtab"),
            kind: SHT_SYMTAB,
            offset: append(file, &table),
            size_bytes: table.len() as u64,
            link: string_table,
            // The first symbol that is not local.
            info: 1,
            alignment: 8,
            entry_size: SYMBOL_SIZE,
            ..SectionHeader::default()
        });
        headers.push(SectionHeader {
            name: names.add(".strtab"),
            kind: SHT_STRTAB,
            offset: append(file, &strings.bytes),
            size_bytes: strings.bytes.len() as u64,
            alignment: 1,
            ..SectionHeader::default()
        });
    }

    fn file_header(&self, headers_offset: u64, header_count: u16) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', self.class, self.encoding, 1, 0];
        header.resize(16, 0);
        header.extend(self.file_type.to_le_bytes());
        header.extend(self.machine.to_le_bytes());
        header.extend(1u32.to_le_bytes());
        // No entry, no program headers.
        header.extend([0; 16]);
        header.extend(headers_offset.to_le_bytes());
        header.extend(0u32.to_le_bytes());
        header.extend((FILE_HEADER_SIZE as u16).to_le_bytes());
        header.extend([0; 4]);
        header.extend(SECTION_HEADER_SIZE.to_le_bytes());
        header.extend(header_count.to_le_bytes());
        header.extend((header_count - 1).to_le_bytes());
        header
    }
}

#[derive(Default)]
struct SectionHeader {
    name: u32,
    kind: u32,
    flags: u64,
    offset: u64,
    size_bytes: u64,
    link: u32,
    info: u32,
    alignment: u64,
    entry_size: u64,
}

impl SectionHeader {
    fn to_bytes(&self) -> Vec<u8> {
        let address = 0u64;
        [
            &self.name.to_le_bytes()[..],
            &self.kind.to_le_bytes(),
            &self.flags.to_le_bytes(),
            &address.to_le_bytes(),
            &self.offset.to_le_bytes(),
            &self.size_bytes.to_le_bytes(),
            &self.link.to_le_bytes(),
            &self.info.to_le_bytes(),
            &self.alignment.to_le_bytes(),
            &self.entry_size.to_le_bytes(),
        ]
        .concat()
    }
}

fn relocation_bytes(relocations: &[Relocation]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for relocation in relocations {
        bytes.extend(relocation.offset.to_le_bytes());
        bytes.extend(relocation.kind.to_le_bytes());
        bytes.extend(relocation.symbol.to_le_bytes());
        bytes.extend(relocation.addend.to_le_bytes());
    }
    bytes
}

/// A string table.
struct Strings {
    bytes: Vec<u8>,
}

impl Strings {
    fn new() -> Self {
        Self { bytes: vec![0] }
    }

    fn add(&mut self, text: &str) -> u32 {
        let offset = self.bytes.len() as u32;
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
        offset
    }
}

/// Appends `bytes` at the next multiple of 16, and returns where that is.
fn append(file: &mut Vec<u8>, bytes: &[u8]) -> u64 {
    file.resize(file.len().next_multiple_of(16), 0);
    let offset = file.len() as u64;
    file.extend(bytes);
    offset
}
