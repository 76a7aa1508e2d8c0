//! The records: in which sections they stand, how they are laid out, and how their fields are read. `ironlink.h` and
//! `ironlink_module.rs` have the same layout, as structures.

use crate::base::{Name, Text, int};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{BlockId, Content, Edge, LinkGraph, Site};

use super::{KitError, RecordFault};

/// The only layout of records that there is.
const FORMAT: u32 = 1;

/// Bytes of a pointer on every machine.
pub(super) const POINTER_BYTES: usize = 8;

/// A field that holds text, ended by a zero byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextField {
    /// What errors call it.
    pub(super) what: &'static str,
    /// Where it stands, in bytes.
    pub(super) offset: usize,
    /// The bytes that it has, the zero included.
    pub(super) size_bytes: usize,
}

const fn text(what: &'static str, offset: usize, size_bytes: usize) -> TextField {
    TextField {
        what,
        offset,
        size_bytes,
    }
}

/// A record that says what a module is: `struct ironlink_module_record`.
pub(super) mod module {
    use super::{TextField, text};

    pub(in crate::kit) const SECTION: &str = ".ironlink.module";
    pub(in crate::kit) const SIZE_BYTES: usize = 152;
    pub(in crate::kit) const OWN_SIZE_OFFSET: usize = 4;
    pub(in crate::kit) const NAME: TextField = text("name", 8, 64);
    pub(in crate::kit) const VERSION: TextField = text("version", 72, 32);
    pub(in crate::kit) const LICENCE: TextField = text("licence", 104, 32);
    pub(in crate::kit) const INIT_OFFSET: u32 = 136;
    pub(in crate::kit) const EXIT_OFFSET: u32 = 144;
}

/// A record that says what a module was built against: `struct ironlink_interface_header`, and its entries behind it.
pub(super) mod interface {
    use super::{TextField, text};

    pub(in crate::kit) const SECTION: &str = ".ironlink.interface";
    pub(in crate::kit) const HEADER_BYTES: usize = 64;
    pub(in crate::kit) const COUNT_OFFSET: usize = 4;
    pub(in crate::kit) const NAME: TextField = text("name", 8, 48);
    pub(in crate::kit) const HASH_OFFSET: usize = 56;
    pub(in crate::kit) const ENTRY_BYTES: usize = 64;
    pub(in crate::kit) const ENTRY_NAME: TextField = text("entry's name", 0, 56);
    pub(in crate::kit) const ENTRY_VERSION_OFFSET: usize = 56;
}

/// Pointers to what is exported by name.
pub(super) mod exports {
    pub(in crate::kit) const SECTION: &str = ".ironlink.exports";
}

/// The sections that hold records.
const SECTIONS: [&str; 3] = [module::SECTION, interface::SECTION, exports::SECTION];

/// Whether a section of this name holds records.
pub(super) fn is_section(name: Name<'_>) -> bool {
    SECTIONS.iter().any(|&section| name == Name::from(section))
}

/// Whether a graph has sections of records. Most have none, and are asked no more.
pub(super) fn are_in(graph: &LinkGraph<'_>) -> bool {
    let mut sections = graph.sections.iter();
    sections.any(|(_, section)| is_section(section.name))
}

/// The blocks of the sections of one name that hold something, in the order of their objects.
pub(super) fn blocks_of(
    graph: &LinkGraph<'_>,
    section: &'static str,
) -> impl Iterator<Item = BlockId> {
    let blocks = graph.blocks().filter(move |(_, block)| {
        let name = graph.sections.at(block.section).name;
        name == Name::from(section) && block.content.size_bytes() != 0
    });
    blocks.map(|(id, _)| id)
}

/// The one block of the sections of one name.
pub(super) fn only_block_of(
    graph: &LinkGraph<'_>,
    section: &'static str,
) -> Result<Option<BlockId>, KitError> {
    let mut blocks = blocks_of(graph, section);
    let first = blocks.next();
    match (first, blocks.next()) {
        (Some(first), Some(second)) => Err(KitError::Twice {
            first: graph.site(first, 0),
            second: graph.site(second, 0),
        }),
        _ => Ok(first),
    }
}

/// A record's bytes, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Record<'g, 'a> {
    graph: &'g LinkGraph<'a>,
    block: BlockId,
    bytes: &'a [u8],
}

impl<'g, 'a> Record<'g, 'a> {
    /// The record in a block, which must have the layout that is known.
    pub(super) fn new(graph: &'g LinkGraph<'a>, block: BlockId) -> Result<Self, KitError> {
        let mut record = Self {
            graph,
            block,
            bytes: &[],
        };
        let Content::Bytes(bytes) = graph.content_of(graph.blocks.at(block)) else {
            return Err(record.fault(0, RecordFault::NoBytes));
        };
        record.bytes = bytes;
        match record.number(0)? {
            FORMAT => Ok(record),
            found => {
                let known = FORMAT;
                Err(record.fault(0, RecordFault::Format { found, known }))
            }
        }
    }

    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The pointers and whatever else is written into the record.
    pub(super) fn edges(&self) -> &'g [Edge] {
        self.graph.edges(self.block)
    }

    /// Checks that the record has so many bytes. More are a second one: a linker that puts objects together puts their
    /// sections together, too.
    pub(super) fn check_size(&self, size_bytes: usize) -> Result<(), KitError> {
        let found = self.bytes.len();
        if found < size_bytes {
            let fault = RecordFault::Size {
                found,
                expected: size_bytes,
            };
            return Err(self.fault(0, fault));
        }
        if found > size_bytes {
            return Err(KitError::Twice {
                first: self.graph.site(self.block, 0),
                second: self.graph.site(self.block, int::from_usize(size_bytes)),
            });
        }
        Ok(())
    }

    /// The 32-bit number at an offset.
    pub(super) fn number(&self, offset: usize) -> Result<u32, KitError> {
        let bytes = self.array(offset)?;
        Ok(u32::from_le_bytes(*bytes))
    }

    /// The 64-bit number at an offset.
    pub(super) fn wide_number(&self, offset: usize) -> Result<u64, KitError> {
        let bytes = self.array(offset)?;
        Ok(u64::from_le_bytes(*bytes))
    }

    fn array<const N: usize>(&self, offset: usize) -> Result<&'a [u8; N], KitError> {
        let rest = self.bytes.get(offset..).unwrap_or(&[]);
        rest.first_chunk().ok_or_else(|| {
            let fault = RecordFault::Size {
                found: self.bytes.len(),
                expected: offset.saturating_add(N),
            };
            self.fault(0, fault)
        })
    }

    /// The text in a field of the part of the record that starts at `base`.
    pub(super) fn text(&self, base: usize, field: &TextField) -> Result<Name<'a>, KitError> {
        let offset = base.saturating_add(field.offset);
        let end = offset.saturating_add(field.size_bytes);
        let bytes = self.bytes.get(offset..end).unwrap_or(&[]);
        let zero = bytes.iter().position(|&byte| byte == 0);
        match zero.and_then(|zero| bytes.get(..zero)) {
            Some(text) => Ok(Name::new(text)),
            None => {
                let (field, size_bytes) = (field.what, field.size_bytes);
                Err(self.fault(offset, RecordFault::Unterminated { field, size_bytes }))
            }
        }
    }

    /// The same, and it must not be empty.
    pub(super) fn some_text(&self, base: usize, field: &TextField) -> Result<Name<'a>, KitError> {
        let text = self.text(base, field)?;
        if text.is_empty() {
            let offset = base.saturating_add(field.offset);
            return Err(self.fault(offset, RecordFault::Empty { field: field.what }));
        }
        Ok(text)
    }

    /// Checks that what is written into the record is an address.
    pub(super) fn check_pointer(&self, edge: &Edge) -> Result<(), KitError> {
        check_pointer(self.graph, self.block, edge)
    }

    /// Checks that a field which nothing is written into holds no address.
    pub(super) fn check_null(&self, offset: u32) -> Result<(), KitError> {
        let place = int::usize_from_u32(offset);
        match self.wide_number(place)? {
            0 => Ok(()),
            _ => Err(self.fault(place, RecordFault::MissingRelocation)),
        }
    }

    /// Where in the record something is written.
    pub(super) fn site(&self, edge: &Edge) -> Site {
        self.graph.site(self.block, u64::from(edge.offset))
    }

    /// What is wrong with the record so many bytes into it.
    #[cold]
    pub(super) fn fault(&self, offset: usize, fault: RecordFault) -> KitError {
        let site = self.graph.site(self.block, int::from_usize(offset));
        KitError::Record { site, fault }
    }
}

/// Checks that what is written is an address.
pub(super) fn check_pointer(
    graph: &LinkGraph<'_>,
    block: BlockId,
    edge: &Edge,
) -> Result<(), KitError> {
    if edge.kind == EdgeKind::Data(DataKind::Pointer64) {
        return Ok(());
    }
    Err(KitError::Record {
        site: graph.site(block, u64::from(edge.offset)),
        fault: RecordFault::Relocation {
            kind: Text::of(edge.kind.row().name),
        },
    })
}
