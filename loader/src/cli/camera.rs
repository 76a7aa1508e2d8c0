//! Taking the picture: from the graph and the bytes of a link, once all fixups are written.

use std::collections::HashSet;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::base::TargetAddr;
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{BlockId, Definition, LinkGraph, Origin, SectionRole, SymbolId};
use crate::link::Linked;
use crate::memory::Lifetime;
use crate::pass::{BlockMemory, PassError, PostFixUpPass};

use super::files::Files;
use super::picture::{
    EntryKind, Picture, PictureEntry, PictureIndirectFunction, PictureSection, PictureSegment,
    PictureSymbol, PictureThreadStorage,
};

/// Takes the picture while the bytes of the link can be seen.
pub(super) struct Camera<'f> {
    files: &'f Files,
    picture: Option<Picture>,
}

impl<'f> Camera<'f> {
    /// Takes objects' paths from the files that they come from.
    pub(super) const fn new(files: &'f Files) -> Self {
        Self {
            files,
            picture: None,
        }
    }

    /// The picture, with what is known once the link has ended.
    pub(super) fn develop<F>(
        self,
        entry: Option<TargetAddr>,
        linked: &Linked<F>,
    ) -> Option<Picture> {
        let mut picture = self.picture?;
        picture.entry = entry.map(|address| address.value());
        let initializers = linked.routines.initializers.iter();
        let initializers = initializers.map(|routine| routine.address.value());
        picture.initializers = initializers.collect();
        let segments = linked.segments.iter().flatten();
        picture.segments = segments
            .map(|segment| PictureSegment {
                address: segment.range.first().value(),
                size: segment.range.last().value() - segment.range.first().value() + 1,
                protection: segment.protection,
            })
            .collect();
        picture.segments.sort_by_key(|segment| segment.address);
        Some(picture)
    }
}

impl PostFixUpPass for Camera<'_> {
    fn run(
        &mut self,
        graph: &LinkGraph<'_>,
        memory: &mut dyn BlockMemory,
    ) -> Result<(), PassError> {
        let objects = graph.objects.iter();
        let paths: Vec<String> = objects.map(|(_, object)| self.files.path(object)).collect();
        let (sections, places) = sections(graph, &paths, memory);
        let (got, stubs) = entries(graph);
        self.picture = Some(Picture {
            machine: graph.machine(),
            entry: None,
            segments: Vec::new(),
            symbols: symbols(graph, &paths, &places),
            sections,
            got,
            stubs,
            got_base: graph.got_base.and_then(|base| address(graph, base)),
            thread_storage: graph.thread_storage.map(|storage| PictureThreadStorage {
                address: storage.address.value(),
                size: storage.size_bytes,
                alignment: storage.alignment.bytes(),
                thread_pointer: storage.thread_pointer(graph.machine()).value(),
            }),
            indirect_functions: indirect_functions(graph),
            initializers: Vec::new(),
        });
        Ok(())
    }
}

/// The sections, and for each block its place among them.
fn sections(
    graph: &LinkGraph<'_>,
    paths: &[String],
    memory: &mut dyn BlockMemory,
) -> (Vec<PictureSection>, Vec<Option<usize>>) {
    let mut sections: Vec<PictureSection> = Vec::new();
    let mut places = std::vec![None; graph.blocks.len()];
    // Of each section, how long its blocks so far are together, and the stretch that the last one belongs to.
    let mut ends: Vec<(u64, Option<usize>)> = std::vec![(0, None); graph.sections.len()];
    for id in (0..graph.blocks.len()).map(|place| graph.block_in_order(place)) {
        let block = graph.blocks.at(id);
        let size = block.content.size_bytes();
        let (end, last) = &mut ends[block.section.index()];
        let offset = *end;
        *end += size;
        if !block.is_live {
            *last = None;
            continue;
        }
        let address = block.address.value();
        let bytes = match block.content.is_zero_fill() {
            true => Vec::new(),
            false => memory.bytes(id).map_or(Vec::new(), |bytes| bytes.to_vec()),
        };
        let follows = |section: &PictureSection| {
            section.is_zero_fill == block.content.is_zero_fill()
                && section.address.wrapping_add(section.size) == address
        };
        let stretch = last.filter(|&stretch| follows(&sections[stretch]));
        let place = match stretch {
            Some(stretch) => {
                sections[stretch].size += size;
                sections[stretch].bytes.extend(bytes);
                stretch
            }
            None => {
                sections.push(section(graph, paths, id, offset, bytes));
                sections.len() - 1
            }
        };
        *last = Some(place);
        places[id.index()] = Some(place);
    }
    (sections, places)
}

/// A stretch that begins with one block.
fn section(
    graph: &LinkGraph<'_>,
    paths: &[String],
    id: BlockId,
    offset: u64,
    bytes: Vec<u8>,
) -> PictureSection {
    let block = graph.blocks.at(id);
    let section = graph.sections.at(block.section);
    let object = graph.objects.at(section.object);
    let is_in_memory = section.lifetime != Lifetime::NoAlloc;
    PictureSection {
        object: paths[section.object.index()].clone(),
        is_of_linker: object.origin == Origin::Linker,
        name: section.name.to_string(),
        index: section.index,
        offset,
        address: block.address.value(),
        size: block.content.size_bytes(),
        protection: is_in_memory.then_some(section.protection),
        is_zero_fill: block.content.is_zero_fill(),
        is_thread_local: section.role == SectionRole::ThreadLocal,
        bytes,
    }
}

fn symbols(
    graph: &LinkGraph<'_>,
    paths: &[String],
    places: &[Option<usize>],
) -> Vec<PictureSymbol> {
    let mut symbols = Vec::new();
    for (id, symbol) in graph.symbols.iter() {
        let section = match symbol.definition {
            Definition::Block { block, .. } => match places[block.index()] {
                None => continue,
                section => section,
            },
            _ => None,
        };
        let Some(address) = address(graph, id).filter(|_| !symbol.name.is_empty()) else {
            continue;
        };
        symbols.push(PictureSymbol {
            name: symbol.name.to_string(),
            object: paths[symbol.object.index()].clone(),
            section,
            address,
            size: symbol.size_bytes.into(),
            kind: symbol.kind,
            scope: symbol.scope,
            linkage: symbol.linkage,
            is_external: matches!(symbol.definition, Definition::Resolved(_)),
        });
    }
    symbols
}

/// The entries of the global offset table, and the stubs, each in the order of their addresses.
fn entries(graph: &LinkGraph<'_>) -> (Vec<PictureEntry>, Vec<PictureEntry>) {
    let (mut got, mut stubs) = (Vec::new(), Vec::new());
    let indirect = graph.indirect_functions.iter();
    let indirect: HashSet<SymbolId> = indirect.map(|function| function.slot).collect();
    for (id, symbol) in graph.symbols.iter() {
        let Definition::Block { block, offset } = symbol.definition else {
            continue;
        };
        let is_got = graph.got == Some(block);
        if !is_got && graph.stubs != Some(block) {
            continue;
        }
        let Some((target, place)) = graph.entry_target(id).zip(address(graph, id)) else {
            continue;
        };
        let kind = match indirect.contains(&id) {
            true => EntryKind::Indirect,
            false if is_got => entry_kind(graph, block, offset, symbol.size_bytes.into()),
            false => EntryKind::Address,
        };
        let table = if is_got { &mut got } else { &mut stubs };
        table.push(PictureEntry {
            symbol: name_of(graph, target),
            address: place,
            size: symbol.size_bytes.into(),
            target: address(graph, target).unwrap_or(0),
            kind,
        });
    }
    got.sort_by_key(|entry| entry.address);
    stubs.sort_by_key(|entry| entry.address);
    (got, stubs)
}

/// What an entry of the global offset table holds: what the edges of its words write.
fn entry_kind(graph: &LinkGraph<'_>, got: BlockId, offset: u64, size_bytes: u64) -> EntryKind {
    let edges = graph.edges(got);
    let first = edges.partition_point(|edge| u64::from(edge.offset) < offset);
    let words = edges[first..].iter();
    let words = words.take_while(|edge| u64::from(edge.offset) < offset + size_bytes);
    let kinds: Vec<EdgeKind> = words.map(|edge| edge.kind).collect();
    match *kinds {
        [
            EdgeKind::Data(DataKind::ThreadModule64),
            EdgeKind::Data(DataKind::KeepAlive),
        ] => EntryKind::ThreadModule,
        [EdgeKind::Data(DataKind::ThreadModule64), _] => EntryKind::ThreadPair,
        [EdgeKind::Data(DataKind::KeepAlive), _] => EntryKind::ThreadDescriptor,
        [EdgeKind::Data(DataKind::ThreadOffset64)] => EntryKind::ThreadOffset,
        _ => EntryKind::Address,
    }
}

fn indirect_functions(graph: &LinkGraph<'_>) -> Vec<PictureIndirectFunction> {
    let functions = graph.indirect_functions.iter();
    functions
        .map(|function| PictureIndirectFunction {
            symbol: name_of(graph, function.symbol),
            resolver: address(graph, function.resolver).unwrap_or(0),
            slot: address(graph, function.slot).unwrap_or(0),
        })
        .collect()
}

/// A symbol's name, or that of the section which it stands for.
fn name_of(graph: &LinkGraph<'_>, symbol: SymbolId) -> String {
    let symbol = graph.symbols.at(symbol);
    match symbol.definition {
        Definition::Block { block, .. } if symbol.name.is_empty() => {
            let section = graph.blocks.at(block).section;
            graph.sections.at(section).name.to_string()
        }
        _ => symbol.name.to_string(),
    }
}

fn address(graph: &LinkGraph<'_>, symbol: SymbolId) -> Option<u64> {
    graph.address(symbol).map(|address| address.value())
}
