//! What page tables do, in every format.
#![expect(unsafe_code, reason = "the tables under test are nobody else's")]

use std::vec::Vec;

use super::processor::recording::{Event, RecordingProcessor};
use super::simulation::{DIRECT_MAP_OFFSET, Simulation};
use super::{
    AARCH64, Attributes, Flush, Format, FrameSource, FrameUse, LargestLeaf, MemoryKind, PageTables,
    PagingError, PhysicalAccess, PhysicalAddr, X86_64,
};
use crate::base::{AddressRange, Protection, TargetAddr};

const FORMATS: [&Format; 2] = [&X86_64, &AARCH64];
const READ_WRITE: Attributes = Attributes::normal(Protection::ReadWrite);

fn range(first: u64, size_bytes: u64) -> AddressRange {
    AddressRange::from_size(TargetAddr::new(first), size_bytes).unwrap()
}

fn page_at(address: TargetAddr) -> AddressRange {
    AddressRange::from_size(address, 4096).unwrap()
}

fn pay(flush: Flush) {
    flush.pay(&RecordingProcessor::default());
}

fn map_new(tables: &mut PageTables<Simulation>, pages: AddressRange) -> Result<(), PagingError> {
    let mut frames = tables.access().clone();
    // SAFETY: the tables are this test's alone.
    unsafe { tables.map_new(pages, READ_WRITE, &mut frames) }.map(pay)
}

fn unmap(tables: &mut PageTables<Simulation>, pages: AddressRange) -> Result<(), PagingError> {
    let mut frames = tables.access().clone();
    // SAFETY: the tables are this test's alone.
    let unmapped = unsafe { tables.unmap(pages) }?;
    let parked = unmapped.pay(&RecordingProcessor::default());
    // SAFETY: as above; the frames came from the simulation.
    unsafe { tables.reclaim_with_pages(parked, &mut frames) };
    Ok(())
}

fn split(tables: &mut PageTables<Simulation>, address: TargetAddr) -> Result<(), PagingError> {
    let mut frames = tables.access().clone();
    // SAFETY: the tables are this test's alone.
    unsafe {
        tables.split(
            page_at(address),
            &mut frames,
            &RecordingProcessor::default(),
        )
    }
}

fn prepare_to_seal(
    tables: &mut PageTables<Simulation>,
    page: TargetAddr,
) -> Result<(), PagingError> {
    let mut frames = tables.access().clone();
    // SAFETY: the tables are this test's alone.
    unsafe { tables.prepare_to_seal(page_at(page), &mut frames, &RecordingProcessor::default()) }
}

fn join(tables: &mut PageTables<Simulation>, address: TargetAddr) {
    let mut frames = tables.access().clone();
    // SAFETY: the tables are this test's alone.
    unsafe {
        tables.join(
            page_at(address),
            &mut frames,
            &RecordingProcessor::default(),
        )
    };
}

fn leaves(tables: &PageTables<Simulation>) -> Vec<super::Leaf> {
    let mut leaves = Vec::new();
    let result: Result<(), ()> = tables.for_each_leaf(|leaf| {
        leaves.extend([leaf]);
        Ok(())
    });
    result.unwrap();
    leaves
}

#[test]
fn new_pages_are_zeroed_and_mapped_as_asked() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        // Across the border between two tables of the last level.
        let pages = range(0x7fff_e000, 0x4000);
        map_new(&mut tables, pages).unwrap();
        let mut seen = Vec::new();
        for page in 0..4 {
            let address = TargetAddr::new(0x7fff_e000 + page * 4096);
            let leaf = tables.query(address).unwrap();
            assert_eq!(leaf.rights.protection(), Some(Protection::ReadWrite));
            assert_eq!(leaf.memory, MemoryKind::Normal);
            let frame = leaf.frame(address).unwrap();
            assert!(memory.contents(frame).iter().all(|byte| *byte == 0));
            assert!(!seen.contains(&frame));
            seen.extend([frame]);
        }
        assert_eq!(tables.query(TargetAddr::new(0x8000_2000)), None);
        assert_eq!(tables.query(TargetAddr::new(0x7fff_d000)), None);
    }
}

#[test]
fn unmapping_gives_back_pages_and_tables() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let pages = range(0x3fff_e000, 0x4000);
        let mut frames = memory.clone();
        // SAFETY: the tables are this test's alone.
        pay(unsafe { tables.fill_roots(pages, &mut frames) }.unwrap());
        let before = memory.used();
        map_new(&mut tables, pages).unwrap();
        unmap(&mut tables, range(0x3fff_e000, 0x1000)).unwrap();
        assert_eq!(tables.query(TargetAddr::new(0x3fff_e000)), None);
        assert!(tables.query(TargetAddr::new(0x3fff_f000)).is_some());
        unmap(&mut tables, pages).unwrap();
        assert_eq!(memory.used(), before);
    }
}

#[test]
fn whatever_frame_is_missing_nothing_is_lost() {
    for format in FORMATS {
        for (failing, error) in [
            (FrameUse::Page, PagingError::OutOfPages),
            (FrameUse::Table, PagingError::OutOfTables),
        ] {
            let memory = Simulation::new(64);
            let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
            let pages = range(0x3fff_e000, 0x4000);
            let mut frames = memory.clone();
            // SAFETY: the tables are this test's alone.
            pay(unsafe { tables.fill_roots(pages, &mut frames) }.unwrap());
            let before = memory.used();
            let mut count = 0;
            loop {
                memory.fail_after(failing, count);
                let result = map_new(&mut tables, pages);
                memory.fail_never();
                unmap(&mut tables, pages).unwrap();
                assert_eq!(memory.used(), before);
                if result.is_ok() {
                    break;
                }
                assert_eq!(result, Err(error));
                count += 1;
            }
            assert_eq!(count, 4);
        }
    }
}

#[test]
fn every_protection_is_read_as_it_was_written() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let pages = range(0x1000, 0x2000);
        map_new(&mut tables, pages).unwrap();
        for protection in Protection::ALL {
            // SAFETY: the tables are this test's alone.
            pay(unsafe { tables.protect(pages, protection) }.unwrap());
            let leaf = tables.query(TargetAddr::new(0x2000)).unwrap();
            assert_eq!(leaf.rights.protection(), Some(protection));
        }
        // SAFETY: as above.
        let past_the_end = unsafe { tables.protect(range(0x1000, 0x3000), Protection::Read) };
        let address = TargetAddr::new(0x3000);
        assert_eq!(
            past_the_end.unwrap_err(),
            PagingError::NotMapped { address }
        );
        let leaf = tables.query(TargetAddr::new(0x1000)).unwrap();
        assert_eq!(leaf.rights.protection(), Some(Protection::ReadWrite));
    }
}

#[test]
fn devices_are_mapped_uncached() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let mut frames = memory.clone();
        let to = PhysicalAddr::new(0x0900_0000);
        // SAFETY: the tables are this test's alone.
        let flush = unsafe {
            tables.map(
                range(0x0900_0000, 4096),
                to,
                Attributes::DEVICE,
                LargestLeaf::Size2MiB,
                &mut frames,
            )
        };
        pay(flush.unwrap());
        let leaf = tables.query(TargetAddr::new(0x0900_0010)).unwrap();
        assert_eq!((leaf.memory, leaf.to), (MemoryKind::Device, to));
    }
}

#[test]
fn a_range_is_mapped_by_the_largest_leaves_that_fit() {
    const GIB: u64 = 1 << 30;
    const MIB: u64 = 1 << 20;
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let mut frames = memory.clone();
        let start = GIB - 2 * MIB - 4096;
        let pages = range(start, GIB + 4 * MIB + 4096);
        // SAFETY: the tables are this test's alone.
        let flush = unsafe {
            tables.map(
                pages,
                PhysicalAddr::new(start),
                READ_WRITE,
                LargestLeaf::Size1GiB,
                &mut frames,
            )
        };
        pay(flush.unwrap());
        let size_at = |address| {
            let leaf = tables.query(TargetAddr::new(address)).unwrap();
            assert_eq!(leaf.to.value(), leaf.pages.first().value());
            leaf.pages.last().value() - leaf.pages.first().value() + 1
        };
        let sizes = [start, GIB - MIB, GIB, 2 * GIB - 1, 2 * GIB].map(size_at);
        assert_eq!(sizes, [4096, 2 * MIB, GIB, GIB, 2 * MIB]);
    }
}

#[test]
fn a_large_leaf_changes_in_part_only_once_split() {
    for format in FORMATS {
        let memory = Simulation::new(1024);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let address = TargetAddr::new(DIRECT_MAP_OFFSET + 0x4000_5000);
        let page = AddressRange::from_size(address, 4096).unwrap();
        // SAFETY: the tables are this test's alone.
        let refused = unsafe { tables.protect(page, Protection::Read) };
        assert!(matches!(
            refused,
            Err(PagingError::LargeLeaf {
                size_bytes: 0x20_0000,
                ..
            })
        ));
        let before = leaves(&tables);
        split(&mut tables, address).unwrap();
        let after = leaves(&tables);
        assert_eq!(after.len(), before.len() + 511);
        for (index, leaf) in (0..).zip(&after[..512]) {
            let whole = before[0];
            assert_eq!(leaf.to.value(), whole.to.value() + index * 4096);
            assert_eq!((leaf.rights, leaf.memory), (whole.rights, whole.memory));
        }
        // SAFETY: as above.
        pay(unsafe { tables.protect(page, Protection::Read) }.unwrap());
    }
}

#[test]
fn a_split_leaf_is_joined_once_all_its_pages_are_unsealed() {
    for format in FORMATS {
        let memory = Simulation::new(1024);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let (before, used) = (leaves(&tables), memory.used());
        let pages = [0x4000_5000, 0x4000_9000].map(|at| TargetAddr::new(DIRECT_MAP_OFFSET + at));
        for page in pages {
            prepare_to_seal(&mut tables, page).unwrap();
            join(&mut tables, page);
            // SAFETY: the tables are this test's alone.
            pay(unsafe { tables.seal(page_at(page)) });
            let rights = tables.query(page).unwrap().rights;
            assert_eq!(rights.protection(), Some(Protection::Read));
        }
        for page in pages {
            join(&mut tables, page);
            assert_eq!(memory.used().len(), used.len() + 1);
            // SAFETY: as above.
            pay(unsafe { tables.unseal(page_at(page)) });
        }
        join(&mut tables, pages[0]);
        assert_eq!(leaves(&tables), before);
        assert_eq!(memory.used(), used);
    }
}

#[test]
fn a_leaf_of_one_gibibyte_is_split_twice_and_joined_twice() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let mut frames = memory.clone();
        let gibibyte = range(0x4000_0000, 1 << 30);
        let to = PhysicalAddr::new(0x8000_0000);
        // SAFETY: the tables are this test's alone.
        let flush =
            unsafe { tables.map(gibibyte, to, READ_WRITE, LargestLeaf::Size1GiB, &mut frames) };
        pay(flush.unwrap());
        let (before, used) = (leaves(&tables), memory.used());
        let address = TargetAddr::new(0x5234_5000);
        split(&mut tables, address).unwrap();
        let leaf = tables.query(address).unwrap();
        assert_eq!(
            (leaf.pages.first(), leaf.to.value()),
            (address, 0x9234_5000)
        );
        assert_eq!(memory.used().len(), used.len() + 2);
        join(&mut tables, address);
        assert_eq!(leaves(&tables), before);
        assert_eq!(memory.used(), used);
    }
}

#[test]
fn a_split_that_finds_no_frame_changes_nothing() {
    for format in FORMATS {
        let memory = Simulation::new(1024);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        let before = leaves(&tables);
        memory.fail_after(FrameUse::Table, 0);
        let address = TargetAddr::new(DIRECT_MAP_OFFSET + 0x4000_5000);
        assert_eq!(split(&mut tables, address), Err(PagingError::OutOfTables));
        assert_eq!(leaves(&tables), before);
    }
}

#[test]
fn a_leaf_that_shows_its_own_table_is_not_unmapped_to_be_split() {
    for format in FORMATS {
        let memory = Simulation::new(512);
        let mut tables = memory.tables(format, LargestLeaf::Size4KiB);
        let mut frames = memory.clone();
        // A leaf at the addresses by which this program reaches the simulated memory, tables included.
        let first = memory.first_pointer().addr().get();
        let leaf = range(u64::try_from(first).unwrap(), 2 << 20);
        let (to, size) = (PhysicalAddr::new(0x4000_0000), LargestLeaf::Size2MiB);
        // SAFETY: the tables are this test's alone.
        pay(unsafe { tables.map(leaf, to, READ_WRITE, size, &mut frames) }.unwrap());
        let (before, used) = (leaves(&tables), memory.used());
        let address = leaf.first();
        let refused = Err(PagingError::HoldsItself { address });
        assert_eq!(split(&mut tables, address), refused);
        assert_eq!((leaves(&tables), memory.used()), (before, used));
    }
}

#[test]
fn what_is_no_range_of_pages_is_refused() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        for bad in [
            range(0x1001, 4096),
            range(0x1000, 4097),
            range(0x0001_0000_0000_0000, 4096),
            range(0x0000_ffff_ffff_f000, 0x2000),
            AddressRange::ALL,
        ] {
            assert_eq!(
                map_new(&mut tables, bad),
                Err(PagingError::Range { range: bad })
            );
        }
        map_new(&mut tables, range(0xffff_ffff_ffff_f000, 4096)).unwrap();
        assert!(tables.query(TargetAddr::new(u64::MAX)).is_some());
    }
}

#[test]
fn what_is_mapped_is_not_mapped_again() {
    for format in FORMATS {
        let memory = Simulation::new(64);
        let mut tables = memory.tables(format, LargestLeaf::Size2MiB);
        map_new(&mut tables, range(0x5000, 4096)).unwrap();
        let address = TargetAddr::new(0x5000);
        let error = Err(PagingError::Occupied { address });
        assert_eq!(map_new(&mut tables, range(0x4000, 0x2000)), error);
    }
}

#[test]
fn changes_of_what_is_in_use_are_flushed() {
    let memory = Simulation::new(1024);
    let mut tables = memory.tables(&AARCH64, LargestLeaf::Size2MiB);
    let (pages, mut frames) = (range(0x1000, 0x3000), memory.clone());
    let processor = RecordingProcessor::default();
    // SAFETY: the tables are this test's alone.
    unsafe { tables.map_new(pages, READ_WRITE, &mut frames) }
        .unwrap()
        .pay(&processor);
    assert_eq!(processor.take_events(), [Event::Publish]);
    // SAFETY: as above.
    unsafe { tables.protect(pages, Protection::Read) }
        .unwrap()
        .pay(&processor);
    assert_eq!(processor.take_events(), [Event::Invalidate(pages)]);
    let address = TargetAddr::new(DIRECT_MAP_OFFSET + 0x4000_5000);
    // SAFETY: as above.
    unsafe { tables.split(page_at(address), &mut frames, &processor) }.unwrap();
    let block = range(DIRECT_MAP_OFFSET + 0x4000_0000, 0x20_0000);
    assert_eq!(processor.take_events(), [Event::Replace(block)]);
}

#[test]
fn simulated_frames_are_reached_where_they_are_mapped() {
    let mut memory = Simulation::new(8);
    let frame = memory.allocate(FrameUse::Table).unwrap();
    let alias = memory.alias(frame).unwrap();
    assert_eq!(alias.value(), DIRECT_MAP_OFFSET + frame.start().value());
}
