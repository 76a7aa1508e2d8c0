//! What a link is given, read into one graph: objects as a whole, archives on demand.

use alloc::vec::Vec;

use hashbrown::HashTable;

use crate::base::{Machine, Name, OutOfMemory, TargetAddr, Text, fallible, hash_name};
use crate::format::{self, Archive, FileKind, FormatError, ReadOptions};
use crate::graph::{Definition, LinkGraph, Linkage, Object, Origin};

use super::Reference;

/// A file to be loaded: an object, or an archive of objects. Its first bytes tell which.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The name that errors show.
    pub name: &'a str,
    /// The file. It may be dropped once the load is done.
    pub bytes: &'a [u8],
}

impl<'a> Input<'a> {
    /// An object as a whole, or what is missed of an archive.
    pub const fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, bytes }
    }
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

/// What the surroundings of a link have for a name that is missing in it.
#[derive(Clone, Copy, Debug)]
pub enum Outside<'a> {
    /// Nothing.
    Unknown,
    /// Something that will be found once all is read.
    Defined,
    /// Something at this address.
    At(TargetAddr),
    /// An object that is to be linked together with what misses the name.
    Object(Object<'a>, &'a [u8]),
}

/// Who is asked for the names that inputs miss, before archives are.
pub trait Surroundings<'a> {
    /// Why an answer can't be had.
    type Error: From<FormatError>;

    /// Whether anything but archives could give what is missing.
    fn can_give(&self) -> bool;

    /// What there is for a name. Weak references are asked for, too: they may stay without an answer.
    ///
    /// # Errors
    /// Why the link can't go on.
    fn look_up(&mut self, reference: Reference<'_>) -> Result<Outside<'a>, Self::Error>;
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
    read_among(graph, inputs, options, &mut Names(is_defined_elsewhere))
}

/// Reads all inputs into a graph, beside what is there. What that misses is asked of the surroundings, and then of the
/// archives among the inputs.
///
/// # Errors
/// Says what is wrong with which file, and where; or what the surroundings say. The graph is of no use then.
pub fn read_among<'a, S: Surroundings<'a>>(
    graph: &mut LinkGraph<'a>,
    inputs: &[Input<'a>],
    options: ReadOptions,
    surroundings: &mut S,
) -> Result<(), S::Error> {
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
    if archives.is_empty() && !surroundings.can_give() {
        return Ok(());
    }
    complete(graph, &mut archives, options, surroundings)
}

/// Surroundings that know which names are defined, and give nothing to be linked.
struct Names<F>(F);

impl<'a, F: Fn(Name<'_>) -> bool> Surroundings<'a> for Names<F> {
    type Error = FormatError;

    fn can_give(&self) -> bool {
        false
    }

    fn look_up(&mut self, reference: Reference<'_>) -> Result<Outside<'a>, FormatError> {
        // What must be defined within the link is not looked for outside.
        let is_known = reference.scope.may_be_elsewhere() && (self.0)(reference.name);
        Ok(match is_known {
            true => Outside::Defined,
            false => Outside::Unknown,
        })
    }
}

/// Reads what is missing, and what that misses in turn.
fn complete<'a, S: Surroundings<'a>>(
    graph: &mut LinkGraph<'a>,
    libraries: &mut [Library<'a>],
    options: ReadOptions,
    surroundings: &mut S,
) -> Result<(), S::Error> {
    // Both lists grow while objects are read: they end with all that those miss.
    let (mut undefined, mut strengthened) = (0_usize, 0_usize);
    loop {
        let id = if let Some(&id) = graph.undefined().get(undefined) {
            undefined = undefined.saturating_add(1);
            id
        } else if let Some(&id) = graph.strengthened().get(strengthened) {
            strengthened = strengthened.saturating_add(1);
            id
        } else {
            return Ok(());
        };
        let symbol = graph.symbols.at(id);
        if !symbol.is_external() {
            continue;
        }
        let reference = Reference {
            name: symbol.name,
            linkage: symbol.linkage,
            scope: symbol.scope,
        };
        match surroundings.look_up(reference)? {
            Outside::Defined => continue,
            Outside::At(address) => {
                graph.symbols.at_mut(id).definition = Definition::Resolved(address);
                continue;
            }
            Outside::Object(object, bytes) => {
                format::read_object(graph, object, bytes, options)?;
                continue;
            }
            Outside::Unknown => {}
        }
        // A weak reference is content with nothing: it asks for no member. Source: gABI, "Symbol Table", STB_WEAK.
        if reference.linkage == Linkage::Weak {
            continue;
        }
        for library in libraries.iter_mut() {
            if library.read_member_for(graph, reference.name, options)? {
                break;
            }
        }
    }
}

/// An archive, and which of its members were read.
struct Library<'a> {
    name: Name<'a>,
    bytes: &'a [u8],
    /// Its index, read when something is missing: most objects ask nothing of the archives that stand beside them.
    archive: Option<Archive<'a>>,
    /// The places of members that were read.
    taken: HashTable<u64>,
}

impl<'a> Library<'a> {
    fn new(name: Name<'a>, bytes: &'a [u8]) -> Self {
        Self {
            name,
            bytes,
            archive: None,
            taken: HashTable::new(),
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
        let hash = hash_place(offset);
        if self.taken.find(hash, |&taken| taken == offset).is_some() {
            return Ok(false);
        }
        let member = archive.member(offset)?;
        let reserved = self.taken.try_reserve(1, |&taken| hash_place(taken));
        reserved.map_err(|_| FormatError::of_object(self.name, OutOfMemory))?;
        self.taken
            .insert_unique(hash, offset, |&taken| hash_place(taken));
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

/// The hash of a member's place.
fn hash_place(place: u64) -> u64 {
    hash_name(Name::new(&place.to_le_bytes()))
}
