//! Section groups: of several with one name, the first counts. Source: System V gABI, "Section Groups".

use object::elf;
use object::read::SectionIndex;
use object::read::elf::SectionHeader as _;

use crate::base::{Name, int};

use super::{Fault, LE, Located, Reader, SectionFate, SectionHeader, StoredFate};

const NO_SECTION: SectionIndex = SectionIndex(0);

impl<'a> Reader<'a, '_> {
    /// Finds the groups whose name was taken before, and marks their sections. Groups that are not `GRP_COMDAT` have no other
    /// copies, and their names no meaning.
    #[inline(never)]
    pub(super) fn discard_groups(&mut self) -> Result<(), Located<'a>> {
        if self.groups == 0 {
            return Ok(());
        }
        self.graph.reserve_groups(self.groups)?;
        let discarded = StoredFate::of(SectionFate::Discarded)?;
        let mut bytes_left = self.bytes.len();
        for header in self.sections.iter() {
            let in_header = |fault| Located::in_section(header, 0, fault);
            let group = header.group(LE, self.bytes);
            let group = group.map_err(|error| in_header(error.into()))?;
            let Some((flags, members)) = group else {
                continue;
            };
            let left = bytes_left.checked_sub(size_of_val(members));
            bytes_left = left.ok_or_else(|| in_header(Fault::damaged("section groups overlap")))?;
            if !flags.contains(elf::GRP_COMDAT) {
                continue;
            }
            let signature = self.group_signature(header).map_err(in_header)?;
            if self.graph.take_group(signature)? {
                continue;
            }
            for member in members {
                let index = member.get(LE);
                let count = self.fates.len();
                match self.fates.get_mut(int::usize_from_u32(index)) {
                    Some(fate) => *fate = discarded,
                    None => {
                        let index = int::widen_u32(index);
                        return Err(in_header(Fault::SectionIndex { index, count }));
                    }
                }
            }
        }
        Ok(())
    }

    /// The name of the symbol that a group's header names.
    fn group_signature(&mut self, header: &SectionHeader) -> Result<Name<'a>, Fault<'a>> {
        let number = header.sh_info(LE);
        let index = object::SymbolIndex(int::usize_from_u32(number));
        let count = self.symbols.len();
        let symbol = self.symbols.symbol(index);
        let symbol = symbol.map_err(|_| Fault::SymbolIndex {
            index: number,
            count,
        })?;
        if symbol.st_type() != elf::STT_SECTION {
            return self.symbol_name(index, symbol);
        }
        // Old assemblers name the group by the section symbol.
        let section = self.symbols.symbol_section(LE, symbol, index)?;
        let named = self.sections.section(section.unwrap_or(NO_SECTION))?;
        self.section_name(named)
    }
}
