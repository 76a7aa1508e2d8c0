//! Layout: live blocks are put together into segments, one for each protection.

use crate::base::{AddressRange, Alignment, Protection, TargetAddr};
use crate::graph::{Block, LinkGraph};
use crate::memory::{InFlight, Lifetime, SegmentRequest};

use super::{LinkError, Segments};

const PROTECTIONS: usize = Protection::ALL.len();

/// The segments, before they have addresses; each block's offset in its segment stands in the block.
#[derive(Debug)]
pub(super) struct Layout {
    requests: [SegmentRequest; PROTECTIONS],
    /// How many of the requests are made: those of segments that hold something.
    count: usize,
    /// For each protection, the place of its segment among the requests.
    places: [Option<usize>; PROTECTIONS],
}

/// The segments with their addresses.
#[derive(Debug)]
pub(super) struct Placed {
    /// For each protection, its segment's place in the reservation, address and size.
    segments: [Option<Segment>; PROTECTIONS],
}

/// A segment with its address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) place: usize,
    pub(super) address: TargetAddr,
    size_bytes: u64,
}

impl Layout {
    /// Lays out all live blocks: in each segment content first, then zero-fill, each in the order of the graph.
    pub(super) fn of(graph: &mut LinkGraph<'_>) -> Result<Self, LinkError> {
        let mut requests = Protection::ALL.map(|protection| SegmentRequest {
            protection,
            lifetime: Lifetime::Standard,
            alignment: Alignment::ONE,
            content_size_bytes: 0,
            zero_fill_size_bytes: 0,
        });
        for is_zero_fill in [false, true] {
            for id in graph.blocks.ids() {
                let block = graph.blocks.at(id);
                if !block.is_live || block.content.is_zero_fill() != is_zero_fill {
                    continue;
                }
                let protection = graph.sections.at(block.section).protection;
                let Some(request) = requests.get_mut(index_of(protection)) else {
                    continue;
                };
                let offset = append(request, block).ok_or_else(|| LinkError::TooLarge {
                    site: graph.site(id, 0),
                })?;
                graph.blocks.at_mut(id).address = TargetAddr::new(offset);
            }
        }
        Ok(Self::without_empty(requests))
    }

    /// Moves the requests of segments that hold something to the front.
    fn without_empty(mut requests: [SegmentRequest; PROTECTIONS]) -> Self {
        let mut places = [None; PROTECTIONS];
        let mut count: usize = 0;
        for (protection, place) in places.iter_mut().enumerate() {
            let Some(&request) = requests.get(protection) else {
                continue;
            };
            if request.content_size_bytes == 0 && request.zero_fill_size_bytes == 0 {
                continue;
            }
            if let Some(slot) = requests.get_mut(count) {
                *slot = request;
                *place = Some(count);
                count = count.saturating_add(1);
            }
        }
        Self {
            requests,
            count,
            places,
        }
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
        let mut segments = [None; PROTECTIONS];
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
        for id in graph.blocks.ids() {
            let block = graph.blocks.at(id);
            let protection = graph.sections.at(block.section).protection;
            let base = placed
                .segment(protection)
                .map_or(elsewhere, |segment| segment.address);
            if block.is_live {
                let block = graph.blocks.at_mut(id);
                block.address = base.wrapping_offset(block.address.value().cast_signed());
            }
        }
        Ok(placed)
    }
}

impl Placed {
    /// The segment of a protection; `None` if nothing has it.
    pub(super) fn segment(&self, protection: Protection) -> Option<Segment> {
        self.segments.get(index_of(protection)).copied().flatten()
    }

    /// Where the segments lie, and what they may be used for.
    pub(super) fn segments(&self) -> Segments {
        Protection::ALL.map(|protection| {
            let segment = self.segment(protection)?;
            let range = AddressRange::from_size(segment.address, segment.size_bytes)?;
            Some((range, protection))
        })
    }
}

/// Appends a block to its segment and returns its offset there; `None` if that passes 2^64.
fn append(request: &mut SegmentRequest, block: &Block<'_>) -> Option<u64> {
    let end = request
        .content_size_bytes
        .checked_add(request.zero_fill_size_bytes)?;
    let offset = block.alignment.checked_round_up(end)?;
    let size_bytes = offset
        .checked_add(block.content.size_bytes())?
        .checked_sub(end)?;
    let part = if block.content.is_zero_fill() {
        &mut request.zero_fill_size_bytes
    } else {
        &mut request.content_size_bytes
    };
    *part = part.checked_add(size_bytes)?;
    request.alignment = request.alignment.max(block.alignment);
    Some(offset)
}

const fn index_of(protection: Protection) -> usize {
    match protection {
        Protection::ReadExecute => 0,
        Protection::Read => 1,
        Protection::ReadWrite => 2,
    }
}
