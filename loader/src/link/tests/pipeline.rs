//! Passes of one's own: when they run, what they see, and how they fail.

use core::cell::{Cell, RefCell};
use std::format;
use std::string::String;
use std::vec::Vec;

use super::{
    Alignment, Builder, Content, Definition, GOT_LOAD, LinkError, LinkGraph, Machine, POINTER,
    Protection, text,
};
use super::{LOW, Linked, MockFinalized, MockMemory, Reference, link};
use crate::base::Text;
use crate::graph::{BlockId, Linkage, Origin, Site};
use crate::pass::{BlockMemory, PassError, Pipeline, Point, PostFixUpPass, Purpose, standard};

fn link_with(
    builder: &mut Builder,
    pipeline: &mut Pipeline<'_>,
) -> Result<Linked<MockFinalized>, LinkError> {
    let memory = MockMemory::new(&[LOW]).unwrap();
    let mut nothing = |_: Reference<'_>| None;
    let linked = link(&mut builder.graph, &memory, pipeline, &mut nothing);
    if linked.is_err() {
        assert_eq!((memory.reservations(), memory.used_bytes()), (0, 0));
    }
    linked
}

/// What a pass could see of a block's addresses.
fn sight(graph: &LinkGraph<'_>, point: &str) -> String {
    let (_, block) = graph.blocks.iter().next().unwrap();
    let has_address = block.address.value() >= LOW.first().value();
    format!("{point} live={} placed={has_address}", block.is_live)
}

#[test]
fn passes_run_at_their_points_in_the_order_of_the_link() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
    let seen = RefCell::new(Vec::new());
    let see = |point: &'static str| {
        let seen = &seen;
        move |graph: &mut LinkGraph<'_>| {
            seen.borrow_mut().push(sight(graph, point));
            Ok(())
        }
    };
    let (mut first, mut last) = (see("first"), see("last"));
    let (mut post_prune, mut allocated, mut pre) = (see("pruned"), see("placed"), see("fixing"));
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    // The order in which they are added counts only within a point.
    pipeline.push(Point::PreFixUp, "d", &mut pre).unwrap();
    pipeline
        .push(Point::PostAllocation, "c", &mut allocated)
        .unwrap();
    pipeline
        .push(Point::PostPrune, "b", &mut post_prune)
        .unwrap();
    pipeline.push(Point::PrePrune, "z", &mut last).unwrap();
    pipeline
        .push_first(Point::PrePrune, "a", &mut first)
        .unwrap();
    link_with(&mut builder, &mut pipeline).map(|_| ()).unwrap();
    drop(pipeline);
    assert_eq!(
        seen.into_inner(),
        [
            "first live=false placed=false",
            "last live=true placed=false",
            "pruned live=true placed=false",
            "placed live=true placed=true",
            "fixing live=true placed=true",
        ]
    );
}

#[test]
fn edges_are_settled_still_after_who_looks_alone_and_not_after_who_may_change_them() {
    for (looks_alone, is_settled) in [(true, true), (false, false)] {
        let mut builder = Builder::new(Machine::X86_64);
        let block = builder.block(".data", Protection::ReadWrite, Content::Bytes(&[0; 8]));
        let definition = Definition::Block { block, offset: 0 };
        let target = builder.define("target", definition);
        builder.edges(block, &[(0, POINTER, target, 0)]);
        let seen = Cell::new(None);
        let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
        let point = Point::PostAllocation;
        match looks_alone {
            true => pipeline.push_observer(point, "looks", |_| Ok(())),
            false => pipeline.push_owned(point, "changes", |_: &mut LinkGraph<'_>| Ok(())),
        }
        .unwrap();
        let see = |graph: &LinkGraph<'_>| {
            seen.set(Some(graph.is_settled(&graph.edges(block)[0])));
            Ok(())
        };
        pipeline.push_observer(point, "sees", see).unwrap();
        link_with(&mut builder, &mut pipeline).map(|_| ()).unwrap();
        drop(pipeline);
        assert_eq!(seen.get(), Some(is_settled));
    }
}

#[test]
fn an_observer_that_fails_fails_the_link_by_its_name() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    let refuse = |_: &LinkGraph<'_>| Err(PassError::at(Site::object("a.o"), "seen enough"));
    pipeline
        .push_observer(Point::PreFixUp, "critic", refuse)
        .unwrap();
    let error = link_with(&mut builder, &mut pipeline)
        .map(|_| ())
        .unwrap_err();
    let text = format!("{error}");
    assert!(
        text.contains("critic") && text.contains("seen enough"),
        "{text}"
    );
}

/// Looks at what was written, and changes it.
struct Flip {
    block: BlockId,
    seen: Vec<u8>,
}

impl PostFixUpPass for Flip {
    fn run(&mut self, _: &LinkGraph<'_>, memory: &mut dyn BlockMemory) -> Result<(), PassError> {
        let bytes = memory.bytes(self.block).unwrap();
        self.seen = bytes.to_vec();
        bytes[7] = 0x80;
        Ok(())
    }
}

#[test]
fn a_pass_after_fix_up_sees_what_was_written_and_may_change_it() {
    let mut builder = Builder::new(Machine::X86_64);
    let data = builder.block(".data", Protection::ReadWrite, Content::Bytes(&[0; 8]));
    let here = builder.define(
        "here",
        Definition::Block {
            block: data,
            offset: 0,
        },
    );
    builder.edges(data, &[(0, POINTER, here, 0)]);
    let mut flip = Flip {
        block: data,
        seen: Vec::new(),
    };
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    pipeline.push_post_fix_up("flip", &mut flip).unwrap();
    let linked = link_with(&mut builder, &mut pipeline).unwrap();
    let address = builder.graph.blocks.at(data).address.value();
    drop(pipeline);
    assert_eq!(flip.seen, address.to_le_bytes());
    let after = u64::from_le_bytes(builder.bytes(&linked, data)[..8].try_into().unwrap());
    assert_eq!(after, address | 0x80 << 56);
}

#[test]
fn a_pass_that_fails_is_named_and_leaves_nothing() {
    for point in [
        Point::PrePrune,
        Point::PostPrune,
        Point::PostAllocation,
        Point::PreFixUp,
    ] {
        let mut builder = Builder::new(Machine::X86_64);
        builder.block(".text", Protection::ReadExecute, text(&[0xc3]));
        let mut refuse =
            |_: &mut LinkGraph<'_>| Err(PassError::at(Site::object("a.o"), "it is Friday"));
        let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
        pipeline.push(point, "weekdays only", &mut refuse).unwrap();
        let error = link_with(&mut builder, &mut pipeline).err().unwrap();
        let LinkError::Pass { pass, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(*pass, Text::of("weekdays only"));
        assert_eq!(
            format!("{error}"),
            "a.o: it is Friday (pass `weekdays only`)"
        );
    }
}

#[test]
fn a_pass_of_ones_own_makes_live_what_nothing_refers_to() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.add_object("member.o", Origin::Archive);
    let kept = builder.block(".rodata", Protection::Read, Content::Bytes(&[0; 8]));
    let reached = builder.block(".data", Protection::ReadWrite, Content::Bytes(&[0; 8]));
    builder.define(
        "reached",
        Definition::Block {
            block: reached,
            offset: 0,
        },
    );
    let target = builder.external("reached", Linkage::Strong);
    builder.edges(kept, &[(0, POINTER, target, 0)]);
    let mut keep = |graph: &mut LinkGraph<'_>| {
        graph.blocks.at_mut(kept).is_live = true;
        Ok(())
    };
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    pipeline.push(Point::PrePrune, "keep", &mut keep).unwrap();
    link_with(&mut builder, &mut pipeline).map(|_| ()).unwrap();
    assert!(builder.graph.blocks.at(reached).is_live);
}

#[test]
fn a_standard_pass_can_be_left_out() {
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    assert!(pipeline.names(Point::PrePrune).any(|name| name == "common"));
    pipeline.without("common");
    assert!(pipeline.names(Point::PrePrune).all(|name| name != "common"));
}

/// Code that reads common memory through the GOT.
fn with_common_memory() -> Builder {
    let mut builder = Builder::new(Machine::X86_64);
    // mov rax, [rip + shared@GOTPCREL]; ret
    let code = text(&[0x48, 0x8b, 0x05, 0, 0, 0, 0, 0xc3]);
    let code = builder.block(".text", Protection::ReadExecute, code);
    let shared = builder.define("shared", Definition::Common(Alignment::EIGHT));
    builder.edges(code, &[(3, GOT_LOAD, shared, -4)]);
    builder
}

#[test]
fn the_needed_passes_give_memory_to_common_symbols_and_entries_to_the_got() {
    let mut builder = with_common_memory();
    let mut pipeline = Pipeline::of(standard::NEEDED, Purpose::Run).unwrap();
    let linked = link_with(&mut builder, &mut pipeline).unwrap();
    // The load stands as it is: nothing goes past the table.
    assert_eq!(linked.statistics.fixups, 2);
}

#[test]
fn a_link_without_a_pass_that_its_object_needs_fails() {
    for needed in [standard::COMMON, standard::TABLES] {
        let mut builder = with_common_memory();
        let mut pipeline = Pipeline::of(standard::NEEDED, Purpose::Run).unwrap();
        pipeline.without(needed.name());
        assert!(link_with(&mut builder, &mut pipeline).is_err());
    }
}
