//! Layout: live blocks are put together into segments, one for each protection and lifetime. Those of one protection follow
//! each other, so that branches between code that stays and code that goes have no data to cross.
//!
//! In a segment content comes first, then zero-fill, each in the order of the graph, but for what must lie at one stretch:
//! sections of one name whose bounds may be asked for, and the image of thread-local storage. Both stand where content ends.

use alloc::vec::Vec;

use crate::base::{
    AddressRange, Alignment, Name, OutOfMemory, Protection, TargetAddr, fallible, sort,
};
use crate::graph::{Block, BlockId, LinkGraph, Section, SectionRole, ThreadStorage};
use crate::memory::{InFlight, Lifetime, SegmentRequest};

use super::{LinkError, LinkedSegment, Segments};

/// What segments there may be, in the order in which they lie: one for each protection, of each lifetime that memory managers
/// know.
const KINDS: [(Protection, Lifetime); 6] = [
    (Protection::Read, Lifetime::Standard),
    (Protection::Read, Lifetime::Finalize),
    (Protection::ReadExecute, Lifetime::Standard),
    (Protection::ReadExecute, Lifetime::Finalize),
    (Protection::ReadWrite, Lifetime::Standard),
    (Protection::ReadWrite, Lifetime::Finalize),
];

/// How many segments there may be.
pub(super) const SEGMENTS: usize = KINDS.len();

/// The segments, before they have addresses; each block's offset in its segment stands in the block.
#[derive(Debug)]
pub(super) struct Layout {
    requests: [SegmentRequest; SEGMENTS],
    /// How many of the requests are made: those of segments that hold something.
    count: usize,
    /// For each segment, its place among the requests.
    places: [Option<usize>; SEGMENTS],
    /// The image of thread-local storage; its address is its offset in its segment.
    thread_storage: Option<ThreadStorage>,
}

/// The segments with their addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    /// For each segment, its place in the reservation, address and size.
    segments: [Option<Segment>; SEGMENTS],
}

/// A segment with its address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) place: usize,
    pub(super) address: TargetAddr,
    size_bytes: u64,
}

/// A block of veneers, and the block of code that it follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Island {
    pub(super) after: BlockId,
    pub(super) block: BlockId,
}

/// Where in its segment a block goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Content,
    /// Contiguous with the sections of the same name.
    Bounded,
    ThreadLocalContent,
    ThreadLocalZeroFill,
    ZeroFill,
}

/// What there is beside content: for most graphs, nothing of some.
#[derive(Default)]
struct Others {
    bounded: bool,
    thread_local: bool,
    zero_fill: bool,
}

impl Others {
    const fn note(&mut self, part: Part) {
        match part {
            Part::Content => {}
            Part::Bounded => self.bounded = true,
            Part::ThreadLocalContent | Part::ThreadLocalZeroFill => self.thread_local = true,
            Part::ZeroFill => self.zero_fill = true,
        }
    }
}

/// Why a block has no place: in a few words, as hardly any has none.
enum Fault {
    Heap(OutOfMemory),
    /// Its segment would be larger than all memory.
    TooLarge(BlockId),
}

impl From<OutOfMemory> for Fault {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl Fault {
    #[cold]
    fn explain(self, graph: &LinkGraph<'_>) -> LinkError {
        match self {
            Self::Heap(error) => error.into(),
            Self::TooLarge(block) => LinkError::TooLarge {
                site: graph.site(block, 0),
            },
        }
    }
}

impl Layout {
    /// Lays out all live blocks. The islands ascend by the blocks that they follow.
    pub(super) fn of(graph: &mut LinkGraph<'_>, islands: &[Island]) -> Result<Self, LinkError> {
        let mut layout = Self {
            requests: core::array::from_fn(request_of),
            count: 0,
            places: [None; SEGMENTS],
            thread_storage: None,
        };
        let appended = layout.append_all(graph, islands);
        appended.map_err(|fault| fault.explain(graph))?;
        layout.leave_out_empty();
        Ok(layout)
    }

    fn append_all(&mut self, graph: &mut LinkGraph<'_>, islands: &[Island]) -> Result<(), Fault> {
        let others = self.append_content(graph, islands)?;
        if others.bounded {
            self.append_bounded(graph)?;
        }
        if others.thread_local {
            self.append_thread_storage(graph)?;
        }
        if others.zero_fill {
            self.append_zero_fill(graph)?;
        }
        Ok(())
    }

    /// Appends content in the order of the graph, each island behind the block that it follows. Tells what else there is.
    fn append_content(
        &mut self,
        graph: &mut LinkGraph<'_>,
        islands: &[Island],
    ) -> Result<Others, Fault> {
        let mut others = Others::default();
        // Islands were made last: what has a greater id than the first is one.
        let first = islands.iter().map(|island| island.block).min();
        let mut islands = islands.iter().peekable();
        for place in 0..graph.blocks.len() {
            let id = graph.block_in_order(place);
            match part_of(graph, id) {
                Some(Part::Content) if first.is_none_or(|first| id < first) => {}
                Some(Part::Content) | None => continue,
                Some(other) => {
                    others.note(other);
                    continue;
                }
            }
            self.append(graph, id)?;
            if let Some(island) = islands.next_if(|island| island.after == id) {
                self.append(graph, island.block)?;
            }
        }
        Ok(others)
    }

    /// Appends zeros that no file holds.
    fn append_zero_fill(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), Fault> {
        for place in 0..graph.blocks.len() {
            let id = graph.block_in_order(place);
            if part_of(graph, id) == Some(Part::ZeroFill) {
                self.append(graph, id)?;
            }
        }
        Ok(())
    }

    /// Appends the sections whose bounds may be asked for: those of one name follow each other.
    fn append_bounded(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), Fault> {
        let mut bounded: Vec<(Name<'_>, usize, BlockId)> = Vec::new();
        for place in 0..graph.blocks.len() {
            let id = graph.block_in_order(place);
            if part_of(graph, id) == Some(Part::Bounded) {
                let name = graph.sections.at(graph.blocks.at(id).section).name;
                fallible::push(&mut bounded, (name, place, id))?;
            }
        }
        sort::sort(&mut bounded);
        for &(_, _, id) in &bounded {
            self.append(graph, id)?;
        }
        Ok(())
    }

    /// Appends the image of thread-local storage, and gives the zeros after it offsets past its end: no memory is theirs.
    fn append_thread_storage(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), Fault> {
        let mut alignment = None;
        for id in graph.blocks.ids() {
            if is_thread_local(part_of(graph, id)) {
                let block = graph.blocks.at(id).alignment;
                alignment = Some(block.max(alignment.unwrap_or(block)));
            }
        }
        let Some(alignment) = alignment else {
            return Ok(());
        };
        let image = segment_index(Protection::Read, Lifetime::Standard);
        let Some(request) = image.and_then(|index| self.requests.get_mut(index)) else {
            return Ok(());
        };
        let mut start = None;
        let mut end = request.content_size_bytes;
        for part in [Part::ThreadLocalContent, Part::ThreadLocalZeroFill] {
            for place in 0..graph.blocks.len() {
                let id = graph.block_in_order(place);
                if part_of(graph, id) != Some(part) {
                    continue;
                }
                let block = graph.blocks.at(id);
                // The first block carries the alignment of all.
                let offset = match start {
                    None => alignment.checked_round_up(end),
                    Some(_) => next_offset(block, end),
                };
                let offset = offset.ok_or(Fault::TooLarge(id))?;
                start = Some(start.unwrap_or(offset));
                end = offset
                    .checked_add(block.content.size_bytes())
                    .ok_or(Fault::TooLarge(id))?;
                graph.blocks.at_mut(id).address = TargetAddr::new(offset);
                if part == Part::ThreadLocalContent {
                    request.content_size_bytes = end;
                }
            }
        }
        request.alignment = request.alignment.max(alignment);
        let start = start.unwrap_or(end);
        self.thread_storage = Some(ThreadStorage {
            address: TargetAddr::new(start),
            size_bytes: end.saturating_sub(start),
            alignment,
        });
        Ok(())
    }

    #[inline]
    fn append(&mut self, graph: &mut LinkGraph<'_>, id: BlockId) -> Result<(), Fault> {
        let sections = &graph.sections;
        let block = graph.blocks.at_mut(id);
        let section = sections.at(block.section);
        let index = segment_of(section);
        let Some(request) = index.and_then(|index| self.requests.get_mut(index)) else {
            return Ok(());
        };
        let is_zero_fill = block.content.is_zero_fill() && !section.is_bounded;
        match append(request, block, is_zero_fill) {
            Some(offset) => {
                block.address = TargetAddr::new(offset);
                Ok(())
            }
            None => Err(Fault::TooLarge(id)),
        }
    }

    /// Moves the requests of segments that hold something to the front.
    fn leave_out_empty(&mut self) {
        for (index, place) in self.places.iter_mut().enumerate() {
            let Some(&request) = self.requests.get(index) else {
                continue;
            };
            if request.content_size_bytes == 0 && request.zero_fill_size_bytes == 0 {
                continue;
            }
            if let Some(slot) = self.requests.get_mut(self.count) {
                *slot = request;
                *place = Some(self.count);
                self.count = self.count.saturating_add(1);
            }
        }
    }

    /// The size of the largest segment of code.
    pub(super) fn largest_code_bytes(&self) -> u64 {
        let code = self.requests().iter();
        code.filter(|request| request.protection.is_executable())
            .map(|request| {
                let content = request.content_size_bytes;
                content.saturating_add(request.zero_fill_size_bytes)
            })
            .max()
            .unwrap_or(0)
    }

    /// What to ask a memory manager for.
    pub(super) fn requests(&self) -> &[SegmentRequest] {
        self.requests.get(..self.count).unwrap_or(&[])
    }

    /// Turns the offsets of all live blocks into addresses.
    pub(super) fn place(
        &self,
        graph: &mut LinkGraph<'_>,
        in_flight: &impl InFlight,
    ) -> Result<Placed, LinkError> {
        let mut segments = [None; SEGMENTS];
        for (segment, &place) in segments.iter_mut().zip(&self.places) {
            let Some(place) = place else { continue };
            let missing = LinkError::Internal {
                what: "a reserved segment has no address",
            };
            let address = in_flight.target_address(place).ok_or(missing)?;
            let size_bytes = self.requests.get(place).map_or(0, |request| {
                request
                    .content_size_bytes
                    .saturating_add(request.zero_fill_size_bytes)
            });
            *segment = Some(Segment {
                place,
                address,
                size_bytes,
            });
        }
        let placed = Placed { segments };
        // A segment that was left out is empty, and so are its blocks. What names one of them must still be reached from the
        // others: it stands where some segment does.
        let elsewhere = segments.iter().flatten().next();
        let elsewhere = elsewhere.map_or(TargetAddr::ZERO, |segment| segment.address);
        let sections = &graph.sections;
        for block in graph.blocks.iter_mut() {
            let section = sections.at(block.section);
            if !block.is_live || section.lifetime == Lifetime::NoAlloc {
                continue;
            }
            let base = placed
                .segment(section)
                .map_or(elsewhere, |segment| segment.address);
            block.address = base.wrapping_offset(block.address.value().cast_signed());
        }
        graph.thread_storage = self.thread_storage.map(|storage| {
            let image = segment_index(Protection::Read, Lifetime::Standard);
            let segment = image.and_then(|index| segments.get(index).copied().flatten());
            let base = segment.map_or(elsewhere, |segment| segment.address);
            ThreadStorage {
                address: base.wrapping_offset(storage.address.value().cast_signed()),
                ..storage
            }
        });
        Ok(placed)
    }
}

impl Placed {
    /// The segment that a section's blocks lie in; `None` if they are all empty or in no memory.
    #[inline]
    pub(super) fn segment(&self, section: &Section<'_>) -> Option<Segment> {
        self.segments.get(segment_of(section)?).copied().flatten()
    }

    /// Where the segments lie, and what they may be used for.
    pub(super) fn segments(&self) -> Segments {
        core::array::from_fn(|index| {
            let segment = self.segments.get(index).copied().flatten()?;
            let request = request_of(index);
            Some(LinkedSegment {
                range: AddressRange::from_size(segment.address, segment.size_bytes)?,
                protection: request.protection,
                lifetime: request.lifetime,
            })
        })
    }
}

/// Where in its segment a block goes; `None` if it has no place in memory.
fn part_of(graph: &LinkGraph<'_>, id: BlockId) -> Option<Part> {
    let block = graph.blocks.at(id);
    let section = graph.sections.at(block.section);
    if !block.is_live || section.lifetime == Lifetime::NoAlloc {
        return None;
    }
    Some(
        match (
            section.role == SectionRole::ThreadLocal,
            block.content.is_zero_fill(),
        ) {
            (true, false) => Part::ThreadLocalContent,
            (true, true) => Part::ThreadLocalZeroFill,
            (false, _) if section.is_bounded => Part::Bounded,
            (false, false) => Part::Content,
            (false, true) => Part::ZeroFill,
        },
    )
}

/// Whether a block is code of the graph's own that stays.
pub(super) fn is_ordinary_code(graph: &LinkGraph<'_>, id: BlockId) -> bool {
    let section = graph.sections.at(graph.blocks.at(id).section);
    section.protection.is_executable()
        && section.lifetime == Lifetime::Standard
        && part_of(graph, id) == Some(Part::Content)
}

const fn is_thread_local(part: Option<Part>) -> bool {
    matches!(
        part,
        Some(Part::ThreadLocalContent | Part::ThreadLocalZeroFill)
    )
}

/// Appends a block to its segment and returns its offset there; `None` if that passes 2^64.
#[inline]
fn append(request: &mut SegmentRequest, block: &Block<'_>, is_zero_fill: bool) -> Option<u64> {
    let end = request
        .content_size_bytes
        .checked_add(request.zero_fill_size_bytes)?;
    let offset = next_offset(block, end)?;
    let size_bytes = offset
        .checked_add(block.content.size_bytes())?
        .checked_sub(end)?;
    let part = if is_zero_fill {
        &mut request.zero_fill_size_bytes
    } else {
        &mut request.content_size_bytes
    };
    *part = part.checked_add(size_bytes)?;
    request.alignment = request.alignment.max(block.alignment);
    Some(offset)
}

/// The first offset at or after `end` that suits a block.
fn next_offset(block: &Block<'_>, end: u64) -> Option<u64> {
    let alignment_offset = block.alignment_offset();
    let start = end.saturating_sub(alignment_offset);
    let start = block.alignment.checked_round_up(start)?;
    start.checked_add(alignment_offset)
}

/// What an empty segment asks for.
fn request_of(index: usize) -> SegmentRequest {
    let (protection, lifetime) = KINDS
        .get(index)
        .copied()
        .unwrap_or((Protection::Read, Lifetime::Standard));
    SegmentRequest {
        protection,
        lifetime,
        alignment: Alignment::ONE,
        content_size_bytes: 0,
        zero_fill_size_bytes: 0,
    }
}

/// The segment of a section; `None` if it has no place in memory.
#[inline]
pub(super) fn segment_of(section: &Section<'_>) -> Option<usize> {
    // The image of thread-local storage is only copied from.
    let protection = match section.role {
        SectionRole::ThreadLocal => Protection::Read,
        _ => section.protection,
    };
    segment_index(protection, section.lifetime)
}

/// A segment's place among [`KINDS`].
#[inline]
const fn segment_index(protection: Protection, lifetime: Lifetime) -> Option<usize> {
    let first = match protection {
        Protection::Read => 0,
        Protection::ReadExecute => 2,
        Protection::ReadWrite => 4,
    };
    match lifetime {
        Lifetime::Standard => Some(first),
        Lifetime::Finalize => Some(first | 1),
        Lifetime::NoAlloc => None,
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated when the loader is compiled"
)]
const _: () = {
    let mut index = 0;
    while index < SEGMENTS {
        let (protection, lifetime) = KINDS[index];
        assert!(matches!(segment_index(protection, lifetime), Some(found) if found == index));
        index += 1;
    }
};
