//! The graph itself: its arenas, and how it grows.

use alloc::vec::Vec;

use crate::base::{
    AddressRange, Alignment, Arena, Machine, Name, OutOfMemory, TargetAddr, fallible,
};

use super::globals::{Globals, Groups};
use super::{
    Block, BlockId, BlockKey, Content, Edge, EdgeRange, IndirectFunction, Object, ObjectId,
    ObjectKey, Section, SectionId, SectionKey, StoredContent, Symbol, SymbolId, SymbolKey,
    ThreadStorage,
};

/// Everything that is linked together.
///
/// Readers fill it from object files; it can as well be built by hand:
///
/// ```
/// use ironlink::base::{AddressRange, Alignment, Machine, Protection, TargetAddr};
/// use ironlink::edge::{DataKind, EdgeKind};
/// use ironlink::graph::{LinkGraph, Object, Section, SymbolKind};
/// use ironlink::link::{self, Reference};
/// use ironlink::memory::mock::MockMemory;
/// use ironlink::pass::{Pipeline, Purpose};
///
/// // Data that holds its own address.
/// let mut graph = LinkGraph::new(Machine::X86_64);
/// let object = graph.add_object(Object::new("by hand"))?;
/// let section = graph.add_section(Section::new(".data", object, Protection::ReadWrite))?;
/// let block = graph.add_content_block(section, &[0; 8], Alignment::EIGHT)?;
/// let start = graph.add_defined("start", block, 0, 8, SymbolKind::Data)?;
/// graph.insert_edge(block, 0, EdgeKind::Data(DataKind::Pointer64), start, 0)?;
/// graph.verify()?;
///
/// // Linked in memory that a mock gives.
/// let window = AddressRange::from_size(TargetAddr::new(0x40_0000), 0x10_0000).unwrap();
/// let memory = MockMemory::new(&[window])?;
/// let mut pipeline = Pipeline::standard(Purpose::Run)?;
/// let mut nothing_outside = |_: Reference<'_>| None;
/// let linked = link::link(&mut graph, &memory, &mut pipeline, &mut nothing_outside)?;
///
/// let address = graph.address(start).unwrap().value();
/// assert_eq!(linked.memory.segment(0).unwrap().bytes, address.to_le_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LinkGraph<'a> {
    machine: Machine,
    /// The objects, in the order of their coming.
    pub objects: Arena<ObjectKey, Object<'a>>,
    /// The sections that are loaded.
    pub sections: Arena<SectionKey, Section<'a>>,
    /// The pieces of content.
    pub blocks: Arena<BlockKey, Block<'a>>,
    /// The symbols; of a name that all objects see there is one.
    pub symbols: Arena<SymbolKey, Symbol<'a>>,
    pub(super) edges: Vec<Edge>,
    pub(super) wide_addends: Vec<i64>,
    /// What blocks keep alive without a fixup, sorted by block. Others may be listed that keep nothing any more.
    pub(super) keeps: Vec<(BlockId, EdgeRange)>,
    /// The places of edges that were not settled when all definitions were there, blocks in the order of layout, while they are
    /// known.
    pub(super) unsettled: Option<Vec<u32>>,
    /// Whether one of those is of a kind that needs thread-local storage.
    pub(super) has_thread_local: bool,
    /// Whether edges must be looked at again that were settled.
    pub(super) is_unsettled: bool,
    /// Whether all definitions are there: those that count do so for good, weak ones, too.
    pub(super) is_complete: bool,
    /// What blocks hold that have no room for it.
    pub(super) contents: Vec<Content<'a>>,
    /// Content that was changed.
    pub(super) owned_bytes: Vec<u8>,
    /// The blocks in the order in which they are laid out, as far as they were there when one of them was split last.
    pub(super) order: Vec<BlockId>,
    pub(super) globals: Globals,
    pub(super) groups: Groups<'a>,
    pub(super) undefined: Vec<SymbolId>,
    pub(super) strengthened: Vec<SymbolId>,
    /// The global offset table, once there is one: a word each, with one edge each, in this order.
    pub got: Option<BlockId>,
    /// The start of the global offset table, once there is one.
    pub got_base: Option<SymbolId>,
    /// The stubs, once there are any.
    pub stubs: Option<BlockId>,
    /// The words of the global offset table that resolvers fill.
    pub indirect_functions: Vec<IndirectFunction>,
    /// Where the static block of thread-local storage lies, once addresses are chosen and if there is one.
    pub thread_storage: Option<ThreadStorage>,
    /// Where the records lie that tell how functions are unwound, the word of zero that ends them included, once addresses
    /// are chosen and if there are any: what a registry of unwind tables is given.
    pub unwind_records: Option<AddressRange>,
}

impl<'a> LinkGraph<'a> {
    /// An empty graph for `machine`; allocates nothing.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            objects: Arena::new(),
            sections: Arena::new(),
            blocks: Arena::new(),
            symbols: Arena::new(),
            edges: Vec::new(),
            wide_addends: Vec::new(),
            keeps: Vec::new(),
            unsettled: None,
            has_thread_local: false,
            is_unsettled: false,
            is_complete: false,
            contents: Vec::new(),
            owned_bytes: Vec::new(),
            order: Vec::new(),
            globals: Globals::default(),
            groups: Groups::default(),
            undefined: Vec::new(),
            strengthened: Vec::new(),
            got: None,
            got_base: None,
            stubs: None,
            indirect_functions: Vec::new(),
            thread_storage: None,
            unwind_records: None,
        }
    }

    /// An empty graph of which section groups are left out that what was linked before has kept, as `is_kept` tells of a
    /// group's name. Source: gABI, "Section Groups": of several with one name, one is kept.
    pub fn with_groups_elsewhere(machine: Machine, is_kept: &'a dyn Fn(Name<'_>) -> bool) -> Self {
        Self {
            groups: Groups::with_those_elsewhere(is_kept),
            ..Self::new(machine)
        }
    }

    /// The machine that is linked for.
    pub const fn machine(&self) -> Machine {
        self.machine
    }

    /// Makes room for an object's share, whose counts its headers tell.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn try_reserve(
        &mut self,
        sections: usize,
        symbols: usize,
        globals: usize,
        edges: usize,
    ) -> Result<(), OutOfMemory> {
        self.sections.try_reserve(sections)?;
        self.blocks.try_reserve(sections)?;
        self.symbols.try_reserve(symbols)?;
        self.globals.try_reserve(globals)?;
        fallible::reserve(&mut self.edges, edges)
    }

    /// Adds an object.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_object(&mut self, object: Object<'a>) -> Result<ObjectId, OutOfMemory> {
        self.objects.try_push(object)
    }

    /// Adds a section.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_section(&mut self, section: Section<'a>) -> Result<SectionId, OutOfMemory> {
        self.sections.try_push(section)
    }

    /// Adds a block of bytes that are borrowed, without edges.
    ///
    /// # Errors
    /// As of [`add_block`](Self::add_block).
    pub fn add_content_block(
        &mut self,
        section: SectionId,
        bytes: &'a [u8],
        alignment: Alignment,
    ) -> Result<BlockId, OutOfMemory> {
        self.add_block(section, Content::Bytes(bytes), alignment)
    }

    /// Adds a block of zeros that no file holds.
    ///
    /// # Errors
    /// As of [`add_block`](Self::add_block).
    pub fn add_zero_fill_block(
        &mut self,
        section: SectionId,
        size_bytes: u64,
        alignment: Alignment,
    ) -> Result<BlockId, OutOfMemory> {
        self.add_block(section, Content::ZeroFill(size_bytes), alignment)
    }

    /// Adds a block without edges.
    ///
    /// # Errors
    /// The heap has no room, or the content is larger than [`set_content`](Self::set_content) allows.
    #[inline]
    pub fn add_block(
        &mut self,
        section: SectionId,
        content: Content<'a>,
        alignment: Alignment,
    ) -> Result<BlockId, OutOfMemory> {
        match content {
            Content::Bytes(bytes) => {
                self.push_block(section, StoredContent::bytes(bytes)?, alignment)
            }
            other => self.add_other_block(section, other, alignment),
        }
    }

    /// Apart from what most blocks hold: where the two meet, content is assembled first, and read back before all of its parts
    /// are written.
    #[inline(never)]
    fn add_other_block(
        &mut self,
        section: SectionId,
        content: Content<'a>,
        alignment: Alignment,
    ) -> Result<BlockId, OutOfMemory> {
        let content = self.store(content)?;
        self.push_block(section, content, alignment)
    }

    #[inline]
    fn push_block(
        &mut self,
        section: SectionId,
        content: StoredContent<'a>,
        alignment: Alignment,
    ) -> Result<BlockId, OutOfMemory> {
        self.blocks.try_push(Block {
            section,
            content,
            section_offset: 0,
            alignment,
            edges: EdgeRange::EMPTY,
            has_keeps: false,
            is_live: false,
            address: TargetAddr::ZERO,
        })
    }
}
