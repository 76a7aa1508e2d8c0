//! What becomes of the sections and symbols of a file. There may be one for a few dozen bytes of the file, so that each fate is
//! stored in four bytes.

use core::marker::PhantomData;

use crate::base::OutOfMemory;
use crate::graph::{BlockId, SymbolId};
use crate::memory::Lifetime;

/// What becomes of a section of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SectionFate {
    /// It is not wanted.
    NotLoaded,
    /// It is to become a block that is needed so long.
    Wanted(Lifetime),
    /// An earlier group of the same name counts instead of its own.
    Discarded,
    /// It is this block.
    Block(BlockId),
}

/// What becomes of a symbol of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SymbolFate {
    /// It names nothing that is loaded.
    Absent,
    /// It named a place in a discarded section.
    Discarded,
    /// It is this symbol, which another definition may still take the place of.
    Symbol(SymbolId),
    /// It is this symbol, which stands where it does for good.
    Settled(SymbolId),
}

/// A fate as it is stored.
#[derive(Clone, Copy)]
pub(super) struct StoredFate<F> {
    number: u32,
    fate: PhantomData<F>,
}

/// What can be stored as a number.
pub(super) trait Fate: Copy {
    /// The number; `None` if an id is too large to be told from what else there is.
    fn number(self) -> Option<u32>;

    /// What has this number.
    fn of_number(number: u32) -> Self;
}

impl<F: Fate> StoredFate<F> {
    /// Stores a fate.
    #[inline]
    pub(super) fn of(fate: F) -> Result<Self, OutOfMemory> {
        Ok(Self {
            number: fate.number().ok_or(OutOfMemory)?,
            fate: PhantomData,
        })
    }

    /// The fate that is stored.
    #[inline]
    pub(super) fn fate(&self) -> F {
        F::of_number(self.number)
    }
}

/// The greatest numbers are of what has no id, all others those of blocks.
impl SectionFate {
    const NOT_LOADED: u32 = u32::MAX;
    const DISCARDED: u32 = u32::MAX - 1;
    const WANTED: u32 = u32::MAX - 2;
    const WANTED_FOR_INITIALIZERS: u32 = u32::MAX - 3;
    const WANTED_IN_NO_MEMORY: u32 = u32::MAX - 4;
}

impl Fate for SectionFate {
    #[inline]
    fn number(self) -> Option<u32> {
        Some(match self {
            Self::NotLoaded => Self::NOT_LOADED,
            Self::Discarded => Self::DISCARDED,
            Self::Wanted(Lifetime::Standard) => Self::WANTED,
            Self::Wanted(Lifetime::Finalize) => Self::WANTED_FOR_INITIALIZERS,
            Self::Wanted(Lifetime::NoAlloc) => Self::WANTED_IN_NO_MEMORY,
            Self::Block(block) if block.number() < Self::WANTED_IN_NO_MEMORY => block.number(),
            Self::Block(_) => return None,
        })
    }

    #[inline]
    fn of_number(number: u32) -> Self {
        match number {
            Self::NOT_LOADED => Self::NotLoaded,
            Self::DISCARDED => Self::Discarded,
            Self::WANTED => Self::Wanted(Lifetime::Standard),
            Self::WANTED_FOR_INITIALIZERS => Self::Wanted(Lifetime::Finalize),
            Self::WANTED_IN_NO_MEMORY => Self::Wanted(Lifetime::NoAlloc),
            block => Self::Block(BlockId::from_index(block)),
        }
    }
}

/// Makes sure that the ids of the next `count` symbols can be stored, for [`StoredFate::of_definition`].
pub(super) fn check_ids(first: SymbolId, count: usize) -> Result<(), OutOfMemory> {
    let count = u32::try_from(count).map_err(|_| OutOfMemory)?;
    let end = first.number().checked_add(count);
    match end.is_some_and(|end| end <= SymbolFate::DISCARDED) {
        true => Ok(()),
        false => Err(OutOfMemory),
    }
}

impl StoredFate<SymbolFate> {
    /// The fate of a definition, whose id was [made sure of](check_ids); whether it is settled is told.
    #[inline]
    pub(super) fn of_definition(symbol: SymbolId, is_settled: bool) -> Self {
        let settled = u32::from(is_settled).wrapping_mul(SymbolFate::SETTLED);
        Self {
            number: symbol.number() | settled,
            fate: PhantomData,
        }
    }
}

/// The greater half of all numbers is of symbols that are settled, which most are: one comparison tells that. In the other half,
/// the greatest are of what has no id.
impl SymbolFate {
    const SETTLED: u32 = 1 << 31;
    const ABSENT: u32 = Self::SETTLED - 1;
    const DISCARDED: u32 = Self::SETTLED - 2;
}

impl Fate for SymbolFate {
    #[inline]
    fn number(self) -> Option<u32> {
        match self {
            Self::Absent => Some(Self::ABSENT),
            Self::Discarded => Some(Self::DISCARDED),
            Self::Symbol(symbol) => {
                Some(symbol.number()).filter(|&number| number < Self::DISCARDED)
            }
            Self::Settled(symbol) => symbol.number().checked_add(Self::SETTLED),
        }
    }

    #[inline]
    fn of_number(number: u32) -> Self {
        match (number.checked_sub(Self::SETTLED), number) {
            (Some(symbol), _) => Self::Settled(SymbolId::from_index(symbol)),
            (None, Self::ABSENT) => Self::Absent,
            (None, Self::DISCARDED) => Self::Discarded,
            (None, symbol) => Self::Symbol(SymbolId::from_index(symbol)),
        }
    }
}

const _: () =
    assert!(size_of::<StoredFate<SectionFate>>() == 4 && size_of::<StoredFate<SymbolFate>>() == 4);

#[cfg(test)]
mod tests {
    use super::{SectionFate, StoredFate, SymbolFate, check_ids};
    use crate::base::OutOfMemory;
    use crate::graph::{BlockId, SymbolId};
    use crate::memory::Lifetime;

    #[test]
    fn each_fate_of_a_section_is_read_as_it_was_stored() {
        let ids = [0, 1, u32::MAX - 5].map(|id| SectionFate::Block(BlockId::from_index(id)));
        let lifetimes = [Lifetime::Standard, Lifetime::Finalize, Lifetime::NoAlloc];
        let others = [SectionFate::NotLoaded, SectionFate::Discarded];
        let wanted = lifetimes.map(SectionFate::Wanted);
        for fate in ids.into_iter().chain(others).chain(wanted) {
            assert_eq!(StoredFate::of(fate).map(|stored| stored.fate()), Ok(fate));
        }
        let last = SectionFate::Block(BlockId::from_index(u32::MAX - 4));
        assert_eq!(StoredFate::of(last).err(), Some(OutOfMemory));
    }

    #[test]
    fn each_fate_of_a_symbol_is_read_as_it_was_stored() {
        let fates = |id| {
            let id = SymbolId::from_index(id);
            [SymbolFate::Symbol(id), SymbolFate::Settled(id)]
        };
        let ids = [0, 1, (1 << 31) - 3].into_iter().flat_map(fates);
        for fate in ids.chain([SymbolFate::Absent, SymbolFate::Discarded]) {
            assert_eq!(StoredFate::of(fate).map(|stored| stored.fate()), Ok(fate));
        }
        for fate in fates(u32::MAX) {
            assert_eq!(StoredFate::of(fate).err(), Some(OutOfMemory));
        }
        // The ids of definitions are made sure of together: none is one of those that stand for no symbol.
        let last = SymbolId::from_index((1 << 31) - 3);
        assert_eq!(check_ids(last, 1), Ok(()));
        assert_eq!(check_ids(last, 2), Err(OutOfMemory));
        assert_eq!(check_ids(last, usize::MAX), Err(OutOfMemory));
        let absent = SymbolFate::Symbol(SymbolId::from_index((1 << 31) - 1));
        assert_eq!(StoredFate::of(absent).err(), Some(OutOfMemory));
    }
}
