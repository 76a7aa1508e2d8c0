//! Flavours: a compiler at one set of options, as rows of data.

use self::Compiler::{Clang, Gcc, Rustc};
use super::Language;
use crate::machines::{AARCH64, Machine, X86_64};
use anyhow::Result;
use std::path::Path;

/// A family of compilers; the language of a source chooses among its programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compiler {
    /// GNU: gcc, g++.
    Gcc,
    /// LLVM: clang, clang++.
    Clang,
    /// Rust: rustc.
    Rustc,
}

/// A compiler at one set of options.
#[derive(Clone, Copy, Debug)]
pub struct Flavour {
    /// What objects of this flavour are called after: letters, digits and hyphens.
    pub name: &'static str,
    /// Who compiles.
    pub compiler: Compiler,
    /// What is asked of it, beyond what it does by itself.
    pub options: &'static [&'static str],
    /// The only machine that has these options; `None` if both do.
    pub machine: Option<&'static Machine>,
}

const fn on_both(
    name: &'static str,
    compiler: Compiler,
    options: &'static [&'static str],
) -> Flavour {
    Flavour {
        name,
        compiler,
        options,
        machine: None,
    }
}

const fn on_x86_64(
    name: &'static str,
    compiler: Compiler,
    options: &'static [&'static str],
) -> Flavour {
    Flavour {
        name,
        compiler,
        options,
        machine: Some(&X86_64),
    }
}

const fn on_aarch64(
    name: &'static str,
    compiler: Compiler,
    options: &'static [&'static str],
) -> Flavour {
    Flavour {
        name,
        compiler,
        options,
        machine: Some(&AARCH64),
    }
}

/// All flavours. `default` is the compiler without a word from us.
#[rustfmt::skip]
pub static FLAVOURS: &[Flavour] = &[
    on_both("gcc-default", Gcc, &[]),
    on_both("gcc-O1", Gcc, &["-O1"]),
    on_both("gcc-O2", Gcc, &["-O2"]),
    on_both("gcc-O3", Gcc, &["-O3"]),
    on_both("gcc-pic-O0", Gcc, &["-O0", "-fPIC"]),
    on_both("gcc-pic-O3", Gcc, &["-O3", "-fPIC"]),
    on_both("gcc-nopic-O0", Gcc, &["-O0", "-fno-pic", "-fno-pie"]),
    on_both("gcc-nopic-O3", Gcc, &["-O3", "-fno-pic", "-fno-pie"]),
    on_both("gcc-noplt", Gcc, &["-O2", "-fPIC", "-fno-plt"]),
    on_both("gcc-sections", Gcc, &["-O2", "-ffunction-sections", "-fdata-sections"]),
    on_both("gcc-debug", Gcc, &["-g"]),
    on_both("gcc-stack-protector", Gcc, &["-O2", "-fstack-protector-strong"]),
    on_both("gcc-fortify", Gcc, &["-O2", "-D_FORTIFY_SOURCE=2"]),
    on_x86_64("gcc-large", Gcc, &["-O2", "-mcmodel=large", "-fno-pic", "-fno-pie"]),
    on_x86_64("gcc-large-pic", Gcc, &["-O2", "-mcmodel=large", "-fPIC"]),
    on_x86_64("gcc-kernel", Gcc, &["-O2", "-mcmodel=kernel", "-fno-pic", "-fno-pie"]),
    on_aarch64("gcc-large", Gcc, &["-O2", "-mcmodel=large", "-fno-pic", "-fno-pie"]),
    on_aarch64("gcc-outline-atomics", Gcc, &["-O2", "-moutline-atomics"]),
    on_aarch64("gcc-inline-atomics", Gcc, &["-O2", "-mno-outline-atomics"]),

    on_both("clang-default", Clang, &[]),
    on_both("clang-O1", Clang, &["-O1"]),
    on_both("clang-O2", Clang, &["-O2"]),
    on_both("clang-O3", Clang, &["-O3"]),
    on_both("clang-pic-O0", Clang, &["-O0", "-fPIC"]),
    on_both("clang-pic-O3", Clang, &["-O3", "-fPIC"]),
    on_both("clang-nopic-O0", Clang, &["-O0", "-fno-pic", "-fno-pie"]),
    on_both("clang-nopic-O3", Clang, &["-O3", "-fno-pic", "-fno-pie"]),
    on_both("clang-noplt", Clang, &["-O2", "-fPIC", "-fno-plt"]),
    on_both("clang-sections", Clang, &["-O2", "-ffunction-sections", "-fdata-sections"]),
    on_both("clang-debug", Clang, &["-g"]),
    on_both("clang-stack-protector", Clang, &["-O2", "-fstack-protector-strong"]),
    on_both("clang-fortify", Clang, &["-O2", "-D_FORTIFY_SOURCE=2"]),
    on_x86_64("clang-large", Clang, &["-O2", "-mcmodel=large", "-fno-pic", "-fno-pie"]),
    on_x86_64("clang-large-pic", Clang, &["-O2", "-mcmodel=large", "-fPIC"]),
    on_x86_64("clang-kernel", Clang, &["-O2", "-mcmodel=kernel", "-fno-pic", "-fno-pie"]),
    on_aarch64("clang-large", Clang, &["-O2", "-mcmodel=large", "-fno-pic", "-fno-pie"]),
    on_aarch64("clang-outline-atomics", Clang, &["-O2", "-moutline-atomics"]),
    on_aarch64("clang-inline-atomics", Clang, &["-O2", "-mno-outline-atomics"]),

    on_both("rustc-O0", Rustc, &["-Copt-level=0"]),
    on_both("rustc-O3", Rustc, &["-Copt-level=3"]),
    on_both("rustc-debug", Rustc, &["-Cdebuginfo=2"]),
];

impl Flavour {
    /// The flavour called `name` on `machine`.
    pub fn named(name: &str, machine: &Machine) -> Option<&'static Self> {
        FLAVOURS
            .iter()
            .find(|flavour| flavour.name == name && flavour.exists_on(machine))
    }

    /// Whether the machine has what the options ask for.
    pub fn exists_on(&self, machine: &Machine) -> bool {
        self.machine.is_none_or(|only| only == machine)
    }

    /// Whether the compiler reads `language`, and the options make a difference to it.
    pub fn suits(&self, language: Language) -> bool {
        match language {
            Language::Rust => self.compiler == Rustc,
            Language::C | Language::Cxx => self.compiler != Rustc,
            Language::Assembly => self.compiler != Rustc && self.options.is_empty(),
        }
    }
}

/// The flavour in which a user's source is compiled: gcc at its defaults, rustc optimised.
///
/// # Errors
/// The file's name tells no language.
pub fn default_flavour(source: &Path) -> Result<&'static Flavour> {
    let language = Language::told_by(source)?;
    let compiler_options: &[&str] = match language {
        Language::Rust => &["-Copt-level=3"],
        Language::C | Language::Cxx | Language::Assembly => &[],
    };
    Ok(FLAVOURS
        .iter()
        .find(|flavour| flavour.suits(language) && flavour.options == compiler_options)
        .expect("the table has a row for each language"))
}

#[cfg(test)]
mod tests {
    use super::{FLAVOURS, Flavour, default_flavour};
    use crate::machines::MACHINES;
    use std::path::Path;

    #[test]
    fn no_two_flavours_of_a_machine_share_a_name() {
        for machine in MACHINES {
            for flavour in FLAVOURS.iter().filter(|flavour| flavour.exists_on(machine)) {
                let found = Flavour::named(flavour.name, machine).unwrap();
                assert_eq!(found.options, flavour.options, "{}", flavour.name);
            }
        }
    }

    #[test]
    fn names_have_no_dot_since_dots_part_the_names_of_objects() {
        assert!(FLAVOURS.iter().all(|flavour| !flavour.name.contains('.')));
    }

    #[test]
    fn each_language_has_a_default() {
        for (source, name) in [
            ("a.c", "gcc-default"),
            ("a.cpp", "gcc-default"),
            ("a.S", "gcc-default"),
            ("a.rs", "rustc-O3"),
        ] {
            assert_eq!(default_flavour(Path::new(source)).unwrap().name, name);
        }
        assert!(default_flavour(Path::new("a.txt")).is_err());
    }
}
