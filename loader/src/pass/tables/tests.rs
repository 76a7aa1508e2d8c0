//! Entries that edges ask for, and what indirect functions become.

use std::vec::Vec;

use crate::base::{Machine, Name, Protection, TargetAddr};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};
use crate::graph::{
    BlockId, Definition, LinkGraph, Scope, Symbol, SymbolId, SymbolKind, UnsettledWalk,
};
use crate::pass::testing::Builder;

const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);
const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
const GOT: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestGotDelta32);
const PAIR: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestThreadPairDelta32);
const MODULE: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestThreadModuleDelta32);
const OFFSET: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestThreadOffsetDelta32);
const DESCRIPTOR: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestThreadDescriptorDelta32);

/// Builds the tables for edges at every fourth byte of one block.
fn build(builder: &mut Builder, edges: &[(EdgeKind, SymbolId)]) -> BlockId {
    let text = builder.block(".text", Protection::ReadExecute, &[0; 64]);
    let edges: Vec<_> = (0_u32..).step_by(4).zip(edges).collect();
    let edges = edges.iter().map(|&(at, &(kind, to))| (at, kind, to, -4));
    builder.edges(text, &edges.collect::<Vec<_>>());
    builder.prune();
    super::build(&mut builder.graph).unwrap();
    builder.graph.verify_prepared().unwrap();
    text
}

/// The words of the global offset table: where they stand, what they hold, for whom.
fn words(graph: &LinkGraph<'_>) -> Vec<(u32, DataKind, SymbolId)> {
    let edges = graph.edges(graph.got.unwrap()).iter();
    let word = |edge: &crate::graph::Edge| match edge.kind {
        EdgeKind::Data(kind) => (edge.offset, kind, edge.target),
        other => panic!("{other} in the table"),
    };
    edges.map(word).collect()
}

fn targets(graph: &LinkGraph<'_>, block: BlockId) -> Vec<SymbolId> {
    let edges = graph.edges(block).iter();
    edges.map(|edge| edge.target).collect()
}

#[test]
fn each_model_of_thread_local_storage_has_entries_of_its_own() {
    let mut builder = Builder::new(Machine::X86_64);
    let a = builder.external("a");
    let models = [PAIR, MODULE, OFFSET, DESCRIPTOR, GOT];
    let text = build(&mut builder, &models.map(|kind| (kind, a)));
    let graph = &builder.graph;
    assert_eq!(
        words(graph),
        [
            (0, DataKind::ThreadModule64, a),
            (8, DataKind::ThreadBlockOffset64, a),
            (16, DataKind::ThreadModule64, a),
            (24, DataKind::KeepAlive, a),
            (32, DataKind::ThreadOffset64, a),
            (40, DataKind::KeepAlive, a),
            (48, DataKind::ThreadOffset64, a),
            (56, DataKind::Pointer64, a),
        ]
    );
    let places = targets(graph, text);
    let offset_of = |&entry: &SymbolId| match graph.symbols.at(entry).definition {
        Definition::Block { offset, .. } => (offset, graph.symbols.at(entry).size_bytes),
        other => panic!("{other:?}"),
    };
    let places: Vec<_> = places.iter().map(offset_of).collect();
    assert_eq!(places, [(0, 16), (16, 16), (32, 8), (40, 16), (56, 8)]);
    let content = &graph.blocks.at(graph.got.unwrap()).content;
    assert_eq!(content.size_bytes(), 64);
}

#[test]
fn what_leads_to_an_entry_is_passed_over_but_by_who_asks_for_it() {
    let mut builder = Builder::new(Machine::X86_64);
    let [a, b] = ["a", "b"].map(|name| builder.external(name));
    build(&mut builder, &[(CALL, a), (POINTER, b), (CALL, a)]);
    let graph = &builder.graph;
    let mut walk = UnsettledWalk::default();
    let unsettled = core::iter::from_fn(|| graph.next_unsettled(&mut walk));
    let unsettled: Vec<_> = unsettled.map(|found| found.edge.offset).collect();
    assert_eq!(unsettled, [4]);
    let listed = builder.graph.take_once_unsettled().unwrap();
    assert_eq!(listed.places().count(), 3);
}

#[test]
fn what_was_settled_and_stands_elsewhere_since_gets_a_stub() {
    let mut builder = Builder::new(Machine::X86_64);
    let text = builder.block(".text", Protection::ReadExecute, &[0; 64]);
    let function = builder.symbol("function", text, 0);
    builder.edges(text, &[(8, CALL, function, -4)]);
    builder.prune();
    let elsewhere = TargetAddr::ZERO;
    builder.graph.make_absolute(function, elsewhere).unwrap();
    super::build(&mut builder.graph).unwrap();
    assert_ne!(targets(&builder.graph, text), [function]);
}

#[test]
fn a_stub_and_a_load_share_a_word() {
    for edges in [[CALL, GOT], [GOT, CALL]] {
        let mut builder = Builder::new(Machine::X86_64);
        let function = builder.external("function");
        build(&mut builder, &edges.map(|kind| (kind, function)));
        assert_eq!(words(&builder.graph).len(), 1);
    }
}

#[test]
fn entries_of_thread_local_storage_are_shared() {
    let mut builder = Builder::new(Machine::X86_64);
    let (a, b) = (builder.external("a"), builder.external("b"));
    let edges = [
        (PAIR, a),
        (PAIR, b),
        (PAIR, a),
        (MODULE, a),
        (MODULE, b),
        (OFFSET, b),
        (OFFSET, b),
    ];
    let text = build(&mut builder, &edges);
    let graph = &builder.graph;
    let entries = targets(graph, text);
    assert_eq!(entries[0], entries[2]);
    assert_ne!(entries[0], entries[1]);
    // The block of thread-local storage is one for all.
    assert_eq!(entries[3], entries[4]);
    assert_eq!(entries[5], entries[6]);
    assert_eq!(words(graph).len(), 2 + 2 + 2 + 1);
}

#[test]
fn an_entry_of_two_words_is_found_to_be_made_for_its_symbol_and_so_is_what_follows() {
    let mut builder = Builder::new(Machine::X86_64);
    let (a, b) = (builder.external("a"), builder.external("b"));
    let edges = [(PAIR, a), (DESCRIPTOR, b), (GOT, a), (CALL, b)];
    let text = build(&mut builder, &edges);
    let graph = &builder.graph;
    let made_for = |&entry: &SymbolId| graph.entry_target(entry);
    let made_for: Vec<_> = targets(graph, text).iter().map(made_for).collect();
    assert_eq!(made_for, [Some(a), Some(b), Some(a), Some(b)]);
}

#[test]
fn both_halves_of_an_address_lead_to_one_entry() {
    let mut builder = Builder::new(Machine::Aarch64);
    let a = builder.external("a");
    let kinds = [
        Aarch64Kind::RequestThreadDescriptorPage21,
        Aarch64Kind::RequestThreadDescriptorPageOffset12By8,
        Aarch64Kind::RequestThreadDescriptorPageOffset12,
    ];
    let text = build(
        &mut builder,
        &kinds.map(|kind| (EdgeKind::Aarch64(kind), a)),
    );
    let entries = targets(&builder.graph, text);
    assert!(entries.iter().all(|&entry| entry == entries[0]));
    assert_eq!(words(&builder.graph).len(), 2);
}

/// An indirect function whose resolver stands 16 bytes into a block.
fn indirect(builder: &mut Builder, name: &'static str, scope: Scope) -> (SymbolId, BlockId) {
    let resolver = builder.block(".text", Protection::ReadExecute, &[0xc3; 32]);
    let symbol = builder.symbol(name, resolver, 16);
    let graph = &mut builder.graph;
    graph.symbols.at_mut(symbol).kind = SymbolKind::IndirectFunction;
    graph.symbols.at_mut(symbol).scope = scope;
    (symbol, resolver)
}

#[test]
fn an_indirect_function_becomes_a_stub_that_all_who_refer_to_it_see() {
    for machine in [Machine::X86_64, Machine::Aarch64] {
        let mut builder = Builder::new(machine);
        let (chosen, resolver) = indirect(&mut builder, "chosen", Scope::Default);
        let (call, got) = match machine {
            Machine::X86_64 => (CALL, GOT),
            Machine::Aarch64 => (
                EdgeKind::Aarch64(Aarch64Kind::RequestBranch26),
                EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21),
            ),
        };
        let edges = [(call, chosen), (POINTER, chosen), (got, chosen)];
        let text = build(&mut builder, &edges);

        let graph = &builder.graph;
        let Symbol {
            definition,
            size_bytes,
            kind,
            name,
            ..
        } = *graph.symbols.at(chosen);
        let (stub, offset) = (graph.stubs.unwrap(), 0);
        assert_eq!(
            definition,
            Definition::Block {
                block: stub,
                offset
            }
        );
        assert_eq!(
            u64::from(size_bytes),
            graph.blocks.at(stub).content.size_bytes()
        );
        assert_eq!((kind, name), (SymbolKind::Function, Name::from("chosen")));

        let [function] = graph.indirect_functions[..] else {
            panic!("{:?}", graph.indirect_functions)
        };
        assert_eq!(function.symbol, chosen);
        assert_eq!(builder.place(function.resolver), (resolver, 16));
        assert_eq!(builder.place(function.slot), (graph.got.unwrap(), 0));
        // The stub jumps by the slot, and the address of the function is that of the stub.
        assert!(targets(graph, stub).iter().all(|&to| to == function.slot));
        assert_eq!(
            words(graph),
            [
                (0, DataKind::KeepAlive, chosen),
                (8, DataKind::Pointer64, chosen)
            ]
        );
        let [direct, pointer, loaded] = targets(graph, text)[..] else {
            panic!()
        };
        assert_eq!((direct, pointer), (chosen, chosen));
        assert_eq!(builder.place(loaded), (graph.got.unwrap(), 8));
    }
}

#[test]
fn who_follows_the_stub_of_an_indirect_function_does_not_come_to_its_resolver() {
    let mut builder = Builder::new(Machine::X86_64);
    let (chosen, _) = indirect(&mut builder, "chosen", Scope::Default);
    let text = build(&mut builder, &[(GOT, chosen)]);
    let graph = &builder.graph;
    let function = graph.indirect_functions[0];
    let loaded = targets(graph, text)[0];
    for entry in [chosen, function.slot, loaded] {
        assert_eq!(graph.entry_target(entry), Some(chosen));
    }
}

#[test]
fn an_indirect_function_that_others_may_call_is_bound_though_nothing_here_does() {
    let mut builder = Builder::new(Machine::X86_64);
    let (exported, _) = indirect(&mut builder, "exported", Scope::Default);
    indirect(&mut builder, "", Scope::Local);
    let (called, _) = indirect(&mut builder, "", Scope::Local);
    build(&mut builder, &[(CALL, called)]);
    let functions = builder.graph.indirect_functions.iter();
    let functions: Vec<_> = functions.map(|function| function.symbol).collect();
    assert_eq!(functions, [exported, called]);
}

#[test]
fn an_indirect_function_that_is_defined_elsewhere_is_like_any_other() {
    let mut builder = Builder::new(Machine::X86_64);
    let elsewhere = builder.external("elsewhere");
    let kind = &mut builder.graph.symbols.at_mut(elsewhere).kind;
    *kind = SymbolKind::IndirectFunction;
    build(&mut builder, &[(CALL, elsewhere)]);
    let graph = &builder.graph;
    assert!(graph.symbols.at(elsewhere).is_external());
    assert!(graph.indirect_functions.is_empty());
    assert_eq!(words(graph), [(0, DataKind::Pointer64, elsewhere)]);
}

#[test]
fn a_call_of_what_the_graph_defines_needs_no_stub_though_there_is_one() {
    let mut builder = Builder::new(Machine::X86_64);
    let b = builder.external("b");
    let stub_offset = EdgeKind::X86_64(X86_64Kind::RequestStubOffset64);
    let text = builder.block(".text", Protection::ReadExecute, &[0; 64]);
    builder.edges(text, &[(0, stub_offset, b, 0), (8, CALL, b, -4)]);
    builder.prune();
    builder.graph.make_defined(b, text, 0).unwrap();
    builder.graph.unsettle();
    super::build(&mut builder.graph).unwrap();
    builder.graph.verify_prepared().unwrap();
    let targets = targets(&builder.graph, text);
    assert_ne!(targets[0], b);
    assert_eq!(targets[1], b);
}

#[test]
fn a_branch_to_a_stub_keeps_an_addend_that_no_plain_fixup_has() {
    let mut builder = Builder::new(Machine::X86_64);
    let b = builder.external("b");
    let text = builder.block(".text", Protection::ReadExecute, &[0; 64]);
    builder.edges(text, &[(0, CALL, b, -4), (8, CALL, b, 1 << 40)]);
    builder.prune();
    super::build(&mut builder.graph).unwrap();
    let edge = builder.graph.edges(text)[1];
    assert_eq!(builder.graph.addend(&edge), 1 << 40);
    assert!(edge.plain().is_none());
}
