//! Memory of a host with an operating system: `mmap` and `mprotect`, on Linux.
//!
//! Address space is taken from the system in arenas without any access, and dealt out by the same books as a
//! kernel's window. Pages become writable when they are reserved, then readable or executable: the system is never
//! asked for both writing and executing, and between segments there are always pages without access. On x86-64 the
//! first arena lies in the low 2 GiB if it can, so that code compiled without `-fPIC` works; for what must lie
//! elsewhere arenas are made where it must lie. Some pages that are given back are kept for the next reservation.
//! Pages are the system's: of 4 KiB on x86-64, of 16 or 64 KiB on some machines with AArch64.
#![expect(unsafe_code, reason = "calls the operating system")]

mod warm;

use alloc::vec::Vec;
use core::{ptr, slice};
use std::io;

use spin::Mutex;

use crate::base::{AddressRange, Alignment, OutOfMemory, Protection, Shared, TargetAddr, int};

use super::layout::{Segment, SegmentLayout};
use super::window::{TakenGap, Window};
use warm::WarmPages;

use super::{Finalized, InFlight, Lifetime, MemoryError, MemoryManager, MemoryRequest, Reach};

/// Sizes of arenas, tried in this order; address space without access costs next to nothing.
const ARENA_SIZES_BYTES: [u64; 3] = [256 << 20, 64 << 20, 4 << 20];

/// How many places in a range are tried for an arena.
const PLACES: u64 = 64;

/// Where the first arena lies by preference: below 2 GiB, above what a program of fixed address and its heap use.
const PREFERRED: Option<AddressRange> = if cfg!(target_arch = "x86_64") {
    AddressRange::new(TargetAddr::new(0x4000_0000), TargetAddr::new(0x7fff_ffff))
} else {
    None
};

/// What programs may map, whatever the system's settings. On AArch64 the system begins to map at the end.
const PROGRAM_ADDRESSES: AddressRange = match AddressRange::new(
    TargetAddr::new(0x10_0000),
    TargetAddr::new(if cfg!(target_arch = "aarch64") {
        0xffff_ffff_efff
    } else {
        0x7fff_ffff_efff
    }),
) {
    Some(range) => range,
    None => AddressRange::ALL,
};

/// Memory of this process. Clones are the same manager; address space is kept until the last owner is gone.
pub struct HostedMemory {
    shared: Shared<Arenas>,
}

struct Arenas {
    window: Mutex<Window>,
    warm: Mutex<WarmPages>,
    /// What the system's pages are.
    page: Alignment,
    /// The size of the only arena there may be; `None` if there may be as many as are needed.
    only_bytes: Option<u64>,
}

impl HostedMemory {
    /// A manager that has nothing yet.
    ///
    /// # Errors
    /// The heap is full, or the system's pages are of less than 4 KiB.
    pub fn new() -> Result<Self, MemoryError> {
        Self::with_arenas(None)
    }

    /// A manager that has one region of this size, in whole pages of the system, and never takes more: what it was asked for
    /// last, the error says.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn of_size(size_bytes: u64) -> Result<Self, MemoryError> {
        Self::with_arenas(Some(size_bytes))
    }

    fn with_arenas(only_bytes: Option<u64>) -> Result<Self, MemoryError> {
        // SAFETY: asks for a number.
        let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = u64::try_from(page_bytes).ok().and_then(Alignment::new);
        let page = page
            .filter(|page| *page >= Alignment::PAGE)
            .ok_or(MemoryError::System {
                call: "sysconf(_SC_PAGESIZE)",
                errno: libc::EINVAL,
            })?;
        let arenas = Arenas {
            window: Mutex::new(Window::new(&[], page)?),
            warm: Mutex::new(WarmPages::new()?),
            page,
            only_bytes: only_bytes.map(|size_bytes| page.round_down(size_bytes)),
        };
        Ok(Self {
            shared: Shared::new(arenas)?,
        })
    }

    /// Bytes of address space that reservations have, guard pages included.
    pub fn used_bytes(&self) -> u64 {
        self.shared.window.lock().used_bytes()
    }
}

impl Clone for HostedMemory {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl MemoryManager for HostedMemory {
    type InFlight = HostedInFlight;
    type Finalized = HostedFinalized;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<HostedInFlight, MemoryError> {
        let arenas = self.shared.clone();
        let layout = SegmentLayout::new(request.segments, arenas.page)?;
        let gap = arenas.take(&layout, request.reach)?;
        let reservation = Reservation {
            arenas,
            gap: Some(gap),
            segments: layout.segments,
        };
        let used = reservation.take_warm_pages()?;
        for segment in &reservation.segments {
            reservation.protect(segment, Protection::ReadWrite)?;
            reservation.populate(segment);
            reservation.zero(segment, &used);
        }
        Ok(HostedInFlight {
            reservation,
            is_sealed: false,
        })
    }

    fn page(&self) -> Alignment {
        self.shared.page
    }
}

impl Arenas {
    fn take(&self, layout: &SegmentLayout, reach: Reach) -> Result<TakenGap, MemoryError> {
        let mut window = self.window.lock();
        match window.take(layout.gap_bytes, layout.alignment, reach) {
            Err(MemoryError::OutOfReach { .. } | MemoryError::WindowExhausted { .. }) => {}
            result => return result,
        }
        // Room to align the gap within the arena.
        let least_bytes = layout
            .gap_bytes
            .checked_add(layout.alignment.bytes())
            .ok_or(MemoryError::TooLarge)?;
        let exhausted = MemoryError::WindowExhausted {
            size_bytes: layout.gap_bytes,
            reach,
        };
        let arena = match self.only_bytes {
            None => new_arena(reach, least_bytes, self.page),
            Some(size_bytes) if window.ranges().next().is_none() => {
                arena_of(reach, size_bytes, self.page)
            }
            Some(_) => None,
        };
        let arena = arena.ok_or(exhausted)?;
        if let Err(error) = window.add(arena) {
            unmap(arena);
            return Err(error);
        }
        window.take(layout.gap_bytes, layout.alignment, reach)
    }
}

impl Arenas {
    /// Takes all access to pages away that nobody uses any more, and keeps them or gives them back; false if the system
    /// refuses.
    fn retire(&self, range: AddressRange) -> bool {
        if forbid(range).is_ok() && self.warm.lock().keep(range) {
            return true;
        }
        clear(range).is_ok()
    }
}

impl Drop for Arenas {
    fn drop(&mut self) {
        self.window.lock().ranges().for_each(unmap);
    }
}

/// Address space without access, of at least that size, in reach.
fn new_arena(reach: Reach, least_bytes: u64, page: Alignment) -> Option<AddressRange> {
    let mut sizes = ARENA_SIZES_BYTES
        .into_iter()
        .filter(|size| *size >= least_bytes)
        .chain([least_bytes]);
    sizes.find_map(|size_bytes| arena_of(reach, size_bytes, page))
}

/// Address space without access, of that size, in reach.
fn arena_of(reach: Reach, size_bytes: u64, page: Alignment) -> Option<AddressRange> {
    let preferred = PREFERRED.into_iter().flat_map(|preferred| {
        reach
            .ranges()
            .filter_map(move |range| range.intersection(preferred))
    });
    let mut ranges = preferred.chain(reach.ranges());
    ranges.find_map(|range| map_in(range, size_bytes, page))
}

fn map_in(range: AddressRange, size_bytes: u64, page: Alignment) -> Option<AddressRange> {
    if range.contains_range(PROGRAM_ADDRESSES) {
        return map_at(None, size_bytes);
    }
    let range = range.intersection(PROGRAM_ADDRESSES)?;
    let first = range.first().checked_align_up(page)?;
    let room_bytes = range
        .last()
        .checked_distance_from(first)?
        .checked_add(1)?
        .checked_sub(size_bytes)?;
    let step_bytes = page.round_down(room_bytes.wrapping_div(PLACES));
    (0..=PLACES).find_map(|place| {
        let address = first.checked_add(step_bytes.checked_mul(place)?)?;
        map_at(Some(address), size_bytes)
    })
}

/// Maps address space without access, there or nowhere; anywhere if there is no `address`.
fn map_at(address: Option<TargetAddr>, size_bytes: u64) -> Option<AddressRange> {
    let mut flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    if address.is_some() {
        flags |= libc::MAP_FIXED_NOREPLACE;
    }
    let wanted = address.map_or(ptr::null_mut(), pointer);
    let size = int::to_usize(size_bytes);
    // SAFETY: nothing that is mapped is replaced.
    let mapped = unsafe { libc::mmap(wanted, size, libc::PROT_NONE, flags, -1, 0) };
    if mapped == libc::MAP_FAILED {
        return None;
    }
    let start = TargetAddr::new(int::from_usize(mapped.expose_provenance()));
    let range = AddressRange::from_size(start, size_bytes)?;
    // Kernels before 4.17 take the address for a hint.
    if address.is_some_and(|address| address != start) {
        unmap(range);
        return None;
    }
    Some(range)
}

fn unmap(range: AddressRange) {
    // SAFETY: the range is an arena of which nothing is in use, or was never given out.
    let result = unsafe { libc::munmap(pointer(range.first()), size_of_range(range)) };
    debug_assert_eq!(result, 0, "munmap");
}

fn pointer(address: TargetAddr) -> *mut libc::c_void {
    ptr::with_exposed_provenance_mut(int::to_usize(address.value()))
}

/// The size of a range that isn't the whole address space.
const fn size_of_range(range: AddressRange) -> usize {
    let distance = range.last().value().wrapping_sub(range.first().value());
    int::to_usize(distance.wrapping_add(1))
}

fn failed(call: &'static str) -> MemoryError {
    let errno = io::Error::last_os_error().raw_os_error().unwrap_or(0);
    MemoryError::System { call, errno }
}

/// The pages and addresses of one reservation. Dropping it gives them back.
struct Reservation {
    arenas: Shared<Arenas>,
    /// `None` only while it is dropped.
    gap: Option<TakenGap>,
    segments: Vec<Segment>,
}

impl Reservation {
    fn start(&self) -> Option<TargetAddr> {
        Some(self.gap.as_ref()?.range.first())
    }

    fn protect(&self, segment: &Segment, protection: Protection) -> Result<(), MemoryError> {
        let Some(pages) = self.start().and_then(|start| segment.pages(start)) else {
            return Ok(());
        };
        let access = match protection {
            Protection::Read => libc::PROT_READ,
            Protection::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
            Protection::ReadExecute => libc::PROT_READ | libc::PROT_EXEC,
        };
        // SAFETY: the pages are the reservation's alone.
        let result =
            unsafe { libc::mprotect(pointer(pages.first()), size_of_range(pages), access) };
        if result == 0 {
            Ok(())
        } else {
            Err(failed("mprotect"))
        }
    }

    /// Takes the pages among its own that were used before, and still hold what they held.
    fn take_warm_pages(&self) -> Result<Vec<AddressRange>, OutOfMemory> {
        let Some(gap) = &self.gap else {
            return Ok(Vec::new());
        };
        self.arenas.warm.lock().take(gap.range)
    }

    /// Zeroes those pages of a segment that were used before.
    fn zero(&self, segment: &Segment, used: &[AddressRange]) {
        if let Some(pages) = self.start().and_then(|start| segment.pages(start)) {
            warm::zero(used, pages);
        }
    }

    /// Has the system make all pages at once that will be written, which costs a fraction of a fault for each.
    fn populate(&self, segment: &Segment) {
        let Some(pages) = self.start().and_then(|start| segment.written_pages(start)) else {
            return;
        };
        // SAFETY: the pages are the reservation's alone; what is there stays.
        let _ = unsafe {
            // Systems that can't, before Linux 5.14, make each page when it is first written.
            libc::madvise(
                pointer(pages.first()),
                size_of_range(pages),
                libc::MADV_POPULATE_WRITE,
            )
        };
    }

    /// Applies the protections of the executable segments, or of the others.
    fn apply_protections(&self, is_executable: bool) -> Result<(), MemoryError> {
        for segment in &self.segments {
            if segment.protection.is_executable() != is_executable {
                continue;
            }
            if segment.protection.is_executable()
                && let Some(code) = self.start().and_then(|start| segment.pages(start))
            {
                synchronize_code(code);
            }
            self.protect(segment, segment.protection)?;
        }
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(gap) = self.gap.take() else {
            return;
        };
        if self.arenas.retire(gap.range) {
            self.arenas.window.lock().give_back(gap);
        }
        // Else the addresses are never used again: their contents are still there.
    }
}

/// Leaves pages without access; what they hold stays.
fn forbid(range: AddressRange) -> Result<(), MemoryError> {
    let (start, size) = (pointer(range.first()), size_of_range(range));
    // SAFETY: the pages were the reservation's alone, and it is gone.
    match unsafe { libc::mprotect(start, size, libc::PROT_NONE) } {
        0 => Ok(()),
        _ => Err(failed("mprotect")),
    }
}

/// Gives the pages' memory back to the system, and leaves their address space without access.
fn clear(range: AddressRange) -> Result<(), MemoryError> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    let (start, size) = (pointer(range.first()), size_of_range(range));
    // SAFETY: what is replaced was the reservation's alone, and it is gone.
    let mapped = unsafe { libc::mmap(start, size, libc::PROT_NONE, flags, -1, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(failed("mmap"));
    }
    Ok(())
}

#[cfg(target_arch = "aarch64")]
fn synchronize_code(code: AddressRange) {
    super::paging::synchronize_code(code);
}

#[cfg(not(target_arch = "aarch64"))]
const fn synchronize_code(_code: AddressRange) {
    // Stores and instruction fetches agree.
}

/// Pages of this process that are being filled.
pub struct HostedInFlight {
    reservation: Reservation,
    /// Whether the executable segments are protected already.
    is_sealed: bool,
}

impl InFlight for HostedInFlight {
    type Finalized = HostedFinalized;

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
        let first = pointer(self.target_address(segment)?).cast();
        // SAFETY: the segment's pages are there, zeroed, writable, and this owner's alone.
        Some(unsafe { slice::from_raw_parts_mut(first, int::to_usize(size_bytes)) })
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        if !self.is_sealed {
            self.reservation.apply_protections(true)?;
            self.is_sealed = true;
        }
        Ok(())
    }

    fn finalize(mut self) -> Result<HostedFinalized, MemoryError> {
        self.seal_executable()?;
        self.reservation.apply_protections(false)?;
        Ok(HostedFinalized {
            reservation: self.reservation,
        })
    }
}

/// Pages of this process under their protections. Dropping it unmaps them: nobody may run their code or use their
/// data any more.
pub struct HostedFinalized {
    reservation: Reservation,
}

impl Finalized for HostedFinalized {
    fn release_finalize_segments(&mut self) {
        let Some(start) = self.reservation.start() else {
            return;
        };
        self.reservation.segments.retain(|segment| {
            let is_over = segment.lifetime == Lifetime::Finalize;
            if is_over && let Some(pages) = segment.pages(start) {
                // If the system refuses, the pages stay as they are until all of the reservation goes.
                let _ = clear(pages);
            }
            !is_over
        });
    }

    fn release_pages(&mut self, range: AddressRange) {
        let Some(start) = self.reservation.start() else {
            return;
        };
        for segment in &self.reservation.segments {
            if let Some(pages) = segment.pages_in(start, range) {
                // As above.
                let _ = clear(pages);
            }
        }
    }
}

#[cfg(test)]
mod tests;
