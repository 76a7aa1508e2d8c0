//! Thread-local storage of all models, as it is computed for who looks at a link.

use std::string::ToString;
use std::vec::Vec;

use super::{Builder, Content, GOT_LOAD, LOW, Machine, Protection, SectionRole, link, text};
use crate::base::TargetAddr;
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};
use crate::graph::{Definition, LinkGraph, Linkage, SymbolId};
use crate::link::{Linked, Reference};
use crate::memory::mock::{MockFinalized, MockMemory};
use crate::pass::{Pipeline, Point, Purpose};

const ELSEWHERE: u64 = 0x4000_0000;

fn inspect(builder: &mut Builder) -> Linked<MockFinalized> {
    let memory = MockMemory::new(&[LOW]).unwrap();
    let mut pipeline = Pipeline::standard(Purpose::Inspect).unwrap();
    let mut resolver = |_: Reference<'_>| Some(TargetAddr::new(ELSEWHERE));
    link(&mut builder.graph, &memory, &mut pipeline, &mut resolver).unwrap()
}

/// An image of eight bytes, four zeros after it, and a variable among these.
fn builder_with_variable(machine: Machine) -> (Builder, SymbolId) {
    let mut builder = Builder::new(machine);
    let role = SectionRole::ThreadLocal;
    let (image, zeros) = (Content::Bytes(&[1; 8]), Content::ZeroFill(4));
    builder.block_with_role(".tdata", Protection::ReadWrite, image, role);
    let zeros = builder.block_with_role(".tbss", Protection::ReadWrite, zeros, role);
    let place = Definition::Block {
        block: zeros,
        offset: 2,
    };
    let variable = builder.define("variable", place);
    (builder, variable)
}

fn got_words(builder: &Builder, linked: &Linked<MockFinalized>, count: usize) -> Vec<i64> {
    let got = builder.graph.got.unwrap();
    let word = |place| builder.double(linked, got, 8 * place).cast_signed();
    (0..count).map(word).collect()
}

/// Code that asks for entries by these kinds: `adrp x0, .` on AArch64, distances on x86-64.
fn ask(builder: &mut Builder, kinds: &[EdgeKind], target: SymbolId) {
    let code: &[u8] = match builder.graph.machine() {
        Machine::X86_64 => &[0; 16],
        Machine::Aarch64 => &[0, 0, 0, 0x90, 0, 0, 0, 0x90, 0, 0, 0, 0x90, 0, 0, 0, 0x90],
    };
    let text = builder.block(".text", Protection::ReadExecute, Content::Bytes(code));
    let edges = (0_u32..).step_by(4).zip(kinds);
    let edges = edges.map(|(offset, &kind)| (offset, kind, target, 0));
    builder.edges(text, &edges.collect::<Vec<_>>());
}

#[test]
fn entries_hold_module_offset_in_the_block_and_offset_from_the_thread_pointer() {
    // The variable stands ten bytes into a block of twelve, aligned to eight. x86-64 has the thread pointer at the end,
    // 16; AArch64 sixteen bytes before the start.
    let models = |machine| match machine {
        Machine::X86_64 => [
            X86_64Kind::RequestThreadPairDelta32,
            X86_64Kind::RequestThreadModuleDelta32,
            X86_64Kind::RequestThreadOffsetDelta32,
            X86_64Kind::RequestThreadDescriptorDelta32,
        ]
        .map(EdgeKind::X86_64),
        Machine::Aarch64 => [
            Aarch64Kind::RequestThreadPairPage21,
            Aarch64Kind::RequestThreadModulePage21,
            Aarch64Kind::RequestThreadOffsetPage21,
            Aarch64Kind::RequestThreadDescriptorPage21,
        ]
        .map(EdgeKind::Aarch64),
    };
    for (machine, offset) in [(Machine::X86_64, 10 - 16), (Machine::Aarch64, 10 + 16)] {
        let (mut builder, variable) = builder_with_variable(machine);
        ask(&mut builder, &models(machine), variable);
        let linked = inspect(&mut builder);
        assert_eq!(
            got_words(&builder, &linked, 7),
            [1, 10, 1, 0, offset, 0, offset],
            "{machine}"
        );
    }
}

#[test]
fn code_and_data_hold_offsets_without_an_entry() {
    let (mut builder, variable) = builder_with_variable(Machine::X86_64);
    let data = builder.block(".data", Protection::ReadWrite, Content::Bytes(&[0; 32]));
    let kinds = [
        (0, DataKind::ThreadOffset32),
        (4, DataKind::ThreadBlockOffset32),
        (8, DataKind::ThreadModule64),
        (16, DataKind::ThreadDescriptor),
    ];
    let edges = kinds.map(|(offset, kind)| (offset, EdgeKind::Data(kind), variable, 1));
    builder.edges(data, &edges);
    let linked = inspect(&mut builder);
    assert!(builder.graph.got.is_none());
    assert_eq!(builder.word(&linked, data, 0).cast_signed(), 11 - 16);
    assert_eq!(builder.word(&linked, data, 4), 11);
    assert_eq!(builder.double(&linked, data, 8), 1);
    assert_eq!(builder.double(&linked, data, 16), 0);
    assert_eq!(builder.double(&linked, data, 24).cast_signed(), 11 - 16);
}

#[test]
fn a_variable_that_is_defined_elsewhere_counts_by_its_address() {
    let (mut builder, _) = builder_with_variable(Machine::X86_64);
    let elsewhere = builder.external("elsewhere", Linkage::Strong);
    let model = EdgeKind::X86_64(X86_64Kind::RequestThreadOffsetDelta32);
    ask(&mut builder, &[model], elsewhere);
    let linked = inspect(&mut builder);
    let block = builder.graph.thread_storage.unwrap().address.value();
    let expected = ELSEWHERE.cast_signed() - (block.cast_signed() + 16);
    assert_eq!(got_words(&builder, &linked, 1), [expected]);
}

#[test]
fn a_thread_local_reference_that_a_pass_adds_is_refused_as_any_other() {
    let mut builder = Builder::new(Machine::X86_64);
    let main = builder.block(".text", Protection::ReadExecute, text(&[0; 16]));
    let symbol = builder.external("target", Linkage::Weak);
    builder.edges(main, &[(0, GOT_LOAD, symbol, -4)]);
    let memory = MockMemory::new(&[LOW]).unwrap();
    let mut own = |graph: &mut LinkGraph<'_>| {
        let kind = EdgeKind::X86_64(X86_64Kind::RequestThreadOffsetDelta32);
        graph.insert_edge(main, 8, kind, symbol, -4)?;
        Ok(())
    };
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    (pipeline.push_first(Point::PostPrune, "own", &mut own)).unwrap();
    let mut nothing = |_: Reference<'_>| None;
    let linked = link(&mut builder.graph, &memory, &mut pipeline, &mut nothing);
    let error = linked.err().unwrap().to_string();
    assert!(
        error.contains("`target` needs thread-local storage"),
        "{error}"
    );
}
