//! Kinds peculiar to AArch64.
//!
//! Peculiar: a value is cut in pieces that stand in several places of a four-byte instruction, scaled by what the
//! instruction loads; far addresses are built by two instructions, a page and an offset in it, or by four that each hold
//! sixteen bits. Source: ELF for the Arm 64-bit Architecture (AAELF64), 5.7 "Relocation"; field positions from the
//! Arm Architecture Reference Manual, C4 and C6.

use crate::base::Alignment;

use super::{DataKind, EdgeKind, Field, Formula, Piece, Request, Table, ValueRange, kinds};

const fn piece(value_bit: u8, width: u8, word_bit: u8) -> Piece {
    Piece {
        value_bit,
        width,
        word_bit,
    }
}

/// B and BL: imm26, in words.
const BRANCH_26: Field = Field::Instruction(&[piece(2, 26, 0)]);
/// B.cond, CBZ, CBNZ and LDR (literal): imm19, in words.
const IMMEDIATE_19: Field = Field::Instruction(&[piece(2, 19, 5)]);
/// TBZ and TBNZ: imm14, in words.
const BRANCH_14: Field = Field::Instruction(&[piece(2, 14, 5)]);
/// ADR: immlo and immhi, in bytes.
const ADR_21: Field = Field::Instruction(&[piece(0, 2, 29), piece(2, 19, 5)]);
/// ADRP: immlo and immhi, in pages.
const ADRP_21: Field = Field::Instruction(&[piece(12, 2, 29), piece(14, 19, 5)]);
/// ADD (immediate) and loads and stores of bytes: imm12.
const IMMEDIATE_12: Field = Field::Instruction(&[piece(0, 12, 10)]);
/// Loads and stores of two, four, eight and sixteen bytes: imm12, scaled.
const IMMEDIATE_12_BY_2: Field = Field::Instruction(&[piece(1, 11, 10)]);
const IMMEDIATE_12_BY_4: Field = Field::Instruction(&[piece(2, 10, 10)]);
const IMMEDIATE_12_BY_8: Field = Field::Instruction(&[piece(3, 9, 10)]);
const IMMEDIATE_12_BY_16: Field = Field::Instruction(&[piece(4, 8, 10)]);
/// LDR of eight bytes at an offset of up to 32 KiB: imm12, scaled.
const IMMEDIATE_15_BY_8: Field = Field::Instruction(&[piece(3, 12, 10)]);
/// MOVZ and MOVK: imm16, holding one quarter of a value.
const QUARTER_0: Field = Field::Instruction(&[piece(0, 16, 5)]);
const QUARTER_1: Field = Field::Instruction(&[piece(16, 16, 5)]);
const QUARTER_2: Field = Field::Instruction(&[piece(32, 16, 5)]);
const QUARTER_3: Field = Field::Instruction(&[piece(48, 16, 5)]);

kinds! {
    /// A kind peculiar to AArch64.
    pub enum Aarch64Kind {
        /// The distance of a call or jump.
        Branch26 => {
            formula: Formula::Relative,
            field: BRANCH_26,
            range: ValueRange::Signed(28),
            value_alignment: Alignment::FOUR,
            request: None,
        }
        /// The distance of a conditional branch.
        CondBranch19 => {
            formula: Formula::Relative,
            field: IMMEDIATE_19,
            range: ValueRange::Signed(21),
            value_alignment: Alignment::FOUR,
            request: None,
        }
        /// The distance of a test-and-branch.
        TestBranch14 => {
            formula: Formula::Relative,
            field: BRANCH_14,
            range: ValueRange::Signed(16),
            value_alignment: Alignment::FOUR,
            request: None,
        }
        /// The distance of a literal load.
        LoadLiteral19 => {
            formula: Formula::Relative,
            field: IMMEDIATE_19,
            range: ValueRange::Signed(21),
            value_alignment: Alignment::FOUR,
            request: None,
        }
        /// The distance that ADR adds.
        Adr21 => {
            formula: Formula::Relative,
            field: ADR_21,
            range: ValueRange::Signed(21),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance in pages that ADRP adds.
        Page21 => {
            formula: Formula::PageRelative,
            field: ADRP_21,
            range: ValueRange::Signed(33),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance in pages that ADRP adds, cut to the field.
        Page21Unchecked => {
            formula: Formula::PageRelative,
            field: ADRP_21,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The offset in its page that ADD adds, or a byte load or store takes.
        PageOffset12 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The offset in its page of a load or store of 2 bytes.
        PageOffset12By2 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12_BY_2,
            range: ValueRange::Any,
            value_alignment: Alignment::TWO,
            request: None,
        }
        /// The offset in its page of a load or store of 4 bytes.
        PageOffset12By4 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12_BY_4,
            range: ValueRange::Any,
            value_alignment: Alignment::FOUR,
            request: None,
        }
        /// The offset in its page of a load or store of 8 bytes.
        PageOffset12By8 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12_BY_8,
            range: ValueRange::Any,
            value_alignment: Alignment::EIGHT,
            request: None,
        }
        /// The offset in its page of a load or store of 16 bytes.
        PageOffset12By16 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12_BY_16,
            range: ValueRange::Any,
            value_alignment: Alignment::SIXTEEN,
            request: None,
        }
        /// Bits 0 to 15 of an address that has no higher bits.
        MoveWide0 => {
            formula: Formula::Absolute,
            field: QUARTER_0,
            range: ValueRange::Unsigned(16),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// Bits 0 to 15 of an address.
        MoveWide0Unchecked => {
            formula: Formula::Absolute,
            field: QUARTER_0,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// Bits 16 to 31 of an address that has no higher bits.
        MoveWide1 => {
            formula: Formula::Absolute,
            field: QUARTER_1,
            range: ValueRange::Unsigned(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// Bits 16 to 31 of an address.
        MoveWide1Unchecked => {
            formula: Formula::Absolute,
            field: QUARTER_1,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// Bits 32 to 47 of an address that has no higher bits.
        MoveWide2 => {
            formula: Formula::Absolute,
            field: QUARTER_2,
            range: ValueRange::Unsigned(48),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// Bits 32 to 47 of an address.
        MoveWide2Unchecked => {
            formula: Formula::Absolute,
            field: QUARTER_2,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// Bits 48 to 63 of an address.
        MoveWide3 => {
            formula: Formula::Absolute,
            field: QUARTER_3,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance in pages to a GOT entry, in an ADRP that may be rewritten.
        GotPage21 => {
            formula: Formula::PageRelative,
            field: ADRP_21,
            range: ValueRange::Signed(33),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The offset in its page of a GOT entry, in a load that may be rewritten.
        GotPageOffset12 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12_BY_8,
            range: ValueRange::Any,
            value_alignment: Alignment::EIGHT,
            request: None,
        }
        /// The distance of a GOT entry from the page of the GOT's start, in a load.
        GotTableOffset15 => {
            formula: Formula::TablePageRelative,
            field: IMMEDIATE_15_BY_8,
            range: ValueRange::Unsigned(15),
            value_alignment: Alignment::EIGHT,
            request: None,
        }
        /// A call or jump that may go through a stub.
        RequestBranch26 => {
            formula: Formula::Relative,
            field: BRANCH_26,
            range: ValueRange::Signed(28),
            value_alignment: Alignment::FOUR,
            request: Some(Request {
                table: Table::Stub,
                becomes: EdgeKind::Aarch64(Aarch64Kind::Branch26),
            }),
        }
        /// The distance to the target or a stub for it, in four bytes of data.
        RequestBranchDelta32 => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Stub,
                becomes: EdgeKind::Data(DataKind::Delta32),
            }),
        }
        /// The distance in pages to the target's GOT entry, in an ADRP.
        RequestGotPage21 => {
            formula: Formula::PageRelative,
            field: ADRP_21,
            range: ValueRange::Signed(33),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Aarch64(Aarch64Kind::GotPage21),
            }),
        }
        /// The offset in its page of the target's GOT entry, in a load.
        RequestGotPageOffset12 => {
            formula: Formula::PageOffset,
            field: IMMEDIATE_12_BY_8,
            range: ValueRange::Any,
            value_alignment: Alignment::EIGHT,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Aarch64(Aarch64Kind::GotPageOffset12),
            }),
        }
        /// The distance of the target's GOT entry from the page of the GOT's start, in a load.
        RequestGotTableOffset15 => {
            formula: Formula::TablePageRelative,
            field: IMMEDIATE_15_BY_8,
            range: ValueRange::Unsigned(15),
            value_alignment: Alignment::EIGHT,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Aarch64(Aarch64Kind::GotTableOffset15),
            }),
        }
        /// The distance to the target's GOT entry, in four bytes of data.
        RequestGotDelta32 => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Data(DataKind::Delta32),
            }),
        }
        /// The distance to the target's GOT entry, in a literal load.
        RequestGotLoadLiteral19 => {
            formula: Formula::Relative,
            field: IMMEDIATE_19,
            range: ValueRange::Signed(21),
            value_alignment: Alignment::FOUR,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Aarch64(Aarch64Kind::LoadLiteral19),
            }),
        }
    }
}
