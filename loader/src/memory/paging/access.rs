//! How this program reaches physical memory, in which page tables and the frames of modules lie.
#![expect(unsafe_code, reason = "physical memory is reached through pointers")]

use core::ptr::{self, NonNull};

use crate::base::{TargetAddr, int};

use super::frame::{Frame, PAGE_SIZE_BYTES};

/// How frames are read and written by this program.
///
/// # Safety
/// [`pointer`](Self::pointer) names the 4096 bytes of that very frame, readable and writable, for every frame that
/// is a page table or comes from the [`FrameSource`](super::FrameSource) used with it, as long as the frame's
/// [`alias`](Self::alias) is not made read-only.
pub unsafe trait PhysicalAccess {
    /// The first of the frame's bytes, aligned to a page.
    fn pointer(&self, frame: Frame) -> NonNull<u8>;

    /// The address at which a lasting mapping shows the frame, if one does: a direct map. It is made read-only
    /// before the frame becomes executable elsewhere, and writable again afterwards.
    fn alias(&self, frame: Frame) -> Option<TargetAddr>;
}

// SAFETY: what is behind the reference keeps the promise.
unsafe impl<A: PhysicalAccess + ?Sized> PhysicalAccess for &A {
    fn pointer(&self, frame: Frame) -> NonNull<u8> {
        (**self).pointer(frame)
    }

    fn alias(&self, frame: Frame) -> Option<TargetAddr> {
        (**self).alias(frame)
    }
}

/// All physical memory mapped at one distance: address = physical address + offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DirectMap {
    offset: u64,
}

impl DirectMap {
    /// The direct map that shows physical address 0 at `offset`. It may be 0: memory is then mapped at its own
    /// address.
    ///
    /// # Safety
    /// All page tables and all frames that will be reached through it are mapped there, readable and writable, in
    /// the page tables that are in use whenever it is used. `offset` is a multiple of the page size, and no frame
    /// lies at address 0.
    pub const unsafe fn new(offset: u64) -> Self {
        Self { offset }
    }

    /// The address at which the frame is mapped.
    pub const fn address(self, frame: Frame) -> TargetAddr {
        TargetAddr::new(self.offset.wrapping_add(frame.start().value()))
    }
}

// SAFETY: whoever made the map has vouched for it.
unsafe impl PhysicalAccess for DirectMap {
    fn pointer(&self, frame: Frame) -> NonNull<u8> {
        let address = int::to_usize(self.address(frame).value());
        NonNull::new(ptr::with_exposed_provenance_mut(address)).unwrap_or(NonNull::dangling())
    }

    fn alias(&self, frame: Frame) -> Option<TargetAddr> {
        Some(self.address(frame))
    }
}

/// Overwrites the frame with zeros.
///
/// # Safety
/// The frame is this caller's alone, and its alias is writable.
pub(crate) unsafe fn zero(access: &impl PhysicalAccess, frame: Frame) {
    let bytes = access.pointer(frame);
    // SAFETY: `PhysicalAccess` vouches for the frame's bytes, and nobody else uses them.
    unsafe { bytes.write_bytes(0, int::to_usize(PAGE_SIZE_BYTES)) };
}
