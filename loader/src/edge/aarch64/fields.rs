//! Where instructions of AArch64 hold their immediates, and what these instructions look like.
//!
//! Source: Arm Architecture Reference Manual, C4.1 "A64 instruction set encoding", and C6.2 and C7.2 for each instruction.

use crate::edge::{Field, Form, Instruction, Piece};

const fn form(mask: u32, bits: u32) -> Form {
    Form { mask, bits }
}

impl Field {
    /// imm26, in words.
    pub(super) const BRANCH_26: Self = Self::Instruction(&Instruction {
        name: "B or BL",
        forms: &[form(0x7c00_0000, 0x1400_0000)],
        pieces: &[Piece::new(2, 26, 0)],
        sign_bit: None,
    });

    /// imm19, in words.
    pub(super) const COND_BRANCH_19: Self = Self::Instruction(&Instruction {
        name: "B.cond, CBZ or CBNZ",
        forms: &[
            form(0xff00_0000, 0x5400_0000), // B.cond, BC.cond
            form(0x7e00_0000, 0x3400_0000), // CBZ, CBNZ
        ],
        pieces: &[Piece::new(2, 19, 5)],
        sign_bit: None,
    });

    /// imm14, in words.
    pub(super) const TEST_BRANCH_14: Self = Self::Instruction(&Instruction {
        name: "TBZ or TBNZ",
        forms: &[form(0x7e00_0000, 0x3600_0000)],
        pieces: &[Piece::new(2, 14, 5)],
        sign_bit: None,
    });

    /// imm19, in words; of general and of SIMD registers.
    pub(super) const LITERAL_19: Self = Self::Instruction(&Instruction {
        name: "LDR of a literal",
        forms: &[form(0x3b00_0000, 0x1800_0000)],
        pieces: &[Piece::new(2, 19, 5)],
        sign_bit: None,
    });

    /// immlo and immhi, in bytes.
    pub(super) const ADR_21: Self = Self::Instruction(&Instruction {
        name: "ADR",
        forms: &[form(0x9f00_0000, 0x1000_0000)],
        pieces: &[Piece::new(0, 2, 29), Piece::new(2, 19, 5)],
        sign_bit: None,
    });

    /// immlo and immhi, in pages.
    pub(super) const ADRP_21: Self = Self::Instruction(&Instruction {
        name: "ADRP",
        forms: &[form(0x9f00_0000, 0x9000_0000)],
        pieces: &[Piece::new(12, 2, 29), Piece::new(14, 19, 5)],
        sign_bit: None,
    });

    /// imm12, not shifted.
    pub(super) const ADD_12: Self = Self::Instruction(&Instruction {
        name: "ADD of an immediate",
        forms: &[form(0x7fc0_0000, 0x1100_0000)],
        pieces: &[Piece::new(0, 12, 10)],
        sign_bit: None,
    });

    /// imm12, shifted by twelve bits.
    pub(super) const ADD_HIGH_12: Self = Self::Instruction(&Instruction {
        name: "ADD of an immediate shifted by 12",
        forms: &[form(0x7fc0_0000, 0x1140_0000)],
        pieces: &[Piece::new(12, 12, 10)],
        sign_bit: None,
    });

    /// imm12, in units of what is loaded or stored. Where two forms stand, the second is that of SIMD registers.
    pub(super) const ACCESS_12_BY_1: Self = Self::Instruction(&Instruction {
        name: "a load or store of 1 byte",
        forms: &[
            form(0xff00_0000, 0x3900_0000),
            form(0xff80_0000, 0x3d00_0000),
        ],
        pieces: &[Piece::new(0, 12, 10)],
        sign_bit: None,
    });
    pub(super) const ACCESS_12_BY_2: Self = Self::Instruction(&Instruction {
        name: "a load or store of 2 bytes",
        forms: &[
            form(0xff00_0000, 0x7900_0000),
            form(0xff80_0000, 0x7d00_0000),
        ],
        pieces: &[Piece::new(1, 11, 10)],
        sign_bit: None,
    });
    pub(super) const ACCESS_12_BY_4: Self = Self::Instruction(&Instruction {
        name: "a load or store of 4 bytes",
        forms: &[
            form(0xff00_0000, 0xb900_0000),
            form(0xff80_0000, 0xbd00_0000),
        ],
        pieces: &[Piece::new(2, 10, 10)],
        sign_bit: None,
    });
    pub(super) const ACCESS_12_BY_8: Self = Self::Instruction(&Instruction {
        name: EIGHT_BYTES,
        forms: EIGHT_BYTES_FORMS,
        pieces: &[Piece::new(3, 9, 10)],
        sign_bit: None,
    });
    pub(super) const ACCESS_12_BY_16: Self = Self::Instruction(&Instruction {
        name: "a load or store of 16 bytes",
        forms: &[form(0xff80_0000, 0x3d80_0000)],
        pieces: &[Piece::new(4, 8, 10)],
        sign_bit: None,
    });

    /// All of imm12: an offset of up to 32 KiB.
    pub(super) const ACCESS_15_BY_8: Self = Self::Instruction(&Instruction {
        name: EIGHT_BYTES,
        forms: EIGHT_BYTES_FORMS,
        pieces: &[Piece::new(3, 12, 10)],
        sign_bit: None,
    });

    /// imm16: one quarter of a value, whose other quarters are zero or kept.
    pub(super) const MOVE_0: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVK, not shifted",
        forms: &[form(0x5fe0_0000, 0x5280_0000)],
        pieces: &[Piece::new(0, 16, 5)],
        sign_bit: None,
    });
    pub(super) const MOVE_1: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVK, shifted by 16",
        forms: &[form(0x5fe0_0000, 0x52a0_0000)],
        pieces: &[Piece::new(16, 16, 5)],
        sign_bit: None,
    });
    pub(super) const MOVE_2: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVK, shifted by 32",
        forms: &[form(0x5fe0_0000, 0x52c0_0000)],
        pieces: &[Piece::new(32, 16, 5)],
        sign_bit: None,
    });
    pub(super) const MOVE_3: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVK, shifted by 48",
        forms: &[form(0x5fe0_0000, 0x52e0_0000)],
        pieces: &[Piece::new(48, 16, 5)],
        sign_bit: None,
    });

    /// imm16: the highest quarter of a value that is not all zeros or all ones. Bit 30 tells MOVZ from MOVN.
    pub(super) const MOVE_SIGNED_0: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVN, not shifted",
        forms: &[form(0x3fe0_0000, 0x1280_0000)],
        pieces: &[Piece::new(0, 16, 5)],
        sign_bit: Some(30),
    });
    pub(super) const MOVE_SIGNED_1: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVN, shifted by 16",
        forms: &[form(0x3fe0_0000, 0x12a0_0000)],
        pieces: &[Piece::new(16, 16, 5)],
        sign_bit: Some(30),
    });
    pub(super) const MOVE_SIGNED_2: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVN, shifted by 32",
        forms: &[form(0x3fe0_0000, 0x12c0_0000)],
        pieces: &[Piece::new(32, 16, 5)],
        sign_bit: Some(30),
    });
    pub(super) const MOVE_SIGNED_3: Self = Self::Instruction(&Instruction {
        name: "MOVZ or MOVN, shifted by 48",
        forms: &[form(0x3fe0_0000, 0x12e0_0000)],
        pieces: &[Piece::new(48, 16, 5)],
        sign_bit: Some(30),
    });
}

const EIGHT_BYTES: &str = "a load or store of 8 bytes";
const EIGHT_BYTES_FORMS: &[Form] = &[
    form(0xff00_0000, 0xf900_0000),
    form(0xff80_0000, 0xfd00_0000),
];

#[cfg(test)]
mod tests {
    use super::{Field, Instruction};
    use std::vec::Vec;

    /// Instructions as an assembler writes them, each with the fields that it has.
    const WORDS: &[(u32, &[Field])] = &[
        (0x9000_0003, &[Field::ADRP_21]),        // adrp x3, .
        (0x1000_0003, &[Field::ADR_21]),         // adr x3, .
        (0x9100_0041, &[Field::ADD_12]),         // add x1, x2, #0
        (0x1100_0041, &[Field::ADD_12]),         // add w1, w2, #0
        (0x9140_0041, &[Field::ADD_HIGH_12]),    // add x1, x2, #0, lsl #12
        (0x3940_0041, &[Field::ACCESS_12_BY_1]), // ldrb w1, [x2]
        (0x3980_0041, &[Field::ACCESS_12_BY_1]), // ldrsb x1, [x2]
        (0x3900_0041, &[Field::ACCESS_12_BY_1]), // strb w1, [x2]
        (0x3d40_0041, &[Field::ACCESS_12_BY_1]), // ldr b1, [x2]
        (0x7940_0041, &[Field::ACCESS_12_BY_2]), // ldrh w1, [x2]
        (0x7980_0041, &[Field::ACCESS_12_BY_2]), // ldrsh x1, [x2]
        (0x7d00_0041, &[Field::ACCESS_12_BY_2]), // str h1, [x2]
        (0xb940_0041, &[Field::ACCESS_12_BY_4]), // ldr w1, [x2]
        (0xb980_0041, &[Field::ACCESS_12_BY_4]), // ldrsw x1, [x2]
        (0xbd00_0041, &[Field::ACCESS_12_BY_4]), // str s1, [x2]
        (0xf940_0041, &[Field::ACCESS_12_BY_8, Field::ACCESS_15_BY_8]), // ldr x1, [x2]
        (0xfd00_0041, &[Field::ACCESS_12_BY_8, Field::ACCESS_15_BY_8]), // str d1, [x2]
        (0xf980_0040, &[Field::ACCESS_12_BY_8, Field::ACCESS_15_BY_8]), // prfm pldl1keep, [x2]
        (0x3dc0_0041, &[Field::ACCESS_12_BY_16]), // ldr q1, [x2]
        (0x3d80_0041, &[Field::ACCESS_12_BY_16]), // str q1, [x2]
        (0x1400_0000, &[Field::BRANCH_26]),      // b .
        (0x9400_0000, &[Field::BRANCH_26]),      // bl .
        (0x5400_0000, &[Field::COND_BRANCH_19]), // b.eq .
        (0xb400_0003, &[Field::COND_BRANCH_19]), // cbz x3, .
        (0x3500_0003, &[Field::COND_BRANCH_19]), // cbnz w3, .
        (0xb640_0003, &[Field::TEST_BRANCH_14]), // tbz x3, #40, .
        (0x3720_0003, &[Field::TEST_BRANCH_14]), // tbnz w3, #4, .
        (0x5800_0003, &[Field::LITERAL_19]),     // ldr x3, .
        (0x1800_0003, &[Field::LITERAL_19]),     // ldr w3, .
        (0x9800_0003, &[Field::LITERAL_19]),     // ldrsw x3, .
        (0x9c00_0003, &[Field::LITERAL_19]),     // ldr q3, .
        (0x1c00_0003, &[Field::LITERAL_19]),     // ldr s3, .
        (0xd800_0000, &[Field::LITERAL_19]),     // prfm pldl1keep, .
        (0xd280_0003, &[Field::MOVE_0, Field::MOVE_SIGNED_0]), // movz x3, #0
        (0x5280_0003, &[Field::MOVE_0, Field::MOVE_SIGNED_0]), // movz w3, #0
        (0xf280_0003, &[Field::MOVE_0]),         // movk x3, #0
        (0x9280_0003, &[Field::MOVE_SIGNED_0]),  // movn x3, #0
        (0xd2a0_0003, &[Field::MOVE_1, Field::MOVE_SIGNED_1]), // movz x3, #0, lsl #16
        (0x72a0_0003, &[Field::MOVE_1]),         // movk w3, #0, lsl #16
        (0x92a0_0003, &[Field::MOVE_SIGNED_1]),  // movn x3, #0, lsl #16
        (0xd2c0_0003, &[Field::MOVE_2, Field::MOVE_SIGNED_2]), // movz x3, #0, lsl #32
        (0xf2c0_0003, &[Field::MOVE_2]),         // movk x3, #0, lsl #32
        (0x92c0_0003, &[Field::MOVE_SIGNED_2]),  // movn x3, #0, lsl #32
        (0xd2e0_0003, &[Field::MOVE_3, Field::MOVE_SIGNED_3]), // movz x3, #0, lsl #48
        (0xf2e0_0003, &[Field::MOVE_3]),         // movk x3, #0, lsl #48
        (0x92e0_0003, &[Field::MOVE_SIGNED_3]),  // movn x3, #0, lsl #48
        (0xd100_0041, &[]),                      // sub x1, x2, #0
        (0xd61f_0200, &[]),                      // br x16
        (0xa940_0041, &[]),                      // ldp x1, x0, [x2]
        (0xf840_0041, &[]),                      // ldur x1, [x2]
        (0x0000_0000, &[]),                      // udf #0
    ];

    fn instructions(fields: &[Field]) -> Vec<&'static Instruction> {
        let instruction = |field: &Field| match *field {
            Field::Instruction(instruction) => instruction,
            other => panic!("{other:?} is no instruction"),
        };
        fields.iter().map(instruction).collect()
    }

    #[test]
    fn a_field_is_found_in_its_own_instructions_and_in_no_others() {
        let all: Vec<Field> = WORDS
            .iter()
            .flat_map(|(_, fields)| *fields)
            .copied()
            .collect();
        for &(word, fields) in WORDS {
            let own = instructions(fields);
            for instruction in instructions(&all) {
                assert_eq!(
                    instruction.is_in(word),
                    own.contains(&instruction),
                    "{word:#010x}: {}",
                    instruction.name
                );
            }
        }
    }

    #[test]
    fn an_instruction_stays_what_it_is_whatever_value_it_takes() {
        for &(word, fields) in WORDS {
            for instruction in instructions(fields) {
                let field = Field::Instruction(instruction);
                for value in [0, u64::MAX, 0x5555_5555_5555_5555, 1 << 63] {
                    let written = u32::try_from(field.write(u64::from(word), value)).unwrap();
                    assert!(
                        instruction.is_in(written),
                        "{written:#010x}: {}",
                        instruction.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_sign_chooses_between_the_moves() {
        let signed = |value: i64| Field::MOVE_SIGNED_1.write(0x92a0_0003, value.cast_unsigned());
        assert_eq!(signed(0x1234_5678), 0xd2a2_4683); // movz x3, #0x1234, lsl #16
        assert_eq!(signed(-0x1234_5678), 0x92a2_4683); // movn x3, #0x1234, lsl #16
        assert_eq!(Field::MOVE_SIGNED_1.read(0x92a2_4683), 0xedcb_0000);
    }
}
