//! Objects that no compiler writes: tables that lie over each other, groups that differ, sections of unusual types.

mod allocations;
mod compressed;
mod crel;
mod debug;
mod defined;
pub(crate) mod file;
mod groups;
mod hostile;
mod many_sections;
mod routines;
mod symbols;
mod together;

use std::string::{String, ToString};

use crate::base::{Machine, Name};
use crate::format::{FormatError, ReadOptions, read_object};
use crate::graph::{
    Block, Edge, LinkGraph, Object, Origin, Section, SectionRole, Symbol, SymbolId,
};

use file::{loaded, object};

/// Reads an object as an archive's member.
fn read_member<'a>(graph: &mut LinkGraph<'a>, bytes: &'a [u8]) -> Result<(), FormatError> {
    let object = Object {
        archive: Name::from("libodd.a"),
        origin: Origin::Archive,
        ..Object::new("odd.o")
    };
    read_object(graph, object, bytes, ReadOptions::default()).map(|_| ())
}

fn read_with<'a>(
    graph: &mut LinkGraph<'a>,
    bytes: &'a [u8],
    options: ReadOptions,
) -> Result<(), FormatError> {
    let object = Object::new("odd.o");
    read_object(graph, object, bytes, options).map(|_| ())
}

fn read<'a>(graph: &mut LinkGraph<'a>, bytes: &'a [u8]) -> Result<(), FormatError> {
    read_with(graph, bytes, ReadOptions::default())
}

/// The graph of one good object.
fn graph_of(bytes: &[u8]) -> LinkGraph<'_> {
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, bytes).unwrap();
    graph
}

/// The graph of one good object, with its debug information.
fn graph_with_debug(bytes: &[u8]) -> LinkGraph<'_> {
    let mut graph = LinkGraph::new(Machine::X86_64);
    read_with(&mut graph, bytes, ReadOptions { debug: true }).unwrap();
    graph
}

/// What is said of a bad object.
fn error_of(bytes: &[u8]) -> String {
    let mut graph = LinkGraph::new(Machine::X86_64);
    read(&mut graph, bytes).unwrap_err().to_string()
}

/// What is said of an object whose debug information is bad.
fn error_with_debug(bytes: &[u8]) -> String {
    let mut graph = LinkGraph::new(Machine::X86_64);
    let read = read_with(&mut graph, bytes, ReadOptions { debug: true });
    read.unwrap_err().to_string()
}

/// The symbol that all objects see under a name.
fn symbol<'g, 'a>(graph: &'g LinkGraph<'a>, name: &str) -> &'g Symbol<'a> {
    graph.symbols.at(symbol_id(graph, name))
}

fn symbol_id(graph: &LinkGraph<'_>, name: &str) -> SymbolId {
    graph.find(Name::from(name)).unwrap()
}

/// The first section of a name, and the block that it is.
fn section<'g, 'a>(graph: &'g LinkGraph<'a>, name: &str) -> (&'g Section<'a>, &'g Block<'a>) {
    let block = graph
        .blocks
        .iter()
        .map(|(_, block)| block)
        .find(|block| graph.sections.at(block.section).name == Name::from(name));
    let block = block.unwrap();
    (graph.sections.at(block.section), block)
}

/// The edges that leave the first section of a name.
fn edges<'g>(graph: &'g LinkGraph<'_>, name: &str) -> &'g [Edge] {
    graph.edges_in(section(graph, name).1.edges)
}

#[test]
fn a_header_of_another_kind_of_object_is_told_by_what_it_is() {
    let good = object(&[], std::vec![loaded(".text")]);
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        error_of(&bytes)
    };
    assert!(with(4, 1).contains("a 32-bit object"));
    assert!(with(5, 2).contains("a big-endian object"));
    // No size of addresses, order of bytes or version that there is.
    for place in 4..7 {
        assert!(with(place, 9).contains("Unsupported ELF header"));
    }
    assert!(error_of(&good[..40]).contains("damaged"));
}

#[test]
fn what_has_no_name_is_told_by_its_number_or_not_at_all() {
    use object::elf;

    let unknown = file::words(&[0, 99 << 32 | 200, 0]);
    let table = file::table(elf::SHT_RELA, file::FIRST, unknown);
    let mut bytes = object(&[], std::vec![loaded(".text"), table]);
    let text = error_of(&bytes);
    assert!(
        text.starts_with("odd.o: .text+0x0: relocation number 200 against `symbol 99`"),
        "{text}"
    );
    let headers = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    let name = headers + 64 * usize::try_from(file::FIRST).unwrap();
    bytes[name..name + 4].fill(0xff);
    let text = error_of(&bytes);
    assert!(text.starts_with("odd.o: ?+0x0: damaged: "), "{text}");
}

#[test]
fn a_section_of_thread_local_storage_is_data_with_a_role_of_its_own() {
    use crate::base::Protection;
    use object::elf;

    let flags = elf::SHF_ALLOC.0 | elf::SHF_WRITE.0 | elf::SHF_TLS.0;
    let mut initialized = loaded(".tdata");
    let mut zeros = loaded(".tbss");
    (initialized.flags, zeros.flags) = (flags, flags);
    zeros.section_type = elf::SHT_NOBITS;
    let bytes = object(&[], std::vec![initialized, zeros]);
    let graph = graph_of(&bytes);
    for (name, is_zero_fill) in [(".tdata", false), (".tbss", true)] {
        let (section, block) = section(&graph, name);
        assert_eq!(section.role, SectionRole::ThreadLocal);
        assert_eq!(section.protection, Protection::ReadWrite);
        assert_eq!(block.content.is_zero_fill(), is_zero_fill);
        assert_eq!(block.content.size_bytes(), 16);
    }
}
