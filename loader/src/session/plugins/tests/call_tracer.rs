//! The tracer of calls: what it changes in graphs, and what comes of it.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod host;

use std::format;
use std::string::String;
use std::vec::Vec;

use object::{SectionKind, elf};

use super::{Source, load, mock_session, unload};
use crate::arch;
use crate::base::{Alignment, Machine, Name, Protection, TargetAddr, failing_heap};
use crate::edge::{EdgeKind, X86_64Kind};
use crate::graph::{BlockId, Definition, LinkGraph, Object, Origin, Section, SymbolKind};
use crate::pass::{self, BlockMemory, PassError, Pipeline, Point, PostFixUpPass, Purpose};
use crate::session::plugins::{AddressMap, CallTracer};
use crate::session::{AbsoluteSymbol, Input, LoadOptions, Plugin};

const HOOK: TargetAddr = TargetAddr::new(0x1122_3344_5566_7788);
const OUTSIDE: TargetAddr = TargetAddr::new(0x7777_0000_0000);
const NUMBER: u64 = 0xfeed_0000_0000_cafe;

fn tracer() -> CallTracer {
    CallTracer::new("outside", HOOK, NUMBER).unwrap()
}

/// What was written of each block, by the name of its section.
#[derive(Default)]
struct Picture {
    blocks: Vec<(String, u64, Vec<u8>)>,
}

impl PostFixUpPass for Picture {
    fn run(
        &mut self,
        graph: &LinkGraph<'_>,
        memory: &mut dyn BlockMemory,
    ) -> Result<(), PassError> {
        for (id, block) in graph.blocks() {
            let name = format!("{}", graph.sections.at(block.section).name);
            if let Some(bytes) = memory.bytes(id) {
                (self.blocks).push((name, block.address.value(), bytes.to_vec()));
            }
        }
        Ok(())
    }
}

impl Picture {
    fn of(&self, section: &str) -> (u64, &[u8]) {
        let block = self.blocks.iter().find(|(name, ..)| name == section);
        let (_, address, bytes) = block.unwrap();
        (*address, bytes)
    }

    fn word(&self, section: &str, offset: usize) -> u64 {
        let (_, bytes) = self.of(section);
        u64::from_le_bytes(bytes[offset..offset + 8].try_into().unwrap())
    }
}

/// Links an object that may refer to `outside`, with a tracer.
fn trace(machine: Machine, source: &Source) -> Picture {
    let session = mock_session(machine);
    let dylib = session.create_dylib("host").unwrap();
    dylib
        .define(&[AbsoluteSymbol::function("outside", OUTSIDE)])
        .unwrap();
    session.add_plugin(tracer()).unwrap();
    let mut picture = Picture::default();
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    (pipeline.push_post_fix_up("picture", &mut picture)).unwrap();
    let options = LoadOptions {
        pipeline: Some(pipeline),
        ..LoadOptions::default()
    };
    let bytes = source.write();
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    // SAFETY: the callers of this session call nothing.
    unsafe { session.load_with("program.o", &[Input::new("program.o", &bytes)], options) }.unwrap();
    picture
}

#[test]
fn aarch64_branches_lead_to_a_trampoline_that_holds_its_three_words() {
    let mut source = Source::for_machine(Machine::Aarch64);
    let outside = source.undefined("outside");
    let bytes = [
        0x00, 0x00, 0x00, 0x94, // bl outside
        0x00, 0x00, 0x00, 0x14, // b  outside
        0x00, 0x00, 0x00, 0x94, // bl outside + 4
    ];
    let code = source.code(".text", &bytes);
    source.relocation(code, 0, elf::R_AARCH64_CALL26, outside, 0);
    source.relocation(code, 4, elf::R_AARCH64_JUMP26, outside, 0);
    source.relocation(code, 8, elf::R_AARCH64_CALL26, outside, 4);
    let data = source.section(".data", SectionKind::Data, &[0; 8]);
    source.relocation(data, 0, elf::R_AARCH64_ABS64, outside, 0);
    let picture = trace(Machine::Aarch64, &source);
    let (trampoline, bytes) = picture.of("$__TRAMPOLINE");
    let (start, code) = picture.of(".text");
    let branch = |place: usize| {
        let instruction = u32::from_le_bytes(code[place..place + 4].try_into().unwrap());
        let distance = i64::from((instruction << 6).cast_signed() >> 6) * 4;
        let address = start + u64::try_from(place).unwrap();
        address.wrapping_add_signed(distance)
    };
    assert_eq!((branch(0), branch(4)), (trampoline, trampoline));
    // What doesn't begin the function is no call of it.
    assert_ne!(branch(8), trampoline + 4);
    let shape = arch::trampoline_shape(Machine::Aarch64);
    let end = usize::try_from(shape.number_offset).unwrap();
    assert_eq!(bytes[..end], shape.bytes[..end]);
    let words = [0, 8, 16].map(|offset| picture.word("$__TRAMPOLINE", end + offset));
    assert_eq!(words, [NUMBER, HOOK.value(), OUTSIDE.value()]);
    // An address that is taken stays the function's.
    assert_eq!(picture.word(".data", 0), OUTSIDE.value());
}

#[test]
fn without_a_call_there_is_no_trampoline() {
    let session = mock_session(Machine::X86_64);
    let map = AddressMap::new().unwrap();
    session.add_plugin(tracer()).unwrap();
    session.add_plugin(map.clone()).unwrap();
    let sections = |calls: bool| {
        let mut source = Source::for_machine(Machine::X86_64);
        let code = source.code(".text", &[0xe8, 0, 0, 0, 0, 0xc3]);
        let outside = source.local("outside", code, 5, 1);
        source.object.symbol_mut(outside).scope = object::SymbolScope::Linkage;
        let data = source.section(".data", SectionKind::Data, &[0; 8]);
        source.relocation(data, 0, elf::R_X86_64_64, outside, 0);
        if calls {
            source.relocation(code, 1, elf::R_X86_64_PLT32, outside, -4);
        }
        let module = load(&session, &format!("calls {calls}"), &source).unwrap();
        let mut names = Vec::new();
        map.for_each_section(module.id(), |section| {
            names.push(format!("{}", section.name))
        });
        unload(module);
        names
    };
    assert_eq!(sections(false), [".text", ".data"]);
    assert_eq!(sections(true), [".text", "$__TRAMPOLINE", ".data"]);
}

#[test]
fn every_allocation_of_a_traced_load_may_fail() {
    let session = mock_session(Machine::X86_64);
    session.add_plugin(tracer()).unwrap();
    let mut source = Source::for_machine(Machine::X86_64);
    let code = source.code(".text", &[0xe9, 0, 0, 0, 0]);
    let outside = source.global("outside", code, 0, 5);
    source.relocation(code, 1, elf::R_X86_64_PLT32, outside, -4);
    let bytes = source.write();
    let mut failures = 0;
    loop {
        #[expect(unsafe_code, reason = "loading runs foreign code")]
        // SAFETY: the callers of this session call nothing.
        let load = || unsafe { session.load("program.o", &bytes) };
        match failing_heap::fail_after(failures, load) {
            Ok(_) => break,
            Err(error) => assert!(format!("{error}").contains("heap"), "{error}"),
        }
        failures += 1;
    }
    assert!(failures > 10, "{failures} allocations failed");
}

/// A graph of a block that calls `outside`, which an archive gave, and the passes before it is pruned.
fn pruned(is_called: bool) -> (LinkGraph<'static>, Vec<BlockId>) {
    let mut graph = LinkGraph::new(Machine::X86_64);
    let object = graph
        .add_object(Object {
            origin: Origin::Archive,
            ..Object::new("member.o")
        })
        .unwrap();
    let section = Section::new(".text", object, Protection::ReadExecute);
    let section = graph.add_section(section).unwrap();
    let caller = graph
        .add_content_block(section, &[0xe9, 0, 0, 0, 0], Alignment::ONE)
        .unwrap();
    let outside = graph
        .add_content_block(section, &[0xc3], Alignment::ONE)
        .unwrap();
    let caller_symbol = graph
        .add_defined("caller", caller, 0, 5, SymbolKind::Function)
        .unwrap();
    let symbol = graph
        .add_defined("outside", outside, 0, 1, SymbolKind::Function)
        .unwrap();
    graph.symbols.at_mut(caller_symbol).is_live = is_called;
    let call = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    graph.insert_edge(caller, 1, call, symbol, -4).unwrap();
    let session = mock_session(Machine::X86_64);
    let source = Source::for_machine(Machine::X86_64);
    load(&session, "empty.o", &source).unwrap();
    let view = session.modules().unwrap()[0].view;
    let tracer = tracer();
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    tracer.modify_passes(&view, &graph, &mut pipeline).unwrap();
    pipeline.run(Point::PrePrune, &mut graph).unwrap();
    drop(pipeline);
    pass::prune(&mut graph).unwrap();
    graph.verify().unwrap();
    let live = graph.blocks().filter(|(_, block)| block.is_live);
    let live = live.map(|(id, _)| id).collect();
    (graph, live)
}

#[test]
fn a_trampoline_is_linked_only_for_calls_that_are_and_keeps_the_function() {
    let (_, live) = pruned(false);
    assert_eq!(live, []);
    let (graph, live) = pruned(true);
    // The caller, the function, and the trampoline between them.
    assert_eq!(live.len(), 3);
    let trampoline = live[2];
    let section = graph.blocks.at(trampoline).section;
    assert_eq!(graph.sections.at(section).name, Name::from("$__TRAMPOLINE"));
    let [hook, function] = graph.edges(trampoline) else {
        panic!("{:?}", graph.edges(trampoline))
    };
    let hook = graph.symbols.at(hook.target);
    assert_eq!(hook.definition, Definition::Absolute(HOOK));
    assert_eq!(Some(function.target), graph.find(Name::from("outside")));
    graph.verify_prepared().unwrap();
}
