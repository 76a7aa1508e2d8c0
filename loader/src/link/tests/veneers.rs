//! Branches that don't reach, in code that is larger than they do.

use super::{
    AddressRange, Builder, Content, Definition, LinkError, Machine, MockMemory, Pipeline,
    Protection, Purpose, Reference,
};
use crate::arch::FixUpFault;
use crate::base::TargetAddr;
use crate::edge::{Aarch64Kind, EdgeKind};
use crate::graph::{BlockId, Linkage};
use crate::link::link_without_veneers;

pub(super) const CALL: EdgeKind = EdgeKind::Aarch64(Aarch64Kind::RequestBranch26);
const TEST_BRANCH: EdgeKind = EdgeKind::Aarch64(Aarch64Kind::TestBranch14);

/// bl . ; bl .
const CODE: [u8; 8] = [0, 0, 0, 0x94, 0, 0, 0, 0x94];
pub(super) const WINDOW: AddressRange =
    match AddressRange::new(TargetAddr::new(0x4000_0000), TargetAddr::new(0x7fff_ffff)) {
        Some(range) => range,
        None => AddressRange::ALL,
    };

/// A function at either end of code that is `mebibytes` larger.
pub(super) fn far_apart(mebibytes: u32) -> (Builder, BlockId, BlockId) {
    let mut builder = Builder::new(Machine::Aarch64);
    let near = builder.block(".text.near", Protection::ReadExecute, Content::Bytes(&CODE));
    for _ in 0..mebibytes / 16 {
        let entry = &[0; 4096];
        let count = 16 * 256;
        let content = Content::Repeated { entry, count };
        builder.block(".text.between", Protection::ReadExecute, content);
    }
    let far = builder.block(".text.far", Protection::ReadExecute, Content::Bytes(&CODE));
    for (name, block) in [("near", near), ("far", far)] {
        builder.define(name, Definition::Block { block, offset: 0 });
    }
    (builder, near, far)
}

/// Where the branch with which a block begins leads, through a veneer if it leads to one.
fn destination(
    builder: &Builder,
    linked: &super::Linked<super::MockFinalized>,
    block: BlockId,
) -> (u64, bool) {
    let word = builder.word(linked, block, 0);
    assert_eq!(word >> 26, 0b10_0101, "a call stays a call");
    let words = (word << 6).cast_signed() >> 6;
    let from = builder.graph.blocks.at(block).address;
    let to = from.wrapping_offset(i64::from(words) * 4);
    let mut segments = linked.memory.segments();
    let segment = segments
        .find(|segment| segment.protection.is_executable())
        .unwrap();
    let start = usize::try_from(to.value() - segment.address.value()).unwrap();
    let bytes = &segment.bytes[start..];
    if bytes[..4] != [0x50, 0, 0, 0x58] {
        return (to.value(), false);
    }
    let bytes = &bytes[..16];
    assert_eq!(bytes[4..8], [0, 2, 0x1f, 0xd6], "a veneer ends with a jump");
    (u64::from_le_bytes(bytes[8..].try_into().unwrap()), true)
}

#[test]
fn a_call_that_does_not_reach_goes_through_a_veneer() {
    let (mut builder, near, far) = far_apart(144);
    let forward = builder.external("far", Linkage::Strong);
    let back = builder.external("near", Linkage::Strong);
    builder.edges(near, &[(0, CALL, forward, 0)]);
    builder.edges(far, &[(0, CALL, back, 0)]);
    let linked = builder.link_at(&[WINDOW], &[]).unwrap();
    let address = |block: BlockId| builder.graph.blocks.at(block).address.value();
    assert_eq!(destination(&builder, &linked, near), (address(far), true));
    assert_eq!(destination(&builder, &linked, far), (address(near), true));
}

#[test]
fn a_block_that_is_larger_than_a_branch_reaches_has_veneers_on_both_sides() {
    let mut builder = Builder::new(Machine::Aarch64);
    let mut code = |content| builder.block(".text.part", Protection::ReadExecute, content);
    let near = code(Content::Bytes(&CODE));
    let (entry, count) = (&[0; 4096], 144 * 256);
    code(Content::Repeated { entry, count });
    let far = code(Content::Bytes(&CODE));
    let targets = [("near", near), ("far", far)].map(|(name, block)| {
        let offset = 0;
        builder.define(name, Definition::Block { block, offset })
    });
    builder.edges(near, &[(0, CALL, targets[1], 0)]);
    builder.edges(far, &[(0, CALL, targets[0], 0)]);
    let linked = builder.link_at(&[WINDOW], &[]).unwrap();
    let address = |block: BlockId| builder.graph.blocks.at(block).address.value();
    assert_eq!(destination(&builder, &linked, near), (address(far), true));
    assert_eq!(destination(&builder, &linked, far), (address(near), true));
}

#[test]
fn an_addend_goes_along() {
    let (mut builder, near, far) = far_apart(144);
    let forward = builder.external("far", Linkage::Strong);
    builder.edges(near, &[(0, CALL, forward, 4)]);
    let linked = builder.link_at(&[WINDOW], &[]).unwrap();
    let address = builder.graph.blocks.at(far).address.value();
    assert_eq!(destination(&builder, &linked, near), (address + 4, true));
}

#[test]
fn calls_that_reach_need_no_veneer() {
    let (mut builder, near, far) = far_apart(112);
    let forward = builder.external("far", Linkage::Strong);
    builder.edges(near, &[(0, CALL, forward, 0)]);
    let linked = builder.link_at(&[WINDOW], &[]).unwrap();
    let address = builder.graph.blocks.at(far).address.value();
    assert_eq!(destination(&builder, &linked, near), (address, false));
    assert!(
        builder
            .graph
            .sections
            .iter()
            .all(|(_, section)| section.name.bytes() != b"$__VENEERS")
    );
}

#[test]
fn stubs_are_reached_from_everywhere() {
    let (mut builder, near, _) = far_apart(144);
    let outside = builder.external("outside", Linkage::Strong);
    builder.edges(near, &[(0, CALL, outside, 0)]);
    let linked = builder
        .link_at(&[WINDOW], &[("outside", 0x7_0000_0000)])
        .unwrap();
    // The veneer leads to the stub, which stands behind all code.
    let (stub, through_veneer) = destination(&builder, &linked, near);
    let stubs = builder.graph.blocks.at(builder.graph.stubs.unwrap());
    assert_eq!((stub, through_veneer), (stubs.address.value(), true));
}

#[test]
fn branches_of_one_place_share_a_veneer() {
    let (mut builder, near, _) = far_apart(144);
    let forward = builder.external("far", Linkage::Strong);
    builder.edges(near, &[(0, CALL, forward, 0), (4, CALL, forward, 0)]);
    builder.link_at(&[WINDOW], &[]).unwrap();
    let veneers = builder.graph.blocks.iter().filter(|(_, block)| {
        builder.graph.sections.at(block.section).name.bytes() == b"$__VENEERS"
    });
    let bytes: u64 = veneers.map(|(_, block)| block.content.size_bytes()).sum();
    assert_eq!(bytes, 16);
}

#[test]
fn a_conditional_branch_that_does_not_reach_is_an_error_that_says_what_to_try() {
    let (mut builder, near, _) = far_apart(16);
    let forward = builder.external("far", Linkage::Strong);
    builder.edges(near, &[(0, TEST_BRANCH, forward, 0)]);
    let error = builder.link_at(&[WINDOW], &[]).err().unwrap();
    assert!(matches!(error, LinkError::FixUp { .. }));
    let line = std::format!("{error}");
    assert!(line.contains("TestBranch14"), "{line}");
    assert!(line.contains("-32768..=32767"), "{line}");
    assert!(line.contains("around an unconditional branch"), "{line}");
}

/// A link without veneers of a block that calls another one, so many mebibytes behind it.
fn call_without_veneers(
    memory: &MockMemory,
    mebibytes: u32,
) -> (
    Builder,
    [BlockId; 2],
    Result<super::Linked<super::MockFinalized>, LinkError>,
) {
    let (mut builder, near, far) = far_apart(mebibytes);
    let forward = builder.external("far", Linkage::Strong);
    builder.edges(near, &[(0, CALL, forward, 0)]);
    let mut passes = Pipeline::standard(Purpose::Run).unwrap();
    let mut nowhere = |_: Reference<'_>| None;
    let linked = link_without_veneers(&mut builder.graph, memory, &mut passes, &mut nowhere);
    (builder, [near, far], linked)
}

#[test]
fn without_veneers_a_call_that_does_not_reach_is_a_fixup_that_does_not_fit() {
    let memory = MockMemory::new(&[WINDOW]).unwrap();
    let (.., linked) = call_without_veneers(&memory, 144);
    let error = linked.err().unwrap();
    let is_out_of_range = matches!(
        error,
        LinkError::FixUp {
            fault: FixUpFault::OutOfRange { .. },
            ..
        }
    );
    assert!(is_out_of_range, "{error}");
    assert_eq!(memory.used_bytes(), 0);
}

#[test]
fn without_veneers_calls_that_reach_are_linked() {
    let memory = MockMemory::new(&[WINDOW]).unwrap();
    let (builder, [near, far], linked) = call_without_veneers(&memory, 16);
    let address = builder.graph.blocks.at(far).address.value();
    assert_eq!(
        destination(&builder, &linked.unwrap(), near),
        (address, false)
    );
}
