//! Symbols: which names the object defines, which it asks for, and where its own labels stand.

use core::{iter, slice};

use object::SymbolIndex;
use object::elf;
use object::read::elf::{SectionTable, Sym as _, SymbolTable};

use crate::base::{Machine, Name, TargetAddr, int};
use crate::graph::{Definition, Linkage, Scope, Symbol, SymbolId, SymbolKind};

use super::fault::{SymbolDamage, Target, What};
use super::sections::LARGEST_SECTION;
use super::{
    Elf, Fault, LE, Located, Reader, SectionFate, StoredFate, Sym, SymbolFate, fate, roles,
};

/// `SHN_X86_64_LCOMMON`: common memory that 32-bit distances need not reach; here they may. Source: AMD64 ABI, "Large code
/// model", special section indexes.
const X86_64_LARGE_COMMON: elf::SymbolSection = elf::SymbolSection(0xff02);

/// Finds the symbol table; an object may have none.
pub(super) fn table<'a>(
    sections: &SectionTable<'a, Elf>,
    bytes: &'a [u8],
) -> object::read::Result<SymbolTable<'a, Elf>> {
    sections.symbols(LE, bytes, elf::SHT_SYMTAB)
}

/// What is said of names that hold more bytes together than they may.
pub(super) const NAMES_OVERLAP: &str = "names overlap";

/// How many symbols are read before their names are entered: no more than stay in the nearest cache.
const LARGEST_BATCH: usize = 64;

/// Where a symbol says that it is.
enum Place {
    Undefined,
    Absolute,
    Common,
    Section(SectionFate),
}

impl<'a> Reader<'a, '_> {
    /// Adds every symbol that names something loaded, or asks for something.
    #[inline(never)]
    pub(super) fn add_symbols(&mut self) -> Result<(), Located<'a>> {
        // The first symbol is always the one that stands for none.
        let mut left = self.symbols.iter();
        left.next();
        loop {
            self.add_placed(&mut left)?;
            let index = SymbolIndex(self.symbols.len().saturating_sub(left.len()));
            let Some(symbol) = left.next() else {
                return Ok(());
            };
            let fate = match self.add_symbol(index, symbol)? {
                SymbolFate::Symbol(id) => self.fate_of(id),
                fate => fate,
            };
            let fate = StoredFate::of(fate)?;
            if let Some(place) = self.names.get_mut(index.0) {
                *place = fate;
            }
        }
    }

    /// Adds symbols up to the first that doesn't stand in a block, or of which something else is peculiar: most do nothing of
    /// that.
    fn add_placed(&mut self, symbols: &mut slice::Iter<'a, Sym>) -> Result<(), Fault<'a>> {
        loop {
            let left = symbols.as_slice();
            let first = self.symbols.len().saturating_sub(left.len());
            // By the format's rule, local ones come first. Source: System V gABI, "Symbol Table", `sh_info`.
            let local = self.first_global.saturating_sub(first);
            let read = match local {
                0 => {
                    let batch = left.get(..LARGEST_BATCH).unwrap_or(left);
                    self.add_batch::<false>(batch, first)?
                }
                local => self.add_batch::<true>(left.get(..local).unwrap_or(left), first)?,
            };
            *symbols = left.get(read..).unwrap_or(&[]).iter();
            if read == 0 || read == left.len() {
                return Ok(());
            }
        }
    }

    /// Reads so many symbols of a batch as stand before the first that is peculiar, and gives their number; all are to be local,
    /// or none. `first` is where the batch begins among all symbols.
    ///
    /// A function of its own, so that what it looks at for each stays in registers.
    #[inline(never)]
    fn add_batch<const ARE_LOCAL: bool>(
        &mut self,
        batch: &'a [Sym],
        first: usize,
    ) -> Result<usize, Fault<'a>> {
        let places = self.names.get_mut(first..).unwrap_or(&mut []);
        let (names, object) = (self.symbol_names, self.object);
        let (symbols, all_fates) = (&self.symbols, &self.fates);
        // Numbers behind those stand for no section.
        let fates = all_fates.get(..usize::from(elf::SHN_LORESERVE));
        let fates = fates.unwrap_or(all_fates);
        let first_id = self.graph.symbols.next_id()?;
        fate::check_ids(first_id, batch.len())?;
        let mut name_bytes_left = self.name_bytes_left;
        // Those of the whole batch were made sure of.
        let mut left = batch.iter().zip(&mut *places).zip(first_id.number()..);
        self.graph.symbols.fill(iter::from_fn(|| {
            let ((symbol, place), id) = left.next()?;
            let section = symbol.st_shndx(LE);
            let fate = match fates.get(int::usize_from_u16(section.0)) {
                Some(fate) => fate,
                None if section == elf::SHN_XINDEX => {
                    let behind = int::usize_from_u32(id.wrapping_sub(first_id.number()));
                    all_fates.get(extended_index(symbols, first.wrapping_add(behind))?)?
                }
                None => return None,
            };
            let SectionFate::Block(block) = fate.fate() else {
                return None;
            };
            let offset = symbol.st_value.get(LE);
            if offset > LARGEST_SECTION {
                return None;
            }
            let plain = PLAIN_INFO.get(usize::from(symbol.st_info.0));
            let &Plain {
                kind,
                linkage,
                is_local,
            } = plain?.as_ref()?;
            if is_local != ARE_LOCAL {
                return None;
            }
            // Only now: a name's end is searched for if the name is counted.
            let name = super::name_at(names, symbol.st_name.get(LE))?;
            let bytes_left = name_bytes_left.checked_sub(name.len())?;
            if name.is_empty() && !ARE_LOCAL {
                return None;
            }
            let is_settled = linkage == Linkage::Strong;
            *place = StoredFate::of_definition(SymbolId::from_index(id), is_settled);
            name_bytes_left = bytes_left;
            Some(Symbol {
                name: Name::new(name),
                definition: Definition::Block { block, offset },
                size_bytes: int::saturate_u32(symbol.st_size.get(LE)),
                object,
                linkage,
                scope: match ARE_LOCAL {
                    true => Scope::Local,
                    false => visible_to(symbol),
                },
                kind,
                is_live: false,
            })
        }));
        self.name_bytes_left = name_bytes_left;
        let read = self.graph.symbols.len().saturating_sub(first_id.index());
        if !ARE_LOCAL {
            self.graph
                .define_since(first_id, &mut |was, is, is_settled| {
                    let place = was.index().checked_sub(first_id.index());
                    if let Some(place) = place.and_then(|place| places.get_mut(place)) {
                        *place = StoredFate::of_definition(is, is_settled);
                    }
                })?;
        }
        Ok(read)
    }

    /// What became of a symbol that was added or merged.
    fn fate_of(&self, id: SymbolId) -> SymbolFate {
        match self.graph.is_settled_symbol(id) {
            true => SymbolFate::Settled(id),
            false => SymbolFate::Symbol(id),
        }
    }

    fn add_symbol(&mut self, index: SymbolIndex, symbol: &'a Sym) -> Result<SymbolFate, Fault<'a>> {
        if symbol.st_type() == elf::STT_FILE {
            return Ok(SymbolFate::Absent);
        }
        let place = self.place_of(index, symbol)?;
        if matches!(
            place,
            Place::Section(SectionFate::NotLoaded | SectionFate::Wanted(_))
        ) {
            return Ok(SymbolFate::Absent);
        }
        let name = self.symbol_name(index, symbol)?;
        let kind = kind_of(symbol.st_type());
        if symbol.st_bind() == elf::STB_LOCAL {
            return self.add_local(symbol, name, kind, &place);
        }
        self.add_global(symbol, name, kind, &place)
    }

    /// A symbol's name, within what all names may have together.
    #[inline]
    pub(super) fn symbol_name(
        &mut self,
        index: SymbolIndex,
        symbol: &Sym,
    ) -> Result<Name<'a>, Fault<'a>> {
        let (names, offset) = (self.symbol_names, symbol.st_name.get(LE));
        let name = self.count_name(names, offset);
        name.map(Name::new)
            .ok_or_else(|| match super::name_at(names, offset) {
                None => Fault::SymbolName { index: index.0 },
                Some(_) => Fault::damaged(NAMES_OVERLAP),
            })
    }

    /// The name at a place of a table, if it is there and can be counted. What all names hold together is bounded by the file's
    /// length, and so is the work that they make.
    #[inline(never)]
    pub(super) fn count_name(&mut self, names: &'a [u8], offset: u32) -> Option<&'a [u8]> {
        let name = super::name_at(names, offset)?;
        self.name_bytes_left = self.name_bytes_left.checked_sub(name.len())?;
        Some(name)
    }

    fn place_of(&self, index: SymbolIndex, symbol: &'a Sym) -> Result<Place, Fault<'a>> {
        let section = self.symbols.symbol_section(LE, symbol, index);
        let section = section.map_err(|_| {
            let name = self.symbols.symbol_name(LE, symbol).unwrap_or_default();
            damaged_symbol(Name::new(name), SymbolDamage::NoExtendedIndex)
        })?;
        if let Some(section) = section {
            let fate = self.fates.get(section.0).map(StoredFate::fate);
            let index = int::from_usize(section.0);
            return fate
                .map(Place::Section)
                .ok_or_else(|| self.section_fault(symbol, index));
        }
        match symbol.st_shndx(LE) {
            elf::SHN_UNDEF | elf::SHN_XINDEX => Ok(Place::Undefined),
            elf::SHN_ABS => Ok(Place::Absolute),
            elf::SHN_COMMON => Ok(Place::Common),
            X86_64_LARGE_COMMON if self.graph.machine() == Machine::X86_64 => Ok(Place::Common),
            other => Err(self.section_fault(symbol, u64::from(other.0))),
        }
    }

    fn section_fault(&self, symbol: &'a Sym, index: u64) -> Fault<'a> {
        let name = self.symbols.symbol_name(LE, symbol).unwrap_or_default();
        Fault::SymbolSection {
            symbol: Target::Named(Name::new(name)),
            index,
            count: self.fates.len(),
        }
    }

    fn add_local(
        &mut self,
        symbol: &Sym,
        name: Name<'a>,
        kind: SymbolKind,
        place: &Place,
    ) -> Result<SymbolFate, Fault<'a>> {
        let definition = match *place {
            Place::Section(SectionFate::Block(block)) => Definition::Block {
                block,
                offset: offset_of(symbol, name)?,
            },
            Place::Absolute => Definition::Absolute(TargetAddr::new(symbol.st_value(LE))),
            Place::Section(SectionFate::Discarded) => return Ok(SymbolFate::Discarded),
            Place::Section(SectionFate::NotLoaded | SectionFate::Wanted(_)) => {
                return Ok(SymbolFate::Absent);
            }
            Place::Undefined | Place::Common => {
                return Err(damaged_symbol(name, SymbolDamage::LocalUndefined));
            }
        };
        let symbol = Symbol {
            name,
            definition,
            size_bytes: int::saturate_u32(symbol.st_size(LE)),
            object: self.object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind,
            is_live: false,
        };
        Ok(SymbolFate::Symbol(self.graph.add_symbol(symbol)?))
    }

    fn add_global(
        &mut self,
        symbol: &Sym,
        name: Name<'a>,
        kind: SymbolKind,
        place: &Place,
    ) -> Result<SymbolFate, Fault<'a>> {
        if name.is_empty() {
            return Err(Fault::damaged("a global symbol has no name"));
        }
        let linkage = match symbol.st_bind() {
            elf::STB_GLOBAL => Linkage::Strong,
            // Unique: the first of several definitions counts, as it does of weak ones.
            elf::STB_WEAK | elf::STB_GNU_UNIQUE => Linkage::Weak,
            other => {
                return Err(damaged_symbol(name, SymbolDamage::Binding(other.0)));
            }
        };
        let scope = visible_to(symbol);
        let definition = match *place {
            Place::Undefined => {
                return self.refer(name, linkage, scope, kind);
            }
            // What a discarded group defined, the group that counts defines too; if it doesn't, the name is missing, however
            // weak the definition was.
            Place::Section(SectionFate::Discarded) => {
                return self.refer(name, Linkage::Strong, scope, kind);
            }
            Place::Section(SectionFate::NotLoaded | SectionFate::Wanted(_)) => {
                return Ok(SymbolFate::Absent);
            }
            Place::Section(SectionFate::Block(block)) => Definition::Block {
                block,
                offset: offset_of(symbol, name)?,
            },
            Place::Absolute => Definition::Absolute(TargetAddr::new(symbol.st_value(LE))),
            Place::Common => {
                let value = symbol.st_value(LE);
                let alignment = roles::alignment_of(value)
                    .map_err(|_| damaged_symbol(name, SymbolDamage::Alignment(value)))?;
                let size_bytes = symbol.st_size(LE);
                if size_bytes >= int::widen_u32(Symbol::LARGEST_SIZE) {
                    let symbol = Target::Named(name);
                    return Err(Fault::LargeCommon { symbol, size_bytes });
                }
                Definition::Common(alignment)
            }
        };
        let id = self.graph.define_name(Symbol {
            name,
            definition,
            size_bytes: int::saturate_u32(symbol.st_size(LE)),
            object: self.object,
            linkage,
            scope,
            kind,
            is_live: false,
        })?;
        Ok(SymbolFate::Symbol(id))
    }

    /// Asks for a name, which is expected to be of a kind.
    fn refer(
        &mut self,
        name: Name<'a>,
        linkage: Linkage,
        scope: Scope,
        kind: SymbolKind,
    ) -> Result<SymbolFate, Fault<'a>> {
        let id = self.graph.add_external(name, linkage, scope, self.object)?;
        self.graph
            .expect(id, kind, self.object)
            .map_err(Fault::Graph)?;
        Ok(SymbolFate::Symbol(id))
    }
}

/// The index of a symbol's section that is too large for the symbol itself. Source: System V gABI, "Symbol Table", `SHN_XINDEX`.
#[inline(never)]
fn extended_index(symbols: &SymbolTable<'_, Elf>, symbol: usize) -> Option<usize> {
    let index = symbols.shndx(LE, SymbolIndex(symbol))?;
    Some(int::usize_from_u32(index))
}

/// A symbol's offset in its section. It may pass the section's end, as aliases do, but not the end of any section.
fn offset_of<'a>(symbol: &Sym, name: Name<'a>) -> Result<u64, Fault<'a>> {
    let offset = symbol.st_value(LE);
    if offset > LARGEST_SECTION {
        return Err(damaged_symbol(name, SymbolDamage::Offset(offset)));
    }
    Ok(offset)
}

/// What is wrong with a symbol.
#[cold]
fn damaged_symbol(name: Name<'_>, damage: SymbolDamage) -> Fault<'_> {
    let what = What::Symbol(name, damage);
    Fault::Damaged { what }
}

/// Who can see a symbol that is not local.
#[inline]
fn visible_to(symbol: &Sym) -> Scope {
    BY_VISIBILITY
        .get(usize::from(symbol.st_visibility().0))
        .copied()
        .unwrap_or(Scope::Hidden)
}

/// The same by visibility. Internal is hidden, and what more a processor may make of it is made by none.
static BY_VISIBILITY: [Scope; 4] = [
    Scope::Default,
    Scope::Hidden,
    Scope::Hidden,
    Scope::Protected,
];
const _: () = assert!(elf::STV_DEFAULT.0 == 0 && elf::STV_PROTECTED.0 == 3);

/// What a symbol of a type names.
const fn kind_of(symbol_type: elf::SymbolType) -> SymbolKind {
    match symbol_type {
        elf::STT_FUNC => SymbolKind::Function,
        elf::STT_GNU_IFUNC => SymbolKind::IndirectFunction,
        elf::STT_OBJECT | elf::STT_COMMON => SymbolKind::Data,
        elf::STT_TLS => SymbolKind::ThreadLocal,
        elf::STT_SECTION => SymbolKind::Section,
        _ => SymbolKind::Unknown,
    }
}

/// What the type and binding say of a symbol in a block of which nothing is peculiar.
#[derive(Clone, Copy)]
struct Plain {
    kind: SymbolKind,
    linkage: Linkage,
    is_local: bool,
}

/// That by `st_info`, which holds both.
static PLAIN_INFO: [Option<Plain>; 256] = plain_info();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated when the loader is compiled"
)]
const fn plain_info() -> [Option<Plain>; 256] {
    let mut all = [None; 256];
    let mut number = 0;
    while number < all.len() {
        let info = int::low_u8(int::from_usize(number));
        let (binding, symbol_type) = (elf::SymbolBind(info >> 4), elf::SymbolType(info & 0xf));
        let is_known = matches!(binding, elf::STB_LOCAL | elf::STB_GLOBAL | elf::STB_WEAK);
        if is_known && !matches!(symbol_type, elf::STT_FILE | elf::STT_GNU_IFUNC) {
            all[number] = Some(Plain {
                kind: kind_of(symbol_type),
                linkage: match binding {
                    elf::STB_WEAK => Linkage::Weak,
                    _ => Linkage::Strong,
                },
                is_local: matches!(binding, elf::STB_LOCAL),
            });
        }
        number += 1;
    }
    all
}
