//! What is settled: edges that nobody has to look at again before they are written.
//!
//! Of most relocations all is known once they are read: their targets stand in the graph for good, and their kinds ask for no
//! table. Passes pass them over, so that a link looks at them twice: when they are read, and when they are written. Those whose
//! targets are weak are settled once all definitions are there; those that ask for an entry of a table, once they lead to it.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, TargetAddr, fallible, int};
use crate::edge::{EdgeKind, Settled};
use crate::memory::Lifetime;

use super::{Definition, Edge, LinkGraph, Linkage, Symbol, SymbolId, SymbolKind};

impl LinkGraph<'_> {
    /// Whether a symbol stands in a block and goes on to do so: no other definition can take its place, and nothing chooses
    /// what it stands for.
    pub fn is_settled_symbol(&self, symbol: SymbolId) -> bool {
        self.symbols.at(symbol).is_settled(self.is_complete)
    }

    /// Whether an edge needs nothing but to be written: it leads to what is settled, or to a name that was looked up and whose
    /// distance is known.
    #[inline]
    pub const fn is_settled(&self, edge: &Edge) -> bool {
        !matches!(edge.settled, Settled::No) && !self.is_unsettled
    }

    /// Where plain edges lead, as blocks lie now.
    pub(crate) fn plain_targets(&self) -> Result<PlainTargets, OutOfMemory> {
        let mut addresses = Vec::new();
        if !self.is_unsettled {
            addresses = fallible::vec_with_capacity(self.symbols.len())?;
            let address = |symbol: &Symbol<'_>| match symbol.definition {
                Definition::Block { block, offset } => self.blocks.at(block).address_of(offset),
                Definition::Resolved(address) => address,
                _ => ELSEWHERE,
            };
            fallible::fill(&mut addresses, self.symbols.values().map(address));
        }
        Ok(PlainTargets { addresses })
    }

    /// Settles the edges of live blocks that can be, now that all definitions are there, and lists the others, so that they are
    /// found at once until edges are moved. What those lead to is live, but for what only describes the program.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn settle_edges(&mut self) -> Result<(), OutOfMemory> {
        self.is_complete = true;
        self.has_thread_local = false;
        // What was settled may not be so any more.
        let looks_at_all = self.is_unsettled;
        let mut listed = Vec::new();
        for place in 0..self.blocks.len() {
            let id = self.block_in_order(place);
            let block = self.blocks.at(id);
            if !block.is_live {
                continue;
            }
            let keeps_program = self.sections.at(block.section).lifetime != Lifetime::NoAlloc;
            let (mut index, symbols) = (block.edges.places().start, &mut self.symbols);
            let edges = self.edges.get_mut(block.edges.indices());
            let mut left = edges.unwrap_or(&mut []);
            loop {
                let passed = match left.first() {
                    Some(first) if first.settled != Settled::No && !looks_at_all => {
                        settled_first(left)
                    }
                    _ => 0,
                };
                let Some((edge, behind)) = left.get_mut(passed..).and_then(<[_]>::split_first_mut)
                else {
                    break;
                };
                // Places are stored in as many bits.
                index = index.wrapping_add(int::low_u32(int::from_usize(passed)));
                edge.settled = Settled::No;
                if symbols.at(edge.target).is_settled(true) {
                    *edge = edge.settle();
                }
                if edge.settled == Settled::No {
                    self.has_thread_local |= edge.kind.row().is_thread_local();
                    if keeps_program {
                        symbols.at_mut(edge.target).is_live = true;
                    }
                    fallible::push_beyond(&mut listed, index)?;
                }
                (index, left) = (index.wrapping_add(1), behind);
            }
        }
        self.unsettled = Some(listed);
        self.is_unsettled = false;
        Ok(())
    }

    /// Whether the kind of an edge may be one of thread-local storage: of a live block's, all of which are listed or none.
    pub(crate) const fn may_have_thread_local(&self) -> bool {
        self.has_thread_local || self.is_unsettled || self.unsettled.is_none()
    }

    /// Lets the edge at a place of a block's range be of another kind and lead to another symbol, and settles it if that can be.
    #[inline]
    pub(crate) fn redirect(&mut self, index: usize, kind: EdgeKind, target: SymbolId) {
        let is_settled = self.is_settled_symbol(target);
        if let Some(edge) = self.edges.get_mut(index) {
            let open = Edge {
                kind,
                target,
                settled: Settled::No,
                ..*edge
            };
            *edge = open.settled_if(is_settled);
        }
    }

    /// As [`redirect`](Self::redirect), to a symbol that is known to be settled: `template` is a settled edge of the kind.
    #[inline]
    pub(crate) fn redirect_settled(&mut self, index: usize, template: &Edge, target: SymbolId) {
        if let Some(edge) = self.edges.get_mut(index) {
            *edge = edge.like(template, target);
        }
    }

    /// Lets a settled edge lead to another symbol, to which it needs nothing more, either: one that was looked up, once all
    /// addresses are chosen.
    #[inline]
    pub(crate) fn bypass(&mut self, index: usize, resolved: SymbolId) {
        if let Some(edge) = self.edges.get_mut(index) {
            edge.target = resolved;
        }
    }

    /// Lets the edge at a place of a block's range be another one, once all addresses are chosen: what leads to a name that was
    /// looked up needs nothing more then, either.
    ///
    /// # Errors
    /// The heap has no room.
    pub(crate) fn rewrite(
        &mut self,
        index: usize,
        offset: u32,
        kind: EdgeKind,
        target: SymbolId,
        addend: i64,
    ) -> Result<(), OutOfMemory> {
        let edge = self.open_edge(offset, kind, target, addend)?;
        let is_settled = self.was_looked_up(target) || self.is_settled_symbol(target);
        if let Some(place) = self.edges.get_mut(index) {
            *place = edge.settled_if(is_settled);
        }
        Ok(())
    }

    /// Lets all edges be looked at again. To be called by who changes what a symbol stands for, or an edge, other than by the
    /// methods of the graph; the pipeline does so after each pass that is not its own, but for observers.
    pub fn unsettle(&mut self) {
        self.is_unsettled = true;
    }

    /// The same, if edges to a symbol may be settled that is about to stand for something else.
    pub(super) fn unsettle_symbol(&mut self, symbol: SymbolId) {
        self.is_unsettled |= self.is_settled_symbol(symbol) || self.was_looked_up(symbol);
    }

    /// Whether a symbol is a name that was looked up: once all addresses are chosen, edges to it are settled, too.
    pub(super) fn was_looked_up(&self, symbol: SymbolId) -> bool {
        matches!(self.symbols.at(symbol).definition, Definition::Resolved(_))
    }
}

/// How many edges are settled before the first that is not: eight are looked at together, since most are.
#[inline]
fn settled_first(edges: &[Edge]) -> usize {
    let is_settled = |edge: &Edge| edge.settled != Settled::No;
    let mut passed = 0_usize;
    let (eights, _) = edges.as_chunks::<8>();
    for eight in eights {
        if !eight.iter().all(is_settled) {
            break;
        }
        passed = passed.wrapping_add(eight.len());
    }
    let rest = edges.get(passed..).unwrap_or(&[]);
    for edge in rest {
        if !is_settled(edge) {
            break;
        }
        passed = passed.wrapping_add(1);
    }
    passed
}

/// Where edges lead that are written plainly: each symbol's address is worked out once for all edges to it.
pub(crate) struct PlainTargets {
    /// Those of all symbols; none if no edge counts as settled.
    addresses: Vec<TargetAddr>,
}

/// What is noted for a symbol that neither stands in the graph nor was looked up. An edge to one that does or was, at this very
/// address, is no plain one.
const ELSEWHERE: TargetAddr = TargetAddr::new(u64::MAX);

impl PlainTargets {
    /// The address that an edge leads to which is written plainly, its addend included; `None` if that isn't known here.
    #[inline]
    pub(crate) fn of(&self, edge: &Edge) -> Option<TargetAddr> {
        let &address = self.addresses.get(edge.target.index())?;
        let target = address.wrapping_offset(int::widen_i32(edge.addend));
        (address != ELSEWHERE).then_some(target)
    }
}

impl Symbol<'_> {
    /// See [`LinkGraph::is_settled_symbol`]; whether all definitions are there, the graph knows.
    pub(super) const fn is_settled(&self, is_complete: bool) -> bool {
        self.is_in_graph()
            && (matches!(self.linkage, Linkage::Strong) || is_complete)
            && !matches!(self.kind, SymbolKind::IndirectFunction)
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{OutOfMemory, TargetAddr, failing_heap};
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::testing::{Builder, unsettled};
    use crate::graph::{Content, Linkage, SymbolKind};
    use crate::memory::Lifetime;

    const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    const DISTANCE: EdgeKind = EdgeKind::Data(DataKind::Delta32);

    #[test]
    fn what_stands_in_the_graph_for_good_is_settled_and_nothing_else() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let [strong, weak, chosen, absolute] =
            ["strong", "weak", "chosen", "absolute"].map(|name| builder.symbol(name, block, 0));
        let graph = &mut builder.graph;
        graph.symbols.at_mut(weak).linkage = Linkage::Weak;
        graph.symbols.at_mut(chosen).kind = SymbolKind::IndirectFunction;
        graph.make_absolute(absolute, TargetAddr::ZERO).unwrap();
        let all = [strong, weak, chosen, absolute];
        let settled = all.map(|symbol| graph.is_settled_symbol(symbol));
        assert_eq!(settled, [true, false, false, false]);
    }

    #[test]
    fn a_branch_within_the_graph_asks_for_no_stub() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, CALL, target, -4).unwrap();
        let edge = graph.edges(block)[0];
        assert_eq!(edge.kind, EdgeKind::X86_64(X86_64Kind::Branch32));
        assert!(graph.is_settled(&edge));
    }

    #[test]
    fn what_leads_to_weak_definitions_is_settled_once_no_others_come() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let weak = builder.symbol("weak", block, 0);
        let graph = &mut builder.graph;
        graph.symbols.at_mut(weak).linkage = Linkage::Weak;
        graph.insert_edge(block, 0, CALL, weak, -4).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        assert_eq!(unsettled(graph).len(), 1);
        graph.settle_edges().unwrap();
        assert!(unsettled(graph).is_empty());
        assert_eq!(
            graph.edges(block)[0].kind,
            EdgeKind::X86_64(X86_64Kind::Branch32)
        );
        graph.make_absolute(weak, TargetAddr::ZERO).unwrap();
        assert_eq!(unsettled(graph).len(), 1);
    }

    #[test]
    fn what_was_to_be_looked_at_again_is_settled_again_if_it_still_can_be() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let [stays, goes] = ["stays", "goes"].map(|name| builder.symbol(name, block, 0));
        let graph = &mut builder.graph;
        for (offset, target) in [(0, stays), (4, goes)] {
            graph
                .insert_edge(block, offset, DISTANCE, target, 0)
                .unwrap();
        }
        graph.blocks.at_mut(block).is_live = true;
        graph.make_absolute(goes, TargetAddr::ZERO).unwrap();
        assert_eq!(unsettled(graph).len(), 2);
        graph.settle_edges().unwrap();
        let first = graph.blocks.at(block).edges.indices().start;
        assert_eq!(unsettled(graph), [first + 1]);
    }

    #[test]
    fn settling_that_fails_leaves_edges_to_be_looked_at() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[0; 64]));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, CALL, target, -4).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        let settled = failing_heap::fail_after(0, || graph.settle_edges());
        assert_eq!(settled, Err(OutOfMemory));
        graph.verify().unwrap();
        assert_eq!(unsettled(graph).len(), 1);
    }

    #[test]
    fn what_only_describes_the_program_asks_for_no_name() {
        for (lifetime, is_live) in [(Lifetime::Standard, true), (Lifetime::NoAlloc, false)] {
            let mut builder = Builder::new();
            let block = builder.block(Content::ZeroFill(64));
            let target = builder.symbol("target", block, 0);
            let graph = &mut builder.graph;
            let section = graph.blocks.at(block).section;
            graph.sections.at_mut(section).lifetime = lifetime;
            graph.make_absolute(target, TargetAddr::ZERO).unwrap();
            graph.insert_edge(block, 0, DISTANCE, target, 0).unwrap();
            graph.blocks.at_mut(block).is_live = true;
            graph.settle_edges().unwrap();
            assert_eq!(graph.symbols.at(target).is_live, is_live);
        }
    }

    #[test]
    fn of_blocks_that_are_left_out_it_is_no_matter_what_edges_lead_to() {
        let mut builder = Builder::new();
        let [live, dead] = [64; 2].map(|size| builder.block(Content::ZeroFill(size)));
        let target = builder.symbol("target", live, 0);
        let graph = &mut builder.graph;
        for block in [live, dead] {
            graph.insert_edge(block, 0, CALL, target, -4).unwrap();
        }
        graph.blocks.at_mut(live).is_live = true;
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        graph.settle_edges().unwrap();
        assert_eq!(unsettled(graph).len(), 1);
        let content = Content::Bytes(&[0; 64]);
        for block in [live, dead] {
            graph.set_content(block, content).unwrap();
        }
        graph.verify().unwrap();
    }

    #[test]
    fn a_symbol_that_stands_for_something_else_unsettles_what_leads_to_it() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, DISTANCE, target, 0).unwrap();
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        assert_eq!(unsettled(graph).len(), 1);
    }
}
