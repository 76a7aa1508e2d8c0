//! What a link is given, read into one graph: objects as a whole, archives on demand.

use alloc::vec::Vec;

use crate::base::{Machine, Name, Text, fallible};
use crate::format::{self, Archive, FileKind, FormatError, ReadOptions};
use crate::graph::{LinkGraph, Linkage, Object, Origin};

/// A file to be loaded: an object, or an archive of objects. Its first bytes tell which.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The name that errors show.
    pub name: &'a str,
    /// The file. It may be dropped once the load is done.
    pub bytes: &'a [u8],
}

/// Reads all inputs into one graph. Of archives, the members that define what is missing are read, and those that they
/// miss in turn; what `is_defined_elsewhere` knows is not missing.
///
/// # Errors
/// Says what is wrong with which file, and where.
pub fn read<'a>(
    machine: Machine,
    inputs: &[Input<'a>],
    options: ReadOptions,
    is_defined_elsewhere: impl Fn(Name<'_>) -> bool,
) -> Result<LinkGraph<'a>, FormatError> {
    let mut graph = LinkGraph::new(machine);
    read_into(&mut graph, inputs, options, is_defined_elsewhere)?;
    Ok(graph)
}

/// Reads all inputs into a graph, beside what is there: archives are asked for what that misses, too.
///
/// # Errors
/// As of [`read`]. The graph is of no use then.
pub fn read_into<'a>(
    graph: &mut LinkGraph<'a>,
    inputs: &[Input<'a>],
    options: ReadOptions,
    is_defined_elsewhere: impl Fn(Name<'_>) -> bool,
) -> Result<(), FormatError> {
    let mut archives = Vec::new();
    for input in inputs {
        let name = Name::from(input.name);
        if FileKind::of(input.bytes) == FileKind::Archive {
            fallible::push(&mut archives, Library::new(name, input.bytes))
                .map_err(|error| FormatError::of_object(name, error))?;
        } else {
            format::read_object(graph, Object::new(name), input.bytes, options)?;
        }
    }
    pull_members(graph, &mut archives, options, is_defined_elsewhere)
}

/// An archive, and which of its members were read.
struct Library<'a> {
    name: Name<'a>,
    bytes: &'a [u8],
    /// Its index, read when something is missing: most objects ask nothing of the archives that stand beside them.
    archive: Option<Archive<'a>>,
    /// The places of members that were read, in ascending order.
    taken: Vec<u64>,
}

fn pull_members<'a>(
    graph: &mut LinkGraph<'a>,
    libraries: &mut [Library<'a>],
    options: ReadOptions,
    is_defined_elsewhere: impl Fn(Name<'_>) -> bool,
) -> Result<(), FormatError> {
    if libraries.is_empty() {
        return Ok(());
    }
    // The list grows while members are read: it ends with all that they miss.
    let mut place: usize = 0;
    while let Some(&id) = graph.undefined().get(place) {
        place = place.saturating_add(1);
        let symbol = graph.symbols.at(id);
        // A weak reference is content with nothing: it asks for no member. Source: gABI, "Symbol Table", STB_WEAK.
        if !symbol.is_external() || symbol.linkage == Linkage::Weak {
            continue;
        }
        let name = symbol.name;
        if is_defined_elsewhere(name) {
            continue;
        }
        for library in libraries.iter_mut() {
            if library.read_member_for(graph, name, options)? {
                break;
            }
        }
    }
    Ok(())
}

impl<'a> Library<'a> {
    fn new(name: Name<'a>, bytes: &'a [u8]) -> Self {
        Self {
            name,
            bytes,
            archive: None,
            taken: Vec::new(),
        }
    }

    /// Reads the member that defines `name`, if there is one that was not read yet.
    fn read_member_for(
        &mut self,
        graph: &mut LinkGraph<'a>,
        name: Name<'_>,
        options: ReadOptions,
    ) -> Result<bool, FormatError> {
        let archive = match &self.archive {
            Some(archive) => archive,
            None => self.archive.insert(Archive::parse(self.name, self.bytes)?),
        };
        let Some(offset) = archive.find(name) else {
            return Ok(false);
        };
        let Err(place) = self.taken.binary_search(&offset) else {
            return Ok(false);
        };
        let member = archive.member(offset)?;
        fallible::insert(&mut self.taken, place, offset)
            .map_err(|error| FormatError::of_object(self.name, error))?;
        let object = Object {
            name: member.name,
            archive: self.name,
            origin: Origin::Archive,
        };
        format::read_object(graph, object, member.bytes, options)
            .map_err(|error| self.in_archive(error))?;
        Ok(true)
    }

    /// Shows the archive's name before the member's.
    fn in_archive(&self, error: FormatError) -> FormatError {
        let mut error = error;
        let both = Text::of(format_args!("{}({})", self.name, error.site.object));
        error.site.object = both;
        error
    }
}
