//! The owners of what a space gave: in flight, then finalized.
#![expect(unsafe_code, reason = "working memory is reached where it is mapped")]

use alloc::vec::Vec;
use core::{ptr, slice};

use crate::base::{AddressRange, Shared, TargetAddr, int};
use crate::memory::layout::{Segment, SegmentLayout};
use crate::memory::paging::{FrameSource, PhysicalAccess, Processor};
use crate::memory::window::TakenGap;
use crate::memory::{Finalized, InFlight, Lifetime, MemoryError};

use super::books::Kind;
use super::space::Space;

/// The pages and addresses of one reservation. Dropping it gives them back.
pub(super) struct Reservation<F: FrameSource, A: PhysicalAccess, P: Processor> {
    space: Shared<Space<F, A, P>>,
    /// `None` only while it is dropped.
    gap: Option<TakenGap>,
    /// Those that are mapped still, in the order of the request.
    segments: Vec<Segment>,
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> Reservation<F, A, P> {
    pub(super) fn new(space: Shared<Space<F, A, P>>, gap: TakenGap, layout: SegmentLayout) -> Self {
        Self {
            space,
            gap: Some(gap),
            segments: layout.segments,
        }
    }

    fn start(&self) -> Option<TargetAddr> {
        Some(self.gap.as_ref()?.range.first())
    }

    /// Releases the segments with [`Lifetime::Finalize`], but not their addresses.
    fn release_finalize_segments(&mut self) {
        let Some(start) = self.start() else {
            return;
        };
        let space = &self.space;
        let mut books = space.books.lock();
        self.segments.retain(|segment| {
            if segment.lifetime != Lifetime::Finalize {
                return true;
            }
            if let Some(pages) = segment.pages(start) {
                books.release(pages, slice::from_ref(segment), start, &space.processor);
            }
            false
        });
    }

    /// Releases the whole pages in `range`, but not their addresses.
    fn release_pages(&mut self, range: AddressRange) {
        let Some(start) = self.start() else {
            return;
        };
        let space = &self.space;
        let mut books = space.books.lock();
        for segment in &self.segments {
            if let Some(pages) = segment.pages_in(start, range) {
                books.release(pages, slice::from_ref(segment), start, &space.processor);
            }
        }
    }
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> Drop for Reservation<F, A, P> {
    fn drop(&mut self) {
        let Some(gap) = self.gap.take() else {
            return;
        };
        let space = &self.space;
        let mut books = space.books.lock();
        let start = gap.range.first();
        books.release(gap.range, &self.segments, start, &space.processor);
        books.give_back(gap);
    }
}

/// Reserved pages of a kernel's space: zeroed, then written, at the addresses where they will run.
pub struct KernelInFlight<F: FrameSource, A: PhysicalAccess, P: Processor> {
    reservation: Reservation<F, A, P>,
    /// Whether the executable segments are protected already.
    is_sealed: bool,
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> KernelInFlight<F, A, P> {
    pub(super) const fn new(reservation: Reservation<F, A, P>) -> Self {
        Self {
            reservation,
            is_sealed: false,
        }
    }

    /// Applies the protections of the segments of a kind, or of all.
    fn protect(&self, only: Option<Kind>) -> Result<(), MemoryError> {
        let Some(start) = self.reservation.start() else {
            return Ok(());
        };
        let space = &self.reservation.space;
        let segments = &self.reservation.segments;
        let mut books = space.books.lock();
        Ok(books.finalize(segments, only, start, &space.processor)?)
    }
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> InFlight for KernelInFlight<F, A, P> {
    type Finalized = KernelFinalized<F, A, P>;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        let start = self.reservation.start()?;
        self.reservation.segments.get(segment)?.address(start)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        let reserved = self.reservation.segments.get(segment)?;
        if self.is_sealed && reserved.protection.is_executable() {
            return None;
        }
        let size_bytes = reserved.size_bytes;
        let address = self.target_address(segment)?;
        let first = ptr::with_exposed_provenance_mut(int::to_usize(address.value()));
        // SAFETY: the segment's pages are mapped there, zeroed, writable, and this owner's alone.
        Some(unsafe { slice::from_raw_parts_mut(first, int::to_usize(size_bytes)) })
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        if !self.is_sealed {
            self.protect(Some(Kind::Code))?;
            self.is_sealed = true;
        }
        Ok(())
    }

    fn finalize(self) -> Result<Self::Finalized, MemoryError> {
        self.protect(self.is_sealed.then_some(Kind::Data))?;
        Ok(KernelFinalized {
            reservation: self.reservation,
        })
    }
}

/// Pages of a kernel's space under their protections. Dropping it unmaps them and gives all back: nobody may run
/// their code or use their data any more.
pub struct KernelFinalized<F: FrameSource, A: PhysicalAccess, P: Processor> {
    reservation: Reservation<F, A, P>,
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> Finalized for KernelFinalized<F, A, P> {
    fn release_finalize_segments(&mut self) {
        self.reservation.release_finalize_segments();
    }

    fn release_pages(&mut self, range: AddressRange) {
        self.reservation.release_pages(range);
    }
}
