//! Objects that must be refused, each for one thing that is wrong with it, and what the error must say.

use alloc::vec;
use alloc::vec::Vec;

use ironlink::base::Machine;
use ironlink::format::FormatFault;
use ironlink::link::LinkError;
use ironlink::session::LoadError;

use crate::object_file::{ObjectFile, Relocation, Section, Symbol, elf};

/// The name under which bad objects are loaded; every error shows it.
pub const NAME: &str = "bad.o";

/// An object with one thing wrong.
#[derive(Clone, Copy, Debug)]
pub struct BadObject {
    /// What is wrong, in words.
    pub name: &'static str,
    /// Makes the object.
    pub bytes: fn(Machine) -> Vec<u8>,
    /// Whether an error is the one that it must get.
    pub is_its_error: fn(&LoadError) -> bool,
    /// What the error's text must hold beside the object's name: where, which symbol, which value, what to try.
    pub says: &'static [&'static str],
}

/// All of them.
pub const BAD_OBJECTS: &[BadObject] = &[
    BadObject {
        name: "no object at all",
        bytes: |_| b"int main(void) { return 0; }".to_vec(),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::NotAnObject)),
        says: &["neither an ELF object nor an archive", "cc -c"],
    },
    BadObject {
        name: "an empty file",
        bytes: |_| Vec::new(),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::NotAnObject)),
        says: &["neither an ELF object nor an archive"],
    },
    BadObject {
        name: "a 32-bit object",
        bytes: |machine| with(machine, |object| object.class = 1),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::Not64Bit)),
        says: &["32-bit", "-m64"],
    },
    BadObject {
        name: "a big-endian object",
        bytes: |machine| with(machine, |object| object.encoding = 2),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::BigEndian)),
        says: &["big-endian", "little-endian"],
    },
    BadObject {
        name: "an executable",
        bytes: |machine| with(machine, |object| object.file_type = elf::ET_EXEC),
        is_its_error: |error| {
            matches!(
                fault(error),
                Some(FormatFault::NotRelocatable { file_type: 2 })
            )
        },
        says: &["not relocatable", "cc -c"],
    },
    BadObject {
        name: "a shared object",
        bytes: |machine| with(machine, |object| object.file_type = elf::ET_DYN),
        is_its_error: |error| {
            matches!(
                fault(error),
                Some(FormatFault::NotRelocatable { file_type: 3 })
            )
        },
        says: &["not relocatable"],
    },
    BadObject {
        name: "an object for another machine",
        bytes: |machine| {
            let other = match machine {
                Machine::X86_64 => elf::EM_AARCH64,
                Machine::Aarch64 => elf::EM_X86_64,
            };
            with(machine, |object| object.machine = other)
        },
        is_its_error: |error| matches!(fault(error), Some(FormatFault::WrongMachine { .. })),
        says: &["an object for ELF machine", "compile for"],
    },
    BadObject {
        name: "an unknown relocation",
        bytes: |machine| with_relocation(machine, |relocation| relocation.kind = 9999),
        is_its_error: |error| {
            matches!(
                fault(error),
                Some(FormatFault::UnknownRelocation { number: 9999, .. })
            )
        },
        says: &[".data+0x8", "9999"],
    },
    BadObject {
        name: "a relocation that ends past its section",
        bytes: |machine| with_relocation(machine, |relocation| relocation.offset = 9),
        is_its_error: |error| {
            matches!(
                fault(error),
                Some(FormatFault::RelocationOffset { size_bytes: 16, .. })
            )
        },
        says: &[".data+0x9", "0x10 bytes"],
    },
    BadObject {
        name: "a relocation at the end of the address space",
        bytes: |machine| with_relocation(machine, |relocation| relocation.offset = u64::MAX - 3),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::RelocationOffset { .. })),
        says: &[".data+0xfffffffffffffffc"],
    },
    BadObject {
        name: "a relocation against a symbol past the table",
        bytes: |machine| with_relocation(machine, |relocation| relocation.symbol = 77),
        is_its_error: |error| {
            matches!(
                fault(error),
                Some(FormatFault::SymbolIndex {
                    index: 77,
                    count: 2
                })
            )
        },
        says: &[".data+0x8", "symbol 77 of 2"],
    },
    BadObject {
        name: "a symbol in a section past the table",
        bytes: |machine| with(machine, |object| object.symbols[0].section = 500),
        is_its_error: |error| {
            matches!(
                fault(error),
                Some(FormatFault::SymbolSection { index: 500, .. })
            )
        },
        says: &["`main` lies in section 500 of"],
    },
    BadObject {
        name: "a name past the string table",
        bytes: |machine| {
            with(machine, |object| {
                object.symbols[0].name_offset = Some(100_000)
            })
        },
        is_its_error: |error| matches!(fault(error), Some(FormatFault::SymbolName { index: 1 })),
        says: &["symbol 1", "string table"],
    },
    BadObject {
        name: "alignment 3",
        bytes: |machine| with(machine, |object| object.sections[1].alignment = 3),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::BadAlignment { value: 3 })),
        says: &[".data+0x0", "alignment 3", "power of two"],
    },
    BadObject {
        name: "alignment 2^40",
        bytes: |machine| with(machine, |object| object.sections[1].alignment = 1 << 40),
        is_its_error: |error| matches!(fault(error), Some(FormatFault::LargeAlignment { .. })),
        says: &[".data+0x0", "0x10000000000", "lower it"],
    },
    BadObject {
        name: "a bss of 2^64-16 bytes",
        bytes: |machine| {
            with(machine, |object| {
                object.sections.push(Section::bss(".bss", u64::MAX - 15))
            })
        },
        is_its_error: |error| matches!(fault(error), Some(FormatFault::LargeSection { .. })),
        says: &[".bss+0x0", "0xfffffffffffffff0", "make it smaller"],
    },
    BadObject {
        name: "a section past the end of the file",
        bytes: |machine| {
            with(machine, |object| {
                object.sections[1].size_bytes = Some(1 << 20)
            })
        },
        is_its_error: |error| matches!(fault(error), Some(FormatFault::Damaged { .. })),
        says: &[".data+0x0"],
    },
    BadObject {
        name: "a writable and executable section",
        bytes: |machine| {
            with(machine, |object| {
                object.sections[1].flags |= elf::SHF_EXECINSTR
            })
        },
        is_its_error: |error| matches!(fault(error), Some(FormatFault::WritableExecutable)),
        says: &[".data+0x0", "writable and executable"],
    },
    BadObject {
        name: "a thread-local variable",
        bytes: |machine| {
            with(machine, |object| {
                object.sections.push(Section {
                    flags: elf::SHF_ALLOC | elf::SHF_WRITE | elf::SHF_TLS,
                    ..Section::data(".tdata", vec![0; 8])
                });
                object.symbols.push(Symbol {
                    info: elf::GLOBAL_TLS,
                    ..Symbol::function("per_thread", 3)
                });
            })
        },
        is_its_error: |error| {
            matches!(
                error,
                LoadError::Link {
                    error: LinkError::Pass { .. },
                    ..
                }
            )
        },
        says: &[".tdata+0x0", "`per_thread` needs thread-local"],
    },
    BadObject {
        name: "undefined symbols",
        bytes: |machine| {
            let mut object = good_with_relocation(machine);
            object.symbols.push(Symbol::undefined("first_absent"));
            object.symbols.push(Symbol::undefined("second_absent"));
            let first = object.sections[1].relocations[0];
            object.sections[1].relocations = vec![
                Relocation {
                    symbol: 2,
                    offset: 0,
                    ..first
                },
                Relocation {
                    symbol: 3,
                    offset: 8,
                    ..first
                },
            ];
            object.to_bytes()
        },
        is_its_error: |error| matches!(error, LoadError::Link { error: LinkError::Missing(missing), .. } if missing.symbols.len() == 2),
        says: &["first_absent", "second_absent"],
    },
    BadObject {
        name: "a distance that no 32 bits hold",
        bytes: |machine| {
            let mut object = good_with_relocation(machine);
            object.symbols.push(Symbol {
                value: 0x7000_0000_0000,
                ..Symbol::function("far_away", elf::SHN_ABS)
            });
            let kind = match machine {
                Machine::X86_64 => elf::R_X86_64_PC32,
                Machine::Aarch64 => elf::R_AARCH64_PREL32,
            };
            let relocation = &mut object.sections[1].relocations[0];
            (relocation.symbol, relocation.kind) = (2, kind);
            object.to_bytes()
        },
        is_its_error: |error| {
            matches!(
                error,
                LoadError::Link {
                    error: LinkError::OutOfReach { .. },
                    ..
                }
            )
        },
        says: &[".data+0x8", "far_away", "0x700000000000", "-fPIC"],
    },
];

/// What is wrong with a file, if that is what an error is about.
fn fault(error: &LoadError) -> Option<&FormatFault> {
    match error {
        LoadError::Format(error) => Some(&error.fault),
        _ => None,
    }
}

/// The good object with a change.
fn with(machine: Machine, change: impl FnOnce(&mut ObjectFile)) -> Vec<u8> {
    let mut object = ObjectFile::good(machine);
    change(&mut object);
    object.to_bytes()
}

/// The good object, whose data hold the address of `main` in their upper half, with a change to the relocation.
fn with_relocation(machine: Machine, change: impl FnOnce(&mut Relocation)) -> Vec<u8> {
    let mut object = good_with_relocation(machine);
    change(&mut object.sections[1].relocations[0]);
    object.to_bytes()
}

fn good_with_relocation(machine: Machine) -> ObjectFile {
    let mut object = ObjectFile::good(machine);
    let relocation = Relocation {
        offset: 8,
        symbol: 1,
        kind: object.address_relocation(),
        addend: 0,
    };
    object.sections[1].relocations.push(relocation);
    object
}
