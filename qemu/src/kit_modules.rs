//! Modules for tests of the kit inside the kernel: those that [`template`] writes, with something added that tells when it runs,
//! and others that must be refused.
//!
//! Each is an object `module_kit_NAME.FLAVOUR.o`, in the default flavour of its language.

use crate::image;
use crate::machines::Machine;
use crate::template;
use crate::toolchain::corpus::Member;
use crate::toolchain::{self, Language};
use anyhow::{Context, Result, anyhow, ensure};
use ironlink::base::Name;
use ironlink::kit::{CHeader, Interface, InterfaceEntry};
use ironlink_kernel::exports;
use std::fs::{self, File};
use std::path::Path;

/// What is added to a module in C: an initializer, a finalizer, and a function that is not exported.
const MORE_C: &str = "\n\
    __attribute__((constructor)) static void begin(void) { puts(\"begin\"); }\n\
    __attribute__((destructor)) static void end(void) { puts(\"end\"); }\n\
    int not_exported(void);\n\
    int not_exported(void) { return 1; }\n";

/// The same in C++.
const MORE_CXX: &str = "\n\
    struct Object {\n    Object() { std::puts(\"begin\"); }\n    ~Object() { std::puts(\"end\"); }\n};\n\
    static Object object;\n\
    extern \"C\" int not_exported();\n\
    extern \"C\" int not_exported() { return 1; }\n";

/// The same in Rust.
const MORE_RUST: &str = "\n\
    extern \"C\" fn begin() {\n    // SAFETY: the template asks for no arguments.\n    unsafe { printf(c\"begin\\n\".as_ptr()) };\n}\n\n\
    extern \"C\" fn end() {\n    // SAFETY: the template asks for no arguments.\n    unsafe { printf(c\"end\\n\".as_ptr()) };\n}\n\n\
    #[used]\n#[unsafe(link_section = \".init_array\")]\nstatic BEGIN: extern \"C\" fn() = begin;\n\
    #[used]\n#[unsafe(link_section = \".fini_array\")]\nstatic END: extern \"C\" fn() = end;\n\n\
    #[unsafe(no_mangle)]\npub extern \"C\" fn not_exported() -> c_int {\n    1\n}\n";

/// What is changed of a module that the template writes.
#[derive(Clone, Copy)]
enum Change {
    /// Something is added to its source.
    More(&'static str),
    /// Its init function fails.
    FailingInit,
    /// It is built against an interface in which this name has another version.
    OtherVersion(&'static str),
    /// It is built against an interface that has this name, too.
    MissingName(&'static str),
    /// A version of this name was changed in its header, by hand.
    EditedHeader(&'static str),
}

const MODULES: &[(&str, Language, Change)] = &[
    ("module_kit_c", Language::C, Change::More(MORE_C)),
    ("module_kit_cxx", Language::Cxx, Change::More(MORE_CXX)),
    ("module_kit_rust", Language::Rust, Change::More(MORE_RUST)),
    ("module_kit_failing", Language::C, Change::FailingInit),
    (
        "module_kit_changed",
        Language::C,
        Change::OtherVersion("puts"),
    ),
    (
        "module_kit_missing",
        Language::C,
        Change::MissingName("put_twice"),
    ),
    (
        "module_kit_edited",
        Language::C,
        Change::EditedHeader("puts"),
    ),
];

/// Writes and compiles all of them for `machine`.
///
/// # Errors
/// They can't be written, or a compiler is missing or refuses one.
pub fn objects(machine: &'static Machine) -> Result<Vec<Member>> {
    let folder = image::work_folder().join("kit-modules").join(machine.name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    let mut members = Vec::new();
    for &(name, language, change) in MODULES {
        // What is left of another run may be of another template.
        let _ = fs::remove_dir_all(folder.join(name));
        let source = template::write_module(name, language, &folder)?;
        change.apply(&source)?;
        let flavour = toolchain::default_flavour(&source)?;
        let path = toolchain::compile(machine, &source, flavour, &folder.join("objects"))?;
        let name = format!("{name}.{}.o", flavour.name);
        members.push(Member { name, path });
    }
    Ok(members)
}

impl Change {
    fn apply(self, source: &Path) -> Result<()> {
        let header = source.with_file_name("ironlink_kernel.h");
        let offered = exports::interface().map_err(|error| anyhow!("{error}"))?;
        let mut entries = offered.entries().to_vec();
        match self {
            Self::More(text) => edit(source, |old| old.to_owned() + text),
            Self::FailingInit => edit(source, |old| old.replacen("return 0;", "return -5;", 1)),
            Self::OtherVersion(name) => {
                entry_of(&mut entries, name)?.version ^= 1;
                write_header(&header, entries)
            }
            Self::MissingName(name) => {
                let name = Name::from(name);
                entries.push(InterfaceEntry { name, version: 1 });
                write_header(&header, entries)
            }
            Self::EditedHeader(name) => {
                let version = entry_of(&mut entries, name)?.version;
                let number = |version: u64| format!("{version:#018x}");
                edit(&header, |old| {
                    old.replace(&number(version), &number(version ^ 1))
                })
            }
        }
    }
}

fn entry_of<'e>(
    entries: &'e mut [InterfaceEntry<'static>],
    name: &str,
) -> Result<&'e mut InterfaceEntry<'static>> {
    let entry = entries.iter_mut().find(|it| it.name == Name::from(name));
    entry.with_context(|| format!("the kernel does not export {name}"))
}

/// Writes the header of an interface with these entries.
fn write_header(path: &Path, entries: Vec<InterfaceEntry<'_>>) -> Result<()> {
    let interface = Interface::new(exports::INTERFACE, entries);
    let interface = interface.map_err(|error| anyhow!("{error}"))?;
    edit(path, |_| CHeader(&interface).to_string())
}

/// Changes a file, and makes sure that it did.
fn edit(path: &Path, change: impl FnOnce(&str) -> String) -> Result<()> {
    let old =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let new = change(&old);
    ensure!(
        new != old,
        "{}: nothing there to be changed",
        path.display()
    );
    fs::write(path, new).with_context(|| format!("cannot write {}", path.display()))
}
