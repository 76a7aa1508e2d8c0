//! What Cranelift compiles here, as ELF objects: Ironlink loads them into this process and runs them, `ld.lld` links the same
//! and the answers are the same. For foreign machines, the differential tests compare the bytes.

pub(crate) mod objects;
mod wires;

use std::ffi::{CStr, CString};
use std::fs;
use std::path::Path;
use std::process::Command;

use ironlink::base::{Machine, TargetAddr};
use ironlink::compiler::Compiler;
use ironlink::graph::{Linkage, SymbolKind};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::{AbsoluteSymbol, Session};
use object::LittleEndian;
use object::read::elf::ElfFile64;
use object::read::{Object, ObjectSection, ObjectSymbol};

use objects::{WAYS, compiler, expected, object};

const ARGUMENTS: [i64; 9] = [0, 1, 2, 3, 15, 1000, -1, i64::MIN, 0x1234_5678_9abc_def0];

#[test]
fn compiled_functions_run_where_they_are_loaded() {
    let machine = Machine::HOST.expect("Ironlink links for this machine");
    for (way, settings) in WAYS {
        let (bytes, _) = object(&compiler(machine, settings), false);
        let session = Session::new(HostedMemory::new().unwrap());
        let rows = [c"ceil", c"memcpy"].map(|name| AbsoluteSymbol {
            name: name.to_str().unwrap(),
            address: TargetAddr::new(address_of(name) as u64),
            size_bytes: 0,
            kind: SymbolKind::Function,
            linkage: Linkage::Strong,
            is_protected: false,
        });
        session.create_dylib("host").unwrap().define(&rows).unwrap();
        // SAFETY: compiled from what stands beside this file.
        let module = unsafe { session.load("compiled.o", &bytes) }.unwrap();
        let run = module
            .function::<unsafe extern "C" fn(i64) -> i64>("run")
            .unwrap();
        for x in ARGUMENTS {
            // SAFETY: it takes any number.
            assert_eq!(unsafe { run(x) }, expected(x), "{way} of {x}");
        }
    }
}

#[test]
fn compiled_functions_run_where_another_linker_made_a_library_of_them() {
    let machine = Machine::HOST.expect("Ironlink links for this machine");
    for (way, settings) in WAYS {
        // Such code can't be part of a library that lies anywhere.
        if settings.contains(&("is_pic", "false")) {
            continue;
        }
        let (bytes, _) = object(&compiler(machine, settings), true);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        fs::create_dir_all(&folder).unwrap();
        let input = folder.join(format!("{way}.o"));
        let output = folder.join(format!("{way}.so"));
        fs::write(&input, &bytes).unwrap();
        let lld = Command::new("ld.lld")
            .args(["-shared", "--fatal-warnings", "--eh-frame-hdr", "-o"])
            .args([&output, &input])
            .output()
            .expect("ld.lld comes with lld");
        assert!(
            lld.status.success(),
            "{}",
            String::from_utf8_lossy(&lld.stderr)
        );
        let path = CString::new(output.to_str().unwrap()).unwrap();
        // SAFETY: it has no initializers.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!library.is_null(), "{way}");
        // SAFETY: looks a name up.
        let run = unsafe { libc::dlsym(library, c"run".as_ptr()) };
        assert!(!run.is_null(), "{way}");
        // SAFETY: the function's own signature.
        let run: unsafe extern "C" fn(i64) -> i64 = unsafe { std::mem::transmute(run) };
        for x in ARGUMENTS {
            // SAFETY: it takes any number.
            assert_eq!(unsafe { run(x) }, expected(x), "{way} of {x}");
        }
    }
}

#[test]
fn what_is_appended_stands_where_it_is_said_to() {
    for machine in [Machine::X86_64, Machine::Aarch64] {
        let compiler = compiler(machine, &[]);
        let compiled = objects::compile(&compiler);
        for own_pages in [false, true] {
            let (bytes, placed) = object(&compiler, own_pages);
            let file = ElfFile64::<LittleEndian>::parse(bytes.as_slice()).unwrap();
            let section = file.section_by_name(".text").unwrap();
            let text = section.data().unwrap();
            let page = compiler.page_alignment().bytes();
            assert_eq!(section.align() >= page, own_pages);
            assert_eq!(section.size().is_multiple_of(page), own_pages);
            let mut end = 0;
            for ((place, code), name) in placed.iter().zip(&compiled).zip(objects::NAMES) {
                let mut symbols = file.symbols().filter(|it| it.name() == Ok(name));
                let symbol = symbols.next().map(|it| (it.address(), it.size()));
                assert_eq!(symbol, Some((place.start, place.length_bytes)), "{name}");
                assert!(code.alignment.divides(place.start) && place.start >= end);
                end = place.start + place.length_bytes;
                assert_eq!(place.length_bytes, code.bytes.len() as u64);
                let found = &text[place.start as usize..end as usize];
                assert_eq!(found, code.bytes);
            }
        }
    }
}

/// Where the process has `name`.
fn address_of(name: &CStr) -> usize {
    // SAFETY: looks a name up.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    assert!(!address.is_null(), "{name:?}");
    address.expose_provenance()
}
