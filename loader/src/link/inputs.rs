//! What a link is given, read into one graph: objects as a whole, archives on demand or as a whole.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use crate::base::{Machine, Name, TargetAddr, Text, fallible, sort};
use crate::format::{
    self, Archive, FileKind, FormatError, FormatFault, Member, MemberSource, Members, ReadOptions,
    Taken,
};
use crate::graph::{
    Definition, GraphError, LinkGraph, Linkage, Object, ObjectId, Origin, Scope, Symbol, SymbolId,
};

use super::Reference;

/// What adds its share to the graph of a link by itself, where an object file would be read: a compiler in this program.
pub trait GraphSource: fmt::Debug + Sync {
    /// Adds it, as the object `object`.
    ///
    /// # Errors
    /// The graph can't take it.
    fn add_to<'a>(&'a self, graph: &mut LinkGraph<'a>, object: ObjectId) -> Result<(), GraphError>;
}

/// A file to be loaded: an object, or an archive of objects, whose first bytes tell which; or what adds to the graph by itself.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The name that errors show.
    pub name: &'a str,
    /// The file. It may be dropped once the load is done.
    pub bytes: &'a [u8],
    /// Whether all objects of an archive are wanted.
    pub(crate) is_whole: bool,
    /// What gives the members of a thin archive.
    pub(crate) members: Option<&'a dyn MemberSource>,
    /// What is asked instead of reading a file.
    source: Option<&'a dyn GraphSource>,
}

impl<'a> Input<'a> {
    /// An object as a whole, or what is missed of an archive.
    pub const fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            name,
            bytes,
            is_whole: false,
            members: None,
            source: None,
        }
    }

    /// What `source` adds to the graph, linked as a whole, as all objects are that were asked for.
    pub const fn built(name: &'a str, source: &'a dyn GraphSource) -> Self {
        Self {
            source: Some(source),
            ..Self::new(name, &[])
        }
    }

    /// All of a file: of an archive, each member that is an object, as if it had been given by itself. Other members, such as
    /// Rust's metadata, are left out.
    pub const fn whole(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            is_whole: true,
            ..Self::new(name, bytes)
        }
    }

    /// If it is a thin archive, `source` gives its members. They may be dropped when the file may.
    #[must_use]
    pub const fn with_members(self, source: &'a dyn MemberSource) -> Self {
        Self {
            members: Some(source),
            ..self
        }
    }

    /// All members, if it is an archive.
    pub(crate) fn all_members(&self) -> Result<Members<'a>, FormatError> {
        Members::of(Name::from(self.name), self.bytes, self.members)
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
    /// What another name stands for, in the link or outside.
    SameAs(Name<'a>),
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

    /// The address of what was said to be [`Outside::Defined`]; `None` if it is there no more.
    ///
    /// # Errors
    /// Why the link can't go on.
    fn take(&mut self, reference: Reference<'_>) -> Result<Option<TargetAddr>, Self::Error>;

    /// What is wrong if names stand for each other.
    fn circle(&self, name: Name<'_>) -> Self::Error;
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
        if let Some(source) = input.source {
            add_built(graph, name, source)?;
            continue;
        }
        match FileKind::of(input.bytes) {
            FileKind::Archive if input.is_whole => read_whole(graph, input, options)?,
            FileKind::Archive => fallible::push(&mut archives, Library::new(*input))
                .map_err(|error| FormatError::of_object(name, error))?,
            FileKind::Elf | FileKind::Unknown => {
                format::read_object(graph, Object::new(name), input.bytes, options)?;
            }
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

    fn take(&mut self, _: Reference<'_>) -> Result<Option<TargetAddr>, FormatError> {
        Ok(None)
    }

    // Names that are only known to be defined stand for no others.
    fn circle(&self, name: Name<'_>) -> FormatError {
        let what = Text::of("the name stands for itself");
        FormatError::of_object(name, FormatFault::Damaged { what })
    }
}

fn add_built<'a>(
    graph: &mut LinkGraph<'a>,
    name: Name<'a>,
    source: &'a dyn GraphSource,
) -> Result<(), FormatError> {
    let object = graph.add_object(Object::new(name));
    let object = object.map_err(|error| FormatError::of_object(name, error))?;
    let added = source.add_to(graph, object);
    added.map_err(|error| FormatError::of_object(name, error))
}

/// Reads all objects of an archive.
fn read_whole<'a>(
    graph: &mut LinkGraph<'a>,
    input: &Input<'a>,
    options: ReadOptions,
) -> Result<(), FormatError> {
    for member in input.all_members()? {
        let member = member?;
        if member.is_object() {
            read_member(
                graph,
                Name::from(input.name),
                Origin::Given,
                &member,
                options,
            )?;
        }
    }
    Ok(())
}

fn read_member<'a>(
    graph: &mut LinkGraph<'a>,
    archive: Name<'a>,
    origin: Origin,
    member: &Member<'a>,
    options: ReadOptions,
) -> Result<(), FormatError> {
    let object = Object {
        name: member.name,
        archive,
        origin,
    };
    read_object(graph, object, member.bytes, options)
}

/// Reads an object, of which errors show the archive, too, if it is of one.
pub fn read_object<'a>(
    graph: &mut LinkGraph<'a>,
    object: Object<'a>,
    bytes: &'a [u8],
    options: ReadOptions,
) -> Result<(), FormatError> {
    match format::read_object(graph, object, bytes, options) {
        Ok(_) => Ok(()),
        Err(error) if object.archive.is_empty() => Err(error),
        Err(error) => Err(error.in_archive(object.archive)),
    }
}

fn reference_of<'s>(symbol: &Symbol<'s>) -> Reference<'s> {
    Reference {
        name: symbol.name,
        linkage: symbol.linkage,
        scope: symbol.scope,
    }
}

/// Symbols that stand for what others do, each before those that it stands for.
struct Aliases(Vec<(SymbolId, SymbolId)>);

impl Aliases {
    /// Lets a symbol stand for what has this name, which is looked for like any that is missing.
    fn add<'a>(
        &mut self,
        graph: &mut LinkGraph<'a>,
        alias: SymbolId,
        name: Name<'a>,
    ) -> Result<(), FormatError> {
        let symbol = *graph.symbols.at(alias);
        graph
            .add_external(name, symbol.linkage, symbol.scope, symbol.object)
            .and_then(|target| fallible::push(&mut self.0, (alias, target)))
            .map_err(|error| FormatError::of_object(symbol.name, error))
    }

    /// Defines them all, once it is known what they stand for.
    fn define<'a, S: Surroundings<'a>>(
        &self,
        graph: &mut LinkGraph<'a>,
        surroundings: &mut S,
    ) -> Result<(), S::Error> {
        let in_heap = |error| FormatError::of_object(Name::from("aliases"), error);
        let mut places = fallible::vec_with_capacity(self.0.len()).map_err(in_heap)?;
        for (place, &(alias, _)) in self.0.iter().enumerate() {
            fallible::push(&mut places, (alias, place)).map_err(in_heap)?;
        }
        sort::sort(&mut places);
        // What an alias stands for was added after it, so that it is defined before, unless there is a circle.
        for (place, &(alias, target)) in self.0.iter().enumerate().rev() {
            let first = places.partition_point(|&(other, _)| other < target);
            let is_alias = |&(other, at): &(SymbolId, usize)| other == target && at <= place;
            if places.get(first).is_some_and(is_alias) {
                return Err(surroundings.circle(graph.symbols.at(target).name));
            }
            let mut known = *graph.symbols.at(target);
            if known.is_external()
                && let Some(address) = surroundings.take(reference_of(&known))?
            {
                known.definition = Definition::Resolved(address);
            }
            // Common memory is not there yet, and would be there twice.
            if let Definition::Block { .. } | Definition::Absolute(_) | Definition::Resolved(_) =
                known.definition
            {
                let symbol = graph.symbols.at_mut(alias);
                symbol.definition = known.definition;
                symbol.size_bytes = known.size_bytes;
                symbol.kind = known.kind;
                symbol.scope = symbol.scope.min(Scope::Link);
            }
        }
        Ok(())
    }
}

/// An archive, and which of its members were read.
struct Library<'a> {
    input: Input<'a>,
    /// With its index, read when something is missing: most objects ask nothing of the archives that stand beside them.
    archive: Option<Archive<'a>>,
    taken: Taken,
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
    let mut aliases = Aliases(Vec::new());
    loop {
        let id = if let Some(&id) = graph.undefined().get(undefined) {
            undefined = undefined.saturating_add(1);
            id
        } else if let Some(&id) = graph.strengthened().get(strengthened) {
            strengthened = strengthened.saturating_add(1);
            id
        } else {
            return aliases.define(graph, surroundings);
        };
        let symbol = graph.symbols.at(id);
        if !symbol.is_external() {
            continue;
        }
        let reference = reference_of(symbol);
        match surroundings.look_up(reference)? {
            Outside::Defined => continue,
            Outside::At(address) => {
                graph.symbols.at_mut(id).definition = Definition::Resolved(address);
                continue;
            }
            Outside::SameAs(name) => {
                aliases.add(graph, id, name)?;
                continue;
            }
            Outside::Object(object, bytes) => {
                read_object(graph, object, bytes, options)?;
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

impl<'a> Library<'a> {
    const fn new(input: Input<'a>) -> Self {
        Self {
            input,
            archive: None,
            taken: Taken::new(),
        }
    }

    /// Reads the member that defines `name`, if there is one that was not read yet.
    fn read_member_for(
        &mut self,
        graph: &mut LinkGraph<'a>,
        name: Name<'_>,
        options: ReadOptions,
    ) -> Result<bool, FormatError> {
        let own_name = Name::from(self.input.name);
        let archive = match &self.archive {
            Some(archive) => archive,
            None => self.archive.insert(Archive::parse_with(
                own_name,
                self.input.bytes,
                self.input.members,
            )?),
        };
        let Some(offset) = archive.find(name) else {
            return Ok(false);
        };
        let member = archive.member(offset)?;
        let is_taken = self.taken.take(&member);
        if !is_taken.map_err(|error| FormatError::of_object(own_name, error))? {
            return Ok(false);
        }
        read_member(graph, own_name, Origin::Archive, &member, options)?;
        Ok(true)
    }
}
