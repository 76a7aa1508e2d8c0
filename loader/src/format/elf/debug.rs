//! Debug information: the sections that describe a program without being part of it.

use crate::base::Name;

const PREFIX: &[u8] = b".debug_";
const LEGACY_PREFIX: &[u8] = b".zdebug_";

/// The sections of debug information that were compressed under names of their own. Source: DWARF 4 and 5, 7, "Section
/// Version Numbers"; GNU extensions.
const SECTIONS: &[&str] = &[
    ".debug_abbrev",
    ".debug_addr",
    ".debug_aranges",
    ".debug_frame",
    ".debug_gnu_pubnames",
    ".debug_gnu_pubtypes",
    ".debug_info",
    ".debug_line",
    ".debug_line_str",
    ".debug_loc",
    ".debug_loclists",
    ".debug_macinfo",
    ".debug_macro",
    ".debug_names",
    ".debug_pubnames",
    ".debug_pubtypes",
    ".debug_ranges",
    ".debug_rnglists",
    ".debug_str",
    ".debug_str_offsets",
    ".debug_types",
];

/// Whether a section that isn't loaded holds debug information. Source: DWARF 5, 7.3.
pub(super) fn is_debug_section(name: Name<'_>) -> bool {
    name.bytes().starts_with(PREFIX) || is_legacy(name)
}

/// Whether a name is one that compressed sections had before there was a flag for them.
pub(super) fn is_legacy(name: Name<'_>) -> bool {
    name.bytes().starts_with(LEGACY_PREFIX)
}

/// The name that a section has now: one that had another one while it was compressed, gets that of what it holds.
pub(super) fn current_name(name: Name<'_>) -> Name<'_> {
    let Some(rest) = name.bytes().strip_prefix(LEGACY_PREFIX) else {
        return name;
    };
    let current = SECTIONS
        .iter()
        .find(|section| section.as_bytes().strip_prefix(PREFIX) == Some(rest));
    current.map_or(name, |&section| Name::from(section))
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
            || name.starts_with(PREFIX)
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
