//! What is defined in turn is linked as one block: each definition lies where its alignment says, holds its own bytes, and no other's.

use std::string::ToString;
use std::vec::Vec;

use super::{branch, pointer};
use crate::base::{AddressRange, Alignment, Machine, TargetAddr, failing_heap, int};
use crate::edge::{DataKind, EdgeKind, X86_64Kind};
use crate::graph::LinkGraph;
use crate::jit::{Content, DataId, JitBuilder, JitError, JitModule, Linkage, Storage, Target};
use crate::memory::hosted::HostedMemory;
use crate::session::{ModuleView, Plugin, PluginError, Session};

pub(super) type Module<'s> = JitModule<'s, HostedMemory>;

pub(super) fn session() -> Session<HostedMemory> {
    Session::new(HostedMemory::new().unwrap())
}

pub(super) fn module(session: &Session<HostedMemory>) -> Module<'_> {
    let builder = JitBuilder::new(session, "jit").unwrap();
    // SAFETY: there is no hot swap.
    unsafe { builder.build() }.unwrap()
}

pub(super) fn free(module: Module<'_>) {
    // SAFETY: nothing of it runs.
    let freed = unsafe { module.free() };
    freed.map_err(|(_, error)| error).unwrap();
}

/// What lies in memory at an address.
pub(super) fn memory(address: TargetAddr, size_bytes: u64) -> &'static [u8] {
    let first = core::ptr::with_exposed_provenance(int::to_usize(address.value()));
    // SAFETY: a module lies there, which is not freed yet.
    unsafe { core::slice::from_raw_parts(first, int::to_usize(size_bytes)) }
}

/// Storage, size and alignment of what is defined.
const DEFINITIONS: &[(Storage, u8, u64)] = &[
    (Storage::ReadOnly, 26, 16),
    (Storage::ReadOnly, 1, 1),
    (Storage::ReadOnly, 8, 64),
    (Storage::ReadOnly, 0, 16),
    (Storage::ReadOnly, 3, 128),
    (Storage::ReadOnly, 3, 4096),
    (Storage::ReadOnly, 70, 64),
    (Storage::Writable, 9, 8),
    (Storage::Writable, 64, 64),
    (Storage::ReadOnly, 40, 2),
    (Storage::Writable, 5, 1),
];

/// The bytes of the definition in a place, unlike those of the others.
fn bytes_of(place: usize, size_bytes: u8) -> Vec<u8> {
    let mark = u8::try_from(place).unwrap().wrapping_mul(20) + 1;
    (0..size_bytes).map(|offset| mark ^ offset).collect()
}

fn define(module: &mut Module<'_>, place: usize) -> DataId {
    let (storage, size_bytes, alignment) = DEFINITIONS[place];
    let data = module.declare_anonymous_data(storage).unwrap();
    let bytes = bytes_of(place, size_bytes);
    let alignment = Alignment::new(alignment).unwrap();
    module
        .define_data(data, Content::Bytes(&bytes), alignment, &[])
        .unwrap();
    data
}

#[test]
fn each_definition_lies_where_its_alignment_says_and_holds_its_own_bytes() {
    let session = session();
    // Each of them may be the first of a batch, and so stand anywhere among those that are pending.
    for first in 0..DEFINITIONS.len() {
        let mut module = module(&session);
        let places = || (0..DEFINITIONS.len()).map(|place| (place + first) % DEFINITIONS.len());
        let data: Vec<DataId> = places().map(|place| define(&mut module, place)).collect();
        module.finalize_definitions().unwrap();
        let mut ranges: Vec<AddressRange> = Vec::new();
        for (&data, place) in data.iter().zip(places()) {
            let (_, size_bytes, alignment) = DEFINITIONS[place];
            let (address, size) = module.finalized_data(data).unwrap();
            assert_eq!(size, u64::from(size_bytes));
            assert!(address.is_aligned(Alignment::new(alignment).unwrap()));
            assert_eq!(memory(address, size), bytes_of(place, size_bytes));
            ranges.extend(AddressRange::from_size(address, size));
        }
        for (place, range) in ranges.iter().enumerate() {
            let mut others = ranges[place + 1..].iter();
            assert!(others.all(|other| other.intersection(*range).is_none()));
        }
        for (&data, place) in data.iter().zip(places()) {
            if let (Storage::Writable, ..) = DEFINITIONS[place] {
                let (address, _) = module.finalized_data(data).unwrap();
                let data =
                    core::ptr::with_exposed_provenance_mut::<u8>(int::to_usize(address.value()));
                // SAFETY: this is writable data of the module, which nobody else refers to.
                unsafe { data.write_volatile(0) };
            }
        }
        free(module);
    }
}

#[test]
fn definitions_that_are_taken_out_of_turn_hold_their_own_bytes() {
    let session = session();
    let mut module = module(&session);
    let names = ["first", "second", "third", "last"];
    let functions = names.map(|name| module.declare_function(name, Linkage::Local).unwrap());
    let [first, second, third, last] = functions;
    // The last one needs the first, and that the third.
    for (place, function) in functions.into_iter().enumerate() {
        let target = [third, second, third, first][place];
        let relocations = [pointer(Target::Function(target))];
        let code = bytes_of(place, 16);
        module
            .define_function(function, &code, Alignment::SIXTEEN, &relocations)
            .unwrap();
    }
    module.finalize_function(last, 3).unwrap();
    assert!(module.finalized_function(second).is_err());
    module.finalize_definitions().unwrap();
    for (place, function) in functions.into_iter().enumerate() {
        let code = memory(module.finalized_function(function).unwrap(), 16);
        assert_eq!(code[8..], bytes_of(place, 16)[8..]);
        let target = [third, second, third, first][place];
        let target = module.finalized_function(target).unwrap();
        assert_eq!(code[..8], target.value().to_le_bytes());
    }
    free(module);
}

/// Notes how many blocks each module has, whose edges ascend.
struct CountsBlocks(spin::Mutex<Vec<usize>>);

impl Plugin for CountsBlocks {
    fn name(&self) -> &str {
        "counts blocks"
    }

    fn loaded(&self, _: &ModuleView, graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        for (id, _) in graph.blocks() {
            assert!(graph.edges(id).is_sorted_by_key(|edge| edge.offset));
        }
        self.0.lock().push(graph.blocks().count());
        Ok(())
    }
}

#[test]
fn functions_that_are_defined_in_turn_become_one_block_with_all_their_edges() {
    let machine = Machine::HOST.expect("Ironlink links for this machine");
    static COUNTED: CountsBlocks = CountsBlocks(spin::Mutex::new(Vec::new()));
    let session = session();
    session.add_plugin(&COUNTED).unwrap();
    let mut module = module(&session);
    let names = ["one", "two", "three"];
    let functions = names.map(|name| module.declare_function(name, Linkage::Local).unwrap());
    let targets = [functions[2], functions[0], functions[1]];
    for (function, target) in functions.into_iter().zip(targets) {
        // They may come in another order than they stand in.
        let mut itself = pointer(Target::Itself);
        itself.offset = 16;
        let relocations = [itself, branch(machine, target)];
        module
            .define_function(function, &[0; 24], Alignment::SIXTEEN, &relocations)
            .unwrap();
    }
    module.finalize_definitions().unwrap();
    assert_eq!(*COUNTED.0.lock(), [1]);
    let addresses = functions.map(|function| module.finalized_function(function).unwrap());
    for (place, address) in addresses.into_iter().enumerate() {
        let code = memory(address, 24);
        let itself = u64::from_le_bytes(*code[16..].first_chunk().unwrap());
        assert_eq!(TargetAddr::new(itself), address);
        let target = addresses[[2, 0, 1][place]];
        let word = i32::from_le_bytes(*code[4..].first_chunk().unwrap());
        let field = address.wrapping_offset(4);
        let distance = match machine {
            Machine::X86_64 => i64::from(word) + 4,
            Machine::Aarch64 => i64::from(word << 6 >> 6) << 2,
        };
        assert_eq!(field.wrapping_offset(distance), target);
    }
    free(module);
}

#[test]
fn what_is_linked_later_is_not_in_memory_before() {
    let session = session();
    let mut module = module(&session);
    let [first, last] =
        ["first", "last"].map(|name| module.declare_function(name, Linkage::Local).unwrap());
    let between = module.declare_anonymous_data(Storage::Writable).unwrap();
    module
        .define_function(first, &[1], Alignment::SIXTEEN, &[])
        .unwrap();
    let content = Content::Bytes(&[2; 40]);
    module
        .define_data(between, content, Alignment::ONE, &[])
        .unwrap();
    let relocations = [pointer(Target::Function(first))];
    module
        .define_function(last, &[3; 16], Alignment::CACHE_LINE, &relocations)
        .unwrap();
    module.finalize_function(last, 2).unwrap();
    let code = memory(module.finalized_function(first).unwrap(), 64);
    assert_eq!((code[0], &code[1..]), (1, &[0; 63][..]));
    assert!(module.finalized_data(between).is_err());
    free(module);
}

#[test]
fn a_relocation_whose_instruction_begins_in_another_definition_is_refused() {
    let session = Session::for_machine(Machine::X86_64, HostedMemory::new().unwrap());
    let mut module = module(&session);
    let data = module.declare_anonymous_data(Storage::ReadOnly).unwrap();
    let kinds = [
        (X86_64Kind::RequestGotLoad32Relaxable, 2),
        (X86_64Kind::RequestGotLoad32RelaxableRex, 3),
        (X86_64Kind::RequestGotLoad32RelaxableRex2, 4),
    ];
    for (kind, first) in kinds {
        for offset in 0..5 {
            let function = module.declare_anonymous_function().unwrap();
            let mut load = pointer(Target::Data(data));
            (load.kind, load.offset, load.addend) = (EdgeKind::X86_64(kind), offset, -4);
            let defined = module.define_function(function, &[0; 16], Alignment::ONE, &[load]);
            let is_refused = matches!(defined, Err(JitError::OutsideOfDefinition { .. }));
            assert_eq!(
                is_refused,
                offset < first,
                "{kind:?} at {offset}: {defined:?}"
            );
        }
    }
}

#[test]
fn an_error_tells_the_function_and_where_in_it() {
    let session = session();
    let mut module = module(&session);
    let [first, second] =
        ["first", "second"].map(|name| module.declare_function(name, Linkage::Local).unwrap());
    module
        .define_function(first, &[0; 40], Alignment::SIXTEEN, &[])
        .unwrap();
    let mut narrow = pointer(Target::Address(TargetAddr::new(0x1_0000)));
    (narrow.kind, narrow.offset) = (EdgeKind::Data(DataKind::Pointer16), 5);
    module
        .define_function(second, &[0; 16], Alignment::SIXTEEN, &[narrow])
        .unwrap();
    let error = module.finalize_definitions().unwrap_err().to_string();
    assert!(error.contains("`second`+0x5"), "{error}");
    module.discard_definitions();
    free(module);
}

#[test]
fn a_definition_that_fails_leaves_nothing_of_itself() {
    let session = session();
    let mut module = module(&session);
    let function = module.declare_function("function", Linkage::Local).unwrap();
    let address = Target::Address(TargetAddr::new(5));
    let relocations = [pointer(address); 100];
    for failures in 0.. {
        let defined = failing_heap::fail_after(failures, || {
            module.define_function(function, &[7; 1000], Alignment::SIXTEEN, &relocations)
        });
        if defined.is_ok() {
            assert!(failures > 2);
            break;
        }
        assert_eq!(module.pending.sizes(), [0; 3]);
    }
    free(module);
}
