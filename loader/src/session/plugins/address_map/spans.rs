//! Where modules lie: their segments in the order of addresses, each found by halving what is left.
//!
//! Who leaves only has its spans marked, so that nothing is moved; what comes to lie there takes them. They are swept out once
//! they are the most: so each that leaves pays for few others, however many there are.

use alloc::vec::Vec;

use crate::base::{AddressRange, OutOfMemory, TargetAddr, fallible};
use crate::session::ModuleId;

/// Segments of all modules; no two meet.
#[derive(Default, Debug)]
pub(super) struct Spans {
    /// In the order of their addresses.
    spans: Vec<Span>,
    /// How many of them are nobody's.
    left: usize,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    range: AddressRange,
    /// `None` once its module has left.
    owner: Option<ModuleId>,
}

impl Spans {
    /// The segment that holds an address, and whose it is.
    pub(super) fn find(&self, address: TargetAddr) -> Option<(AddressRange, ModuleId)> {
        let place = self.first_not_below(address);
        let span = self.spans.get(place)?;
        span.range
            .contains(address)
            .then_some((span.range, span.owner?))
    }

    /// The place of the first that is not wholly below an address.
    fn first_not_below(&self, address: TargetAddr) -> usize {
        (self.spans).partition_point(|span| span.range.last() < address)
    }

    /// Makes room for so many more.
    pub(super) fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.spans, additional)
    }

    /// Adds a segment. No two live at one address: those that it meets are no more.
    ///
    /// # Errors
    /// The heap has no room, and none was reserved.
    pub(super) fn insert(
        &mut self,
        range: AddressRange,
        owner: ModuleId,
    ) -> Result<(), OutOfMemory> {
        let new = Span {
            range,
            owner: Some(owner),
        };
        let mut place = self.first_not_below(range.first());
        let meets = |span: &&Span| span.range.intersection(range).is_some();
        let met =
            (self.spans.get(place..)).map_or(0, |others| others.iter().take_while(meets).count());
        let is_left = |place: usize| {
            self.spans
                .get(place)
                .is_some_and(|span| span.owner.is_none())
        };
        let below = place.checked_sub(1).filter(|&below| is_left(below));
        // Whatever stands at either side of the gap may be written over, if it is nobody's: the order stays.
        if met > 0 || is_left(place) {
            self.take_out(place.saturating_add(1), met.saturating_sub(1));
        } else if let Some(below) = below {
            place = below;
        } else {
            return fallible::insert(&mut self.spans, place, new);
        }
        if let Some(span) = self.spans.get_mut(place) {
            if span.owner.is_none() {
                self.left = self.left.saturating_sub(1);
            }
            *span = new;
        }
        Ok(())
    }

    /// Takes out so many, beginning at a place.
    fn take_out(&mut self, place: usize, count: usize) {
        let end = place.saturating_add(count);
        let Some(going) = self.spans.get(place..end) else {
            return;
        };
        let left = going.iter().filter(|span| span.owner.is_none()).count();
        self.left = self.left.saturating_sub(left);
        if let Some(moved) = self.spans.get_mut(place..) {
            moved.rotate_left(count);
        }
        let len = self.spans.len().saturating_sub(count);
        self.spans.truncate(len);
    }

    /// Forgets that a segment is a module's; nothing, if another's has come to lie there.
    pub(super) fn leave(&mut self, range: AddressRange, owner: ModuleId) {
        let place = self.first_not_below(range.first());
        if let Some(span) = self.spans.get_mut(place)
            && span.range == range
            && span.owner == Some(owner)
        {
            span.owner = None;
            self.left = self.left.saturating_add(1);
        }
        if self.left > self.spans.len() / 2 {
            self.spans.retain(|span| span.owner.is_some());
            self.left = 0;
        }
    }
}
