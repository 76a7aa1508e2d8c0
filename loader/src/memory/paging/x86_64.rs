//! Page tables of x86-64, four levels (Intel SDM volume 3, 5.5; AMD64 APM volume 2, 5.3).
//!
//! Peculiar: rights are the conjunction over all levels, so tables are marked writable and executable and the
//! leaves decide. Bit 7 says "large" above the last level and is the PAT bit in it. A leaf that is dirty but not
//! writable is a shadow stack, so that bit follows the write right. CR0.WP and EFER.NXE are taken for set.

use bitflags::bitflags;

use super::format::{
    FOUR_LEVELS, Format, MemoryBits, MovedBit, Pattern, ProtectionBits, RightsBits,
};

bitflags! {
    /// Bits of an entry; what isn't named is the address or reserved.
    #[derive(Clone, Copy)]
    struct Entry: u64 {
        const PRESENT = 1 << 0;
        const WRITABLE = 1 << 1;
        const WRITE_THROUGH = 1 << 3;
        const CACHE_DISABLE = 1 << 4;
        const ACCESSED = 1 << 5;
        const DIRTY = 1 << 6;
        const LARGE = 1 << 7;
        const PAT_IN_PAGE = 1 << 7;
        const PAT_IN_LARGE = 1 << 12;
        const ADDRESS = 0x000f_ffff_ffff_f000;
        const NO_EXECUTE = 1 << 63;
        /// Ignored by the hardware in all entries.
        const SPLIT = 1 << 9;
        /// Ignored by the hardware in all entries.
        const SEALED = 1 << 10;
    }
}

const RIGHTS: RightsBits = RightsBits {
    writable: Pattern {
        mask: Entry::WRITABLE.bits(),
        value: Entry::WRITABLE.bits(),
    },
    never_executable: Entry::NO_EXECUTE.bits(),
};

/// The page tables of x86-64, four levels.
pub const X86_64: Format = Format {
    name: "x86_64",
    levels: FOUR_LEVELS,
    half_bits: 47,
    address: Entry::ADDRESS.bits(),
    present: Entry::PRESENT.bits(),
    large: Pattern {
        mask: Entry::LARGE.bits(),
        value: Entry::LARGE.bits(),
    },
    table: Entry::PRESENT.union(Entry::WRITABLE).bits(),
    page_leaf: Entry::PRESENT.union(Entry::ACCESSED).bits(),
    large_leaf: Entry::PRESENT
        .union(Entry::ACCESSED)
        .union(Entry::LARGE)
        .bits(),
    leaf_size: Entry::LARGE.bits(),
    moved: Some(MovedBit {
        in_large: Entry::PAT_IN_LARGE.bits(),
        in_page: Entry::PAT_IN_PAGE.bits(),
    }),
    protection: ProtectionBits {
        mask: Entry::WRITABLE
            .union(Entry::DIRTY)
            .union(Entry::NO_EXECUTE)
            .bits(),
        read: Entry::NO_EXECUTE.bits(),
        read_write: Entry::WRITABLE
            .union(Entry::DIRTY)
            .union(Entry::NO_EXECUTE)
            .bits(),
        read_execute: 0,
    },
    // As the PAT is at reset: 0 is write-back, both bits set is uncached.
    memory: MemoryBits {
        mask: Entry::WRITE_THROUGH.union(Entry::CACHE_DISABLE).bits(),
        normal: 0,
        device: Entry::WRITE_THROUGH.union(Entry::CACHE_DISABLE).bits(),
    },
    leaf_rights: RIGHTS,
    table_rights: RIGHTS,
    set_by_hardware: Entry::ACCESSED.union(Entry::DIRTY).bits(),
    split_mark: Entry::SPLIT.bits(),
    sealed_mark: Entry::SEALED.bits(),
};
