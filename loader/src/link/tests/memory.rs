//! Which memory a link asks for, where, and what lies in it.

use std::format;
use std::vec::Vec;

use super::{
    Alignment, BlockId, Builder, Content, Definition, FAR, HIGH, LOW, LinkError, LinkGraph,
    Linkage, Machine, MockMemory, Origin, POINTER, Protection, Reference, link, text,
};
use crate::base::Name;
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{Priority, RoutineOrder, SectionRole};
use crate::link::{Linked, LinkedSegment};
use crate::memory::mock::MockFinalized;
use crate::memory::{Finalized, Lifetime, MemoryError};
use crate::pass::{BlockMemory, PassError, Pipeline, PostFixUpPass, Purpose};

/// The segment that holds an address.
fn segment_at(linked: &Linked<MockFinalized>, address: u64) -> LinkedSegment {
    let segments = linked.segments.iter().flatten();
    let mut here = segments.filter(|segment| {
        let range = segment.range;
        (range.first().value()..=range.last().value()).contains(&address)
    });
    *here.next().unwrap()
}

#[test]
fn memory_is_taken_where_short_distances_reach_their_targets() {
    let delta = EdgeKind::Data(DataKind::Delta32);
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 4]));
    let near = builder.external("near", Linkage::Strong);
    builder.edges(main, &[(0, delta, near, 0)]);
    let linked = builder
        .link_at(&[HIGH, LOW], &[("near", 0x20_0000)])
        .unwrap();
    assert!(LOW.contains_range(segment_at(&linked, builder.at(main)).range));
    let distance = builder.word(&linked, main, 0).cast_signed();
    assert_eq!(
        i64::from(distance),
        0x20_0000 - builder.at(main).cast_signed()
    );
}

#[test]
fn a_target_out_of_every_ranges_reach_is_named() {
    let delta = EdgeKind::Data(DataKind::Delta32);
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 12]));
    let far = builder.external("stdout", Linkage::Strong);
    builder.edges(main, &[(8, delta, far, -4)]);
    let error = builder.link(&[("stdout", FAR)]).err().unwrap();
    assert!(matches!(
        error,
        LinkError::OutOfReach {
            memory: Some(MemoryError::OutOfReach { .. }),
            ..
        }
    ));
    let line = format!("{error}");
    for part in [
        "a.o: .text+0x8",
        "Delta32",
        "`stdout` at 0x7f0000000000",
        "-fPIC",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn fixups_that_contradict_each_other_are_an_error_before_memory_is_asked() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 8]));
    let here = builder.define(
        "here",
        Definition::Block {
            block: main,
            offset: 0,
        },
    );
    let far = builder.external("far", Linkage::Strong);
    let pointer = EdgeKind::Data(DataKind::Pointer32Signed);
    let delta = EdgeKind::Data(DataKind::Delta32);
    builder.edges(main, &[(0, pointer, here, 0), (4, delta, far, 0)]);
    let error = builder.link(&[("far", FAR)]).err().unwrap();
    assert!(
        matches!(error, LinkError::OutOfReach { memory: None, .. }),
        "{error}"
    );
}

#[test]
fn zero_fill_lies_behind_all_content_of_its_segment() {
    let mut builder = Builder::new(Machine::X86_64);
    let zero = builder.block(".bss", Protection::ReadWrite, Content::ZeroFill(0x2000));
    let data = builder.block(".data", Protection::ReadWrite, text(&[9; 3]));
    let common = Definition::Common(Alignment::new(64).unwrap());
    let shared = builder.define("shared", common);
    let linked = builder.link(&[]).unwrap();
    assert_eq!(builder.at(zero), builder.at(data) + 8);
    let address = builder.graph.address(shared).unwrap();
    assert!(address.is_aligned(Alignment::new(64).unwrap()));
    let segment = segment_at(&linked, builder.at(data));
    assert!(segment.range.contains(address));
    assert_eq!(linked.statistics.zero_fill_bytes, 0x2008);
}

#[test]
fn a_manager_that_fails_leaves_an_error_and_nothing_else() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
    let memory = MockMemory::new(&[LOW]).unwrap();
    memory.fail_after(0);
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    let mut nothing = |_: Reference<'_>| None;
    let error = link(&mut builder.graph, &memory, &mut pipeline, &mut nothing)
        .err()
        .unwrap();
    assert_eq!(error, LinkError::Memory(MemoryError::OutOfFrames));
    assert_eq!(memory.reservations(), 0);
}

#[test]
fn what_has_no_bytes_and_no_segment_stands_near_the_others() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 8]));
    let empty = builder.block(".bss", Protection::ReadWrite, Content::ZeroFill(0));
    let definition = Definition::Block {
        block: empty,
        offset: 0,
    };
    let symbol = builder.define("empty", definition);
    let kind = EdgeKind::Data(DataKind::Delta32);
    builder.edges(main, &[(0, kind, symbol, 0)]);
    let linked = builder.link_at(&[HIGH], &[]).unwrap();
    assert_ne!(builder.at(empty), 0);
    let distance = u64::from(builder.word(&linked, main, 0));
    assert_eq!(builder.at(main) + distance, builder.at(empty));
}

#[test]
fn segments_of_each_lifetime_are_apart_and_those_of_initializers_can_go() {
    let mut builder = Builder::new(Machine::X86_64);
    let once = builder.block(".init.text", Protection::ReadExecute, text(&[0xc3]));
    let section = builder.graph.blocks.at(once).section;
    builder.graph.sections.at_mut(section).lifetime = Lifetime::Finalize;
    let always = builder.block(".text", Protection::ReadExecute, text(&[0x90, 0xc3]));
    let mut linked = builder.link(&[]).unwrap();
    let segment_of = |block: BlockId| segment_at(&linked, builder.at(block));
    assert_eq!(segment_of(once).lifetime, Lifetime::Finalize);
    assert_eq!(segment_of(always).lifetime, Lifetime::Standard);
    assert_eq!(segment_of(once).protection, Protection::ReadExecute);
    linked.memory.release_finalize_segments();
    let bytes: Vec<&[u8]> = linked
        .memory
        .segments()
        .map(|segment| segment.bytes)
        .collect();
    assert_eq!(bytes, [&[0x90, 0xc3][..], &[]]);
}

#[test]
fn what_initializers_alone_need_lies_behind_code_that_stays_and_calls_into_it() {
    for machine in [Machine::X86_64, Machine::Aarch64] {
        let mut builder = Builder::new(machine);
        let call = crate::arch::table_shape(machine).branch;
        let mut code = |name, size_bytes: u32| {
            let content = Content::Repeated {
                entry: &[0, 0, 0, 0x94, 0, 0, 0, 0x94],
                count: size_bytes / 8,
            };
            let block = builder.block(name, Protection::ReadExecute, content);
            let (definition, name) = (Definition::Block { block, offset: 0 }, name);
            (block, builder.define(name, definition))
        };
        let (first, _) = code(".text.first", 8);
        let (_, last) = code(".text.last", 0x10_0000);
        let (init, of_init) = code(".init.text", 0x10_0000);
        // Data that lies between would be further than a branch reaches.
        builder.block(
            ".bss",
            Protection::ReadWrite,
            Content::ZeroFill(0x1000_0000),
        );
        let section = builder.graph.blocks.at(init).section;
        builder.graph.sections.at_mut(section).lifetime = Lifetime::Finalize;
        builder.edges(init, &[(0, call, last, 0)]);
        let role = SectionRole::Initializers(RoutineOrder::new(Priority::Last));
        let array = builder.block_with_role("array", Protection::Read, text(&[0; 8]), role);
        builder.edges(array, &[(0, POINTER, of_init, 0)]);
        let range = super::veneers::WINDOW;
        let linked = builder.link_at(&[range], &[]).unwrap();
        assert!(builder.at(init) > builder.at(first));
        let lifetime = |block| segment_at(&linked, builder.at(block)).lifetime;
        assert_eq!(lifetime(init), Lifetime::Finalize, "{machine}");
        assert_eq!(lifetime(first), Lifetime::Standard);
        let run = linked.routines.initializers.first().unwrap();
        assert_eq!(run.address.value(), builder.at(init));
    }
}

#[test]
fn sections_of_a_name_lie_at_one_stretch_that_is_told_by_name() {
    let mut builder = Builder::new(Machine::X86_64);
    let first = builder.block("table", Protection::Read, text(&[1; 8]));
    builder.block(".rodata", Protection::Read, text(&[2; 8]));
    builder.add_object("b.o", Origin::Given);
    builder.block("table", Protection::Read, text(&[3; 16]));
    let linked = builder.link(&[]).unwrap();
    let named = crate::pass::named_sections(&builder.graph).unwrap();
    let [(name, range)] = named[..] else {
        panic!("{named:?}")
    };
    assert_eq!(name, Name::from("table"));
    assert_eq!(range.first().value(), builder.at(first));
    assert_eq!(range.last().value(), builder.at(first) + 23);
    let bytes = &builder.bytes(&linked, first)[..24];
    assert_eq!((&bytes[..8], &bytes[8..]), (&[1; 8][..], &[3; 16][..]));
}

#[test]
fn what_only_describes_the_program_is_written_but_asks_for_no_memory() {
    let mut builder = Builder::new(Machine::X86_64);
    let code = builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
    let function = builder.define(
        "function",
        Definition::Block {
            block: code,
            offset: 0,
        },
    );
    let mut debug = Vec::new();
    for object in ["a.o", "b.o"] {
        builder.add_object(object, Origin::Given);
        let block = builder.block(".debug_info", Protection::Read, Content::Bytes(&[0; 24]));
        let section = builder.graph.blocks.at(block).section;
        builder.graph.sections.at_mut(section).lifetime = Lifetime::NoAlloc;
        let own = Definition::Block { block, offset: 4 };
        let own = builder.define(object, own);
        let narrow = EdgeKind::Data(DataKind::Pointer32);
        builder.edges(block, &[(0, POINTER, function, 0), (8, narrow, own, 0)]);
        debug.push(block);
    }
    let mut words = Vec::new();
    let mut read = ReadWords {
        blocks: &debug,
        words: &mut words,
    };
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    pipeline.push_post_fix_up("read", &mut read).unwrap();
    let memory = MockMemory::new(&[HIGH]).unwrap();
    let mut nothing = |_: Reference<'_>| None;
    let linked = link(&mut builder.graph, &memory, &mut pipeline, &mut nothing).unwrap();
    drop(pipeline);
    assert_eq!(linked.memory.segments().count(), 1);
    let function = builder.graph.blocks.at(code).address.value();
    // The second object's section follows the first one's, as in one file.
    assert_eq!(words, [function, 4, function, 24 + 4]);
}

/// Reads the first two words of blocks once they are written.
struct ReadWords<'w> {
    blocks: &'w [BlockId],
    words: &'w mut Vec<u64>,
}

impl PostFixUpPass for ReadWords<'_> {
    fn run(&mut self, _: &LinkGraph<'_>, memory: &mut dyn BlockMemory) -> Result<(), PassError> {
        for &block in self.blocks {
            let bytes = memory.bytes(block).unwrap();
            for word in bytes.chunks_exact(8).take(2) {
                self.words
                    .push(u64::from_le_bytes(word.try_into().unwrap()));
            }
        }
        Ok(())
    }
}
