//! Sections of routines: by which names and types arrays of initializers and finalizers are known, and when they run.
//!
//! Sources: gABI, "Special Sections" and "Initialization and Termination Functions"; GNU ld's scripts for ELF and its
//! `get_init_priority`, which merge the older arrays, `.ctors` and `.dtors`, into the newer ones.

use object::elf;
use object::read::elf::SectionHeader as _;

use crate::base::{Name, utf8};
use crate::graph::{Priority, RoutineOrder, SectionRole};

use super::{Fault, LE, SectionHeader};

/// What sections of one kind are called, and what that means.
struct Routines {
    name: &'static [u8],
    /// The type that says the same; older arrays have none.
    section_type: Option<elf::SectionType>,
    role: fn(RoutineOrder) -> SectionRole,
    /// What a routine has that asks for no priority.
    unnumbered: Priority,
    /// Whether a section holds them in the opposite order, and priorities are counted down from the greatest.
    is_reversed: bool,
}

const ROUTINES: [Routines; 5] = [
    Routines {
        name: b".preinit_array",
        section_type: Some(elf::SHT_PREINIT_ARRAY),
        role: SectionRole::Initializers,
        unnumbered: Priority::First,
        is_reversed: false,
    },
    Routines {
        name: b".init_array",
        section_type: Some(elf::SHT_INIT_ARRAY),
        role: SectionRole::Initializers,
        unnumbered: Priority::Last,
        is_reversed: false,
    },
    Routines {
        name: b".fini_array",
        section_type: Some(elf::SHT_FINI_ARRAY),
        role: SectionRole::Finalizers,
        unnumbered: Priority::Last,
        is_reversed: false,
    },
    Routines {
        name: b".ctors",
        section_type: None,
        role: SectionRole::Initializers,
        unnumbered: Priority::Last,
        is_reversed: true,
    },
    Routines {
        name: b".dtors",
        section_type: None,
        role: SectionRole::Finalizers,
        unnumbered: Priority::Last,
        is_reversed: true,
    },
];

/// The role of a section that holds addresses of routines; `None` if it holds none. Linkers know the arrays by their names:
/// tools exist that don't know the types.
pub(super) fn role_of(
    header: &SectionHeader,
    name: Name<'_>,
) -> Result<Option<SectionRole>, Fault<'static>> {
    let section_type = header.sh_type(LE);
    // What all their names begin with, and most others don't, such as `.text`.
    let may_be_named_so = matches!(name.bytes(), [b'.', b'p' | b'i' | b'f' | b'c' | b'd', ..]);
    if section_type == elf::SHT_PROGBITS && !may_be_named_so {
        return Ok(None);
    }
    for routines in &ROUTINES {
        let suffix = name.bytes().strip_prefix(routines.name);
        let suffix = suffix.filter(|suffix| suffix.is_empty() || suffix.starts_with(b"."));
        let is_named_so = suffix.is_some() && section_type == elf::SHT_PROGBITS;
        if is_named_so || routines.section_type == Some(section_type) {
            let priority = routines.priority(suffix.unwrap_or_default())?;
            return Ok(Some((routines.role)(RoutineOrder {
                priority,
                is_reversed: routines.is_reversed,
            })));
        }
    }
    Ok(None)
}

impl Routines {
    /// The priority that follows the name.
    fn priority(&self, suffix: &[u8]) -> Result<Priority, Fault<'static>> {
        // What runs before all others has no order of its own.
        if suffix.is_empty() || self.unnumbered == Priority::First {
            return Ok(self.unnumbered);
        }
        let digits = suffix.strip_prefix(b".").unwrap_or_default();
        let digits = utf8(digits).unwrap_or_default();
        let number: u16 = digits.parse().map_err(|_| {
            Fault::damaged("the priority in the section's name is no number below 65536")
        })?;
        // Numbers of the older arrays ascend as the newer ones descend.
        let number = if self.is_reversed { !number } else { number };
        Ok(Priority::numbered(number))
    }
}
