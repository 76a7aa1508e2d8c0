//! The kernel's code model: code compiled for the top 2 GiB runs there, and calls what lies in the low ones.

use alloc::vec::Vec;

use ironlink::base::{AddressRange, TargetAddr};
use ironlink::memory::KernelSpace;
use ironlink::session::Session;
use ironlink_kernel::{exports, guard, kernel_test};

use super::programs;
use super::snapshot::Snapshot;

/// Addresses of the top 2 GiB that the kernel's own window leaves free, under the same entry of the root table.
const TOP: AddressRange =
    AddressRange::from_size(TargetAddr::new(0xffff_ffff_f000_0000), 0x100_0000).unwrap();

kernel_test! {
    fn a_module_of_the_kernels_code_model_runs_in_the_top_two_gigabytes(kernel) {
        for name in ["switch_tables.gcc-kernel", "switch_tables.clang-kernel"] {
            let program = programs::named(kernel, name);
            let before = Snapshot::of(kernel);
            {
                // SAFETY: nobody else maps anything there, and both spaces change different tables of the same root, one at a
                // time.
                let tables = unsafe { kernel.page_tables() };
                // SAFETY: as above; the kernel runs on this one processor.
                let space = unsafe { KernelSpace::new(kernel.frames(), tables.access(), &[TOP], kernel.roots()) };
                let space = space.unwrap_or_else(|error| panic!("{error}"));
                let session = Session::new(space.clone());
                let rows: Vec<_> = exports::symbols().collect();
                session
                    .create_dylib("kernel")
                    .and_then(|dylib| dylib.define(&rows))
                    .unwrap_or_else(|error| panic!("{error}"));
                // SAFETY: the corpus is part of this project.
                let module = unsafe { session.load_all(name, &program.inputs) };
                let module = module.unwrap_or_else(|error| panic!("{error}"));
                let main = module.function::<unsafe extern "C" fn() -> i32>("main");
                let main = main.unwrap_or_else(|error| panic!("{error}"));
                assert!(TOP.contains(main.address()), "{name} lies at {}", main.address());
                // SAFETY: the program's `main` takes nothing and returns an int.
                assert!(matches!(guard::run(|| unsafe { main() }), Ok(0)), "{name}");
                assert!(matches!(space.audit(|violation| panic!("{violation}")), Ok(0)));
                // SAFETY: its `main` has returned.
                unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
            }
            before.assert_same_but_heap_now(kernel);
        }
    }
}
