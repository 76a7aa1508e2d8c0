//! Physical memory: addresses, frames, and where free frames come from.
#![expect(unsafe_code, reason = "whoever gives frames vouches for them")]

use core::fmt;

/// Bytes of a page, and of the frame behind it.
pub const PAGE_SIZE_BYTES: u64 = 4096;

/// An address of physical memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhysicalAddr(u64);

impl PhysicalAddr {
    /// The address with this value.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The address as a number.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The address `bytes` further on; `None` past 2^64.
    pub const fn checked_add(self, bytes: u64) -> Option<Self> {
        match self.0.checked_add(bytes) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }
}

impl fmt::Debug for PhysicalAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "physical {:#x}", self.0)
    }
}

impl fmt::Display for PhysicalAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "physical {:#x}", self.0)
    }
}

/// 4 KiB of physical memory, aligned to their size.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Frame(PhysicalAddr);

impl Frame {
    /// The frame that starts at `start`; `None` unless a frame starts there.
    pub const fn new(start: PhysicalAddr) -> Option<Self> {
        if start.0 & PAGE_SIZE_BYTES.wrapping_sub(1) == 0 {
            Some(Self(start))
        } else {
            None
        }
    }

    /// The frame in which `address` lies.
    pub const fn containing(address: PhysicalAddr) -> Self {
        Self(PhysicalAddr(address.0 & PAGE_SIZE_BYTES.wrapping_neg()))
    }

    /// The address of its first byte.
    pub const fn start(self) -> PhysicalAddr {
        self.0
    }
}

/// What a frame is wanted for, so that a source may count the two, and keep them apart.
///
/// On aarch64 it should keep them apart: a large leaf of the direct map is split by unmapping it for a moment,
/// which is refused where it shows the very table that holds it. Frames of pages and of tables never share 2 MiB
/// then, or the direct map is of 4 KiB leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FrameUse {
    /// A page of memory.
    Page,
    /// A page table.
    Table,
}

/// Where free frames come from, and go back to.
///
/// # Safety
/// A frame that [`allocate`](Self::allocate) returns is ordinary memory, used by nobody else until it is given
/// back.
pub unsafe trait FrameSource {
    /// A free frame, whatever it contains; `None` if there is none left for that use.
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame>;

    /// Takes back a frame that [`allocate`](Self::allocate) gave for the same use. No page table and no TLB refers
    /// to it any more; a page's contents have been overwritten with zeros.
    fn free(&mut self, frame: Frame, used_for: FrameUse);
}

// SAFETY: the source behind the reference keeps the promise.
unsafe impl<F: FrameSource + ?Sized> FrameSource for &mut F {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        (**self).allocate(wanted_for)
    }

    fn free(&mut self, frame: Frame, used_for: FrameUse) {
        (**self).free(frame, used_for);
    }
}
