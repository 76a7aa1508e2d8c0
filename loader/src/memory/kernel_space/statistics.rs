//! What a kernel's space for modules has in use, and the frame source that counts it.
#![expect(unsafe_code, reason = "passes a frame source on")]

use crate::memory::paging::{Frame, FrameSource, FrameUse};

/// What a [`KernelSpace`](super::KernelSpace) has in use: equal before and after whatever gives all back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KernelSpaceStatistics {
    /// Frames of pages.
    pub page_frames: u64,
    /// Frames of page tables.
    pub table_frames: u64,
    /// Bytes of the window that are taken, guard pages included.
    pub window_bytes: u64,
    /// Reservations, in flight or finalized.
    pub reservations: u64,
}

/// A frame source that counts what is out.
#[derive(Debug)]
pub(super) struct Counted<F> {
    pub(super) source: F,
    pub(super) pages: u64,
    pub(super) tables: u64,
}

impl<F> Counted<F> {
    fn count(&mut self, counted: FrameUse) -> &mut u64 {
        match counted {
            FrameUse::Page => &mut self.pages,
            FrameUse::Table => &mut self.tables,
        }
    }
}

// SAFETY: the source keeps the promise.
unsafe impl<F: FrameSource> FrameSource for Counted<F> {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        let frame = self.source.allocate(wanted_for)?;
        let count = self.count(wanted_for);
        *count = count.wrapping_add(1);
        Some(frame)
    }

    fn free(&mut self, frame: Frame, used_for: FrameUse) {
        self.source.free(frame, used_for);
        let count = self.count(used_for);
        *count = count.wrapping_sub(1);
    }
}
