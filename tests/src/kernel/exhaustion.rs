//! Frames, window and heap, each used up: the load fails with an error that names what ran out, and gives all back.

use alloc::alloc::{alloc, dealloc};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::alloc::Layout;

use ironlink::link::LinkError;
use ironlink::memory::MemoryError;
use ironlink::session::{Input, LoadError};
use ironlink_kernel::{Kernel, heap, kernel_test};
use ironlink_tests::object_file::{ObjectFile, Section};

use super::modules::this_machine;
use super::snapshot::Snapshot;

kernel_test! {
    fn a_module_larger_than_memory_runs_out_of_frames(kernel) {
        let mut object = ObjectFile::good(this_machine());
        object.sections.push(Section::bss(".bss", 600 << 20));
        let before = Snapshot::of(kernel);
        let error = load(kernel, &object.to_bytes()).expect_err("there are not as many frames");
        assert_eq!(memory_error(&error), Some(MemoryError::OutOfFrames), "{error}");
        before.assert_same_now(kernel);
    }

    fn a_module_larger_than_the_window_is_told_so(kernel) {
        let mut object = ObjectFile::good(this_machine());
        object.sections.push(Section::bss(".bss", 3 << 30));
        let before = Snapshot::of(kernel);
        let error = load(kernel, &object.to_bytes()).expect_err("the window is smaller");
        assert!(matches!(memory_error(&error), Some(MemoryError::WindowExhausted { .. })), "{error}");
        assert!(error.to_string().contains("window"), "{error}");
        before.assert_same_now(kernel);
    }

    fn a_full_slab_says_so_and_takes_everything_back(_kernel) {
        for size_bytes in [16, 200, 4096, 100_000] {
            let layout = Layout::from_size_align(size_bytes, 16).expect("a power of two");
            let before = heap::statistics();
            let mut first: *mut u8 = core::ptr::null_mut();
            let mut count = 0_usize;
            loop {
                // SAFETY: the layout is not empty.
                let block = unsafe { alloc(layout) };
                if block.is_null() {
                    break;
                }
                // The blocks are a list, since a vector of them would need the heap.
                // SAFETY: the block has room for a pointer, and is aligned for one.
                unsafe { block.cast::<*mut u8>().write(first) };
                first = block;
                count += 1;
            }
            let refused = Vec::<u8>::new().try_reserve_exact(1 << 40).is_err();
            while !first.is_null() {
                // SAFETY: it was written there.
                let next = unsafe { first.cast::<*mut u8>().read() };
                // SAFETY: allocated with this layout.
                unsafe { dealloc(first, layout) };
                first = next;
            }
            assert!(refused && count > 100, "{count} blocks of {size_bytes} bytes");
            assert_eq!(heap::statistics().in_use(), before.in_use());
            assert_eq!(heap::statistics().refused_frees, before.refused_frees);
        }
    }
}

fn load(kernel: &'static Kernel, bytes: &[u8]) -> Result<(), LoadError> {
    // SAFETY: the object's code only returns, and has no initializers.
    let loaded = unsafe {
        kernel
            .session()
            .load_all("good", &[Input::new("good.o", bytes)])
    };
    loaded.map(|module| {
        // SAFETY: nothing of it ever ran.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    })
}

/// What the space for modules said.
fn memory_error(error: &LoadError) -> Option<MemoryError> {
    match error {
        LoadError::Link {
            error: LinkError::Memory(error),
            ..
        } => Some(*error),
        LoadError::Link {
            error: LinkError::OutOfReach { memory, .. },
            ..
        } => *memory,
        LoadError::Heap(error) => Some(MemoryError::Heap(*error)),
        _ => None,
    }
}
