//! What perf reads about code that no file holds: a dump of the functions that were linked, with their bytes.
//!
//! `perf record -k mono` notes that this process maps the dump; `perf inject --jit` then makes files of the functions
//! that samples can be counted in.
//!
//! Source: Linux, tools/perf/Documentation/jitdump-specification.txt, version 1.
#![expect(
    unsafe_code,
    reason = "reads a clock and maps the dump, which perf looks out for"
)]

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{env, format, process, ptr};

use object::elf;

use crate::base::Machine;

use super::picture::{Picture, PictureSection, PictureSymbol};

/// What the dump begins with: "JiTD" as a number.
const MAGIC: u32 = 0x4a69_5444;
const VERSION: u32 = 1;
const HEADER_SIZE: u32 = 40;
/// The kind of a record that tells of a function.
const CODE_LOAD: u32 = 0;
/// The size of such a record before the function's name.
const CODE_LOAD_SIZE: u32 = 56;

/// Where the dump of this process belongs: below the directory that the environment names, as other compilers' do.
pub(super) fn path() -> PathBuf {
    let base = env::var_os("JITDUMPDIR").or_else(|| env::var_os("HOME"));
    let process = process::id();
    let now = nanoseconds();
    PathBuf::from(base.unwrap_or_else(|| ".".into()))
        .join(".debug/jit")
        .join(format!("llvm-IR-jit-{process}-{now:x}"))
        .join(format!("jit-{process}.dump"))
}

/// Writes the dump of all functions, and lets perf know of it. To be called before they run.
///
/// # Errors
/// If the file can't be written, or not be mapped as if it were run.
pub(super) fn announce(picture: &Picture, path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)?;
    file.write_all(&dump(picture, nanoseconds()))?;
    mark(&file)
}

/// The bytes of the dump.
fn dump(picture: &Picture, timestamp: u64) -> Vec<u8> {
    let machine = match picture.machine {
        Machine::X86_64 => elf::EM_X86_64,
        Machine::Aarch64 => elf::EM_AARCH64,
    };
    let process = process::id();
    let mut dump = Vec::new();
    words(
        &mut dump,
        [
            MAGIC,
            VERSION,
            HEADER_SIZE,
            u32::from(machine.0),
            0,
            process,
        ],
    );
    doubles(&mut dump, [timestamp, 0]);
    let functions = picture
        .symbols
        .iter()
        .filter_map(|symbol| code(picture, symbol));
    for (index, (symbol, code)) in (0..).zip(functions) {
        let name: String = symbol.name.chars().filter(|&c| c != '\0').collect();
        let size = name.len() + 1 + code.len();
        let Some(size) = u32::try_from(size)
            .ok()
            .and_then(|size| size.checked_add(CODE_LOAD_SIZE))
        else {
            continue;
        };
        words(&mut dump, [CODE_LOAD, size]);
        doubles(&mut dump, [timestamp]);
        words(&mut dump, [process, process]);
        doubles(
            &mut dump,
            [symbol.address, symbol.address, symbol.size, index],
        );
        dump.extend(name.bytes());
        dump.push(0);
        dump.extend(code);
    }
    dump
}

/// A function's bytes; `None` if the symbol names no code.
fn code<'p>(
    picture: &'p Picture,
    symbol: &'p PictureSymbol,
) -> Option<(&'p PictureSymbol, &'p [u8])> {
    let is_code = |section: &&PictureSection| {
        section
            .protection
            .is_some_and(|protection| protection.is_executable())
    };
    let section = picture.sections.get(symbol.section?).filter(is_code)?;
    let start = usize::try_from(symbol.address.checked_sub(section.address)?).ok()?;
    let size = usize::try_from(symbol.size).ok().filter(|&size| size > 0)?;
    let code = section.bytes.get(start..start.checked_add(size)?)?;
    Some((symbol, code))
}

fn words<const N: usize>(dump: &mut Vec<u8>, words: [u32; N]) {
    dump.extend(words.into_iter().flat_map(u32::to_ne_bytes));
}

fn doubles<const N: usize>(dump: &mut Vec<u8>, doubles: [u64; N]) {
    dump.extend(doubles.into_iter().flat_map(u64::to_ne_bytes));
}

/// The time of the clock that perf stamps its samples by.
fn nanoseconds() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock exists on each system, and the time is written to a place of its type.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.wrapping_mul(1_000_000_000).wrapping_add(rest)
}

/// Maps the first page of the file as code, which perf records; it stays mapped until the process ends.
fn mark(file: &File) -> io::Result<()> {
    let access = libc::PROT_READ | libc::PROT_EXEC;
    let size = usize::try_from(HEADER_SIZE).map_err(io::Error::other)?;
    // SAFETY: the kernel chooses a place that nothing uses, and nobody reads or runs what lies there.
    let mapped = unsafe {
        libc::mmap(
            ptr::null_mut(),
            size,
            access,
            libc::MAP_PRIVATE,
            file.as_raw_fd(),
            0,
        )
    };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use crate::base::{Machine, Protection};
    use crate::graph::{Linkage, Scope, SymbolKind};

    use super::super::picture::{Picture, PictureSection, PictureSymbol};
    use super::dump;

    fn section(name: &str, address: u64, protection: Protection, bytes: &[u8]) -> PictureSection {
        PictureSection {
            object: "a.o".into(),
            is_of_linker: false,
            name: name.into(),
            index: 1,
            offset: 0,
            address,
            size: 4,
            protection: Some(protection),
            is_zero_fill: false,
            is_thread_local: false,
            bytes: bytes.into(),
        }
    }

    fn symbol(name: &str, section: usize, address: u64, size: u64) -> PictureSymbol {
        PictureSymbol {
            name: name.into(),
            object: "a.o".into(),
            section: Some(section),
            address,
            size,
            kind: SymbolKind::Function,
            scope: Scope::Default,
            linkage: Linkage::Strong,
            is_external: false,
        }
    }

    #[test]
    fn each_function_is_told_with_its_bytes_and_nothing_else_is() {
        let picture = Picture {
            machine: Machine::X86_64,
            entry: None,
            segments: Vec::new(),
            sections: Vec::from([
                section(
                    ".text",
                    0x1000,
                    Protection::ReadExecute,
                    &[0x31, 0xc0, 0xc3, 0x90],
                ),
                section(".data", 0x2000, Protection::ReadWrite, &[1, 2, 3, 4]),
            ]),
            symbols: Vec::from([
                symbol("data", 1, 0x2000, 4),
                symbol("label", 0, 0x1000, 0),
                symbol("beyond", 0, 0x1003, 2),
                symbol("f", 0, 0x1002, 2),
            ]),
            got: Vec::new(),
            stubs: Vec::new(),
            got_base: None,
            thread_storage: None,
            indirect_functions: Vec::new(),
            initializers: Vec::new(),
        };
        let dump = dump(&picture, 7);
        let (header, record) = dump.split_at(40);
        let process = std::process::id().to_ne_bytes();
        assert_eq!(&header[..16], b"DTiJ\x01\0\0\0\x28\0\0\0\x3e\0\0\0");
        assert_eq!(header[20..24], process);
        assert_eq!(header[24], 7);
        let word = |at: usize| u64::from_ne_bytes(record[at..at + 8].try_into().unwrap());
        assert_eq!(&record[..8], b"\0\0\0\0\x3c\0\0\0");
        assert_eq!((word(8), word(24), word(32)), (7, 0x1002, 0x1002));
        assert_eq!(
            (&record[16..20], &record[20..24]),
            (&process[..], &process[..])
        );
        assert_eq!((word(40), word(48)), (2, 0));
        assert_eq!(&record[56..], b"f\0\xc3\x90");
    }
}
