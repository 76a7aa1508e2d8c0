//! A graph that keeps its invariants, and one break of each.

use std::format;

use super::VerifyFault;
use crate::base::{Name, TargetAddr};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};
use crate::graph::testing::Builder;
use crate::graph::{
    BlockId, Content, Definition, LinkGraph, Linkage, ObjectId, Scope, SectionId, SymbolId,
};

/// A live block of 16 bytes with a pointer to its own start, and a block of zeros.
fn sound() -> (Builder, BlockId, SymbolId) {
    let mut builder = Builder::new();
    let block = builder.block(Content::Bytes(&[0; 16]));
    builder.block(Content::ZeroFill(16));
    let start = builder.symbol("start", block, 0);
    builder.edges(block, &[(8, start)]);
    builder.graph.blocks.at_mut(block).is_live = true;
    assert_eq!(builder.graph.verify(), Ok(()));
    assert_eq!(builder.graph.verify_prepared(), Ok(()));
    (builder, block, start)
}

/// What is wrong once a sound graph is changed so.
fn fault_of(change: impl FnOnce(&mut LinkGraph<'static>, BlockId, SymbolId)) -> VerifyFault {
    let (mut builder, block, start) = sound();
    change(&mut builder.graph, block, start);
    builder.graph.verify().unwrap_err().fault
}

fn fault_of_edge(kind: EdgeKind, offset: u32) -> VerifyFault {
    fault_of(|graph, block, start| graph.insert_edge(block, offset, kind, start, 0).unwrap())
}

#[test]
fn ids_of_nothing_are_found() {
    let (object, section) = (ObjectId::from_index(9), SectionId::from_index(9));
    let (nowhere, nothing) = (BlockId::from_index(9), SymbolId::from_index(9));
    let fault = fault_of(|graph, block, _| graph.blocks.at_mut(block).section = section);
    assert_eq!(fault, VerifyFault::Section);
    let fault = fault_of(|graph, _, _| {
        let section = SectionId::from_index(0);
        graph.sections.at_mut(section).object = object;
    });
    assert_eq!(fault, VerifyFault::Object);
    let fault = fault_of(|graph, _, start| graph.symbols.at_mut(start).object = object);
    assert_eq!(fault, VerifyFault::Object);
    let fault = fault_of(|graph, _, start| {
        let (block, offset) = (nowhere, 0);
        graph.symbols.at_mut(start).definition = Definition::Block { block, offset };
    });
    assert_eq!(fault, VerifyFault::Block);
    let fault = fault_of(|graph, block, _| {
        let index = graph.blocks.at(block).edges.indices().start;
        graph.edge_mut(index).unwrap().target = nothing;
    });
    assert_eq!(fault, VerifyFault::Target);
    let fault = fault_of(|graph, _, _| graph.got = Some(nowhere));
    assert_eq!(fault, VerifyFault::Pointer);
    let fault = fault_of(|graph, _, _| graph.got_base = Some(nothing));
    assert_eq!(fault, VerifyFault::Pointer);
}

#[test]
fn edges_and_content_of_another_graph_are_found() {
    let mut other = Builder::new();
    let block = other.block(Content::ZeroFill(4096));
    let target = other.symbol("target", block, 0);
    for offset in 0..8 {
        let kind = EdgeKind::Data(DataKind::Pointer64);
        (other.graph)
            .insert_edge(block, offset, kind, target, i64::MAX)
            .unwrap();
    }
    other.graph.content_mut(block).unwrap();
    let other = *other.graph.blocks.at(block);
    let fault = fault_of(|graph, block, _| graph.blocks.at_mut(block).edges = other.edges);
    assert_eq!(fault, VerifyFault::EdgeRange);
    let fault = fault_of(|graph, block, _| graph.blocks.at_mut(block).content = other.content);
    assert_eq!(fault, VerifyFault::Content);
}

#[test]
fn a_place_of_no_edge_is_found_among_edges() {
    let fault = fault_of(|graph, block, _| {
        let range = graph.blocks.at(block).edges;
        graph.remove_edges(block, |_| true);
        graph.blocks.at_mut(block).edges = range;
    });
    assert_eq!(fault, VerifyFault::Addend);
}

#[test]
fn fixups_outside_of_their_bytes_are_found() {
    let pointer = EdgeKind::Data(DataKind::Pointer64);
    assert_eq!(fault_of_edge(pointer, 9), VerifyFault::Outside);
    assert_eq!(fault_of_edge(pointer, u32::MAX), VerifyFault::Outside);
    let fault = fault_of(|graph, _, start| {
        let zeros = BlockId::from_index(1);
        graph.insert_edge(zeros, 0, pointer, start, 0).unwrap();
    });
    assert_eq!(fault, VerifyFault::Outside);
}

#[test]
fn edges_of_the_wrong_kind_are_found() {
    let foreign = EdgeKind::Aarch64(Aarch64Kind::Branch26);
    assert_eq!(fault_of_edge(foreign, 0), VerifyFault::Machine);
    let fault = fault_of(|graph, block, _| {
        let edges = graph.blocks.at(block).edges;
        graph.keeps.push((block, edges));
        graph.blocks.at_mut(block).has_keeps = true;
    });
    assert_eq!(fault, VerifyFault::KeepKind);
}

#[test]
fn blocks_that_keep_something_are_listed_in_their_order() {
    let fault = fault_of(|graph, block, _| graph.blocks.at_mut(block).has_keeps = true);
    assert_eq!(fault, VerifyFault::EdgeRange);
    let fault = fault_of(|graph, block, start| {
        graph.add_keeps(&[(block, start)]).unwrap();
        graph.keeps.extend_from_within(..);
    });
    assert_eq!(fault, VerifyFault::EdgeRange);
}

#[test]
fn live_edges_to_what_was_removed_are_found_and_others_are_not() {
    let removed = |graph: &mut LinkGraph<'_>, start| graph.remove_symbol(start);
    let fault = fault_of(|graph, _, start| removed(graph, start));
    assert_eq!(fault, VerifyFault::TargetRemoved);
    let (mut builder, block, start) = sound();
    builder.graph.blocks.at_mut(block).is_live = false;
    removed(&mut builder.graph, start);
    assert_eq!(builder.graph.verify(), Ok(()));

    let fault = fault_of(|graph, block, start| {
        graph.add_keeps(&[(block, start)]).unwrap();
        graph.remove_edges(block, |_| true);
        removed(graph, start);
    });
    assert_eq!(fault, VerifyFault::TargetRemoved);
    let error = {
        let (mut builder, block, start) = sound();
        let zeros = BlockId::from_index(1);
        builder.graph.make_defined(start, zeros, 0).unwrap();
        builder.graph.remove_block(zeros);
        assert!(builder.graph.blocks.at(block).is_live);
        builder.graph.verify().unwrap_err()
    };
    assert_eq!(
        format!("{error}"),
        "block #0 (a.o: .data)+0x8: Pointer64 to symbol #0 `start`: the target was removed; lead the edge elsewhere or remove it, too"
    );
}

#[test]
fn what_was_removed_is_not_used() {
    let fault = fault_of(|graph, block, _| graph.remove_block(block));
    assert_eq!(fault, VerifyFault::BlockRemoved);
    let (mut builder, block, _) = sound();
    let graph = &mut builder.graph;
    graph.remove_block(block);
    graph.remove_symbols_without_block();
    assert_eq!(graph.verify(), Ok(()));
    graph.blocks.at_mut(block).is_live = true;
    assert_eq!(graph.verify().unwrap_err().fault, VerifyFault::RemovedInUse);
}

#[test]
fn names_that_lead_elsewhere_are_found() {
    let renamed = |graph: &mut LinkGraph<'static>, start| {
        graph.symbols.at_mut(start).name = Name::from("renamed");
    };
    let fault = fault_of(|graph, _, start| renamed(graph, start));
    assert_eq!(fault, VerifyFault::Name);
    let fault = fault_of(|graph, _, start| {
        renamed(graph, start);
        graph.symbols.at_mut(start).scope = Scope::Local;
    });
    assert_eq!(fault, VerifyFault::StaleName);
    let fault = fault_of(|graph, _, start| {
        graph.symbols.at_mut(start).definition = Definition::Removed;
        graph.remove_edges(BlockId::from_index(0), |_| true);
    });
    assert_eq!(fault, VerifyFault::StaleName);
    let fault = fault_of(|graph, _, start| {
        let twin = *graph.symbols.at(start);
        graph.add_symbol(twin).unwrap();
    });
    assert_eq!(fault, VerifyFault::Name);
}

#[test]
fn external_symbols_that_nobody_would_look_up_are_found() {
    let fault = fault_of(|graph, _, start| {
        graph.symbols.at_mut(start).definition = Definition::External;
        graph.unsettle();
    });
    assert_eq!(fault, VerifyFault::Undefined);
    let (mut builder, _, start) = sound();
    let (name, object) = (Name::from("wanted"), builder.object);
    let graph = &mut builder.graph;
    graph
        .add_external(name, Linkage::Weak, Scope::Default, object)
        .unwrap();
    graph.make_external(start).unwrap();
    assert_eq!(graph.verify(), Ok(()));
}

#[test]
fn each_word_of_the_global_offset_table_has_one_edge() {
    let (mut builder, block, start) = sound();
    let pointer = EdgeKind::Data(DataKind::Pointer64);
    let graph = &mut builder.graph;
    graph.got = Some(block);
    assert_eq!(graph.verify().unwrap_err().fault, VerifyFault::TableEdges);
    graph.insert_edge(block, 0, pointer, start, 0).unwrap();
    assert_eq!(graph.verify().unwrap_err().fault, VerifyFault::TableEdges);
    graph.sort_edges(block).unwrap();
    assert_eq!(graph.verify(), Ok(()));
}

#[test]
fn an_edge_that_was_settled_leads_to_what_is() {
    let (mut builder, block, start) = sound();
    let distance = EdgeKind::Data(DataKind::Delta32);
    let graph = &mut builder.graph;
    graph.insert_edge(block, 0, distance, start, 0).unwrap();
    graph.symbols.at_mut(start).linkage = Linkage::Weak;
    assert_eq!(graph.verify().unwrap_err().fault, VerifyFault::Unsettled);
    graph.unsettle();
    assert_eq!(graph.verify(), Ok(()));
}

#[test]
fn requests_and_edges_to_what_is_left_out_are_found_once_tables_are_made() {
    let (mut builder, block, start) = sound();
    let request = EdgeKind::X86_64(X86_64Kind::RequestGotDelta32);
    let graph = &mut builder.graph;
    graph.insert_edge(block, 0, request, start, 0).unwrap();
    assert_eq!(graph.verify(), Ok(()));
    let error = graph.verify_prepared().unwrap_err();
    assert_eq!(error.fault, VerifyFault::Request);
    graph.remove_edges(block, |edge| edge.kind == request);
    let zeros = BlockId::from_index(1);
    graph.make_defined(start, zeros, 0).unwrap();
    let error = graph.verify_prepared().unwrap_err();
    assert_eq!(error.fault, VerifyFault::TargetNotLive);
    graph.make_absolute(start, TargetAddr::ZERO).unwrap();
    assert_eq!(graph.verify_prepared(), Ok(()));
}

#[test]
fn split_blocks_keep_all_invariants_and_parts_stay_in_order() {
    let (mut builder, block, _) = sound();
    let zeros = BlockId::from_index(1);
    let graph = &mut builder.graph;
    let splits = [(block, 4), (block, 8), (zeros, 1)];
    let parts: std::vec::Vec<_> = graph.split_blocks(&splits).unwrap().collect();
    assert_eq!(graph.verify(), Ok(()));
    graph.blocks.at_mut(parts[1]).section_offset = 3;
    assert_eq!(graph.verify().unwrap_err().fault, VerifyFault::Order);
    graph.blocks.at_mut(parts[1]).section_offset = 8;
    graph.blocks.at_mut(block).section_offset = 1;
    assert_eq!(graph.verify().unwrap_err().fault, VerifyFault::Order);
}

#[test]
fn nothing_is_allocated() {
    let (mut builder, block, _) = sound();
    builder.graph.split_block(block, 8).unwrap();
    let verified = crate::base::failing_heap::fail_after(0, || builder.graph.verify_prepared());
    assert_eq!(verified, Ok(()));
}
