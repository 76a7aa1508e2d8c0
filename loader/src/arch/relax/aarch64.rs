//! Relaxation on AArch64.
//!
//! Peculiar: two instructions read a word of the global offset table, and what is between them can't be seen from their
//! relocations. The ABI lets a linker assume that nothing jumps between two that stand next to each other, use one register
//! throughout, and relocate one symbol, if all instructions of the object that name the symbol's word stand in such pairs.
//! Source: ELF for the Arm 64-bit Architecture (AAELF64), "Relocation optimization", "Large GOT indirection" and "Short range
//! PC-relative addressing".

use crate::arch::FixUpFault;
use crate::base::int;
use crate::edge::{Aarch64Kind, EdgeKind, Form};

use super::{Relaxed, wrong};

const ADRP: Form = Form {
    mask: 0x9f00_0000,
    bits: 0x9000_0000,
};
/// LDR of eight bytes, with an immediate offset.
const LDR: Form = Form {
    mask: 0xffc0_0000,
    bits: 0xf940_0000,
};
/// ADD of an immediate, with registers of eight bytes.
const ADD: u32 = 0x9100_0000;
const ADR: u32 = 0x1000_0000;
const NOP: u32 = 0xd503_201f;

/// The fields Rd and Rt.
const REGISTER: u32 = 31;

/// Whether `adrp register, word` and `ldr register, [register, word]` stand `offset` bytes into the content of a block.
pub fn is_pair(content: &[u8], offset: u32) -> bool {
    let pair = content.get(int::usize_from_u32(offset)..);
    let Some(&[a, b, c, d, e, f, g, h]) = pair.and_then(<[u8]>::first_chunk) else {
        return false;
    };
    let first = u32::from_le_bytes([a, b, c, d]);
    let second = u32::from_le_bytes([e, f, g, h]);
    let register = first & REGISTER;
    // The fields Rn and Rt.
    let registers = second & 0x3ff;
    ADRP.matches(first)
        && LDR.matches(second)
        && register != REGISTER
        && registers == register | register.wrapping_shl(5)
}

/// Whether a fixup is of one of two instructions that may be changed together.
pub const fn is_relaxable(kind: Aarch64Kind) -> bool {
    matches!(kind, Aarch64Kind::GotPage21 | Aarch64Kind::GotPageOffset12)
}

/// What the two instructions of a pair that stands at `offset` could become, the best first.
pub fn candidates(offset: u32) -> [[Relaxed; 2]; 2] {
    let relaxed = |kind, offset| Relaxed {
        kind: EdgeKind::Aarch64(kind),
        offset,
        addend: 0,
    };
    let second = offset.saturating_add(4);
    [
        [
            relaxed(Aarch64Kind::RelaxedNothing, offset),
            relaxed(Aarch64Kind::RelaxedAdr21, second),
        ],
        [
            relaxed(Aarch64Kind::Page21, offset),
            relaxed(Aarch64Kind::RelaxedPageOffset12, second),
        ],
    ]
}

/// `adrp register, word` becomes `nop`.
pub(super) fn do_nothing(bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    change(bytes, offset, ADRP, "ADRP", |_| NOP)
}

/// `ldr register, [register, word]` becomes `add register, register, symbol`.
pub(super) fn add_offset(bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    change(bytes, offset, LDR, "LDR of 8 bytes", |load| {
        ADD | load & 0x3ff
    })
}

/// `ldr register, [register, word]` becomes `adr register, symbol`.
pub(super) fn add_distance(bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    change(bytes, offset, LDR, "LDR of 8 bytes", |load| {
        ADR | load & REGISTER
    })
}

fn change(
    bytes: &mut [u8],
    offset: usize,
    form: Form,
    expected: &'static str,
    new: fn(u32) -> u32,
) -> Result<(), FixUpFault> {
    let bytes = bytes.get_mut(offset..).ok_or(FixUpFault::OutOfBytes)?;
    let bytes = bytes.first_chunk_mut().ok_or(FixUpFault::OutOfBytes)?;
    let word = u32::from_le_bytes(*bytes);
    if !form.matches(word) {
        return Err(wrong(word, expected));
    }
    *bytes = new(word).to_le_bytes();
    Ok(())
}
