//! Memory that is not run: segments one after the other from an address that is chosen, their bytes on the heap.
//!
//! Unlike memory that runs, it lies where it is told to, whatever the relocations need: what doesn't reach then is an error
//! of its fixup, with all addresses known.

use std::cell::Cell;
use std::vec::Vec;

use crate::base::{AddressRange, Alignment, TargetAddr, fallible};
use crate::memory::{Finalized, InFlight, MemoryError, MemoryManager, MemoryRequest};

/// A region of addresses that one link gets its segments from.
pub(super) struct Slab {
    /// Where the first segment lies.
    pub(super) address: TargetAddr,
    /// How many bytes there are; `None` if there is no end.
    pub(super) size_bytes: Option<u64>,
    /// What the address of each segment is a multiple of.
    pub(super) page: Alignment,
    /// How many bytes the last request wanted; its size was not enough.
    pub(super) wanted_bytes: Cell<Option<u64>>,
}

impl Slab {
    pub(super) const fn new(address: TargetAddr, size_bytes: Option<u64>, page: Alignment) -> Self {
        Self {
            address,
            size_bytes,
            page,
            wanted_bytes: Cell::new(None),
        }
    }
}

impl MemoryManager for Slab {
    type InFlight = SlabMemory;
    type Finalized = SlabMemory;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<SlabMemory, MemoryError> {
        let mut segments = Vec::new();
        let mut end = self.address;
        let mut sizes = Vec::new();
        for segment in request.segments {
            let size_bytes = segment
                .content_size_bytes
                .checked_add(segment.zero_fill_size_bytes);
            let alignment = self.page.max(segment.alignment);
            let start = end.checked_align_up(alignment);
            let (start, size_bytes) = start.zip(size_bytes).ok_or(MemoryError::TooLarge)?;
            end = start.checked_add(size_bytes).ok_or(MemoryError::TooLarge)?;
            sizes.push((start, size_bytes));
        }
        let wanted = end.checked_distance_from(self.address).unwrap_or(0);
        if self
            .size_bytes
            .is_some_and(|size_bytes| wanted > size_bytes)
        {
            self.wanted_bytes.set(Some(wanted));
            return Err(MemoryError::OutOfFrames);
        }
        for (address, size_bytes) in sizes {
            let size = usize::try_from(size_bytes).map_err(|_| MemoryError::TooLarge)?;
            let bytes = fallible::zeros(size)?;
            segments.push((address, bytes));
        }
        Ok(SlabMemory { segments })
    }

    fn page(&self) -> Alignment {
        self.page
    }
}

/// Memory of a [`Slab`].
pub(super) struct SlabMemory {
    segments: Vec<(TargetAddr, Vec<u8>)>,
}

impl InFlight for SlabMemory {
    type Finalized = Self;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        self.segments.get(segment).map(|(address, _)| *address)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        let (_, bytes) = self.segments.get_mut(segment)?;
        Some(bytes)
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        Ok(())
    }

    fn finalize(self) -> Result<Self, MemoryError> {
        Ok(self)
    }
}

impl Finalized for SlabMemory {
    fn release_finalize_segments(&mut self) {}

    fn release_pages(&mut self, _range: AddressRange) {}
}
