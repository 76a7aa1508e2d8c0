//! Each program of the corpus is loaded, for either machine, while whatever that takes runs out: over the page tables of a
//! kernel, of which the physical memory is played. Nothing is left of a load that failed.

use std::collections::BTreeMap;

use ironlink::base::{AddressRange, Machine, TargetAddr};
use ironlink::memory::KernelSpaceStatistics;
use ironlink::memory::paging::FrameUse;
use ironlink::session::plugins::{AddressMap, LoadLog};
use ironlink::session::{Session, SessionStatistics};
use ironlink_tests::faults::{self, Counts, Failures, Resource, WithLibrary, World};
use ironlink_tests::faulty::{Faulty, Refusal};
use ironlink_tests::program::Program;

use crate::corpus::{Corpus, exports};
use crate::failing_heap;
use crate::simulation::Simulation;

#[test]
fn loads_for_x86_64_that_fail_leave_nothing() {
    fail_all(Machine::X86_64);
}

#[test]
fn loads_for_aarch64_that_fail_leave_nothing() {
    fail_all(Machine::Aarch64);
}

fn fail_all(machine: Machine) {
    let is_complete = std::env::var_os(COMPLETELY).is_some();
    let corpus: &'static Corpus = Box::leak(Box::new(Corpus::of(machine)));
    let window = AddressRange::from_size(TargetAddr::new(0x4000_0000), 32 << 20);
    let simulation = Simulation::new(machine, window.unwrap());
    let alone = Host::new(machine, &simulation);
    let mut flavours: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut failures, mut nested) = (Failures::default(), Failures::default());
    for program in Program::all_in(&corpus.inputs()) {
        let flavour = flavours.entry(program.program).or_default();
        let counts = match is_complete {
            true => Counts::Every,
            false => Counts::of_flavour(*flavour, STRIDE),
        };
        *flavour += 1;
        failures.add(faults::try_all(&alone, &program, &program.inputs, counts));
        if let Some(with_library) = WithLibrary::of(&program) {
            let host = Host::new(machine, &simulation);
            with_library.attach(&host.session).unwrap();
            nested.add(with_library.try_all(&host, counts));
        }
    }
    println!("{machine}: {failures}; with libraries, {nested}");
    for resource in Resource::ALL {
        let counts = [failures, nested].map(|failures| failures.of(resource));
        assert!(
            counts.iter().all(|count| *count > 50),
            "{resource:?}: {counts:?}"
        );
    }
}

/// If this is set in the environment, every count is tried for every program, which takes long.
const COMPLETELY: &str = "IRONLINK_TEST_COMPLETELY";

/// Of all flavours of a program but the first, one allocation of so many fails.
const STRIDE: u64 = 64;

/// A session over a kernel's memory.
struct Host {
    simulation: Simulation,
    session: Session<Faulty<Simulation>>,
    log: LoadLog,
}

impl Host {
    fn new(machine: Machine, simulation: &Simulation) -> Self {
        let session = Session::for_machine(machine, Faulty::new(simulation.clone()));
        let kernel = session.create_dylib("kernel").unwrap();
        kernel.define(&exports()).unwrap();
        session.add_plugin(AddressMap::new().unwrap()).unwrap();
        let log = faults::complete(&session).unwrap();
        Self {
            simulation: simulation.clone(),
            session,
            log,
        }
    }
}

/// All that a load may change, and must leave as it was.
#[derive(PartialEq, Debug)]
struct InUse {
    session: (SessionStatistics, u64),
    space: (KernelSpaceStatistics, u64),
    frames: u64,
    heap_bytes: i64,
}

impl World for Host {
    type Memory = Faulty<Simulation>;
    type Digest = InUse;

    fn session(&self) -> &Session<Self::Memory> {
        &self.session
    }

    fn log(&self) -> &LoadLog {
        &self.log
    }

    fn with_only<T>(&self, count: u64, resource: Resource, work: impl FnOnce() -> T) -> T {
        let frames = self.simulation.frames;
        let memory = self.session.memory();
        let set = |allowance| match resource {
            Resource::Heap => {}
            Resource::Pages => frames.set_allowance(FrameUse::Page, allowance),
            Resource::Tables => frames.set_allowance(FrameUse::Table, allowance),
            Resource::Window => memory.set_allowance(Refusal::Reservation, allowance),
            Resource::Protections => memory.set_allowance(Refusal::Protection, allowance),
        };
        if resource == Resource::Heap {
            return failing_heap::fail_after(count, work);
        }
        set(Some(count));
        let done = work();
        set(None);
        done
    }

    fn digest(&self) -> InUse {
        let space = &self.simulation.space;
        InUse {
            session: (self.session.statistics(), self.session.digest()),
            space: (space.statistics(), space.digest()),
            frames: self.simulation.frames.digest(),
            heap_bytes: failing_heap::live_bytes(),
        }
    }

    fn audit(&self) -> usize {
        let audited = self
            .simulation
            .space
            .audit(|violation| eprintln!("{violation}"));
        audited.unwrap()
    }
}
