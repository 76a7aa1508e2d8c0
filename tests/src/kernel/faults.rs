//! Each program of the corpus is loaded while whatever that takes runs out: nothing is left of a load that failed.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use ironlink::memory::paging::FrameUse;
use ironlink::session::plugins::LoadLog;
use ironlink::session::{AbsoluteSymbol, LoadError, Session};
use ironlink_kernel::kernel::{self, ModuleMemory};
use ironlink_kernel::selftest::Run;
use ironlink_kernel::{Kernel, exports, heap, log};
use ironlink_tests::faults::{self, Counts, Failures, Resource, WithLibrary, World};
use ironlink_tests::faulty::{Faulty, Refusal};
use ironlink_tests::program::Program;

use super::snapshot::Snapshot;

/// Of all flavours of a program but the first, one allocation of so many fails.
const STRIDE: u64 = 64;

/// Adds a test for each program, of all its flavours.
pub(crate) fn test_all(kernel: &'static Kernel, run: &mut Run<'_>, is_complete: bool) {
    let mut programs: BTreeMap<&str, Vec<Program<'static>>> = BTreeMap::new();
    for program in Program::all_in(&kernel.initrd().inputs) {
        programs.entry(program.program).or_default().push(program);
    }
    let mut failures = Failures::default();
    for (name, flavours) in programs {
        run.test(&format!("faults::{name}"), || {
            for (number, program) in (0..).zip(&flavours) {
                let counts = match is_complete {
                    true => Counts::Every,
                    false => Counts::of_flavour(number, STRIDE),
                };
                let failed = fail(kernel, program, counts);
                failures.add(failed.unwrap_or_else(|error| panic!("{}: {error}", program.name)));
            }
        });
    }
    if failures.total() > 0 {
        log!("{failures}");
    }
}

/// Lets all loads of a program fail that can.
fn fail(
    kernel: &'static Kernel,
    program: &Program<'static>,
    counts: Counts,
) -> Result<Failures, LoadError> {
    let alone = Place::new(kernel)?;
    let mut failures = faults::try_all(&alone, program, &program.inputs, counts);
    drop(alone);
    if let Some(with_library) = WithLibrary::of(program) {
        let place = Place::new(kernel)?;
        with_library.attach(&place.session)?;
        failures.add(with_library.try_all(&place, counts));
    }
    Ok(failures)
}

/// A session of its own over the kernel's memory.
struct Place {
    kernel: &'static Kernel,
    session: Session<Faulty<ModuleMemory>>,
    log: LoadLog,
}

impl Place {
    fn new(kernel: &'static Kernel) -> Result<Self, LoadError> {
        let session = Session::new(Faulty::new(kernel.space().clone()));
        let rows: Vec<AbsoluteSymbol<'_>> = exports::symbols().collect();
        session.create_dylib("kernel")?.define(&rows)?;
        kernel::complete(&session)?;
        let log = faults::complete(&session)?;
        Ok(Self {
            kernel,
            session,
            log,
        })
    }
}

/// What the kernel has in use, and what the session's tables say.
#[derive(PartialEq, Debug)]
struct InUse {
    kernel: Snapshot,
    session: u64,
}

impl World for Place {
    type Memory = Faulty<ModuleMemory>;
    type Digest = InUse;

    fn session(&self) -> &Session<Self::Memory> {
        &self.session
    }

    fn log(&self) -> &LoadLog {
        &self.log
    }

    fn with_only<T>(&self, count: u64, resource: Resource, work: impl FnOnce() -> T) -> T {
        let frames = self.kernel.frames();
        let memory = self.session.memory();
        let set = |allowance| match resource {
            Resource::Heap => heap::set_allowance(allowance),
            Resource::Pages => frames.set_allowance(FrameUse::Page, allowance),
            Resource::Tables => frames.set_allowance(FrameUse::Table, allowance),
            Resource::Window => memory.set_allowance(Refusal::Reservation, allowance),
            Resource::Protections => memory.set_allowance(Refusal::Protection, allowance),
        };
        set(Some(count));
        let done = work();
        set(None);
        done
    }

    fn digest(&self) -> InUse {
        InUse {
            kernel: Snapshot::of(self.kernel),
            session: self.session.digest(),
        }
    }

    fn audit(&self) -> usize {
        self.kernel.audit()
    }
}
