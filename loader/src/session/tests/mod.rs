//! Sessions over memory of the host and of a mock, with objects that are written here.
#![expect(unsafe_code, reason = "tests load and call what they wrote")]

mod digests;
mod dylibs;
mod generators;
mod growth;
mod lives;
mod loads;
mod panics;
mod scopes;

use std::vec::Vec;

use object::write::{Object, Relocation, StandardSection, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SymbolFlags, SymbolKind as ObjectKind,
    SymbolScope,
};

use super::{AbsoluteSymbol, LoadError, Module, Session, UnloadError};
use crate::base::{AddressRange, Machine, TargetAddr};
use crate::memory::mock::MockMemory;

/// One object under construction.
pub(super) struct Source {
    pub(super) object: Object<'static>,
    /// All symbols by their names, also those that are asked for alone.
    symbols: Vec<(Vec<u8>, object::write::SymbolId)>,
}

impl Source {
    pub(super) fn new() -> Self {
        let object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        Self {
            object,
            symbols: Vec::new(),
        }
    }

    /// Defines `name` in `section`, as `bytes` with 8-byte pointers to symbols in them.
    pub(super) fn define(
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
            let symbol = match self.find(target) {
                Some(symbol) => symbol,
                None => self.symbol(target, SymbolSection::Undefined),
            };
            let flags = RelocationFlags::Elf {
                r_type: object::elf::R_X86_64_64,
            };
            let relocation = Relocation {
                offset: start + offset,
                symbol,
                addend: 0,
                flags,
            };
            self.object.add_relocation(section, relocation).unwrap();
        }
        self
    }

    pub(super) fn weak(mut self, name: &str) -> Self {
        let symbol = self.find(name).unwrap();
        self.object.symbol_mut(symbol).weak = true;
        self
    }

    /// Lets `name` be seen by what belongs to the same component alone.
    pub(super) fn hidden(mut self, name: &str) -> Self {
        let symbol = self.find(name).unwrap();
        self.object.symbol_mut(symbol).scope = SymbolScope::Linkage;
        self
    }

    /// Adds a section of addresses of functions that run at the module's beginning or end.
    pub(super) fn array(mut self, name: &str, functions: &[&str]) -> Self {
        let kind = object::SectionKind::Data;
        let array = self.object.add_section(Vec::new(), name.into(), kind);
        let is_beginning = name.contains("init");
        self.object.section_mut(array).flags = object::SectionFlags::Elf {
            sh_type: match is_beginning {
                true => object::elf::SHT_INIT_ARRAY,
                false => object::elf::SHT_FINI_ARRAY,
            },
            sh_flags: object::elf::SHF_ALLOC | object::elf::SHF_WRITE,
        };
        for function in functions {
            let offset = self.object.append_section_data(array, &[0; 8], 8);
            let symbol = self.find(function).unwrap();
            let flags = RelocationFlags::Elf {
                r_type: object::elf::R_X86_64_64,
            };
            let relocation = Relocation {
                offset,
                symbol,
                addend: 0,
                flags,
            };
            self.object.add_relocation(array, relocation).unwrap();
        }
        self
    }

    /// Lets the code of `name` choose what the name stands for.
    pub(super) fn indirect(mut self, name: &str) -> Self {
        let symbol = self.find(name).unwrap();
        self.object.symbol_mut(symbol).flags = SymbolFlags::Elf {
            st_info: object::elf::SymbolInfo::new(
                object::elf::STB_GLOBAL,
                object::elf::STT_GNU_IFUNC,
            ),
            st_other: object::elf::SymbolOther(0),
        };
        self
    }

    pub(super) fn symbol(&mut self, name: &str, section: SymbolSection) -> object::write::SymbolId {
        let kind = match section {
            SymbolSection::Undefined => ObjectKind::Unknown,
            SymbolSection::Section(id) if self.object.section(id).name() == Some(".text") => {
                ObjectKind::Text
            }
            _ => ObjectKind::Data,
        };
        let id = self.object.add_symbol(Symbol {
            name: name.into(),
            value: 0,
            size: 0,
            kind,
            scope: SymbolScope::Dynamic,
            weak: false,
            section,
            flags: SymbolFlags::None,
        });
        self.symbols.push((name.into(), id));
        id
    }

    pub(super) fn find(&self, name: &str) -> Option<object::write::SymbolId> {
        let is_it = |(known, _): &&(Vec<u8>, object::write::SymbolId)| known == name.as_bytes();
        self.symbols.iter().find(is_it).map(|&(_, id)| id)
    }

    pub(super) fn write(self) -> Vec<u8> {
        self.object.write().unwrap()
    }
}

/// `mov eax, value; ret`
pub(super) fn returns(value: u8) -> [u8; 6] {
    [0xb8, value, 0, 0, 0, 0xc3]
}

pub(super) fn program() -> Vec<u8> {
    Source::new()
        .define("main", StandardSection::Text, &returns(42), &[])
        .define(
            "table",
            StandardSection::Data,
            &[0; 16],
            &[(0, "main"), (8, "exported")],
        )
        .write()
}

pub(super) fn exported() -> AbsoluteSymbol<'static> {
    AbsoluteSymbol::function("exported", TargetAddr::new(0x1234))
}

pub(super) fn memory() -> MockMemory {
    let range = AddressRange::from_size(TargetAddr::new(0x4000_0000), 0x1000_0000).unwrap();
    MockMemory::new(&[range]).unwrap()
}

pub(super) fn session() -> Session<MockMemory> {
    let session = Session::for_machine(Machine::X86_64, memory());
    session.set_code_caller(|_| Ok(0));
    session
        .create_dylib("kernel")
        .unwrap()
        .define(&[exported()])
        .unwrap();
    session
}

pub(super) fn load<'s>(
    session: &'s Session<MockMemory>,
    name: &str,
    bytes: &[u8],
) -> Result<Module<'s, MockMemory>, LoadError> {
    // SAFETY: the initializers' caller of these sessions calls nothing.
    unsafe { session.load(name, bytes) }
}

/// What a session and its memory hold.
pub(super) fn digest(session: &Session<MockMemory>) -> (super::SessionStatistics, u64, u64, u64) {
    let memory = session.memory();
    (
        session.statistics(),
        session.digest(),
        memory.used_bytes(),
        memory.reservations(),
    )
}

/// An object that defines `name`, as data that points to `others`.
pub(super) fn data(name: &str, others: &[&str]) -> Vec<u8> {
    data_source(name, others).write()
}

pub(super) fn data_source(name: &str, others: &[&str]) -> Source {
    let pointers = (0..).step_by(8).zip(others.iter().copied());
    let pointers: Vec<(u64, &str)> = pointers.collect();
    let bytes = std::vec![0; 8 * others.len().max(1)];
    Source::new().define(name, StandardSection::Data, &bytes, &pointers)
}

pub(super) fn unload(module: Module<'_, MockMemory>) -> Result<(), UnloadError> {
    // SAFETY: nothing runs a mock's code.
    unsafe { module.unload() }
}
