//! Integers of the widths that Cranelift has, as text and in memory. All are signed.

use core::fmt;

/// A type of integers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Integer {
    /// From 8 to 128.
    bits: u32,
}

/// Why a text is no integer of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAnInteger {
    /// It is not written as a decimal integer, or has more than 128 bits.
    NotDecimal,
    /// The type has no such number.
    OutOfRange(Integer),
}

impl Integer {
    /// The type of so many bits; `None` if there is none.
    pub fn of_bits(bits: u32) -> Option<Self> {
        matches!(bits, 8 | 16 | 32 | 64 | 128).then_some(Self { bits })
    }

    /// Reads a decimal integer.
    ///
    /// # Errors
    /// It is none, or the type doesn't have it.
    pub fn parse(self, text: &str) -> Result<i128, NotAnInteger> {
        let value = text.parse().map_err(|_| NotAnInteger::NotDecimal)?;
        if self.lowest() <= value && value <= self.highest() {
            Ok(value)
        } else {
            Err(NotAnInteger::OutOfRange(self))
        }
    }

    /// The number that memory holds, of which the lowest bits count.
    pub fn of_memory(self, word: u128) -> i128 {
        let above = 128 - self.bits;
        (word << above).cast_signed() >> above
    }

    fn lowest(self) -> i128 {
        i128::MIN >> (128 - self.bits)
    }

    fn highest(self) -> i128 {
        i128::MAX >> (128 - self.bits)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "i{}", self.bits)
    }
}

impl fmt::Display for NotAnInteger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDecimal => formatter.write_str("is no decimal integer"),
            Self::OutOfRange(kind) => write!(
                formatter,
                "is no {kind}: {} to {}",
                kind.lowest(),
                kind.highest()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Integer, NotAnInteger};

    fn of_bits(bits: u32) -> Integer {
        Integer::of_bits(bits).unwrap()
    }

    #[test]
    fn both_ends_of_each_range_are_read_and_what_lies_beyond_is_not() {
        let byte = of_bits(8);
        assert_eq!(byte.parse("127"), Ok(127));
        assert_eq!(byte.parse("-128"), Ok(-128));
        for beyond in ["128", "-129"] {
            let refusal = byte.parse(beyond).unwrap_err();
            assert_eq!(refusal, NotAnInteger::OutOfRange(byte));
            assert_eq!(refusal.to_string(), "is no i8: -128 to 127");
        }
        let long = of_bits(64);
        assert_eq!(long.parse("-9223372036854775808"), Ok(i64::MIN.into()));
        assert!(long.parse("9223372036854775808").is_err());
        let longest = of_bits(128);
        assert_eq!(longest.parse(&i128::MIN.to_string()), Ok(i128::MIN));
        assert_eq!(longest.parse(&i128::MAX.to_string()), Ok(i128::MAX));
    }

    #[test]
    fn what_is_no_number_is_told() {
        for text in ["", "1.5", "0x10", "ten", " 1", &"9".repeat(60)] {
            assert_eq!(of_bits(64).parse(text), Err(NotAnInteger::NotDecimal));
        }
    }

    #[test]
    fn only_the_lowest_bits_in_memory_count() {
        assert_eq!(of_bits(8).of_memory(0x1ff), -1);
        assert_eq!(of_bits(16).of_memory(0x1_7fff), 0x7fff);
        assert_eq!(of_bits(32).of_memory(0xffff_fffe), -2);
        assert_eq!(of_bits(64).of_memory(u64::MAX.into()), -1);
        assert_eq!(of_bits(128).of_memory(u128::MAX), -1);
    }

    #[test]
    fn other_widths_are_no_types() {
        assert!(
            [0, 1, 7, 24, 256]
                .map(Integer::of_bits)
                .iter()
                .all(Option::is_none)
        );
    }
}
