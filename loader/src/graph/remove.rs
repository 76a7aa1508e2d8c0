//! Removing: what is taken out keeps its id, and nothing leads there any more.

use super::{BlockId, Definition, EdgeRange, LinkGraph, StoredContent, SymbolId};

impl LinkGraph<'_> {
    /// Takes a block out of the graph, with its edges. Its symbols stay and must get another definition or be removed,
    /// before the graph is linked; [`remove_symbols_without_block`](Self::remove_symbols_without_block) removes those of any
    /// number of blocks at once.
    pub fn remove_block(&mut self, block: BlockId) {
        let block = self.blocks.at_mut(block);
        block.content = StoredContent::REMOVED;
        block.is_live = false;
        block.edges = EdgeRange::EMPTY;
        block.has_keeps = false;
        self.unsettled = None;
    }

    /// Takes a symbol out of the graph. Its name may be defined anew. Edges that lead to it must be removed, too, or be led
    /// elsewhere, before the graph is linked.
    pub fn remove_symbol(&mut self, symbol: SymbolId) {
        self.globals.remove(&self.symbols, symbol);
        let symbol = self.symbols.at_mut(symbol);
        symbol.definition = Definition::Removed;
        symbol.is_live = false;
    }

    /// Takes all symbols out of the graph that stand in blocks which were.
    pub fn remove_symbols_without_block(&mut self) {
        for id in self.symbols.ids() {
            if let Definition::Block { block, .. } = self.symbols.at(id).definition
                && self.blocks.at(block).is_removed()
            {
                self.remove_symbol(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Name, TargetAddr};
    use crate::graph::testing::Builder;
    use crate::graph::{Content, Definition, Linkage, Scope};

    #[test]
    fn the_name_of_a_removed_symbol_may_be_defined_anew() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let old = builder.symbol("name", block, 0);
        builder.graph.remove_symbol(old);
        assert_eq!(builder.graph.find(Name::from("name")), None);
        let new = builder.symbol("name", block, 4);
        assert_ne!(old, new);
        assert_eq!(builder.graph.find(Name::from("name")), Some(new));
        assert_eq!(
            builder.graph.symbols.at(old).definition,
            Definition::Removed
        );
        // Removed twice, it takes nothing from the one that has its name now.
        builder.graph.remove_symbol(old);
        assert_eq!(builder.graph.find(Name::from("name")), Some(new));
    }

    #[test]
    fn the_name_of_a_removed_symbol_may_be_asked_for_anew() {
        let mut builder = Builder::new();
        let (name, object) = (Name::from("name"), builder.object);
        let graph = &mut builder.graph;
        let mut ask = || {
            let id = graph.add_external(name, Linkage::Strong, Scope::Default, object);
            let id = id.unwrap();
            graph.remove_symbol(id);
            id
        };
        assert_ne!(ask(), ask());
        assert_eq!(graph.undefined().len(), 2);
    }

    #[test]
    fn removing_a_block_leaves_other_ids_and_edges_as_they_were() {
        let mut builder = Builder::new();
        let blocks = [(); 3].map(|()| builder.block(Content::Bytes(&[7; 16])));
        let symbols = blocks.map(|block| builder.symbol("", block, 0));
        for block in blocks {
            builder.edges(block, &[(0, symbols[0]), (8, symbols[2])]);
        }
        let graph = &mut builder.graph;
        graph.add_keeps(&[(blocks[1], symbols[0])]).unwrap();
        graph.remove_block(blocks[1]);
        graph.remove_symbols_without_block();

        assert!(graph.blocks.at(blocks[1]).is_removed());
        assert!(graph.edges(blocks[1]).is_empty() && graph.keeps(blocks[1]).is_empty());
        let is_removed = |symbol| graph.symbols.at(symbol).definition == Definition::Removed;
        assert_eq!(symbols.map(is_removed), [false, true, false]);
        assert_eq!(graph.edges(blocks[2])[1].target, symbols[2]);
        assert_eq!(graph.content(blocks[2]), Some(&[7; 16][..]));
    }

    #[test]
    fn an_absolute_symbol_can_be_removed_and_has_no_address_then() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let symbol = builder.symbol("name", block, 0);
        let graph = &mut builder.graph;
        graph.symbols.at_mut(symbol).definition = Definition::Absolute(TargetAddr::new(1));
        assert!(graph.address(symbol).is_some());
        graph.remove_symbol(symbol);
        assert_eq!(graph.address(symbol), None);
    }
}
