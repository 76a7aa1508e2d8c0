//! The memory manager of a kernel.
#![expect(unsafe_code, reason = "works on the page tables in use")]

use spin::Mutex;

use crate::base::{AddressRange, Alignment, OutOfMemory, Shared, TargetAddr};
use crate::memory::audit::{self, Violation};
use crate::memory::layout::SegmentLayout;
use crate::memory::paging::{
    Flush, Format, FrameSource, Leaf, PageTables, PhysicalAccess, Processor, Roots, ThisProcessor,
};
use crate::memory::window::Window;
use crate::memory::{MemoryError, MemoryManager, MemoryRequest};

use super::books::Books;
use super::reservation::{KernelFinalized, KernelInFlight, Reservation};
use super::statistics::{Counted, KernelSpaceStatistics};

/// The addresses of a kernel that modules live at, and the frames behind them. Clones are the same space.
///
/// # Cost
/// A page is paid for by looks at its entries, of about 115 instructions each on x86-64. Of constants there are four until they
/// are finalized: is it free, map it, check it, take the right to write; of data the first two. Of code there are ten: its
/// alias is found and prepared, found and sealed, and the right to execute is checked and given. To give a page back takes
/// three: check, park, reclaim; of code seven, since its alias is found and unsealed, found and joined. With a frame taken and
/// zeroed, that is 1,280 instructions for a page of code, 600 for constants, 450 for data, and 1,090 or 600 to give one back.
/// Whatever their number, code costs 18,000 beside, and 24,000 at its end: the large leaf of the direct map that shows it is
/// split into 512, which are looked at and joined again, as is a table whether it is empty.
pub struct KernelSpace<F, A, P = ThisProcessor> {
    shared: Shared<Space<F, A, P>>,
}

/// What all handles to a space share.
pub(super) struct Space<F, A, P> {
    pub(super) books: Mutex<Books<F, A>>,
    pub(super) processor: P,
}

impl<F: FrameSource, A: PhysicalAccess> KernelSpace<F, A> {
    /// A space in the page tables in use: modules get frames from `frames`, at addresses of `window`'s ranges, the
    /// first that lies in reach first. What entries of the root tables the window needs is filled at once and
    /// stays, so that address spaces that copy them share all modules.
    ///
    /// # Errors
    /// A range isn't made of whole pages that the tables translate, or two meet; or there is no memory for the
    /// books or for tables.
    ///
    /// # Safety
    /// - The program runs in ring 0, or at EL1, with write protection and no-execute enforced (CR0.WP and EFER.NXE;
    ///   on aarch64 MAIR_EL1 is as [`MAIR_EL1`](crate::memory::paging::MAIR_EL1)); on x86-64 on one processor, else
    ///   see [`with_processor`](Self::with_processor).
    /// - `roots` are those of the page tables in use, in this machine's [`Format`]; `access` reaches all their
    ///   tables. Nobody else changes them in the window or where `access` says that frames have aliases, nor copies
    ///   a root after another was changed without flushing.
    /// - Nothing is mapped or used in the window, and tables below the roots' entries for it came from `frames`.
    /// - The direct map's large leaves may be split where frames of `frames` lie: on aarch64 they are unmapped for a
    ///   moment, so that neither code in use nor another processor's data may lie in them; and no large leaf shows
    ///   both pages and tables of `frames`, or loading fails (see
    ///   [`FrameUse`](crate::memory::paging::FrameUse)).
    pub unsafe fn new(
        frames: F,
        access: A,
        window: &[AddressRange],
        roots: Roots,
    ) -> Result<Self, MemoryError> {
        // SAFETY: the caller vouches for the tables.
        let tables = unsafe { PageTables::new(Format::THIS_MACHINE, roots, access) };
        // SAFETY: the caller vouches for the privilege.
        let processor = unsafe { ThisProcessor::new() };
        // SAFETY: passed on from the caller.
        unsafe { Self::with_processor(frames, tables, window, processor) }
    }
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> KernelSpace<F, A, P> {
    /// As [`new`](KernelSpace::new), for tables of any format and processors of any kind: what a kernel on several
    /// processors gives, whose TLBs it flushes by its own means.
    ///
    /// # Errors
    /// As for [`new`](KernelSpace::new).
    ///
    /// # Safety
    /// As for [`new`](KernelSpace::new), but that `processor` stands for all processors that use the tables.
    pub unsafe fn with_processor(
        frames: F,
        mut tables: PageTables<A>,
        window: &[AddressRange],
        processor: P,
    ) -> Result<Self, MemoryError> {
        let format = tables.format();
        if let Some(&range) = window.iter().find(|range| !format.is_valid(**range)) {
            return Err(MemoryError::Window { range });
        }
        let free = Window::new(window, Alignment::PAGE)?;
        let mut frames = Counted {
            source: frames,
            pages: 0,
            tables: 0,
        };
        let mut owed = Flush::nothing();
        let result = window.iter().try_for_each(|range| {
            // SAFETY: the caller vouches that nobody else changes the roots there.
            owed.add(unsafe { tables.fill_roots(*range, &mut frames) }?);
            Ok::<(), MemoryError>(())
        });
        owed.pay(&processor);
        result?;
        let books = Mutex::new(Books {
            frames,
            tables,
            window: free,
            reservations: 0,
        });
        Ok(Self {
            shared: Shared::new(Space { books, processor })?,
        })
    }

    /// What is in use.
    pub fn statistics(&self) -> KernelSpaceStatistics {
        self.shared.books.lock().statistics()
    }

    /// A digest of all leaves of the page tables, in the window or not, and of the addresses that are free in it: the same
    /// before and after whatever leaves them as they were.
    pub fn digest(&self) -> u64 {
        self.shared.books.lock().digest().value()
    }

    /// What the page tables map at `address`, in the window or not.
    pub fn query(&self, address: TargetAddr) -> Option<Leaf> {
        self.shared.books.lock().tables.query(address)
    }

    /// Tells `visit` of every leaf of the page tables, in the window or not, until it returns an error. It must not
    /// use the space.
    ///
    /// # Errors
    /// What `visit` returned.
    pub fn for_each_leaf<E>(&self, visit: impl FnMut(Leaf) -> Result<(), E>) -> Result<(), E> {
        self.shared.books.lock().tables.for_each_leaf(visit)
    }

    /// Tells `report` of every place in the page tables, in the window or not, where W^X is broken; returns how
    /// many there are. `report` must not use the space.
    ///
    /// # Errors
    /// The heap has no room for the auditor's books.
    pub fn audit(&self, report: impl FnMut(&Violation)) -> Result<usize, OutOfMemory> {
        audit::audit(&self.shared.books.lock().tables, report)
    }
}

impl<F, A, P> Clone for KernelSpace<F, A, P> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<F: FrameSource, A: PhysicalAccess, P: Processor> MemoryManager for KernelSpace<F, A, P> {
    type InFlight = KernelInFlight<F, A, P>;
    type Finalized = KernelFinalized<F, A, P>;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<Self::InFlight, MemoryError> {
        let layout = SegmentLayout::new(request.segments, Alignment::PAGE)?;
        let space = self.shared.clone();
        let gap = space
            .books
            .lock()
            .reserve(&layout, request.reach, &space.processor)?;
        Ok(KernelInFlight::new(Reservation::new(space, gap, layout)))
    }

    fn page(&self) -> Alignment {
        Alignment::PAGE
    }
}
