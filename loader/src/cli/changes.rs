//! What the command line adds to the graph, and changes in it.

use std::collections::HashSet;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::base::{Alignment, Displayed, Name, Protection, TargetAddr, int};
use crate::graph::{
    Content, Definition, GraphError, LinkGraph, Linkage, Object, Scope, Section, Symbol, SymbolKind,
};
use crate::pass::{Pass, PassError};

use super::error::ToolError;
use super::options::Options;
use super::values::{Alias, SectionFile};

/// Where names come from that only the command line asks for.
const COMMAND_LINE: &str = "<command line>";

/// How sections of files are aligned, as the peer's are.
const FILE_ALIGNMENT: Alignment = Alignment::SIXTEEN;

/// The files of the sections that the command line adds.
pub(super) struct SectionFiles<'o> {
    files: Vec<(&'o SectionFile, String, Vec<u8>)>,
}

impl<'o> SectionFiles<'o> {
    pub(super) fn read(options: &'o Options) -> Result<Self, ToolError> {
        let files = options.sectcreate.iter().map(|file| {
            let bytes = std::fs::read(&file.path).map_err(|error| ToolError::Read {
                path: file.path.clone(),
                error,
            })?;
            let name = file.path.to_string_lossy().into_owned();
            let size_bytes = int::from_usize(bytes.len());
            if size_bytes > Content::LARGEST_BYTES {
                return Err(ToolError::Told(format!(
                    "-sectcreate {}: {name} has {size_bytes:#x} bytes, more than {:#x}, the most that a section's bytes may be; give a smaller file",
                    file.section,
                    Content::LARGEST_BYTES
                )));
            }
            let mut symbols = file.symbols.iter();
            match symbols.find(|&&(_, offset)| offset > size_bytes) {
                Some((symbol, offset)) => Err(ToolError::Told(format!(
                    "-sectcreate {}: `{symbol}` at {offset:#x} lies past the {size_bytes:#x} bytes of {name}; give a smaller offset",
                    file.section
                ))),
                None => Ok((file, name, bytes)),
            }
        });
        Ok(Self {
            files: files.collect::<Result<_, ToolError>>()?,
        })
    }

    /// Adds them to the graph.
    pub(super) fn add_to<'a>(&'a self, graph: &mut LinkGraph<'a>) -> Result<(), GraphError> {
        for (file, name, bytes) in &self.files {
            let object = graph.add_object(Object::new(name.as_str()))?;
            let section = Section::new(file.section.as_str(), object, Protection::Read);
            let section = graph.add_section(section)?;
            let block = graph.add_block(section, Content::Bytes(bytes), FILE_ALIGNMENT)?;
            for (symbol, offset) in &file.symbols {
                graph.define(Symbol {
                    name: Name::from(symbol.as_str()),
                    definition: Definition::Block {
                        block,
                        offset: *offset,
                    },
                    size_bytes: 0,
                    object,
                    linkage: Linkage::Strong,
                    scope: Scope::Default,
                    kind: SymbolKind::Data,
                    is_live: false,
                })?;
            }
        }
        Ok(())
    }
}

/// Asks for names that no object may ask for: archives are to give them.
pub(super) fn ask_for<'a>(
    graph: &mut LinkGraph<'a>,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), GraphError> {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return Ok(());
    }
    let object = graph.add_object(Object::new(COMMAND_LINE))?;
    for name in names {
        graph.add_external(Name::from(name), Linkage::Strong, Scope::Default, object)?;
    }
    Ok(())
}

/// Lets aliases stand for what other names stand for, and hides the names of archives.
pub(super) struct Changes<'o> {
    aliases: &'o [Alias],
    hidden: &'o HashSet<String>,
}

impl<'o> Changes<'o> {
    pub(super) const fn new(aliases: &'o [Alias], hidden: &'o HashSet<String>) -> Self {
        Self { aliases, hidden }
    }

    fn hide(&self, graph: &mut LinkGraph<'_>) {
        let objects = graph.objects.iter();
        let hidden: HashSet<_> = objects
            .filter(|(_, object)| {
                let archive = object.archive.to_string();
                self.hidden.contains(&archive) || self.hidden.contains(&object.name.to_string())
            })
            .map(|(id, _)| id)
            .collect();
        for symbol in graph.symbols.iter_mut() {
            if symbol.is_in_graph() && hidden.contains(&symbol.object) {
                symbol.scope = symbol.scope.min(Scope::Hidden);
            }
        }
    }
}

impl Pass for Changes<'_> {
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        if !self.hidden.is_empty() {
            self.hide(graph);
        }
        for alias in self.aliases {
            let stands_for = graph.find(Name::from(alias.stands_for.as_str()));
            let Some(id) = graph.find(Name::from(alias.name.as_str())) else {
                continue;
            };
            if !graph.symbols.at(id).is_external() {
                let site = crate::graph::Site::object(COMMAND_LINE);
                let name = &alias.name;
                let reason = format_args!(
                    "-alias {name}: an object defines `{name}` already; choose another name"
                );
                return Err(PassError::at(site, Displayed(reason)));
            }
            let Some(stands_for) = stands_for.map(|id| *graph.symbols.at(id)) else {
                continue;
            };
            // What lies outside of the link is looked up by its own name.
            if stands_for.is_in_graph() || matches!(stands_for.definition, Definition::Absolute(_))
            {
                let symbol = graph.symbols.at_mut(id);
                symbol.definition = stands_for.definition;
                symbol.size_bytes = stands_for.size_bytes;
                symbol.kind = stands_for.kind;
                symbol.object = stands_for.object;
            }
        }
        Ok(())
    }
}

/// Gives the address 0 to names that must be defined within the link and are not: a link doesn't look for them around it, but
/// who wants phony names wants these, too.
pub(super) struct PhonyWithin;

impl Pass for PhonyWithin {
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        for symbol in graph.symbols.iter_mut() {
            if symbol.is_external() && !symbol.scope.may_be_elsewhere() {
                symbol.definition = Definition::Resolved(TargetAddr::ZERO);
            }
        }
        Ok(())
    }
}
