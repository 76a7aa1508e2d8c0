//! From the loader's memory map to the kernel's own page tables, heap and frames.
//!
//! The tables map the image where it lies, each segment with its protection and without the guard pages below stacks; the
//! devices in use; and all memory but the image's, writable, high up. Nothing else is mapped.

use core::ptr::{self, NonNull};

use ironlink::base::{AddressRange, Protection, TargetAddr};
use ironlink::memory::paging::{
    Attributes, DirectMap, Format, Frame, FrameSource, FrameUse, LargestLeaf, PAGE_SIZE_BYTES,
    PageTables, PhysicalAddr, Roots,
};
use spin::Once;

use crate::boot::{BootInfo, MemoryMap, PhysicalRange};
use crate::frames::{Frames, SharedFrames};
use crate::guard;
use crate::heap;
use crate::image;
use crate::machine::{self, RootTables};

/// The entry's page tables map what lies below this address.
const FIRST_TABLES_END: u64 = 4 << 30;
/// A large page of the direct map.
const LARGE_PAGE_BYTES: u64 = 2 << 20;
/// The largest heap; it is a quarter of small memories.
const MOST_HEAP_BYTES: u64 = 256 << 20;

/// What modules are given of the machine's memory.
pub(crate) struct Memory {
    /// The frames.
    pub(crate) frames: &'static SharedFrames<'static>,
    /// How they are reached.
    pub(crate) direct_map: DirectMap,
    /// The page tables in use.
    pub(crate) roots: Roots,
}

/// Takes the memory that the loader told of.
///
/// # Panics
/// There is too little of it, or the initial memory disk lies elsewhere.
///
/// # Safety
/// Called once, while the entry's page tables are in use and all memory but what `boot` tells of is nobody's.
pub(crate) unsafe fn set_up(boot: &mut BootInfo) -> Memory {
    let map = &mut boot.memory;
    let image = image::physical_range();
    map.take(image);
    map.take_all(PhysicalRange::new(0, machine::FIRMWARE_END));
    if let Some(initrd) = boot.initrd {
        // Its loader may have reserved it already.
        assert!(
            map.contains(initrd) && image.intersection(initrd).is_none(),
            "the initial memory disk, {initrd}, lies outside of all memory, or over the kernel"
        );
        map.take(initrd);
    }
    let total_bytes: u64 = map.usable().map(PhysicalRange::size_bytes).sum();
    let heap_bytes = (total_bytes / 4).min(MOST_HEAP_BYTES);
    let words = Frames::words_for(map);
    // The first tables are in a large page of their own, as `Frames` keeps the others apart.
    let tables = take(map, LARGE_PAGE_BYTES, "page tables");
    let heap = take(map, heap_bytes - heap_bytes % LARGE_PAGE_BYTES, "the heap");
    let bits = take(
        map,
        (words * size_of::<u64>()) as u64,
        "the books on frames",
    );

    // SAFETY: the entry's tables map the low memory where it lies.
    let identity = unsafe { DirectMap::new(0) };
    let mut frames = FirstFrames(tables);
    let roots = RootTables::new(&identity, &mut frames);
    let roots = roots.unwrap_or_else(|error| panic!("the kernel's page tables: {error}"));
    // SAFETY: the tables are new, and nothing uses them yet.
    let tables = unsafe { PageTables::new(Format::THIS_MACHINE, roots.roots(), identity) };
    let mut mapper = Mapper { tables, frames };
    mapper.map_image();
    mapper.map_devices();
    mapper.map_memory(map);
    // SAFETY: image and devices are mapped as before; nothing else is in use but what `boot` tells of by physical address.
    unsafe { roots.activate() };

    // SAFETY: the tables in use now map all memory but the image's there.
    let direct_map = unsafe { DirectMap::new(machine::DIRECT_MAP) };
    let heap_start = NonNull::new(seen(heap)).unwrap_or(NonNull::dangling());
    // SAFETY: the range was taken for this.
    unsafe { heap::init(heap_start, heap.size_bytes() as usize) };
    // SAFETY: the range was taken for this, is as long, and aligned to a page.
    let bits = unsafe { core::slice::from_raw_parts_mut(seen(bits).cast(), words) };
    static FRAMES: Once<SharedFrames<'static>> = Once::new();
    let frames = FRAMES.call_once(|| {
        // SAFETY: by this function's contract, what is usable and not taken is nobody's.
        SharedFrames::new(unsafe { Frames::new(bits, map) })
    });
    Memory {
        frames,
        direct_map,
        roots: roots.roots(),
    }
}

/// The bytes of a range of physical memory that the direct map shows.
///
/// # Safety
/// [`set_up`] has run; the range is usable memory outside of the image, and nobody ever writes there.
pub(crate) unsafe fn bytes_of(range: PhysicalRange) -> &'static [u8] {
    // SAFETY: by this function's contract the bytes are mapped and stay as they are.
    unsafe { core::slice::from_raw_parts(seen(range), range.size_bytes() as usize) }
}

/// Where the direct map shows a range's first byte.
fn seen(range: PhysicalRange) -> *mut u8 {
    ptr::with_exposed_provenance_mut((machine::DIRECT_MAP + range.first()) as usize)
}

fn take(map: &mut MemoryMap, size_bytes: u64, purpose: &str) -> PhysicalRange {
    map.take_first_fit(size_bytes, LARGE_PAGE_BYTES, FIRST_TABLES_END)
        .unwrap_or_else(|| {
            panic!("no {size_bytes} bytes of memory below 4 GiB are free for {purpose}")
        })
}

/// Frames for the first tables, one after the other.
struct FirstFrames(PhysicalRange);

// SAFETY: the range was taken for this, and each frame is given once.
unsafe impl FrameSource for FirstFrames {
    fn allocate(&mut self, _wanted_for: FrameUse) -> Option<Frame> {
        let first = self.0.first();
        self.0 = PhysicalRange::between(first + PAGE_SIZE_BYTES, self.0.end())?;
        Frame::new(PhysicalAddr::new(first))
    }

    fn free(&mut self, _frame: Frame, _used_for: FrameUse) {}
}

/// Tables that are being made.
struct Mapper {
    tables: PageTables<DirectMap>,
    frames: FirstFrames,
}

impl Mapper {
    /// Maps the image's segments where they lie, but for the pages below stacks.
    fn map_image(&mut self) {
        let [a, b, c] = machine::guard_pages();
        let mut guards = [a, b, c, guard::guard_page()];
        guards.sort_unstable();
        for (segment, protection) in image::segments() {
            let attributes = Attributes::normal(protection);
            let (mut first, end) = (segment.first().value(), segment.last().value() + 1);
            for guard in guards {
                if (first..end).contains(&guard) {
                    self.map(first, guard, first, attributes, LargestLeaf::Size4KiB);
                    first = guard + PAGE_SIZE_BYTES;
                }
            }
            self.map(first, end, first, attributes, LargestLeaf::Size4KiB);
        }
    }

    /// Maps the pages of devices where they lie.
    fn map_devices(&mut self) {
        for page in machine::DEVICE_PAGES {
            let end = page + PAGE_SIZE_BYTES;
            self.map(page, end, page, Attributes::DEVICE, LargestLeaf::Size4KiB);
        }
    }

    /// Maps all memory but the image's in the direct map.
    fn map_memory(&mut self, map: &MemoryMap) {
        let image = image::physical_range();
        let attributes = Attributes::normal(Protection::ReadWrite);
        let whole_pages = |range: PhysicalRange| range.aligned_inward(PAGE_SIZE_BYTES);
        for usable in map.usable().filter_map(whole_pages) {
            let below = PhysicalRange::between(usable.first(), usable.end().min(image.first()));
            let above = PhysicalRange::between(usable.first().max(image.end()), usable.end());
            for part in [below, above].into_iter().flatten() {
                let first = machine::DIRECT_MAP + part.first();
                let end = machine::DIRECT_MAP + part.end();
                self.map(first, end, part.first(), attributes, LargestLeaf::Size2MiB);
            }
        }
    }

    /// Maps the pages from `first` up to `end` to the memory from `to` on.
    fn map(&mut self, first: u64, end: u64, to: u64, attributes: Attributes, leaf: LargestLeaf) {
        let Some(range) = AddressRange::from_size(TargetAddr::new(first), end - first) else {
            return;
        };
        let to = PhysicalAddr::new(to);
        // SAFETY: the tables are in use by nobody.
        let mapped = unsafe {
            self.tables
                .map(range, to, attributes, leaf, &mut self.frames)
        };
        match mapped {
            Ok(flush) => flush.tables_not_in_use(),
            Err(error) => panic!("the kernel's page tables, {range}: {error}"),
        }
    }
}
