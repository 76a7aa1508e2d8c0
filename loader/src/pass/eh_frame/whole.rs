//! Sections that are linked as they are: all of their records stay, so that nothing is gained by taking them apart.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, fallible, int};
use crate::graph::{BlockId, Definition, Edge, LinkGraph, ObjectId, Origin};

use super::cie::Cie;
use super::records::{self, Kind};

/// Whether a section stays as it is: its object is linked as a whole, and each record is of a function of that object, by a
/// relocation, and leads back to a CIE of the same section. What is broken or peculiar is not whole, and looked at elsewhere.
pub(super) fn is_whole(graph: &LinkGraph<'_>, block: BlockId) -> Result<bool, OutOfMemory> {
    let object = graph.sections.at(graph.blocks.at(block).section).object;
    let origin = graph.objects.at(object).origin;
    let content = graph.content(block).unwrap_or(&[]);
    if !matches!(origin, Origin::Given | Origin::Library) || content.is_empty() {
        return Ok(false);
    }
    let mut section = Section {
        graph,
        object,
        content,
        edges: graph.edges(block),
        cies: Vec::new(),
    };
    let mut functions = 0_usize;
    for record in records::of(content) {
        let is_usual = match record {
            Ok((offset, Kind::Cie { header })) => section.take_cie(offset, header)?,
            Ok((offset, Kind::Fde { header, back })) => {
                functions = functions.saturating_add(1);
                section.take_fde(offset, header, back).is_some()
            }
            Ok((_, Kind::End)) | Err(_) => false,
        };
        if !is_usual {
            return Ok(false);
        }
    }
    Ok(functions > 0)
}

/// A section while its records are looked at, in their order.
struct Section<'g, 'a> {
    graph: &'g LinkGraph<'a>,
    object: ObjectId,
    content: &'g [u8],
    /// The edges from the record on that is looked at.
    edges: &'g [Edge],
    /// Where CIEs stand, and what they say.
    cies: Vec<(u64, Cie)>,
}

impl Section<'_, '_> {
    /// Notes a CIE; false if a relocation tells its first word.
    fn take_cie(&mut self, offset: u64, header: usize) -> Result<bool, OutOfMemory> {
        let content = self.content.get(int::to_usize(offset)..).unwrap_or(&[]);
        let cie = Cie::parse(content, header);
        fallible::push(&mut self.cies, (offset, cie))?;
        let word = offset.saturating_add(int::from_usize(header));
        Ok(self.edge_at(word).is_none())
    }

    /// Whether an FDE is as all are.
    fn take_fde(&mut self, offset: u64, header: usize, back: Option<u64>) -> Option<()> {
        let word = offset.checked_add(int::from_usize(header))?;
        let cie = self.cie_at(word.checked_sub(back?)?)?;
        let function = offset.checked_add(int::from_usize(cie.function_field(header).offset))?;
        if self.edge_at(word).is_some() {
            return None;
        }
        let target = self.edge_at(function)?.target;
        let Definition::Block { block, .. } = self.graph.symbols.at(target).definition else {
            return None;
        };
        let block = self.graph.blocks.at(block);
        let is_own = self.graph.sections.at(block.section).object == self.object;
        (is_own && !block.is_removed()).then_some(())
    }

    /// The CIE at an offset: most often the last.
    fn cie_at(&self, offset: u64) -> Option<Cie> {
        match self.cies.last() {
            Some(&(last, cie)) if last == offset => Some(cie),
            _ => {
                let found = self.cies.binary_search_by_key(&offset, |&(at, _)| at);
                self.cies.get(found.ok()?).map(|&(_, cie)| cie)
            }
        }
    }

    /// The edge at an offset; those before it are passed. Edges that do not ascend are not found.
    fn edge_at(&mut self, offset: u64) -> Option<Edge> {
        while let Some((edge, after)) = self.edges.split_first() {
            if u64::from(edge.offset) > offset {
                break;
            }
            self.edges = after;
            if u64::from(edge.offset) == offset {
                return Some(*edge);
            }
        }
        None
    }
}
