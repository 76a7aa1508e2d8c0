//! The whole link: it succeeds, or says why not; either way nothing of it stays.
//!
//! It is done twice: through a session, for running, with an undoing at each end; and alone, for looking at it, where
//! passes look at the graph at every point.

use ironlink::base::{Machine, Protection};
use ironlink::format::ReadOptions;
use ironlink::graph::{LinkGraph, Linkage, SymbolKind, VerifyError};
use ironlink::link::{self, Input, inputs};
use ironlink::memory::mock::MockMemory;
use ironlink::pass::{BlockMemory, PassError, Pipeline, Point, PostFixUpPass, Purpose};
use ironlink::session::plugins::AddressMap;
use ironlink::session::{AbsoluteSymbol, LoadError, Session, SessionStatistics, UnloadError};

use crate::failing_heap;
use crate::files;
use crate::rearrange::Rearrange;
use crate::surroundings::{self, Everything};

/// The points at which tables are made.
const POINTS: [Point; 3] = [Point::PostPrune, Point::PostAllocation, Point::PreFixUp];

/// Of one in so many inputs the graph is shown.
const SHOWN: usize = 16;

/// A load allocates about so often.
const ALLOCATIONS: usize = 100;

/// Links the files of `input`, in both ways. Each input has the heap fail somewhere else.
pub fn link(input: &[u8]) {
    let machine = files::machine(input);
    let inputs: Vec<Input<'_>> = files::split(input)
        .into_iter()
        .map(|bytes| Input::new("file", bytes))
        .collect();
    let live_bytes = failing_heap::live_bytes();
    load_and_unload(machine, &inputs, input.len() % ALLOCATIONS);
    inspect(machine, &inputs, input.len());
    assert_eq!(
        failing_heap::live_bytes(),
        live_bytes,
        "memory of a link stayed"
    );
}

/// Loads the inputs as one module through a session and unloads it; then again, where the memory manager fails, and where the
/// heap does after some allocations.
fn load_and_unload(machine: Machine, inputs: &[Input<'_>], allocations: usize) {
    let memory = surroundings::memory();
    let session = Session::for_machine(machine, memory.clone());
    session.set_code_caller(surroundings::call);
    let addresses = AddressMap::new().expect("memory");
    session.add_plugin(addresses.clone()).expect("memory");
    define_wanted(&session, machine, inputs);
    let empty = held(&session, &memory);
    let is_clean = || held(&session, &memory) == empty;
    show(load_once(&session, &addresses, inputs));
    assert!(is_clean(), "something of a load stayed");
    memory.fail_after(0);
    show(load_once(&session, &addresses, inputs));
    assert!(is_clean(), "something of a load without frames stayed");
    let count = allocations.try_into().expect("a small number");
    show(failing_heap::fail_after(count, || {
        load_once(&session, &addresses, inputs)
    }));
    assert!(is_clean(), "something of a load without heap stayed");
}

/// Shows an error, which is put together only then.
fn show(result: Result<(), impl ToString>) {
    if let Err(error) = result {
        assert!(!error.to_string().is_empty());
    }
}

/// What is out: the session's counts, reservations, bytes.
fn held(session: &Session<MockMemory>, memory: &MockMemory) -> (SessionStatistics, u64, u64) {
    let (reservations, bytes) = (memory.reservations(), memory.used_bytes());
    (session.statistics(), reservations, bytes)
}

/// Loads the inputs, and once more beside themselves, which clashes where they define strong names; and unloads both.
#[expect(unsafe_code, reason = "modules are loaded and unloaded")]
fn load_once(
    session: &Session<MockMemory>,
    addresses: &AddressMap,
    inputs: &[Input<'_>],
) -> Result<(), LoadError> {
    // SAFETY: the session's callers call nothing, and nothing else runs what a mock holds.
    let module = unsafe { session.load_all("module", inputs) }?;
    // SAFETY: as above.
    if let Ok(second) = unsafe { session.load_all("second", inputs) } {
        // SAFETY: it was loaded last: none was linked to it.
        is_unloaded(unsafe { second.unload() });
    }
    for (range, protection) in module.segments() {
        assert!(Protection::ALL.contains(&protection));
        assert!(addresses.locate(range.first()).is_some());
        assert!(addresses.locate(range.last()).is_some());
    }
    // SAFETY: no other module is loaded any more.
    is_unloaded(unsafe { module.unload() });
    Ok(())
}

/// Nothing but a finalizer that fails, as some do here, goes wrong when a module is unloaded; the module is gone then, too.
fn is_unloaded(result: Result<(), UnloadError>) {
    match result {
        Ok(()) => {}
        Err(UnloadError::Finalizer { function, .. }) => assert!(surroundings::is_failing(function)),
        Err(error) => panic!("{error}"),
    }
}

/// Defines what the inputs leave undefined, so that links get beyond missing names.
fn define_wanted(session: &Session<MockMemory>, machine: Machine, inputs: &[Input<'_>]) {
    let Ok(graph) = inputs::read(machine, inputs, ReadOptions::default(), |_| false) else {
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
fn inspect(machine: Machine, inputs: &[Input<'_>], input_size: usize) {
    let options = ReadOptions { debug: true };
    let Ok(mut graph) = inputs::read(machine, inputs, options, |_| false) else {
        return;
    };
    graph.verify().expect("a sound graph");
    if input_size.is_multiple_of(SHOWN) {
        show_graph(&graph);
    }
    let memory = surroundings::memory();
    let mut written = Look;
    let mut rearrange = Rearrange::new(u32::try_from(input_size).unwrap_or(0));
    let mut read = |graph: &mut LinkGraph<'_>| pass(graph.verify());
    let mut prepared = POINTS.map(|_| |graph: &mut LinkGraph<'_>| pass(graph.verify_prepared()));
    let mut pipeline = Pipeline::standard(Purpose::Inspect).expect("memory");
    pipeline
        .push(Point::PrePrune, "verify", &mut read)
        .expect("memory");
    // Every other input is linked as the passes of a user might leave it.
    if input_size % 2 == 1 {
        let place = Point::PrePrune;
        pipeline
            .push_first(place, "rearrange", &mut rearrange)
            .expect("memory");
    }
    pipeline
        .push_post_fix_up("look", &mut written)
        .expect("memory");
    for (point, verify) in POINTS.into_iter().zip(&mut prepared) {
        pipeline.push(point, "verify", verify).expect("memory");
    }
    show(link::link(&mut graph, &memory, &mut pipeline, &mut Everything).map(drop));
    assert_eq!((memory.reservations(), memory.used_bytes()), (0, 0));
}

/// Looks at what was written.
struct Look;

impl PostFixUpPass for Look {
    fn run(
        &mut self,
        graph: &LinkGraph<'_>,
        memory: &mut dyn BlockMemory,
    ) -> Result<(), PassError> {
        for (id, block) in graph.blocks.iter() {
            let size_bytes = block.content.size_bytes();
            if let Some(bytes) = memory.bytes(id) {
                assert_eq!(u64::try_from(bytes.len()), Ok(size_bytes));
            }
        }
        Ok(())
    }
}

/// A pass that finds something wrong with the graph has found a fault of those before it.
fn pass(result: Result<(), VerifyError>) -> Result<(), PassError> {
    result.expect("a sound graph");
    Ok(())
}

/// Shows the graph in both ways.
fn show_graph(graph: &LinkGraph<'_>) {
    let (dump, dot) = (graph.dump().expect("memory"), graph.dot().expect("memory"));
    assert!(!dump.to_string().is_empty() && !dot.to_string().is_empty());
}
