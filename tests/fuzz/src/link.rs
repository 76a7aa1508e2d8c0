//! The whole link: it succeeds, or says why not; either way nothing of it stays.
//!
//! It is done twice: through a session, for running, with an undoing at each end; and alone, for looking at it, where
//! passes look at the graph at every point.

use ironlink::base::{Machine, Protection};
use ironlink::graph::{LinkGraph, Linkage, SymbolKind};
use ironlink::link::{self, Input, inputs};
use ironlink::memory::mock::MockMemory;
use ironlink::pass::{PassError, Pipeline, Point, Purpose};
use ironlink::session::{AbsoluteSymbol, Session, SessionStatistics};

use crate::files;
use crate::surroundings::{self, Everything};

/// Links the files of `input`, in both ways.
pub fn link(input: &[u8]) {
    let machine = files::machine(input);
    let inputs: Vec<Input<'_>> = files::split(input)
        .into_iter()
        .map(|bytes| Input {
            name: "file",
            bytes,
        })
        .collect();
    load_and_unload(machine, &inputs);
    inspect(machine, &inputs);
}

/// Loads the inputs as one module through a session, unloads it, and has the memory manager fail then.
fn load_and_unload(machine: Machine, inputs: &[Input<'_>]) {
    let memory = surroundings::memory();
    let session = Session::for_machine(machine, memory.clone());
    session.set_initializer_caller(surroundings::initialize);
    session.set_resolver_caller(surroundings::choose);
    define_wanted(&session, machine, inputs);
    let empty = held(&session, &memory);
    load_once(&session, inputs);
    assert_eq!(held(&session, &memory), empty, "something of a load stayed");
    memory.fail_after(0);
    load_once(&session, inputs);
    assert_eq!(
        held(&session, &memory),
        empty,
        "something of a load without memory stayed"
    );
}

/// What is out: the session's counts, reservations, bytes.
fn held(session: &Session<MockMemory>, memory: &MockMemory) -> (SessionStatistics, u64, u64) {
    let (reservations, bytes) = (memory.reservations(), memory.used_bytes());
    (session.statistics(), reservations, bytes)
}

fn load_once(session: &Session<MockMemory>, inputs: &[Input<'_>]) {
    // SAFETY: the session's callers call nothing, and nothing else runs what a mock holds.
    match unsafe { session.load_all("module", inputs) } {
        Ok(module) => {
            for (range, protection) in module.segments() {
                assert!(Protection::ALL.contains(&protection));
                for address in [range.first(), range.last()] {
                    let location = session.locate(address).expect("a segment is the module's");
                    assert!(!location.to_string().is_empty());
                }
            }
            // SAFETY: no other module is loaded.
            unsafe { module.unload() };
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Defines what the inputs leave undefined, so that links get beyond missing names.
fn define_wanted(session: &Session<MockMemory>, machine: Machine, inputs: &[Input<'_>]) {
    let Ok(graph) = inputs::read(machine, inputs, |_| false) else {
        return;
    };
    let outside = session.create_dylib("outside").expect("memory");
    for (_, symbol) in graph.symbols.iter() {
        let name = str::from_utf8(symbol.name.bytes()).unwrap_or_default();
        if !symbol.is_external() || name.is_empty() {
            continue;
        }
        let row = AbsoluteSymbol {
            name,
            address: surroundings::address(symbol.name),
            size_bytes: 0,
            kind: SymbolKind::Function,
            linkage: Linkage::Weak,
            is_protected: false,
        };
        outside.define(&[row]).expect("memory");
    }
}

/// Links the inputs to be looked at.
fn inspect(machine: Machine, inputs: &[Input<'_>]) {
    let Ok(mut graph) = inputs::read(machine, inputs, |_| false) else {
        return;
    };
    look(&graph);
    let memory = surroundings::memory();
    let points = [
        Point::PrePrune,
        Point::PostPrune,
        Point::PostAllocation,
        Point::PreFixUp,
    ];
    let mut passes = points.map(|_| {
        |graph: &mut LinkGraph<'_>| -> Result<(), PassError> {
            look(graph);
            Ok(())
        }
    });
    let mut pipeline = Pipeline::standard(Purpose::Inspect).expect("memory");
    for (point, pass) in points.into_iter().zip(&mut passes) {
        pipeline.push(point, "look", pass).expect("memory");
    }
    match link::link(&mut graph, &memory, &mut pipeline, &mut Everything) {
        Ok(linked) => drop(linked),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert_eq!((memory.reservations(), memory.used_bytes()), (0, 0));
}

/// Whatever a graph is shown as, it must be possible.
fn look(graph: &LinkGraph<'_>) {
    for (id, _) in graph.symbols.iter() {
        let _ = graph.address(id);
    }
}
