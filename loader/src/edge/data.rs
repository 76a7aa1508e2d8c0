//! Kinds that write a whole word of data, alike on all machines.

use crate::base::Alignment;

use super::{Field, Formula, ValueRange, kinds};

kinds! {
    /// A kind that writes a whole word of data.
    pub enum DataKind {
        /// Nothing: keeps its target alive, no more.
        KeepAlive => {
            formula: Formula::Nothing,
            field: Field::Empty,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// An address in eight bytes.
        Pointer64 => {
            formula: Formula::Absolute,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// An address in four bytes that its reader extends by zeros.
        Pointer32 => {
            formula: Formula::Absolute,
            field: Field::Word,
            range: ValueRange::Unsigned(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// An address in four bytes that its reader extends by its sign.
        Pointer32Signed => {
            formula: Formula::Absolute,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// An address in four bytes that may be read either way.
        Pointer32Either => {
            formula: Formula::Absolute,
            field: Field::Word,
            range: ValueRange::Either(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// An address in two bytes.
        Pointer16 => {
            formula: Formula::Absolute,
            field: Field::Half,
            range: ValueRange::Either(16),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// An address in one byte.
        Pointer8 => {
            formula: Formula::Absolute,
            field: Field::Byte,
            range: ValueRange::Either(8),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance to the target in eight bytes.
        Delta64 => {
            formula: Formula::Relative,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance to the target in four bytes.
        Delta32 => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance to the target in four bytes that may be read as signed or unsigned.
        Delta32Either => {
            formula: Formula::Relative,
            field: Field::Word,
            range: ValueRange::Either(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance to the target in two bytes.
        Delta16 => {
            formula: Formula::Relative,
            field: Field::Half,
            range: ValueRange::Signed(16),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance to the target in two bytes that may be read as signed or unsigned.
        Delta16Either => {
            formula: Formula::Relative,
            field: Field::Half,
            range: ValueRange::Either(16),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance to the target in one byte.
        Delta8 => {
            formula: Formula::Relative,
            field: Field::Byte,
            range: ValueRange::Signed(8),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance from the GOT's start to the target in eight bytes.
        TableDelta64 => {
            formula: Formula::TableRelative,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The distance from the GOT's start to the target in four bytes.
        TableDelta32 => {
            formula: Formula::TableRelative,
            field: Field::Word,
            range: ValueRange::Signed(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The target's size in eight bytes.
        Size64 => {
            formula: Formula::Size,
            field: Field::Double,
            range: ValueRange::Any,
            value_alignment: Alignment::ONE,
            request: None,
        }
        /// The target's size in four bytes.
        Size32 => {
            formula: Formula::Size,
            field: Field::Word,
            range: ValueRange::Unsigned(32),
            value_alignment: Alignment::ONE,
            request: None,
        }
    }
}
