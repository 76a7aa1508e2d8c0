//! The fix-up: a row and its operands become bytes. The only place that writes a relocation.

use core::fmt;

use crate::base::{Alignment, TargetAddr, int};
use crate::edge::{Field, Formula, KindRow, Plain, PlainWord, Rewrite, ValueRange};

use super::relax;

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
    /// The instruction there has no such field.
    WrongInstruction {
        /// What is there.
        word: u32,
        /// What has the field.
        expected: &'static str,
    },
    /// The field passes the end of the bytes.
    OutOfBytes,
    /// It is computed from the size of a symbol, which is [larger than is told](crate::graph::Symbol::LARGEST_SIZE).
    UnknownSize,
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
            Self::WrongInstruction { word, expected } => {
                write!(formatter, "the instruction {word:#010x} is not {expected}")
            }
            Self::OutOfBytes => formatter.write_str("the field passes the end of its block"),
            Self::UnknownSize => formatter.write_str("sizes above 0xfffffffe bytes are not kept"),
        }
    }
}

/// Does what [`fix_up`] does, for plain kinds that write whole words, and values that fit; if the value does not, it does
/// nothing, and tells so. `sum` is S + A.
#[inline]
pub(crate) fn fix_up_word(
    word: PlainWord,
    sum: TargetAddr,
    place: TargetAddr,
    bytes: &mut [u8],
    offset: usize,
) -> bool {
    match word {
        PlainWord::Distance32 => match i32::try_from(sum.wrapping_distance_from(place)) {
            Ok(value) => write_at(bytes, offset, value.to_le_bytes()),
            Err(_) => false,
        },
        PlainWord::Address64 => write_at(bytes, offset, sum.value().to_le_bytes()),
    }
}

/// The same for plain kinds that write bits of an instruction, and instructions that have them.
#[inline]
pub(crate) fn fix_up_instruction(
    row: &KindRow,
    sum: TargetAddr,
    place: TargetAddr,
    bytes: &mut [u8],
    offset: usize,
) -> bool {
    let (Some(Plain::Instruction), Field::Instruction(instruction)) = (row.plain, row.field) else {
        return false;
    };
    let value = match row.formula {
        Formula::Absolute => sum.value().cast_signed(),
        Formula::Relative => sum.wrapping_distance_from(place),
        Formula::PageRelative => page_of(sum).wrapping_distance_from(page_of(place)),
        Formula::PageOffset => sum.wrapping_distance_from(page_of(sum)),
        _ => return false,
    };
    let Some(field) = bytes.get_mut(offset..).and_then(<[u8]>::first_chunk_mut) else {
        return false;
    };
    let word = u32::from_le_bytes(*field);
    if !row.takes(value) || !instruction.is_in(word) {
        return false;
    }
    let word = instruction.write(int::widen_u32(word), value.cast_unsigned());
    *field = int::low_u32(word).to_le_bytes();
    true
}

/// Writes bytes at a place, if they end within what is there.
#[inline]
fn write_at<const SIZE: usize>(bytes: &mut [u8], offset: usize, value: [u8; SIZE]) -> bool {
    let end = offset.saturating_add(SIZE);
    match bytes.get_mut(offset..end) {
        Some(field) => {
            field.copy_from_slice(&value);
            true
        }
        None => false,
    }
}

/// Computes the value of `row` and writes it `offset` bytes into `bytes`, those of a block; a relaxed kind changes the
/// instruction around it first.
///
/// # Errors
/// The value doesn't fit, or the instruction there is not one that holds it.
pub fn fix_up(
    row: &KindRow,
    operands: &Operands,
    bytes: &mut [u8],
    offset: usize,
) -> Result<(), FixUpFault> {
    let value = checked_value(row, operands)?;
    if row.rewrite != Rewrite::None {
        relax::rewrite(row.rewrite, bytes, offset)?;
    }
    let bytes = bytes.get_mut(offset..).ok_or(FixUpFault::OutOfBytes)?;
    write(row.field, value.cast_unsigned(), bytes)
}

/// Whether the value of `row` may be written.
pub fn fits(row: &KindRow, operands: &Operands) -> bool {
    checked_value(row, operands).is_ok()
}

fn checked_value(row: &KindRow, operands: &Operands) -> Result<i64, FixUpFault> {
    let value = value_of(row.formula, operands);
    match row.takes(value) {
        true => Ok(value),
        false => Err(fault_of(row, value)),
    }
}

/// Why a value can't be written.
#[cold]
fn fault_of(row: &KindRow, value: i64) -> FixUpFault {
    if row.allows(value) {
        return FixUpFault::Misaligned {
            value,
            alignment: row.value_alignment,
        };
    }
    FixUpFault::OutOfRange {
        value,
        range: row.range,
    }
}

/// The number of the one module that a link makes. Source: Drepper, ELF Handling for Thread-Local Storage, 2: modules are
/// numbered from 1, the program itself.
const MODULE: i64 = 1;

fn value_of(formula: Formula, operands: &Operands) -> i64 {
    let Operands {
        place,
        target,
        addend,
        size_bytes,
        table,
        thread_pointer,
        thread_block,
    } = *operands;
    let sum = target.wrapping_offset(addend);
    match formula {
        Formula::Nothing => 0,
        Formula::Absolute => sum.value().cast_signed(),
        Formula::Relative => sum.wrapping_distance_from(place),
        Formula::NegativeRelative => place.wrapping_distance_from(target).wrapping_add(addend),
        Formula::PageRelative => page_of(sum).wrapping_distance_from(page_of(place)),
        Formula::PageOffset => sum.wrapping_distance_from(page_of(sum)),
        Formula::TableRelative => sum.wrapping_distance_from(table),
        Formula::TablePageRelative => sum.wrapping_distance_from(page_of(table)),
        Formula::Size => size_bytes.cast_signed().wrapping_add(addend),
        Formula::ThreadOffset => sum.wrapping_distance_from(thread_pointer),
        Formula::ThreadBlockOffset => sum.wrapping_distance_from(thread_block),
        Formula::ThreadModule => MODULE,
    }
}

fn page_of(address: TargetAddr) -> TargetAddr {
    address.align_down(Alignment::PAGE)
}

fn write(field: Field, value: u64, bytes: &mut [u8]) -> Result<(), FixUpFault> {
    match field {
        Field::Empty => {}
        Field::Byte => *chunk(bytes)? = [int::low_u8(value)],
        Field::Half => *chunk(bytes)? = int::low_u16(value).to_le_bytes(),
        Field::Word => *chunk(bytes)? = int::low_u32(value).to_le_bytes(),
        Field::Double => *chunk(bytes)? = value.to_le_bytes(),
        Field::SecondDouble => {
            let (_, second) = chunk::<16>(bytes)?.split_at_mut(8);
            *chunk(second)? = value.to_le_bytes();
        }
        Field::Instruction(instruction) => {
            let chunk = chunk(bytes)?;
            let word = u32::from_le_bytes(*chunk);
            if !instruction.is_in(word) {
                return Err(FixUpFault::WrongInstruction {
                    word,
                    expected: instruction.name,
                });
            }
            let word = instruction.write(int::widen_u32(word), value);
            *chunk = int::low_u32(word).to_le_bytes();
        }
    }
    Ok(())
}

fn chunk<const N: usize>(bytes: &mut [u8]) -> Result<&mut [u8; N], FixUpFault> {
    bytes.first_chunk_mut().ok_or(FixUpFault::OutOfBytes)
}

#[cfg(test)]
mod tests {
    use super::{FixUpFault, Operands, fix_up, fix_up_instruction};
    use crate::base::TargetAddr;
    use crate::edge::{Aarch64Kind, DataKind, Field, KindRow, Plain, X86_64Kind};
    use std::string::ToString;

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
        let far = instruction(row, 0x9400_0000, operands(0, 0x800_0000, 0));
        assert!(matches!(
            far,
            Err(FixUpFault::OutOfRange {
                value: 0x800_0000,
                ..
            })
        ));
        let odd = instruction(row, 0x9400_0000, operands(0, 2, 0));
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
        // movk x0, #0, lsl #(16 * quarter)
        let quarter = |kind: Aarch64Kind, word| instruction(kind.row(), word, target).unwrap();
        assert_eq!(
            quarter(Aarch64Kind::MoveWide0Unchecked, 0xf280_0000),
            0xf280_0000 | 0xdef0 << 5
        );
        assert_eq!(
            quarter(Aarch64Kind::MoveWide1Unchecked, 0xf2a0_0000),
            0xf2a0_0000 | 0x9abc << 5
        );
        assert_eq!(
            quarter(Aarch64Kind::MoveWide2Unchecked, 0xf2c0_0000),
            0xf2c0_0000 | 0x5678 << 5
        );
        assert_eq!(
            quarter(Aarch64Kind::MoveWide3, 0xf2e0_0000),
            0xf2e0_0000 | 0x1234 << 5
        );
        let checked = instruction(Aarch64Kind::MoveWide2.row(), 0xf2c0_0000, target);
        assert!(matches!(checked, Err(FixUpFault::OutOfRange { .. })));
    }

    #[test]
    fn a_signed_move_holds_a_quarter_and_a_sign() {
        let rows = [
            (Aarch64Kind::MoveWideSigned0, 0xd280_0000, 16),
            (Aarch64Kind::MoveWideSigned1, 0xd2a0_0000, 32),
            (Aarch64Kind::MoveWideSigned2, 0xd2c0_0000, 48),
        ];
        for (kind, word, bits) in rows {
            let signed = |value: i64| {
                let operands = operands(0, value.cast_unsigned(), 0);
                instruction(kind.row(), word, operands)
            };
            // movz and movn of 0xffff
            assert_eq!(signed((1 << bits) - 1), Ok(word | 0xffff << 5), "{kind:?}");
            assert_eq!(signed(-(1 << bits)), Ok(word & !(1 << 30) | 0xffff << 5));
            assert!(signed(1 << bits).is_err(), "{kind:?}");
            assert!(signed(-(1 << bits) - 1).is_err(), "{kind:?}");
        }
    }

    #[test]
    fn a_distance_is_built_of_a_signed_quarter_and_plain_ones() {
        // -0x1_2345 from place to target
        let back = operands(0x2_0000, 0x2_0000 - 0x1_2345, 0);
        let high = instruction(Aarch64Kind::DeltaMoveWide1.row(), 0xd2a0_0000, back);
        assert_eq!(high, Ok(0x92a0_0000 | 0x1 << 5)); // movn x0, #1, lsl #16
        let low = instruction(
            Aarch64Kind::DeltaMoveWide0Unchecked.row(),
            0xf280_0000,
            back,
        );
        assert_eq!(low, Ok(0xf280_0000 | 0xdcbb << 5)); // movk x0, #0xdcbb
        let top = instruction(Aarch64Kind::DeltaMoveWide3.row(), 0xd2e0_0000, back);
        assert_eq!(top, Ok(0x92e0_0000)); // movn x0, #0, lsl #48
    }

    #[test]
    fn what_is_written_plainly_into_an_instruction_is_what_is_written_otherwise() {
        let mut written = 0;
        let rows = Aarch64Kind::ALL.iter().map(|kind| kind.row());
        for row in rows.filter(|row| row.plain == Some(Plain::Instruction)) {
            let Field::Instruction(instruction) = row.field else {
                panic!("{} is no instruction", row.name)
            };
            let words = instruction.forms.iter().map(|form| form.bits);
            for word in words.flat_map(|bits| [bits, bits | 0x1f, !bits]) {
                for target in [0_u64, 0x1008, 0x1_2344, 0x800_1000, 0x1234_5678_9abc_def0] {
                    for addend in [0, 3, 8, -4, -0x1_0000, i64::MAX] {
                        let operands = operands(0x1004, target, addend);
                        let (mut bytes, mut plain) = (word.to_le_bytes(), word.to_le_bytes());
                        let fixed = fix_up(row, &operands, &mut bytes, 0);
                        let sum = operands.target.wrapping_offset(addend);
                        let is_written =
                            fix_up_instruction(row, sum, operands.place, &mut plain, 0);
                        assert_eq!((is_written, plain), (fixed.is_ok(), bytes), "{}", row.name);
                        written += u32::from(is_written);
                    }
                }
            }
        }
        assert!(written > 500, "{written}");
    }

    #[test]
    fn an_instruction_that_does_not_fit_is_named_with_what_would() {
        let load = Aarch64Kind::PageOffset12By8.row();
        let fault = instruction(load, 0xb940_0000, operands(0, 0x1000, 0)).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the instruction 0xb9400000 is not a load or store of 8 bytes"
        );
        let unshifted = Aarch64Kind::MoveWide1Unchecked.row();
        assert!(matches!(
            instruction(unshifted, 0xf280_0000, operands(0, 0, 0)),
            Err(FixUpFault::WrongInstruction {
                word: 0xf280_0000,
                ..
            })
        ));
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
    fn offsets_of_thread_local_storage_count_from_thread_pointer_and_block() {
        // The thread pointer stands at 0xa000, the block starts at 0xb000.
        let double = |kind: DataKind, target| {
            let mut bytes = [0; 8];
            fix_up(kind.row(), &operands(0, target, 4), &mut bytes, 0).unwrap();
            i64::from_le_bytes(bytes)
        };
        assert_eq!(double(DataKind::ThreadOffset64, 0x9ff0), -12);
        assert_eq!(double(DataKind::ThreadBlockOffset64, 0xb010), 0x14);
        assert_eq!(double(DataKind::ThreadModule64, 0xb010), 1);
    }

    #[test]
    fn a_descriptor_takes_an_offset_and_keeps_its_function() {
        let mut bytes = [0x11; 16];
        let row = DataKind::ThreadDescriptor.row();
        fix_up(row, &operands(0, 0xa020, 0), &mut bytes, 0).unwrap();
        assert_eq!(bytes[..8], [0x11; 8]);
        assert_eq!(bytes[8..], 0x20_u64.to_le_bytes());
        let cut = fix_up(row, &operands(0, 0xa020, 0), &mut bytes[1..], 0);
        assert_eq!(cut, Err(FixUpFault::OutOfBytes));
    }

    #[test]
    fn a_thread_offset_is_built_of_two_additions_up_to_16_mebibytes() {
        let high = Aarch64Kind::ThreadOffsetAddHigh12.row();
        let low = Aarch64Kind::ThreadOffsetAdd12Unchecked.row();
        // add x1, x2, #0, lsl #12 ; add x1, x1, #0
        let offset = |row, word, offset: i64| instruction(row, word, operands(0, 0xa000, offset));
        assert_eq!(
            offset(high, 0x9140_0041, 0xff_ffff),
            Ok(0x9140_0041 | 0xfff << 10)
        );
        assert_eq!(
            offset(low, 0x9100_0021, 0xff_f123),
            Ok(0x9100_0021 | 0x123 << 10)
        );
        assert!(offset(high, 0x9140_0041, 0x100_0000).is_err());
        assert!(offset(high, 0x9140_0041, -1).is_err());
        let checked = Aarch64Kind::ThreadOffsetAdd12.row();
        assert!(offset(checked, 0x9100_0021, 0xfff).is_ok());
        assert!(offset(checked, 0x9100_0021, 0x1000).is_err());
    }

    #[test]
    fn a_thread_local_load_counts_in_what_it_loads() {
        let load = Aarch64Kind::ThreadBlockOffset12By4.row();
        let at = |offset| instruction(load, 0xb940_0041, operands(0, 0xb000, offset));
        assert_eq!(at(0xffc), Ok(0xb940_0041 | 0x3ff << 10));
        assert!(matches!(at(0x1000), Err(FixUpFault::OutOfRange { .. })));
        assert!(matches!(at(2), Err(FixUpFault::Misaligned { .. })));
    }

    #[test]
    fn a_distance_back_is_positive() {
        let row = DataKind::NegativeDelta32.row();
        assert_eq!(instruction(row, 0, operands(0x1024, 0x1000, 0)), Ok(0x24));
        assert_eq!(instruction(row, 0, operands(0x1024, 0x1000, 4)), Ok(0x28));
        let farthest = operands(0x7fff_ffff, 0, 0);
        assert_eq!(instruction(row, 0, farthest), Ok(0x7fff_ffff));
        assert!(instruction(row, 0, operands(0x8000_0000, 0, 0)).is_err());
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
