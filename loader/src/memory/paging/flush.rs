//! What a change of live page tables still owes: values that can't be forgotten.

use crate::base::AddressRange;

use super::processor::Processor;

/// Translations that processors may still remember although the tables say otherwise. Pay it, or the change isn't
/// done.
#[must_use = "processors still use the old translations until the flush is paid"]
#[derive(Debug)]
pub struct Flush {
    owed: Owed,
}

#[derive(Clone, Copy, Debug)]
enum Owed {
    Nothing,
    /// Entries that were empty are filled: table walks must see them.
    Publication,
    /// Entries that were in use have changed.
    Invalidation(AddressRange),
}

impl Flush {
    /// No debt, to begin a sum with.
    pub const fn nothing() -> Self {
        Self {
            owed: Owed::Nothing,
        }
    }

    pub(super) const fn publication() -> Self {
        Self {
            owed: Owed::Publication,
        }
    }

    pub(super) const fn invalidation(pages: AddressRange) -> Self {
        Self {
            owed: Owed::Invalidation(pages),
        }
    }

    /// Both debts in one. Ranges are joined to the smallest range that holds both.
    pub fn and(mut self, mut other: Self) -> Self {
        let owed = match (self.settle(), other.settle()) {
            (Owed::Invalidation(a), Owed::Invalidation(b)) => Owed::Invalidation(a.hull(b)),
            (Owed::Invalidation(pages), _) | (_, Owed::Invalidation(pages)) => {
                Owed::Invalidation(pages)
            }
            (Owed::Publication, _) | (_, Owed::Publication) => Owed::Publication,
            (Owed::Nothing, Owed::Nothing) => Owed::Nothing,
        };
        Self { owed }
    }

    /// Adds another debt to this one.
    #[inline(never)]
    pub fn add(&mut self, other: Self) {
        *self = core::mem::replace(self, Self::nothing()).and(other);
    }

    /// Makes all processors use the tables as they are now.
    pub fn pay(mut self, processor: &impl Processor) {
        match self.settle() {
            Owed::Nothing => {}
            Owed::Publication => processor.publish_tables(),
            Owed::Invalidation(pages) => processor.invalidate(pages),
        }
    }

    /// Lets the debt go: the tables aren't in use by any processor yet, and will be made known to them as a whole.
    pub fn tables_not_in_use(mut self) {
        self.settle();
    }

    fn settle(&mut self) -> Owed {
        core::mem::replace(&mut self.owed, Owed::Nothing)
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        debug_assert!(
            matches!(self.owed, Owed::Nothing) || is_unwinding(),
            "a flush was dropped unpaid"
        );
    }
}

/// Whether a test has failed already: a second panic would hide the first.
#[cfg(test)]
fn is_unwinding() -> bool {
    std::thread::panicking()
}

#[cfg(not(test))]
const fn is_unwinding() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::Flush;
    use crate::base::{AddressRange, TargetAddr};
    use crate::memory::paging::processor::recording::{Event, RecordingProcessor};

    fn page(address: u64) -> AddressRange {
        AddressRange::from_size(TargetAddr::new(address), 4096).unwrap()
    }

    #[test]
    fn debts_are_paid_as_one_range() {
        let processor = RecordingProcessor::default();
        let debt = Flush::invalidation(page(0x1000))
            .and(Flush::publication())
            .and(Flush::invalidation(page(0x4000)));
        debt.pay(&processor);
        let both = AddressRange::new(TargetAddr::new(0x1000), TargetAddr::new(0x4fff)).unwrap();
        assert_eq!(processor.take_events(), [Event::Invalidate(both)]);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "unpaid")]
    fn an_unpaid_debt_is_caught() {
        drop(Flush::invalidation(page(0)));
    }
}
