//! The graph of a link as text and as a drawing, once all fixups are written.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::string::{String, ToString};

use regex_lite::Regex;

use crate::base::OutOfMemory;
use crate::graph::{LinkGraph, Origin};
use crate::pass::{BlockMemory, PassError, PostFixUpPass};

use super::files::Files;

/// Takes what is asked for of the graph.
pub(super) struct Graphs<'o> {
    files: &'o Files,
    shown: Option<&'o Regex>,
    is_drawn: bool,
    /// The text of the graphs that are shown.
    pub(super) text: String,
    /// The drawing.
    pub(super) drawing: String,
}

impl<'o> Graphs<'o> {
    /// Shows what comes from files of which the names match; draws all if it is asked to.
    pub(super) const fn new(files: &'o Files, shown: Option<&'o Regex>, is_drawn: bool) -> Self {
        Self {
            files,
            shown,
            is_drawn,
            text: String::new(),
            drawing: String::new(),
        }
    }

    fn show(&mut self, graph: &LinkGraph<'_>, shown: &Regex) -> Result<(), OutOfMemory> {
        let machine = graph.machine();
        let mut wanted = HashSet::new();
        for (id, object) in graph.objects.iter() {
            let name = object.to_string();
            if object.origin == Origin::Linker || !shown.is_match(&name) {
                continue;
            }
            wanted.insert(id);
            let system = self.files.header(&name).map_or("elf", system);
            let name = self.files.path(object);
            // Writing to a string can't fail.
            let _ = writeln!(
                self.text,
                "LinkGraph \"{name}\" (triple = {machine}-unknown-{system})"
            );
        }
        // All that is linked together is one graph; of it, what the wanted files brought, and what was made for all.
        let dump = graph.dump_sections(|section| {
            let object = graph.objects.at(section.object);
            object.origin == Origin::Linker || wanted.contains(&section.object)
        })?;
        let _ = write!(self.text, "{dump}");
        Ok(())
    }
}

impl PostFixUpPass for Graphs<'_> {
    fn run(
        &mut self,
        graph: &LinkGraph<'_>,
        _memory: &mut dyn BlockMemory,
    ) -> Result<(), PassError> {
        if let Some(shown) = self.shown {
            self.show(graph, shown)?;
        }
        if self.is_drawn {
            self.drawing = graph.dot()?.to_string();
        }
        Ok(())
    }
}

/// The system that the first bytes of an object name. Source: gABI, "ELF Header", EI_OSABI.
fn system(header: &[u8]) -> &'static str {
    match header.get(7) {
        Some(3) => "linux",
        Some(9) => "freebsd",
        _ => "elf",
    }
}
