//! Blocks that were split: their parts lie where the block would have lain.

use std::vec::Vec;

use super::veneers::{WINDOW, far_apart};
use super::{
    Alignment, BlockId, Builder, Content, Definition, EdgeKind, Linkage, Machine, POINTER,
    Protection, SectionRole, SymbolId, text,
};
use crate::graph::{Edge, Priority, RoutineOrder};

#[test]
fn the_parts_of_a_block_lie_one_behind_the_other() {
    let mut builder = Builder::new(Machine::X86_64);
    let block = builder.block(".data", Protection::ReadWrite, text(&[1; 40]));
    let behind = builder.block(".data", Protection::ReadWrite, text(&[2; 8]));
    builder.graph.blocks.at_mut(block).alignment = Alignment::SIXTEEN;
    let far = builder.external("far", Linkage::Strong);
    builder.edges(block, &[(9, POINTER, far, 0), (32, POINTER, far, 0)]);
    let new = builder.graph.split_block_at(block, &[9, 17, 32]).unwrap();
    let new: [BlockId; 3] = new.collect::<Vec<_>>().try_into().unwrap();
    let linked = builder.link(&[("far", 0x1122_3344_5566_7788)]).unwrap();

    let start = builder.at(block);
    assert_eq!(new.map(|part| builder.at(part) - start), [9, 17, 32]);
    assert_eq!(builder.at(behind) - start, 40);
    let far = 0x1122_3344_5566_7788_u64.to_le_bytes();
    let bytes = &builder.bytes(&linked, block)[..40];
    assert_eq!((&bytes[9..17], &bytes[32..]), (&far[..], &far[..]));
    assert_eq!((&bytes[..9], &bytes[17..32]), (&[1; 9][..], &[1; 15][..]));
}

#[test]
fn a_part_without_the_one_before_it_is_as_far_from_an_aligned_place() {
    let mut builder = Builder::new(Machine::X86_64);
    builder.block(".data", Protection::ReadWrite, text(&[2; 3]));
    let block = builder.block(".data", Protection::ReadWrite, text(&[1; 40]));
    builder.graph.blocks.at_mut(block).alignment = Alignment::SIXTEEN;
    let tail = builder.graph.split_block(block, 20).unwrap();
    builder.graph.remove_block(block);
    builder.link(&[]).unwrap();
    assert_eq!(builder.at(tail) % 16, 4);
}

#[test]
fn initializers_of_a_split_array_run_before_those_of_the_next_one() {
    let mut builder = Builder::new(Machine::X86_64);
    let code = builder.block(".text", Protection::ReadExecute, text(&[0xc3; 4]));
    let (block, offset) = (code, 0);
    let function = builder.define("function", Definition::Block { block, offset });
    let role = SectionRole::Initializers(RoutineOrder::new(Priority::Last));
    let mut array = |edges: &[(u32, EdgeKind, SymbolId, i64)]| {
        let array = text(&[0; 16]);
        let array = builder.block_with_role(".init_array", Protection::Read, array, role);
        builder.edges(array, edges);
        array
    };
    let first = array(&[(0, POINTER, function, 0), (8, POINTER, function, 1)]);
    array(&[(0, POINTER, function, 2), (8, POINTER, function, 3)]);
    builder.graph.split_block(first, 8).unwrap();
    let linked = builder.link(&[]).unwrap();
    let start = builder.at(code);
    let order = linked.routines.initializers.iter();
    let order = order.map(|routine| routine.address.value() - start);
    let order: Vec<u64> = order.collect();
    assert_eq!(order, [0, 1, 2, 3]);
}

#[test]
fn no_island_comes_between_the_parts_of_a_block() {
    let (mut builder, near, far) = far_apart(144);
    let call = |builder: &Builder, block| -> Edge { builder.graph.edges(block)[0] };
    let forward = builder.external("far", Linkage::Strong);
    builder.edges(near, &[(0, super::veneers::CALL, forward, 0)]);
    // Islands lie at each 64 MiB of code: the fourth large block ends eight bytes behind that.
    let at_island = BlockId::from_index(near.number() + 4);
    let size_bytes = builder.graph.blocks.at(at_island).content.size_bytes();
    let tail = builder
        .graph
        .split_block(at_island, size_bytes - 8)
        .unwrap();
    builder.link_at(&[WINDOW], &[]).unwrap();
    assert_ne!(call(&builder, near).target, forward, "there are islands");
    assert_eq!(builder.at(tail), builder.at(at_island) + size_bytes - 8);
    assert!(builder.at(far) > builder.at(tail));
    assert!(matches!(
        builder.graph.content_of(builder.graph.blocks.at(tail)),
        Content::Owned(_)
    ));
}
