//! A pass that does to a graph what users' passes may do, at places that the input chooses.

use ironlink::graph::{BlockId, GraphError, LinkGraph, SymbolId};
use ironlink::pass::{Pass, PassError};

use crate::random::Random;
use crate::surroundings;

/// How many changes it makes.
const CHANGES: usize = 8;

/// Zeros that a file claims may fill all memory once they are bytes: larger blocks are not changed, in bytes.
const MOST_COPIED: u64 = 1 << 16;

/// Splits blocks, changes bytes, and lets symbols stand for something else.
pub(crate) struct Rearrange {
    random: Random,
}

impl Rearrange {
    /// The changes that go with `seed`.
    pub(crate) fn new(seed: u32) -> Self {
        let random = Random::new(seed);
        Self { random }
    }

    fn change(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), GraphError> {
        let (Some(block), Some(symbol)) = (self.block(graph), self.symbol(graph)) else {
            return Ok(());
        };
        let size = graph.blocks.at(block).content.size_bytes();
        let offset = self.random.next() % size.max(1);
        match self.random.below(8) {
            0..3 => graph.split_block(block, offset).map(drop),
            3 => graph.split_block_at(block, &[offset / 2, offset]).map(drop),
            4 => graph.make_external(symbol),
            5 => {
                let address = surroundings::address(graph.symbols.at(symbol).name);
                graph.make_absolute(symbol, address)
            }
            6 => graph.make_defined(symbol, block, offset),
            _ => {
                if size <= MOST_COPIED {
                    graph.content_mut(block)?.reverse();
                }
                Ok(())
            }
        }
    }

    fn block(&mut self, graph: &LinkGraph<'_>) -> Option<BlockId> {
        let ids: Vec<BlockId> = graph.blocks.iter().map(|(id, _)| id).collect();
        self.random.choose(&ids).copied()
    }

    fn symbol(&mut self, graph: &LinkGraph<'_>) -> Option<SymbolId> {
        let ids: Vec<SymbolId> = graph.symbols.iter().map(|(id, _)| id).collect();
        self.random.choose(&ids).copied()
    }
}

impl Pass for Rearrange {
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        for _ in 0..CHANGES {
            if let Err(error) = self.change(graph) {
                // A change that is refused leaves the graph as it was.
                assert!(!error.to_string().is_empty());
            }
        }
        Ok(())
    }
}
