//! A meter on the modules' memory: the instructions of page tables and protections, apart from those of linking; and what
//! copying and zeroing so many bytes takes by itself.

use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering};

use alloc::vec;

use ironlink::base::{AddressRange, Alignment, TargetAddr};
use ironlink::memory::{Finalized, InFlight, MemoryError, MemoryManager, MemoryRequest};
use ironlink_kernel::clock;
use ironlink_kernel::kernel::ModuleMemory;

/// What copying so many bytes takes, and nothing else.
pub(super) fn bare_copy(bytes: u64) -> u64 {
    let source = vec![1_u8; bytes as usize];
    let mut target = vec![0_u8; bytes as usize];
    let start = clock::instructions();
    black_box(&mut target).copy_from_slice(black_box(&source));
    let taken = clock::instructions() - start;
    black_box(&target);
    taken
}

/// What zeroing so many bytes takes, and nothing else.
pub(super) fn bare_zeroing(bytes: u64) -> u64 {
    let mut target = vec![1_u8; bytes as usize];
    let start = clock::instructions();
    black_box(&mut target).fill(0);
    let taken = clock::instructions() - start;
    black_box(&target);
    taken
}

/// Instructions that the memory manager took since this was last set to zero.
static METER: AtomicU64 = AtomicU64::new(0);

/// What the meter shows; it is set to zero.
pub(super) fn take() -> u64 {
    METER.swap(0, Ordering::Relaxed)
}

fn metered<T>(work: impl FnOnce() -> T) -> T {
    let start = clock::instructions();
    let done = work();
    METER.fetch_add(clock::instructions() - start, Ordering::Relaxed);
    done
}

/// The modules' memory, with a meter on what it does.
pub(super) struct Metered {
    inner: ModuleMemory,
}

impl Metered {
    pub(super) fn new(inner: ModuleMemory) -> Self {
        Self { inner }
    }
}

pub(super) struct MeteredInFlight(<ModuleMemory as MemoryManager>::InFlight);

/// `None` only while it is dropped.
pub(super) struct MeteredFinalized(Option<<ModuleMemory as MemoryManager>::Finalized>);

impl Drop for MeteredFinalized {
    fn drop(&mut self) {
        metered(|| self.0 = None);
    }
}

impl MemoryManager for Metered {
    type InFlight = MeteredInFlight;
    type Finalized = MeteredFinalized;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<MeteredInFlight, MemoryError> {
        metered(|| self.inner.reserve(request)).map(MeteredInFlight)
    }

    fn page(&self) -> Alignment {
        self.inner.page()
    }
}

impl InFlight for MeteredInFlight {
    type Finalized = MeteredFinalized;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        self.0.target_address(segment)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        self.0.working_memory(segment)
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        metered(|| self.0.seal_executable())
    }

    fn finalize(self) -> Result<MeteredFinalized, MemoryError> {
        metered(|| self.0.finalize()).map(|memory| MeteredFinalized(Some(memory)))
    }
}

impl Finalized for MeteredFinalized {
    fn release_finalize_segments(&mut self) {
        if let Some(memory) = &mut self.0 {
            metered(|| memory.release_finalize_segments());
        }
    }

    fn release_pages(&mut self, range: AddressRange) {
        if let Some(memory) = &mut self.0 {
            metered(|| memory.release_pages(range));
        }
    }
}
