//! The tool: it links what it is given, or says in one line why not; and what it writes can be read.

use std::cell::LazyCell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::{env, fs, io, process};

use ironlink::cli;
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol};

use crate::files;

/// More files than this are left out.
const MOST_FILES: usize = 4;

/// Small: what takes no time to clear. The addresses are such that code of every model can be linked there.
const MEMORY: [&str; 4] = ["-slab-allocate", "1Mb", "-slab-address", "0x400000"];

thread_local! {
    /// The folder for the files of one input after the other.
    static FOLDER: LazyCell<PathBuf> = LazyCell::new(|| {
        // Memory, where the system has it as a folder, is twice as fast as a disk.
        let memory = Some(PathBuf::from("/dev/shm")).filter(|path| path.is_dir());
        let parent = memory.unwrap_or_else(env::temp_dir);
        let folder = parent.join(format!("ironlink-fuzz-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder for files");
        folder
    });
}

/// What is asked of the tool for every input.
const ALWAYS: [&str; 4] = [
    "-noexec",
    "-phony-externals",
    "-show-addrs",
    "-show-graphs=.",
];

/// What is asked for some inputs: each bit of an input's size stands for one.
const SOMETIMES: [&str; 7] = [
    "-no-gc-sections",
    "-debug-info",
    "-no-relax",
    "-add-self-relocations",
    "-all_load",
    "-show-relocated-section-contents",
    "-show-linked-files",
];

/// Files that the tool writes, by the options that ask for them.
const WRITTEN: [&str; 4] = ["map", "image", "dot", "write-symtab"];

/// Has the tool link the files of `input`, without running them, and tell all that it can tell.
pub fn link_and_tell(input: &[u8]) {
    let path = |name: &str| FOLDER.with(|folder| folder.join(name));
    let mut files = Vec::new();
    for (index, file) in files::split(input).into_iter().take(MOST_FILES).enumerate() {
        let path = path(&index.to_string());
        fs::write(&path, file).expect("a file");
        files.push(OsString::from(path));
    }
    explain(&files);
    let is_asked = |place: &usize| input.len() >> place & 1 == 1;
    let asked = (0..SOMETIMES.len())
        .filter(is_asked)
        .map(|place| SOMETIMES[place]);
    let options = ALWAYS.into_iter().chain(MEMORY).chain(asked);
    let mut arguments: Vec<OsString> = options.map(OsString::from).collect();
    for option in WRITTEN {
        arguments.extend([format!("-{option}").into(), path(option).into()]);
    }
    arguments.extend(files);
    let (status, errors) = run(&arguments);
    match status {
        0 => {
            read_map(&fs::read(path("map")).expect("the map"));
            read_image(&fs::read(path("image")).expect("the image"));
        }
        status => {
            assert_eq!(status, 1);
            assert_eq!(errors.lines().count(), 1, "one line says why: {errors}");
        }
    }
}

/// Has the tool say whether the files would load.
fn explain(files: &[OsString]) {
    let mut arguments: Vec<OsString> = ["-explain", "-noexec"].map(OsString::from).into();
    arguments.extend_from_slice(files);
    let (status, errors) = run(&arguments);
    assert!(status <= 1, "{errors}");
}

/// The tool's exit status, and what it wrote to its standard error.
fn run(arguments: &[OsString]) -> (u8, String) {
    let mut errors = Vec::new();
    let status = cli::run(arguments, &mut io::sink(), &mut errors);
    (status, String::from_utf8_lossy(&errors).into_owned())
}

fn read_map(map: &[u8]) {
    let map: serde_json::Value = serde_json::from_slice(map).expect("JSON");
    for key in ["machine", "segments", "sections", "symbols", "got", "stubs"] {
        assert!(map.get(key).is_some(), "the map has no {key}");
    }
}

/// Reads all of an image by another reader.
fn read_image(image: &[u8]) {
    let elf = ElfFile64::<object::LittleEndian>::parse(image).expect("the image is ELF");
    for segment in elf.segments() {
        segment.data().expect("a segment lies in the file");
    }
    for section in elf.sections() {
        section.name().expect("a section has a name");
        section.data().expect("a section lies in the file");
    }
    for symbol in elf.symbols() {
        symbol.name_bytes().expect("a symbol has a name");
    }
}
