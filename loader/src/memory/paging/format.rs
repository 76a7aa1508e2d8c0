//! A page-table format as data: levels, and which bits of an entry say what.
//!
//! The machines' files hold one value each; the walk and everything above it read these fields and know no machine.

use crate::base::{AddressRange, Protection, TargetAddr};

use super::frame::{Frame, PhysicalAddr};

/// How many entries a table holds.
pub(super) const ENTRIES: usize = 512;

/// One level of tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Level {
    /// Log2 of the bytes that one entry covers.
    pub(super) shift: u32,
    /// Whether an entry may map memory itself.
    pub(super) may_be_leaf: bool,
}

/// Four levels of 512 entries over pages of 4 KiB: 48 bits of address.
pub(super) const FOUR_LEVELS: &[Level] = &[
    Level::new(39, false),
    Level::new(30, true),
    Level::new(21, true),
    Level::new(12, true),
];

impl Level {
    const fn new(shift: u32, may_be_leaf: bool) -> Self {
        Self { shift, may_be_leaf }
    }

    /// The addresses that the entry for `address` translates.
    pub(super) fn entry_range(self, address: TargetAddr) -> AddressRange {
        let offset_bits = self.size_bytes().wrapping_sub(1);
        let first = TargetAddr::new(address.value() & !offset_bits);
        let last = TargetAddr::new(address.value() | offset_bits);
        AddressRange::new(first, last).unwrap_or(AddressRange::ALL)
    }

    /// Bytes that one entry covers.
    pub(super) const fn size_bytes(self) -> u64 {
        1_u64.wrapping_shl(self.shift)
    }
}

/// The kind of memory behind a mapping.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MemoryKind {
    /// Ordinary memory, cached.
    Normal,
    /// Registers of a device: neither cached nor reordered.
    Device,
}

/// What a mapping is to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Attributes {
    /// The accesses it allows, to privileged code only.
    pub protection: Protection,
    /// The kind of memory.
    pub memory: MemoryKind,
}

impl Attributes {
    /// Ordinary memory with this protection.
    pub const fn normal(protection: Protection) -> Self {
        Self {
            protection,
            memory: MemoryKind::Normal,
        }
    }

    /// Registers of a device, readable and writable.
    pub const DEVICE: Self = Self {
        protection: Protection::ReadWrite,
        memory: MemoryKind::Device,
    };
}

/// What live tables allow at an address, whoever wrote them: unlike [`Protection`], it can say that W^X is broken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rights {
    /// Whether it can be written.
    pub is_writable: bool,
    /// Whether it can be executed, at any privilege.
    pub is_executable: bool,
}

impl Rights {
    pub(super) const ALL: Self = Self {
        is_writable: true,
        is_executable: true,
    };

    /// What both allow: an entry and the tables above it.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            is_writable: self.is_writable && other.is_writable,
            is_executable: self.is_executable && other.is_executable,
        }
    }

    /// The protection that allows just this; `None` if it is writable and executable at once.
    pub const fn protection(self) -> Option<Protection> {
        match (self.is_writable, self.is_executable) {
            (false, false) => Some(Protection::Read),
            (true, false) => Some(Protection::ReadWrite),
            (false, true) => Some(Protection::ReadExecute),
            (true, true) => None,
        }
    }
}

/// Bits of which some must be set and the others clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pattern {
    pub(super) mask: u64,
    pub(super) value: u64,
}

impl Pattern {
    const fn matches(self, entry: u64) -> bool {
        entry & self.mask == self.value
    }
}

/// Which entries allow writing and executing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RightsBits {
    pub(super) writable: Pattern,
    /// Nobody can execute if all of these are set.
    pub(super) never_executable: u64,
}

impl RightsBits {
    const fn rights(self, entry: u64) -> Rights {
        Rights {
            is_writable: self.writable.matches(entry),
            is_executable: entry & self.never_executable != self.never_executable,
        }
    }
}

/// The bits that encode each [`Protection`] in a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ProtectionBits {
    /// All bits that take part.
    pub(super) mask: u64,
    pub(super) read: u64,
    pub(super) read_write: u64,
    pub(super) read_execute: u64,
}

/// The bits that encode each [`MemoryKind`] in a leaf of 4 KiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MemoryBits {
    /// All bits that take part.
    pub(super) mask: u64,
    pub(super) normal: u64,
    pub(super) device: u64,
}

/// A bit that stands elsewhere in large leaves than in leaves of 4 KiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MovedBit {
    pub(super) in_large: u64,
    pub(super) in_page: u64,
}

/// A page-table format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    pub(super) name: &'static str,
    /// The levels, the root's first.
    pub(super) levels: &'static [Level],
    /// Log2 of the bytes in the low half of the address space, and in the high half.
    pub(super) half_bits: u32,
    /// Where an entry holds the physical address.
    pub(super) address: u64,
    /// Set if the hardware looks at the entry.
    pub(super) present: u64,
    /// Tells a large leaf from a table, above the last level.
    pub(super) large: Pattern,
    /// All bits of an entry that names a table, beside the address.
    pub(super) table: u64,
    /// The bits of every leaf of 4 KiB.
    pub(super) page_leaf: u64,
    /// The bits of every larger leaf.
    pub(super) large_leaf: u64,
    /// Bits that tell the size of a leaf, or stand in leaves of one size alone.
    pub(super) leaf_size: u64,
    pub(super) moved: Option<MovedBit>,
    pub(super) protection: ProtectionBits,
    pub(super) memory: MemoryBits,
    pub(super) leaf_rights: RightsBits,
    pub(super) table_rights: RightsBits,
    /// Bits that hardware sets by itself.
    pub(super) set_by_hardware: u64,
    /// Left to software, in tables: the table replaces a large leaf.
    pub(super) split_mark: u64,
    /// Left to software, in leaves: the page was writable, and will be again.
    pub(super) sealed_mark: u64,
}

/// What an entry is, at a given level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The hardware ignores it, and so does everybody else.
    Empty,
    /// The hardware ignores it, but it still tells which table was there.
    ParkedTable(Frame),
    /// The hardware ignores it, but it still tells what was mapped.
    ParkedLeaf(PhysicalAddr),
    /// It names a table of the next level.
    Table(Frame),
    /// It maps memory.
    Leaf(PhysicalAddr),
}

impl Format {
    /// What the format is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether all of `range` lies in the low half, or all of it in the high half, of what the tables can
    /// translate.
    pub fn is_valid(&self, range: AddressRange) -> bool {
        self.half(range).is_some()
    }

    pub(super) fn half(&self, range: AddressRange) -> Option<Half> {
        let size_bytes = 1_u64.wrapping_shl(self.half_bits);
        if range.last().value() < size_bytes {
            Some(Half::Low)
        } else if range.first().value() >= size_bytes.wrapping_neg() {
            Some(Half::High)
        } else {
            None
        }
    }

    /// All addresses of one half.
    pub(super) fn half_range(&self, half: Half) -> AddressRange {
        let size_bytes = 1_u64.wrapping_shl(self.half_bits);
        let (first, last) = match half {
            Half::Low => (0, size_bytes.wrapping_sub(1)),
            Half::High => (size_bytes.wrapping_neg(), u64::MAX),
        };
        AddressRange::new(TargetAddr::new(first), TargetAddr::new(last))
            .unwrap_or(AddressRange::ALL)
    }

    pub(super) const fn kind(&self, entry: u64, level: Level, is_last: bool) -> Kind {
        if entry == 0 {
            return Kind::Empty;
        }
        let is_present = entry & self.present != 0;
        if is_last || self.large.matches(entry) {
            let to = self.leaf_address(entry, level);
            if is_present {
                Kind::Leaf(to)
            } else {
                Kind::ParkedLeaf(to)
            }
        } else {
            let table = Frame::containing(PhysicalAddr::new(entry & self.address));
            if is_present {
                Kind::Table(table)
            } else {
                Kind::ParkedTable(table)
            }
        }
    }

    const fn leaf_address_mask(&self, level: Level) -> u64 {
        self.address & level.size_bytes().wrapping_neg()
    }

    const fn leaf_address(&self, entry: u64, level: Level) -> PhysicalAddr {
        PhysicalAddr::new(entry & self.leaf_address_mask(level))
    }

    /// An entry that names a table.
    pub(super) const fn table_entry(&self, table: Frame) -> u64 {
        table.start().value() | self.table
    }

    /// An entry that maps memory.
    pub(super) const fn leaf_entry(
        &self,
        to: PhysicalAddr,
        attributes: Attributes,
        is_last: bool,
    ) -> u64 {
        let size = if is_last {
            self.page_leaf
        } else {
            self.large_leaf
        };
        to.value()
            | size
            | self.protection.encode(attributes.protection)
            | match attributes.memory {
                MemoryKind::Normal => self.memory.normal,
                MemoryKind::Device => self.memory.device,
            }
    }

    /// The leaf with another protection; all other bits stay.
    pub(super) const fn with_protection(&self, entry: u64, protection: Protection) -> u64 {
        entry & !self.protection.mask | self.protection.encode(protection)
    }

    /// The entry as the hardware no longer sees it, still telling what it named.
    pub(super) const fn parked(&self, entry: u64) -> u64 {
        entry & !self.present
    }

    pub(super) const fn leaf_rights(&self, entry: u64) -> Rights {
        self.leaf_rights.rights(entry)
    }

    pub(super) const fn table_rights(&self, entry: u64) -> Rights {
        self.table_rights.rights(entry)
    }

    pub(super) const fn memory_kind(&self, entry: u64) -> MemoryKind {
        if entry & self.memory.mask == self.memory.device {
            MemoryKind::Device
        } else {
            MemoryKind::Normal
        }
    }

    /// The leaf of the next level that maps the first part of what `entry` maps, all attributes being the same.
    pub(super) const fn smaller(&self, entry: u64, level: Level, is_smaller_last: bool) -> u64 {
        if !is_smaller_last {
            return entry;
        }
        let address = self.leaf_address(entry, level).value();
        let mut attributes = entry & !self.leaf_address_mask(level) & !self.leaf_size;
        if let Some(moved) = self.moved {
            attributes &= !moved.in_large;
            if entry & moved.in_large != 0 {
                attributes |= moved.in_page;
            }
        }
        address | attributes | self.page_leaf
    }

    /// The opposite of [`smaller`](Self::smaller).
    pub(super) const fn larger(&self, entry: u64, is_last: bool) -> u64 {
        if !is_last {
            return entry;
        }
        let mut attributes = entry & !self.leaf_size;
        if let Some(moved) = self.moved {
            attributes &= !moved.in_page;
            if entry & moved.in_page != 0 {
                attributes |= moved.in_large;
            }
        }
        attributes | self.large_leaf
    }
}

impl ProtectionBits {
    const fn encode(self, protection: Protection) -> u64 {
        match protection {
            Protection::Read => self.read,
            Protection::ReadWrite => self.read_write,
            Protection::ReadExecute => self.read_execute,
        }
    }
}

/// The two halves of an address space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Half {
    Low,
    High,
}

#[cfg(test)]
mod tests {
    use super::FOUR_LEVELS;
    use crate::memory::paging::X86_64;

    #[test]
    fn the_memory_type_of_x86_64_moves_between_large_and_small_leaves() {
        const PAT_IN_LARGE: u64 = 1 << 12;
        const PAT_IN_PAGE: u64 = 1 << 7;
        let large = 0x8020_0000 | X86_64.large_leaf | X86_64.protection.read | PAT_IN_LARGE;
        let page = X86_64.smaller(large, FOUR_LEVELS[2], true);
        assert_eq!(
            page,
            0x8020_0000 | X86_64.page_leaf | X86_64.protection.read | PAT_IN_PAGE
        );
        assert_eq!(X86_64.larger(page, true), large);
        let without = large & !PAT_IN_LARGE;
        assert_eq!(
            X86_64.larger(X86_64.smaller(without, FOUR_LEVELS[2], true), true),
            without
        );
    }
}
