//! What the auditor finds, in every format of page tables.
#![expect(unsafe_code, reason = "the tables under test are nobody else's")]

use std::vec::Vec;

use super::{Violation, audit};
use crate::base::{AddressRange, Protection, TargetAddr, failing_heap};
use crate::memory::paging::simulation::{DIRECT_MAP_OFFSET, Simulation};
use crate::memory::paging::{
    AARCH64, Attributes, Format, LargestLeaf, PageTables, PhysicalAddr, X86_64,
};

const FORMATS: [&Format; 2] = [&X86_64, &AARCH64];

/// Where the simulated memory begins.
const MEMORY: u64 = 0x4000_0000;

fn range(first: u64, size_bytes: u64) -> AddressRange {
    AddressRange::from_size(TargetAddr::new(first), size_bytes).unwrap()
}

fn violations(tables: &PageTables<Simulation>) -> Vec<Violation> {
    let mut all = Vec::new();
    let count = audit(tables, |violation| all.push(*violation)).unwrap();
    assert_eq!(count, all.len());
    all
}

fn map(tables: &mut PageTables<Simulation>, pages: AddressRange, to: u64, protection: Protection) {
    let mut frames = tables.access().clone();
    let (to, attributes) = (PhysicalAddr::new(to), Attributes::normal(protection));
    // SAFETY: the tables are this test's alone.
    let flush = unsafe { tables.map(pages, to, attributes, LargestLeaf::Size1GiB, &mut frames) };
    flush.unwrap().tables_not_in_use();
}

/// Tables whose direct map is of 4 KiB, and read-only where code will be.
fn clean(format: &'static Format) -> PageTables<Simulation> {
    let mut tables = Simulation::new(1024).tables(format, LargestLeaf::Size4KiB);
    let alias = range(DIRECT_MAP_OFFSET + MEMORY + 0x10_0000, 0x4000);
    // SAFETY: the tables are this test's alone.
    unsafe { tables.protect(alias, Protection::Read) }
        .unwrap()
        .tables_not_in_use();
    let code = range(0x60_0000, 0x4000);
    map(
        &mut tables,
        code,
        MEMORY + 0x10_0000,
        Protection::ReadExecute,
    );
    tables
}

#[test]
fn clean_tables_have_no_violations() {
    for format in FORMATS {
        assert_eq!(violations(&clean(format)), []);
    }
}

#[test]
fn a_leaf_that_is_writable_and_executable_is_found() {
    for format in FORMATS {
        let mut tables = clean(format);
        map(
            &mut tables,
            range(0x70_0000, 0x2000),
            0x1000,
            Protection::ReadWrite,
        );
        tables.make_executable(TargetAddr::new(0x70_1000));
        let pages = range(0x70_1000, 0x1000);
        assert_eq!(
            violations(&tables),
            [Violation::WritableAndExecutable { pages }]
        );
    }
}

#[test]
fn a_writable_alias_of_executable_memory_is_found() {
    for format in FORMATS {
        let mut tables = clean(format);
        map(
            &mut tables,
            range(0x70_0000, 0x2000),
            MEMORY + 0x10_2000,
            Protection::ReadWrite,
        );
        let alias = Violation::WritableAlias {
            shared: PhysicalAddr::new(MEMORY + 0x10_2000),
            size_bytes: 0x2000,
            executable: TargetAddr::new(0x60_2000),
            writable: TargetAddr::new(0x70_0000),
            writable_leaf_bytes: 4096,
        };
        assert_eq!(violations(&tables), [alias]);
    }
}

#[test]
fn a_writable_alias_through_a_large_leaf_is_found() {
    for format in FORMATS {
        for (size_bytes, first) in [(2 << 20, 0x4000_0000), (1 << 30, 0x8000_0000)] {
            let mut tables = clean(format);
            map(
                &mut tables,
                range(first, size_bytes),
                MEMORY,
                Protection::ReadWrite,
            );
            let alias = Violation::WritableAlias {
                shared: PhysicalAddr::new(MEMORY + 0x10_0000),
                size_bytes: 0x4000,
                executable: TargetAddr::new(0x60_0000),
                writable: TargetAddr::new(first + 0x10_0000),
                writable_leaf_bytes: size_bytes,
            };
            assert_eq!(violations(&tables), [alias]);
        }
    }
}

#[test]
fn an_executable_alias_of_memory_within_a_writable_leaf_is_found_whichever_starts_first() {
    for format in FORMATS {
        let mut tables = clean(format);
        // Executable 2 MiB, writable in the middle, twice.
        map(
            &mut tables,
            range(0x4000_0000, 2 << 20),
            0x8000_0000,
            Protection::ReadExecute,
        );
        map(
            &mut tables,
            range(0x70_0000, 0x1000),
            0x8001_0000,
            Protection::ReadWrite,
        );
        map(
            &mut tables,
            range(0x80_0000, 0x3000),
            0x8000_f000,
            Protection::ReadWrite,
        );
        let found = violations(&tables)
            .into_iter()
            .map(|violation| match violation {
                Violation::WritableAlias {
                    writable,
                    size_bytes,
                    ..
                } => (writable.value(), size_bytes),
                Violation::WritableAndExecutable { .. } => panic!("{violation}"),
            });
        assert_eq!(
            found.collect::<Vec<_>>(),
            [(0x80_0000, 0x3000), (0x70_0000, 0x1000)]
        );
    }
}

#[test]
fn what_a_table_forbids_no_leaf_below_allows() {
    for format in FORMATS {
        let mut tables = clean(format);
        map(
            &mut tables,
            range(0x70_0000, 0x1000),
            0x1000,
            Protection::ReadWrite,
        );
        tables.make_executable(TargetAddr::new(0x70_0000));
        assert_eq!(violations(&tables).len(), 1);
        tables.forbid_execution_below(TargetAddr::new(0x70_0000));
        assert_eq!(violations(&tables), []);
    }
}

#[test]
fn a_full_heap_is_an_error() {
    let tables = clean(&X86_64);
    assert!(failing_heap::fail_after(0, || audit(&tables, |_| {})).is_err());
}
