//! Graphs with records, for tests: as compilers leave them, or damaged.

use std::vec::Vec;

use super::record::{interface, module};
use super::{InterfaceEntry, interface_hash};
use crate::base::{Alignment, Machine, Name, Protection};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{
    BlockId, LinkGraph, Linkage, Object, ObjectId, Origin, Scope, Section, Symbol, SymbolId,
    SymbolKind,
};

pub(super) const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);

/// A graph that grows by what a test needs; what is added belongs to the object that was added last.
pub(super) struct Builder {
    pub(super) graph: LinkGraph<'static>,
    pub(super) object: ObjectId,
}

impl Builder {
    /// A graph of one object that was asked for.
    pub(super) fn new() -> Self {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = graph.add_object(Object::new("a.o")).unwrap();
        Self { graph, object }
    }

    pub(super) fn object(&mut self, name: &'static str, origin: Origin) {
        let object = Object {
            origin,
            ..Object::new(name)
        };
        self.object = self.graph.add_object(object).unwrap();
    }

    /// A block in a section of its own.
    pub(super) fn block(
        &mut self,
        section: &'static str,
        protection: Protection,
        bytes: &[u8],
    ) -> BlockId {
        let section = Section::new(section, self.object, protection);
        let section = self.graph.add_section(section).unwrap();
        let bytes = bytes.to_vec().leak();
        self.graph
            .add_content_block(section, bytes, Alignment::EIGHT)
            .unwrap()
    }

    /// A function of eight bytes in a section of its own, seen as far as `scope` says.
    pub(super) fn function(&mut self, name: &'static str, scope: Scope) -> SymbolId {
        let block = self.block(".text", Protection::ReadExecute, &[0x90; 8]);
        let place = self.graph.add_anonymous(block, 0, 8).unwrap();
        let place = *self.graph.symbols.at(place);
        let symbol = Symbol {
            name: Name::from(name),
            kind: SymbolKind::Function,
            scope,
            ..place
        };
        if scope == Scope::Local {
            return self.graph.add_symbol(symbol).unwrap();
        }
        self.graph.define(symbol).unwrap()
    }

    pub(super) fn external(&mut self, name: &'static str) -> SymbolId {
        let (name, object) = (Name::from(name), self.object);
        self.graph
            .add_external(name, Linkage::Strong, Scope::Default, object)
            .unwrap()
    }

    pub(super) fn point(&mut self, block: BlockId, offset: u32, to: SymbolId) {
        self.graph
            .insert_edge(block, offset, POINTER, to, 0)
            .unwrap();
    }

    /// A record with these bytes, and these functions.
    pub(super) fn module_of(
        &mut self,
        bytes: &[u8],
        init: Option<SymbolId>,
        exit: Option<SymbolId>,
    ) -> BlockId {
        let block = self.block(module::SECTION, Protection::ReadWrite, bytes);
        for (offset, function) in [(module::INIT_OFFSET, init), (module::EXIT_OFFSET, exit)] {
            if let Some(function) = function {
                self.point(block, offset, function);
            }
        }
        block
    }

    /// A sound record.
    pub(super) fn module(&mut self, init: Option<SymbolId>, exit: Option<SymbolId>) -> BlockId {
        self.module_of(&module_bytes(), init, exit)
    }

    pub(super) fn interface(&mut self, bytes: &[u8]) -> BlockId {
        self.block(interface::SECTION, Protection::Read, bytes)
    }

    /// A record that exports these.
    pub(super) fn exports(&mut self, symbols: &[SymbolId]) -> BlockId {
        let bytes = std::vec![0; symbols.len() * 8];
        let block = self.block(".ironlink.exports", Protection::ReadWrite, &bytes);
        for (offset, &symbol) in (0..).step_by(8).zip(symbols) {
            self.point(block, offset, symbol);
        }
        block
    }
}

/// The bytes of a record: module `clock`, version 1.2, licence MIT.
pub(super) fn module_bytes() -> Vec<u8> {
    let mut bytes = std::vec![0; module::SIZE_BYTES];
    bytes[0] = 1;
    bytes[4..8].copy_from_slice(&152_u32.to_le_bytes());
    for (field, text) in [
        (module::NAME, "clock"),
        (module::VERSION, "1.2"),
        (module::LICENCE, "MIT"),
    ] {
        put(&mut bytes, field.offset, text.as_bytes());
    }
    bytes
}

/// The bytes of a record: interface `kernel` with these entries, in this order, and the hash over them.
pub(super) fn interface_bytes(entries: &[(&str, u64)]) -> Vec<u8> {
    let listed = entries.iter().map(|&(name, version)| InterfaceEntry {
        name: Name::from(name),
        version,
    });
    let hash = interface_hash(Name::from("kernel"), listed);
    let mut bytes = std::vec![0; interface::HEADER_BYTES];
    bytes[0] = 1;
    bytes[4..8].copy_from_slice(&u32::try_from(entries.len()).unwrap().to_le_bytes());
    put(&mut bytes, interface::NAME.offset, b"kernel");
    put(&mut bytes, interface::HASH_OFFSET, &hash.to_le_bytes());
    for &(name, version) in entries {
        let mut entry = [0; interface::ENTRY_BYTES];
        put(&mut entry, 0, name.as_bytes());
        put(
            &mut entry,
            interface::ENTRY_VERSION_OFFSET,
            &version.to_le_bytes(),
        );
        bytes.extend(entry);
    }
    bytes
}

pub(super) fn put(bytes: &mut [u8], offset: usize, what: &[u8]) {
    bytes[offset..offset + what.len()].copy_from_slice(what);
}
