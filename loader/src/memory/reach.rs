//! Where a reservation may lie: what the relocations of a link leave possible.

use core::fmt;

use crate::base::{AddressRange, TargetAddr};

/// The addresses at which every byte of a reservation must lie: at most two ranges, since a sign-extended 32-bit address
/// reaches both ends of the address space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reach {
    ranges: [Option<AddressRange>; 2],
}

impl Reach {
    /// Anywhere.
    pub const ANYWHERE: Self = Self {
        ranges: [Some(AddressRange::ALL), None],
    };

    /// What a zero-extended 32-bit address can name: the low 4 GiB.
    pub const UNSIGNED_32: Self = Self {
        ranges: [
            AddressRange::new(TargetAddr::new(0), TargetAddr::new(0xffff_ffff)),
            None,
        ],
    };

    /// What a sign-extended 32-bit address can name: the low and the top 2 GiB.
    pub const SIGNED_32: Self = Self {
        ranges: [
            AddressRange::new(TargetAddr::new(0), TargetAddr::new(0x7fff_ffff)),
            AddressRange::new(
                TargetAddr::new(0xffff_ffff_8000_0000),
                TargetAddr::new(u64::MAX),
            ),
        ],
    };

    /// One range alone.
    pub const fn within(range: AddressRange) -> Self {
        Self {
            ranges: [Some(range), None],
        }
    }

    /// All from `first` up to `last`: past the end of the address space, and on from zero, if `last` lies below `first`.
    pub fn wrapping(first: TargetAddr, last: TargetAddr) -> Self {
        match AddressRange::new(first, last) {
            Some(range) => Self::within(range),
            None => Self {
                ranges: [
                    AddressRange::new(TargetAddr::ZERO, last),
                    AddressRange::new(first, TargetAddr::new(u64::MAX)),
                ],
            },
        }
    }

    /// The ranges, in ascending order.
    pub fn ranges(self) -> impl Iterator<Item = AddressRange> {
        self.ranges.into_iter().flatten()
    }

    /// Whether no address is left.
    pub fn is_empty(self) -> bool {
        self.ranges().next().is_none()
    }

    /// Whether all of `range` lies in one of the ranges.
    pub fn allows(self, range: AddressRange) -> bool {
        self.ranges().any(|allowed| allowed.contains_range(range))
    }

    /// What both allow. Of more than two ranges, which no machine's relocations ask for, the lowest two are kept.
    pub fn intersection(self, other: Self) -> Self {
        let mut ranges = [None; 2];
        let mut places = ranges.iter_mut();
        for &a in self.ranges.iter().flatten() {
            for &b in other.ranges.iter().flatten() {
                if let Some(shared) = a.intersection(b)
                    && let Some(place) = places.next()
                {
                    *place = Some(shared);
                }
            }
        }
        Self { ranges }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges = self.ranges();
        match ranges.next() {
            None => formatter.write_str("nowhere")?,
            Some(first) => write!(formatter, "{first}")?,
        }
        ranges.try_for_each(|range| write!(formatter, " or {range}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;
    use crate::base::{AddressRange, TargetAddr};

    #[test]
    fn near_a_low_symbol_and_sign_extended_leaves_the_low_end() {
        let near = Reach::within(AddressRange::around(
            TargetAddr::new(0x4000_0000),
            0x7fff_ffff,
        ));
        let both = near.intersection(Reach::SIGNED_32);
        assert_eq!(std::format!("{both}"), "0x0..=0x7fffffff");
        assert!(
            Reach::UNSIGNED_32
                .intersection(Reach::within(AddressRange::around(
                    TargetAddr::new(u64::MAX),
                    1
                )))
                .is_empty()
        );
    }
}
