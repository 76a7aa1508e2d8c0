//! Links by the tool `ironlink`, called as a shell would call it.

use crate::elf::File;
use crate::linked::Linked;
use crate::lld::Relaxation;
use crate::map;
use crate::support;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Where a link lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Region {
    /// In the low 2 GiB, with what lies outside of the link near to it.
    Low,
    /// Where the tool likes to have it: far from all else, if its relocations let it.
    Usual,
}

/// A link as the tool tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) map: Vec<u8>,
    pub(crate) image: Vec<u8>,
}

/// Where names lie that no object defines; each has an address of its own, so that none is taken for another unnoticed.
const ELSEWHERE: u64 = 0x5000_0000;

/// Links the files at the paths that are the objects' names; what contradicts itself in what the tool tells of that is told,
/// too. `directory` must exist, and be of this link alone.
///
/// # Errors
/// What the tool says when it fails.
pub(crate) fn link(
    objects: &[File],
    relaxation: Relaxation,
    region: Region,
    directory: &Path,
) -> Result<(Linked, Vec<String>), String> {
    let Outcome { map, image } = run(objects, relaxation, region, directory)?;
    let (linked, mut faults) = map::read(&map, image, objects);
    for (name, address) in addresses_elsewhere(objects) {
        let told = linked.names.get(name).copied();
        // What nothing refers to, a map may leave out.
        if told.is_some_and(|told| told != address) {
            faults.push(format!(
                "`{name}` is at {address:#x}, the map says {told:x?}"
            ));
        }
    }
    Ok((linked, faults))
}

/// The addresses of what no object defines, and may be outside of the link. What each thread has for itself has none.
fn addresses_elsewhere(objects: &[File]) -> Vec<(&str, u64)> {
    let missing = support::missing_names(objects);
    let symbols = objects.iter().flat_map(|object| &object.symbols);
    let inner = symbols.filter(|symbol| !symbol.is_default || symbol.is_thread_local);
    let inner: HashSet<&str> = inner.map(|symbol| symbol.name.as_str()).collect();
    let names = missing.into_iter().filter(|name| !inner.contains(name));
    names.zip((ELSEWHERE..).step_by(16)).collect()
}

/// The same without reading what the tool writes.
///
/// # Errors
/// As [`link`].
pub(crate) fn run(
    objects: &[File],
    relaxation: Relaxation,
    region: Region,
    directory: &Path,
) -> Result<Outcome, String> {
    let [map, image] = ["map", "image"].map(|name| directory.join(name));
    let options = ["-noexec", "-phony-externals", "-no-gc-sections"];
    let mut arguments = options.map(OsString::from).to_vec();
    if region == Region::Low {
        let slab = ["-slab-allocate=256Mb", "-slab-address=0x40000000"];
        arguments.extend(slab.map(OsString::from));
    }
    if relaxation == Relaxation::Off {
        arguments.push("-no-relax".into());
    }
    arguments.extend(["-map".into(), map.clone().into_os_string()]);
    arguments.extend(["-image".into(), image.clone().into_os_string()]);
    for (name, address) in addresses_elsewhere(objects) {
        arguments.push(format!("-abs={name}={address:#x}").into());
    }
    arguments.extend(objects.iter().map(|object| OsString::from(&object.name)));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = ironlink::cli::run(&arguments, &mut stdout, &mut stderr);
    if status != 0 {
        let said = String::from_utf8_lossy(&stderr);
        return Err(format!("status {status}: {said}"));
    }
    let [map, image] = [map, image].map(|path| fs::read(path).unwrap());
    Ok(Outcome { map, image })
}
