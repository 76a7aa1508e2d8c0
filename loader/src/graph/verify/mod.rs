//! Verification: every invariant that the parts of a graph keep with each other.
//!
//! It is linear in the graph, allocates nothing, and believes nothing: ids are checked before they are followed.

mod error;
#[cfg(test)]
mod tests;

pub use error::{VerifyError, VerifyFault};

use core::fmt;

use crate::base::{Machine, Name, Text};
use crate::edge::{DataKind, EdgeKind, Field};
use crate::memory::Lifetime;

use super::{Block, BlockId, Definition, Edge, EdgeRange, LinkGraph, Scope, Symbol, SymbolId};

/// The size of a word of the global offset table in bytes, on all machines.
const TABLE_WORD: usize = 8;

impl<'a> LinkGraph<'a> {
    /// Checks what holds of a graph at any point of a link, after each pass.
    ///
    /// # Errors
    /// Says which invariant doesn't hold, and where: the first such place.
    pub fn verify(&self) -> Result<(), VerifyError> {
        for (id, section) in self.sections.iter() {
            if self.objects.get(section.object).is_none() {
                let place = format_args!("section #{} `{}`", id.number(), section.name);
                return fail(place, VerifyFault::Object);
            }
        }
        for (id, block) in self.blocks.iter() {
            self.verify_block(id, block)?;
        }
        self.verify_order()?;
        self.verify_keeps()?;
        for (id, symbol) in self.symbols.iter() {
            self.verify_symbol(symbol)
                .or_else(|fault| fail(SymbolPlace(self, id), fault))?;
        }
        self.verify_names()?;
        self.verify_undefined()?;
        self.verify_pointers()
    }

    /// Checks what holds beside that once tables are made: no edge of a live block asks for a table entry, and none leads to
    /// a block that is left out, but for those that only describe the program.
    ///
    /// # Errors
    /// As of [`verify`](Self::verify).
    pub fn verify_prepared(&self) -> Result<(), VerifyError> {
        self.verify()?;
        for (id, block) in self.blocks.iter().filter(|(_, block)| block.is_live) {
            let lifetime = self.sections.get(block.section);
            let lifetime = lifetime.map_or(Lifetime::NoAlloc, |section| section.lifetime);
            for edge in self.edges_in(block.edges) {
                let fault = if edge.kind.row().request.is_some() {
                    VerifyFault::Request
                } else if lifetime != Lifetime::NoAlloc && self.is_left_out(edge.target) {
                    VerifyFault::TargetNotLive
                } else {
                    continue;
                };
                return fail(EdgePlace(self, id, edge), fault);
            }
        }
        Ok(())
    }

    fn verify_block(&self, id: BlockId, block: &Block<'a>) -> Result<(), VerifyError> {
        let is_used = block.is_live || !block.edges.is_empty() || block.has_keeps;
        let fault = if self.sections.get(block.section).is_none() {
            VerifyFault::Section
        } else if block.is_removed() && is_used {
            VerifyFault::RemovedInUse
        } else if !self.holds_content_of(block) {
            VerifyFault::Content
        } else if !self.has_edges(block.edges) || !self.has_keeps(id, block) {
            VerifyFault::EdgeRange
        } else {
            for edge in self.edges_in(block.edges) {
                self.verify_fixup(block, edge)
                    .and_then(|()| self.verify_edge(block, edge))
                    .or_else(|fault| fail(EdgePlace(self, id, edge), fault))?;
            }
            for edge in self.keeps(id) {
                let is_keep = edge.kind == EdgeKind::Data(DataKind::KeepAlive);
                let kind = if is_keep {
                    Ok(())
                } else {
                    Err(VerifyFault::KeepKind)
                };
                kind.and_then(|()| self.verify_edge(block, edge))
                    .or_else(|fault| fail(EdgePlace(self, id, edge), fault))?;
            }
            return Ok(());
        };
        fail(BlockPlace(self, id), fault)
    }

    /// Whether a stretch is within the graph's edges.
    fn has_edges(&self, range: EdgeRange) -> bool {
        range == EdgeRange::EMPTY || range.indices().end <= self.open_edges()
    }

    /// Whether what a block keeps alive is listed, if it keeps something, and within the graph's edges.
    fn has_keeps(&self, id: BlockId, block: &Block<'a>) -> bool {
        let range = self.keep_range(id);
        block.has_keeps != range.is_empty() && self.has_edges(range)
    }

    fn verify_fixup(&self, block: &Block<'a>, edge: &Edge) -> Result<(), VerifyFault> {
        let field = edge.kind.row().field;
        let end = u64::from(edge.offset).saturating_add(field.size_bytes());
        if field != Field::Empty && block.content.is_zero_fill() || end > block.content.size_bytes()
        {
            return Err(VerifyFault::Outside);
        }
        match (edge.kind, self.machine()) {
            (EdgeKind::Data(_), _)
            | (EdgeKind::X86_64(_), Machine::X86_64)
            | (EdgeKind::Aarch64(_), Machine::Aarch64) => Ok(()),
            _ => Err(VerifyFault::Machine),
        }
    }

    /// Checks what fixups and keeps have in common.
    fn verify_edge(&self, block: &Block<'a>, edge: &Edge) -> Result<(), VerifyFault> {
        if !self.has_addend(edge) {
            return Err(VerifyFault::Addend);
        }
        let target = self.symbols.get(edge.target).ok_or(VerifyFault::Target)?;
        let is_removed = match target.definition {
            Definition::Removed => true,
            Definition::Block { block, .. } => self
                .blocks
                .get(block)
                .is_some_and(|block| block.is_removed()),
            _ => false,
        };
        if block.is_live && is_removed {
            return Err(VerifyFault::TargetRemoved);
        }
        let may_be_settled =
            is_removed || self.was_looked_up(edge.target) || self.is_settled_symbol(edge.target);
        // Once it is known what is linked, nobody looks again at the edges of what isn't.
        let counts = block.is_live || !self.is_complete;
        if counts && self.is_settled(edge) && !may_be_settled {
            return Err(VerifyFault::Unsettled);
        }
        Ok(())
    }

    /// Checks that what blocks keep alive is listed in the order of blocks, by which it is found.
    fn verify_keeps(&self) -> Result<(), VerifyError> {
        let pairs = self.keeps.iter().zip(self.keeps.iter().skip(1));
        for (&(before, _), &(id, _)) in pairs {
            if before >= id {
                return fail(BlockPlace(self, id), VerifyFault::EdgeRange);
            }
        }
        Ok(())
    }

    /// Checks the order of layout: blocks as they came, each followed by the parts that were split off it.
    fn verify_order(&self) -> Result<(), VerifyError> {
        let mut whole: Option<BlockId> = None;
        let mut previous: Option<&Block<'_>> = None;
        for &id in &self.order {
            let block = self.blocks.get(id);
            let is_in_order = match (block, previous) {
                (Some(part), Some(previous)) if part.is_split_off() => {
                    let is_behind = part.section_offset > previous.section_offset;
                    is_behind && part.section == previous.section
                }
                (Some(part), None) if part.is_split_off() => false,
                (Some(_), _) => whole.replace(id).is_none_or(|before| before < id),
                (None, _) => false,
            };
            if !is_in_order {
                return fail(BlockPlace(self, id), VerifyFault::Order);
            }
            previous = block;
        }
        Ok(())
    }

    fn verify_symbol(&self, symbol: &Symbol<'a>) -> Result<(), VerifyFault> {
        if self.objects.get(symbol.object).is_none() {
            return Err(VerifyFault::Object);
        }
        match symbol.definition {
            Definition::Removed if symbol.is_live => Err(VerifyFault::RemovedInUse),
            Definition::Block { block, .. } => match self.blocks.get(block) {
                None => Err(VerifyFault::Block),
                Some(block) if block.is_removed() => Err(VerifyFault::BlockRemoved),
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Checks the table of names: it leads to each symbol that others see, and to nothing else.
    fn verify_names(&self) -> Result<(), VerifyError> {
        let mut found = 0_usize;
        for (id, symbol) in self.symbols.iter() {
            if symbol.definition == Definition::Removed || symbol.name.is_empty() {
                continue;
            }
            if self.find(symbol.name) == Some(id) {
                found = found.saturating_add(1);
            } else if symbol.scope != Scope::Local {
                return fail(SymbolPlace(self, id), VerifyFault::Name);
            }
        }
        if found != self.globals.len() {
            return fail("the table of names", VerifyFault::StaleName);
        }
        Ok(())
    }

    /// Checks the list of symbols to be looked up: it ascends, and no external symbol is missing.
    fn verify_undefined(&self) -> Result<(), VerifyError> {
        let mut listed = self.undefined().iter().copied().peekable();
        for (id, _) in self.externals() {
            while listed.next_if(|&other| other < id).is_some() {}
            if listed.next_if_eq(&id).is_none() {
                return fail(SymbolPlace(self, id), VerifyFault::Undefined);
            }
        }
        if !self.undefined().is_sorted() {
            return fail("the list of undefined symbols", VerifyFault::Undefined);
        }
        Ok(())
    }

    /// Checks the blocks and symbols that the graph points out.
    fn verify_pointers(&self) -> Result<(), VerifyError> {
        for (what, block) in [("GOT", self.got), ("stubs", self.stubs)] {
            let Some(id) = block else { continue };
            if self.blocks.get(id).is_none_or(|block| block.is_removed()) {
                return fail(what, VerifyFault::Pointer);
            }
        }
        let indirect = self.indirect_functions.iter();
        let indirect =
            indirect.flat_map(|indirect| [indirect.symbol, indirect.resolver, indirect.slot]);
        for id in self.got_base.into_iter().chain(indirect) {
            let symbol = self.symbols.get(id);
            if symbol.is_none_or(|symbol| symbol.definition == Definition::Removed) {
                return fail(SymbolPlace(self, id), VerifyFault::Pointer);
            }
        }
        let Some(got) = self.got else { return Ok(()) };
        let edges = self.edges(got).iter();
        let is_in_order = edges.map(|edge| u64::from(edge.offset)).eq((0..self
            .blocks
            .at(got)
            .content
            .size_bytes())
            .step_by(TABLE_WORD));
        if !is_in_order {
            return fail(BlockPlace(self, got), VerifyFault::TableEdges);
        }
        Ok(())
    }

    /// Whether a symbol stands in a block that is not live.
    fn is_left_out(&self, symbol: SymbolId) -> bool {
        let definition = self.symbols.get(symbol).map(|symbol| symbol.definition);
        let Some(Definition::Block { block, .. }) = definition else {
            return false;
        };
        self.blocks.get(block).is_some_and(|block| !block.is_live)
    }
}

#[cold]
fn fail(place: impl fmt::Display, fault: VerifyFault) -> Result<(), VerifyError> {
    let place = Text::display(place);
    Err(VerifyError { place, fault })
}

/// Shows a block by its number and section, whatever is wrong with it.
struct BlockPlace<'g, 'a>(&'g LinkGraph<'a>, BlockId);

/// Shows an edge by its block, place, kind and target.
struct EdgePlace<'g, 'a>(&'g LinkGraph<'a>, BlockId, &'g Edge);

/// Shows a symbol by its number and name.
struct SymbolPlace<'g, 'a>(&'g LinkGraph<'a>, SymbolId);

impl fmt::Display for BlockPlace<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(graph, id) = self;
        write!(formatter, "block #{}", id.number())?;
        let section = graph.blocks.get(*id).map(|block| block.section);
        let Some(section) = section.and_then(|section| graph.sections.get(section)) else {
            return Ok(());
        };
        let object = graph.objects.get(section.object);
        let object = object.map_or(Name::default(), |object| object.name);
        write!(formatter, " ({object}: {})", section.name)
    }
}

impl fmt::Display for EdgePlace<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(graph, block, edge) = self;
        write!(
            formatter,
            "{}+{:#x}: {} to {}",
            BlockPlace(graph, *block),
            edge.offset,
            edge.kind,
            SymbolPlace(graph, edge.target)
        )
    }
}

impl fmt::Display for SymbolPlace<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(graph, id) = self;
        write!(formatter, "symbol #{}", id.number())?;
        match graph.symbols.get(*id) {
            Some(symbol) if !symbol.name.is_empty() => write!(formatter, " `{}`", symbol.name),
            _ => Ok(()),
        }
    }
}
