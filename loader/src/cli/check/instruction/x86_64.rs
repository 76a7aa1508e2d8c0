//! x86-64: an address takes five places (base, scale, index, displacement, segment), registers that the opcode fixes
//! take none, the register that a two-address instruction changes takes two.
//!
//! Distances are those of the encoding, from the instruction's end, not the addresses that they lead to.

use std::format;
use std::string::String;
use std::vec::Vec;

use iced_x86::{
    Code, ConditionCode, Decoder, DecoderOptions, EncodingKind, InstructionInfoFactory,
    InstructionInfoOptions, Mnemonic, OpAccess, OpKind, Register,
};

use super::{Instruction, Operand};

/// Decodes the instruction that the bytes begin with; `None` if they begin with none.
pub(in super::super) fn decode(bytes: &[u8]) -> Option<Instruction> {
    let as_older = without_rex2(bytes);
    let (code, saved) = match &as_older {
        Some((older, saved)) => (older.as_slice(), *saved),
        None => (bytes, 0),
    };
    // At address 0 the address after the instruction is its length.
    let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
    let instruction = decoder.decode();
    if instruction.is_invalid() {
        return None;
    }
    Some(Instruction {
        size: instruction.next_ip() + saved,
        name: format!("`{:?}`", instruction.mnemonic()).to_lowercase(),
        operands: operands(&instruction),
    })
}

/// An instruction with the prefix REX2, which the disassembler doesn't know, as the same one of the lower sixteen
/// registers, and the bytes that this saves. Which registers they are is nothing that a rule can ask.
///
/// Source: Intel APX Architecture Specification, 3.1.2 "REX2 prefix".
fn without_rex2(bytes: &[u8]) -> Option<(Vec<u8>, u64)> {
    const REX2: u8 = 0xd5;
    const REX: u8 = 0x40;
    const SECOND_MAP: u8 = 0x80;
    let legacy = |byte: &&u8| {
        matches!(
            byte,
            0x26 | 0x2e | 0x36 | 0x3e | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3
        )
    };
    let prefixes = bytes.iter().take_while(legacy).count();
    let (before, code) = bytes.split_at(prefixes);
    let [REX2, payload, rest @ ..] = code else {
        return None;
    };
    let mut older = before.to_vec();
    older.push(REX | (payload & 0xf));
    if payload & SECOND_MAP != 0 {
        older.push(0x0f);
    }
    older.extend(rest);
    let saved = u64::from(payload & SECOND_MAP == 0);
    Some((older, saved))
}

/// The operands in LLVM's order; `None` for instructions whose order has rules of its own.
fn operands(instruction: &iced_x86::Instruction) -> Option<Vec<Operand>> {
    let masked = instruction.op_mask() != Register::None;
    if masked || instruction.is_vsib() || instruction.is_string_instruction() {
        return None;
    }
    let fixed = fixed_operands(instruction);
    let mut operands = Vec::new();
    if matches!(instruction.mnemonic(), Mnemonic::Xchg | Mnemonic::Xadd) {
        // Results stand first: the registers that change, once as results and once as sources, then an address.
        operands.extend([Operand::Register; 2]);
        match instruction.op0_kind() {
            OpKind::Memory => operands.extend(address(instruction)),
            _ if fixed.contains(&true) => {}
            _ => operands.extend([Operand::Register; 2]),
        }
        return Some(operands);
    }
    for place in 0..instruction.op_count() {
        let is_fixed = usize::try_from(place).is_ok_and(|place| fixed.get(place) == Some(&true));
        if is_fixed {
            continue;
        }
        match instruction.op_kind(place) {
            OpKind::Register if instruction.op_register(place).is_st() => return None,
            OpKind::Register => operands.push(Operand::Register),
            OpKind::Memory if is_direct(instruction.code()) => {
                operands.push(displacement(instruction));
                operands.push(Operand::Register);
            }
            OpKind::Memory => operands.extend(address(instruction)),
            OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64 => {
                let target = instruction.near_branch_target();
                let distance = target.wrapping_sub(instruction.next_ip());
                operands.push(Operand::Immediate(distance.cast_signed()));
            }
            _ => operands.push(immediate(instruction, place)?),
        }
        if place == 0 && is_two_address(instruction) {
            operands.push(Operand::Register);
        }
    }
    operands.extend(condition(instruction));
    Some(operands)
}

/// For each operand of the older encodings whether the opcode fixes it: the accumulator in the short forms, CL and 1 in
/// shifts. The names of the disassembler's codes tell: what varies is named by its kind, what is fixed by itself.
fn fixed_operands(instruction: &iced_x86::Instruction) -> Vec<bool> {
    if instruction.code().encoding() != EncodingKind::Legacy {
        return Vec::new();
    }
    let name: String = format!("{:?}", instruction.code());
    name.split('_')
        .skip(1)
        .map(|operand| matches!(operand, "AL" | "AX" | "EAX" | "RAX" | "CL" | "DX" | "1"))
        .collect()
}

/// Whether the address in the instruction is a number alone, of eight bytes.
fn is_direct(code: Code) -> bool {
    matches!(
        code,
        Code::Mov_AL_moffs8
            | Code::Mov_AX_moffs16
            | Code::Mov_EAX_moffs32
            | Code::Mov_RAX_moffs64
            | Code::Mov_moffs8_AL
            | Code::Mov_moffs16_AX
            | Code::Mov_moffs32_EAX
            | Code::Mov_moffs64_RAX
    )
}

/// Base, scale, index, displacement, segment.
fn address(instruction: &iced_x86::Instruction) -> [Operand; 5] {
    let scale = Operand::Immediate(i64::from(instruction.memory_index_scale()));
    [
        Operand::Register,
        scale,
        Operand::Register,
        displacement(instruction),
        Operand::Register,
    ]
}

/// The displacement as the encoding has it, its sign extended.
fn displacement(instruction: &iced_x86::Instruction) -> Operand {
    let whole = instruction.memory_displacement64();
    let from = match instruction.is_ip_rel_memory_operand() {
        true => instruction.next_ip(),
        false => 0,
    };
    let displacement = whole.wrapping_sub(from);
    let short = match instruction.memory_displ_size() {
        8 if !instruction.is_ip_rel_memory_operand() => None,
        _ => u32::try_from(displacement & u64::from(u32::MAX)).ok(),
    };
    Operand::Immediate(match short {
        Some(short) => i64::from(short.cast_signed()),
        None => displacement.cast_signed(),
    })
}

/// A number in the instruction: its sign is extended where it is shorter than what it is for, and of some bytes.
fn immediate(instruction: &iced_x86::Instruction, place: u32) -> Option<Operand> {
    let number = match instruction.op_kind(place) {
        OpKind::Immediate8 if has_signed_byte(instruction.mnemonic()) => {
            i64::from(instruction.immediate8().cast_signed())
        }
        OpKind::Immediate8 => i64::from(instruction.immediate8()),
        OpKind::Immediate8_2nd => i64::from(instruction.immediate8_2nd()),
        OpKind::Immediate16 => i64::from(instruction.immediate16()),
        OpKind::Immediate32 => i64::from(instruction.immediate32()),
        OpKind::Immediate64 => instruction.immediate64().cast_signed(),
        OpKind::Immediate8to16 => i64::from(instruction.immediate8to16()),
        OpKind::Immediate8to32 => i64::from(instruction.immediate8to32()),
        OpKind::Immediate8to64 => instruction.immediate8to64(),
        OpKind::Immediate32to64 => instruction.immediate32to64(),
        _ => return None,
    };
    Some(Operand::Immediate(number))
}

fn has_signed_byte(mnemonic: Mnemonic) -> bool {
    matches!(
        mnemonic,
        Mnemonic::Adc
            | Mnemonic::Add
            | Mnemonic::And
            | Mnemonic::Cmp
            | Mnemonic::Mov
            | Mnemonic::Or
            | Mnemonic::Sbb
            | Mnemonic::Sub
            | Mnemonic::Test
            | Mnemonic::Xabort
            | Mnemonic::Xor
    )
}

/// Whether the first operand is a register that is read and written.
fn is_two_address(instruction: &iced_x86::Instruction) -> bool {
    // Of a register with itself some results don't depend on it, and the disassembler knows that. LLVM doesn't ask.
    let mut apart = *instruction;
    if apart.op_count() > 1 && apart.op1_kind() == OpKind::Register {
        apart.set_op1_register(Register::None);
    }
    let mut factory = InstructionInfoFactory::new();
    let options =
        InstructionInfoOptions::NO_REGISTER_USAGE | InstructionInfoOptions::NO_MEMORY_USAGE;
    let access = factory.info_options(&apart, options).op0_access();
    instruction.op0_kind() == OpKind::Register
        && matches!(
            access,
            OpAccess::ReadWrite | OpAccess::ReadCondWrite | OpAccess::CondWrite
        )
}

/// The condition of a conditional jump, move or set, which LLVM keeps last, by its number in the opcode.
fn condition(instruction: &iced_x86::Instruction) -> Option<Operand> {
    let number = match instruction.condition_code() {
        ConditionCode::None => return None,
        _ if instruction.code().is_loopcc() || instruction.code().is_loop() => return None,
        ConditionCode::o => 0,
        ConditionCode::no => 1,
        ConditionCode::b => 2,
        ConditionCode::ae => 3,
        ConditionCode::e => 4,
        ConditionCode::ne => 5,
        ConditionCode::be => 6,
        ConditionCode::a => 7,
        ConditionCode::s => 8,
        ConditionCode::ns => 9,
        ConditionCode::p => 10,
        ConditionCode::np => 11,
        ConditionCode::l => 12,
        ConditionCode::ge => 13,
        ConditionCode::le => 14,
        ConditionCode::g => 15,
    };
    Some(Operand::Immediate(number))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::Operand::{self, Immediate, Register};
    use super::decode;

    /// The operands of a whole instruction.
    #[track_caller]
    fn operands(bytes: &[u8]) -> Vec<Operand> {
        let instruction = decode(bytes).unwrap();
        assert_eq!(instruction.size, u64::try_from(bytes.len()).unwrap());
        instruction.operands.unwrap()
    }

    /// The five places of an address relative to the program counter.
    fn address(displacement: i64) -> [Operand; 5] {
        [
            Register,
            Immediate(1),
            Register,
            Immediate(displacement),
            Register,
        ]
    }

    #[track_caller]
    fn is(bytes: &[u8], expected: &[&[Operand]]) {
        assert_eq!(operands(bytes), expected.concat());
    }

    #[test]
    fn a_branch_is_its_distance_and_its_condition() {
        is(&[0xe8, 0xfb, 0xff, 0xff, 0xff], &[&[Immediate(-5)]]);
        is(&[0x67, 0xe8, 1, 0, 0, 0], &[&[Immediate(1)]]);
        is(&[0x66, 0x66, 0x48, 0xe8, 1, 0, 0, 0], &[&[Immediate(1)]]);
        is(&[0xe9, 0, 1, 0, 0], &[&[Immediate(256)]]);
        is(&[0xeb, 0xfe], &[&[Immediate(-2)]]);
        is(&[0x0f, 0x85, 1, 0, 0, 0], &[&[Immediate(1), Immediate(5)]]);
        is(&[0xff, 0x15, 2, 0, 0, 0], &[&address(2)]);
        is(&[0xff, 0x25, 2, 0, 0, 0], &[&address(2)]);
    }

    #[test]
    fn an_address_takes_five_places_after_what_is_loaded() {
        is(&[0x8b, 5, 1, 0, 0, 0], &[&[Register], &address(1)]);
        is(&[0x48, 0x8d, 5, 1, 0, 0, 0], &[&[Register], &address(1)]);
        is(
            &[0x8d, 0x1d, 0xf0, 0xff, 0xff, 0xff],
            &[&[Register], &address(-16)],
        );
        is(&[0x89, 5, 1, 0, 0, 0], &[&address(1), &[Register]]);
        is(
            &[0xf2, 0x0f, 0x10, 5, 1, 0, 0, 0],
            &[&[Register], &address(1)],
        );
        is(&[0x0f, 0x11, 5, 1, 0, 0, 0], &[&address(1), &[Register]]);
        is(
            &[0x64, 0x48, 0x8b, 4, 0x25, 8, 0, 0, 0],
            &[&[Register], &address(8)],
        );
        is(
            &[0x8b, 0x44, 0xfb, 0x80],
            &[&[
                Register,
                Register,
                Immediate(8),
                Register,
                Immediate(-128),
                Register,
            ]],
        );
    }

    #[test]
    fn an_absolute_address_has_the_sign_of_32_bits() {
        is(
            &[0x8b, 0x34, 0x25, 0, 0, 0, 0x80],
            &[&[Register], &address(-0x8000_0000)],
        );
        let direct = [0x48, 0xa1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11];
        is(&direct, &[&[Immediate(0x1122_3344_5566_7788), Register]]);
    }

    #[test]
    fn a_register_that_is_changed_takes_two_places() {
        is(
            &[0x48, 0x83, 0xc3, 0xff],
            &[&[Register, Register, Immediate(-1)]],
        );
        is(
            &[0x48, 3, 5, 1, 0, 0, 0],
            &[&[Register, Register], &address(1)],
        );
        is(&[0x31, 0xc0], &[&[Register; 3]]);
        is(&[0xf7, 0xd8], &[&[Register; 2]]);
        is(
            &[0xf2, 0x0f, 0x58, 5, 1, 0, 0, 0],
            &[&[Register, Register], &address(1)],
        );
        is(
            &[0x0f, 0x44, 5, 1, 0, 0, 0],
            &[&[Register, Register], &address(1), &[Immediate(4)]],
        );
        is(
            &[0x87, 5, 1, 0, 0, 0],
            &[&[Register, Register], &address(1)],
        );
    }

    #[test]
    fn what_is_only_read_takes_one() {
        is(
            &[0x48, 0x81, 0xfb, 1, 0, 0, 0],
            &[&[Register, Immediate(1)]],
        );
        is(&[0x39, 5, 1, 0, 0, 0], &[&address(1), &[Register]]);
        is(&[0x3b, 5, 1, 0, 0, 0], &[&[Register], &address(1)]);
        is(
            &[0xf6, 5, 1, 0, 0, 0, 0xff],
            &[&address(1), &[Immediate(-1)]],
        );
        is(
            &[0x81, 5, 1, 0, 0, 0, 2, 0, 0, 0],
            &[&address(1), &[Immediate(2)]],
        );
        is(
            &[0x69, 5, 1, 0, 0, 0, 3, 0, 0, 0],
            &[&[Register], &address(1), &[Immediate(3)]],
        );
    }

    #[test]
    fn what_the_opcode_fixes_takes_none() {
        is(&[0x48, 5, 1, 0, 0, 0], &[&[Immediate(1)]]);
        is(&[0x3c, 0xff], &[&[Immediate(-1)]]);
        is(&[0xa9, 1, 0, 0, 0], &[&[Immediate(1)]]);
        is(&[0xd1, 0xe0], &[&[Register; 2]]);
        is(&[0xd3, 5, 1, 0, 0, 0], &[&address(1)]);
        is(
            &[0xc1, 0xe0, 0xff],
            &[&[Register, Register, Immediate(255)]],
        );
    }

    #[test]
    fn only_numbers_shorter_than_the_operand_have_a_sign() {
        is(
            &[0xb8, 0xff, 0xff, 0xff, 0xff],
            &[&[Register, Immediate(0xffff_ffff)]],
        );
        is(
            &[0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff],
            &[&[Register, Immediate(-1)]],
        );
        is(&[0x68, 0, 0xff, 0xff, 0xff], &[&[Immediate(-256)]]);
        is(&[0x6a, 0xff], &[&[Immediate(-1)]]);
        let wide = [0x48, 0xb8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        is(&wide, &[&[Register, Immediate(-1)]]);
    }

    #[test]
    fn registers_beyond_sixteen_change_no_number() {
        // mov 1(%rip), %r16; imul 1(%rip), %r16; cmp $5, 100(%r16,%r20,4)
        is(
            &[0xd5, 0x48, 0x8b, 5, 1, 0, 0, 0],
            &[&[Register], &address(1)],
        );
        is(
            &[0xd5, 0xc8, 0xaf, 5, 1, 0, 0, 0],
            &[&[Register, Register], &address(1)],
        );
        is(
            &[0xd5, 0x38, 0x83, 0x7c, 0xa0, 100, 5],
            &[&[
                Register,
                Immediate(4),
                Register,
                Immediate(100),
                Register,
                Immediate(5),
            ]],
        );
    }

    #[test]
    fn what_has_an_order_of_its_own_is_not_numbered() {
        // rep movsb; fadd %st(1); vpaddb %zmm0, %zmm1, %zmm2 {%k1}
        for bytes in [
            &[0xf3, 0xa4][..],
            &[0xd8, 0xc1],
            &[0x62, 0xf1, 0x75, 0x49, 0xfc, 0xd0],
        ] {
            let instruction = decode(bytes).unwrap();
            assert_eq!(instruction.size, u64::try_from(bytes.len()).unwrap());
            assert_eq!(instruction.operands, None);
        }
    }

    #[test]
    fn what_is_cut_off_or_undefined_is_no_instruction() {
        for bytes in [
            &[][..],
            &[0xe8, 0, 0],
            &[0x06],
            &[0xd5],
            &[0xd5, 0x80],
            &[0xf0; 15],
        ] {
            assert_eq!(decode(bytes), None);
        }
    }
}
