//! What modules link against: the kernel's own small C library, and what compilers call by themselves.
//!
//! - [`exports!`](crate::exports!) makes tables of [`Export`]s; [`symbols`] gives the rows of every table here.
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
mod sort;
mod stream;
mod string;
mod string_search;
#[cfg(test)]
mod test_host;
mod va_list;

use ironlink::session::AbsoluteSymbol;

pub use compiler::stack_protector::canary;
pub use exit::{forget_exit_handlers, run_exit_handlers};
pub use host::{Host, install};
pub use row::{Export, IntegerSignature, Shim, Word, require_integers};

/// Every name that modules may link against.
pub fn all() -> impl Iterator<Item = &'static Export> {
    let tables = TABLES
        .iter()
        .chain(compiler::atomics::TABLES)
        .chain(cxx::TABLES);
    tables.copied().flatten()
}

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

    use super::all;

    #[test]
    fn no_name_is_exported_twice() {
        let mut names = HashSet::new();
        let twice = all().find(|export| !names.insert(export.name));
        assert!(twice.is_none(), "{twice:?}");
    }
}
