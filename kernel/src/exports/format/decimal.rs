//! The exact decimal digits of a binary floating-point number.
//!
//! A finite binary number has finitely many decimal digits. They are held as limbs of nine digits; doubling and halving
//! carry between limbs, so nothing is ever approximated, and rounding sees the true tail.

use super::real::Finite;

const LIMB_DIGITS: i64 = 9;
const LIMB: u64 = 1_000_000_000;

/// Limbs that hold any `double`.
pub(super) const DOUBLE_LIMBS: usize = 128;
/// Limbs that hold any `long double` of either machine.
pub(super) const LONG_DOUBLE_LIMBS: usize = 1840;

/// A non-negative number in decimal. Its digits are named by their position: position `p` counts 10^`p`.
pub(super) struct Decimal<const LIMBS: usize> {
    /// The least significant first; zero outside `low..high`.
    limbs: [u32; LIMBS],
    /// The limb that holds the positions 0 to 8.
    units: usize,
    low: usize,
    high: usize,
}

impl<const LIMBS: usize> Decimal<LIMBS> {
    /// Whether a number fits, with a spare limb for rounding up.
    pub(super) fn holds(number: Finite) -> bool {
        let significand_digits = 39;
        let whole_bits = i64::from(number.exponent.max(0));
        let fraction_limbs = (-i64::from(number.exponent)).max(0).div_euclid(LIMB_DIGITS) + 1;
        // 10^3 < 2^10, so that ten bits are more than three digits by less than a thirtieth part of one.
        let whole_limbs = (significand_digits + whole_bits * 31 / 100).div_euclid(LIMB_DIGITS) + 2;
        fraction_limbs + whole_limbs <= LIMBS as i64
    }

    /// The digits of a number that `holds`.
    pub(super) fn of(number: Finite) -> Self {
        debug_assert!(Self::holds(number));
        let fraction_limbs = number
            .exponent
            .min(0)
            .unsigned_abs()
            .div_ceil(LIMB_DIGITS as u32);
        let units = fraction_limbs as usize;
        let mut decimal = Self {
            limbs: [0; LIMBS],
            units,
            low: units,
            high: units,
        };
        let mut rest = number.significand;
        while rest > 0 {
            decimal.push((rest % u128::from(LIMB)) as u32);
            rest /= u128::from(LIMB);
        }
        if number.exponent >= 0 {
            decimal.multiply_by_power_of_two(number.exponent.unsigned_abs());
        } else {
            decimal.divide_by_power_of_two(number.exponent.unsigned_abs());
        }
        decimal
    }

    /// The position of the first digit that isn't zero; 0 for zero.
    pub(super) fn leading_position(&self) -> i64 {
        let Some(index) = (self.low..self.high)
            .rev()
            .find(|index| self.limbs[*index] != 0)
        else {
            return 0;
        };
        self.first_position_of(index) + i64::from(self.limbs[index].ilog10())
    }

    /// The digit at a position, as ASCII.
    pub(super) fn digit(&self, position: i64) -> u8 {
        let digit = self.limb_at(position) / Self::place_value(position) % 10;
        b'0' + digit as u8
    }

    /// Rounds to a multiple of 10^`position`, to nearest, ties to even. Digits at lower positions mean nothing afterwards.
    pub(super) fn round_at(&mut self, position: i64) {
        let next = self.digit(position - 1) - b'0';
        let is_up = match next {
            5 => self.has_digits_below(position - 1) || self.digit(position) % 2 == 1,
            _ => next > 5,
        };
        if is_up {
            self.add_at(position);
        }
    }

    /// Whether a digit below a position isn't zero.
    fn has_digits_below(&self, position: i64) -> bool {
        let index = self
            .index_of(position)
            .clamp(self.low as i64, self.high as i64) as usize;
        !self
            .limb_at(position)
            .is_multiple_of(Self::place_value(position))
            || self.limbs[self.low..index].iter().any(|limb| *limb != 0)
    }

    /// Adds 10^`position`. A number is rounded up at its leading digit or lower, or one above, which the spare limb holds.
    fn add_at(&mut self, position: i64) {
        let mut index = self.index_of(position) as usize;
        let mut sum = u64::from(self.limbs[index]) + u64::from(Self::place_value(position));
        while sum >= LIMB {
            self.limbs[index] = (sum - LIMB) as u32;
            index += 1;
            sum = u64::from(self.limbs[index]) + 1;
        }
        self.limbs[index] = sum as u32;
        self.high = self.high.max(index + 1);
    }

    fn multiply_by_power_of_two(&mut self, mut power: u32) {
        while power > 0 {
            // A limb has 30 bits; 34 more leave the product in 64.
            let step = power.min(32);
            let mut carry = 0;
            for limb in &mut self.limbs[self.low..self.high] {
                let product = (u64::from(*limb) << step) + carry;
                *limb = (product % LIMB) as u32;
                carry = product / LIMB;
            }
            while carry > 0 {
                self.push((carry % LIMB) as u32);
                carry /= LIMB;
            }
            power -= step;
        }
    }

    fn divide_by_power_of_two(&mut self, mut power: u32) {
        while power > 0 {
            // 2^9 divides 10^9, so that what is cut off one limb is a whole number in the next.
            let step = power.min(LIMB_DIGITS as u32);
            let mut carry = 0;
            for limb in self.limbs[self.low..self.high].iter_mut().rev() {
                let cut = *limb & ((1 << step) - 1);
                *limb = (*limb >> step) + carry;
                carry = (LIMB >> step) as u32 * cut;
            }
            if carry > 0 {
                self.low -= 1;
                self.limbs[self.low] = carry;
            }
            while self.high > self.low && self.limbs[self.high - 1] == 0 {
                self.high -= 1;
            }
            power -= step;
        }
    }

    fn push(&mut self, limb: u32) {
        self.limbs[self.high] = limb;
        self.high += 1;
    }

    /// The limb around a position; zero outside the number.
    fn limb_at(&self, position: i64) -> u32 {
        usize::try_from(self.index_of(position))
            .ok()
            .and_then(|index| self.limbs.get(index))
            .copied()
            .unwrap_or(0)
    }

    fn index_of(&self, position: i64) -> i64 {
        position.div_euclid(LIMB_DIGITS) + self.units as i64
    }

    fn first_position_of(&self, index: usize) -> i64 {
        (index as i64 - self.units as i64) * LIMB_DIGITS
    }

    /// What a digit counts inside its limb.
    fn place_value(position: i64) -> u32 {
        10_u32.pow(position.rem_euclid(LIMB_DIGITS) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::real::Finite;
    use super::{DOUBLE_LIMBS, Decimal, LONG_DOUBLE_LIMBS};

    fn number(significand: u128, exponent: i32) -> Finite {
        Finite {
            significand,
            exponent,
            fraction_bits: 0,
        }
    }

    #[test]
    fn every_double_fits_the_small_form_and_every_long_double_the_large_one() {
        let double = u128::from(u64::MAX >> 11);
        assert!(Decimal::<DOUBLE_LIMBS>::holds(number(double, 971)));
        assert!(Decimal::<DOUBLE_LIMBS>::holds(number(double, -1074)));
        let quad = u128::MAX >> 15;
        assert!(Decimal::<LONG_DOUBLE_LIMBS>::holds(number(
            quad,
            16383 - 112
        )));
        assert!(Decimal::<LONG_DOUBLE_LIMBS>::holds(number(quad, -16494)));
        assert!(!Decimal::<DOUBLE_LIMBS>::holds(number(quad, -16494)));
    }

    #[test]
    fn the_largest_and_the_smallest_number_keep_all_their_digits() {
        let largest = Decimal::<LONG_DOUBLE_LIMBS>::of(number(u128::MAX >> 15, 16383 - 112));
        assert_eq!(largest.leading_position(), 4932);
        assert_eq!([largest.digit(4932), largest.digit(4931)], *b"11");
        let smallest = Decimal::<LONG_DOUBLE_LIMBS>::of(number(1, -16494));
        assert_eq!(smallest.leading_position(), -4966);
        assert_eq!(smallest.digit(-16494), b'5');
        assert_eq!(smallest.digit(-16495), b'0');
    }

    #[test]
    fn ties_round_to_even_and_a_tail_breaks_the_tie() {
        let rounded = |significand, exponent| {
            let mut decimal = Decimal::<DOUBLE_LIMBS>::of(number(significand, exponent));
            decimal.round_at(0);
            decimal.digit(0)
        };
        assert_eq!(rounded(1, -1), b'0');
        assert_eq!(rounded(3, -1), b'2');
        assert_eq!(rounded(5, -1), b'2');
        assert_eq!(rounded((1 << 60) + 1, -61), b'1');
    }

    #[test]
    fn rounding_up_can_add_a_digit() {
        let mut decimal = Decimal::<DOUBLE_LIMBS>::of(number(999_999_999, 0));
        decimal.round_at(1);
        assert_eq!(decimal.leading_position(), 9);
        assert_eq!((decimal.digit(9), decimal.digit(8)), (b'1', b'0'));
    }
}
