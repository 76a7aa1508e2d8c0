//! The compiler inside the kernel: what it compiles where that is measured, and what it adds to the kernel's image.

use crate::figures::Figures;
use crate::image::{Image, work_folder, workspace};
use crate::machines::Machine;
use crate::pack::Pack;
use crate::toolchain::clif;
use anyhow::{Context, Result};
use object::{Object, ObjectSegment};
use std::fs;
use std::path::{Path, PathBuf};

/// The kernels that are compared, and what they are called.
const KERNELS: [(Image, &str); 2] = [
    (Image::Kernel, "the kernel"),
    (Image::KernelWithCompiler, "the kernel with a compiler"),
];

/// What is compiled where it is measured.
const TEXT: &str = "tests/clif/fib.clif";

/// Packs the function that is compiled, linked and called.
pub(super) fn pack_text(machine: &'static Machine) -> Result<PathBuf> {
    let folder = work_folder().join(machine.name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let unit = folder.join("fib.clif");
    clif::write_unit(&[workspace().join(TEXT)], &unit)?;
    let mut pack = Pack::new();
    pack.add_file(&unit)?;
    let initrd = folder.join("bench-clif.initrd");
    pack.write(&initrd)?;
    Ok(initrd)
}

/// Adds how large the kernels are, and how long they take to build from nothing if that is asked for.
pub(super) fn compare_kernels(
    machine: &'static Machine,
    build_time: bool,
    figures: &mut Figures,
) -> Result<()> {
    for (image, name) in KERNELS {
        let file = image.build(machine)?;
        let bytes = format!("{name}: bytes that are loaded");
        figures.add(&bytes, loaded_bytes(&file)?);
        if build_time {
            let seconds = format!("{name}: seconds to build it from nothing");
            figures.add(&seconds, image.build_from_nothing(machine)?.as_secs());
        }
    }
    Ok(())
}

/// How many bytes of an image are loaded: all of a flat one, and what the segments of an ELF file hold.
fn loaded_bytes(image: &Path) -> Result<u64> {
    let bytes = fs::read(image).with_context(|| format!("cannot read {}", image.display()))?;
    let Ok(file) = object::File::parse(bytes.as_slice()) else {
        return Ok(bytes.len() as u64);
    };
    Ok(file.segments().map(|segment| segment.file_range().1).sum())
}
