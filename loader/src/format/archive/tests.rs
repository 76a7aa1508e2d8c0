//! Archives in every form that `ar` programs write, with an index and without, and such as no program writes.

pub(crate) mod build;
mod forms;
mod hostile;
mod index;
mod thin;

use std::string::{String, ToString};
use std::vec::Vec;

use object::elf;

use super::{Archive, Members};
use crate::base::Name;
use crate::format::FormatError;
use crate::format::elf::tests::file::{FIRST, global, loaded, object};

/// An object that defines this name.
fn defining(name: &'static str) -> Vec<u8> {
    object(&[global(name, FIRST)], std::vec![loaded(".text")])
}

fn parse(bytes: &[u8]) -> Archive<'_> {
    Archive::parse(Name::from("libx.a"), bytes).unwrap()
}

/// The names of all members.
fn names_of(bytes: &[u8]) -> Vec<String> {
    let members = Members::of(Name::from("libx.a"), bytes, None).unwrap();
    members
        .map(|member| member.unwrap().name.to_string())
        .collect()
}

/// The name and the content of the member that defines `symbol`.
fn member_of<'a>(archive: &Archive<'a>, symbol: &str) -> (String, &'a [u8]) {
    let offset = archive.find(Name::from(symbol)).unwrap();
    let member = archive.member(offset).unwrap();
    assert_eq!(member.offset, offset);
    (member.name.to_string(), member.bytes)
}

/// What is said of a bad archive.
fn error_of(bytes: &[u8]) -> String {
    error(Archive::parse(Name::from("libx.a"), bytes))
}

fn error<T>(result: Result<T, FormatError>) -> String {
    result.err().unwrap().to_string()
}

/// An ELF header that says nothing of tables.
fn bare_header() -> Vec<u8> {
    let mut bytes = object(&[], Vec::new());
    bytes.truncate(64);
    // e_shoff and e_shnum.
    bytes[40..48].fill(0);
    bytes[60..64].fill(0);
    assert_eq!(bytes[16..18], elf::ET_REL.0.to_le_bytes());
    bytes
}
