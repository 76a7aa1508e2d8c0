//! The unwind records of a batch, as its `.eh_frame` holds them: each FDE behind the CIE that it goes on from.

use alloc::vec::Vec;

use crate::base::{Alignment, OutOfMemory, Protection, fallible, int};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{LinkGraph, ObjectId, Section, SymbolId};

use super::definition::{Frame, PendingDefinitions};

/// Where in an FDE the distance to its CIE stands, and where the function is named. Source: Linux Standard Base, Core,
/// "Exception Frames".
const COMMON: usize = 4;
const FUNCTION: u32 = 8;

/// The records, and whose they are.
#[derive(Default, Debug)]
pub(super) struct Frames {
    bytes: Vec<u8>,
    /// Where each FDE starts, and which of the batch's definitions it is of.
    functions: Vec<(u32, u32)>,
}

impl Frames {
    /// Those of the definitions but for the first so many.
    pub(super) fn of(pending: &PendingDefinitions, first: usize) -> Result<Self, OutOfMemory> {
        let mut frames = Self::default();
        let mut last: (&[u8], usize) = (&[], 0);
        for (place, definition) in (0..).zip(pending.since(first)) {
            let Some(Frame { common, own }) = pending.frame_of(definition) else {
                continue;
            };
            if last.0 != common {
                last = (common, frames.bytes.len());
                fallible::extend(&mut frames.bytes, common)?;
            }
            frames.add(own, last.1, place)?;
        }
        Ok(frames)
    }

    fn add(&mut self, own: &[u8], common: usize, definition: u32) -> Result<(), OutOfMemory> {
        let start = self.bytes.len();
        fallible::extend(&mut self.bytes, own)?;
        let field = start.saturating_add(COMMON);
        let distance = u32::try_from(field.saturating_sub(common)).map_err(|_| OutOfMemory)?;
        let place = self.bytes.get_mut(field..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = distance.to_le_bytes();
        }
        let start = u32::try_from(start).map_err(|_| OutOfMemory)?;
        fallible::push(&mut self.functions, (start, definition))
    }

    /// Adds the records to the batch's graph, of which the definitions have these symbols; the standard passes take them apart.
    pub(super) fn add_to<'a>(
        &'a self,
        graph: &mut LinkGraph<'a>,
        object: ObjectId,
        symbols: &[SymbolId],
    ) -> Result<(), OutOfMemory> {
        if self.functions.is_empty() {
            return Ok(());
        }
        let section = Section::new(".eh_frame", object, Protection::Read);
        let section = graph.add_section(section)?;
        let block = graph.add_content_block(section, &self.bytes, Alignment::EIGHT)?;
        let first = graph.open_edges();
        for &(start, definition) in &self.functions {
            if let Some(&function) = symbols.get(int::usize_from_u32(definition)) {
                let kind = EdgeKind::Data(DataKind::Delta32);
                graph.add_edge(start.saturating_add(FUNCTION), kind, function, 0)?;
            }
        }
        graph.close_edges(block, first)
    }
}
