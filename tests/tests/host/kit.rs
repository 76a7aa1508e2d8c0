//! The kit as compilers take it: what a module states in C, C++ and Rust is what the loader reads of its object, without a
//! warning, on both machines; and the modules that `new-module` writes are such.

use std::fs;
use std::path::{Path, PathBuf};

use ironlink::base::{Machine, Name, Protection};
use ironlink::format::ReadOptions;
use ironlink::graph::{Definition, LinkGraph};
use ironlink::kit::{self, CHeader, Description, EntryPoint, RustHeader, files};
use ironlink::link::{Input, inputs};
use ironlink::memory::Lifetime;
use ironlink::session::{OfferedInterface, Session};
use ironlink_kernel::exports::interface;
use xtask::template;
use xtask::toolchain::{self, Compiler, Flavour, Language};

use crate::corpus::{exports, facts_of, modules_window};

const MACHINES: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

/// A module in C, and in C++.
const C_SOURCE: &str = r#"
#include "ironlink.h"
#include "ironlink_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif
int clock_read(int which);
void clock_stop(void);
extern int clock_table[2];
int helper(int which);
#ifdef __cplusplus
}
#endif

IRONLINK_EXPORT(clock_table);

int clock_table[2] = {1, 2};

int helper(int which) { return clock_table[which & 1]; }
int clock_read(int which) { return helper(which); }

static int clock_start(void) { return clock_read(0) - 1; }
void clock_stop(void) { clock_table[0] = 0; }

IRONLINK_EXPORT(clock_read);
IRONLINK_MODULE("clock", "1.2", "MIT", clock_start, clock_stop);
IRONLINK_NEEDS_KERNEL;
"#;

/// The same module in Rust.
const RUST_SOURCE: &str = r#"
#![no_std]
#![deny(warnings)]

#[macro_use]
mod ironlink_module;
#[macro_use]
mod ironlink_kernel;

#[unsafe(no_mangle)]
pub static clock_table: [core::sync::atomic::AtomicI32; 2] = [const { core::sync::atomic::AtomicI32::new(1) }; 2];

#[unsafe(no_mangle)]
pub extern "C" fn helper(which: i32) -> i32 {
    clock_table[(which & 1) as usize].load(core::sync::atomic::Ordering::Relaxed)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_read(which: i32) -> i32 {
    helper(which)
}

extern "C" fn clock_start() -> i32 {
    clock_read(0) - 1
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_stop() {
    clock_table[0].store(0, core::sync::atomic::Ordering::Relaxed);
}

ironlink_module! { name: "clock", version: "1.2", licence: "MIT", init: clock_start, exit: clock_stop }
ironlink_export!(clock_read);
ironlink_export!(static clock_table);
ironlink_needs_kernel!();
"#;

macro_rules! flavour {
    ($compiler:ident, $name:literal, $($option:literal)*) => {
        Flavour {
            name: $name,
            compiler: Compiler::$compiler,
            options: &["-Wall", "-Wextra", "-pedantic", "-Werror", $($option),*],
            machine: None,
        }
    };
}

/// The oldest and a newer standard, in each of the ways in which code and data are addressed.
const C_FLAVOURS: &[Flavour] = &[
    flavour!(Gcc, "gcc-old", "-std=c11" "-fPIC"),
    flavour!(Gcc, "gcc-new", "-std=c2x" "-fno-pic" "-fno-pie" "-O2" "-ffunction-sections" "-fdata-sections"),
    flavour!(Gcc, "gcc-hidden", "-std=gnu17" "-O2" "-fvisibility=hidden" "-g"),
    flavour!(Clang, "clang-old", "-std=c11" "-fPIC"),
    flavour!(Clang, "clang-new", "-std=c2x" "-fno-pic" "-fno-pie" "-O2" "-ffunction-sections" "-fdata-sections"),
    flavour!(Clang, "clang-hidden", "-std=gnu17" "-O2" "-fvisibility=hidden" "-g"),
];

const CXX_FLAVOURS: &[Flavour] = &[
    flavour!(Gcc, "gcc-old", "-std=c++11" "-fPIC"),
    flavour!(Gcc, "gcc-new", "-std=c++20" "-fno-pic" "-fno-pie" "-O2" "-ffunction-sections" "-fdata-sections"),
    flavour!(Gcc, "gcc-hidden", "-std=gnu++17" "-O2" "-fvisibility=hidden" "-g"),
    flavour!(Clang, "clang-old", "-std=c++11" "-fPIC"),
    flavour!(Clang, "clang-new", "-std=c++20" "-fno-pic" "-fno-pie" "-O2" "-ffunction-sections" "-fdata-sections"),
    flavour!(Clang, "clang-hidden", "-std=gnu++17" "-O2" "-fvisibility=hidden" "-g"),
];

fn rust_flavours() -> impl Iterator<Item = &'static Flavour> {
    toolchain::FLAVOURS
        .iter()
        .filter(|flavour| flavour.compiler == Compiler::Rustc)
}

#[test]
fn what_a_module_states_in_c_is_what_is_read() {
    check_all("kit_c", "clock.c", C_SOURCE, C_FLAVOURS);
}

#[test]
fn what_a_module_states_in_cxx_is_what_is_read() {
    check_all("kit_cxx", "clock.cpp", C_SOURCE, CXX_FLAVOURS);
}

#[test]
fn what_a_module_states_in_rust_is_what_is_read() {
    check_all("kit_rust", "clock.rs", RUST_SOURCE, rust_flavours());
}

/// Compiles a module for both machines in all flavours, and checks what is read of the objects.
fn check_all<'f>(
    folder: &str,
    file: &str,
    source: &str,
    flavours: impl IntoIterator<Item = &'f Flavour>,
) {
    let folder = folder_with_kit(folder);
    let source_path = folder.join(file);
    fs::write(&source_path, source).unwrap();
    for flavour in flavours {
        for machine in MACHINES {
            let context = format!("{file} by {} for {machine}", flavour.name);
            let object = compile(machine, &source_path, flavour, &folder)
                .unwrap_or_else(|error| panic!("{context}: {error}"));
            check(machine, &object, &context);
        }
    }
}

fn check(machine: Machine, object: &[u8], context: &str) {
    let input = [Input::new("clock.o", object)];
    let options = ReadOptions { debug: true };
    let mut graph = inputs::read(machine, &input, options, |_| false).unwrap();
    let Description {
        name,
        version,
        licence,
        init,
        exit,
        interface: required,
    } = kit::prepare(&mut graph).unwrap().expect(context);
    graph.verify().expect(context);
    let texts = (name.as_str(), version.as_str(), licence.as_str());
    assert_eq!(texts, ("clock", "1.2", "MIT"), "{context}");
    let required = required.expect(context);
    assert_eq!(required.hash, interface().unwrap().hash(), "{context}");
    assert_eq!(
        kit::check_interface(&required, &interface().unwrap()),
        Ok(())
    );
    assert!(name_of(&graph, &init).contains("clock_start"), "{context}");
    assert!(name_of(&graph, &exit).contains("clock_stop"), "{context}");
    let mut exported: Vec<String> = (graph.symbols.iter())
        .filter(|(_, symbol)| symbol.scope.is_exported() && symbol.is_in_graph())
        .map(|(_, symbol)| symbol.name.to_string())
        .collect();
    exported.sort();
    assert_eq!(exported, ["clock_read", "clock_table"], "{context}");
    for (_, section) in graph.sections.iter() {
        let is_record = section.name.bytes().starts_with(b".ironlink.");
        let is_in_memory = section.lifetime != Lifetime::NoAlloc;
        assert!(!is_record || !is_in_memory, "{context}: {}", section.name);
    }
}

/// The name of the function that a module names.
fn name_of(graph: &LinkGraph<'_>, point: &Option<EntryPoint>) -> String {
    let point = point.expect("both functions are named");
    let place = |symbol| match graph.symbols.at(symbol).definition {
        Definition::Block { block, offset } => (block, offset),
        other => panic!("{other:?}"),
    };
    let (block, offset) = place(point.symbol);
    let offset = offset.strict_add_signed(point.addend);
    let section = graph.blocks.at(block).section;
    assert_eq!(
        graph.sections.at(section).protection,
        Protection::ReadExecute
    );
    let named = graph.symbols.iter().find(|(_, symbol)| {
        symbol.definition == Definition::Block { block, offset } && symbol.is_callable()
    });
    named.unwrap().1.name.to_string()
}

#[test]
fn texts_that_are_too_long_do_not_compile() {
    let folder = folder_with_kit("kit_lengths");
    for (len, is_right) in [(0, false), (1, true), (63, true), (64, false)] {
        let name = "n".repeat(len);
        let c = format!(
            "#include \"ironlink.h\"\nIRONLINK_MODULE(\"{name}\", \"\", \"\", IRONLINK_NONE, IRONLINK_NONE);\n"
        );
        let rust = format!(
            "#![no_std]\n#[macro_use]\nmod ironlink_module;\nironlink_module! {{ name: \"{name}\", version: \"\", licence: \"\" }}\n"
        );
        for (file, text) in [("long.c", &c), ("long.cpp", &c), ("long.rs", &rust)] {
            let source = folder.join(file);
            fs::write(&source, text).unwrap();
            let flavour = toolchain::default_flavour(&source).unwrap();
            let object = compile(Machine::X86_64, &source, flavour, &folder);
            assert_eq!(object.is_ok(), is_right, "{file}, {len} bytes");
            let Ok(object) = object else { continue };
            let input = [Input::new("long.o", &object)];
            let options = ReadOptions::default();
            let graph = inputs::read(Machine::X86_64, &input, options, |_| false).unwrap();
            let description = kit::describe(&graph).unwrap().unwrap();
            assert_eq!(description.name.as_str(), name);
            assert!(description.init.is_none() && description.exit.is_none());
        }
    }
}

#[test]
fn modules_of_two_objects_are_told_by_both_names() {
    let folder = folder_with_kit("kit_twice");
    let source = folder.join("clock.c");
    fs::write(&source, C_SOURCE).unwrap();
    let flavour = toolchain::default_flavour(&source).unwrap();
    let object = compile(Machine::X86_64, &source, flavour, &folder).unwrap();
    let other = C_SOURCE
        .replace("clock_", "watch_")
        .replace("helper", "other_helper");
    let source = folder.join("watch.c");
    fs::write(&source, other).unwrap();
    let second = compile(Machine::X86_64, &source, flavour, &folder).unwrap();
    let both = [
        Input::new("clock.o", &object),
        Input::new("watch.o", &second),
    ];
    let graph = inputs::read(Machine::X86_64, &both, ReadOptions::default(), |_| false).unwrap();
    let error = kit::describe(&graph).unwrap_err().to_string();
    assert!(error.starts_with("watch.o: .ironlink."), "{error}");
    assert!(error.contains("already at clock.o: .ironlink."), "{error}");
}

#[test]
fn a_static_function_cannot_be_exported() {
    let folder = folder_with_kit("kit_static");
    for flavour in C_FLAVOURS {
        let source = folder.join("static.c");
        let text = "#include \"ironlink.h\"\nstatic int first(void) { return 1; }\n\
                    static int second(void) { return first(); }\nIRONLINK_EXPORT(second);\n";
        fs::write(&source, text).unwrap();
        for machine in MACHINES {
            let object = compile(machine, &source, flavour, &folder).unwrap();
            let input = [Input::new("static.o", &object)];
            let mut graph =
                inputs::read(machine, &input, ReadOptions::default(), |_| false).unwrap();
            let error = kit::limit_exports(&mut graph).unwrap_err().to_string();
            let expected = "static.o: .ironlink.exports+0x0: `second` can't be exported";
            assert!(error.starts_with(expected), "{error}");
        }
    }
}

#[test]
fn modules_to_start_from_compile_without_a_warning_and_link() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kit_templates");
    let _ = fs::remove_dir_all(&folder);
    for (name, language, flavours) in [
        ("in_c", Language::C, C_FLAVOURS),
        ("in_cxx", Language::Cxx, CXX_FLAVOURS),
        ("in_rust", Language::Rust, &[]),
    ] {
        let source = template::write_module(name, language, &folder).unwrap();
        let usual = toolchain::default_flavour(&source).unwrap();
        for flavour in [usual].into_iter().chain(flavours) {
            for machine in MACHINES {
                let object = compile(machine, &source, flavour, source.parent().unwrap());
                let object = object.unwrap_or_else(|error| panic!("{name}: {error}"));
                link(machine, name, &object);
            }
        }
    }
}

/// Reads a module to start from, and links it against what the kernel exports.
fn link(machine: Machine, name: &str, object: &[u8]) {
    let input = [Input::new(name, object)];
    let mut graph = inputs::read(machine, &input, ReadOptions::default(), |_| false).unwrap();
    let description = kit::prepare(&mut graph).unwrap().unwrap();
    graph.verify().unwrap();
    assert_eq!(description.name.as_str(), name);
    let interface = interface().unwrap();
    kit::check_interface(&description.interface.unwrap(), &interface).unwrap();
    let exported = |name: &str| {
        let symbol = graph.find(Name::from(name)).unwrap();
        graph.symbols.at(symbol).scope.is_exported()
    };
    assert!(exported("main") && exported(&format!("{name}_double")));

    let session = Session::for_machine(machine, modules_window());
    session.set_code_caller(|_| Ok(0));
    let offered = OfferedInterface {
        name: "kernel",
        make: ironlink_kernel::exports::interface,
    };
    session.offer_interface(offered).unwrap();
    let kernel = session.create_dylib("kernel").unwrap();
    kernel.define(&exports()).unwrap();
    // SAFETY: the module is linked to be looked at; nothing of it is called.
    let module = unsafe { session.load_all(name, &input) }.unwrap();
    assert!(module.address("main").is_some());
    let size_bytes: u64 = (module.segments())
        .map(|(range, _)| range.last().value() - range.first().value())
        .sum();
    assert!(size_bytes < 4096, "{size_bytes} bytes: the records too");
    // SAFETY: nothing refers to it.
    unsafe { module.unload() }.unwrap();
}

/// A new folder with the kit in all languages, and what the kernel offers.
fn folder_with_kit(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let interface = interface().unwrap();
    for (file, text) in [
        ("ironlink.h", files::IRONLINK_H),
        ("ironlink_module.rs", files::IRONLINK_MODULE_RS),
        ("ironlink_kernel.h", &CHeader(&interface).to_string()),
        ("ironlink_kernel.rs", &RustHeader(&interface).to_string()),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

fn compile(
    machine: Machine,
    source: &Path,
    flavour: &Flavour,
    folder: &Path,
) -> Result<Vec<u8>, String> {
    let machine = facts_of(machine);
    let object = toolchain::compile(machine, source, flavour, &folder.join(machine.name));
    let object = object.map_err(|error| format!("{error:#}"))?;
    Ok(fs::read(object).unwrap())
}
