//! The live page tables: what is mapped is seen, what is protected is refused, what is unmapped is gone, and every table comes
//! back.

use core::ptr;

use ironlink::base::{AddressRange, Protection, TargetAddr};
use ironlink::memory::paging::{
    Attributes, DirectMap, Frame, FrameSource, FrameUse, LargestLeaf, PAGE_SIZE_BYTES, PageTables,
    ThisProcessor,
};
use ironlink_kernel::fault::{Access, Cause, Refusal};
use ironlink_kernel::{Kernel, guard, kernel_test};

use super::snapshot::Snapshot;

/// An address at which nothing is mapped on either machine, a multiple of a large page.
const UNUSED: u64 = 0x3000_0000;

kernel_test! {
    fn a_page_shows_its_frame_until_it_is_unmapped(kernel) {
        let before = Snapshot::of(kernel);
        let frame = take_frame(kernel);
        let mut page = Page::map(kernel, frame, Protection::ReadWrite);
        write(UNUSED + 8, 0x1234_5678);
        assert_eq!(read(page.tables.access().address(frame).value() + 8), 0x1234_5678);
        let leaf = kernel.mapped_at(TargetAddr::new(UNUSED)).expect("it is mapped");
        assert_eq!(leaf.frame(TargetAddr::new(UNUSED)), Some(frame));
        page.unmap();
        assert_eq!(kernel.mapped_at(TargetAddr::new(UNUSED)), None);
        assert_eq!(cause(|| { read(UNUSED + 8); }), refused(Access::Read, Refusal::NotMapped));
        give_frame(kernel, frame);
        before.assert_same_now(kernel);
    }

    fn a_protection_holds_at_once(kernel) {
        let before = Snapshot::of(kernel);
        let frame = take_frame(kernel);
        let mut page = Page::map(kernel, frame, Protection::ReadWrite);
        write(UNUSED + 8, 1);
        page.protect(Protection::Read);
        assert_eq!(cause(|| write(UNUSED + 8, 2)), refused(Access::Write, Refusal::Protection));
        assert_eq!(read(UNUSED + 8), 1);
        page.protect(Protection::ReadWrite);
        assert_eq!(cause(|| write(UNUSED + 8, 3)), None);
        assert_eq!(read(UNUSED + 8), 3);
        page.unmap();
        give_frame(kernel, frame);
        before.assert_same_now(kernel);
    }

    fn a_page_that_is_mapped_anew_shows_the_new_frame(kernel) {
        let before = Snapshot::of(kernel);
        let frames = [take_frame(kernel), take_frame(kernel)];
        for (frame, value) in frames.into_iter().zip(1..) {
            let mut page = Page::map(kernel, frame, Protection::ReadWrite);
            write(UNUSED + 8, value);
            assert_eq!(read(page.tables.access().address(frame).value() + 8), value);
            page.unmap();
        }
        frames.into_iter().for_each(|frame| give_frame(kernel, frame));
        before.assert_same_now(kernel);
    }
}

/// The page at [`UNUSED`].
struct Page {
    kernel: &'static Kernel,
    tables: PageTables<DirectMap>,
    processor: ThisProcessor,
}

impl Page {
    fn map(kernel: &'static Kernel, frame: Frame, protection: Protection) -> Self {
        let mut page = Self {
            kernel,
            // SAFETY: nobody else changes the tables during a test.
            tables: unsafe { kernel.page_tables() },
            // SAFETY: this runs in ring 0, or at EL1.
            processor: unsafe { ThisProcessor::new() },
        };
        let mut frames = kernel.frames();
        let attributes = Attributes::normal(protection);
        let leaf = LargestLeaf::Size4KiB;
        // SAFETY: nothing is mapped at the page, and the frame is this test's.
        let mapped = unsafe {
            page.tables
                .map(Self::range(), frame.start(), attributes, leaf, &mut frames)
        };
        mapped
            .unwrap_or_else(|error| panic!("{error}"))
            .pay(&page.processor);
        page
    }

    fn protect(&mut self, protection: Protection) {
        // SAFETY: only this test uses the page.
        let changed = unsafe { self.tables.protect(Self::range(), protection) };
        changed
            .unwrap_or_else(|error| panic!("{error}"))
            .pay(&self.processor);
    }

    fn unmap(&mut self) {
        // SAFETY: only this test uses the page.
        let unmapped = unsafe { self.tables.unmap(Self::range()) };
        let parked = unmapped
            .unwrap_or_else(|error| panic!("{error}"))
            .pay(&self.processor);
        let mut frames = self.kernel.frames();
        // SAFETY: the tables came from these frames, and the debt is paid.
        unsafe { self.tables.reclaim(parked, &mut frames) };
    }

    fn range() -> AddressRange {
        AddressRange::from_size(TargetAddr::new(UNUSED), PAGE_SIZE_BYTES).expect("it is not empty")
    }
}

fn take_frame(kernel: &'static Kernel) -> Frame {
    let mut frames = kernel.frames();
    frames.allocate(FrameUse::Page).expect("a frame is free")
}

fn give_frame(kernel: &'static Kernel, frame: Frame) {
    kernel.frames().free(frame, FrameUse::Page);
}

fn read(address: u64) -> u64 {
    let place: *const u64 = ptr::with_exposed_provenance(address as usize);
    // SAFETY: the test's own page, or its alias; the machine refuses what is not mapped.
    unsafe { place.read_volatile() }
}

fn write(address: u64, value: u64) {
    let place: *mut u64 = ptr::with_exposed_provenance_mut(address as usize);
    // SAFETY: likewise.
    unsafe { place.write_volatile(value) };
}

fn cause(code: impl FnOnce()) -> Option<Cause> {
    guard::expect_fault(code).map(|fault| fault.cause)
}

fn refused(access: Access, refusal: Refusal) -> Option<Cause> {
    Some(Cause::Memory {
        access,
        address: UNUSED + 8,
        refusal,
    })
}
