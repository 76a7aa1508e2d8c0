//! Page tables of AArch64: stage 1 at EL1, granule 4 KiB, 48-bit addresses (Arm ARM, D8.3 "Translation table
//! descriptor formats").
//!
//! Peculiar: bit 1 tells a table or page from a block, and is reserved in the last level when clear. The two halves
//! of the address space have a root each (TTBR0 and TTBR1). What an entry maps may only be replaced by way of an
//! invalid entry and a TLB invalidation (D8.17, "break-before-make"). Rights need no such detour. The contiguous
//! hint is never set, and must not be set where leaves are protected or split. The access flag is always set, so
//! that hardware changes no entry.

use bitflags::bitflags;

use super::format::{FOUR_LEVELS, Format, MemoryBits, Pattern, ProtectionBits, RightsBits};

bitflags! {
    /// Bits of a descriptor; what isn't named is the address, reserved, or left clear.
    #[derive(Clone, Copy)]
    struct Descriptor: u64 {
        const VALID = 1 << 0;
        /// A table above the last level, a page in it; a block if clear.
        const TABLE_OR_PAGE = 1 << 1;
        const ATTRIBUTE_INDEX = 0b111 << 2;
        const ATTRIBUTE_DEVICE = 1 << 2;
        const READ_ONLY = 1 << 7;
        const SHAREABILITY = 0b11 << 8;
        const INNER_SHAREABLE = 0b11 << 8;
        const ACCESS_FLAG = 1 << 10;
        const ADDRESS = 0x0000_ffff_ffff_f000;
        /// PXN: never executable at EL1.
        const PRIVILEGED_NO_EXECUTE = 1 << 53;
        /// UXN: never executable at EL0.
        const USER_NO_EXECUTE = 1 << 54;
        /// Ignored by the hardware in tables, left to software in leaves.
        const SPLIT = 1 << 55;
        /// Left to software in leaves.
        const SEALED = 1 << 56;
        /// PXNTable.
        const BELOW_PRIVILEGED_NO_EXECUTE = 1 << 59;
        /// UXNTable.
        const BELOW_USER_NO_EXECUTE = 1 << 60;
        /// APTable\[1\].
        const BELOW_READ_ONLY = 1 << 62;
    }
}

const NO_EXECUTE: Descriptor = Descriptor::PRIVILEGED_NO_EXECUTE.union(Descriptor::USER_NO_EXECUTE);

/// The value of MAIR_EL1 that the format counts on: attribute 0 is normal memory, write-back, allocating; attribute
/// 1 is Device-nGnRE.
pub const MAIR_EL1: u64 = 0x04ff;

/// The page tables of AArch64 at EL1, granule 4 KiB, 48 bits.
pub const AARCH64: Format = Format {
    name: "aarch64",
    levels: FOUR_LEVELS,
    half_bits: 48,
    address: Descriptor::ADDRESS.bits(),
    present: Descriptor::VALID.bits(),
    large: Pattern {
        mask: Descriptor::TABLE_OR_PAGE.bits(),
        value: 0,
    },
    table: Descriptor::VALID.union(Descriptor::TABLE_OR_PAGE).bits(),
    page_leaf: Descriptor::VALID
        .union(Descriptor::TABLE_OR_PAGE)
        .union(Descriptor::ACCESS_FLAG)
        .bits(),
    large_leaf: Descriptor::VALID.union(Descriptor::ACCESS_FLAG).bits(),
    leaf_size: Descriptor::TABLE_OR_PAGE.bits(),
    moved: None,
    protection: ProtectionBits {
        mask: Descriptor::READ_ONLY.union(NO_EXECUTE).bits(),
        read: Descriptor::READ_ONLY.union(NO_EXECUTE).bits(),
        read_write: NO_EXECUTE.bits(),
        read_execute: Descriptor::READ_ONLY
            .union(Descriptor::USER_NO_EXECUTE)
            .bits(),
    },
    memory: MemoryBits {
        mask: Descriptor::ATTRIBUTE_INDEX
            .union(Descriptor::SHAREABILITY)
            .bits(),
        normal: Descriptor::INNER_SHAREABLE.bits(),
        device: Descriptor::ATTRIBUTE_DEVICE.bits(),
    },
    leaf_rights: RightsBits {
        writable: Pattern {
            mask: Descriptor::READ_ONLY.bits(),
            value: 0,
        },
        never_executable: NO_EXECUTE.bits(),
    },
    table_rights: RightsBits {
        writable: Pattern {
            mask: Descriptor::BELOW_READ_ONLY.bits(),
            value: 0,
        },
        never_executable: Descriptor::BELOW_PRIVILEGED_NO_EXECUTE
            .union(Descriptor::BELOW_USER_NO_EXECUTE)
            .bits(),
    },
    set_by_hardware: Descriptor::ACCESS_FLAG.bits(),
    split_mark: Descriptor::SPLIT.bits(),
    sealed_mark: Descriptor::SEALED.bits(),
};
