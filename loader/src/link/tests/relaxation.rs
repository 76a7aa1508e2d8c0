//! Relaxation as a part of a link: what goes directly, and what goes on through the tables.

use std::vec::Vec;

use super::{
    AddressRange, Builder, FAR, GOT_LOAD, HIGH, LOW, Linked, Machine, MockFinalized, MockMemory,
    Protection, Reference, link, text,
};
use crate::base::TargetAddr;
use crate::edge::{Aarch64Kind, EdgeKind, X86_64Kind};
use crate::graph::{BlockId, Definition, LinkGraph, Linkage, Origin, SymbolId, SymbolKind};
use crate::pass::{Pipeline, Point, Purpose};

const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
const SHORT_GOT_LOAD: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestGotLoad32Relaxable);
const PAGE: EdgeKind = EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21);
const PAGE_OFFSET: EdgeKind = EdgeKind::Aarch64(Aarch64Kind::RequestGotPageOffset12);
/// Where code comes to lie: behind the page of the global offset table, and a free page on either side of that.
const START: u64 = LOW.first().value() + 0x3000;
const NEAR: u64 = LOW.last().value() + 0x1000;

fn code(builder: &mut Builder, bytes: &'static [u8]) -> BlockId {
    builder.block(".text", Protection::ReadExecute, text(bytes))
}

/// The first bytes of a block after a link in which `target` lies at this address.
fn linked_bytes(
    builder: &mut Builder,
    block: BlockId,
    range: AddressRange,
    target: u64,
) -> Vec<u8> {
    let linked = builder.link_at(&[range], &[("target", target)]).unwrap();
    let size_bytes = builder.graph.blocks.at(block).content.size_bytes();
    builder.bytes(&linked, block)[..usize::try_from(size_bytes).unwrap()].to_vec()
}

/// `mov target@GOTPCREL(%rip), %rcx`
fn load(range: AddressRange, target: u64) -> Vec<u8> {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0x48, 0x8b, 0x0d, 0, 0, 0, 0]);
    let symbol = builder.external("target", Linkage::Strong);
    builder.edges(main, &[(3, GOT_LOAD, symbol, -4)]);
    linked_bytes(&mut builder, main, range, target)
}

/// `call *target@GOTPCREL(%rip)`
fn call(range: AddressRange, definition: Option<u64>) -> Vec<u8> {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0xff, 0x15, 0, 0, 0, 0]);
    let symbol = match definition {
        Some(address) => builder.define("target", Definition::Absolute(TargetAddr::new(address))),
        None => builder.external("target", Linkage::Weak),
    };
    builder.edges(main, &[(2, SHORT_GOT_LOAD, symbol, -4)]);
    let linked = builder.link_at(&[range], &[]).unwrap();
    builder.bytes(&linked, main)[..6].to_vec()
}

#[test]
fn a_load_goes_directly_as_far_as_it_can() {
    assert_eq!(load(LOW, NEAR)[..3], [0x48, 0x8d, 0x0d]);
    let immediate = [0x48, 0xc7, 0xc1, 0x78, 0x56, 0x34, 0x12];
    assert_eq!(load(HIGH, 0x1234_5678), immediate);
    assert_eq!(load(LOW, FAR)[..3], [0x48, 0x8b, 0x0d]);
}

#[test]
fn a_call_to_an_absolute_address_counts_the_distance() {
    let bytes = call(LOW, Some(0x1234_5678));
    assert_eq!(bytes[..2], [0x67, 0xe8]);
    let distance = i32::from_le_bytes(bytes[2..].try_into().unwrap());
    let end = START + 6;
    assert_eq!(end.wrapping_add_signed(distance.into()), 0x1234_5678);
    // Out of reach, though the value itself has 32 bits.
    assert_eq!(call(HIGH, Some(0x1234_5678))[..2], [0xff, 0x15]);
}

#[test]
fn a_call_of_a_weak_name_without_a_definition_stays_where_zero_is_out_of_reach() {
    assert_eq!(call(HIGH, None)[..2], [0xff, 0x15]);
    assert_eq!(call(LOW, None)[..2], [0x67, 0xe8]);
}

#[test]
fn words_stay_and_hold_what_they_held() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(
        &mut builder,
        &[0x48, 0x8b, 0x0d, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0],
    );
    let symbol = builder.external("target", Linkage::Strong);
    builder.edges(main, &[(3, GOT_LOAD, symbol, -4), (8, CALL, symbol, -4)]);
    let linked = builder.link(&[("target", NEAR)]).unwrap();
    let got = builder.graph.got.unwrap();
    assert_eq!(builder.double(&linked, got, 0), NEAR);
    assert!(builder.graph.stubs.is_some());
}

/// Where a `call target` leads, and where the stub is that was made for it.
fn direct_call(target: u64, addend: i64) -> (u64, u64) {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0xe8, 0, 0, 0, 0]);
    let symbol = builder.external("target", Linkage::Strong);
    builder.edges(main, &[(1, CALL, symbol, addend)]);
    let linked = builder.link(&[("target", target)]).unwrap();
    let distance = builder.word(&linked, main, 1).cast_signed();
    let end = builder.at(main) + 5;
    let stub = builder.at(builder.graph.stubs.unwrap());
    (end.wrapping_add_signed(distance.into()), stub)
}

#[test]
fn a_stub_is_bypassed_if_its_target_is_in_reach() {
    assert_eq!(direct_call(NEAR, -4).0, NEAR);
    let (called, stub) = direct_call(FAR, -4);
    assert_eq!(called, stub);
    // Who calls a place within the stub means the stub.
    let (called, stub) = direct_call(NEAR, -2);
    assert_eq!(called, stub + 2);
}

#[test]
fn a_stub_is_bypassed_too_after_a_pass_of_ones_own() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0xe8, 0, 0, 0, 0]);
    let symbol = builder.external("target", Linkage::Strong);
    builder.edges(main, &[(1, CALL, symbol, -4)]);
    let memory = MockMemory::new(&[LOW]).unwrap();
    let mut own = |_: &mut LinkGraph<'_>| Ok(());
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    (pipeline.push(Point::PostAllocation, "own", &mut own)).unwrap();
    let mut known = |_: Reference<'_>| Some(TargetAddr::new(NEAR));
    let linked = link(&mut builder.graph, &memory, &mut pipeline, &mut known).unwrap();
    let distance = builder.word(&linked, main, 1).cast_signed();
    let end = builder.at(main) + 5;
    assert_eq!(end.wrapping_add_signed(distance.into()), NEAR);
}

#[test]
fn an_indirect_function_goes_on_through_its_stub() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0xe8, 0, 0, 0, 0, 0xff, 0x15, 0, 0, 0, 0]);
    let resolver = code(&mut builder, &[0xc3]);
    let place = Definition::Block {
        block: resolver,
        offset: 0,
    };
    let function = builder.define("function", place);
    builder.graph.symbols.at_mut(function).kind = SymbolKind::IndirectFunction;
    builder.edges(
        main,
        &[(1, CALL, function, -4), (7, SHORT_GOT_LOAD, function, -4)],
    );
    let linked = builder.link(&[]).unwrap();
    let stub = builder.at(builder.graph.stubs.unwrap());
    let called = |offset: usize| {
        let distance = builder.word(&linked, main, offset);
        let end = builder.at(main) + u64::try_from(offset).unwrap() + 4;
        end.wrapping_add(distance.into())
    };
    assert_eq!((called(1), called(7)), (stub, stub));
    assert_eq!(builder.bytes(&linked, main)[5..7], [0x67, 0xe8]);
    assert_ne!(stub, builder.at(resolver));
}

#[test]
fn nothing_is_relaxed_without_the_pass() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0x48, 0x8b, 0x0d, 0, 0, 0, 0]);
    let symbol = builder.define("target", Definition::Absolute(TargetAddr::new(NEAR)));
    builder.edges(main, &[(3, GOT_LOAD, symbol, -4)]);
    let memory = MockMemory::new(&[LOW]).unwrap();
    let mut pipeline = Pipeline::standard(Purpose::Inspect).unwrap();
    pipeline.without("relax");
    let mut nothing = |_: Reference<'_>| None;
    let linked = link(&mut builder.graph, &memory, &mut pipeline, &mut nothing).unwrap();
    assert_eq!(builder.bytes(&linked, main)[..3], [0x48, 0x8b, 0x0d]);
}

/// adrp x5, . ; ldr x5, [x5] ; nop
const PAIR: [u8; 12] = [
    0x05, 0, 0, 0x90, 0xa5, 0, 0x40, 0xf9, 0x1f, 0x20, 0x03, 0xd5,
];
/// ldr x6, [x5]
const LOAD: [u8; 4] = [0xa6, 0, 0x40, 0xf9];

/// Adds a pair that reads the word of a symbol.
fn pair(builder: &mut Builder, symbol: SymbolId) -> BlockId {
    let block = code(builder, &PAIR);
    builder.edges(block, &[(0, PAGE, symbol, 0), (4, PAGE_OFFSET, symbol, 0)]);
    block
}

fn is_relaxed(builder: &Builder, linked: &Linked<MockFinalized>, block: BlockId) -> bool {
    let second = builder.word(linked, block, 4);
    match second & 0xffc0_0000 {
        0x9100_0000 => true,
        0xf940_0000 => false,
        _ => panic!("{second:#x}"),
    }
}

#[test]
fn pairs_compute_the_address_where_all_of_an_objects_instructions_for_a_word_are_pairs() {
    let mut builder = Builder::new(Machine::Aarch64);
    let (one, other) = ("one", "other");
    let [one_symbol, other_symbol] =
        [one, other].map(|name| builder.external(name, Linkage::Strong));
    let first = pair(&mut builder, one_symbol);
    let second = pair(&mut builder, other_symbol);
    // A load for which another instruction, perhaps, forms the page.
    let alone = code(&mut builder, &LOAD);
    builder.edges(alone, &[(0, PAGE_OFFSET, one_symbol, 0)]);
    builder.add_object("b.o", Origin::Given);
    let elsewhere = pair(&mut builder, one_symbol);
    let (near, nearer) = (NEAR + 0x1000_0000, NEAR + 0x1000_0010);
    let linked = builder.link(&[(one, near), (other, nearer)]).unwrap();
    let relaxed = [first, second, elsewhere].map(|block| is_relaxed(&builder, &linked, block));
    assert_eq!(relaxed, [false, true, true]);
    // add x5, x5, #0x10
    let offset = 0x9100_00a5 | (u32::try_from(nearer & 0xfff).unwrap() << 10);
    assert_eq!(builder.word(&linked, second, 4), offset);
}

#[test]
fn a_pair_with_something_between_or_for_two_words_stays() {
    let mut builder = Builder::new(Machine::Aarch64);
    let names = ["one", "other", "third"];
    let [one, other, third] = names.map(|name| builder.external(name, Linkage::Strong));
    let mixed = code(&mut builder, &PAIR);
    builder.edges(mixed, &[(0, PAGE, one, 0), (4, PAGE_OFFSET, other, 0)]);
    // adrp x5, . ; nop ; ldr x5, [x5]
    let apart = code(
        &mut builder,
        &[
            0x05, 0, 0, 0x90, 0x1f, 0x20, 0x03, 0xd5, 0xa5, 0, 0x40, 0xf9,
        ],
    );
    builder.edges(apart, &[(0, PAGE, third, 0), (8, PAGE_OFFSET, third, 0)]);
    let known = names.map(|name| (name, NEAR));
    let linked = builder.link(&known).unwrap();
    assert!(!is_relaxed(&builder, &linked, mixed));
    assert_eq!(builder.word(&linked, apart, 8) & 0xffc0_0000, 0xf940_0000);
}

#[test]
fn a_branch_of_aarch64_bypasses_its_stub_too() {
    let called = |target: u64| {
        let mut builder = Builder::new(Machine::Aarch64);
        let main = code(&mut builder, &[0, 0, 0, 0x94]);
        let symbol = builder.external("target", Linkage::Strong);
        let call = EdgeKind::Aarch64(Aarch64Kind::RequestBranch26);
        builder.edges(main, &[(0, call, symbol, 0)]);
        let linked = builder.link(&[("target", target)]).unwrap();
        let words = (builder.word(&linked, main, 0) << 6).cast_signed() >> 6;
        let to = builder.at(main).wrapping_add_signed(i64::from(words) * 4);
        (to, builder.at(builder.graph.stubs.unwrap()))
    };
    let near = START + 0x7ff_fffc;
    assert_eq!(called(near).0, near);
    let (to, stub) = called(near + 4);
    assert_eq!(to, stub);
}

#[test]
fn what_a_bypassed_name_stands_for_may_change_before_it_is_written() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0xe8, 0, 0, 0, 0]);
    let symbol = builder.external("target", Linkage::Strong);
    builder.edges(main, &[(1, CALL, symbol, -4)]);
    let memory = MockMemory::new(&[LOW]).unwrap();
    let mut own = |graph: &mut LinkGraph<'_>| {
        graph.verify().unwrap();
        let moved = TargetAddr::new(NEAR + 16);
        graph.make_absolute(symbol, moved)?;
        graph.verify().unwrap();
        Ok(())
    };
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    pipeline.push(Point::PreFixUp, "own", &mut own).unwrap();
    let mut known = |_: Reference<'_>| Some(TargetAddr::new(NEAR));
    let linked = link(&mut builder.graph, &memory, &mut pipeline, &mut known).unwrap();
    let distance = builder.word(&linked, main, 1).cast_signed();
    let end = builder.at(main) + 5;
    assert_eq!(end.wrapping_add_signed(distance.into()), NEAR + 16);
}

#[test]
fn a_branch_to_code_that_stands_as_far_in_its_block_as_a_stub_leads_there() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = code(&mut builder, &[0xe8, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0]);
    let place = Definition::Block {
        block: main,
        offset: 0,
    };
    let own = builder.define("own", place);
    let target = builder.external("target", Linkage::Strong);
    builder.edges(main, &[(1, CALL, target, -4), (6, CALL, own, -4)]);
    let memory = MockMemory::new(&[LOW]).unwrap();
    // After a pass that may have changed anything, all edges are looked at.
    let mut nothing = |_: &mut LinkGraph<'_>| Ok(());
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    (pipeline.push(Point::PostAllocation, "nothing", &mut nothing)).unwrap();
    let mut known = |_: Reference<'_>| Some(TargetAddr::new(NEAR));
    let linked = link(&mut builder.graph, &memory, &mut pipeline, &mut known).unwrap();
    let led_to = |place: usize, end: u64| {
        let distance = builder.word(&linked, main, place).cast_signed();
        (builder.at(main) + end).wrapping_add_signed(distance.into())
    };
    assert_eq!((led_to(1, 5), led_to(6, 10)), (NEAR, builder.at(main)));
}

#[test]
fn a_branch_to_an_address_that_it_cannot_hold_goes_on_through_its_stub() {
    let mut builder = Builder::new(Machine::Aarch64);
    let main = code(&mut builder, &[0, 0, 0, 0x94]);
    let symbol = builder.external("target", Linkage::Strong);
    let call = EdgeKind::Aarch64(Aarch64Kind::RequestBranch26);
    builder.edges(main, &[(0, call, symbol, 0)]);
    let linked = builder.link(&[("target", START + 0x1_0002)]).unwrap();
    let words = (builder.word(&linked, main, 0) << 6).cast_signed() >> 6;
    let to = builder.at(main).wrapping_add_signed(i64::from(words) * 4);
    assert_eq!(to, builder.at(builder.graph.stubs.unwrap()));
}
