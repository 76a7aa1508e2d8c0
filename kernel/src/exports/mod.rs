//! What modules link against: the kernel's own small C library, and what compilers call by themselves.
//!
//! - [`exports!`](crate::exports!) makes tables of [`Export`]s; [`symbols`] gives the rows of every table here, and
//!   [`interface`] their names with versions, which tell whether a module was built for this kernel.
//! - [`Host`] is the little that this needs of the kernel; [`install`] says which.
//! - C library: `stream`, `printf`, `scanf`, `memory`, `string`, `string_search`, `character`, `number`, `heap`, `process`,
//!   `exit`, `errno`, `jump`, `sort`, `random`.
//! - Compilers: `compiler` (stack protector, wide integers, atomics), `cxx` (C++ ABI), `fortify` (checked forms).
//! - `format` and `va_list` are pure; `machine` is the assembly.
//!
//! Modules are trusted, as they run with the kernel's privilege: their pointers are followed, as a C library would. No
//! floating-point number crosses from or to Rust code here, for the kernel's idea of where one travels may differ from a
//! module's; shims of assembly read and write the registers instead. Helpers with floating-point parameters come from
//! libraries that modules bring.

#[macro_use]
mod row;

mod character;
mod compiler;
mod cxx;
mod errno;
mod exit;
mod format;
mod fortify;
mod heap;
mod host;
mod jump;
mod machine;
mod memory;
mod number;
mod printf;
mod process;
mod random;
mod raw;
mod scanf;
mod signature;
mod sort;
mod stream;
mod string;
mod string_search;
#[cfg(test)]
mod test_host;
mod va_list;

use ironlink::base::{OutOfMemory, fallible};
use ironlink::kit::Interface;
use ironlink::session::AbsoluteSymbol;

pub use compiler::stack_protector::canary;
pub use exit::{
    ExitHandler, ModuleAddresses, forget_exit_handlers, forget_lost_exit_handlers, set_program,
    take_exit_handler,
};
pub use host::{Host, install};
pub use row::{Export, Shim};
pub use signature::{IntegerSignature, Signature, Word, require_integers};

/// Every name that modules may link against.
pub fn all() -> impl Iterator<Item = &'static Export> {
    let of_this_machine = compiler::atomics::OF_THIS_MACHINE.iter().copied().flatten();
    of_all_machines().chain(of_this_machine)
}

/// The names that modules of all machines may link against.
fn of_all_machines() -> impl Iterator<Item = &'static Export> {
    let tables = TABLES
        .iter()
        .chain(compiler::atomics::TABLES)
        .chain(cxx::TABLES);
    tables.copied().flatten()
}

/// The interface called `kernel`, which modules are built against: the same numbers on all machines, so that a tool on a host
/// tells those of every kernel. What compilers call on one machine alone is no part of it.
///
/// # Errors
/// The heap has no room.
///
/// # Panics
/// A name is there twice or can't stand in an interface: a fault of the tables, which a test finds.
pub fn interface() -> Result<Interface<'static>, OutOfMemory> {
    let mut entries = fallible::vec_with_capacity(of_all_machines().count())?;
    for export in of_all_machines() {
        fallible::push(&mut entries, export.interface_entry())?;
    }
    match Interface::new(INTERFACE, entries) {
        Ok(interface) => Ok(interface),
        Err(error) => panic!("{error}"),
    }
}

/// What the kernel's interface is called.
pub const INTERFACE: &str = "kernel";

/// The same, as a session's dylib takes them.
pub fn symbols() -> impl Iterator<Item = AbsoluteSymbol<'static>> {
    all().map(Export::symbol)
}

static TABLES: &[&[Export]] = &[
    character::EXPORTS,
    compiler::integers::EXPORTS,
    compiler::stack_protector::EXPORTS,
    errno::EXPORTS,
    exit::EXPORTS,
    fortify::EXPORTS,
    heap::EXPORTS,
    jump::EXPORTS,
    memory::EXPORTS,
    number::EXPORTS,
    printf::EXPORTS,
    process::EXPORTS,
    random::EXPORTS,
    scanf::EXPORTS,
    sort::EXPORTS,
    stream::EXPORTS,
    string::EXPORTS,
    string_search::EXPORTS,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{all, interface, of_all_machines};

    #[test]
    fn no_name_is_exported_twice() {
        let mut names = HashSet::new();
        let twice = all().find(|export| !names.insert(export.name));
        assert!(twice.is_none(), "{twice:?}");
    }

    #[test]
    fn the_interface_has_every_name_that_all_machines_have() {
        let interface = interface().unwrap();
        let mut names: Vec<String> = of_all_machines()
            .map(|export| export.name.to_owned())
            .collect();
        names.sort();
        let listed = interface.entries().iter();
        let listed: Vec<String> = listed.map(|entry| entry.name.to_string()).collect();
        assert_eq!(listed, names);
        assert!(!listed.iter().any(|name| name.starts_with("__aarch64_")));
    }

    #[test]
    fn what_a_row_says_of_a_name_is_its_version_in_the_interface() {
        let interface = interface().unwrap();
        let version = |name: &str| {
            let entry = interface
                .entries()
                .iter()
                .find(|entry| entry.name.bytes() == name.as_bytes());
            entry.unwrap().version
        };
        let expected = |text| ironlink::kit::entry_version(text, 1);
        assert_eq!(version("abort"), expected("fn() -> !"));
        assert_eq!(
            version("memcpy"),
            expected("fn(pointer, pointer, u64) -> pointer")
        );
        assert_eq!(version("printf"), expected("shim"));
        assert_eq!(version("stdout"), expected("data of 8 bytes"));
    }
}
