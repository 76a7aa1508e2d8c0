//! Links by the tool `ironlink`, called as a shell would call it.

use crate::elf::File;
use crate::linked::Linked;
use crate::lld::Relaxation;
use crate::map;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Links the files at the paths that are the objects' names. `directory` must exist, and be of this link alone.
///
/// # Errors
/// What the tool says when it fails.
pub(crate) fn link(
    objects: &[File],
    relaxation: Relaxation,
    directory: &Path,
) -> Result<(Linked, Vec<String>), String> {
    let [map, image] = ["map", "image"].map(|name| directory.join(name));
    // What is undefined is at 0: from here, 32 bits reach it.
    let options = [
        "-noexec",
        "-phony-externals",
        "-no-gc-sections",
        "-slab-allocate=256Mb",
        "-slab-address=0x40000000",
    ];
    let mut arguments = options.map(OsString::from).to_vec();
    if relaxation == Relaxation::Off {
        arguments.push("-no-relax".into());
    }
    arguments.extend(["-map".into(), map.clone().into_os_string()]);
    arguments.extend(["-image".into(), image.clone().into_os_string()]);
    arguments.extend(objects.iter().map(|object| OsString::from(&object.name)));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = ironlink::cli::run(&arguments, &mut stdout, &mut stderr);
    if status != 0 {
        let said = String::from_utf8_lossy(&stderr);
        return Err(format!("status {status}: {said}"));
    }
    let [map, image] = [map, image].map(|path| fs::read(path).unwrap());
    Ok(map::read(&map, image, objects))
}
