//! Relaxation: what goes through the global offset table or a stub without need goes directly.
//!
//! All addresses are known, so that values decide: a word's content may be an absolute address, or 0 for a weak name without a
//! definition, as well as a place in the graph. The tables keep their entries, for who looks at them or changes them later.

use alloc::vec::Vec;

use crate::arch::relax::{self, Relaxed};
use crate::arch::{self, Operands, TableShape};
use crate::base::{Alignment, TargetAddr, fallible, int, sort};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, KindRow, X86_64Kind};
use crate::graph::{BlockId, Definition, Edge, LinkGraph, ObjectId, OwnerWalk, SymbolId};

use super::PassError;

/// Relaxes the edges of all live blocks. Loads become computations of addresses alone, and stay loads where none reaches: as
/// static linkers leave them, for who compares.
pub(super) fn relax(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    run(graph, false)
}

/// Relaxes the edges of all live blocks, and turns loads that no computation replaces into immediates where they fit: a module
/// never moves.
pub(super) fn relax_all(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    run(graph, true)
}

fn run(graph: &mut LinkGraph<'_>, moves_immediates: bool) -> Result<(), PassError> {
    let Some(got) = graph.got else {
        // Stubs jump by its words, too.
        return Ok(());
    };
    let shape = arch::table_shape(graph.machine());
    let mut relaxation = Relaxation {
        shape,
        branch: shape.branch.row(),
        got,
        graph,
        stub_targets: Vec::new(),
        moves_immediates,
        pairs: Vec::new(),
        alone: Vec::new(),
        second_of_pair: None,
    };
    relaxation.find_stub_targets()?;
    relaxation.relax_edges()?;
    relaxation.relax_pairs()
}

/// A pair of instructions of AArch64 that reads a word of the global offset table: the first of its two edges.
#[derive(Clone, Copy)]
struct Pair {
    block: BlockId,
    index: usize,
    offset: u32,
    word: SymbolId,
}

/// Where a stub jumps to.
#[derive(Clone, Copy)]
struct StubTarget {
    symbol: SymbolId,
    address: TargetAddr,
    /// Whether the symbol was looked up.
    is_resolved: bool,
}

struct Relaxation<'g, 'a> {
    graph: &'g mut LinkGraph<'a>,
    shape: &'static TableShape,
    got: BlockId,
    /// The row of branches.
    branch: &'static KindRow,
    /// Where each stub jumps to, if it is known.
    stub_targets: Vec<Option<StubTarget>>,
    /// Whether a load may become the move of an immediate.
    moves_immediates: bool,
    pairs: Vec<Pair>,
    /// The words that instructions name which are of no pair, by object.
    alone: Vec<(ObjectId, SymbolId)>,
    /// The place of the edge that is known to be the second of a pair.
    second_of_pair: Option<usize>,
}

impl Relaxation<'_, '_> {
    /// Looks at each edge once. Pairs are only noted: whether they may change is known at the end of their object.
    fn relax_edges(&mut self) -> Result<(), PassError> {
        // Branches to stubs are settled since the stubs were made.
        let unsettled = self.graph.take_once_unsettled()?;
        let mut owners = OwnerWalk::default();
        for index in unsettled.places() {
            let block = self.graph.owner_of(index, &mut owners);
            let Some((block, &edge)) = block.zip(self.graph.edge(index)) else {
                continue;
            };
            match edge.kind {
                kind if kind == self.shape.branch => self.bypass_stub(block, index, &edge)?,
                EdgeKind::X86_64(kind) if relax::x86_64::is_relaxable(kind) => {
                    self.relax_load(block, index, &edge, kind)?;
                }
                EdgeKind::Aarch64(kind) if relax::aarch64::is_relaxable(kind) => {
                    self.note_half(block, index, &edge)?;
                }
                _ => {}
            }
        }
        self.graph.give_back(unsettled);
        Ok(())
    }

    /// Lets a branch to a stub lead where the stub jumps to, if it reaches.
    fn bypass_stub(&mut self, block: BlockId, index: usize, edge: &Edge) -> Result<(), PassError> {
        let addend = self.shape.branch_addend;
        // Any other addend leads to another place than the stub's start.
        let target = self.stub_target(edge.target);
        let Some(target) = target.filter(|_| self.graph.addend(edge) == addend) else {
            return Ok(());
        };
        let block = self.graph.blocks.at(block).address;
        let place = block.wrapping_offset(i64::from(edge.offset));
        let sum = target.address.wrapping_offset(addend);
        if !self.branch.takes(sum.wrapping_distance_from(place)) {
            return Ok(());
        }
        match target.is_resolved {
            true => self.graph.bypass(index, target.symbol),
            false => {
                (self.graph).rewrite(index, edge.offset, edge.kind, target.symbol, addend)?;
            }
        }
        Ok(())
    }

    /// Lets an instruction of x86-64 hold what it would read from the global offset table.
    fn relax_load(
        &mut self,
        block: BlockId,
        index: usize,
        edge: &Edge,
        kind: X86_64Kind,
    ) -> Result<(), PassError> {
        let Some(target) = self.word_target(edge.target) else {
            return Ok(());
        };
        let content = self.graph.content(block).unwrap_or(&[]);
        let addend = self.graph.addend(edge);
        let moves = self.moves_immediates;
        let candidates = relax::x86_64::candidates(kind, content, edge.offset, addend, moves);
        let mut candidates = candidates.into_iter().flatten();
        match candidates.find(|relaxed| self.suits(relaxed, block, target)) {
            Some(relaxed) => self.change(index, relaxed, target),
            None => Ok(()),
        }
    }

    /// Notes an instruction of AArch64 that names a word: as one of a pair, or as one alone.
    fn note_half(&mut self, block: BlockId, index: usize, edge: &Edge) -> Result<(), PassError> {
        if self.second_of_pair.take() == Some(index) {
            return Ok(());
        }
        if is_pair(self.graph, block, index, edge) {
            self.second_of_pair = index.checked_add(1);
            let pair = Pair {
                block,
                index,
                offset: edge.offset,
                word: edge.target,
            };
            return Ok(fallible::push(&mut self.pairs, pair)?);
        }
        let alone = (self.object_of(block), edge.target);
        Ok(fallible::push(&mut self.alone, alone)?)
    }

    /// Lets pairs of instructions of AArch64 compute what they would read, where all instructions of their object that name
    /// the word are of pairs.
    fn relax_pairs(&mut self) -> Result<(), PassError> {
        sort::sort(&mut self.alone);
        for pair in core::mem::take(&mut self.pairs) {
            let word = (self.object_of(pair.block), pair.word);
            if self.alone.binary_search(&word).is_ok() {
                continue;
            }
            let Some(target) = self.word_target(pair.word) else {
                continue;
            };
            let mut candidates = relax::aarch64::candidates(pair.offset).into_iter();
            let found = candidates.find(|both| {
                let mut both = both.iter();
                both.all(|relaxed| self.suits(relaxed, pair.block, target))
            });
            if let Some([first, second]) = found {
                self.change(pair.index, first, target)?;
                self.change(pair.index.saturating_add(1), second, target)?;
            }
        }
        Ok(())
    }

    fn object_of(&self, block: BlockId) -> ObjectId {
        let section = self.graph.blocks.at(block).section;
        self.graph.sections.at(section).object
    }

    /// Where a stub jumps to.
    #[inline]
    fn stub_target(&self, stub: SymbolId) -> Option<StubTarget> {
        let entry = self.entry_at(self.graph.stubs?, stub, self.shape.stub_alignment)?;
        let target = (*self.stub_targets.get(entry)?)?;
        // An indirect function stands for its stub: nothing is known of its code yet.
        (target.symbol != stub).then_some(target)
    }

    /// Follows each stub once, however many branches lead to it.
    fn find_stub_targets(&mut self) -> Result<(), PassError> {
        let Some(stubs) = self.graph.stubs else {
            return Ok(());
        };
        let of_all = self
            .graph
            .edges(stubs)
            .chunks(self.shape.stub_edges.len().max(1));
        let mut targets = fallible::vec_with_capacity(of_all.len())?;
        let words = of_all.map(|of_one| {
            let symbol = self.word_target(of_one.first()?.target)?;
            let definition = self.graph.symbols.at(symbol).definition;
            Some(StubTarget {
                symbol,
                address: self.graph.address(symbol)?,
                is_resolved: matches!(definition, Definition::Resolved(_)),
            })
        });
        fallible::fill(&mut targets, words);
        self.stub_targets = targets;
        Ok(())
    }

    /// The symbol whose address a word of the global offset table holds; `None` of words that hold something else, or that
    /// are filled later.
    fn word_target(&self, word: SymbolId) -> Option<SymbolId> {
        let entry = self.entry_at(self.got, word, self.shape.got_alignment)?;
        let edge = self.graph.edges(self.got).get(entry)?;
        let is_address =
            edge.kind == EdgeKind::Data(DataKind::Pointer64) && self.graph.addend(edge) == 0;
        is_address.then_some(edge.target)
    }

    /// Which entry of a table a symbol names; each is as large as its alignment tells.
    #[inline]
    fn entry_at(&self, table: BlockId, symbol: SymbolId, entry: Alignment) -> Option<usize> {
        match self.graph.symbols.at(symbol).definition {
            Definition::Block { block, offset } if block == table => {
                entry.checked_divide(offset).map(int::to_usize)
            }
            _ => None,
        }
    }

    fn suits(&self, relaxed: &Relaxed, block: BlockId, target: SymbolId) -> bool {
        let row = relaxed.kind.row();
        self.fits(row, block, relaxed.offset, target, relaxed.addend)
    }

    /// Whether the value of a row can be written.
    fn fits(
        &self,
        row: &KindRow,
        block: BlockId,
        offset: u32,
        target: SymbolId,
        addend: i64,
    ) -> bool {
        let Some(target) = self.graph.address(target) else {
            return false;
        };
        let block = self.graph.blocks.at(block).address;
        let operands = Operands {
            place: block.wrapping_offset(i64::from(offset)),
            target,
            addend,
            // What no relaxed kind is computed from.
            size_bytes: 0,
            table: TargetAddr::ZERO,
            thread_pointer: TargetAddr::ZERO,
            thread_block: TargetAddr::ZERO,
        };
        arch::fits(row, &operands)
    }

    /// Lets an edge be of a relaxed kind.
    fn change(
        &mut self,
        index: usize,
        relaxed: Relaxed,
        target: SymbolId,
    ) -> Result<(), PassError> {
        let (offset, kind, addend) = (relaxed.offset, relaxed.kind, relaxed.addend);
        Ok((self.graph).rewrite(index, offset, kind, target, addend)?)
    }
}

/// Whether an edge and the one that follows it are of a pair: next to each other, with one register and for one word.
fn is_pair(graph: &LinkGraph<'_>, block: BlockId, index: usize, first: &Edge) -> bool {
    let next = index.saturating_add(1);
    let is_own = graph.blocks.at(block).edges.indices().contains(&next);
    let Some(second) = graph.edge(next).filter(|_| is_own) else {
        return false;
    };
    let kinds = [Aarch64Kind::GotPage21, Aarch64Kind::GotPageOffset12].map(EdgeKind::Aarch64);
    [first.kind, second.kind] == kinds
        && first.target == second.target
        && first.offset.checked_add(4) == Some(second.offset)
        && graph.addend(first) == 0
        && graph.addend(second) == 0
        && relax::aarch64::is_pair(graph.content(block).unwrap_or(&[]), first.offset)
}
