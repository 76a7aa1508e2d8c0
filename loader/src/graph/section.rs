//! Objects and their sections: where blocks come from, and what their memory may be used for.

use core::fmt;

use crate::base::{Id, Name, Protection, Tail, Words};
use crate::memory::Lifetime;

use super::Priority;

/// The kind of id that names an object of a graph.
#[derive(Debug)]
pub enum ObjectKey {}

/// Names an object of a graph.
pub type ObjectId = Id<ObjectKey>;

/// The kind of id that names a section of a graph.
#[derive(Debug)]
pub enum SectionKey {}

/// Names a section of a graph.
pub type SectionId = Id<SectionKey>;

/// How an object came into the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It was asked for: all of it is linked.
    Given,
    /// An archive gave it for a symbol: only what is reachable is linked.
    Archive,
    /// A dylib's generator gave it, to be shared by all who miss its names: all of it is linked.
    Library,
    /// The linker made it: tables and the like.
    Linker,
}

/// A file, or a part made by the linker, that sections come from.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// The name of its file, or in its archive.
    pub name: Name<'a>,
    /// The name of the archive that it is a member of; empty if it is a file of its own.
    pub archive: Name<'a>,
    /// How it came into the link.
    pub origin: Origin,
}

impl<'a> Object<'a> {
    /// An object that was asked for.
    pub fn new(name: impl Into<Name<'a>>) -> Self {
        Self {
            name: name.into(),
            archive: Name::default(),
            origin: Origin::Given,
        }
    }
}

/// As errors show it: a member with its archive before it.
impl fmt::Display for Object<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.archive.is_empty() {
            return self.name.fmt(formatter);
        }
        write!(formatter, "{}({})", self.archive, self.name)
    }
}

impl Words for Object<'_> {
    fn add_to(&self, text: &mut Tail<'_>) {
        match self.archive.is_empty() {
            true => self.name.add_to(text),
            false => (self.archive, "(", self.name, ")").add_to(text),
        }
    }
}

/// What the linker does with a section beside loading it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SectionRole {
    /// Nothing.
    Ordinary,
    /// It is linked even if nothing refers to it.
    Retained,
    /// It tells how functions are unwound: each of its blocks is linked if something linked keeps it.
    Unwind,
    /// It is the image from which each thread's own storage is made, or the zeros that follow it.
    ThreadLocal,
    /// It holds addresses of initializers, which run before anything else of the module does.
    Initializers(RoutineOrder),
    /// It holds addresses of finalizers, which run when the module goes.
    Finalizers(RoutineOrder),
}

impl SectionRole {
    /// Whether a section is linked even if nothing refers to it, whichever object it comes from.
    pub const fn is_kept(self) -> bool {
        matches!(
            self,
            Self::Retained | Self::Initializers(_) | Self::Finalizers(_)
        )
    }
}

/// When the routines run whose addresses a section holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RoutineOrder {
    /// When all of them do, among those of other sections.
    pub priority: Priority,
    /// Whether the last of a section is the first to be initialized, or the last to be finalized: so it is in the sections of
    /// older toolchains, `.ctors` and `.dtors`.
    pub is_reversed: bool,
}

impl RoutineOrder {
    /// RoutineOrder in the order of their addresses.
    pub const fn new(priority: Priority) -> Self {
        Self {
            priority,
            is_reversed: false,
        }
    }
}

/// A section: blocks of one protection and lifetime from one object.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// The section's name.
    pub name: Name<'a>,
    /// The object that it comes from.
    pub object: ObjectId,
    /// What its memory may be used for.
    pub protection: Protection,
    /// How long it is needed.
    pub lifetime: Lifetime,
    /// What the linker does with it beside loading it.
    pub role: SectionRole,
    /// Whether its bounds may be asked for: it lies at one stretch with all sections of its name, which have its protection.
    pub is_bounded: bool,
    /// Its index in its object's file; 0 if the linker made it.
    pub index: u32,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Section<'_>>() == 28);

impl<'a> Section<'a> {
    /// An ordinary section that is there as long as its module.
    pub fn new(name: impl Into<Name<'a>>, object: ObjectId, protection: Protection) -> Self {
        Self {
            name: name.into(),
            object,
            protection,
            lifetime: Lifetime::Standard,
            role: SectionRole::Ordinary,
            is_bounded: false,
            index: 0,
        }
    }
}
