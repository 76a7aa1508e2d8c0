//! What loads cost, in instructions: in total, for page tables, for a bare copy of the bytes, and for each relocation.

use alloc::format;
use alloc::vec::Vec;

use ironlink::link::Statistics;
use ironlink::session::{AbsoluteSymbol, LoadError, Session};
use ironlink_kernel::protocol::STATUS_KERNEL_FAILED;
use ironlink_kernel::selftest::figure;
use ironlink_kernel::{Kernel, clock, exports, guard, heap, log};
use ironlink_tests::program::Program;

use super::meter::{self, Metered, bare_copy};

/// Loads each program of the disk, and tells what that took.
pub(super) fn run(kernel: &'static Kernel) -> u8 {
    let rows: Vec<AbsoluteSymbol<'_>> = exports::symbols().collect();
    let programs = Program::all_in(&kernel.initrd().inputs);
    let mut first_call = true;
    // The small program comes first: what a kernel needs to get a module going at all.
    for name in ["hello", "zlib", "thousand_functions"] {
        let Some(program) = programs.iter().find(|program| program.program == name) else {
            log!("the disk has no {name}");
            return STATUS_KERNEL_FAILED;
        };
        match measure(kernel, &rows, program, &mut first_call) {
            Ok(()) => {}
            Err(error) => {
                log!("{error}");
                return STATUS_KERNEL_FAILED;
            }
        }
    }
    if let Err(error) = super::bench_objects::run(kernel) {
        log!("{error}");
        return STATUS_KERNEL_FAILED;
    }
    if let Err(error) = super::bench_jit::run(kernel) {
        log!("{error}");
        return STATUS_KERNEL_FAILED;
    }
    0
}

fn measure(
    kernel: &'static Kernel,
    rows: &[AbsoluteSymbol<'_>],
    program: &Program<'_>,
    first_call: &mut bool,
) -> Result<(), LoadError> {
    let session = Session::new(Metered::new(kernel.space().clone()));
    session.create_dylib("kernel")?.define(rows)?;
    meter::take();
    heap::forget_peaks();
    let heap_before = heap::statistics().used_bytes;
    let start = clock::instructions();
    // SAFETY: the corpus is trusted as the kernel's own code; C objects without constructors run nothing yet.
    let module = unsafe { session.load_all(program.program, &program.inputs) }?;
    let total = clock::instructions() - start;
    let pages = meter::take();
    let peak = heap::statistics().peak_bytes - heap_before;
    if *first_call {
        *first_call = false;
        let call = module.function::<unsafe extern "C" fn() -> i32>("main");
        let from_entry = clock::instructions() - kernel.entry_instructions();
        // SAFETY: the program's `main` takes nothing and returns an int.
        let _ = call.map(|main| guard::run(|| unsafe { main() }));
        figure("from the kernel's entry to the first call", from_entry);
    }
    tell(program.program, total, pages, peak, module.statistics());
    // SAFETY: the program has ended, and no other module was linked to it.
    unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    Ok(())
}

fn tell(name: &str, total: u64, pages: u64, peak: usize, statistics: Statistics) {
    let copy = bare_copy(statistics.content_bytes);
    let fixups = statistics.fixups;
    let rest = total.saturating_sub(pages).saturating_sub(copy);
    let tell = |what: &str, value: u64| figure(&format!("{name}: {what}"), value);
    tell("instructions to load", total);
    tell("of them for pages and their protections", pages);
    tell("of them a bare copy of the bytes would take", copy);
    tell("relocations", fixups);
    tell(
        "instructions for each relocation, all counted",
        total / fixups.max(1),
    );
    tell(
        "instructions for each relocation, without pages and copy",
        rest / fixups.max(1),
    );
    tell("bytes copied", statistics.content_bytes);
    tell("bytes left zero", statistics.zero_fill_bytes);
    tell("peak of the heap while loading, in bytes", peak as u64);
}
