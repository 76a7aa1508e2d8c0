//! Physical memory for tests: frames on the heap, a source that can be told to run dry, a direct map in the tables.
#![expect(unsafe_code, reason = "plays the part of physical memory")]

use core::ptr::NonNull;
use core::sync::atomic::Ordering;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::vec::Vec;

use crate::base::{AddressRange, Protection, TargetAddr, failing_heap};

use super::access::PhysicalAccess;
use super::format::{Attributes, Format};
use super::frame::{Frame, FrameSource, FrameUse, PAGE_SIZE_BYTES, PhysicalAddr};
use super::map::LargestLeaf;
use super::processor::recording::RecordingProcessor;
use super::tables::{PageTables, Roots, new_root};

/// Where the simulated memory begins.
const MEMORY_START: u64 = 0x4000_0000;
/// Where all of it is mapped, in the high half of every format.
pub(crate) const DIRECT_MAP_OFFSET: u64 = 0xffff_9000_0000_0000;

/// Simulated physical memory, shared by its clones.
#[derive(Clone)]
pub(crate) struct Simulation {
    shared: Arc<Shared>,
}

struct Shared {
    memory: NonNull<u8>,
    layout: Layout,
    state: Mutex<State>,
}

struct State {
    free: Vec<Frame>,
    used: BTreeMap<Frame, FrameUse>,
    allocations_until_failure: Option<(FrameUse, u64)>,
}

// SAFETY: the memory is reached by pointers alone; tests use it from one thread.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Simulation {
    /// That much memory, all of it free and full of rubbish.
    pub(crate) fn new(frames: u64) -> Self {
        let size_bytes = usize::try_from(frames * PAGE_SIZE_BYTES).unwrap();
        let layout = Layout::from_size_align(size_bytes, 2 << 20).unwrap();
        // SAFETY: the layout isn't empty.
        let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap();
        // SAFETY: just allocated with that size.
        unsafe { memory.write_bytes(0xa5, size_bytes) };
        let state = State {
            free: (0..frames).rev().map(frame_at).collect(),
            used: BTreeMap::new(),
            allocations_until_failure: None,
        };
        Self {
            shared: Arc::new(Shared {
                memory,
                layout,
                state: Mutex::new(state),
            }),
        }
    }

    /// Lets the allocation after `count` more for that use fail, and all that follow.
    pub(crate) fn fail_after(&self, failing: FrameUse, count: u64) {
        self.shared.state.lock().unwrap().allocations_until_failure = Some((failing, count));
    }

    /// Lets no allocation fail any more.
    pub(crate) fn fail_never(&self) {
        self.shared.state.lock().unwrap().allocations_until_failure = None;
    }

    /// The frames in use.
    pub(crate) fn used(&self) -> BTreeMap<Frame, FrameUse> {
        self.shared.state.lock().unwrap().used.clone()
    }

    /// Where this program reaches the first frame.
    pub(crate) fn first_pointer(&self) -> NonNull<u8> {
        self.shared.memory
    }

    /// A copy of what a frame contains.
    pub(crate) fn contents(&self, frame: Frame) -> Vec<u8> {
        let pointer = self.pointer(frame);
        // SAFETY: the frame's bytes are initialized, and nobody writes them meanwhile.
        unsafe { core::slice::from_raw_parts(pointer.as_ptr(), 4096) }.to_vec()
    }

    /// Overwrites a frame.
    pub(crate) fn fill(&self, frame: Frame, byte: u8) {
        // SAFETY: the frame lies in the memory.
        unsafe { self.pointer(frame).write_bytes(byte, 4096) };
    }

    /// Tables of this format with a direct map of all memory.
    pub(crate) fn tables(
        &self,
        format: &'static Format,
        direct_map: LargestLeaf,
    ) -> PageTables<Self> {
        let mut frames = self.clone();
        let low = new_root(self, &mut frames).unwrap();
        let roots = if format.name() == "x86_64" {
            Roots::shared(low)
        } else {
            Roots::split(Some(low), Some(new_root(self, &mut frames).unwrap()))
        };
        // SAFETY: the roots are new.
        let mut tables = unsafe { PageTables::new(format, roots, self.clone()) };
        let size_bytes = u64::try_from(self.shared.layout.size()).unwrap();
        let range = AddressRange::from_size(self.alias(frame_at(0)).unwrap(), size_bytes).unwrap();
        let attributes = Attributes::normal(Protection::ReadWrite);
        // SAFETY: the tables are nobody else's.
        let flush = unsafe {
            tables.map(
                range,
                PhysicalAddr::new(MEMORY_START),
                attributes,
                direct_map,
                &mut frames,
            )
        };
        flush.unwrap().pay(&RecordingProcessor::default());
        tables
    }
}

impl PageTables<Simulation> {
    /// Other tables, of which the roots are copies of these.
    pub(crate) fn copied_roots(&self, frames: &mut Simulation) -> Self {
        let copy = |root: Option<Frame>| {
            let new = new_root(frames, &mut frames.clone()).unwrap();
            let (from, to) = (frames.pointer(root?), frames.pointer(new));
            // SAFETY: both are frames of the simulation, and apart.
            unsafe { from.copy_to_nonoverlapping(to, 4096) };
            Some(new)
        };
        let roots = Roots::split(copy(self.roots.low), copy(self.roots.high));
        Self {
            roots,
            ..self.clone()
        }
    }

    /// Plants a leaf that is executable whatever else it is.
    pub(crate) fn make_executable(&mut self, address: TargetAddr) {
        let leaf = self.find(address).unwrap();
        leaf.store(leaf.load() & !self.format.leaf_rights.never_executable);
    }

    /// Forbids execution of all that the root's entry for `address` leads to.
    pub(crate) fn forbid_execution_below(&mut self, address: TargetAddr) {
        let index = usize::try_from(address.value() >> 39).unwrap();
        let entry = self.entry(self.roots.low.unwrap(), index);
        entry.fetch_or(self.format.table_rights.never_executable, Ordering::Relaxed);
    }
}

fn frame_at(index: u64) -> Frame {
    Frame::new(PhysicalAddr::new(MEMORY_START + index * PAGE_SIZE_BYTES)).unwrap()
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) };
    }
}

// SAFETY: every frame has its own place in the memory.
unsafe impl PhysicalAccess for Simulation {
    fn pointer(&self, frame: Frame) -> NonNull<u8> {
        let offset = usize::try_from(frame.start().value() - MEMORY_START).unwrap();
        assert!(offset < self.shared.layout.size());
        // SAFETY: the offset lies within the memory.
        unsafe { self.shared.memory.add(offset) }
    }

    fn alias(&self, frame: Frame) -> Option<TargetAddr> {
        Some(TargetAddr::new(DIRECT_MAP_OFFSET + frame.start().value()))
    }
}

// SAFETY: frames are given once until they come back.
unsafe impl FrameSource for Simulation {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        failing_heap::exempt(|| self.shared.state.lock().unwrap().allocate(wanted_for))
    }

    fn free(&mut self, frame: Frame, used_for: FrameUse) {
        failing_heap::exempt(|| {
            if used_for == FrameUse::Page {
                assert_eq!(self.contents(frame), [0; 4096], "{frame:?} wasn't zeroed");
            }
            self.fill(frame, 0xa5);
            let mut state = self.shared.state.lock().unwrap();
            assert_eq!(state.used.remove(&frame), Some(used_for));
            state.free.push(frame);
        });
    }
}

impl State {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        if let Some((failing, count)) = &mut self.allocations_until_failure
            && *failing == wanted_for
        {
            *count = count.checked_sub(1)?;
        }
        let frame = self.free.pop()?;
        self.used.insert(frame, wanted_for);
        Some(frame)
    }
}
