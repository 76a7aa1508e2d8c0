//! What the manager of a host does, on this host.
#![expect(unsafe_code, reason = "calls what it has written")]

use std::string::String;

use super::HostedMemory;
use crate::base::{AddressRange, Alignment, Protection, TargetAddr, failing_heap};
use crate::memory::{
    Finalized, InFlight, Lifetime, MemoryError, MemoryManager, MemoryRequest, Reach, SegmentRequest,
};

/// A function that returns 42.
#[cfg(target_arch = "x86_64")]
const CODE: [u8; 6] = [
    0xb8, 42, 0, 0, 0,    // mov eax, 42
    0xc3, // ret
];
/// A function that returns 42.
#[cfg(target_arch = "aarch64")]
const CODE: [u8; 8] = [
    0x40, 0x05, 0x80, 0x52, // mov w0, #42
    0xc0, 0x03, 0x5f, 0xd6, // ret
];

const fn segment(protection: Protection, size_bytes: u64) -> SegmentRequest {
    SegmentRequest {
        protection,
        lifetime: Lifetime::Standard,
        alignment: Alignment::SIXTEEN,
        content_size_bytes: size_bytes,
        zero_fill_size_bytes: 0,
    }
}

const MODULE: [SegmentRequest; 3] = [
    segment(Protection::ReadExecute, 4096),
    segment(Protection::Read, 16),
    segment(Protection::ReadWrite, 5000),
];

const ANYWHERE: MemoryRequest<'_> = MemoryRequest {
    segments: &MODULE,
    reach: Reach::ANYWHERE,
};

/// What the system says may be done at an address, as `rwx` letters.
fn access(address: TargetAddr) -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let holds = |line: &&str| {
        let (first, rest) = line.split_once('-').unwrap();
        let (end, _) = rest.split_once(' ').unwrap();
        let bounds = [first, end].map(|digits| u64::from_str_radix(digits, 16).unwrap());
        (bounds[0]..bounds[1]).contains(&address.value())
    };
    let line = maps.lines().find(holds);
    line.map_or_else(String::new, |line| {
        line.split(' ').nth(1).unwrap()[..3].into()
    })
}

#[test]
fn what_is_written_can_be_called_once_it_is_finalized() {
    let memory = HostedMemory::new().unwrap();
    let mut module = memory.reserve(ANYWHERE).unwrap();
    module.working_memory(0).unwrap()[..CODE.len()].copy_from_slice(&CODE);
    let code = module.target_address(0).unwrap();
    let _module = module.finalize().unwrap();
    let function = super::pointer(code);
    // SAFETY: that address holds a function of this type.
    let function: extern "C" fn() -> u32 = unsafe { core::mem::transmute(function) };
    assert_eq!(function(), 42);
}

#[test]
fn no_page_is_ever_writable_and_executable() {
    let memory = HostedMemory::new().unwrap();
    let module = memory.reserve(ANYWHERE).unwrap();
    let addresses = [0, 1, 2].map(|index| module.target_address(index).unwrap());
    assert_eq!(addresses.map(access), ["rw-"; 3]);
    let module = module.finalize().unwrap();
    assert_eq!(addresses.map(access), ["r-x", "r--", "rw-"]);
    for address in addresses {
        assert_eq!(access(address.checked_sub(1).unwrap()), "---");
    }
    let end = memory.page().checked_round_up(5000).unwrap();
    assert_eq!(access(addresses[2].checked_add(end).unwrap()), "---");
    drop(module);
    assert_eq!(addresses.map(access), ["---"; 3]);
    assert_eq!(memory.used_bytes(), 0);
    drop(memory);
}

#[test]
fn pages_that_are_used_again_are_zero() {
    let memory = HostedMemory::new().unwrap();
    let mut module = memory.reserve(ANYWHERE).unwrap();
    let first = module.target_address(2).unwrap();
    module.working_memory(2).unwrap().fill(0xa5);
    drop(module);
    let mut module = memory.reserve(ANYWHERE).unwrap();
    assert_eq!(module.target_address(2), Some(first));
    assert_eq!(module.working_memory(2).unwrap(), [0; 5000]);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_low_two_gibibytes_are_preferred() {
    let memory = HostedMemory::new().unwrap();
    let modules = [(); 300].map(|()| memory.reserve(ANYWHERE).unwrap());
    for module in &modules {
        assert!(module.target_address(2).unwrap().value() < 1 << 31);
    }
}

#[test]
fn memory_lies_in_reach_of_what_the_program_holds() {
    static GLOBAL: u8 = 0;
    let memory = HostedMemory::new().unwrap();
    let _low = memory.reserve(ANYWHERE).unwrap();
    let local = 0_u8;
    for held in [&raw const local, &raw const GLOBAL] {
        let address = TargetAddr::new(u64::try_from(held.addr()).unwrap());
        for distance in [1 << 31, 1 << 33] {
            let near = AddressRange::around(address, distance);
            let reach = Reach::within(near);
            let request = MemoryRequest {
                segments: &MODULE,
                reach,
            };
            let module = memory.reserve(request).unwrap();
            assert!(near.contains(module.target_address(0).unwrap()));
            assert!(near.contains(module.target_address(2).unwrap()));
        }
    }
}

#[test]
fn what_cannot_be_reached_or_held_is_an_error() {
    let memory = HostedMemory::new().unwrap();
    let top = AddressRange::new(TargetAddr::new(1 << 63), TargetAddr::new(u64::MAX)).unwrap();
    let reach = Reach::within(top);
    let request = MemoryRequest {
        segments: &MODULE,
        reach,
    };
    let error = memory.reserve(request).err();
    assert!(
        matches!(error, Some(MemoryError::WindowExhausted { .. })),
        "{error:?}"
    );
    let request = MemoryRequest {
        segments: &[segment(Protection::Read, 1 << 60)],
        reach: Reach::ANYWHERE,
    };
    let error = memory.reserve(request).err();
    assert!(
        matches!(error, Some(MemoryError::WindowExhausted { .. })),
        "{error:?}"
    );
    assert_eq!(memory.used_bytes(), 0);
}

#[test]
fn large_alignments_are_kept() {
    let memory = HostedMemory::new().unwrap();
    let alignment = Alignment::new(2 << 20).unwrap();
    let segments = [SegmentRequest {
        alignment,
        ..MODULE[0]
    }];
    let reach = Reach::ANYWHERE;
    let module = memory
        .reserve(MemoryRequest {
            segments: &segments,
            reach,
        })
        .unwrap();
    assert!(module.target_address(0).unwrap().is_aligned(alignment));
}

#[test]
fn segments_for_initializers_are_given_back_once_they_have_run() {
    let memory = HostedMemory::new().unwrap();
    let lifetime = Lifetime::Finalize;
    let segments = [
        MODULE[0],
        SegmentRequest {
            lifetime,
            ..MODULE[0]
        },
    ];
    let reach = Reach::ANYWHERE;
    let module = memory
        .reserve(MemoryRequest {
            segments: &segments,
            reach,
        })
        .unwrap();
    let addresses = [0, 1].map(|index| module.target_address(index).unwrap());
    let mut module = module.finalize().unwrap();
    assert_eq!(addresses.map(access), ["r-x"; 2]);
    module.release_finalize_segments();
    assert_eq!(addresses.map(access), ["r-x", "---"]);
}

#[test]
fn pages_that_nobody_uses_are_given_back_while_their_neighbours_stay() {
    let memory = HostedMemory::new().unwrap();
    let page_bytes = memory.page().bytes();
    let three_pages = SegmentRequest {
        content_size_bytes: 3 * page_bytes,
        ..MODULE[0]
    };
    let request = MemoryRequest {
        segments: &[three_pages],
        ..ANYWHERE
    };
    let module = memory.reserve(request).unwrap();
    let start = module.target_address(0).unwrap();
    let mut module = module.finalize().unwrap();
    // From the middle of the first page to the middle of the last.
    let start_of = |page: u64| start.checked_add(page * page_bytes).unwrap();
    let middle = start.checked_add(page_bytes / 2).unwrap();
    let range = AddressRange::from_size(middle, 2 * page_bytes).unwrap();
    let used = memory.used_bytes();
    module.release_pages(range);
    assert_eq!(
        [0, 1, 2].map(|page| access(start_of(page))),
        ["r-x", "---", "r-x"]
    );
    assert_eq!(memory.used_bytes(), used);
    drop(module);
    assert_eq!(memory.used_bytes(), 0);
}

#[test]
fn whatever_allocation_fails_all_is_as_before() {
    let memory = HostedMemory::new().unwrap();
    drop(memory.reserve(ANYWHERE).unwrap());
    for failures in 0..3 {
        let heap = failing_heap::live_bytes();
        let result = failing_heap::fail_after(failures, || memory.reserve(ANYWHERE).map(drop));
        assert!(matches!(result, Err(MemoryError::Heap(_))), "{failures}");
        assert_eq!(failing_heap::live_bytes(), heap);
        assert_eq!(memory.used_bytes(), 0);
    }
}
