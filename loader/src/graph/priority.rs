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
    Numbered(u16),
    /// After all others: what a routine has that asks for no priority.
    Last,
}

/// As a graph's text shows it.
impl fmt::Display for Priority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => formatter.write_str("before all others"),
            Self::Numbered(number) => write!(formatter, "of priority {number}"),
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
            Priority::Numbered(0),
            Priority::Numbered(200),
            Priority::Numbered(u16::MAX),
            Priority::Last,
        ];
        assert!(ascending.is_sorted_by(|one, next| one < next));
    }
}
