//! Objects that tests write: each a few sections, symbols and relocations.

use std::vec::Vec;

use object::write::{
    Object, Relocation, SectionId, StandardSection, Symbol, SymbolId, SymbolSection,
};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind,
    SymbolFlags, SymbolKind, SymbolScope, elf,
};

use crate::base::Machine;

/// One object under construction.
pub(in crate::session) struct Source {
    pub(in crate::session) object: Object<'static>,
    /// All symbols by their names, also those that are asked for alone.
    symbols: Vec<(Vec<u8>, SymbolId)>,
}

impl Source {
    /// An object for this machine.
    pub(in crate::session) fn new() -> Self {
        Self::for_machine(super::machine())
    }

    pub(in crate::session) fn for_machine(machine: Machine) -> Self {
        let architecture = match machine {
            Machine::X86_64 => Architecture::X86_64,
            Machine::Aarch64 => Architecture::Aarch64,
        };
        Self {
            object: Object::new(BinaryFormat::Elf, architecture, Endianness::Little),
            symbols: Vec::new(),
        }
    }

    /// Defines `name` in `section`, as `bytes` with 8-byte pointers to symbols in them.
    pub(in crate::session) fn define(
        mut self,
        name: &str,
        section: StandardSection,
        bytes: &[u8],
        pointers: &[(u64, &str)],
    ) -> Self {
        let section = self.object.section_id(section);
        let symbol = self.symbol(name, SymbolSection::Section(section));
        let start = self.object.add_symbol_data(symbol, section, bytes, 8);
        for &(offset, target) in pointers {
            let target = match self.find(target) {
                Some(symbol) => symbol,
                None => self.undefined(target),
            };
            self.pointer(section, start + offset, target);
        }
        self
    }

    pub(in crate::session) fn weak(mut self, name: &str) -> Self {
        let symbol = self.find(name).unwrap();
        self.object.symbol_mut(symbol).weak = true;
        self
    }

    /// Lets `name` be seen by what belongs to the same component alone.
    pub(in crate::session) fn hidden(mut self, name: &str) -> Self {
        let symbol = self.find(name).unwrap();
        self.object.symbol_mut(symbol).scope = SymbolScope::Linkage;
        self
    }

    /// Adds a section of addresses of functions that run at the module's beginning or end.
    pub(in crate::session) fn array(mut self, name: &str, functions: &[&str]) -> Self {
        let array = self.section(name, SectionKind::Data, &[]);
        let is_beginning = name.contains("init");
        self.object.section_mut(array).flags = SectionFlags::Elf {
            sh_type: match is_beginning {
                true => elf::SHT_INIT_ARRAY,
                false => elf::SHT_FINI_ARRAY,
            },
            sh_flags: elf::SHF_ALLOC | elf::SHF_WRITE,
        };
        for function in functions {
            let offset = self.object.append_section_data(array, &[0; 8], 8);
            let symbol = self.find(function).unwrap();
            self.pointer(array, offset, symbol);
        }
        self
    }

    /// Lets the code of `name` choose what the name stands for.
    pub(in crate::session) fn indirect(mut self, name: &str) -> Self {
        let symbol = self.find(name).unwrap();
        self.object.symbol_mut(symbol).flags = SymbolFlags::Elf {
            st_info: elf::SymbolInfo::new(elf::STB_GLOBAL, elf::STT_GNU_IFUNC),
            st_other: elf::SymbolOther(0),
        };
        self
    }

    /// Adds a section of these bytes; of zeros that no file holds, by a size alone.
    pub(in crate::session) fn section(
        &mut self,
        name: &str,
        kind: SectionKind,
        bytes: &[u8],
    ) -> SectionId {
        let name = name.as_bytes().to_vec();
        let section = self.object.add_section(Vec::new(), name, kind);
        if kind == SectionKind::UninitializedData {
            let size = u64::try_from(bytes.len()).unwrap();
            self.object.append_section_bss(section, size, 8);
        } else {
            self.object.append_section_data(section, bytes, 8);
        }
        section
    }

    pub(in crate::session) fn code(&mut self, name: &str, bytes: &[u8]) -> SectionId {
        self.section(name, SectionKind::Text, bytes)
    }

    /// Defines a symbol that everybody sees, `offset` bytes into a section.
    pub(in crate::session) fn global(
        &mut self,
        name: &str,
        section: SectionId,
        offset: u64,
        size: u64,
    ) -> SymbolId {
        let scope = SymbolScope::Dynamic;
        self.add(name, SymbolSection::Section(section), scope, offset, size)
    }

    /// The same, seen by the object alone.
    pub(in crate::session) fn local(
        &mut self,
        name: &str,
        section: SectionId,
        offset: u64,
        size: u64,
    ) -> SymbolId {
        let scope = SymbolScope::Compilation;
        self.add(name, SymbolSection::Section(section), scope, offset, size)
    }

    pub(in crate::session) fn undefined(&mut self, name: &str) -> SymbolId {
        self.symbol(name, SymbolSection::Undefined)
    }

    /// A symbol that everybody sees.
    pub(in crate::session) fn symbol(&mut self, name: &str, section: SymbolSection) -> SymbolId {
        self.add(name, section, SymbolScope::Dynamic, 0, 0)
    }

    fn add(
        &mut self,
        name: &str,
        section: SymbolSection,
        scope: SymbolScope,
        value: u64,
        size: u64,
    ) -> SymbolId {
        let is_code = |id| {
            let name = self.object.section(id).name().unwrap_or_default();
            name.contains("text")
        };
        let kind = match section {
            SymbolSection::Undefined => SymbolKind::Unknown,
            SymbolSection::Section(id) if is_code(id) => SymbolKind::Text,
            _ => SymbolKind::Data,
        };
        let id = self.object.add_symbol(Symbol {
            name: name.into(),
            value,
            size,
            kind,
            scope,
            weak: false,
            section,
            flags: SymbolFlags::None,
        });
        self.symbols.push((name.into(), id));
        id
    }

    /// Lets eight bytes be the symbol's address.
    fn pointer(&mut self, section: SectionId, offset: u64, symbol: SymbolId) {
        let r_type = match self.object.architecture() {
            Architecture::Aarch64 => elf::R_AARCH64_ABS64,
            _ => elf::R_X86_64_64,
        };
        self.relocation(section, offset, r_type, symbol, 0);
    }

    pub(in crate::session) fn relocation(
        &mut self,
        section: SectionId,
        offset: u64,
        r_type: elf::RelocationType,
        symbol: SymbolId,
        addend: i64,
    ) {
        let relocation = Relocation {
            offset,
            symbol,
            addend,
            flags: RelocationFlags::Elf { r_type },
        };
        self.object.add_relocation(section, relocation).unwrap();
    }

    pub(in crate::session) fn find(&self, name: &str) -> Option<SymbolId> {
        let is_it = |(known, _): &&(Vec<u8>, SymbolId)| known == name.as_bytes();
        self.symbols.iter().find(is_it).map(|&(_, id)| id)
    }

    pub(in crate::session) fn write(&self) -> Vec<u8> {
        self.object.write().unwrap()
    }
}
