//! AArch64: LLVM's numbers are the fields of the encoding, not scaled; which of them there are depends on the
//! instruction, and that the disassembler tells.
//!
//! Source: Arm Architecture Reference Manual, C4.1 "A64 instruction set encoding".

use std::format;
use std::vec::Vec;

use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::{InstDecoder, Instruction as Decoded, Opcode, Operand as Part};

use super::Instruction;
use super::Operand::{self, Immediate, Register};

/// The length of each instruction, in bytes.
const SIZE: usize = 4;

/// Decodes the instruction that the bytes begin with; `None` if they begin with none.
pub(in super::super) fn decode(bytes: &[u8]) -> Option<Instruction> {
    let word = bytes.first_chunk::<SIZE>()?;
    let decoded = InstDecoder::default()
        .decode(&mut U8Reader::new(word))
        .ok()?;
    Some(Instruction {
        size: SIZE.try_into().ok()?,
        name: format!("`{}`", decoded.opcode),
        operands: operands(&decoded, Word(u32::from_le_bytes(*word))),
    })
}

/// An instruction's encoding.
#[derive(Clone, Copy)]
struct Word(u32);

impl Word {
    /// The field from bit `low`, of so many bits.
    fn field(self, low: u32, bits: u32) -> Operand {
        Immediate(i64::from((self.0 >> low) & ((1 << bits) - 1)))
    }

    /// The same, its sign extended.
    fn signed(self, low: u32, bits: u32) -> Operand {
        let above = u32::BITS - bits;
        Immediate(i64::from((self.0 >> low << above).cast_signed() >> above))
    }

    /// The distance of ADR and ADRP, whose two lowest bits stand apart.
    fn page_distance(self) -> Operand {
        const BITS: u32 = 21;
        let whole = (self.0 >> 5 & 0x7_ffff) << 2 | self.0 >> 29 & 3;
        Self(whole).signed(0, BITS)
    }

    /// The field times a number.
    fn times(self, low: u32, bits: u32, factor: i64) -> Operand {
        match self.field(low, bits) {
            Immediate(number) => Immediate(number * factor),
            Register => Register,
        }
    }

    /// How a second source is shifted: the way above six bits of the distance.
    fn shift(self) -> Operand {
        Immediate(i64::from((self.0 >> 22 & 3) << 6 | self.0 >> 10 & 0x3f))
    }
}

/// The operands in LLVM's order; `None` for instructions whose order isn't known here.
fn operands(decoded: &Decoded, word: Word) -> Option<Vec<Operand>> {
    let list: &[Operand] = match decoded.opcode {
        Opcode::B | Opcode::BL => &[word.signed(0, 26)],
        Opcode::Bcc(_) => &[word.field(0, 4), word.signed(5, 19)],
        Opcode::CBZ | Opcode::CBNZ => &[Register, word.signed(5, 19)],
        Opcode::TBZ | Opcode::TBNZ => &[Register, tested_bit(word), word.signed(5, 14)],
        Opcode::BR | Opcode::BLR | Opcode::RET => &[Register],
        // LLVM knows NOP by a name of its own.
        Opcode::HINT if word.field(5, 7) == Immediate(0) => &[],
        Opcode::HINT => &[word.field(5, 7)],
        Opcode::SVC | Opcode::BRK => &[word.field(5, 16)],
        Opcode::ADR | Opcode::ADRP => &[Register, word.page_distance()],
        Opcode::MOVZ | Opcode::MOVN => &[Register, word.field(5, 16), word.times(21, 2, 16)],
        Opcode::MOVK => &[Register, Register, word.field(5, 16), word.times(21, 2, 16)],
        Opcode::UBFM | Opcode::SBFM => &[Register, Register, word.field(16, 6), word.field(10, 6)],
        Opcode::BFM => &[
            Register,
            Register,
            Register,
            word.field(16, 6),
            word.field(10, 6),
        ],
        Opcode::EXTR => &[Register, Register, Register, word.field(10, 6)],
        Opcode::CSEL | Opcode::CSINC | Opcode::CSINV | Opcode::CSNEG => {
            &[Register, Register, Register, word.field(12, 4)]
        }
        Opcode::MADD | Opcode::MSUB => &[Register; 4],
        Opcode::ADD | Opcode::ADDS | Opcode::SUB | Opcode::SUBS => return sum(decoded, word),
        Opcode::AND
        | Opcode::ANDS
        | Opcode::ORR
        | Opcode::EOR
        | Opcode::ORN
        | Opcode::EON
        | Opcode::BIC
        | Opcode::BICS => return logic(decoded, word),
        _ => return access(decoded, word),
    };
    Some(list.to_vec())
}

/// The bit that TBZ and TBNZ look at, whose highest bit stands apart.
fn tested_bit(word: Word) -> Operand {
    Immediate(i64::from(word.0 >> 31 << 5 | word.0 >> 19 & 0x1f))
}

/// Addition and subtraction.
fn sum(decoded: &Decoded, word: Word) -> Option<Vec<Operand>> {
    const EXTENDED: u32 = 1 << 21;
    let list: &[Operand] = match decoded.operands {
        [Part::SIMDRegister(..) | Part::SIMDRegisterElements(..), ..] => return None,
        [_, _, Part::Register(..) | Part::RegShift(..), _] if word.0 & EXTENDED != 0 => {
            &[Register, Register, Register, word.field(10, 6)]
        }
        [_, _, Part::Register(..) | Part::RegShift(..), _] => {
            &[Register, Register, Register, word.shift()]
        }
        _ => &[
            Register,
            Register,
            word.field(10, 12),
            word.times(22, 1, 12),
        ],
    };
    Some(list.to_vec())
}

/// Logic: an immediate is the pattern of bits as the encoding has it.
fn logic(decoded: &Decoded, word: Word) -> Option<Vec<Operand>> {
    let list: &[Operand] = match decoded.operands {
        [Part::SIMDRegister(..) | Part::SIMDRegisterElements(..), ..] => return None,
        [_, _, Part::Register(..) | Part::RegShift(..), _] => {
            &[Register, Register, Register, word.shift()]
        }
        _ => &[Register, Register, word.field(10, 13)],
    };
    Some(list.to_vec())
}

/// Loads and stores. A base that changes stands first, as a result; the base stands after what is loaded or stored.
fn access(decoded: &Decoded, word: Word) -> Option<Vec<Operand>> {
    const UNSIGNED_OFFSET: u32 = 1 << 24;
    let mut list = Vec::new();
    let pair = match decoded.opcode {
        Opcode::LDP | Opcode::STP | Opcode::LDPSW | Opcode::LDNP | Opcode::STNP => true,
        Opcode::LDR
        | Opcode::LDRB
        | Opcode::LDRH
        | Opcode::LDRSB
        | Opcode::LDRSH
        | Opcode::LDRSW
        | Opcode::STR
        | Opcode::STRB
        | Opcode::STRH
        | Opcode::LDUR
        | Opcode::LDURB
        | Opcode::LDURH
        | Opcode::LDURSB
        | Opcode::LDURSH
        | Opcode::LDURSW
        | Opcode::STUR
        | Opcode::STURB
        | Opcode::STURH => false,
        _ => return None,
    };
    let place = if pair { 2 } else { 1 };
    let changes_base = match decoded.operands.get(place)? {
        Part::RegPreIndex(_, _, changes_base) => *changes_base,
        Part::RegPostIndex(..) => true,
        Part::PCOffset(_) => return Some([Register, word.signed(5, 19)].to_vec()),
        Part::RegRegOffset(..) => {
            let (is_signed, is_shifted) = (word.field(15, 1), word.field(12, 1));
            return Some([Register, Register, Register, is_signed, is_shifted].to_vec());
        }
        _ => return None,
    };
    if changes_base {
        list.push(Register);
    }
    list.push(Register);
    if pair {
        list.push(Register);
    }
    list.push(Register);
    list.push(if pair {
        word.signed(15, 7)
    } else if word.0 & UNSIGNED_OFFSET != 0 {
        word.field(10, 12)
    } else {
        word.signed(12, 9)
    });
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::super::Operand::{self, Immediate, Register};
    use super::decode;

    #[track_caller]
    fn is(word: u32, expected: &[Operand]) {
        let instruction = decode(&word.to_le_bytes()).unwrap();
        assert_eq!(instruction.size, 4);
        assert_eq!(instruction.operands.as_deref(), Some(expected));
    }

    #[test]
    fn a_branch_is_its_distance_in_instructions() {
        is(0x9400_0001, &[Immediate(1)]); // bl .+4
        is(0x17ff_ffff, &[Immediate(-1)]); // b .-4
        is(0x5480_0001, &[Immediate(1), Immediate(-0x4_0000)]); // b.ne .-0x100000
        is(0xb400_0040, &[Register, Immediate(2)]); // cbz x0, .+8
        is(0xb703_fff1, &[Register, Immediate(32), Immediate(0x1fff)]); // tbnz x17, #32, .+0x7ffc
        is(0x3604_0000, &[Register, Immediate(0), Immediate(-0x2000)]); // tbz w0, #0, .-0x8000
        is(0xd65f_03c0, &[Register]); // ret
    }

    #[test]
    fn a_page_is_its_distance_in_pages() {
        is(0x1072_3790, &[Register, Immediate(0xe_46f0)]); // adr x16, .+0xe46f0
        is(0x70ff_ffe0, &[Register, Immediate(-1)]); // adr x0, .-1
        is(0xb000_0000, &[Register, Immediate(1)]); // adrp x0, .+0x1000
        is(0x9080_0000, &[Register, Immediate(-0x10_0000)]); // adrp x0, .-0x100000000
    }

    #[test]
    fn an_offset_is_as_the_encoding_has_it() {
        is(0xf97f_fc20, &[Register, Register, Immediate(0xfff)]); // ldr x0, [x1, #32760]
        is(0x3dc0_0420, &[Register, Register, Immediate(1)]); // ldr q0, [x1, #16]
        is(0x3940_0420, &[Register, Register, Immediate(1)]); // ldrb w0, [x1, #1]
        is(0x7900_0420, &[Register, Register, Immediate(1)]); // strh w0, [x1, #2]
        is(0xf85f_8020, &[Register, Register, Immediate(-8)]); // ldur x0, [x1, #-8]
        is(0x58ff_ffe0, &[Register, Immediate(-1)]); // ldr x0, .-4
        is(0xa97f_07e0, &[Register, Register, Register, Immediate(-2)]); // ldp x0, x1, [sp, #-16]
    }

    #[test]
    fn a_base_that_changes_stands_first_as_a_result() {
        is(0xf85f_8c20, &[Register, Register, Register, Immediate(-8)]); // ldr x0, [x1, #-8]!
        is(0xf840_8420, &[Register, Register, Register, Immediate(8)]); // ldr x0, [x1], #8
        let pair = [Register, Register, Register, Register, Immediate(-2)];
        is(0xa9bf_7bfd, &pair); // stp x29, x30, [sp, #-16]!
    }

    #[test]
    fn a_register_offset_is_two_numbers() {
        let shifted = [Register, Register, Register, Immediate(0), Immediate(1)];
        is(0xf862_7820, &shifted); // ldr x0, [x1, x2, lsl #3]
        let signed = [Register, Register, Register, Immediate(1), Immediate(0)];
        is(0xf862_c820, &signed); // ldr x0, [x1, w2, sxtw]
    }

    #[test]
    fn an_immediate_stands_before_its_shift() {
        is(0xd2e2_4680, &[Register, Immediate(0x1234), Immediate(48)]); // movz x0, #0x1234, lsl #48
        is(0x92a0_0020, &[Register, Immediate(1), Immediate(16)]); // movn x0, #1, lsl #16
        let kept = [Register, Register, Immediate(0xffff), Immediate(0)];
        is(0xf29f_ffe0, &kept); // movk x0, #0xffff
        is(
            0x913f_fc20,
            &[Register, Register, Immediate(0xfff), Immediate(0)],
        ); // add x0, x1, #4095
        is(
            0xf140_043f,
            &[Register, Register, Immediate(1), Immediate(12)],
        ); // cmp x1, #1, lsl #12
        is(0x9240_1c20, &[Register, Register, Immediate(0x1007)]); // and x0, x1, #0xff
        let shifted = [Register, Register, Register, Immediate(0x43)];
        is(0x8b42_0c20, &shifted); // add x0, x1, x2, lsr #3
        let extended = [Register, Register, Register, Immediate(0x12)];
        is(0x8b22_4be0, &extended); // add x0, sp, w2, uxtw #2
    }

    #[test]
    fn what_has_no_order_here_is_not_numbered() {
        let vector = decode(&0x4e22_8420_u32.to_le_bytes()).unwrap(); // add v0.16b, v1.16b, v2.16b
        assert_eq!((vector.size, vector.operands), (4, None));
        assert_eq!(vector.name, "`add`");
    }

    #[test]
    fn what_is_cut_off_or_undefined_is_no_instruction() {
        assert_eq!(decode(&[0xc0, 0x03, 0x5f]), None);
        assert_eq!(decode(&u32::MAX.to_le_bytes()), None);
    }
}
