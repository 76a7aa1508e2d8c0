//! The auditor finds what is planted in the live page tables: each way in which memory could be written and executed.

use alloc::vec::Vec;
use core::ptr;

use ironlink::base::{AddressRange, Protection, TargetAddr};
use ironlink::memory::audit::Violation;
use ironlink::memory::paging::{
    Attributes, Frame, LargestLeaf, PAGE_SIZE_BYTES, PhysicalAddr, ThisProcessor,
};
use ironlink_kernel::{Kernel, kernel_test};

use super::modules::load_good;

/// Addresses at which nothing is mapped on either machine, a multiple of a large page.
const UNUSED: u64 = 0x3000_0000;
const LARGE_PAGE_BYTES: u64 = 2 << 20;
/// The bits of an entry that hold an address.
const ENTRY_ADDRESS: u64 = 0x0000_ffff_ffff_f000;
/// The bits of a leaf that forbid execution.
#[cfg(target_arch = "x86_64")]
const NEVER_EXECUTABLE: u64 = 1 << 63;
#[cfg(target_arch = "aarch64")]
const NEVER_EXECUTABLE: u64 = 0b11 << 53;

kernel_test! {
    fn a_writable_and_executable_page_is_found(kernel) {
        let module = load_good(kernel);
        let data = module.address("data").expect("it is exported");
        let entry = entry_of(kernel, data);
        // SAFETY: the entry is of the tables in use, which nobody changes meanwhile.
        let before = unsafe { entry.read_volatile() };
        assert_ne!(before & NEVER_EXECUTABLE, 0);
        // SAFETY: likewise; nothing executes the page before the entry is as it was.
        unsafe { entry.write_volatile(before & !NEVER_EXECUTABLE) };
        let found = violations(kernel);
        // SAFETY: likewise.
        unsafe { entry.write_volatile(before) };
        let page = range(data.value() & !0xfff, PAGE_SIZE_BYTES);
        // The direct map still shows the page, writable: that is found besides.
        let planted = Violation::WritableAndExecutable { pages: page };
        assert!(found.contains(&planted), "{found:?}");
        assert_eq!(violations(kernel), []);
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn a_writable_alias_of_a_modules_text_is_found(kernel) {
        let module = load_good(kernel);
        let text = module.address("main").expect("it is exported");
        let frame = frame_of(kernel, text);
        let alias = range(UNUSED, PAGE_SIZE_BYTES);
        let found = with_mapping(kernel, alias, frame.start(), LargestLeaf::Size4KiB);
        assert_eq!(
            found,
            [Violation::WritableAlias {
                shared: frame.start(),
                size_bytes: PAGE_SIZE_BYTES,
                executable: TargetAddr::new(text.value() & !0xfff),
                writable: alias.first(),
                writable_leaf_bytes: PAGE_SIZE_BYTES,
            }]
        );
        assert_eq!(violations(kernel), []);
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn a_writable_alias_through_a_large_page_is_found(kernel) {
        let module = load_good(kernel);
        let text = module.address("main").expect("it is exported");
        let frame = frame_of(kernel, text);
        let alias = range(UNUSED, LARGE_PAGE_BYTES);
        let block = PhysicalAddr::new(frame.start().value() & !(LARGE_PAGE_BYTES - 1));
        let found = with_mapping(kernel, alias, block, LargestLeaf::Size2MiB);
        // The block may hold code of the kernel besides.
        let is_planted = |violation: &Violation| {
            matches!(
                *violation,
                Violation::WritableAlias { shared, writable_leaf_bytes: LARGE_PAGE_BYTES, .. }
                    if shared == frame.start()
            )
        };
        assert!(found.iter().any(is_planted), "{found:?}");
        assert_eq!(violations(kernel), []);
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }
}

fn violations(kernel: &'static Kernel) -> Vec<Violation> {
    let mut found = Vec::new();
    let audited = kernel.space().audit(|violation| found.push(*violation));
    assert_eq!(audited, Ok(found.len()));
    found
}

/// What is found while `pages` show the memory from `to` on, writable.
fn with_mapping(
    kernel: &'static Kernel,
    pages: AddressRange,
    to: PhysicalAddr,
    leaf: LargestLeaf,
) -> Vec<Violation> {
    let attributes = Attributes::normal(Protection::ReadWrite);
    let mut frames = kernel.frames();
    // SAFETY: this runs in ring 0, or at EL1.
    let processor = unsafe { ThisProcessor::new() };
    // SAFETY: nobody else changes the tables, and nothing is mapped at these addresses.
    let mut tables = unsafe { kernel.page_tables() };
    // SAFETY: nobody writes through the pages.
    let mapped = unsafe { tables.map(pages, to, attributes, leaf, &mut frames) };
    mapped
        .unwrap_or_else(|error| panic!("{error}"))
        .pay(&processor);
    let found = violations(kernel);
    // SAFETY: nobody uses the pages.
    let unmapped = unsafe { tables.unmap(pages) };
    let parked = unmapped
        .unwrap_or_else(|error| panic!("{error}"))
        .pay(&processor);
    // SAFETY: the tables came from these frames, and the debt is paid.
    unsafe { tables.reclaim(parked, &mut frames) };
    found
}

/// The entry of the last level that maps `address`.
fn entry_of(kernel: &'static Kernel, address: TargetAddr) -> *mut u64 {
    // SAFETY: the tables are only read here.
    let access = *unsafe { kernel.page_tables() }.access();
    let mut table = kernel.roots().low().expect("modules live there");
    let entry_at = |table: Frame, shift: u32| -> *mut u64 {
        let index = (address.value() >> shift & 0x1ff) as usize;
        let entries =
            ptr::with_exposed_provenance_mut::<u64>(access.address(table).value() as usize);
        entries.wrapping_add(index)
    };
    for shift in [39, 30, 21] {
        // SAFETY: the direct map shows the table, and the index is that of an entry.
        let entry = unsafe { entry_at(table, shift).read_volatile() };
        table = Frame::containing(PhysicalAddr::new(entry & ENTRY_ADDRESS));
    }
    entry_at(table, 12)
}

fn frame_of(kernel: &'static Kernel, address: TargetAddr) -> Frame {
    let leaf = kernel.mapped_at(address).expect("it is mapped");
    leaf.frame(address).expect("the leaf translates it")
}

fn range(first: u64, size_bytes: u64) -> AddressRange {
    AddressRange::from_size(TargetAddr::new(first), size_bytes).expect("it is not empty")
}
