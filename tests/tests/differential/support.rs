//! An object that defines what others miss, so that a program links whole, by any linker, without its libraries.

use crate::elf::{Binding, File, Machine, Place};
use crate::names;
use ironlink::base;
use ironlink_tests::object_file::{ObjectFile, Section, Symbol};
use std::collections::BTreeSet;

/// How far the definitions are apart.
const DISTANCE: u64 = 16;

/// The names that are wanted of others, and not only weakly.
pub(crate) fn missing_names(objects: &[File]) -> BTreeSet<&str> {
    let symbols = objects.iter().flat_map(|object| &object.symbols);
    let (wanted, defined): (Vec<_>, Vec<_>) = symbols
        .filter(|symbol| symbol.binding != Binding::Local)
        .partition(|symbol| symbol.place == Place::Undefined);
    let wanted = wanted
        .iter()
        .filter(|symbol| symbol.binding == Binding::Global);
    let mut names: BTreeSet<&str> = wanted.map(|symbol| symbol.name.as_str()).collect();
    for symbol in defined {
        names.remove(symbol.name.as_str());
    }
    // Linkers define these.
    names.remove("_GLOBAL_OFFSET_TABLE_");
    names.retain(|name| !names::is_bound(name));
    names
}

/// The object's bytes: each missing name is a stretch of its code.
pub(crate) fn object_for(objects: &[File]) -> Vec<u8> {
    let names = missing_names(objects);
    let machine = match objects[0].machine {
        Machine::X86_64 => base::Machine::X86_64,
        Machine::Aarch64 => base::Machine::Aarch64,
    };
    let mut support = ObjectFile::empty(machine);
    let size = DISTANCE as usize * names.len();
    support.sections = vec![Section::text(".text", vec![0; size])];
    // The writer of objects keeps names for good; so do we.
    let symbols = names.iter().zip((0..).step_by(DISTANCE as usize));
    let symbols = symbols.map(|(name, value)| Symbol {
        value,
        ..Symbol::function(String::leak((*name).to_owned()), 1)
    });
    support.symbols = symbols.collect();
    support.to_bytes()
}
