//! The few AArch64 instructions that make addresses, executed: to see what stubs and rewritten sequences come to.
//!
//! Encodings by the Arm Architecture Reference Manual, C4.1.

use crate::linked::Linked;

/// What is known of the registers.
#[derive(Debug)]
pub(crate) struct Registers {
    values: [Option<Value>; 32],
}

/// The value of a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Value {
    pub(crate) number: u64,
    /// The word in memory that it was loaded from, if it was.
    pub(crate) loaded_from: Option<u64>,
}

/// Where an instruction goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Next,
    Branch(u64),
    /// To the address in this register.
    BranchRegister(usize),
}

/// `nop`
pub(crate) const NOP: u32 = 0xd503_201f;
/// `bti`, all four forms: the bits that tell them apart.
const BTI_FORMS: u32 = 0xc0;
const BTI: u32 = 0xd503_241f;

impl Registers {
    /// Nothing is known.
    pub(crate) fn new() -> Self {
        Self { values: [None; 32] }
    }

    pub(crate) fn get(&self, register: usize) -> Option<Value> {
        self.values[register]
    }

    /// The registers that instructions have given values.
    pub(crate) fn changed(&self) -> impl Iterator<Item = usize> {
        (0..32).filter(|&register| self.values[register].is_some())
    }

    /// Executes the instruction at `address`; `None` if it is not of those that are known, or works with what isn't.
    pub(crate) fn execute(
        &mut self,
        linked: &Linked,
        address: u64,
        instruction: u32,
    ) -> Option<Step> {
        let destination = bits(instruction, 4, 0);
        let source = bits(instruction, 9, 5);
        let computed = |number| {
            Some(Value {
                number,
                loaded_from: None,
            })
        };
        let loaded = |slot| {
            Some(Value {
                number: linked.word(slot)?,
                loaded_from: Some(slot),
            })
        };
        let value = if instruction == NOP || instruction & !BTI_FORMS == BTI {
            return Some(Step::Next);
        } else if instruction >> 26 == 0b000101 {
            // b
            return Some(Step::Branch(
                address.wrapping_add_signed(branch_offset(instruction)),
            ));
        } else if instruction & 0xffff_fc1f == 0xd61f_0000 {
            // br
            return Some(Step::BranchRegister(source));
        } else if instruction & 0x9f00_0000 == 0x9000_0000 {
            // adrp
            let page = address & !0xfff;
            computed(page.wrapping_add_signed(adr_immediate(instruction) << 12))
        } else if instruction & 0x9f00_0000 == 0x1000_0000 {
            // adr
            computed(address.wrapping_add_signed(adr_immediate(instruction)))
        } else if instruction & 0xff80_0000 == 0x9100_0000 {
            // add (immediate), 64 bits, with its shift
            let shift = bits(instruction, 22, 22) * 12;
            let immediate = (bits(instruction, 21, 10) << shift) as u64;
            computed(self.values[source]?.number.wrapping_add(immediate))
        } else if instruction & 0xffc0_0000 == 0xf940_0000 {
            // ldr (immediate, unsigned offset), 64 bits
            let offset = bits(instruction, 21, 10) as u64 * 8;
            loaded(self.values[source]?.number.wrapping_add(offset))
        } else if instruction & 0xff00_0000 == 0x5800_0000 {
            // ldr (literal), 64 bits
            let offset = sign_extended(bits(instruction, 23, 5) as u64, 19) * 4;
            loaded(address.wrapping_add_signed(offset))
        } else if instruction & 0x1f80_0000 == 0x1280_0000 {
            // movn, movz, movk, 64 bits
            let shift = bits(instruction, 22, 21) * 16;
            let immediate = (bits(instruction, 20, 5) as u64) << shift;
            match instruction >> 29 {
                0b100 => computed(!immediate),
                0b110 => computed(immediate),
                0b111 => {
                    let kept = self.values[destination]?.number & !(0xffff << shift);
                    computed(kept | immediate)
                }
                _ => None,
            }
        } else {
            None
        };
        self.values[destination] = Some(value?);
        Some(Step::Next)
    }
}

/// The bits of `instruction` from `high` down to `low`.
pub(crate) fn bits(instruction: u32, high: u32, low: u32) -> usize {
    let width = high - low + 1;
    ((instruction >> low) & (u32::MAX >> (32 - width))) as usize
}

/// The number in the low `width` bits of `number`, whose highest is its sign.
pub(crate) fn sign_extended(number: u64, width: u32) -> i64 {
    (number << (64 - width)).cast_signed() >> (64 - width)
}

fn adr_immediate(instruction: u32) -> i64 {
    let immediate = bits(instruction, 23, 5) << 2 | bits(instruction, 30, 29);
    sign_extended(immediate as u64, 21)
}

fn branch_offset(instruction: u32) -> i64 {
    sign_extended(bits(instruction, 25, 0) as u64, 26) * 4
}
