//! The map of a link as JSON, for programs that look at what was linked.
//!
//! Its names are a promise: what is there stays, more may come.

use std::vec::Vec;

use serde::Serialize;

use crate::base::Protection;
use crate::graph::{Linkage, Scope, SymbolKind};

use super::picture::{EntryKind, Picture, PictureEntry, PictureSection, PictureSymbol};

#[derive(Serialize)]
struct Map<'p> {
    machine: &'static str,
    entry: Option<u64>,
    segments: Vec<Segment>,
    sections: Vec<Section<'p>>,
    symbols: Vec<Symbol<'p>>,
    got: Vec<Slot<'p>>,
    stubs: Vec<Stub<'p>>,
    got_base: Option<u64>,
    thread_storage: Option<ThreadStorage>,
    indirect_functions: Vec<IndirectFunction<'p>>,
    initializers: &'p [u64],
}

#[derive(Serialize)]
struct Segment {
    address: u64,
    size: u64,
    protection: &'static str,
}

#[derive(Serialize)]
struct Section<'p> {
    object: &'p str,
    name: &'p str,
    index: u32,
    /// Where in the file's section it begins: not 0 only for a stretch of a section of which parts were left out.
    offset: u64,
    address: u64,
    size: u64,
    protection: &'static str,
    zero_fill: bool,
}

#[derive(Serialize)]
struct Symbol<'p> {
    name: &'p str,
    object: &'p str,
    section: Option<usize>,
    address: u64,
    size: u64,
    protection: &'static str,
    kind: &'static str,
    scope: &'static str,
    linkage: &'static str,
}

#[derive(Serialize)]
struct Slot<'p> {
    symbol: &'p str,
    address: u64,
    size: u64,
    protection: &'static str,
    kind: &'static str,
}

#[derive(Serialize)]
struct Stub<'p> {
    symbol: &'p str,
    address: u64,
    size: u64,
    protection: &'static str,
}

#[derive(Serialize)]
struct ThreadStorage {
    address: u64,
    size: u64,
    alignment: u64,
    thread_pointer: u64,
}

#[derive(Serialize)]
struct IndirectFunction<'p> {
    symbol: &'p str,
    resolver: u64,
    slot: u64,
}

/// The map of a picture, with a line's end.
pub(super) fn json(picture: &Picture) -> serde_json::Result<Vec<u8>> {
    let segments = picture.segments.iter().map(|segment| Segment {
        address: segment.address,
        size: segment.size,
        protection: protection_name(Some(segment.protection)),
    });
    let functions = picture.indirect_functions.iter();
    let functions = functions.map(|function| IndirectFunction {
        symbol: &function.symbol,
        resolver: function.resolver,
        slot: function.slot,
    });
    let map = Map {
        machine: picture.machine.name(),
        entry: picture.entry,
        segments: segments.collect(),
        sections: picture.sections.iter().map(section).collect(),
        symbols: picture
            .symbols
            .iter()
            .map(|named| symbol(picture, named))
            .collect(),
        got: picture
            .got
            .iter()
            .map(|entry| slot(picture, entry))
            .collect(),
        stubs: picture
            .stubs
            .iter()
            .map(|entry| stub(picture, entry))
            .collect(),
        got_base: picture.got_base,
        thread_storage: picture.thread_storage.map(|storage| ThreadStorage {
            address: storage.address,
            size: storage.size,
            alignment: storage.alignment,
            thread_pointer: storage.thread_pointer,
        }),
        indirect_functions: functions.collect(),
        initializers: &picture.initializers,
    };
    let mut json = serde_json::to_vec(&map)?;
    json.push(b'\n');
    Ok(json)
}

fn section(section: &PictureSection) -> Section<'_> {
    Section {
        object: &section.object,
        name: &section.name,
        index: section.index,
        offset: section.offset,
        address: section.address,
        size: section.size,
        protection: protection_name(section.protection),
        zero_fill: section.is_zero_fill,
    }
}

fn symbol<'p>(picture: &Picture, symbol: &'p PictureSymbol) -> Symbol<'p> {
    let section = symbol.section.and_then(|at| picture.sections.get(at));
    Symbol {
        name: &symbol.name,
        object: &symbol.object,
        section: symbol.section,
        address: symbol.address,
        size: symbol.size,
        protection: protection_name(section.and_then(|section| section.protection)),
        kind: kind_name(symbol.kind),
        scope: scope_name(symbol.scope),
        linkage: linkage_name(symbol.linkage),
    }
}

fn slot<'p>(picture: &Picture, entry: &'p PictureEntry) -> Slot<'p> {
    Slot {
        symbol: &entry.symbol,
        address: entry.address,
        size: entry.size,
        protection: protection_name(protection_at(picture, entry.address)),
        kind: match entry.kind {
            EntryKind::Address => "address",
            EntryKind::ThreadPair => "thread_pair",
            EntryKind::ThreadModule => "thread_module",
            EntryKind::ThreadOffset => "thread_offset",
            EntryKind::ThreadDescriptor => "thread_descriptor",
            EntryKind::Indirect => "indirect",
        },
    }
}

fn stub<'p>(picture: &Picture, entry: &'p PictureEntry) -> Stub<'p> {
    Stub {
        symbol: &entry.symbol,
        address: entry.address,
        size: entry.size,
        protection: protection_name(protection_at(picture, entry.address)),
    }
}

/// The protection of the memory at `address`; `None` outside of what was linked.
fn protection_at(picture: &Picture, address: u64) -> Option<Protection> {
    let mut segments = picture.segments.iter();
    let segment = segments.find(|segment| address.wrapping_sub(segment.address) < segment.size)?;
    Some(segment.protection)
}

const fn protection_name(protection: Option<Protection>) -> &'static str {
    match protection {
        None => "none",
        Some(Protection::Read) => "r",
        Some(Protection::ReadWrite) => "rw",
        Some(Protection::ReadExecute) => "rx",
    }
}

const fn kind_name(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Unknown => "unknown",
        SymbolKind::Function => "function",
        SymbolKind::IndirectFunction => "indirect_function",
        SymbolKind::Data => "data",
        SymbolKind::ThreadLocal => "thread_local",
        SymbolKind::Section => "section",
    }
}

const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Local => "local",
        Scope::Link | Scope::Hidden => "hidden",
        Scope::Protected => "protected",
        Scope::Default => "default",
    }
}

const fn linkage_name(linkage: Linkage) -> &'static str {
    match linkage {
        Linkage::Strong => "strong",
        Linkage::Weak => "weak",
    }
}
