//! The picture of a link: everything that the tool tells of it.
//!
//! It owns what it holds, so that it can be looked at when graph and memory are gone. It knows addresses and bytes; it
//! knows no relocations.

use std::string::String;
use std::vec::Vec;

use crate::base::{Machine, Protection};
use crate::graph::{Linkage, Scope, SymbolKind};

/// What was linked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// The machine that it is for.
    pub machine: Machine,
    /// The address of the function to begin with, if there is one.
    pub entry: Option<u64>,
    /// The stretches of memory of one protection.
    pub segments: Vec<PictureSegment>,
    /// The sections, in the order of their objects; of one that was split, each stretch that stayed in one piece.
    pub sections: Vec<PictureSection>,
    /// The symbols that have a name and an address.
    pub symbols: Vec<PictureSymbol>,
    /// The entries of the global offset table.
    pub got: Vec<PictureEntry>,
    /// The stubs.
    pub stubs: Vec<PictureEntry>,
    /// The start of the global offset table, if there is one.
    pub got_base: Option<u64>,
    /// The static block of thread-local storage, if there is one.
    pub thread_storage: Option<PictureThreadStorage>,
    /// The functions that resolvers choose.
    pub indirect_functions: Vec<PictureIndirectFunction>,
    /// The initializers, in the order in which they run.
    pub initializers: Vec<u64>,
}

/// A stretch of memory of one protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PictureSegment {
    /// Its address.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// What it may be used for.
    pub protection: Protection,
}

/// A section, or a stretch of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureSection {
    /// The name of its object.
    pub object: String,
    /// Whether the linker made it.
    pub is_of_linker: bool,
    /// Its name.
    pub name: String,
    /// Its index in its file; 0 if the linker made it.
    pub index: u32,
    /// Where in its section the stretch begins.
    pub offset: u64,
    /// Its address; where it would stand in a file if it is in no memory.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// What its memory may be used for; `None` if it is in no memory.
    pub protection: Option<Protection>,
    /// Whether it is zeros that no file holds.
    pub is_zero_fill: bool,
    /// Whether each thread has its own of it.
    pub is_thread_local: bool,
    /// Its bytes, fixed up; none if it is zeros.
    pub bytes: Vec<u8>,
}

/// A symbol with its address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureSymbol {
    /// Its name.
    pub name: String,
    /// The object that defines it, or first asked for it.
    pub object: String,
    /// The section that it lies in, by its place in the picture; `None` if it lies outside of the link.
    pub section: Option<usize>,
    /// Its address.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// What it names.
    pub kind: SymbolKind,
    /// Who can see it.
    pub scope: Scope,
    /// Which definition counts.
    pub linkage: Linkage,
    /// Whether it was defined elsewhere.
    pub is_external: bool,
}

/// An entry of the global offset table, or a stub.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureEntry {
    /// The symbol that it was made for.
    pub symbol: String,
    /// Its address.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// The symbol's address.
    pub target: u64,
    /// What it holds.
    pub kind: EntryKind,
}

/// What an entry of the global offset table holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// An address.
    Address,
    /// The number of the module and an offset in its block of thread-local storage.
    ThreadPair,
    /// The number of the module and zero.
    ThreadModule,
    /// An offset from the thread pointer.
    ThreadOffset,
    /// A function, to be filled in, and an offset from the thread pointer.
    ThreadDescriptor,
    /// The address that a resolver returns.
    Indirect,
}

/// The static block of thread-local storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PictureThreadStorage {
    /// The address of its image.
    pub address: u64,
    /// Its size in bytes, the zeros that follow the image included.
    pub size: u64,
    /// What its address is a multiple of.
    pub alignment: u64,
    /// Where the thread pointer would stand beside the image.
    pub thread_pointer: u64,
}

/// A function that a resolver chooses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureIndirectFunction {
    /// Its name.
    pub symbol: String,
    /// The address of the resolver.
    pub resolver: u64,
    /// The address of the word that takes what the resolver returns.
    pub slot: u64,
}
