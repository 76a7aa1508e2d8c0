//! Sections: which are wanted, and the block that each of those becomes.

use object::elf;
use object::read::SectionIndex;
use object::read::elf::SectionHeader as _;

use crate::base::{Name, int};
use crate::graph::{BlockId, Content, Section};
use crate::memory::Lifetime;

use super::symbols::NAMES_OVERLAP;
use super::{Fault, LE, Located, Reader, SectionFate, SectionHeader, StoredFate, debug, roles};

/// Half of what four levels of page tables can map.
pub(super) const LARGEST_SECTION: u64 = 1 << 47;

impl<'a> Reader<'a, '_> {
    /// Finds the sections that are wanted, and what else there is to be done with some.
    #[inline(never)]
    pub(super) fn choose_sections(&mut self) -> Result<(), Located<'a>> {
        for (index, header) in self.sections.enumerate() {
            let wanted = self.lifetime_of(header);
            let wanted = wanted.map_err(|fault| Located::in_section(header, 0, fault))?;
            let Some(lifetime) = wanted else {
                continue;
            };
            let wanted = StoredFate::of(SectionFate::Wanted(lifetime))?;
            if let Some(fate) = self.fates.get_mut(index.0) {
                *fate = wanted;
            }
        }
        Ok(())
    }

    /// How long a section is needed; `None` if it isn't.
    fn lifetime_of(&mut self, header: &SectionHeader) -> Result<Option<Lifetime>, Fault<'a>> {
        let flags = header.sh_flags(LE);
        let section_type = header.sh_type(LE);
        self.has_ordered |= flags.contains(elf::SHF_LINK_ORDER);
        let is_group = section_type == elf::SHT_GROUP;
        self.groups = self.groups.wrapping_add(usize::from(is_group));
        if flags.contains(elf::SHF_EXCLUDE) || is_group || section_type == elf::SHT_NULL {
            return Ok(None);
        }
        if flags.contains(elf::SHF_ALLOC) {
            return Ok(Some(Lifetime::Standard));
        }
        let is_debug = self.options.debug
            && section_type == elf::SHT_PROGBITS
            && debug::is_debug_section(self.section_name(header)?);
        Ok(is_debug.then_some(Lifetime::NoAlloc))
    }

    /// Whether a section holds relocations of one that is wanted.
    pub(super) fn is_relocation_of_wanted(&self, header: &SectionHeader) -> bool {
        let target = header.info_link(LE).0;
        matches!(
            header.sh_type(LE),
            elf::SHT_RELA | elf::SHT_REL | elf::SHT_CREL
        ) && !matches!(
            self.fates.get(target).map(StoredFate::fate),
            None | Some(SectionFate::NotLoaded | SectionFate::Discarded)
        )
    }

    /// A section's name, within what all names may have together.
    #[inline]
    pub(super) fn section_name(&mut self, header: &SectionHeader) -> Result<Name<'a>, Fault<'a>> {
        let name = self.count_name(self.section_names, header.sh_name.get(LE));
        name.map(Name::new)
            .ok_or_else(|| match self.sections.section_name(LE, header) {
                Err(error) => error.into(),
                Ok(_) => Fault::damaged(NAMES_OVERLAP),
            })
    }

    /// Adds a section and a block for each section that is wanted.
    #[inline(never)]
    pub(super) fn add_sections(&mut self) -> Result<(), Located<'a>> {
        for (index, header) in self.sections.enumerate() {
            let Some(SectionFate::Wanted(lifetime)) = self.fates.get(index.0).map(StoredFate::fate)
            else {
                continue;
            };
            let added = self.add_section(index, header, lifetime);
            let fate = added.and_then(|block| Ok(StoredFate::of(SectionFate::Block(block))?));
            let fate = fate.map_err(|fault| Located::in_section(header, 0, fault))?;
            if let Some(place) = self.fates.get_mut(index.0) {
                *place = fate;
            }
        }
        Ok(())
    }

    fn add_section(
        &mut self,
        index: SectionIndex,
        header: &'a SectionHeader,
        lifetime: Lifetime,
    ) -> Result<BlockId, Fault<'a>> {
        let name = self.section_name(header)?;
        let role = roles::role_of(header, name)?;
        let lifetime = match lifetime {
            Lifetime::Standard => roles::lifetime_of(name, role),
            other => other,
        };
        let protection = roles::protection_of(header, name, role)?;
        let (content, alignment) = if header.sh_type(LE) == elf::SHT_NOBITS {
            let size_bytes = header.sh_size.get(LE);
            check_size(size_bytes, LARGEST_SECTION)?;
            (Content::ZeroFill(size_bytes), header.sh_addralign.get(LE))
        } else {
            self.content_of(header, name)?
        };
        let alignment = roles::alignment_of(alignment)?;
        let section = self.graph.add_section(Section {
            name: debug::current_name(name),
            object: self.object,
            protection,
            lifetime,
            role,
            is_bounded: false,
            index: int::low_u32(int::from_usize(index.0)),
        })?;
        Ok(self.graph.add_block(section, content, alignment)?)
    }
}

/// Whether a section is no larger than one of its kind may be.
pub(super) const fn check_size(size_bytes: u64, largest: u64) -> Result<(), Fault<'static>> {
    match size_bytes <= largest {
        true => Ok(()),
        false => Err(Fault::LargeSection {
            size_bytes,
            largest,
        }),
    }
}
