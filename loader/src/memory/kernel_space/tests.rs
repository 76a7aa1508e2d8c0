//! What a kernel's space does, in every format of page tables.
#![expect(unsafe_code, reason = "the tables under test are nobody else's")]

use std::collections::BTreeMap;
use std::vec::Vec;

use super::watcher::{Event, Watcher};
use super::{KernelFinalized, KernelInFlight, KernelSpace, KernelSpaceStatistics};
use crate::base::{AddressRange, Alignment, Protection, TargetAddr, failing_heap};
use crate::memory::paging::simulation::{DIRECT_MAP_OFFSET, Simulation};
use crate::memory::paging::{
    AARCH64, Attributes, Format, Frame, FrameUse, LargestLeaf, Leaf, PageTables, PhysicalAccess,
    PhysicalAddr, X86_64,
};
use crate::memory::{
    Finalized, InFlight, Lifetime, MemoryError, MemoryManager, MemoryRequest, Reach, SegmentRequest,
};

const FORMATS: [&Format; 2] = [&X86_64, &AARCH64];

type Space = KernelSpace<Simulation, Simulation, Watcher>;
type InFlightModule = KernelInFlight<Simulation, Simulation, Watcher>;
type FinalizedModule = KernelFinalized<Simulation, Simulation, Watcher>;

/// A kernel with nothing but memory, page tables and a space.
struct Kernel {
    memory: Simulation,
    tables: PageTables<Simulation>,
    watcher: Watcher,
    space: Space,
}

/// Everything that a load may change, and must leave as it was.
#[derive(PartialEq, Debug)]
struct Digest {
    statistics: KernelSpaceStatistics,
    frames: BTreeMap<Frame, FrameUse>,
    leaves: Vec<Leaf>,
    mappings: u64,
}

impl Kernel {
    fn new(format: &'static Format) -> Self {
        Self::with_window(format, &[range(0x6000_0000, 1 << 20), top_range()])
    }

    fn with_window(format: &'static Format, window: &[AddressRange]) -> Self {
        let memory = Simulation::new(1024);
        let tables = memory.tables(format, LargestLeaf::Size2MiB);
        let watcher = Watcher::new(tables.clone());
        let space = space(&memory, &tables, &watcher, window).unwrap();
        watcher.take_events();
        Self {
            memory,
            tables,
            watcher,
            space,
        }
    }

    fn digest(&self) -> Digest {
        Digest {
            statistics: self.space.statistics(),
            frames: self.memory.used(),
            leaves: self.watcher.leaves(),
            mappings: self.space.digest(),
        }
    }

    fn reserve(&self, segments: &[SegmentRequest]) -> Result<InFlightModule, MemoryError> {
        let reach = Reach::ANYWHERE;
        self.space.reserve(MemoryRequest { segments, reach })
    }

    fn load(&self, segments: &[SegmentRequest]) -> Result<FinalizedModule, MemoryError> {
        self.reserve(segments)?.finalize()
    }

    fn protection(&self, address: TargetAddr) -> Option<Protection> {
        self.tables.query(address)?.rights.protection()
    }

    fn frame(&self, address: TargetAddr) -> Option<Frame> {
        self.tables.query(address)?.frame(address)
    }

    fn alias_protection(&self, address: TargetAddr) -> Option<Protection> {
        let frame = self.frame(address)?;
        self.protection(self.memory.alias(frame)?)
    }
}

fn space(
    memory: &Simulation,
    tables: &PageTables<Simulation>,
    watcher: &Watcher,
    window: &[AddressRange],
) -> Result<Space, MemoryError> {
    let (frames, tables, watcher) = (memory.clone(), tables.clone(), watcher.clone());
    // SAFETY: the tables are this test's alone.
    unsafe { KernelSpace::with_processor(frames, tables, window, watcher) }
}

fn range(first: u64, size_bytes: u64) -> AddressRange {
    AddressRange::from_size(TargetAddr::new(first), size_bytes).unwrap()
}

fn top_range() -> AddressRange {
    range(0xffff_ffff_ff00_0000, 1 << 20)
}

const fn segment(protection: Protection, size_bytes: u64) -> SegmentRequest {
    SegmentRequest {
        protection,
        lifetime: Lifetime::Standard,
        alignment: Alignment::SIXTEEN,
        content_size_bytes: size_bytes,
        zero_fill_size_bytes: 0,
    }
}

const MODULE: [SegmentRequest; 4] = [
    segment(Protection::ReadExecute, 3 * 4096 + 1),
    segment(Protection::Read, 100),
    segment(Protection::ReadWrite, 5000),
    SegmentRequest {
        lifetime: Lifetime::Finalize,
        ..segment(Protection::ReadExecute, 64)
    },
];

#[test]
fn in_flight_is_zeroed_writable_and_nowhere_executable() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let module = kernel.reserve(&MODULE).unwrap();
        for index in 0..MODULE.len() {
            let address = module.target_address(index).unwrap();
            assert_eq!(kernel.protection(address), Some(Protection::ReadWrite));
            let frame = kernel.frame(address).unwrap();
            assert_eq!(kernel.memory.contents(frame), [0; 4096]);
        }
        assert_eq!(module.target_address(MODULE.len()), None);
        assert!(
            kernel
                .watcher
                .leaves()
                .iter()
                .all(|leaf| !leaf.rights.is_executable)
        );
    }
}

#[test]
fn finalized_segments_have_their_protections_and_guards() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let module = kernel.reserve(&MODULE).unwrap();
        let addresses = [0, 1, 2, 3].map(|index| module.target_address(index).unwrap());
        let _module = module.finalize().unwrap();
        for (address, request) in addresses.iter().zip(&MODULE) {
            let pages = request.content_size_bytes.div_ceil(4096);
            for page in 0..pages {
                let page = address.checked_add(page * 4096).unwrap();
                assert_eq!(kernel.protection(page), Some(request.protection));
            }
            assert_eq!(kernel.protection(address.checked_sub(1).unwrap()), None);
            assert_eq!(
                kernel.protection(address.checked_add(pages * 4096).unwrap()),
                None
            );
        }
        assert_eq!(kernel.space.audit(|_| {}), Ok(0));
    }
}

#[test]
fn the_direct_map_loses_its_write_right_to_executable_frames_alone() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let module = kernel.reserve(&MODULE).unwrap();
        let addresses = [0, 1, 2].map(|index| module.target_address(index).unwrap());
        let aliases = || addresses.map(|address| kernel.alias_protection(address).unwrap());
        assert_eq!(aliases(), [Protection::ReadWrite; 3]);
        let module = module.finalize().unwrap();
        let (read, write) = (Protection::Read, Protection::ReadWrite);
        assert_eq!(aliases(), [read, write, write]);
        drop(module);
        assert!(
            kernel
                .watcher
                .leaves()
                .iter()
                .all(|leaf| leaf.rights.is_writable)
        );
    }
}

#[test]
fn dropping_gives_back_everything_at_every_stage() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let before = kernel.digest();
        drop(kernel.reserve(&MODULE).unwrap());
        assert_eq!(kernel.digest(), before);
        let mut module = kernel.load(&MODULE).unwrap();
        assert_ne!(kernel.digest(), before);
        module.release_finalize_segments();
        module.release_finalize_segments();
        drop(module);
        assert_eq!(kernel.digest(), before);
    }
}

#[test]
fn pages_that_nobody_uses_are_given_back_while_their_neighbours_stay() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let before = kernel.digest();
        let in_flight = kernel.reserve(&MODULE).unwrap();
        let code = in_flight.target_address(0).unwrap();
        let mut module = in_flight.finalize().unwrap();
        let frames = kernel.space.statistics().page_frames;
        let code_page = |page: u64| code.checked_add(page * 4096).unwrap();
        // From the middle of the first page to the middle of the third: one whole page.
        module.release_pages(range(code.value() + 2048, 2 * 4096));
        assert_eq!(kernel.space.statistics().page_frames, frames - 1);
        let protections = [0, 1, 2, 3].map(|page| kernel.protection(code_page(page)));
        let executable = Some(Protection::ReadExecute);
        assert_eq!(protections, [executable, None, executable, executable]);
        module.release_pages(AddressRange::ALL);
        assert_eq!(kernel.space.statistics().page_frames, 0);
        drop(module);
        assert_eq!(kernel.digest(), before);
    }
}

#[test]
fn mappings_protections_and_free_addresses_are_part_of_the_digest() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let empty = kernel.space.digest();
        let in_flight = kernel.reserve(&MODULE).unwrap();
        let reserved = kernel.space.digest();
        let module = in_flight.finalize().unwrap();
        let finalized = kernel.space.digest();
        let other = kernel.reserve(&[]).unwrap();
        let without_pages = kernel.space.digest();
        let all = [empty, reserved, finalized, without_pages];
        assert!(
            (1..4).all(|place| !all[..place].contains(&all[place])),
            "{all:?}"
        );
        drop(module);
        drop(other);
        assert_eq!(kernel.space.digest(), empty);
    }
}

#[test]
fn whatever_frame_is_missing_all_is_as_before() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let before = kernel.digest();
        for (failing, error) in [
            (FrameUse::Page, MemoryError::OutOfFrames),
            (FrameUse::Table, MemoryError::OutOfTableFrames),
        ] {
            let mut count = 0;
            loop {
                kernel.memory.fail_after(failing, count);
                let result = kernel.load(&MODULE).map(drop);
                kernel.memory.fail_never();
                assert_eq!(kernel.digest(), before);
                if result.is_ok() {
                    break;
                }
                assert_eq!(result, Err(error));
                count += 1;
            }
            assert!(count >= 2, "{count} frames");
        }
    }
}

#[test]
fn finalizing_and_releasing_take_no_frame_and_no_heap() {
    for format in FORMATS {
        let kernel = Kernel::with_window(format, &[range(0x6000_0000, 1 << 20)]);
        let before = kernel.digest();
        let module = kernel.reserve(&MODULE).unwrap();
        kernel.memory.fail_after(FrameUse::Table, 0);
        failing_heap::fail_after(0, || drop(module.finalize().unwrap()));
        assert_eq!(kernel.digest(), before);
    }
}

#[test]
fn whatever_allocation_of_the_heap_fails_all_is_as_before() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let before = kernel.digest();
        let mut failures = 0;
        loop {
            let heap = failing_heap::live_bytes();
            let result = failing_heap::fail_after(failures, || kernel.load(&MODULE).map(drop));
            assert_eq!(failing_heap::live_bytes(), heap);
            assert_eq!(kernel.digest(), before);
            match result {
                Ok(()) => break,
                Err(error) => assert!(matches!(error, MemoryError::Heap(_)), "{error}"),
            }
            failures += 1;
        }
        assert_eq!(failures, 3);
    }
}

#[test]
fn a_heap_or_frame_missing_at_construction_is_an_error() {
    let memory = Simulation::new(64);
    let window = [range(0x6000_0000, 1 << 20), range(0x80_0000_0000, 1 << 20)];
    for format in FORMATS {
        let tables = memory.tables(format, LargestLeaf::Size2MiB);
        let watcher = Watcher::new(tables.clone());
        let mut failures = 0;
        while let Err(error) =
            failing_heap::fail_after(failures, || space(&memory, &tables, &watcher, &window))
        {
            assert!(matches!(error, MemoryError::Heap(_)), "{error}");
            failures += 1;
        }
        assert!(failures >= 4);
        let elsewhere = [range(0x180_0000_0000, 1 << 20)];
        memory.fail_after(FrameUse::Table, 0);
        let error = space(&memory, &tables, &watcher, &elsewhere).err();
        assert_eq!(error, Some(MemoryError::OutOfTableFrames));
        memory.fail_never();
    }
}

#[test]
fn write_rights_are_withdrawn_and_forgotten_before_execution_is_allowed() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let module = kernel.reserve(&MODULE[..1]).unwrap();
        let address = module.target_address(0).unwrap();
        let code = range(address.value(), 4 * 4096);
        kernel.watcher.take_events();
        let module = module.finalize().unwrap();
        let events = kernel.watcher.take_events();
        let [first, Event::Invalidate(aliases), rest @ ..] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(*first, Event::Invalidate(code));
        assert_eq!(
            rest,
            [Event::SynchronizeCode(code), Event::Invalidate(code)]
        );
        let in_reverse = range(aliases.first().value(), 4 * 4096);
        assert_eq!(*aliases, in_reverse);

        drop(module);
        let events = kernel.watcher.take_events();
        let large = range(DIRECT_MAP_OFFSET + 0x4000_0000, 2 << 20);
        let gap = range(address.value() - 4096, 6 * 4096);
        let unmapped_then_restored_then_joined = [
            Event::Invalidate(gap),
            Event::Invalidate(*aliases),
            Event::Replace(large),
        ];
        assert_eq!(events, unmapped_then_restored_then_joined);
    }
}

#[test]
fn modules_that_share_a_large_leaf_come_and_go_in_any_order() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let before = kernel.digest();
        let first = kernel.load(&MODULE).unwrap();
        let second = kernel.reserve(&MODULE).unwrap();
        let code = second.target_address(0).unwrap();
        drop(first);
        let second = second.finalize().unwrap();
        assert_eq!(kernel.alias_protection(code), Some(Protection::Read));
        let third = kernel.load(&MODULE).unwrap();
        drop(second);
        assert_eq!(kernel.space.audit(|_| {}), Ok(0));
        drop(third);
        assert_eq!(kernel.digest(), before);
    }
}

#[test]
fn segments_for_initializers_are_given_back_once_they_have_run() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let module = kernel.reserve(&MODULE).unwrap();
        let addresses = [0, 3].map(|index| module.target_address(index).unwrap());
        let mut module = module.finalize().unwrap();
        let pages = kernel.space.statistics().page_frames;
        module.release_finalize_segments();
        assert_eq!(kernel.space.statistics().page_frames, pages - 1);
        assert!(kernel.protection(addresses[0]).is_some());
        assert_eq!(kernel.protection(addresses[1]), None);
    }
}

#[test]
fn what_is_mapped_in_the_window_is_refused_and_left_alone() {
    for format in FORMATS {
        let mut kernel = Kernel::new(format);
        let page = range(0x6000_2000, 4096);
        let (to, device) = (PhysicalAddr::new(0x0900_0000), Attributes::DEVICE);
        let (tables, frames) = (&mut kernel.tables, &mut kernel.memory);
        // SAFETY: the tables are this test's alone.
        let flush = unsafe { tables.map(page, to, device, LargestLeaf::Size4KiB, frames) };
        flush.unwrap().pay(&kernel.watcher);
        let before = kernel.digest();
        let address = page.first();
        let error = kernel.load(&MODULE).err();
        assert_eq!(error, Some(MemoryError::Occupied { address }));
        assert_eq!(kernel.digest(), before);
    }
}

#[test]
fn a_full_window_and_one_out_of_reach_are_different_errors() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let big = [segment(Protection::Read, 1 << 20)];
        let size_bytes = (1 << 20) + 2 * 4096;
        let reach = Reach::ANYWHERE;
        let full = MemoryError::WindowExhausted { size_bytes, reach };
        assert_eq!(kernel.load(&big).err(), Some(full));
        let reach = Reach::within(range(0x1_0000_0000, 1 << 30));
        let request = MemoryRequest {
            segments: &MODULE,
            reach,
        };
        let error = kernel.space.reserve(request).err();
        assert_eq!(error, Some(MemoryError::OutOfReach { reach }));
        let reach = Reach::within(top_range());
        let request = MemoryRequest {
            segments: &MODULE,
            reach,
        };
        let module = kernel.space.reserve(request).unwrap();
        assert!(top_range().contains(module.target_address(0).unwrap()));
    }
}

#[test]
fn a_window_that_tables_cannot_translate_is_refused() {
    let memory = Simulation::new(64);
    for format in FORMATS {
        let tables = memory.tables(format, LargestLeaf::Size2MiB);
        let watcher = Watcher::new(tables.clone());
        for bad in [range(0x0000_ffff_ffff_f000, 0x2000), range(0x1001, 4096)] {
            let error = space(&memory, &tables, &watcher, &[bad]).err();
            assert_eq!(error, Some(MemoryError::Window { range: bad }));
        }
    }
}

#[test]
fn address_spaces_that_copied_the_roots_see_later_modules() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let copy = kernel.tables.copied_roots(&mut kernel.memory.clone());
        let module = kernel.reserve(&MODULE).unwrap();
        let address = module.target_address(0).unwrap();
        assert!(copy.query(address).is_some());
        drop(module);
        assert!(copy.query(address).is_none());
    }
}

#[test]
fn nothing_is_asked_for_nothing() {
    for format in FORMATS {
        let kernel = Kernel::new(format);
        let before = kernel.digest();
        let module = kernel
            .reserve(&[segment(Protection::ReadExecute, 0)])
            .unwrap();
        assert!(module.target_address(0).is_some());
        assert_eq!(kernel.space.statistics().page_frames, 0);
        drop(module.finalize().unwrap());
        drop(kernel.load(&[]).unwrap());
        assert_eq!(kernel.digest(), before);
    }
}
