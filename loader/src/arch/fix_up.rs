//! The fix-up: a row and its operands become bytes. The only place that writes a relocation.

use core::fmt;

use crate::base::{Alignment, TargetAddr, int};
use crate::edge::{Field, Formula, KindRow, Rewrite, ValueRange};

use super::rewrite;

/// What a fixup's value is computed from, with the ABIs' letters.
#[derive(Clone, Copy, Debug)]
pub struct Operands {
    /// P: the address of the fixup.
    pub place: TargetAddr,
    /// S: the address of the target.
    pub target: TargetAddr,
    /// A: the addend.
    pub addend: i64,
    /// Z: the target's size in bytes.
    pub size_bytes: u64,
    /// GOT: the start of the global offset table; anything if the formula doesn't ask for it.
    pub table: TargetAddr,
    /// TP: the thread pointer that goes with the static block of thread-local storage; anything if there is none.
    pub thread_pointer: TargetAddr,
    /// The start of that block.
    pub thread_block: TargetAddr,
}

/// Why a value can't be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FixUpFault {
    /// It doesn't fit.
    OutOfRange {
        /// The value.
        value: i64,
        /// The values that fit.
        range: ValueRange,
    },
    /// It is no multiple of what the instruction counts in.
    Misaligned {
        /// The value.
        value: i64,
        /// What it must be a multiple of.
        alignment: Alignment,
    },
    /// The field passes the end of the bytes.
    OutOfBytes,
}

impl fmt::Display for FixUpFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { value, range } => {
                write!(formatter, "value {value} is outside of {range}")
            }
            Self::Misaligned { value, alignment } => {
                write!(formatter, "value {value:#x} is no multiple of {alignment}")
            }
            Self::OutOfBytes => formatter.write_str("the field passes the end of its block"),
        }
    }
}

/// Computes the value of `row` and writes it `offset` bytes into `bytes`, those of a block; a relaxed kind changes the
/// instruction around it first.
///
/// # Errors
/// The value doesn't fit; nothing is written then.
pub fn fix_up(
    row: &KindRow,
    operands: &Operands,
    bytes: &mut [u8],
    offset: usize,
) -> Result<(), FixUpFault> {
    let value = value_of(row.formula, operands);
    if !row.range.contains(value) {
        return Err(FixUpFault::OutOfRange {
            value,
            range: row.range,
        });
    }
    if !row.value_alignment.divides(value.cast_unsigned()) {
        return Err(FixUpFault::Misaligned {
            value,
            alignment: row.value_alignment,
        });
    }
    if row.rewrite != Rewrite::None {
        rewrite::rewrite(row.rewrite, bytes, offset)?;
    }
    let bytes = bytes.get_mut(offset..).ok_or(FixUpFault::OutOfBytes)?;
    write(row.field, value.cast_unsigned(), bytes).ok_or(FixUpFault::OutOfBytes)
}

fn value_of(formula: Formula, operands: &Operands) -> i64 {
    let Operands {
        place,
        target,
        addend,
        size_bytes,
        table,
        ..
    } = *operands;
    let sum = target.wrapping_offset(addend);
    match formula {
        Formula::Nothing => 0,
        Formula::Absolute => sum.value().cast_signed(),
        Formula::Relative => sum.wrapping_distance_from(place),
        Formula::PageRelative => page_of(sum).wrapping_distance_from(page_of(place)),
        Formula::PageOffset => sum.wrapping_distance_from(page_of(sum)),
        Formula::TableRelative => sum.wrapping_distance_from(table),
        Formula::TablePageRelative => sum.wrapping_distance_from(page_of(table)),
        Formula::Size => size_bytes.cast_signed().wrapping_add(addend),
    }
}

fn page_of(address: TargetAddr) -> TargetAddr {
    address.align_down(Alignment::PAGE)
}

fn write(field: Field, value: u64, bytes: &mut [u8]) -> Option<()> {
    match field {
        Field::Empty => {}
        Field::Byte => *bytes.first_mut()? = int::low_u8(value),
        Field::Half => *bytes.first_chunk_mut()? = int::low_u16(value).to_le_bytes(),
        Field::Word => *bytes.first_chunk_mut()? = int::low_u32(value).to_le_bytes(),
        Field::Double => *bytes.first_chunk_mut()? = value.to_le_bytes(),
        Field::Instruction(_) => {
            let chunk = bytes.first_chunk_mut()?;
            let before = int::widen_u32(u32::from_le_bytes(*chunk));
            *chunk = int::low_u32(field.write(before, value)).to_le_bytes();
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{FixUpFault, Operands, fix_up};
    use crate::base::TargetAddr;
    use crate::edge::{Aarch64Kind, DataKind, KindRow, X86_64Kind};

    fn operands(place: u64, target: u64, addend: i64) -> Operands {
        let place = TargetAddr::new(place);
        let target = TargetAddr::new(target);
        Operands {
            place,
            target,
            addend,
            size_bytes: 24,
            table: TargetAddr::new(0x9000),
            thread_pointer: TargetAddr::new(0xa000),
            thread_block: TargetAddr::new(0xb000),
        }
    }

    fn instruction(row: &KindRow, before: u32, operands: Operands) -> Result<u32, FixUpFault> {
        let mut bytes = before.to_le_bytes();
        fix_up(row, &operands, &mut bytes, 0).map(|()| u32::from_le_bytes(bytes))
    }

    #[test]
    fn a_call_counts_from_its_own_end() {
        let row = X86_64Kind::Branch32.row();
        assert_eq!(instruction(row, 0, operands(0x1001, 0x1100, -4)), Ok(0xfb));
    }

    #[test]
    fn distances_hold_at_both_ends_and_no_further() {
        let row = DataKind::Delta32.row();
        assert_eq!(
            instruction(row, 0, operands(0, 0x7fff_ffff, 0)),
            Ok(0x7fff_ffff)
        );
        assert!(instruction(row, 0, operands(0, 0x8000_0000, 0)).is_err());
        assert_eq!(
            instruction(row, 0, operands(0x8000_0000, 0, 0)),
            Ok(0x8000_0000)
        );
        assert!(instruction(row, 0, operands(0x8000_0001, 0, 0)).is_err());
    }

    #[test]
    fn a_branch_and_link_holds_words() {
        let row = Aarch64Kind::Branch26.row();
        // bl .+0x1000
        assert_eq!(
            instruction(row, 0x9400_0000, operands(0x4000, 0x5000, 0)),
            Ok(0x9400_0400)
        );
        // bl .-4
        assert_eq!(
            instruction(row, 0x9400_0000, operands(0x4004, 0x4000, 0)),
            Ok(0x97ff_ffff)
        );
        let far = instruction(row, 0, operands(0, 0x800_0000, 0));
        assert!(matches!(
            far,
            Err(FixUpFault::OutOfRange {
                value: 0x800_0000,
                ..
            })
        ));
        let odd = instruction(row, 0, operands(0, 2, 0));
        assert!(matches!(odd, Err(FixUpFault::Misaligned { value: 2, .. })));
    }

    #[test]
    fn a_far_address_is_built_of_page_and_offset() {
        let target = operands(0x40_0123_4000, 0x40_1357_9bd8, 0);
        // adrp x0, . ; ldr x0, [x0, #0]
        let page = instruction(Aarch64Kind::Page21.row(), 0x9000_0000, target).unwrap();
        let load = instruction(Aarch64Kind::PageOffset12By8.row(), 0xf940_0000, target).unwrap();
        // 0x12345 pages: immlo 1, immhi 0x48d1
        assert_eq!(page, 0xb009_1a20);
        assert_eq!(load, 0xf940_0000 | (0xbd8 / 8) << 10);
    }

    #[test]
    fn an_address_is_built_of_four_quarters() {
        let target = operands(0, 0x1234_5678_9abc_def0, 0);
        let quarter = |kind: Aarch64Kind| instruction(kind.row(), 0xf280_0000, target).unwrap();
        assert_eq!(
            quarter(Aarch64Kind::MoveWide0Unchecked),
            0xf280_0000 | 0xdef0 << 5
        );
        assert_eq!(
            quarter(Aarch64Kind::MoveWide1Unchecked),
            0xf280_0000 | 0x9abc << 5
        );
        assert_eq!(
            quarter(Aarch64Kind::MoveWide2Unchecked),
            0xf280_0000 | 0x5678 << 5
        );
        assert_eq!(quarter(Aarch64Kind::MoveWide3), 0xf280_0000 | 0x1234 << 5);
        let checked = instruction(Aarch64Kind::MoveWide2.row(), 0xf280_0000, target);
        assert!(matches!(checked, Err(FixUpFault::OutOfRange { .. })));
    }

    #[test]
    fn table_relative_and_size_values_are_told_from_their_operands() {
        let mut bytes = [0; 8];
        fix_up(
            DataKind::TableDelta64.row(),
            &operands(0, 0x9008, 4),
            &mut bytes,
            0,
        )
        .unwrap();
        assert_eq!(u64::from_le_bytes(bytes), 12);
        fix_up(DataKind::Size64.row(), &operands(0, 0, 1), &mut bytes, 0).unwrap();
        assert_eq!(u64::from_le_bytes(bytes), 25);
    }

    #[test]
    fn a_field_past_the_end_is_an_error() {
        let fault = fix_up(
            DataKind::Pointer64.row(),
            &operands(0, 0, 0),
            &mut [0; 7],
            0,
        );
        assert_eq!(fault, Err(FixUpFault::OutOfBytes));
    }
}
