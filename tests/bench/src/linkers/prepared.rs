//! Objects as peers want them, made beforehand: what is changed is no part of what is measured.

use crate::object_file::ObjectFile;
use object::elf::{
    FileHeader64, R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX, Rela64,
};
use object::read::elf::{FileHeader, SectionHeader};
use object::{LittleEndian, pod};
use std::path::Path;
use std::process::Command;
use std::{env, fs, mem, process};

/// The object's bytes, in which relocations that may be relaxed are such as may not.
pub(super) fn with_plain_got_relocations(object: &ObjectFile) -> Result<Vec<u8>, String> {
    plain(object.bytes.clone()).map_err(|error| error.to_string())
}

fn plain(mut bytes: Vec<u8>) -> object::Result<Vec<u8>> {
    let mut tables = Vec::new();
    let header = FileHeader64::<LittleEndian>::parse(&*bytes)?;
    for section in header.section_headers(LittleEndian, &*bytes)? {
        if section.rela(LittleEndian, &*bytes)?.is_some() {
            let start = section.sh_offset(LittleEndian) as usize;
            tables.push(start..start + section.sh_size(LittleEndian) as usize);
        }
    }
    for table in tables {
        let count = table.len() / mem::size_of::<Rela64<LittleEndian>>();
        let entries = bytes.get_mut(table).unwrap_or_default();
        let entries = pod::slice_from_bytes_mut::<Rela64<LittleEndian>>(entries, count);
        for entry in entries.map_or(&mut [][..], |(entries, _)| entries) {
            let kind = entry.r_type(LittleEndian, false);
            if kind == R_X86_64_GOTPCRELX || kind == R_X86_64_REX_GOTPCRELX {
                let symbol = entry.r_sym(LittleEndian, false);
                entry.set_r_info(LittleEndian, false, symbol, R_X86_64_GOTPCREL);
            }
        }
    }
    Ok(bytes)
}

/// The object joined with sections that `source` defines.
pub(super) fn joined_with(object: &ObjectFile, source: &str) -> Result<Vec<u8>, String> {
    let folder = env::temp_dir().join(format!("ironlink-bench-{}", process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let joined = join(object, source, &folder);
    let _ = fs::remove_dir_all(&folder);
    joined
}

fn join(object: &ObjectFile, source: &str, folder: &Path) -> Result<Vec<u8>, String> {
    let file = |name| folder.join(name);
    let write = |name, bytes: &[u8]| {
        let written = fs::write(file(name), bytes);
        written.map_err(|error| error.to_string())
    };
    write("extra.s", source.as_bytes())?;
    write("object.o", &object.bytes)?;
    let mut clang = Command::new("clang");
    run(clang
        .arg("-c")
        .arg(file("extra.s"))
        .arg("-o")
        .arg(file("extra.o")))?;
    let mut gcc = Command::new("gcc");
    gcc.args(["-r", "-nostdlib", "-o"]).arg(file("joined.o"));
    run(gcc.arg(file("object.o")).arg(file("extra.o")))?;
    fs::read(file("joined.o")).map_err(|error| error.to_string())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
