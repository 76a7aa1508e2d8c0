//! A floating-point number of any of C's formats, taken apart into integers.

/// A floating-point number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::exports) struct Real {
    pub(super) is_negative: bool,
    pub(super) magnitude: Magnitude,
}

/// A floating-point number without its sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Magnitude {
    /// Not a number.
    NotANumber,
    /// Infinity.
    Infinite,
    /// Any other.
    Finite(Finite),
}

/// `significand` · 2^`exponent`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Finite {
    pub(super) significand: u128,
    pub(super) exponent: i32,
    /// How many of the significand's bits the format's hexadecimal notation has behind the point.
    pub(super) fraction_bits: u32,
}

impl Real {
    /// From IEEE binary64: `double`.
    pub(in crate::exports) fn from_double(bits: u64) -> Self {
        Self::from_ieee(u128::from(bits), 52, 11)
    }

    /// From IEEE binary128: `long double` on AArch64.
    #[cfg(any(test, target_arch = "aarch64"))]
    pub(in crate::exports) fn from_quad(bits: u128) -> Self {
        Self::from_ieee(bits, 112, 15)
    }

    /// From x86's 80-bit format (`long double` on x86-64): its significand, of which the first bit is explicit, and the
    /// 16 bits above. In hexadecimal the first digit is the significand's highest nibble, as C libraries print it.
    #[cfg(any(test, target_arch = "x86_64"))]
    pub(in crate::exports) fn from_extended(significand: u64, sign_and_exponent: u16) -> Self {
        let biased = sign_and_exponent & 0x7fff;
        let magnitude = match (biased, significand << 1) {
            (0x7fff, 0) => Magnitude::Infinite,
            (0x7fff, _) => Magnitude::NotANumber,
            _ => Magnitude::Finite(Finite {
                significand: u128::from(significand),
                exponent: i32::from(biased.max(1)) - 0x3fff - 63,
                fraction_bits: 60,
            }),
        };
        Self {
            is_negative: sign_and_exponent >> 15 != 0,
            magnitude,
        }
    }

    /// From an IEEE interchange format (IEEE 754, 3.4): sign, biased exponent, fraction.
    fn from_ieee(bits: u128, fraction_bits: u32, exponent_bits: u32) -> Self {
        let implicit_bit = 1_u128 << fraction_bits;
        let fraction = bits & (implicit_bit - 1);
        let highest = (1 << exponent_bits) - 1;
        let biased = (bits >> fraction_bits) as i32 & highest;
        let bias = highest / 2;
        let finite = |significand, biased: i32| {
            Magnitude::Finite(Finite {
                significand,
                exponent: biased - bias - fraction_bits as i32,
                fraction_bits,
            })
        };
        let magnitude = match biased {
            _ if biased == highest && fraction == 0 => Magnitude::Infinite,
            _ if biased == highest => Magnitude::NotANumber,
            0 => finite(fraction, 1),
            _ => finite(fraction | implicit_bit, biased),
        };
        Self {
            is_negative: bits >> (fraction_bits + exponent_bits) & 1 != 0,
            magnitude,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finite, Magnitude, Real};

    fn finite(real: Real) -> Finite {
        match real.magnitude {
            Magnitude::Finite(finite) => finite,
            other => panic!("{other:?} is not finite"),
        }
    }

    #[test]
    fn one_is_one_in_every_format() {
        for real in [
            Real::from_double(1.0_f64.to_bits()),
            Real::from_extended(1 << 63, 0x3fff),
            Real::from_quad(0x3fff << 112),
        ] {
            let Finite {
                significand,
                exponent,
                ..
            } = finite(real);
            assert_eq!(significand >> -exponent, 1);
            assert_eq!(significand.trailing_zeros(), exponent.unsigned_abs());
            assert!(!real.is_negative);
        }
    }

    #[test]
    fn subnormal_numbers_have_no_implicit_bit() {
        let least = finite(Real::from_double(1));
        assert_eq!((least.significand, least.exponent), (1, -1074));
        let least = finite(Real::from_quad(1));
        assert_eq!((least.significand, least.exponent), (1, -16494));
        let least = finite(Real::from_extended(1, 0));
        assert_eq!((least.significand, least.exponent), (1, -16445));
    }

    #[test]
    fn infinity_and_nan_are_told_apart() {
        let minus_infinity = Real::from_double(f64::NEG_INFINITY.to_bits());
        assert_eq!(minus_infinity.magnitude, Magnitude::Infinite);
        assert!(minus_infinity.is_negative);
        assert_eq!(
            Real::from_double(f64::NAN.to_bits()).magnitude,
            Magnitude::NotANumber
        );
        assert_eq!(
            Real::from_extended(1 << 63, 0xffff).magnitude,
            Magnitude::Infinite
        );
        assert_eq!(
            Real::from_extended(3 << 62, 0x7fff).magnitude,
            Magnitude::NotANumber
        );
    }
}
