//! A kernel's memory for modules, on the host: real page tables of either machine, over memory that plays the physical one.
//!
//! The pool of frames is the kernel's own, and the direct map shows the memory where this program has it: so frames and tables
//! are reached as a kernel reaches them. The addresses of modules are none of this program's: what is written there waits in
//! buffers, and goes to the frames when its protections are applied.

use std::alloc::{Layout, alloc_zeroed};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ironlink::base::{AddressRange, Alignment, Machine, Protection, TargetAddr, fallible};
use ironlink::memory::paging::{
    self, AARCH64, Attributes, DirectMap, Format, LargestLeaf, PageTables, PhysicalAccess,
    PhysicalAddr, Processor, Roots, X86_64,
};
use ironlink::memory::{
    InFlight, KernelFinalized, KernelInFlight, KernelSpace, MemoryError, MemoryManager,
    MemoryRequest,
};
use ironlink_kernel::boot::{MemoryMap, PhysicalRange};
use ironlink_kernel::frames::{Frames, SharedFrames};

/// Where physical memory begins, and how large it is: in large pages, as pages and tables never share one.
const MEMORY_START: u64 = 0x4000_0000;
const MEMORY_BYTES: u64 = 64 << 20;
const LARGE_PAGE_BYTES: usize = 2 << 20;
const PAGE_BYTES: usize = 4096;

/// A kernel's frames, and its space for modules. Clones are the same.
#[derive(Clone)]
pub(crate) struct Simulation {
    pub(crate) frames: &'static SharedFrames<'static>,
    pub(crate) space: Space,
    direct_map: DirectMap,
}

type Space = KernelSpace<&'static SharedFrames<'static>, DirectMap, Idle>;
type SpaceInFlight = KernelInFlight<&'static SharedFrames<'static>, DirectMap, Idle>;
type SpaceFinalized = KernelFinalized<&'static SharedFrames<'static>, DirectMap, Idle>;

impl Simulation {
    /// A kernel for `machine`, of which the modules lie in `window`.
    pub(crate) fn new(machine: Machine, window: AddressRange) -> Self {
        let frames = all_frames();
        let layout = Layout::from_size_align(MEMORY_BYTES as usize, LARGE_PAGE_BYTES).unwrap();
        // SAFETY: the layout is not empty.
        let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap();
        let first = TargetAddr::new(memory.expose_provenance().get() as u64);
        // SAFETY: all frames lie there, for as long as this program runs.
        let direct_map = unsafe { DirectMap::new(first.value() - MEMORY_START) };
        let tables = tables(machine, direct_map, first, frames);
        let processor = Idle {
            unmaps_to_replace: machine == Machine::Aarch64,
        };
        // SAFETY: no processor uses the tables, and nobody else changes them.
        let space = unsafe { KernelSpace::with_processor(frames, tables, &[window], processor) };
        Self {
            frames,
            space: space.unwrap(),
            direct_map,
        }
    }
}

/// All frames of the memory.
fn all_frames() -> &'static SharedFrames<'static> {
    let mut map = MemoryMap::new();
    map.add_usable(PhysicalRange::new(MEMORY_START, MEMORY_BYTES).unwrap());
    let bits = Box::leak(vec![0; Frames::words_for(&map)].into_boxed_slice());
    // SAFETY: nobody else has the memory that the frames stand for.
    let frames = unsafe { Frames::new(bits, &map) };
    Box::leak(Box::new(SharedFrames::new(frames)))
}

/// Page tables in which all memory is mapped, writable, from `first` on.
fn tables(
    machine: Machine,
    direct_map: DirectMap,
    first: TargetAddr,
    mut frames: &SharedFrames<'_>,
) -> PageTables<DirectMap> {
    let root = paging::new_root(&direct_map, &mut frames).unwrap();
    let (format, roots): (&'static Format, _) = match machine {
        Machine::X86_64 => (&X86_64, Roots::shared(root)),
        Machine::Aarch64 => (&AARCH64, Roots::split(Some(root), None)),
    };
    // SAFETY: the root is new.
    let mut tables = unsafe { PageTables::new(format, roots, direct_map) };
    let memory = AddressRange::from_size(first, MEMORY_BYTES).unwrap();
    let attributes = Attributes::normal(Protection::ReadWrite);
    let start = PhysicalAddr::new(MEMORY_START);
    // SAFETY: the tables are nobody else's.
    let mapped = unsafe {
        tables.map(
            memory,
            start,
            attributes,
            LargestLeaf::Size2MiB,
            &mut frames,
        )
    };
    mapped.unwrap().tables_not_in_use();
    tables
}

impl MemoryManager for Simulation {
    type InFlight = SimulatedInFlight;
    type Finalized = SpaceFinalized;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<SimulatedInFlight, MemoryError> {
        let inner = self.space.reserve(request)?;
        let mut segments = fallible::vec_with_capacity(request.segments.len())?;
        for segment in request.segments {
            let size_bytes = segment.content_size_bytes + segment.zero_fill_size_bytes;
            let buffer = Buffer {
                bytes: fallible::zeros(size_bytes as usize)?,
                is_executable: segment.protection.is_executable(),
            };
            fallible::push(&mut segments, buffer)?;
        }
        Ok(SimulatedInFlight {
            inner,
            segments,
            simulation: self.clone(),
            is_sealed: false,
        })
    }

    fn page(&self) -> Alignment {
        self.space.page()
    }
}

/// Reserved memory, and what was written for it.
pub(crate) struct SimulatedInFlight {
    inner: SpaceInFlight,
    segments: Vec<Buffer>,
    simulation: Simulation,
    is_sealed: bool,
}

struct Buffer {
    bytes: Vec<u8>,
    is_executable: bool,
}

impl SimulatedInFlight {
    /// Writes what waits for the frames of these segments.
    fn write(&self, is_meant: impl Fn(&Buffer) -> bool) {
        for (number, buffer) in self.segments.iter().enumerate() {
            let first = self.inner.target_address(number).unwrap();
            let chunks = buffer.bytes.chunks(PAGE_BYTES);
            for (offset, chunk) in (0..).step_by(PAGE_BYTES).zip(chunks) {
                if is_meant(buffer) {
                    self.simulation
                        .write(first.checked_add(offset).unwrap(), chunk);
                }
            }
        }
    }
}

impl Simulation {
    /// Writes to the frame behind the page at `address`, which is a module's.
    fn write(&self, address: TargetAddr, bytes: &[u8]) {
        let leaf = self
            .space
            .query(address)
            .expect("a module's page is mapped");
        assert!(leaf.rights.is_writable, "{address} is written under W^X");
        let frame = leaf.frame(address).unwrap();
        let to = self.direct_map.pointer(frame);
        assert!(bytes.len() <= PAGE_BYTES);
        // SAFETY: the frame has room for them, is the module's alone, and lies apart from them.
        unsafe { to.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
    }
}

impl InFlight for SimulatedInFlight {
    type Finalized = SpaceFinalized;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        self.inner.target_address(segment)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        let buffer = self.segments.get_mut(segment)?;
        let is_open = !(self.is_sealed && buffer.is_executable);
        is_open.then_some(&mut buffer.bytes)
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        if !self.is_sealed {
            self.write(|buffer| buffer.is_executable);
        }
        self.is_sealed = true;
        self.inner.seal_executable()
    }

    fn finalize(self) -> Result<SpaceFinalized, MemoryError> {
        self.write(|buffer| !(self.is_sealed && buffer.is_executable));
        self.inner.finalize()
    }
}

/// A processor that uses no page tables: whatever they say holds at once.
#[derive(Clone, Copy)]
pub(crate) struct Idle {
    unmaps_to_replace: bool,
}

// SAFETY: nothing is translated by it.
unsafe impl Processor for Idle {
    fn publish_tables(&self) {}

    fn invalidate(&self, _pages: AddressRange) {}

    unsafe fn replace(&self, entry: &AtomicU64, new: u64, _pages: AddressRange) {
        entry.store(new, Ordering::Release);
    }

    fn synchronize_code(&self, _code: AddressRange) {}

    fn unmaps_to_replace(&self) -> bool {
        self.unmaps_to_replace
    }
}
