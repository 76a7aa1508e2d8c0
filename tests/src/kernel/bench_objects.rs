//! What the objects cost here that the host's comparison loads, too: a load and an unload of each, in instructions, with page
//! tables, copying and zeroing apart.
//!
//! An object lies on the disk as `NAME.object`, beside `NAME.names`: the names that it misses, a line each.

use alloc::format;
use alloc::vec::Vec;

use ironlink::base::TargetAddr;
use ironlink::session::{AbsoluteSymbol, Input, LoadError, Module, Session};
use ironlink_kernel::selftest::figure;
use ironlink_kernel::{Kernel, clock};

use super::meter::{self, Metered, bare_copy, bare_zeroing};

/// Where the missing names lie: nothing calls them, and all code reaches it.
const ELSEWHERE: TargetAddr = TargetAddr::new(0x4000_0000);

const PAGE_BYTES: u64 = 4096;

/// Measures each object of the disk.
pub(super) fn run(kernel: &'static Kernel) -> Result<(), LoadError> {
    let inputs = &kernel.initrd().inputs;
    for object in inputs {
        let Some(name) = object.name.strip_suffix(".object") else {
            continue;
        };
        let names = inputs.iter().find(|input| {
            let stem = input.name.strip_suffix(".names");
            stem == Some(name)
        });
        let names = names.map_or(&[][..], |names| names.bytes);
        let names = core::str::from_utf8(names).unwrap_or_default();
        measure(kernel, name, object, &names.lines().collect::<Vec<_>>())?;
    }
    Ok(())
}

fn measure(
    kernel: &'static Kernel,
    name: &str,
    object: &Input<'_>,
    missing: &[&str],
) -> Result<(), LoadError> {
    let session = Session::new(Metered::new(kernel.space().clone()));
    let rows: Vec<AbsoluteSymbol<'_>> = (missing.iter())
        .map(|name| AbsoluteSymbol::function(name, ELSEWHERE))
        .collect();
    session.create_dylib("elsewhere")?.define(&rows)?;
    // The first load grows what stays: tables of the session, and page tables.
    for is_counted in [false, true] {
        meter::take();
        let start = clock::instructions();
        // SAFETY: C objects and generated ones, without constructors: nothing of them runs.
        let module = unsafe { session.load(name, object.bytes) }?;
        let total = clock::instructions() - start;
        let pages = meter::take();
        if is_counted {
            tell_load(name, total, pages, &module);
        }
        let start = clock::instructions();
        // SAFETY: nothing of it was called or linked to.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
        let total = clock::instructions() - start;
        if is_counted {
            let pages = meter::take();
            figure(&format!("object {name}: instructions to unload"), total);
            figure(&format!("object {name}: of them for pages"), pages);
        }
    }
    Ok(())
}

fn tell_load(name: &str, total: u64, pages: u64, module: &Module<'_, Metered>) {
    let statistics = module.statistics();
    let count: u64 = module
        .segments()
        .filter_map(|(range, _)| range.last().checked_distance_from(range.first()))
        .map(|distance| distance / PAGE_BYTES + 1)
        .sum();
    let copy = bare_copy(statistics.content_bytes);
    let zeroing = bare_zeroing(count * PAGE_BYTES);
    let tables = pages.saturating_sub(zeroing);
    let tell = |what: &str, value: u64| figure(&format!("object {name}: {what}"), value);
    tell("instructions to load", total);
    tell("of them to copy the bytes", copy);
    tell("of them to zero the pages", zeroing);
    tell("of them for page tables", tables);
    tell("pages", count);
    tell(
        "instructions for each page, zeroing apart",
        tables / count.max(1),
    );
    tell(LINKING, total.saturating_sub(pages).saturating_sub(copy));
}

/// What is compared with the host's count. What pages cost, and why, the documentation of `ironlink::memory::KernelSpace` says.
const LINKING: &str = "instructions to link";
