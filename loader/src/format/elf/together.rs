//! Sections that are linked together or not at all: those that are ordered by another one, and the members of a group.
//!
//! All of an object that was asked for is linked anyway. Of an archive's, what is linked keeps what goes with it.

use alloc::vec::Vec;

use object::elf;
use object::read::elf::SectionHeader as _;

use crate::base::{OutOfMemory, fallible, int, sort};
use crate::graph::{BlockId, Origin, SymbolId};
use crate::memory::Lifetime;

use super::{Fault, LE, Located, Reader, SectionFate, SectionHeader, StoredFate};

/// Blocks, each with what it keeps.
type Keeps = Vec<(BlockId, SymbolId)>;

impl<'a> Reader<'a, '_> {
    /// Discards the sections that are ordered by one that is discarded: what they say of it would be of nothing. Source: gABI,
    /// "Sections", SHF_LINK_ORDER.
    pub(super) fn discard_ordered(&mut self) -> Result<(), Located<'a>> {
        if !self.has_ordered {
            return Ok(());
        }
        let discarded = StoredFate::of(SectionFate::Discarded)?;
        for (index, header) in self.sections.enumerate() {
            let Some(by) = self.ordered_by(header)? else {
                continue;
            };
            if by == SectionFate::Discarded
                && let Some(fate) = self.fates.get_mut(index.0)
            {
                *fate = discarded;
            }
        }
        Ok(())
    }

    /// What has become of the section that orders another one; `None` if none does.
    fn ordered_by(&self, header: &'a SectionHeader) -> Result<Option<SectionFate>, Located<'a>> {
        let link = header.sh_link(LE);
        if !header.sh_flags(LE).contains(elf::SHF_LINK_ORDER) || link == 0 {
            return Ok(None);
        }
        match self.fates.get(int::usize_from_u32(link)) {
            Some(fate) => Ok(Some(fate.fate())),
            None => {
                let (index, count) = (int::widen_u32(link), self.fates.len());
                let fault = Fault::SectionIndex { index, count };
                Err(Located::in_section(header, 0, fault))
            }
        }
    }

    /// Lets each section of an archive's object keep those that go with it.
    #[inline(never)]
    pub(super) fn keep_together(&mut self) -> Result<(), Located<'a>> {
        if self.graph.objects.at(self.object).origin != Origin::Archive {
            return Ok(());
        }
        let mut keeps = Vec::new();
        for (index, header) in self.sections.enumerate() {
            if let Some(SectionFate::Block(by)) = self.ordered_by(header)?
                && let Some(SectionFate::Block(ordered)) =
                    self.fates.get(index.0).map(StoredFate::fate)
            {
                self.keep(&mut keeps, by, ordered)?;
            }
            self.keep_group(&mut keeps, header)?;
        }
        sort::sort(&mut keeps);
        Ok(self.graph.add_keeps(&keeps)?)
    }

    /// Lets each member of a group keep the next one, and the last the first. Source: gABI, "Section Groups": they are
    /// included in the link or left out of it as a unit.
    ///
    /// A function of its own, as few sections are groups.
    #[inline(never)]
    fn keep_group(
        &mut self,
        keeps: &mut Keeps,
        header: &'a SectionHeader,
    ) -> Result<(), Located<'a>> {
        let group = header.group(LE, self.bytes);
        let group = group.map_err(|error| Located::in_section(header, 0, error))?;
        let Some((_, members)) = group else {
            return Ok(());
        };
        let mut ends: Option<(BlockId, BlockId)> = None;
        for member in members {
            let fate = self.fates.get(int::usize_from_u32(member.get(LE)));
            let Some(SectionFate::Block(block)) = fate.map(StoredFate::fate) else {
                continue;
            };
            let section = self.graph.blocks.at(block).section;
            if self.graph.sections.at(section).lifetime == Lifetime::NoAlloc {
                continue;
            }
            if let Some((_, last)) = ends {
                self.keep(keeps, last, block)?;
            }
            ends = Some((ends.map_or(block, |(first, _)| first), block));
        }
        match ends {
            Some((first, last)) if first != last => Ok(self.keep(keeps, last, first)?),
            _ => Ok(()),
        }
    }

    /// Notes that a block keeps another one, by a symbol that stands for it.
    fn keep(
        &mut self,
        keeps: &mut Keeps,
        block: BlockId,
        kept: BlockId,
    ) -> Result<(), OutOfMemory> {
        let symbol = self.graph.add_anonymous(kept, 0, 0)?;
        fallible::push(keeps, (block, symbol))
    }
}
