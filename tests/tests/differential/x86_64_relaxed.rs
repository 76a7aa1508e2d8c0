//! Instructions of x86-64 that took their operand from the global offset table, and forms of the same effect without it:
//! AMD64 supplement, section "Optimize GOTPCRELX Relocations".

use crate::elf::u32_at;
use crate::formula::{Fault, Site};
use crate::stubs::relative;
use std::ops::Range;

/// What an instruction does, as far as its operand goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    /// A number becomes a register's, combined with what was there or not.
    Register {
        operation: Operation,
        register: u8,
        is_64_bit: bool,
        number: u64,
    },
    Call(u64),
    Jump(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operation {
    Move,
    Test,
    /// By the number that the opcode has for it: add, or, adc, sbb, and, sub, xor, cmp.
    Combine(u8),
}

/// The bytes of the instruction if the link has rewritten it to one of the same effect; nothing if it is as it was.
///
/// # Errors
/// It was rewritten to something else.
pub(crate) fn rewritten(site: &Site<'_>) -> Result<Option<Range<usize>>, Fault> {
    // Where the instruction starts: before its opcode and the byte after it, there may be a prefix of one or two bytes.
    let back = match site.relocation.number {
        41 => 2,
        42 => 3,
        43 => 4,
        _ => return Ok(None),
    };
    let (start, end) = (site.offset() - back, site.offset() + 4);
    let (old, new) = (&site.original[start..end], &site.written[start..end]);
    if old[..back] == new[..back] {
        return Ok(None);
    }
    let address = site.place - back as u64;
    let targets = site.addresses().into_iter();
    let wanted: Vec<_> = targets
        .map(|target| before(old, back, site, target))
        .collect();
    let found = after(new, back, address);
    if found.is_some() && wanted.contains(&found) {
        return Ok(Some(start..end));
    }
    Err(Fault {
        expected: format!("the effect {wanted:x?} of {old:02x?}"),
        got: format!("{found:x?} of {new:02x?}"),
    })
}

/// The effect of an instruction as a compiler writes it, where the table entry says `target`.
fn before(code: &[u8], back: usize, site: &Site<'_>, target: u64) -> Option<Effect> {
    // With another addend, it is not the entry that is loaded.
    if site.relocation.addend != -4 {
        return None;
    }
    let prefix = Prefix::read(&code[..back - 2])?;
    let (opcode, modrm) = (code[back - 2], code[back - 1]);
    // The displacement counts from the next instruction.
    if modrm & 0b11_000_111 != 0b00_000_101 {
        return None;
    }
    let field = (modrm >> 3) & 7;
    let operation = match (opcode, field) {
        (0xff, 2) => return Some(Effect::Call(target)),
        (0xff, 4) => return Some(Effect::Jump(target)),
        (0x8b, _) => Operation::Move,
        (0x85, _) => Operation::Test,
        _ if opcode & 0b1100_0111 == 3 => Operation::Combine(opcode >> 3),
        _ => return None,
    };
    Some(prefix.effect(operation, prefix.register | field, target))
}

/// The effect of an instruction that a linker has written, whose code `address` is at.
fn after(code: &[u8], back: usize, address: u64) -> Option<Effect> {
    let end = address + code.len() as u64;
    // addr32 or nop; call or jmp; or the same with a nop behind.
    match *code {
        [0x67, 0xe8, ..] if back == 2 => {
            return Some(Effect::Call(relative(end, u32_at(code, 2))));
        }
        [0xe8, .., 0x90] if back == 2 => {
            return Some(Effect::Call(relative(end - 1, u32_at(code, 1))));
        }
        [0xe9, .., 0x90] if back == 2 => {
            return Some(Effect::Jump(relative(end - 1, u32_at(code, 1))));
        }
        _ => {}
    }
    let prefix = Prefix::read(&code[..back - 2])?;
    let (opcode, modrm) = (code[back - 2], code[back - 1]);
    let operand = u32_at(code, back);
    let field = (modrm >> 3) & 7;
    // lea displacement(%rip), register
    if opcode == 0x8d && modrm & 0b11_000_111 == 0b00_000_101 {
        let number = relative(end, operand);
        return Some(prefix.effect(Operation::Move, prefix.register | field, number));
    }
    // An immediate and a register.
    if modrm >> 6 != 0b11 {
        return None;
    }
    let operation = match (opcode, field) {
        (0xc7, 0) => Operation::Move,
        (0xf7, 0) => Operation::Test,
        (0x81, _) => Operation::Combine(field),
        _ => return None,
    };
    Some(prefix.effect(operation, prefix.base | (modrm & 7), relative(0, operand)))
}

/// What prefixes say.
struct Prefix {
    is_64_bit: bool,
    /// High bits of the register in the middle of the byte after the opcode.
    register: u8,
    /// High bits of the register at its end.
    base: u8,
}

impl Prefix {
    fn read(bytes: &[u8]) -> Option<Self> {
        let bit = |byte: u8, number: u8| (byte >> number) & 1;
        match *bytes {
            [] => Some(Self {
                is_64_bit: false,
                register: 0,
                base: 0,
            }),
            // REX: W, R, X, B.
            [rex] if rex >> 4 == 4 => Some(Self {
                is_64_bit: bit(rex, 3) == 1,
                register: bit(rex, 2) << 3,
                base: bit(rex, 0) << 3,
            }),
            // REX2: its payload is M0, R4, X4, B4, W, R3, X3, B3.
            [0xd5, payload] if bit(payload, 7) == 0 => Some(Self {
                is_64_bit: bit(payload, 3) == 1,
                register: bit(payload, 6) << 4 | bit(payload, 2) << 3,
                base: bit(payload, 4) << 4 | bit(payload, 0) << 3,
            }),
            _ => None,
        }
    }

    fn effect(&self, operation: Operation, register: u8, number: u64) -> Effect {
        Effect::Register {
            operation,
            register,
            is_64_bit: self.is_64_bit,
            number: if self.is_64_bit {
                number
            } else {
                number & 0xffff_ffff
            },
        }
    }
}
