//! A memory manager that refuses on purpose: a reservation, or the protection of what was reserved.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use ironlink::base::{Alignment, TargetAddr};
use ironlink::memory::{InFlight, MemoryError, MemoryManager, MemoryRequest};

/// A manager that does what another one does, until it is told to refuse.
#[derive(Debug)]
pub struct Faulty<M> {
    inner: M,
    allowances: Arc<Allowances>,
}

/// What may still be done.
#[derive(Debug)]
struct Allowances {
    reservations: AtomicU64,
    protections: AtomicU64,
}

/// What a manager may refuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Addresses, as if the window were full.
    Reservation,
    /// Protections, of code alone or of all: as if the platform had refused them.
    Protection,
}

/// How refused protections are told.
const REFUSED: MemoryError = MemoryError::System {
    call: "protect",
    errno: 12,
};

impl<M> Faulty<M> {
    /// A manager that refuses nothing yet.
    pub fn new(inner: M) -> Self {
        let allowances = Allowances {
            reservations: AtomicU64::new(u64::MAX),
            protections: AtomicU64::new(u64::MAX),
        };
        Self {
            inner,
            allowances: Arc::new(allowances),
        }
    }

    /// The manager that does the work.
    pub const fn inner(&self) -> &M {
        &self.inner
    }

    /// Does this many more, and refuses all others until it is set again; `None` refuses none.
    pub fn set_allowance(&self, refusal: Refusal, allowance: Option<u64>) {
        let counter = match refusal {
            Refusal::Reservation => &self.allowances.reservations,
            Refusal::Protection => &self.allowances.protections,
        };
        counter.store(allowance.unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Counts something that is done; whether it may be.
fn is_allowed(allowance: &AtomicU64) -> bool {
    let less = |left: u64| match left {
        u64::MAX => Some(left),
        _ => left.checked_sub(1),
    };
    allowance
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
        .is_ok()
}

impl<M: MemoryManager> MemoryManager for Faulty<M> {
    type InFlight = FaultyInFlight<M::InFlight>;
    type Finalized = M::Finalized;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<Self::InFlight, MemoryError> {
        if !is_allowed(&self.allowances.reservations) {
            let sizes = request.segments.iter().map(|it| it.content_size_bytes);
            return Err(MemoryError::WindowExhausted {
                size_bytes: sizes.sum(),
                reach: request.reach,
            });
        }
        Ok(FaultyInFlight {
            inner: self.inner.reserve(request)?,
            allowances: Arc::clone(&self.allowances),
        })
    }

    fn page(&self) -> Alignment {
        self.inner.page()
    }
}

/// Memory of which the protections may be refused.
#[derive(Debug)]
pub struct FaultyInFlight<I> {
    inner: I,
    allowances: Arc<Allowances>,
}

impl<I: InFlight> InFlight for FaultyInFlight<I> {
    type Finalized = I::Finalized;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        self.inner.target_address(segment)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        self.inner.working_memory(segment)
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        match is_allowed(&self.allowances.protections) {
            true => self.inner.seal_executable(),
            false => Err(REFUSED),
        }
    }

    fn finalize(self) -> Result<I::Finalized, MemoryError> {
        match is_allowed(&self.allowances.protections) {
            true => self.inner.finalize(),
            false => Err(REFUSED),
        }
    }
}
