//! What is wrong with a file, in few words of memory.
//!
//! Most calls of the reader may fail, and hardly any does: what they return borrows names and holds numbers. The text that tells
//! of these is made once, where the fault leaves the reader.

use object::read::Error;
use object::read::elf::SectionTable;

use crate::base::{Decimal, Displayed, Hex, Name, OutOfMemory, Tail, Text, Words};
use crate::format::{FormatError, FormatFault};
use crate::graph::{Clash, LinkGraph, NameFault, Site};

use super::{Elf, LE, SectionHeader};

/// What is wrong.
pub(super) type Fault<'a> = FormatFault<Target<'a>, What<'a>, Clash>;

const _: () = assert!(size_of::<Fault<'_>>() <= 6 * size_of::<u64>());

/// A symbol that a fault is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    /// By its name, or that of the section which it stands for.
    Named(Name<'a>),
    /// By its index, if it has neither.
    Numbered(u32),
}

/// What contradicts the rest of the file.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Text(&'static str),
    Read(Error),
    /// A symbol, which may have no name.
    Symbol(Name<'a>, SymbolDamage),
}

/// What is wrong with a symbol.
#[derive(Clone, Copy, Debug)]
pub(super) enum SymbolDamage {
    NoExtendedIndex,
    LocalUndefined,
    Binding(u8),
    Alignment(u64),
    Offset(u64),
}

/// What is wrong, and where: in a section, so many bytes behind its start, or with the object as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located<'a> {
    place: Option<(&'a SectionHeader, u64)>,
    fault: Fault<'a>,
}

impl<'a> Located<'a> {
    /// `fault`, found `offset` bytes into a section.
    #[cold]
    pub(super) fn in_section(
        header: &'a SectionHeader,
        offset: u64,
        fault: impl Into<Fault<'a>>,
    ) -> Self {
        Self {
            place: Some((header, offset)),
            fault: fault.into(),
        }
    }

    /// The error that is told of an object of this name and these sections.
    #[cold]
    #[inline(never)]
    pub(super) fn told(
        self,
        graph: &LinkGraph<'_>,
        object: Name<'_>,
        sections: &SectionTable<'_, Elf>,
    ) -> FormatError {
        let fault = told(self.fault, graph);
        let Some((header, offset)) = self.place else {
            return FormatError::of_object(object, fault);
        };
        // A section whose own name is damaged is shown without one.
        let section = sections.section_name(LE, header).unwrap_or(b"?");
        FormatError {
            site: Site {
                object: Text::of(object),
                section: Text::of(Name::new(section)),
                offset,
            },
            fault,
        }
    }
}

/// The fault that is told.
#[cold]
#[inline(never)]
pub(super) fn told(fault: Fault<'_>, graph: &LinkGraph<'_>) -> FormatFault {
    fault.map(Text::of, Text::of, |clash| graph.clash_error(clash))
}

/// What `?` makes of a fault concerns the object as a whole: where there is a section, [`Located::in_section`] tells it.
impl<'a> From<Fault<'a>> for Located<'a> {
    #[cold]
    fn from(fault: Fault<'a>) -> Self {
        Self { place: None, fault }
    }
}

impl From<OutOfMemory> for Located<'_> {
    #[cold]
    fn from(error: OutOfMemory) -> Self {
        Fault::from(error).into()
    }
}

impl From<NameFault> for Fault<'_> {
    fn from(fault: NameFault) -> Self {
        match fault {
            NameFault::Heap(error) => Self::Heap(error),
            NameFault::Clash(clash) => Self::Graph(clash),
        }
    }
}

impl From<&'static str> for What<'_> {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<Error> for What<'_> {
    fn from(error: Error) -> Self {
        Self::Read(error)
    }
}

impl Words for Target<'_> {
    fn add_to(&self, text: &mut Tail<'_>) {
        match *self {
            Self::Named(name) => name.add_to(text),
            Self::Numbered(index) => ("symbol ", Decimal(index.into())).add_to(text),
        }
    }
}

impl Words for What<'_> {
    fn add_to(&self, text: &mut Tail<'_>) {
        match self {
            Self::Text(what) => text.add(what),
            Self::Read(error) => Displayed(error).add_to(text),
            Self::Symbol(name, damage) if name.is_empty() => {
                ("a symbol without a name ", damage).add_to(text);
            }
            Self::Symbol(name, damage) => ("`", name, "` ", damage).add_to(text),
        }
    }
}

impl Words for SymbolDamage {
    fn add_to(&self, text: &mut Tail<'_>) {
        match *self {
            Self::NoExtendedIndex => text.add("has no extended section index"),
            Self::LocalUndefined => text.add("is local and undefined"),
            Self::Binding(number) => {
                let number = Decimal(number.into());
                ("has binding ", number, ", which is unknown").add_to(text);
            }
            Self::Alignment(value) => ("asks for alignment ", Hex(value)).add_to(text),
            Self::Offset(offset) => {
                ("lies ", Hex(offset), " bytes into its section").add_to(text);
            }
        }
    }
}
