//! Kinds peculiar to x86-64.
//!
//! Peculiar: instructions hold whole little-endian words, so that only the tables that a relocation asks for tell these
//! kinds from data. A distance is counted from the end of the instruction; the addend, most often -4, makes up for it.
//! Source: System V ABI, AMD64 supplement, 4.4 "Relocation".

use crate::base::Alignment;

use super::{DataKind, EdgeKind, Field, Formula, Request, Table, ValueRange, kinds};

kinds! {
    /// A kind peculiar to x86-64.
    pub enum X86_64Kind {
        /// The distance of a call or jump, in four bytes.
        Branch32 => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance of a load of a GOT entry, in an instruction without REX prefix that may be rewritten.
        GotLoad32Relaxable => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance of a load of a GOT entry, in an instruction with REX prefix that may be rewritten.
        GotLoad32RelaxableRex => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// A call or jump that may go through a stub.
        RequestBranch32 => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Stub,
                becomes: EdgeKind::X86_64(X86_64Kind::Branch32),
            }),
        }
        /// The distance to the target's GOT entry, in four bytes.
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
        /// The distance to the target's GOT entry, in an instruction without REX prefix that may be rewritten.
        RequestGotLoad32Relaxable => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::X86_64(X86_64Kind::GotLoad32Relaxable),
            }),
        }
        /// The distance to the target's GOT entry, in an instruction with REX prefix that may be rewritten.
        RequestGotLoad32RelaxableRex => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::X86_64(X86_64Kind::GotLoad32RelaxableRex),
            }),
        }
        /// The distance to the target's GOT entry, in eight bytes.
        RequestGotDelta64 => {
            formula: Formula::Relative,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Data(DataKind::Delta64),
            }),
        }
        /// The offset of the target's GOT entry in the GOT, in eight bytes.
        RequestGotOffset64 => {
            formula: Formula::TableRelative,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Data(DataKind::TableDelta64),
            }),
        }
        /// The offset of the target's GOT entry in the GOT, in four bytes.
        RequestGotOffset32 => {
            formula: Formula::TableRelative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::Got,
                becomes: EdgeKind::Data(DataKind::TableDelta32),
            }),
        }
        /// The distance from the GOT's start to a stub for the target, in eight bytes.
        RequestStubOffset64 => {
            formula: Formula::TableRelative,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::StubAlways,
                becomes: EdgeKind::Data(DataKind::TableDelta64),
            }),
        }
        /// The distance to the GOT's start, in four bytes.
        RequestGotBaseDelta32 => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::GotBase,
                becomes: EdgeKind::Data(DataKind::Delta32),
            }),
        }
        /// The distance to the GOT's start, in eight bytes.
        RequestGotBaseDelta64 => {
            formula: Formula::Relative,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: Some(Request {
                table: Table::GotBase,
                becomes: EdgeKind::Data(DataKind::Delta64),
            }),
        }
    }
}
