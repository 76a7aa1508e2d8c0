//! Branches to what is too far away for them, within one link.

use crate::elf::File;
use crate::lld::Relaxation;
use crate::programs::{directory, finish, judge};
use crate::tool::{self, Region};
use ironlink::base::Machine;
use ironlink_tests::object_file::{ObjectFile, Relocation, Section, Symbol, elf};
use libtest_mimic::Trial;
use std::fs;

/// More than a branch of AArch64 reaches, in bytes.
const FAR: u64 = 129 << 20;
/// `bl` to itself.
const CALL: [u8; 4] = [0x00, 0x00, 0x00, 0x94];
const CALLS: u64 = 8;

/// A test for the machine whose branches reach less than its programs are large.
pub(crate) fn trials() -> Vec<Trial> {
    let name = "aarch64::calls_to_far_functions_of_the_same_link";
    vec![Trial::test(name, || finish(check(name)))]
}

fn check(name: &str) -> Vec<String> {
    let directory = directory(name);
    let path = directory.join("far.o");
    let bytes = object().to_bytes();
    fs::write(&path, &bytes).unwrap();
    let objects = [File::parse(&path.to_string_lossy(), bytes)];
    let link = tool::link(&objects, Relaxation::On, Region::Usual, &directory);
    match link {
        Ok((linked, mut failures)) => {
            failures.extend(judge(&objects, &linked));
            failures
        }
        Err(error) => vec![error],
    }
}

/// Calls to functions on both sides of a stretch that no branch passes.
fn object() -> ObjectFile {
    let mut object = ObjectFile::empty(Machine::Aarch64);
    let mut callers = Section::text(".text", CALL.repeat(CALLS as usize));
    callers.relocations = (0..CALLS)
        .map(|call| Relocation {
            offset: call * 4,
            symbol: 1 + call as u32 % 2,
            kind: elf::R_AARCH64_CALL26,
            addend: 0,
        })
        .collect();
    // Zeros take no room in a file, even where code is expected.
    let stretch = Section {
        flags: elf::SHF_ALLOC | elf::SHF_EXECINSTR,
        ..Section::bss(".far", FAR)
    };
    object.sections = vec![callers, stretch];
    let near = Symbol::function("near", 2);
    let far = Symbol {
        value: FAR - 4,
        ..Symbol::function("far", 2)
    };
    object.symbols = vec![near, far];
    object
}
