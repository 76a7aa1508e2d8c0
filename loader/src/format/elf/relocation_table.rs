//! A table of relocations, in any of its three encodings. Source: System V gABI, "Relocation": SHT_RELA, SHT_REL; SHT_CREL.

use core::slice;

use object::LittleEndian;
use object::elf::{self, Rel64, Rela64};
use object::pod;
use object::read::elf::{CrelIterator, SectionHeader as _};

use super::{Fault, LE, SectionHeader};

/// A relocation as the file states it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Relocation {
    /// Where in its section it writes.
    pub(super) offset: u64,
    /// Its number.
    pub(super) number: u32,
    /// The symbol's index.
    pub(super) symbol: u32,
    /// `None`: it stands in the bytes that the relocation changes.
    pub(super) addend: Option<i64>,
}

/// The relocations of one section, in the order of the file.
#[derive(Clone, Debug)]
pub(super) enum RelocationTable<'a> {
    WithAddends(slice::Iter<'a, Rela64<LittleEndian>>),
    WithoutAddends(slice::Iter<'a, Rel64<LittleEndian>>),
    Compact(CrelIterator<'a>),
}

/// The relocations of a section that states them with addends in whole words, as most do; `None` of any other, and of one that
/// is damaged.
#[inline]
pub(super) fn with_addends<'a>(
    header: &SectionHeader,
    bytes: &'a [u8],
) -> Option<&'a [Rela64<LittleEndian>]> {
    let data = match header.sh_type(LE) {
        elf::SHT_RELA => header.data(LE, bytes).ok()?,
        _ => return None,
    };
    pod::slice_from_all_bytes(data).ok()
}

impl<'a> RelocationTable<'a> {
    /// The table that a section holds; an empty one if it holds none. What is wrong with one that [`with_addends`] doesn't take,
    /// its error says.
    ///
    /// A function of its own, as most are had by [`with_addends`]: inlined, its large result is moved piece by piece.
    #[inline(never)]
    pub(super) fn of(header: &SectionHeader, bytes: &'a [u8]) -> Result<Self, Fault<'a>> {
        if header.sh_type(LE) == elf::SHT_CREL {
            let data = header.data(LE, bytes)?;
            let relocations = CrelIterator::new(data)?;
            // Each takes a byte at least: the count is believed no further.
            if relocations.len() > data.len() {
                let what = "a table of compact relocations is shorter than its count";
                return Err(Fault::damaged(what));
            }
            return Ok(Self::Compact(relocations));
        }
        if header.sh_type(LE) == elf::SHT_REL {
            let relocations = header.rel(LE, bytes)?;
            let relocations = relocations.map_or(&[][..], |(relocations, _)| relocations);
            return Ok(Self::WithoutAddends(relocations.iter()));
        }
        let relocations = header.rela(LE, bytes)?;
        let relocations = relocations.map_or(&[][..], |(relocations, _)| relocations);
        Ok(Self::WithAddends(relocations.iter()))
    }

    /// Those that are still left, if they are stated with addends in whole words.
    pub(super) fn left_with_addends(
        &mut self,
    ) -> Option<&mut slice::Iter<'a, Rela64<LittleEndian>>> {
        match self {
            Self::WithAddends(relocations) => Some(relocations),
            Self::WithoutAddends(_) | Self::Compact(_) => None,
        }
    }

    /// How many relocations there are still.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::WithAddends(relocations) => relocations.len(),
            Self::WithoutAddends(relocations) => relocations.len(),
            Self::Compact(relocations) => relocations.len(),
        }
    }
}

impl<'a> Iterator for RelocationTable<'a> {
    type Item = Result<Relocation, Fault<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::WithAddends(relocations) => relocations.next().map(|relocation| {
                Ok(Relocation {
                    offset: relocation.r_offset.get(LE),
                    number: relocation.r_type(LE, false).0,
                    symbol: relocation.r_sym(LE, false),
                    addend: Some(relocation.r_addend.get(LE)),
                })
            }),
            Self::WithoutAddends(relocations) => relocations.next().map(|relocation| {
                Ok(Relocation {
                    offset: relocation.r_offset.get(LE),
                    number: relocation.r_type(LE).0,
                    symbol: relocation.r_sym(LE),
                    addend: None,
                })
            }),
            Self::Compact(relocations) => {
                let has_addends = relocations.is_rela();
                let relocation = relocations.next()?;
                Some(
                    relocation
                        .map_err(Fault::from)
                        .map(|relocation| Relocation {
                            offset: relocation.r_offset,
                            number: relocation.r_type.0,
                            symbol: relocation.r_sym,
                            addend: has_addends.then_some(relocation.r_addend),
                        }),
                )
            }
        }
    }
}
