//! Following stubs: where the machine would be after the few instructions of one.

use crate::elf::{Machine, number_at};
use crate::instructions::{Registers, Step};
use crate::linked::Linked;

/// How a stub ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Jump {
    /// By a jump whose target stands in the code.
    Direct(u64),
    /// By a jump to what a word in memory says.
    Through {
        /// The word.
        slot: u64,
        /// What it says.
        target: u64,
    },
}

/// No stub is longer, in bytes.
const LONGEST: u64 = 32;

/// Follows the stub at `address`; `None` if it does anything but jump.
pub(crate) fn follow(linked: &Linked, address: u64) -> Option<Jump> {
    match linked.machine {
        Machine::X86_64 => follow_x86_64(linked, address),
        Machine::Aarch64 => follow_aarch64(linked, address),
    }
}

fn follow_x86_64(linked: &Linked, start: u64) -> Option<Jump> {
    let mut address = start;
    let starts_with = |address, code: &[u8]| linked.bytes(address, code.len() as u64) == Some(code);
    let displacement = |address| Some(number_at(linked.bytes(address, 4)?, 0, 4) as u32);
    // endbr64
    if starts_with(address, &[0xf3, 0x0f, 0x1e, 0xfa]) {
        address += 4;
    }
    // jmp *displacement(%rip), with or without a branch hint's prefix
    if starts_with(address, &[0xf2]) {
        address += 1;
    }
    if starts_with(address, &[0xff, 0x25]) {
        let slot = relative(address + 6, displacement(address + 2)?);
        let target = linked.word(slot)?;
        return Some(Jump::Through { slot, target });
    }
    // jmp displacement
    if starts_with(address, &[0xe9]) {
        let target = relative(address + 5, displacement(address + 1)?);
        return Some(Jump::Direct(target));
    }
    // movabs $target, %r11; jmp *%r11
    if starts_with(address, &[0x49, 0xbb]) && starts_with(address + 10, &[0x41, 0xff, 0xe3]) {
        return Some(Jump::Direct(linked.word(address + 2)?));
    }
    None
}

/// What lies `displacement`, a signed number, from `address`.
pub(crate) fn relative(address: u64, displacement: u32) -> u64 {
    address.wrapping_add_signed(i64::from(displacement.cast_signed()))
}

fn follow_aarch64(linked: &Linked, start: u64) -> Option<Jump> {
    let mut registers = Registers::new();
    for address in (start..start + LONGEST).step_by(4) {
        let instruction = number_at(linked.bytes(address, 4)?, 0, 4) as u32;
        match registers.execute(linked, address, instruction)? {
            Step::Next => {}
            Step::Branch(target) => return Some(Jump::Direct(target)),
            Step::BranchRegister(register) => {
                // Only IP0 and IP1 may be changed on the way.
                if !registers
                    .changed()
                    .all(|changed| changed == 16 || changed == 17)
                {
                    return None;
                }
                let target = registers.get(register)?;
                return Some(match target.loaded_from {
                    Some(slot) => Jump::Through {
                        slot,
                        target: target.number,
                    },
                    None => Jump::Direct(target.number),
                });
            }
        }
    }
    None
}
