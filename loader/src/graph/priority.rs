//! Priorities: when the routines of a section run, as its name says.

use core::fmt;

/// When initializers run, in ascending order; finalizers run in descending order. Source: GNU ld's manual,
/// "Input Section Wildcards", `SORT_BY_INIT_PRIORITY`, and its scripts for ELF: sections with a number come before those
/// without one, whichever the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Priority {
    /// Before all others: that of `.preinit_array`.
    First,
    /// That of a section with a number in its name.
    Numbered(PriorityNumber),
    /// After all others: what a routine has that asks for no priority.
    Last,
}

/// A number below 65536: its bytes, the most significant one first, so that they compare as it does. A priority has no need to
/// be aligned then, and every section has room for one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PriorityNumber([u8; 2]);

impl Priority {
    /// That of a section with this number in its name.
    pub const fn numbered(number: u16) -> Self {
        Self::Numbered(PriorityNumber(number.to_be_bytes()))
    }
}

impl PriorityNumber {
    /// The number.
    pub const fn value(self) -> u16 {
        u16::from_be_bytes(self.0)
    }
}

/// As a graph's text shows it.
impl fmt::Display for Priority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => formatter.write_str("before all others"),
            Self::Numbered(number) => write!(formatter, "of priority {}", number.value()),
            Self::Last => formatter.write_str("of no priority"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Priority;

    #[test]
    fn routines_without_a_priority_are_initialized_last() {
        let ascending = [
            Priority::First,
            Priority::numbered(0),
            Priority::numbered(200),
            Priority::numbered(256),
            Priority::numbered(u16::MAX),
            Priority::Last,
        ];
        assert!(ascending.is_sorted_by(|one, next| one < next));
    }
}
