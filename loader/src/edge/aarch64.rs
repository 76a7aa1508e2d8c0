//! Kinds peculiar to AArch64.
//!
//! Peculiar: a value is cut in pieces that stand in several places of a four-byte instruction, scaled by what the
//! instruction loads; far addresses are built by two instructions, a page and an offset in it, or by four that each hold
//! sixteen bits. Source: ELF for the Arm 64-bit Architecture (AAELF64), 5.7 "Relocation"; field positions from the
//! Arm Architecture Reference Manual, C4 and C6.

use super::{Field, Piece, kinds};

const fn piece(value_bit: u8, width: u8, word_bit: u8) -> Piece {
    Piece {
        value_bit,
        width,
        word_bit,
    }
}

/// Where instructions hold their immediates.
impl Field {
    /// B and BL: imm26, in words.
    const BRANCH_26: Self = Self::Instruction(&[piece(2, 26, 0)]);
    /// B.cond, CBZ, CBNZ and LDR (literal): imm19, in words.
    const IMMEDIATE_19: Self = Self::Instruction(&[piece(2, 19, 5)]);
    /// TBZ and TBNZ: imm14, in words.
    const BRANCH_14: Self = Self::Instruction(&[piece(2, 14, 5)]);
    /// ADR: immlo and immhi, in bytes.
    const ADR_21: Self = Self::Instruction(&[piece(0, 2, 29), piece(2, 19, 5)]);
    /// ADRP: immlo and immhi, in pages.
    const ADRP_21: Self = Self::Instruction(&[piece(12, 2, 29), piece(14, 19, 5)]);
    /// ADD (immediate) and loads and stores of bytes: imm12.
    const IMMEDIATE_12: Self = Self::Instruction(&[piece(0, 12, 10)]);
    /// Loads and stores of two, four, eight and sixteen bytes: imm12, scaled.
    const IMMEDIATE_12_BY_2: Self = Self::Instruction(&[piece(1, 11, 10)]);
    const IMMEDIATE_12_BY_4: Self = Self::Instruction(&[piece(2, 10, 10)]);
    const IMMEDIATE_12_BY_8: Self = Self::Instruction(&[piece(3, 9, 10)]);
    const IMMEDIATE_12_BY_16: Self = Self::Instruction(&[piece(4, 8, 10)]);
    /// LDR of eight bytes at an offset of up to 32 KiB: imm12, scaled.
    const IMMEDIATE_15_BY_8: Self = Self::Instruction(&[piece(3, 12, 10)]);
    /// MOVZ and MOVK: imm16, holding one quarter of a value.
    const QUARTER_0: Self = Self::Instruction(&[piece(0, 16, 5)]);
    const QUARTER_1: Self = Self::Instruction(&[piece(16, 16, 5)]);
    const QUARTER_2: Self = Self::Instruction(&[piece(32, 16, 5)]);
    const QUARTER_3: Self = Self::Instruction(&[piece(48, 16, 5)]);
}

kinds! {
    /// A kind peculiar to AArch64.
    pub enum Aarch64Kind {
        /// The distance of a call or jump.
        Branch26 => Relative, BRANCH_26, Signed(28), FOUR;
        /// The distance of a conditional branch.
        CondBranch19 => Relative, IMMEDIATE_19, Signed(21), FOUR;
        /// The distance of a test-and-branch.
        TestBranch14 => Relative, BRANCH_14, Signed(16), FOUR;
        /// The distance of a literal load.
        LoadLiteral19 => Relative, IMMEDIATE_19, Signed(21), FOUR;
        /// The distance that ADR adds.
        Adr21 => Relative, ADR_21, Signed(21), ONE;
        /// The distance in pages that ADRP adds.
        Page21 => PageRelative, ADRP_21, Signed(33), ONE;
        /// The distance in pages that ADRP adds, cut to the field.
        Page21Unchecked => PageRelative, ADRP_21, Any, ONE;
        /// The offset in its page that ADD adds, or a byte load or store takes.
        PageOffset12 => PageOffset, IMMEDIATE_12, Any, ONE;
        /// The offset in its page of a load or store of 2 bytes.
        PageOffset12By2 => PageOffset, IMMEDIATE_12_BY_2, Any, TWO;
        /// The offset in its page of a load or store of 4 bytes.
        PageOffset12By4 => PageOffset, IMMEDIATE_12_BY_4, Any, FOUR;
        /// The offset in its page of a load or store of 8 bytes.
        PageOffset12By8 => PageOffset, IMMEDIATE_12_BY_8, Any, EIGHT;
        /// The offset in its page of a load or store of 16 bytes.
        PageOffset12By16 => PageOffset, IMMEDIATE_12_BY_16, Any, SIXTEEN;
        /// Bits 0 to 15 of an address that has no higher bits.
        MoveWide0 => Absolute, QUARTER_0, Unsigned(16), ONE;
        /// Bits 0 to 15 of an address.
        MoveWide0Unchecked => Absolute, QUARTER_0, Any, ONE;
        /// Bits 16 to 31 of an address that has no higher bits.
        MoveWide1 => Absolute, QUARTER_1, Unsigned(32), ONE;
        /// Bits 16 to 31 of an address.
        MoveWide1Unchecked => Absolute, QUARTER_1, Any, ONE;
        /// Bits 32 to 47 of an address that has no higher bits.
        MoveWide2 => Absolute, QUARTER_2, Unsigned(48), ONE;
        /// Bits 32 to 47 of an address.
        MoveWide2Unchecked => Absolute, QUARTER_2, Any, ONE;
        /// Bits 48 to 63 of an address.
        MoveWide3 => Absolute, QUARTER_3, Any, ONE;
        /// The distance in pages to a GOT entry, in an ADRP that may be rewritten.
        GotPage21 => PageRelative, ADRP_21, Signed(33), ONE;
        /// The offset in its page of a GOT entry, in a load that may be rewritten.
        GotPageOffset12 => PageOffset, IMMEDIATE_12_BY_8, Any, EIGHT;
        /// The distance of a GOT entry from the page of the GOT's start, in a load.
        GotTableOffset15 => TablePageRelative, IMMEDIATE_15_BY_8, Unsigned(15), EIGHT;
        /// A call or jump that may go through a stub.
        RequestBranch26 => Relative, BRANCH_26, Signed(28), FOUR, Stub becomes Aarch64(Branch26);
        /// The distance to the target or a stub for it, in four bytes of data.
        RequestBranchDelta32 => Relative, Word, Signed(32), ONE, Stub becomes Data(Delta32);
        /// The distance in pages to the target's GOT entry, in an ADRP.
        RequestGotPage21 => PageRelative, ADRP_21, Signed(33), ONE, Got becomes Aarch64(GotPage21);
        /// The offset in its page of the target's GOT entry, in a load.
        RequestGotPageOffset12 => PageOffset, IMMEDIATE_12_BY_8, Any, EIGHT, Got becomes Aarch64(GotPageOffset12);
        /// The distance of the target's GOT entry from the page of the GOT's start, in a load.
        RequestGotTableOffset15 => TablePageRelative, IMMEDIATE_15_BY_8, Unsigned(15), EIGHT, Got becomes Aarch64(GotTableOffset15);
        /// The distance to the target's GOT entry, in four bytes of data.
        RequestGotDelta32 => Relative, Word, Signed(32), ONE, Got becomes Data(Delta32);
        /// The distance to the target's GOT entry, in a literal load.
        RequestGotLoadLiteral19 => Relative, IMMEDIATE_19, Signed(21), FOUR, Got becomes Aarch64(LoadLiteral19);
    }
}
