//! Sessions over memory of a mock or of the host, with objects that are written here.

mod address_map;
mod call_tracer;
mod crowds;
mod load_log;

use std::vec::Vec;

use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags,
    SymbolKind as ObjectKind, SymbolScope,
};

use crate::base::{AddressRange, Machine, TargetAddr};
use crate::memory::mock::MockMemory;
use crate::session::{LoadError, Module, Session};

/// One object under construction.
struct Source {
    object: Object<'static>,
}

impl Source {
    fn new(machine: Machine) -> Self {
        let architecture = match machine {
            Machine::X86_64 => Architecture::X86_64,
            Machine::Aarch64 => Architecture::Aarch64,
        };
        let object = Object::new(BinaryFormat::Elf, architecture, Endianness::Little);
        Self { object }
    }

    /// Adds a section of these bytes; of zeros that no file holds, by a size alone.
    fn section(&mut self, name: &str, kind: SectionKind, bytes: &[u8]) -> SectionId {
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

    fn code(&mut self, name: &str, bytes: &[u8]) -> SectionId {
        self.section(name, SectionKind::Text, bytes)
    }

    /// Defines a symbol that everybody sees, `offset` bytes into a section.
    fn global(&mut self, name: &str, section: SectionId, offset: u64, size: u64) -> SymbolId {
        let scope = SymbolScope::Dynamic;
        self.symbol(name, SymbolSection::Section(section), scope, offset, size)
    }

    /// The same, seen by the object alone.
    fn local(&mut self, name: &str, section: SectionId, offset: u64, size: u64) -> SymbolId {
        let scope = SymbolScope::Compilation;
        self.symbol(name, SymbolSection::Section(section), scope, offset, size)
    }

    fn undefined(&mut self, name: &str) -> SymbolId {
        self.symbol(name, SymbolSection::Undefined, SymbolScope::Unknown, 0, 0)
    }

    fn symbol(
        &mut self,
        name: &str,
        section: SymbolSection,
        scope: SymbolScope,
        value: u64,
        size: u64,
    ) -> SymbolId {
        let in_code = |id| {
            let name = self.object.section(id).name().unwrap_or_default();
            name.contains("text")
        };
        let kind = match section {
            SymbolSection::Section(id) if in_code(id) => ObjectKind::Text,
            SymbolSection::Section(_) => ObjectKind::Data,
            _ => ObjectKind::Unknown,
        };
        self.object.add_symbol(Symbol {
            name: name.into(),
            value,
            size,
            kind,
            scope,
            weak: false,
            section,
            flags: SymbolFlags::None,
        })
    }

    fn relocation(
        &mut self,
        section: SectionId,
        offset: u64,
        r_type: object::elf::RelocationType,
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

    fn write(&self) -> Vec<u8> {
        self.object.write().unwrap()
    }
}

fn mock_session(machine: Machine) -> Session<MockMemory> {
    let range = AddressRange::from_size(TargetAddr::new(0x4000_0000), 0x1000_0000).unwrap();
    let session = Session::for_machine(machine, MockMemory::new(&[range]).unwrap());
    session.set_code_caller(|_| Ok(0));
    session
}

#[expect(unsafe_code, reason = "loading runs foreign code")]
fn load<'s>(
    session: &'s Session<MockMemory>,
    name: &str,
    source: &Source,
) -> Result<Module<'s, MockMemory>, LoadError> {
    // SAFETY: the callers of these sessions call nothing.
    unsafe { session.load(name, &source.write()) }
}

#[expect(unsafe_code, reason = "memory that code may run in is given back")]
fn unload(module: Module<'_, MockMemory>) {
    // SAFETY: nothing runs a mock's code.
    unsafe { module.unload() }.unwrap();
}
