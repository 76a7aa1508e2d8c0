//! A memory manager that gives the same memory again and again: mapped and touched before, cleaned when it is given back.
//!
//! It serves one load at a time, of an object that it was made for.

use super::pages::{PAGE_BYTES, Pages};
use crate::object_file::ObjectFile;
use ironlink::base::{AddressRange, Alignment, Protection, TargetAddr};
use ironlink::memory::{Finalized, InFlight, MemoryError, MemoryManager, MemoryRequest};
use std::ops::Range;
use std::rc::Rc;
use std::slice;

/// Near where Ironlink's own memory manager for hosts puts its memory.
const NEAR: usize = 0x4000_0000;

/// Pages that are reused.
pub(super) struct TouchedMemory {
    pages: Rc<Pages>,
}

impl TouchedMemory {
    /// Enough for the object and the tables that a linker makes for it.
    pub(super) fn for_object(object: &ObjectFile) -> Result<Self, String> {
        let pages = Pages::new(object.bytes.len() * 2 + 64 * PAGE_BYTES, Some(NEAR))?;
        // SAFETY: the pages are writable, and nobody else has them.
        unsafe { pages.start().write_bytes(0, pages.size_bytes()) };
        Ok(Self {
            pages: Rc::new(pages),
        })
    }
}

impl MemoryManager for TouchedMemory {
    type InFlight = TouchedInFlight;
    type Finalized = TouchedFinalized;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<TouchedInFlight, MemoryError> {
        let mut segments = Vec::with_capacity(request.segments.len());
        let mut end = 0;
        for segment in request.segments {
            let size = segment.content_size_bytes + segment.zero_fill_size_bytes;
            let size = usize::try_from(size).map_err(|_| MemoryError::TooLarge)?;
            if segment.alignment > Alignment::PAGE {
                return Err(MemoryError::TooLarge);
            }
            let start = end;
            end += size.next_multiple_of(PAGE_BYTES);
            segments.push((start..end, segment.protection));
        }
        if end > self.pages.size_bytes() {
            return Err(MemoryError::TooLarge);
        }
        Ok(TouchedInFlight(Segments {
            pages: Rc::clone(&self.pages),
            segments,
        }))
    }

    fn page(&self) -> Alignment {
        Alignment::PAGE
    }
}

/// The segments of one load. They are clean again once it is dropped.
struct Segments {
    pages: Rc<Pages>,
    segments: Vec<(Range<usize>, Protection)>,
}

impl Segments {
    fn protect(&self, is_wanted: impl Fn(Protection) -> bool) -> Result<(), MemoryError> {
        for (bytes, protection) in &self.segments {
            if is_wanted(*protection) {
                let protected = self.pages.protect(bytes.clone(), *protection);
                protected.map_err(|_| MemoryError::OutOfFrames)?;
            }
        }
        Ok(())
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        let Some((last, _)) = self.segments.last() else {
            return;
        };
        let protected = self.pages.protect(0..last.end, Protection::ReadWrite);
        protected.expect("they were writable before");
        // SAFETY: the pages are writable, and the load that had them is over.
        unsafe { self.pages.start().write_bytes(0, last.end) };
    }
}

/// Memory that is being filled.
pub(super) struct TouchedInFlight(Segments);

/// Memory under its protections.
pub(super) struct TouchedFinalized(#[expect(dead_code, reason = "dropping it cleans")] Segments);

impl InFlight for TouchedInFlight {
    type Finalized = TouchedFinalized;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        let (bytes, _) = self.0.segments.get(segment)?;
        let start = self.0.pages.start().wrapping_add(bytes.start);
        Some(TargetAddr::new(start.expose_provenance() as u64))
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        let (bytes, _) = self.0.segments.get(segment)?;
        let start = self.0.pages.start().wrapping_add(bytes.start);
        // SAFETY: the bytes are mapped, and this load's alone, which is borrowed.
        Some(unsafe { slice::from_raw_parts_mut(start, bytes.len()) })
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        self.0.protect(Protection::is_executable)
    }

    fn finalize(self) -> Result<TouchedFinalized, MemoryError> {
        self.0
            .protect(|protection| protection != Protection::ReadWrite)?;
        Ok(TouchedFinalized(self.0))
    }
}

impl Finalized for TouchedFinalized {
    fn release_finalize_segments(&mut self) {}

    fn release_pages(&mut self, _range: AddressRange) {}
}
