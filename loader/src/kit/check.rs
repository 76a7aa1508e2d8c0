//! Whether a program still offers what a module was built against.
//!
//! A module is accepted if the interface has the name that the module states, the hash that it states is the one over what it
//! lists, and each entry that it lists is offered in the same version. What it doesn't list may have come, gone or changed:
//! a module that was built against a part of an interface, or before it grew, stays good.

use core::fmt;

use crate::base::{Name, Text};

use super::{Interface, RequiredInterface};

/// Why a module that was built against one interface can't be linked against another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InterfaceMismatch {
    /// It needs one of another name.
    Name {
        /// The one that it needs.
        required: Text<48>,
        /// The one that there is.
        offered: Text<48>,
    },
    /// The hash that it states is not the one over what it lists: its record is damaged, or was written by hand.
    Hash {
        /// The interface.
        interface: Text<48>,
        /// The hash that it states.
        stated: u64,
        /// The hash over what it lists.
        listed: u64,
    },
    /// Names are not there any more, or mean something else.
    Entries {
        /// The interface.
        interface: Text<48>,
        /// The hash that the module states.
        required: u64,
        /// The hash of what is offered.
        offered: u64,
        /// The names that have another version.
        changed: NameList,
        /// The names that are not offered.
        missing: NameList,
    },
}

/// The first names of a list, and how many more there are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NameList {
    text: Text<200>,
    more: usize,
}

impl NameList {
    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.text.as_str().is_empty() && self.more == 0
    }

    /// How many names were left out, since they didn't fit.
    pub const fn more(&self) -> usize {
        self.more
    }

    fn push(&mut self, name: Name<'_>) {
        let longer = match self.text.as_str() {
            "" => Text::of(("`", name, "`")),
            text => Text::of((text, ", `", name, "`")),
        };
        // Those behind it might fit, but a list is told from its beginning.
        if self.more > 0 || longer.is_cut() {
            self.more = self.more.saturating_add(1);
        } else {
            self.text = longer;
        }
    }
}

/// Checks that what a module was built against is offered.
///
/// # Errors
/// It isn't: says which names differ.
pub fn check_interface(
    required: &RequiredInterface<'_>,
    offered: &Interface<'_>,
) -> Result<(), InterfaceMismatch> {
    if required.name != Name::from(offered.name()) {
        return Err(InterfaceMismatch::Name {
            required: Text::of(required.name),
            offered: Text::of(offered.name()),
        });
    }
    let interface = Text::of(offered.name());
    let listed = required.listed_hash();
    if required.hash != listed {
        return Err(InterfaceMismatch::Hash {
            interface,
            stated: required.hash,
            listed,
        });
    }
    let (mut changed, mut missing) = (NameList::default(), NameList::default());
    // Both are in the order of names.
    let mut known = offered.entries().iter().copied().peekable();
    for entry in required.entries() {
        while known.next_if(|other| other.name < entry.name).is_some() {}
        match known.next_if(|other| other.name == entry.name) {
            Some(other) if other.version == entry.version => {}
            Some(_) => changed.push(entry.name),
            None => missing.push(entry.name),
        }
    }
    if changed.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(InterfaceMismatch::Entries {
        interface,
        required: required.hash,
        offered: offered.hash(),
        changed,
        missing,
    })
}

impl fmt::Display for NameList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)?;
        match self.more {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

impl fmt::Display for InterfaceMismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { required, offered } => write!(
                formatter,
                "the module was built against interface `{required}`, and there is `{offered}`; rebuild it against ironlink_{offered}.h"
            ),
            Self::Hash {
                interface,
                stated,
                listed,
            } => write!(
                formatter,
                "the module states hash {stated:#018x} of interface `{interface}`, but what it lists has {listed:#018x}; \
                 rebuild it with an ironlink_{interface}.h that nobody changed"
            ),
            Self::Entries {
                interface,
                required,
                offered,
                changed,
                missing,
            } => {
                write!(
                    formatter,
                    "the module was built against interface `{interface}` with hash {required:#018x}, and there is {offered:#018x}: "
                )?;
                if !changed.is_empty() {
                    write!(formatter, "{changed} changed")?;
                }
                if !changed.is_empty() && !missing.is_empty() {
                    formatter.write_str(", ")?;
                }
                if !missing.is_empty() {
                    write!(formatter, "{missing} not there")?;
                }
                write!(
                    formatter,
                    "; rebuild the module against this {interface}'s ironlink_{interface}.h"
                )
            }
        }
    }
}

impl core::error::Error for InterfaceMismatch {}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use super::{InterfaceMismatch, check_interface};
    use crate::base::Name;
    use crate::kit::testing::{Builder, interface_bytes};
    use crate::kit::{Interface, InterfaceEntry, describe};

    fn offered(entries: &[(&'static str, u64)]) -> Interface<'static> {
        let entries = entries.iter().map(|&(name, version)| InterfaceEntry {
            name: Name::from(name),
            version,
        });
        Interface::new("kernel", entries.collect()).unwrap()
    }

    /// Compares what a module with this record needs with what is offered.
    fn check_bytes(bytes: &[u8], offered: &Interface<'_>) -> Result<(), InterfaceMismatch> {
        let mut builder = Builder::new();
        builder.module(None, None);
        builder.interface(bytes);
        let description = describe(&builder.graph).unwrap().unwrap();
        check_interface(&description.interface.unwrap(), offered)
    }

    fn check(
        required: &[(&str, u64)],
        known: &[(&'static str, u64)],
    ) -> Result<(), InterfaceMismatch> {
        check_bytes(&interface_bytes(required), &offered(known))
    }

    #[test]
    fn the_same_interface_and_a_part_of_it_are_accepted() {
        let known = [("a", 1), ("b", 2), ("c", 3)];
        for required in [&known[..], &known[..1], &known[1..2], &known[2..], &[]] {
            assert_eq!(check(required, &known), Ok(()), "{required:?}");
        }
    }

    #[test]
    fn names_that_changed_or_went_are_told() {
        let required = [("a", 1), ("b", 2), ("c", 3), ("e", 5)];
        let error = check(&required, &[("a", 1), ("c", 4), ("d", 1), ("e", 6)]).unwrap_err();
        let text = format!("{error}");
        assert!(
            text.contains(": `c`, `e` changed, `b` not there; rebuild"),
            "{text}"
        );
        assert!(
            text.ends_with("against this kernel's ironlink_kernel.h"),
            "{text}"
        );
        let InterfaceMismatch::Entries {
            required, offered, ..
        } = error
        else {
            panic!("{error}")
        };
        for hash in [required, offered] {
            assert!(text.contains(&format!("{hash:#018x}")), "{text}");
        }
    }

    #[test]
    fn a_long_list_ends_in_how_many_more_there_are() {
        let names: Vec<String> = (100..400).map(|number| format!("name_{number}")).collect();
        let required: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        let error = check(&required, &[("a", 1)]).unwrap_err();
        let text = format!("{error}");
        assert!(text.contains(": `name_100`, `name_101`, "), "{text}");
        assert!(text.len() < 500, "{text}");
        let InterfaceMismatch::Entries {
            missing, changed, ..
        } = error
        else {
            panic!("{error}")
        };
        assert!(changed.is_empty() && !missing.is_empty());
        let shown = text.matches("`name_").count();
        assert_eq!(shown + missing.more(), 300);
        assert!(
            text.contains(&format!(" and {} more not there;", missing.more())),
            "{text}"
        );
    }

    #[test]
    fn a_hash_that_is_not_the_lists_is_refused() {
        let known = offered(&[("a", 1)]);
        let mut bytes = interface_bytes(&[("a", 1)]);
        bytes[56] ^= 1;
        let error = check_bytes(&bytes, &known).unwrap_err();
        assert!(matches!(error, InterfaceMismatch::Hash { .. }), "{error}");
    }

    #[test]
    fn an_interface_of_another_name_is_refused() {
        let known = offered(&[("a", 1)]);
        let mut bytes = interface_bytes(&[("a", 1)]);
        bytes[8] = b'c';
        let error = check_bytes(&bytes, &known).unwrap_err();
        let text = format!("{error}");
        assert!(text.contains("`cernel`, and there is `kernel`"), "{text}");
    }
}
