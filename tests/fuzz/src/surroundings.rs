//! What stands around a link here: memory that nobody runs, and an address for whatever name is wanted.

use ironlink::base::{AddressRange, Name, TargetAddr, Text, int};
use ironlink::link::{Environment, Reference, ResolverFailed};
use ironlink::memory::mock::MockMemory;
use ironlink::session::CallFailed;

/// Where modules may lie: where a kernel has them, and where 32 bits don't reach.
const WINDOWS: [u64; 2] = [0x4000_0000, 0x7000_0000_0000];
/// Small, so that clearing it takes no time.
const WINDOW_SIZE_BYTES: u64 = 1 << 20;

/// Where the names lie that an input wants of others: nowhere, near each window, beyond what branches reach, and at the end.
const PLACES: [u64; 6] = [
    0,
    0x3fff_f000,
    0x4fff_fff0,
    0x7000_0800_0000,
    0x1234_5678_9abc,
    0xffff_ffff_ffff_fff0,
];

/// One in so many functions of a module that are called fails.
const FAILING: u64 = 7;

/// The memory of one load.
pub(crate) fn memory() -> MockMemory {
    let windows = WINDOWS.map(|first| {
        AddressRange::from_size(TargetAddr::new(first), WINDOW_SIZE_BYTES).expect("a range")
    });
    MockMemory::new(&windows).expect("whole pages")
}

/// Where something of this name lies: always at the same place.
pub(crate) fn address(name: Name<'_>) -> TargetAddr {
    let sum: usize = name.bytes().iter().copied().map(usize::from).sum();
    TargetAddr::new(PLACES[sum % PLACES.len()])
}

/// In place of calling code of a module: a resolver chooses itself, and what else there is succeeds or fails by that.
pub(crate) fn call(function: TargetAddr) -> Result<usize, CallFailed> {
    let reason = || Text::of("it is one that fails");
    match is_failing(function) {
        true => Err(CallFailed { reason: reason() }),
        false => Ok(int::to_usize(function.value())),
    }
}

/// In place of calling the resolver of an indirect function, without a session.
pub(crate) fn choose(resolver: TargetAddr) -> Result<TargetAddr, ResolverFailed> {
    match call(resolver) {
        Ok(_) => Ok(resolver),
        Err(CallFailed { reason }) => Err(ResolverFailed { reason }),
    }
}

/// Whether a function is one that fails.
pub(crate) fn is_failing(function: TargetAddr) -> bool {
    (function.value() >> 4) % FAILING == FAILING - 1
}

/// Knows where every name lies that isn't empty.
pub(crate) struct Everything;

impl Environment for Everything {
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        let name = reference.name;
        (!name.is_empty()).then(|| address(name))
    }

    fn call_resolver(
        &mut self,
        function: TargetAddr,
    ) -> Result<Option<TargetAddr>, ResolverFailed> {
        choose(function).map(Some)
    }
}
