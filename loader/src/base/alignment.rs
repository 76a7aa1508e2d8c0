//! Alignments: powers of two by construction.

use core::fmt;

/// A power of two that addresses or offsets are multiples of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Alignment {
    log2: u8,
}

impl Alignment {
    /// Any byte will do.
    pub const ONE: Self = Self { log2: 0 };
    /// Two bytes.
    pub const TWO: Self = Self { log2: 1 };
    /// Four bytes: an instruction on aarch64.
    pub const FOUR: Self = Self { log2: 2 };
    /// Eight bytes: a pointer.
    pub const EIGHT: Self = Self { log2: 3 };
    /// Sixteen bytes.
    pub const SIXTEEN: Self = Self { log2: 4 };
    /// 64 bytes: a line of most caches.
    pub const CACHE_LINE: Self = Self { log2: 6 };
    /// 4 KiB: a page.
    pub const PAGE: Self = Self { log2: 12 };
    /// 64 KiB: the largest page that aarch64 can be set up with.
    pub const PAGE_64K: Self = Self { log2: 16 };

    /// The alignment of `bytes`; `None` unless that is a power of two.
    pub const fn new(bytes: u64) -> Option<Self> {
        if bytes.is_power_of_two() {
            let log2 = super::int::low_u8(super::int::widen_u32(bytes.trailing_zeros()));
            Some(Self { log2 })
        } else {
            None
        }
    }

    /// The alignment in bytes.
    pub const fn bytes(self) -> u64 {
        // `log2` is below 64 by construction.
        1_u64.wrapping_shl(u32_from_u8(self.log2))
    }

    /// The exponent of two.
    pub const fn log2(self) -> u8 {
        self.log2
    }

    /// The next multiple at or above `value`; `None` past 2^64.
    pub fn checked_round_up(self, value: u64) -> Option<u64> {
        let below = self.bytes().wrapping_sub(1);
        Some(value.checked_add(below)? & !below)
    }

    /// The nearest multiple at or below `value`.
    pub const fn round_down(self, value: u64) -> u64 {
        value & self.bytes().wrapping_neg()
    }

    /// The distance of `value` from the nearest multiple at or below it.
    pub const fn offset(self, value: u64) -> u64 {
        value & !self.bytes().wrapping_neg()
    }

    /// How often it goes into `value`, which is a multiple; `None` of any other.
    #[inline]
    pub const fn checked_divide(self, value: u64) -> Option<u64> {
        let quotient = value.wrapping_shr(u32_from_u8(self.log2));
        match quotient.wrapping_shl(u32_from_u8(self.log2)) == value {
            true => Some(quotient),
            false => None,
        }
    }

    /// Whether `value` is a multiple.
    pub const fn divides(self, value: u64) -> bool {
        self.round_down(value) == value
    }
}

impl fmt::Display for Alignment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.bytes())
    }
}

const fn u32_from_u8(value: u8) -> u32 {
    super::int::widen_u8(value)
}

#[cfg(test)]
mod tests {
    use super::Alignment;

    #[test]
    fn only_powers_of_two_are_alignments() {
        assert!(Alignment::new(0).is_none());
        assert!(Alignment::new(3).is_none());
        for log2 in 0..64 {
            assert_eq!(Alignment::new(1 << log2).unwrap().bytes(), 1 << log2);
        }
    }

    #[test]
    fn only_multiples_are_divided() {
        for (value, quotient) in [
            (0, Some(0)),
            (8, Some(1)),
            (24, Some(3)),
            (4, None),
            (25, None),
        ] {
            assert_eq!(Alignment::EIGHT.checked_divide(value), quotient);
        }
        let largest = Alignment::new(1 << 63).unwrap();
        assert_eq!(largest.checked_divide(1 << 63), Some(1));
        assert_eq!(largest.checked_divide(u64::MAX), None);
    }

    #[test]
    fn rounding_up_reports_overflow() {
        assert_eq!(Alignment::PAGE.checked_round_up(1), Some(4096));
        assert_eq!(
            Alignment::PAGE.checked_round_up(u64::MAX - 4095),
            Some(u64::MAX - 4095)
        );
        assert_eq!(Alignment::PAGE.checked_round_up(u64::MAX - 4094), None);
    }
}
