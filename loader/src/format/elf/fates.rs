//! What becomes of the sections and symbols of a file.

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

/// The fate of a symbol in four bytes, since there is one for each symbol of the file: a settled symbol's id, or another
/// symbol's behind [`Self::OPEN`], or one of the last two numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct StoredFate(u32);

impl StoredFate {
    const OPEN: u32 = 1 << 31;
    pub(super) const ABSENT: Self = Self(u32::MAX);
    const DISCARDED: Self = Self(u32::MAX - 1);

    /// How a fate is stored.
    ///
    /// # Errors
    /// The graph holds too many symbols.
    #[inline]
    pub(super) fn of(fate: SymbolFate) -> Result<Self, OutOfMemory> {
        let (id, open) = match fate {
            SymbolFate::Absent => return Ok(Self::ABSENT),
            SymbolFate::Discarded => return Ok(Self::DISCARDED),
            SymbolFate::Symbol(id) => (id, Self::OPEN),
            SymbolFate::Settled(id) => (id, 0),
        };
        // The largest id is left out, too: behind `OPEN` it would be one of the last two numbers.
        match id.number() < Self::DISCARDED.0 & !Self::OPEN {
            true => Ok(Self(id.number() | open)),
            false => Err(OutOfMemory),
        }
    }

    /// The fate that is stored.
    #[inline]
    pub(super) const fn get(self) -> SymbolFate {
        match self {
            Self(settled) if settled < Self::OPEN => {
                SymbolFate::Settled(SymbolId::from_index(settled))
            }
            Self::ABSENT => SymbolFate::Absent,
            Self::DISCARDED => SymbolFate::Discarded,
            Self(open) => SymbolFate::Symbol(SymbolId::from_index(open & !Self::OPEN)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StoredFate, SymbolFate};
    use crate::base::OutOfMemory;
    use crate::graph::SymbolId;

    #[test]
    fn a_fate_is_read_as_it_was_stored() {
        let ids = [0, 1, 0x7fff_fffd].map(SymbolId::from_index);
        let symbols = ids
            .into_iter()
            .flat_map(|id| [SymbolFate::Symbol(id), SymbolFate::Settled(id)]);
        for fate in symbols.chain([SymbolFate::Absent, SymbolFate::Discarded]) {
            assert_eq!(StoredFate::of(fate).unwrap().get(), fate);
        }
    }

    #[test]
    fn an_id_that_has_no_room_is_refused() {
        for number in [0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let id = SymbolId::from_index(number);
            for fate in [SymbolFate::Symbol(id), SymbolFate::Settled(id)] {
                assert_eq!(StoredFate::of(fate), Err(OutOfMemory));
            }
        }
    }
}
