//! The kernel's own image in memory: its segments, as the linker script lays them out.

use ironlink::base::{AddressRange, Protection, TargetAddr};

use crate::boot::PhysicalRange;

unsafe extern "C" {
    static text_start: u8;
    static text_end: u8;
    static rodata_start: u8;
    static rodata_end: u8;
    static data_start: u8;
    static data_end: u8;
}

/// The segments of the image. Each begins and ends with a page; guard pages below the kernel's stacks are part of the last.
pub fn segments() -> [(AddressRange, Protection); 3] {
    [
        (
            range(&raw const text_start, &raw const text_end),
            Protection::ReadExecute,
        ),
        (
            range(&raw const rodata_start, &raw const rodata_end),
            Protection::Read,
        ),
        (
            range(&raw const data_start, &raw const data_end),
            Protection::ReadWrite,
        ),
    ]
}

/// The physical memory of the image, which is linked where it lies.
pub(crate) fn physical_range() -> PhysicalRange {
    let segments = segments().map(|(range, _)| range);
    let first = segments.iter().map(|range| range.first().value()).min();
    let last = segments.iter().map(|range| range.last().value()).max();
    first
        .zip(last)
        .and_then(|(first, last)| PhysicalRange::between(first, last + 1))
        .unwrap_or_else(|| panic!("the linker script makes no segment empty"))
}

fn range(first: *const u8, end: *const u8) -> AddressRange {
    AddressRange::from_size(
        TargetAddr::new(first.addr() as u64),
        (end.addr() - first.addr()) as u64,
    )
    .unwrap_or_else(|| panic!("the linker script makes no segment empty"))
}
