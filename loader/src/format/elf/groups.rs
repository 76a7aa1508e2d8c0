//! Section groups: of several with one name, the first counts. Source: System V gABI, "Section Groups".

use object::elf;
use object::read::SectionIndex;
use object::read::elf::SectionHeader as _;

use crate::base::{Name, int};
use crate::format::{FormatError, FormatFault};

use super::{LE, Reader, SectionFate, SectionHeader, StoredFate};

const NO_SECTION: SectionIndex = SectionIndex(0);

impl<'a> Reader<'a, '_> {
    /// Finds the groups whose name was taken before, and marks their sections. Groups that are not `GRP_COMDAT` have no other
    /// copies, and their names no meaning.
    #[inline(never)]
    pub(super) fn discard_groups(&mut self) -> Result<(), FormatError> {
        let is_group = |header: &&SectionHeader| header.sh_type(LE) == elf::SHT_GROUP;
        let groups = self.sections.iter().filter(is_group).count();
        if groups == 0 {
            return Ok(());
        }
        self.graph
            .reserve_groups(groups)
            .map_err(|e| self.of_object(e))?;
        let discarded = StoredFate::of(SectionFate::Discarded).map_err(|e| self.of_object(e))?;
        let mut bytes_left = self.bytes.len();
        for header in self.sections.iter() {
            let group = header.group(LE, self.bytes);
            let Some((flags, members)) = group.map_err(|e| self.in_section(header, 0, e))? else {
                continue;
            };
            bytes_left = bytes_left
                .checked_sub(size_of_val(members))
                .ok_or_else(|| {
                    self.in_section(header, 0, FormatFault::damaged("section groups overlap"))
                })?;
            if !flags.contains(elf::GRP_COMDAT) {
                continue;
            }
            let signature = self.group_signature(header)?;
            if self
                .graph
                .take_group(signature)
                .map_err(|e| self.of_object(e))?
            {
                continue;
            }
            for member in members {
                let index = member.get(LE);
                let count = self.fates.len();
                match self.fates.get_mut(int::usize_from_u32(index)) {
                    Some(fate) => *fate = discarded,
                    None => {
                        let index = int::widen_u32(index);
                        let fault = FormatFault::SectionIndex { index, count };
                        return Err(self.in_section(header, 0, fault));
                    }
                }
            }
        }
        Ok(())
    }

    /// The name of the symbol that a group's header names.
    fn group_signature(&mut self, header: &SectionHeader) -> Result<Name<'a>, FormatError> {
        let number = header.sh_info(LE);
        let index = object::SymbolIndex(int::usize_from_u32(number));
        let symbol = self.symbols.symbol(index).map_err(|_| {
            let fault = FormatFault::SymbolIndex {
                index: number,
                count: self.symbols.len(),
            };
            self.in_section(header, 0, fault)
        })?;
        let name = if symbol.st_type() == elf::STT_SECTION {
            // Old assemblers name the group by the section symbol.
            self.symbols
                .symbol_section(LE, symbol, index)
                .and_then(|section| self.sections.section(section.unwrap_or(NO_SECTION)))
                .map_err(FormatFault::from)
                .and_then(|named| self.section_name(named))
        } else {
            self.symbol_name(index, symbol)
        };
        name.map_err(|fault| self.in_section(header, 0, fault))
    }
}
