//! The whole link, through a session over a mock: a load succeeds, or says why not; either way nothing of it stays.

use ironlink::base::{AddressRange, Machine, Name, Protection, TargetAddr};
use ironlink::format;
use ironlink::graph::{LinkGraph, Linkage, Object, Origin, SymbolKind};
use ironlink::memory::mock::MockMemory;
use ironlink::session::{AbsoluteSymbol, Input, Session, SessionStatistics};

use crate::files;

/// Where modules may lie: where a kernel has them, and where 32 bits don't reach.
const WINDOWS: [u64; 2] = [0x4000_0000, 0x7000_0000_0000];
const WINDOW_SIZE_BYTES: u64 = 1 << 20;

/// Where the names lie that an input wants of others: nowhere, near both windows, and far from all.
const PLACES: [u64; 6] = [
    0,
    0x3fff_f000,
    0x4123_4560,
    0x7000_0800_0000,
    0x1234_5678_9abc,
    0xffff_ffff_ffff_fff0,
];

/// Loads the files of `input` as one module, and unloads it.
pub fn load_and_unload(input: &[u8]) {
    let machine = files::machine(input);
    let files = files::split(input);
    let windows = WINDOWS.map(|first| {
        AddressRange::from_size(TargetAddr::new(first), WINDOW_SIZE_BYTES).expect("a range")
    });
    let memory = MockMemory::new(&windows).expect("whole pages");
    let session = Session::for_machine(machine, memory.clone());
    session.set_initializer_caller(|_| Ok(()));
    define_wanted(&session, machine, &files);
    let empty = held(&session, &memory);
    load_once(&session, &files);
    assert_eq!(held(&session, &memory), empty, "a module stayed");
    memory.fail_after(0);
    load_once(&session, &files);
    assert_eq!(held(&session, &memory), empty, "a failed load stayed");
}

/// What is out: the session's counts, reservations, bytes.
fn held(session: &Session<MockMemory>, memory: &MockMemory) -> (SessionStatistics, u64, u64) {
    let (reservations, bytes) = (memory.reservations(), memory.used_bytes());
    (session.statistics(), reservations, bytes)
}

fn load_once(session: &Session<MockMemory>, files: &[&[u8]]) {
    let inputs: Vec<Input<'_>> = files
        .iter()
        .map(|bytes| Input {
            name: "file",
            bytes,
        })
        .collect();
    // SAFETY: the initializer caller calls nothing, and nothing else runs what a mock holds.
    match unsafe { session.load_all("module", &inputs) } {
        Ok(module) => {
            for (range, protection) in module.segments() {
                assert!(Protection::ALL.contains(&protection));
                if let Some(location) = session.locate(range.first()) {
                    assert!(!location.to_string().is_empty());
                }
            }
            // SAFETY: no other module is loaded.
            unsafe { module.unload() };
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Defines what the objects among `files` leave undefined, so that links get beyond missing names.
fn define_wanted(session: &Session<MockMemory>, machine: Machine, files: &[&[u8]]) {
    let mut graph = LinkGraph::new(machine);
    for &file in files {
        let (name, origin) = (Name::from("file"), Origin::Given);
        if format::read_object(&mut graph, Object { name, origin }, file).is_err() {
            // Whatever was read before may be wanted; the load will stop here too.
            break;
        }
    }
    let outside = session.create_dylib("outside").expect("memory");
    for (_, symbol) in graph.symbols.iter() {
        let Ok(name) = str::from_utf8(symbol.name.bytes()) else {
            continue;
        };
        if !symbol.is_external() || name.is_empty() {
            continue;
        }
        let place = name.bytes().map(usize::from).sum::<usize>() % PLACES.len();
        let row = AbsoluteSymbol {
            name,
            address: TargetAddr::new(PLACES[place]),
            size_bytes: 0,
            kind: SymbolKind::Function,
            linkage: Linkage::Weak,
            is_protected: false,
        };
        outside.define(&[row]).expect("memory");
    }
}
