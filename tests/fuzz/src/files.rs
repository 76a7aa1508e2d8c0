//! The files of an input.

use ironlink::base::Machine;
use memchr::memmem;

/// What stands between two files; `cargo xtask fuzz` puts it between those of a seed.
pub const SEPARATOR: &[u8] = include_bytes!("../separator");

/// How an ELF file begins.
pub const ELF_MAGIC: &[u8] = b"\x7fELF";

/// Where `e_machine` stands in an ELF file.
const E_MACHINE: usize = 18;
/// `e_machine` of aarch64.
const EM_AARCH64: [u8; 2] = 183_u16.to_le_bytes();

/// The files of `input`, in order.
pub fn split(input: &[u8]) -> Vec<&[u8]> {
    let mut files = Vec::new();
    let mut rest = input;
    while let Some(end) = memmem::find(rest, SEPARATOR) {
        files.push(&rest[..end]);
        rest = &rest[end + SEPARATOR.len()..];
    }
    files.push(rest);
    files
}

/// The input of which these are the files.
pub fn join(files: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let files: Vec<&[u8]> = files.iter().map(AsRef::as_ref).collect();
    files.join(SEPARATOR)
}

/// The places in `input` where ELF files begin, members of archives included.
pub fn elf_files(input: &[u8]) -> Vec<usize> {
    memmem::find_iter(input, ELF_MAGIC).collect()
}

/// The machine that the first object of `input` is for; x86-64 if none says so.
pub fn machine(input: &[u8]) -> Machine {
    let machine =
        memmem::find(input, ELF_MAGIC).and_then(|elf| input[elf..].get(E_MACHINE..E_MACHINE + 2));
    if machine == Some(&EM_AARCH64) {
        Machine::Aarch64
    } else {
        Machine::X86_64
    }
}

#[cfg(test)]
mod tests {
    use super::{elf_files, join, split};

    #[test]
    fn files_that_were_joined_are_split_again() {
        let files = [b"first".as_slice(), b"", b"last"];
        assert_eq!(split(&join(&files)), files);
        assert_eq!(split(b"alone"), [b"alone"]);
    }

    #[test]
    fn elf_files_are_found_wherever_they_begin() {
        assert_eq!(elf_files(b"\x7fELF..\x7fELF"), [0, 6]);
    }
}
