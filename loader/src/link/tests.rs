//! Links of graphs that are built by hand, in memory that a mock gives.

mod memory;
mod parts;
mod pipeline;
mod relaxation;
mod thread_local;
mod unwind;
mod veneers;

use std::format;
use std::vec::Vec;

use super::{LinkError, Linked, Reference, link};
use crate::base::{AddressRange, Alignment, Machine, Name, Protection, TargetAddr};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};
use crate::graph::{
    BlockId, Content, Definition, LinkGraph, Linkage, Object, ObjectId, Origin, Priority,
    RoutineOrder, Scope, Section, SectionRole, Symbol, SymbolId, SymbolKind,
};
use crate::memory::Lifetime;
use crate::memory::mock::{MockFinalized, MockMemory};
use crate::pass::{Pipeline, Purpose};

const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);
const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
const GOT_LOAD: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestGotLoad32RelaxableRex);

/// A graph that grows by what a test needs.
struct Builder {
    graph: LinkGraph<'static>,
    object: ObjectId,
}

impl Builder {
    fn new(machine: Machine) -> Self {
        let mut graph = LinkGraph::new(machine);
        let object = Object::new("a.o");
        let object = graph.add_object(object).unwrap();
        Self { graph, object }
    }

    fn add_object(&mut self, name: &'static str, origin: Origin) {
        self.object = self
            .graph
            .add_object(Object {
                origin,
                ..Object::new(name)
            })
            .unwrap();
    }

    fn block(
        &mut self,
        name: &'static str,
        protection: Protection,
        content: Content<'static>,
    ) -> BlockId {
        self.block_with_role(name, protection, content, SectionRole::Ordinary)
    }

    fn block_with_role(
        &mut self,
        name: &'static str,
        protection: Protection,
        content: Content<'static>,
        role: SectionRole,
    ) -> BlockId {
        let lifetime = Lifetime::Standard;
        let (name, object) = (Name::from(name), self.object);
        let section = Section {
            name,
            object,
            protection,
            lifetime,
            role,
            is_bounded: false,
            index: 0,
        };
        let section = self.graph.add_section(section).unwrap();
        self.graph
            .add_block(section, content, Alignment::EIGHT)
            .unwrap()
    }

    fn define(&mut self, name: &'static str, definition: Definition) -> SymbolId {
        self.graph
            .define(Symbol {
                name: Name::from(name),
                definition,
                size_bytes: 8,
                object: self.object,
                linkage: Linkage::Strong,
                scope: Scope::Default,
                kind: SymbolKind::Unknown,
                is_live: false,
            })
            .unwrap()
    }

    fn external(&mut self, name: &'static str, linkage: Linkage) -> SymbolId {
        self.graph
            .add_external(Name::from(name), linkage, Scope::Default, self.object)
            .unwrap()
    }

    fn edges(&mut self, block: BlockId, edges: &[(u32, EdgeKind, SymbolId, i64)]) {
        let first = self.graph.open_edges();
        for &(offset, kind, target, addend) in edges {
            self.graph.add_edge(offset, kind, target, addend).unwrap();
        }
        self.graph.close_edges(block, first).unwrap();
    }

    fn link_at(
        &mut self,
        ranges: &[AddressRange],
        known: &[(&str, u64)],
    ) -> Result<Linked<MockFinalized>, LinkError> {
        let memory = MockMemory::new(ranges).unwrap();
        let mut resolver = |reference: Reference<'_>| {
            let found = known
                .iter()
                .find(|(name, _)| Name::from(*name) == reference.name);
            found.map(|&(_, address)| TargetAddr::new(address))
        };
        let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
        self.graph.verify().unwrap();
        let linked = link(&mut self.graph, &memory, &mut pipeline, &mut resolver);
        self.graph.verify_prepared().unwrap();
        if linked.is_err() {
            assert_eq!(
                (memory.reservations(), memory.used_bytes()),
                (0, 0),
                "something is kept"
            );
        }
        linked
    }

    fn link(&mut self, known: &[(&str, u64)]) -> Result<Linked<MockFinalized>, LinkError> {
        self.link_at(&[LOW], known)
    }

    /// The bytes from a block's start to the end of its segment.
    fn bytes<'m>(&self, linked: &'m Linked<MockFinalized>, block: BlockId) -> &'m [u8] {
        let address = self.graph.blocks.at(block).address;
        let mut segments = linked.segments.iter().flatten().enumerate();
        let (place, segment) = segments
            .find(|(_, segment)| segment.range.contains(address))
            .unwrap();
        let offset = usize::try_from(address.value() - segment.range.first().value()).unwrap();
        &linked.memory.segment(place).unwrap().bytes[offset..]
    }

    fn word(&self, linked: &Linked<MockFinalized>, block: BlockId, offset: usize) -> u32 {
        let bytes = &self.bytes(linked, block)[offset..offset + 4];
        u32::from_le_bytes(bytes.try_into().unwrap())
    }

    fn double(&self, linked: &Linked<MockFinalized>, block: BlockId, offset: usize) -> u64 {
        let bytes = &self.bytes(linked, block)[offset..offset + 8];
        u64::from_le_bytes(bytes.try_into().unwrap())
    }

    fn at(&self, block: BlockId) -> u64 {
        self.graph.blocks.at(block).address.value()
    }
}

const LOW: AddressRange =
    AddressRange::from_size(TargetAddr::new(0x4000_0000), 0x1000_0000).unwrap();
const HIGH: AddressRange =
    AddressRange::from_size(TargetAddr::new(0x40_0000_0000), 0x1000_0000).unwrap();
/// Too far from either for 32 bits.
const FAR: u64 = 0x7f00_0000_0000;

fn text(bytes: &'static [u8]) -> Content<'static> {
    Content::Bytes(bytes)
}

#[test]
fn a_far_call_goes_through_a_stub_that_reads_the_got() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(
        ".text",
        Protection::ReadExecute,
        text(&[0xe8, 0, 0, 0, 0, 0xc3]),
    );
    let far = builder.external("far", Linkage::Strong);
    builder.edges(main, &[(1, CALL, far, -4)]);
    let linked = builder.link(&[("far", FAR)]).unwrap();
    let stub = builder.at(main) + 5 + u64::from(builder.word(&linked, main, 1));
    let offset = usize::try_from(stub - builder.at(main)).unwrap();
    let bytes = builder.bytes(&linked, main);
    assert_eq!(bytes[offset..offset + 2], [0xff, 0x25], "jmp *entry(%rip)");
    let distance = builder.word(&linked, main, offset + 2).cast_signed();
    let entry = (stub + 6).wrapping_add_signed(i64::from(distance));
    let read_only = linked.segments[0].unwrap().range;
    assert_eq!(entry, read_only.first().value());
    assert_eq!(
        linked.memory.segment(0).unwrap().bytes[..8],
        FAR.to_le_bytes()
    );
}

#[test]
fn a_call_within_the_link_goes_directly() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(
        ".text",
        Protection::ReadExecute,
        text(&[0xe8, 0, 0, 0, 0, 0xc3]),
    );
    let callee = builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
    let symbol = builder.define(
        "callee",
        Definition::Block {
            block: callee,
            offset: 0,
        },
    );
    builder.edges(main, &[(1, CALL, symbol, -4)]);
    let linked = builder.link(&[]).unwrap();
    let target = builder.at(main) + 5 + u64::from(builder.word(&linked, main, 1));
    assert_eq!(target, builder.at(callee));
    assert_eq!(linked.statistics.fixups, 1, "no table was made");
}

#[test]
fn a_symbol_has_one_got_entry_however_often_it_is_asked_for() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 24]));
    let one = builder.external("one", Linkage::Strong);
    let two = builder.external("two", Linkage::Strong);
    let edges = [
        (0, GOT_LOAD, one, 0),
        (8, GOT_LOAD, two, 0),
        (16, GOT_LOAD, one, 0),
    ];
    builder.edges(main, &edges);
    let linked = builder.link(&[("one", FAR), ("two", FAR + 1)]).unwrap();
    let entries: Vec<u64> = [0_u8, 8, 16]
        .map(|offset| u64::from(offset) + u64::from(builder.word(&linked, main, offset.into())))
        .into();
    assert_eq!(entries[0], entries[2]);
    assert_eq!(entries[0] + 8, entries[1]);
    let got = linked.segments[0].unwrap().range;
    assert_eq!(got.last().value() - got.first().value() + 1, 16);
}

#[test]
fn an_undefined_weak_symbol_is_zero_and_a_branch_to_it_never_overflows() {
    for machine in [Machine::X86_64, Machine::Aarch64] {
        let mut builder = Builder::new(machine);
        let (call, code): (_, &[u8]) = match machine {
            Machine::X86_64 => (CALL, &[0; 4]),
            Machine::Aarch64 => {
                let call = EdgeKind::Aarch64(Aarch64Kind::RequestBranch26);
                (call, &[0, 0, 0, 0x94]) // bl .
            }
        };
        let main = builder.block(".text", Protection::ReadExecute, text(code));
        let data = builder.block(".data", Protection::ReadWrite, text(&[0xff; 8]));
        let nowhere = builder.external("nowhere", Linkage::Weak);
        builder.edges(main, &[(0, call, nowhere, 0)]);
        builder.edges(data, &[(0, POINTER, nowhere, 0)]);
        let linked = builder.link_at(&[HIGH], &[]).unwrap();
        assert_eq!(builder.double(&linked, data, 0), 0, "{machine}");
    }
}

#[test]
fn all_missing_names_are_told_at_once_with_who_wants_them() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".data", Protection::ReadWrite, text(&[0; 16]));
    let first = builder.external("first", Linkage::Strong);
    builder.add_object("b.o", Origin::Given);
    let second = builder.external("second", Linkage::Strong);
    builder.edges(main, &[(0, POINTER, first, 0), (8, POINTER, second, 0)]);
    let error = builder.link(&[]).err().unwrap();
    let line = format!("{error}");
    assert!(
        line.contains("`first` (wanted by a.o: .data+0x0), `second` (wanted by a.o: .data+0x8)"),
        "{line}"
    );
}

#[test]
fn a_name_that_must_be_defined_within_the_link_is_not_looked_up_outside() {
    for scope in [Scope::Hidden, Scope::Protected] {
        let mut builder = Builder::new(Machine::X86_64);
        let wanted = builder.external("near", Linkage::Strong);
        builder.graph.symbols.at_mut(wanted).scope = scope;
        let data = builder.block(".data", Protection::ReadWrite, Content::Bytes(&[0; 8]));
        builder.edges(data, &[(0, POINTER, wanted, 0)]);
        let result = builder.link(&[("near", 0x1000)]);
        assert!(matches!(result, Err(LinkError::Missing(_))), "{scope}");
    }
}

#[test]
fn a_name_that_only_dead_blocks_refer_to_is_not_missing() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
    builder.add_object("member.o", Origin::Archive);
    let dead = builder.block(".data", Protection::ReadWrite, text(&[0; 8]));
    let missing = builder.external("missing", Linkage::Strong);
    builder.edges(dead, &[(0, POINTER, missing, 0)]);
    let linked = builder.link(&[]).unwrap();
    assert_eq!(linked.statistics.blocks, 1);
}

#[test]
fn what_a_live_block_reaches_in_an_archive_member_is_live() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".data", Protection::ReadWrite, text(&[0; 8]));
    builder.add_object("member.o", Origin::Archive);
    let middle = builder.block(".data.middle", Protection::ReadWrite, text(&[0; 8]));
    let end = builder.block(".data.end", Protection::ReadWrite, text(&[7; 8]));
    builder.block(".data.dead", Protection::ReadWrite, text(&[0; 8]));
    let to_middle = builder.define(
        "middle",
        Definition::Block {
            block: middle,
            offset: 0,
        },
    );
    let to_end = builder.define(
        "end",
        Definition::Block {
            block: end,
            offset: 4,
        },
    );
    builder.edges(main, &[(0, POINTER, to_middle, 0)]);
    builder.edges(middle, &[(0, POINTER, to_end, 1)]);
    let linked = builder.link(&[]).unwrap();
    assert_eq!(linked.statistics.blocks, 3);
    assert_eq!(builder.double(&linked, main, 0), builder.at(middle));
    assert_eq!(builder.double(&linked, middle, 0), builder.at(end) + 5);
}

#[test]
fn initializers_run_by_priority_and_then_in_the_order_of_their_objects() {
    let mut builder = Builder::new(Machine::X86_64);
    let code = builder.block(".text", Protection::ReadExecute, text(&[0xc3; 4]));
    let function = builder.define(
        "function",
        Definition::Block {
            block: code,
            offset: 0,
        },
    );
    for (priority, addend) in [(65535, 3_i64), (200, 1), (65535, 4), (101, 0)] {
        let role = SectionRole::Initializers(RoutineOrder::new(Priority::numbered(priority)));
        let array = builder.block_with_role(".init_array", Protection::Read, text(&[0; 8]), role);
        builder.edges(array, &[(0, POINTER, function, addend)]);
    }
    let linked = builder.link(&[]).unwrap();
    let offsets: Vec<u64> = linked
        .routines
        .initializers
        .iter()
        .map(|routine| routine.address.value() - builder.at(code))
        .collect();
    assert_eq!(offsets, [0, 1, 3, 4]);
}

#[test]
fn each_link_has_a_dso_handle_of_its_own() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".data", Protection::ReadWrite, text(&[0; 8]));
    let handle = builder.external("__dso_handle", Linkage::Strong);
    builder.edges(main, &[(0, POINTER, handle, 0)]);
    let linked = builder.link(&[("__dso_handle", FAR)]).unwrap();
    let read_only = linked.segments[0].unwrap().range;
    assert_eq!(builder.double(&linked, main, 0), read_only.first().value());
}

#[test]
fn the_tables_start_is_there_for_who_asks_for_nothing_else() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 16]));
    let local = builder.define(
        "local",
        Definition::Block {
            block: main,
            offset: 3,
        },
    );
    let base = builder.external("_GLOBAL_OFFSET_TABLE_", Linkage::Strong);
    let to_base = EdgeKind::X86_64(X86_64Kind::RequestGotBaseDelta64);
    let from_base = EdgeKind::Data(DataKind::TableDelta64);
    builder.edges(main, &[(0, to_base, base, 0), (8, from_base, local, 0)]);
    let linked = builder.link(&[]).unwrap();
    let table = builder
        .at(main)
        .wrapping_add(builder.double(&linked, main, 0));
    assert_eq!(
        table.wrapping_add(builder.double(&linked, main, 8)),
        builder.at(main) + 3
    );
}

#[test]
fn a_value_out_of_range_names_section_offset_symbol_value_and_range() {
    let mut builder = Builder::new(Machine::Aarch64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 8]));
    let far = builder.block(".bss", Protection::ReadWrite, Content::ZeroFill(8));
    let symbol = builder.define(
        "variable",
        Definition::Block {
            block: far,
            offset: 0x20_0000,
        },
    );
    let adr = EdgeKind::Aarch64(Aarch64Kind::Adr21);
    builder.edges(main, &[(4, adr, symbol, 0)]);
    let line = format!("{}", builder.link(&[]).err().unwrap());
    for part in [
        "a.o: .text+0x4",
        "Adr21",
        "`variable`",
        "-1048576..=1048575",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn a_missing_name_that_is_called_is_told_with_the_place_of_the_call() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 16]));
    let (called, loaded) = (
        builder.external("called", Linkage::Strong),
        builder.external("loaded", Linkage::Strong),
    );
    builder.edges(main, &[(9, GOT_LOAD, loaded, -4), (1, CALL, called, -4)]);
    let line = format!("{}", builder.link(&[]).err().unwrap());
    assert!(
        line.contains("`called` (wanted by a.o: .text+0x1)"),
        "{line}"
    );
    assert!(
        line.contains("`loaded` (wanted by a.o: .text+0x9)"),
        "{line}"
    );
}
