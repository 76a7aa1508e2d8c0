//! A digest: many numbers in one, to tell whether all of them are what they were.

/// Many numbers in one: equal if they are equal, and else equal by chance alone.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Digest(u64);

impl Digest {
    /// The digest of nothing.
    pub const fn new() -> Self {
        Self(0)
    }

    /// The digest of these numbers, in this order.
    pub fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut digest = Self::new();
        for number in numbers {
            digest.add(number);
        }
        digest
    }

    /// Adds a number after all others.
    pub const fn add(&mut self, number: u64) {
        self.0 = mixed(self.0.rotate_left(1) ^ number);
    }

    /// Adds a part: parts that are added one after the other may be so in any order.
    pub const fn add_part(&mut self, part: Self) {
        self.0 = self.0.wrapping_add(mixed(part.0));
    }

    /// The digest as a number.
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// A number of which each bit depends on all of this one's, and zero only of one. Source: Steele, Lea, Flood: "Fast Splittable
/// Pseudorandom Number Generators", the mix of SplitMix64 and its increment.
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number.wrapping_shr(30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number.wrapping_shr(27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number.wrapping_shr(31)
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn the_order_of_numbers_counts_and_so_do_zeros() {
        assert_eq!(Digest::of([1, 2, 3]), Digest::of([1, 2, 3]));
        assert_ne!(Digest::of([1, 2, 3]), Digest::of([1, 3, 2]));
        assert_ne!(Digest::of([0]), Digest::new());
        assert_ne!(Digest::of([0, 0]), Digest::of([0]));
    }

    #[test]
    fn the_order_of_parts_does_not_count_but_what_is_in_which_does() {
        let of_parts = |parts: &[&[u64]]| {
            let mut digest = Digest::new();
            for part in parts {
                digest.add_part(Digest::of(part.iter().copied()));
            }
            digest
        };
        assert_eq!(of_parts(&[&[1, 2], &[3]]), of_parts(&[&[3], &[1, 2]]));
        assert_ne!(of_parts(&[&[1, 2], &[3]]), of_parts(&[&[1, 3], &[2]]));
        assert_ne!(of_parts(&[&[1], &[1]]), of_parts(&[&[1]]));
    }
}
