//! What a graph is asked: its parts by what they are, where they lie, and how errors call them.

use crate::base::{Name, TargetAddr, Text};

use super::{
    Block, BlockId, Definition, LinkGraph, ObjectId, Section, SectionId, Site, Symbol, SymbolId,
};

impl<'a> LinkGraph<'a> {
    /// The blocks that are there, in the order in which they are laid out.
    pub fn blocks(&self) -> impl Iterator<Item = (BlockId, &Block<'a>)> {
        (0..self.blocks.len())
            .map(|place| self.block_in_order(place))
            .map(|id| (id, self.blocks.at(id)))
            .filter(|(_, block)| !block.is_removed())
    }

    /// The blocks of one section; looks at all blocks. [`collect_blocks_by_section`](Self::collect_blocks_by_section) is for
    /// who wants those of many.
    pub fn blocks_of(&self, section: SectionId) -> impl Iterator<Item = (BlockId, &Block<'a>)> {
        self.blocks()
            .filter(move |(_, block)| block.section == section)
    }

    /// The blocks of the sections that `is_meant` takes, in the order of their addition. Where few are meant, those of sections
    /// before the first are passed quickly, and none is looked at if there is no such section.
    pub fn blocks_in(
        &self,
        is_meant: impl Fn(&Section<'a>) -> bool,
    ) -> impl Iterator<Item = (BlockId, &Block<'a>)> {
        let first = self.sections.find_from(0, &is_meant);
        let blocks = first.map(|first| (first, self.blocks.iter()));
        let blocks = blocks
            .into_iter()
            .flat_map(|(first, blocks)| blocks.filter(move |(_, block)| block.section >= first));
        blocks.filter(move |(_, block)| {
            !block.is_removed() && is_meant(self.sections.at(block.section))
        })
    }

    /// The first section of a name: each object may have one. Looks at all sections.
    pub fn find_section(&self, name: Name<'_>) -> Option<SectionId> {
        let mut sections = self.sections.iter();
        sections.find_map(|(id, section)| (section.name == name).then_some(id))
    }

    /// Whether there is a section that `is_meant` takes: what is done to blocks of few sections asks before it looks at all
    /// blocks.
    pub fn has_section(&self, is_meant: impl Fn(&Section<'a>) -> bool) -> bool {
        let mut sections = self.sections.iter();
        sections.any(|(_, section)| is_meant(section))
    }

    /// The symbols that are to be looked up.
    pub fn externals(&self) -> impl Iterator<Item = (SymbolId, &Symbol<'a>)> {
        self.symbols_that(|definition| matches!(definition, Definition::External))
    }

    /// The symbols that stand in blocks.
    pub fn defined(&self) -> impl Iterator<Item = (SymbolId, &Symbol<'a>)> {
        self.symbols_that(|definition| matches!(definition, Definition::Block { .. }))
    }

    /// The symbols that are addresses known before the link.
    pub fn absolutes(&self) -> impl Iterator<Item = (SymbolId, &Symbol<'a>)> {
        self.symbols_that(|definition| matches!(definition, Definition::Absolute(_)))
    }

    /// The symbols that are memory to be shared and have no block yet.
    pub fn commons(&self) -> impl Iterator<Item = (SymbolId, &Symbol<'a>)> {
        self.symbols_that(|definition| matches!(definition, Definition::Common(_)))
    }

    /// The symbols that were looked up.
    pub fn resolved(&self) -> impl Iterator<Item = (SymbolId, &Symbol<'a>)> {
        self.symbols_that(|definition| matches!(definition, Definition::Resolved(_)))
    }

    fn symbols_that(
        &self,
        is_meant: fn(&Definition) -> bool,
    ) -> impl Iterator<Item = (SymbolId, &Symbol<'a>)> {
        let symbols = self.symbols.iter();
        symbols.filter(move |(_, symbol)| is_meant(&symbol.definition))
    }

    /// What the entry that a symbol names was made for: of a word of the global offset table the symbol whose address it
    /// holds, of a stub the symbol that it jumps to; `None` for any other symbol.
    pub fn entry_target(&self, symbol: SymbolId) -> Option<SymbolId> {
        // A stub's edges lead to a word of the global offset table, and that to the symbol.
        match self.target_within(self.stubs, symbol) {
            Some(word) => Some(self.target_within(self.got, word).unwrap_or(word)),
            None => self.target_within(self.got, symbol),
        }
    }

    /// What the first edge leads to of the entry that a symbol names in a table; `None` if it names none there.
    fn target_within(&self, table: Option<BlockId>, symbol: SymbolId) -> Option<SymbolId> {
        let Definition::Block { block, offset } = self.symbols.at(symbol).definition else {
            return None;
        };
        if table != Some(block) || self.got_base == Some(symbol) {
            return None;
        }
        let edges = self.edges(block);
        let first = edges.partition_point(|edge| u64::from(edge.offset) < offset);
        edges.get(first).map(|edge| edge.target)
    }

    /// The address that a symbol stands for, once the link has chosen addresses; `None` while it is not known.
    #[inline]
    pub fn address(&self, symbol: SymbolId) -> Option<TargetAddr> {
        match self.symbols.at(symbol).definition {
            Definition::Block { block, offset } => Some(self.blocks.at(block).address_of(offset)),
            Definition::Absolute(address) | Definition::Resolved(address) => Some(address),
            Definition::Common(_) | Definition::External | Definition::Removed => None,
        }
    }

    /// Where a symbol is defined, as errors name it.
    pub(super) fn definition_site(&self, definition: Definition, object: ObjectId) -> Site {
        match definition {
            Definition::Block { block, offset } => self.site(block, offset),
            _ => Site::object(self.objects.at(object)),
        }
    }

    /// How errors call a symbol: by its name, or else by the section that it stands in.
    pub fn symbol_name(&self, symbol: SymbolId) -> Text<120> {
        let named = self.entry_target(symbol).unwrap_or(symbol);
        let symbol = self.symbols.at(named);
        match symbol.definition {
            Definition::Block { block, .. } if symbol.name.is_empty() => {
                Text::of(self.sections.at(self.blocks.at(block).section).name)
            }
            _ => Text::of(symbol.name),
        }
    }

    /// The place `offset` bytes into a block, as errors name it.
    pub fn site(&self, block: BlockId, offset: u64) -> Site {
        let block = self.blocks.at(block);
        let section = self.sections.at(block.section);
        Site {
            object: Text::of(self.objects.at(section.object)),
            section: Text::of(section.name),
            offset: u64::from(block.section_offset).wrapping_add(offset),
        }
    }

    /// Where a fixup stands, as errors tell it. In an object that was built there is no file to look an offset up: it is told from
    /// the symbol before it.
    #[cold]
    pub(crate) fn fixup_site(&self, block: BlockId, offset: u32) -> Site {
        let offset = u64::from(offset);
        let site = self.site(block, offset);
        if self.sections.at(self.blocks.at(block).section).index != 0 {
            return site;
        }
        let before = self.symbols.iter().filter_map(|(_, symbol)| {
            let Definition::Block {
                block: of,
                offset: start,
            } = symbol.definition
            else {
                return None;
            };
            let is_before = of == block && start <= offset && !symbol.name.is_empty();
            is_before.then_some((start, symbol.name))
        });
        match before.max_by_key(|&(start, _)| start) {
            Some((start, name)) => Site {
                section: Text::of(("`", name, "`")),
                offset: offset.saturating_sub(start),
                ..site
            },
            None => site,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Alignment, Name, Protection};
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::testing::Builder;
    use crate::graph::{BlockId, Content, Section};

    #[test]
    fn a_section_is_found_by_its_name() {
        let builder = Builder::new();
        let found = builder.graph.find_section(Name::from(".data"));
        assert_eq!(found, Some(builder.section));
        assert_eq!(builder.graph.find_section(Name::from(".bss")), None);
    }

    #[test]
    fn blocks_are_found_by_their_sections_unless_they_were_removed() {
        let mut builder = Builder::new();
        let other = Section::new(".other", builder.object, Protection::Read);
        let mut blocks = [BlockId::from_index(0); 6];
        for (place, block) in blocks.iter_mut().enumerate() {
            if place == 2 {
                builder.section = builder.graph.add_section(other).unwrap();
            }
            *block = builder.block(Content::ZeroFill(8));
        }
        builder.graph.remove_block(blocks[3]);
        let of = |name: &str| {
            let is_meant = |section: &Section<'_>| section.name == Name::from(name);
            let found = builder.graph.blocks_in(is_meant);
            found.map(|(id, _)| id).collect::<std::vec::Vec<_>>()
        };
        assert_eq!(of(".data"), blocks[..2]);
        assert_eq!(of(".other"), [blocks[2], blocks[4], blocks[5]]);
        assert_eq!(of(".none"), []);
    }

    #[test]
    fn a_block_of_zeros_has_a_size_and_no_bytes() {
        let mut builder = Builder::new();
        let block = builder
            .graph
            .add_zero_fill_block(builder.section, 24, Alignment::EIGHT)
            .unwrap();
        assert_eq!(builder.graph.blocks.at(block).content.size_bytes(), 24);
        assert!(builder.graph.content(block).is_none());
        assert_eq!(builder.graph.blocks_of(builder.section).count(), 1);
    }

    #[test]
    fn a_stub_that_leads_into_the_stubs_is_made_for_what_it_leads_to() {
        let mut builder = Builder::new();
        let stubs = builder.block(Content::ZeroFill(16));
        let [first, second] = [0, 8].map(|offset| builder.symbol("", stubs, offset));
        let graph = &mut builder.graph;
        for (offset, target) in [(0, second), (8, first)] {
            let kind = EdgeKind::Data(DataKind::Delta32);
            graph.insert_edge(stubs, offset, kind, target, 0).unwrap();
        }
        graph.stubs = Some(stubs);
        assert_eq!(graph.entry_target(first), Some(second));
        assert_eq!(graph.entry_target(second), Some(first));
    }
}
