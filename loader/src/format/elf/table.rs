//! How relocation numbers are told: the type of a machine's table, and the look-up.

use crate::base::{Machine, int};
use crate::edge::{DataKind, EdgeKind, Field};
use crate::graph::Edge;

use super::{aarch64, x86_64};

/// A relocation that the machine's ABI knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RelocationRow {
    /// Its number.
    pub number: u16,
    /// Its name in the ABI.
    pub name: &'static str,
    /// What is made of it.
    pub meaning: Meaning,
}

/// What is made of a relocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Nothing is to be done.
    Nothing,
    /// It is an edge of this kind.
    Edge(EdgeKind),
    /// It is known and not taken.
    Refused,
}

/// A row of a relocation that needs nothing.
pub(super) const fn nothing(number: u16, name: &'static str) -> RelocationRow {
    RelocationRow {
        number,
        name,
        meaning: Meaning::Nothing,
    }
}

/// A row of a relocation that becomes an edge.
pub(super) const fn edge(number: u16, name: &'static str, kind: EdgeKind) -> RelocationRow {
    RelocationRow {
        number,
        name,
        meaning: Meaning::Edge(kind),
    }
}

/// A row of a relocation that writes a word of data.
pub(super) const fn data(number: u16, name: &'static str, kind: DataKind) -> RelocationRow {
    edge(number, name, EdgeKind::Data(kind))
}

/// A row of a relocation that no relocatable object should hold, or that is not supported.
pub(super) const fn refused(number: u16, name: &'static str) -> RelocationRow {
    RelocationRow {
        number,
        name,
        meaning: Meaning::Refused,
    }
}

/// All relocations that are known of `machine`, in ascending order of their numbers.
pub const fn relocations_of(machine: Machine) -> &'static [RelocationRow] {
    match machine {
        Machine::X86_64 => x86_64::RELOCATIONS,
        Machine::Aarch64 => aarch64::RELOCATIONS,
    }
}

/// Numbers are dense up to this one, where tables are indexed; beyond, nothing is known.
const INDEX_LEN: usize = 1040;

/// A table of rows that is found by number in one step.
#[derive(Debug)]
pub(super) struct Index {
    /// For each number, the row's place in the table plus one.
    places: [u8; INDEX_LEN],
    rows: &'static [RelocationRow],
    /// What is asked of each relocation, by the same places; the first is no relocation's.
    edges: &'static [KnownEdge; PLACES],
}

/// How many places there are: a power of two, so that any place, cut to so many bits, is one.
const PLACES: usize = 128;

/// What is to be known of a relocation that becomes an edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownEdge {
    /// The edge but for its place, target and addend, if another definition may still take the target's place.
    pub(super) open: Edge,
    /// The same, if the target is settled.
    pub(super) settled: Edge,
    /// The size of what is changed.
    size_bytes: u64,
    /// The bits of an offset that must be clear: what an edge has no room for, and what an instruction's address can't have.
    excluded: u64,
}

/// What an edge's offset has no room for.
const BEYOND_OFFSET: u64 = !0xffff_ffff;

impl KnownEdge {
    /// Of a relocation that becomes no edge: it fits into no block, wherever it stands.
    const NONE: Self = Self {
        size_bytes: BEYOND_OFFSET,
        ..Self::of(EdgeKind::Data(DataKind::KeepAlive))
    };

    const fn of(kind: EdgeKind) -> Self {
        let field = kind.row().field;
        Self {
            open: Edge::of(kind, false),
            settled: Edge::of(kind, true),
            size_bytes: field.size_bytes(),
            excluded: match field {
                Field::Instruction(_) => BEYOND_OFFSET | 3,
                _ => BEYOND_OFFSET,
            },
        }
    }

    /// The offset of an edge, if all of its field lies within so many bytes, at an address that an instruction can have.
    #[inline]
    pub(super) fn offset_in(&self, size_bytes: u64, offset: u64) -> Option<u32> {
        // The offset has 32 bits then, and no sum of such a number and a size is too large.
        let is_fit =
            offset & self.excluded == 0 && offset.wrapping_add(self.size_bytes) <= size_bytes;
        is_fit.then_some(int::low_u32(offset))
    }
}

impl Index {
    /// The index of `rows`. Evaluated when the loader is compiled: a number that stands twice doesn't compile.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "evaluated when the loader is compiled"
    )]
    const fn new(rows: &'static [RelocationRow], edges: &'static [KnownEdge; PLACES]) -> Self {
        let mut places = [0; INDEX_LEN];
        let mut row = 0;
        while row < rows.len() {
            let number = int::usize_from_u16(rows[row].number);
            assert!(places[number] == 0, "a relocation number stands twice");
            places[number] = int::low_u8(int::from_usize(row + 1));
            row += 1;
        }
        assert!(rows.len() < PLACES, "each row has a place");
        Self {
            places,
            rows,
            edges,
        }
    }

    /// What is to be known of the edge that a relocation of a number becomes; of one that becomes none, [`KnownEdge::NONE`].
    #[inline]
    pub(super) fn edge(&self, number: u32) -> Option<&KnownEdge> {
        let place = *self.places.get(int::usize_from_u32(number))?;
        self.edges.get(usize::from(place) % PLACES)
    }

    /// The row of a number.
    pub(super) fn find(&self, number: u32) -> Option<&'static RelocationRow> {
        let place = *self.places.get(int::usize_from_u32(number))?;
        self.rows.get(usize::from(place).checked_sub(1)?)
    }
}

/// What is to be known of the edges of all rows, for an [`Index`].
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated when the loader is compiled"
)]
const fn known_edges(rows: &[RelocationRow]) -> [KnownEdge; PLACES] {
    let mut edges = [KnownEdge::NONE; PLACES];
    let mut row = 0;
    while row < rows.len() {
        if let Meaning::Edge(kind) = rows[row].meaning {
            edges[row + 1] = KnownEdge::of(kind);
        }
        row += 1;
    }
    edges
}

static X86_64_INDEX: Index = Index::new(x86_64::RELOCATIONS, &known_edges(x86_64::RELOCATIONS));
static AARCH64_INDEX: Index = Index::new(aarch64::RELOCATIONS, &known_edges(aarch64::RELOCATIONS));

/// The index of `machine`'s relocations.
pub(super) fn index_of(machine: Machine) -> &'static Index {
    match machine {
        Machine::X86_64 => &X86_64_INDEX,
        Machine::Aarch64 => &AARCH64_INDEX,
    }
}
