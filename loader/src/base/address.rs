//! Addresses in the linked program's address space, and inclusive ranges of them.
//!
//! A target address is a number, never a pointer: what it names may live on another machine.

use core::fmt;

use super::Alignment;

/// An address at which linked code or data will be seen when it runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TargetAddr(u64);

impl TargetAddr {
    /// Address zero: the value of an undefined weak symbol.
    pub const ZERO: Self = Self(0);

    /// The address with this value.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The address as a number.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The address `bytes` further on; `None` past the end of the address space.
    pub const fn checked_add(self, bytes: u64) -> Option<Self> {
        match self.0.checked_add(bytes) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// The address `bytes` before this one; `None` below zero.
    pub const fn checked_sub(self, bytes: u64) -> Option<Self> {
        match self.0.checked_sub(bytes) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// The address moved by a signed distance, modulo 2^64, as the ABIs compute S + A.
    pub const fn wrapping_offset(self, bytes: i64) -> Self {
        Self(self.0.wrapping_add_signed(bytes))
    }

    /// The signed distance from `origin` to this address, modulo 2^64, as the ABIs compute S - P.
    pub const fn wrapping_distance_from(self, origin: Self) -> i64 {
        self.0.wrapping_sub(origin.0).cast_signed()
    }

    /// How many bytes this address lies above `lower`; `None` if it lies below.
    pub const fn checked_distance_from(self, lower: Self) -> Option<u64> {
        self.0.checked_sub(lower.0)
    }

    /// The next address that is a multiple of `alignment`, this one included; `None` past the end of the address space.
    pub fn checked_align_up(self, alignment: Alignment) -> Option<Self> {
        alignment.checked_round_up(self.0).map(Self)
    }

    /// The nearest address at or below this one that is a multiple of `alignment`.
    pub fn align_down(self, alignment: Alignment) -> Self {
        Self(alignment.round_down(self.0))
    }

    /// Whether the address is a multiple of `alignment`.
    pub fn is_aligned(self, alignment: Alignment) -> bool {
        alignment.divides(self.0)
    }
}

impl fmt::Debug for TargetAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

impl fmt::Display for TargetAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

/// A range of addresses with both ends included, so that one can end with the address space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressRange {
    first: TargetAddr,
    last: TargetAddr,
}

impl AddressRange {
    /// The whole address space.
    pub const ALL: Self = Self {
        first: TargetAddr::new(0),
        last: TargetAddr::new(u64::MAX),
    };

    /// The range from `first` to `last`, both included; `None` if `last` lies below `first`.
    pub const fn new(first: TargetAddr, last: TargetAddr) -> Option<Self> {
        if first.0 <= last.0 {
            Some(Self { first, last })
        } else {
            None
        }
    }

    /// The range of `size_bytes` bytes from `first`; `None` if it is empty or passes the end of the address space.
    pub const fn from_size(first: TargetAddr, size_bytes: u64) -> Option<Self> {
        let Some(distance) = size_bytes.checked_sub(1) else {
            return None;
        };
        match first.checked_add(distance) {
            Some(last) => Some(Self { first, last }),
            None => None,
        }
    }

    /// The range of all addresses at most `reach_bytes` below or above `center`, cut at the ends of the address space.
    pub const fn around(center: TargetAddr, reach_bytes: u64) -> Self {
        Self {
            first: TargetAddr(center.0.saturating_sub(reach_bytes)),
            last: TargetAddr(center.0.saturating_add(reach_bytes)),
        }
    }

    /// The first address of the range.
    pub const fn first(self) -> TargetAddr {
        self.first
    }

    /// The last address of the range.
    pub const fn last(self) -> TargetAddr {
        self.last
    }

    /// Whether `address` lies in the range.
    pub fn contains(self, address: TargetAddr) -> bool {
        self.first <= address && address <= self.last
    }

    /// Whether all of `other` lies in the range.
    pub fn contains_range(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The smallest range that holds both.
    pub fn hull(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }

    /// What the two ranges share; `None` if nothing.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.last.min(other.last))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..={}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressRange, TargetAddr};

    #[test]
    fn a_range_may_end_with_the_address_space() {
        let top = AddressRange::from_size(TargetAddr::new(u64::MAX - 4095), 4096).unwrap();
        assert_eq!(top.last(), TargetAddr::new(u64::MAX));
        assert!(AddressRange::from_size(TargetAddr::new(u64::MAX), 2).is_none());
        assert!(AddressRange::from_size(TargetAddr::new(0), 0).is_none());
    }

    #[test]
    fn intersection_of_ranges_that_touch_is_one_address() {
        let low = AddressRange::new(TargetAddr::new(0), TargetAddr::new(10)).unwrap();
        let high = AddressRange::new(TargetAddr::new(10), TargetAddr::new(20)).unwrap();
        let shared = low.intersection(high).unwrap();
        assert_eq!((shared.first().value(), shared.last().value()), (10, 10));
        let above = AddressRange::new(TargetAddr::new(11), TargetAddr::new(20)).unwrap();
        assert!(low.intersection(above).is_none());
    }
}
