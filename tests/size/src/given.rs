//! What a program is given: its heap, an object, and memory for what it links.

use core::ptr::NonNull;
use core::slice;

use ironlink::base::{AddressRange, TargetAddr};
use ironlink::memory::KernelSpace;
use ironlink::memory::paging::{
    DirectMap, Frame, FrameSource, FrameUse, PAGE_SIZE_BYTES, PhysicalAddr, Roots,
};

/// What whoever starts the program has prepared: all of it is memory that is mapped, or free, and the program's alone.
#[derive(Debug)]
#[repr(C)]
pub struct Given {
    heap: NonNull<u8>,
    heap_size_bytes: usize,
    object: NonNull<u8>,
    object_size_bytes: usize,
    /// Where the frames for pages begin, and how many there are; the frames for page tables follow.
    frames: u64,
    pages: u64,
    tables: u64,
    /// At which address physical memory is mapped, and the root of the page tables in use.
    direct_map: u64,
    root: u64,
    /// Which addresses linked code and data may have.
    window: u64,
    window_size_bytes: u64,
}

/// Linked code and data lie in page tables that are in use.
pub type Space = KernelSpace<Frames, DirectMap>;

impl Given {
    /// Gives the heap its memory.
    ///
    /// # Safety
    /// Called once, before all else. The heap is as this type says.
    #[cfg(target_os = "none")]
    pub unsafe fn begin(&self) {
        // SAFETY: the caller answers for the same.
        unsafe { crate::bare::begin(self.heap, self.heap_size_bytes) };
    }

    /// The object that is to be linked.
    #[must_use]
    pub fn object(&self) -> &[u8] {
        // SAFETY: whoever gave it vouches for it.
        unsafe { slice::from_raw_parts(self.object.as_ptr(), self.object_size_bytes) }
    }

    /// Memory for what is linked, in the page tables in use.
    #[must_use]
    pub fn space(&self) -> Option<Space> {
        let root = Frame::new(PhysicalAddr::new(self.root))?;
        let roots = if cfg!(target_arch = "x86_64") {
            Roots::shared(root)
        } else {
            Roots::split(Some(root), None)
        };
        let window = AddressRange::from_size(TargetAddr::new(self.window), self.window_size_bytes)?;
        let pages = Stretch {
            next: self.frames,
            left: self.pages,
        };
        let tables = Stretch {
            next: self
                .pages
                .checked_mul(PAGE_SIZE_BYTES)?
                .checked_add(self.frames)?,
            left: self.tables,
        };
        // SAFETY: whoever gave the offset vouches for it.
        let map = unsafe { DirectMap::new(self.direct_map) };
        // SAFETY: the tables are in use and the window is empty, as is vouched for.
        unsafe { KernelSpace::new(Frames { pages, tables }, map, &[window], roots) }.ok()
    }
}

/// Free frames, one after the other. The program links once: what comes back is not given again.
#[derive(Debug)]
pub struct Frames {
    pages: Stretch,
    tables: Stretch,
}

#[derive(Debug)]
struct Stretch {
    next: u64,
    left: u64,
}

impl Stretch {
    fn take(&mut self) -> Option<Frame> {
        self.left = self.left.checked_sub(1)?;
        let frame = Frame::new(PhysicalAddr::new(self.next))?;
        self.next = self.next.checked_add(PAGE_SIZE_BYTES)?;
        Some(frame)
    }
}

// SAFETY: whoever gave the frames vouches that they are free; each is given once.
unsafe impl FrameSource for Frames {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        match wanted_for {
            FrameUse::Page => self.pages.take(),
            FrameUse::Table => self.tables.take(),
        }
    }

    fn free(&mut self, _: Frame, _: FrameUse) {}
}
