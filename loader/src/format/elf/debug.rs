//! Debug information: the sections that describe a program without being part of it.

use crate::base::Name;

/// Whether a section that isn't loaded holds debug information. Source: DWARF 5, 7.3.
pub(super) fn is_debug_section(name: Name<'_>) -> bool {
    name.bytes().starts_with(b".debug_")
}

/// What becomes of a relocation whose target was left out, with the section group of which an earlier copy counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LeftOut {
    /// It is an error: the code would use what is not there.
    Refused,
    /// Its field stays as it is, zeros mostly: the entry describes nothing.
    Untouched,
    /// It is the address 1, as a pair of zeros would end the list that the entry stands in.
    One,
}

impl LeftOut {
    /// What is right for a section of this name, which is part of the program or only describes it.
    pub(super) fn of(name: Name<'_>) -> Self {
        let name = name.bytes();
        if name == b".debug_ranges" || name == b".debug_loc" {
            // Source: DWARF 4, 2.6.2 and 2.17.3, "end of list entry".
            Self::One
        } else if name == b".eh_frame"
            || name.starts_with(b".gcc_except_table")
            || name.starts_with(b".debug_")
        {
            Self::Untouched
        } else {
            Self::Refused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LeftOut;
    use crate::base::Name;

    #[test]
    fn what_describes_functions_may_describe_those_that_are_left_out() {
        let of = |name| LeftOut::of(Name::from(name));
        assert_eq!(of(".text"), LeftOut::Refused);
        assert_eq!(of(".gcc_except_table.f"), LeftOut::Untouched);
        assert_eq!(of(".debug_info"), LeftOut::Untouched);
        assert_eq!(of(".debug_ranges"), LeftOut::One);
    }
}
