//! What is in use of everything that a load takes: equal before and after whatever gives all back.

use ironlink::memory::KernelSpaceStatistics;
use ironlink::memory::slab::InUse;
use ironlink::session::SessionStatistics;
use ironlink_kernel::{Kernel, heap};

/// What is in use at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Snapshot {
    page_frames: u64,
    table_frames: u64,
    /// Which frames are free.
    frames: u64,
    space: KernelSpaceStatistics,
    /// What is mapped where, and what of the window is free.
    mappings: u64,
    session: SessionStatistics,
    /// What the session's tables say.
    books: u64,
    heap: InUse,
}

impl Snapshot {
    /// What is in use now.
    pub(crate) fn of(kernel: &'static Kernel) -> Self {
        let frames = kernel.frames().statistics();
        Self {
            page_frames: frames.pages,
            table_frames: frames.tables,
            frames: kernel.frames().digest(),
            space: kernel.space().statistics(),
            mappings: kernel.space().digest(),
            session: kernel.session().statistics(),
            books: kernel.session().digest(),
            heap: heap::statistics().in_use(),
        }
    }

    /// Panics unless the same is in use now.
    #[track_caller]
    pub(crate) fn assert_same_now(self, kernel: &'static Kernel) {
        let now = Self::of(kernel);
        self.assert_same_beside_heap(&now);
        assert_eq!(self.heap, now.heap, "the heap");
    }

    /// Panics unless the same is in use now, as far as a program that was ended amid its work can't have changed it: its heap
    /// blocks stay.
    #[track_caller]
    pub(crate) fn assert_same_but_heap_now(self, kernel: &'static Kernel) {
        self.assert_same_beside_heap(&Self::of(kernel));
    }

    #[track_caller]
    fn assert_same_beside_heap(&self, now: &Self) {
        assert_eq!(self.page_frames, now.page_frames, "frames of pages");
        assert_eq!(self.table_frames, now.table_frames, "frames of tables");
        assert_eq!(self.frames, now.frames, "which frames are free");
        assert_eq!(self.space, now.space, "the space for modules");
        assert_eq!(self.mappings, now.mappings, "what is mapped where");
        assert_eq!(self.session, now.session, "the session");
        assert_eq!(self.books, now.books, "what the session's tables say");
    }
}
