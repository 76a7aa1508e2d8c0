//! Relaxation on x86-64.
//!
//! Peculiar: what an instruction is, stands before the displacement that a relocation names, in a number of bytes that the
//! relocation's type tells. An instruction that takes a register from ModRM.reg and memory from ModRM.rm becomes one that
//! takes the register from ModRM.rm and an immediate, so that the register's high bits move within the prefix, too. Source:
//! System V ABI, AMD64 supplement, B.2 "Optimize GOTPCRELX Relocations"; Intel SDM, volume 2, chapter 2 "Instruction Format"
//! and the Intel APX specification, 3.1.1 "REX2 Prefix".

use crate::arch::FixUpFault;
use crate::base::int;
use crate::edge::{EdgeKind, Prefix, X86_64Kind};

use super::{Relaxed, wrong};

/// MOV from memory to a register.
const LOAD: u8 = 0x8b;
/// LEA.
const LOAD_ADDRESS: u8 = 0x8d;
/// MOV of an immediate; ModRM.reg is 0.
const MOVE_IMMEDIATE: u8 = 0xc7;
/// TEST of memory and a register.
const TEST: u8 = 0x85;
/// TEST of an immediate; ModRM.reg is 0.
const TEST_IMMEDIATE: u8 = 0xf7;
/// ADD, OR, ADC, SBB, AND, SUB, XOR, CMP of an immediate; ModRM.reg tells which.
const BINARY_IMMEDIATE: u8 = 0x81;
/// CALL and JMP to where memory tells; ModRM.reg tells which.
const INDIRECT: u8 = 0xff;
const CALL: u8 = 0xe8;
const JUMP: u8 = 0xe9;
/// The prefix of addresses of 32 bits, which changes nothing of a direct call: it fills the place of a byte.
const ADDRESS_SIZE: u8 = 0x67;
const OPERAND_SIZE: u8 = 0x66;
const NOP: u8 = 0x90;
const REX2: u8 = 0xd5;
/// The bit W of either prefix: operands of 64 bits.
const WIDE: u8 = 8;

/// The addend of a displacement that ends its instruction.
const AT_END: i64 = -4;

/// An instruction that reads memory at a displacement from its end, up to that displacement.
#[derive(Clone, Copy)]
struct Instruction {
    /// The byte of the prefix that has the bits W, R, X and B; 0 without a prefix.
    extension: u8,
    opcode: u8,
    /// ModRM.reg.
    register: u8,
    /// Whether a prefix may stand before it that makes its operands 16 bits long.
    may_be_short: bool,
}

impl Instruction {
    /// What stands before the displacement.
    fn before(content: &[u8], offset: usize, prefix: Prefix) -> Option<Self> {
        let (before, bytes) = content.get(..offset)?.split_at_checked(
            // The prefix, the opcode and ModRM.
            offset.checked_sub(prefix.size_bytes().checked_add(2)?)?,
        )?;
        let (extension, opcode, modrm) = match (prefix, bytes) {
            (Prefix::None, &[opcode, modrm]) => (0, opcode, modrm),
            (Prefix::Rex, &[rex @ 0x40..=0x4f, opcode, modrm]) => (rex, opcode, modrm),
            // The highest bit chooses another map of opcodes.
            (Prefix::Rex2, &[REX2, bits @ ..=0x7f, opcode, modrm]) => (bits, opcode, modrm),
            _ => return None,
        };
        // ModRM.mod and rm: a displacement from the end of the instruction.
        if modrm & 0xc7 != 0x05 {
            return None;
        }
        Some(Self {
            extension,
            opcode,
            register: modrm.wrapping_shr(3) & 7,
            may_be_short: before.last() == Some(&OPERAND_SIZE),
        })
    }

    /// Whether its operands are 64 bits long.
    const fn is_wide(&self) -> bool {
        self.extension & WIDE != 0
    }

    /// The opcode and ModRM of the same instruction with its register and an immediate.
    const fn with_immediate(&self) -> Option<[u8; 2]> {
        let (opcode, which) = match self.opcode {
            LOAD => (MOVE_IMMEDIATE, 0),
            TEST => (TEST_IMMEDIATE, 0),
            // One row of opcodes for each of the eight.
            binary if binary & 0xc7 == 0x03 => (BINARY_IMMEDIATE, binary & 0x38),
            _ => return None,
        };
        Some([opcode, 0xc0 | which | self.register])
    }

    /// The kind that takes an immediate of 32 bits, extended by zeros.
    fn narrow(&self, prefix: Prefix) -> Option<X86_64Kind> {
        // What moves to the low half of a register clears the high half.
        let is_exact = !self.is_wide() || self.opcode == LOAD;
        self.with_immediate()
            .filter(|_| is_exact && !self.may_be_short)
            .map(|_| match prefix {
                Prefix::None => X86_64Kind::RelaxedImmediate32,
                Prefix::Rex => X86_64Kind::RelaxedImmediate32Rex,
                Prefix::Rex2 => X86_64Kind::RelaxedImmediate32Rex2,
            })
    }

    /// The kind that takes an immediate of 32 bits, extended by its sign.
    fn wide(&self, prefix: Prefix) -> Option<X86_64Kind> {
        self.with_immediate().filter(|_| self.is_wide())?;
        match prefix {
            Prefix::None => None,
            Prefix::Rex => Some(X86_64Kind::RelaxedWideImmediate32Rex),
            Prefix::Rex2 => Some(X86_64Kind::RelaxedWideImmediate32Rex2),
        }
    }
}

/// Whether a fixup is of an instruction that may be changed.
pub const fn is_relaxable(kind: X86_64Kind) -> bool {
    prefix_of(kind).is_some()
}

/// How many bytes of an instruction that may be changed stand before its displacement; 0 of other kinds.
pub(super) const fn bytes_before(kind: X86_64Kind) -> usize {
    match prefix_of(kind) {
        Some(prefix) => prefix.size_bytes().saturating_add(OPCODE_AND_MODRM),
        None => 0,
    }
}

/// How many there are at most.
pub(super) const MOST_BYTES_BEFORE: usize =
    Prefix::Rex2.size_bytes().saturating_add(OPCODE_AND_MODRM);

/// How many bytes the opcode and ModRM have.
const OPCODE_AND_MODRM: usize = 2;

/// What stands before the opcode of an instruction that may be changed.
const fn prefix_of(kind: X86_64Kind) -> Option<Prefix> {
    match kind {
        X86_64Kind::GotLoad32Relaxable => Some(Prefix::None),
        X86_64Kind::GotLoad32RelaxableRex => Some(Prefix::Rex),
        X86_64Kind::GotLoad32RelaxableRex2 => Some(Prefix::Rex2),
        _ => None,
    }
}

/// What a load of a GOT entry, of this kind and with this addend, could become, the best first. `offset` is that of its
/// displacement in `content`, the bytes of its block. A load becomes the move of an immediate only if `moves_immediates`.
pub fn candidates(
    kind: X86_64Kind,
    content: &[u8],
    offset: u32,
    addend: i64,
    moves_immediates: bool,
) -> [Option<Relaxed>; 3] {
    let Some(prefix) = prefix_of(kind) else {
        return [None; 3];
    };
    // Any other addend reads another word than the symbol's.
    let instruction = Instruction::before(content, int::usize_from_u32(offset), prefix);
    let Some(instruction) = instruction.filter(|_| addend == AT_END) else {
        return [None; 3];
    };
    let relaxed = |kind: X86_64Kind, offset: u32, addend: i64| {
        let kind = EdgeKind::X86_64(kind);
        Some(Relaxed {
            kind,
            offset,
            addend,
        })
    };
    let takes_immediate = moves_immediates || instruction.opcode != LOAD;
    let immediate = |kind: Option<X86_64Kind>| {
        let kind = kind.filter(|_| takes_immediate);
        kind.and_then(|kind| relaxed(kind, offset, 0))
    };
    match (instruction.opcode, instruction.register, prefix) {
        (INDIRECT, 2, Prefix::None) => [
            relaxed(X86_64Kind::RelaxedCall32, offset, AT_END),
            None,
            None,
        ],
        // A byte shorter: the displacement stands one byte earlier.
        (INDIRECT, 4, Prefix::None) => {
            let before = offset.wrapping_sub(1);
            [
                relaxed(X86_64Kind::RelaxedJump32, before, AT_END),
                None,
                None,
            ]
        }
        (opcode, ..) => [
            relaxed(X86_64Kind::RelaxedAddress32, offset, AT_END).filter(|_| opcode == LOAD),
            immediate(instruction.wide(prefix)),
            immediate(instruction.narrow(prefix)),
        ],
    }
}

/// `mov word(%rip), %register` becomes `lea symbol(%rip), %register`.
pub(super) fn load_address(bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    match before(bytes, offset)? {
        [opcode, _] if *opcode == LOAD => {
            *opcode = LOAD_ADDRESS;
            Ok(())
        }
        other => Err(unknown(other, "MOV from memory")),
    }
}

/// `mov word(%rip), %register` becomes `mov $symbol, %register`, and so do TEST and its like. A load that is not to be wide
/// becomes a move to the low half.
pub(super) fn take_immediate(
    bytes: &mut [u8],
    offset: usize,
    prefix: Prefix,
    is_wide: bool,
) -> Result<(), FixUpFault> {
    let expected = "an instruction that reads memory and a register";
    let known = Instruction::before(bytes, offset, prefix);
    let new = known.and_then(|known| known.with_immediate());
    let opcode = before(bytes, offset)?;
    *opcode = new.ok_or_else(|| unknown(opcode, expected))?;
    // Where the prefix has the register's high bits, R; those of the other operand, B, stand two places lower.
    let high: u8 = match prefix {
        Prefix::None => return Ok(()),
        Prefix::Rex => 0x04,
        Prefix::Rex2 => 0x44,
    };
    let [bits, ..] = before::<3>(bytes, offset)?;
    let low = high.wrapping_shr(2);
    let wide = if is_wide { 0 } else { WIDE };
    *bits = *bits & !(high | low | wide) | (*bits & high).wrapping_shr(2);
    Ok(())
}

/// `call *word(%rip)` becomes `addr32 call symbol`.
pub(super) fn call_directly(bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    match before(bytes, offset)? {
        instruction if *instruction == [INDIRECT, 0x15] => {
            *instruction = [ADDRESS_SIZE, CALL];
            Ok(())
        }
        other => Err(unknown(other, "CALL to where memory tells")),
    }
}

/// `jmp *word(%rip)` becomes `jmp symbol; nop`. The field stands one byte earlier already.
pub(super) fn jump_directly(bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    let end = offset.checked_add(5).ok_or(FixUpFault::OutOfBytes)?;
    let start = offset.checked_sub(1).ok_or(FixUpFault::OutOfBytes)?;
    let instruction = bytes.get_mut(start..end).ok_or(FixUpFault::OutOfBytes)?;
    match instruction {
        [opcode, modrm, _, _, _, last] if [*opcode, *modrm] == [INDIRECT, 0x25] => {
            *opcode = JUMP;
            *last = NOP;
            Ok(())
        }
        [opcode, modrm, ..] => Err(unknown(&[*opcode, *modrm], "JMP to where memory tells")),
        _ => Err(FixUpFault::OutOfBytes),
    }
}

/// The bytes before a displacement.
fn before<const COUNT: usize>(
    bytes: &mut [u8],
    offset: usize,
) -> Result<&mut [u8; COUNT], FixUpFault> {
    let before = bytes.get_mut(..offset).ok_or(FixUpFault::OutOfBytes)?;
    before.last_chunk_mut().ok_or(FixUpFault::OutOfBytes)
}

#[cold]
fn unknown(&[opcode, modrm]: &[u8; 2], expected: &'static str) -> FixUpFault {
    wrong(u32::from(u16::from_be_bytes([opcode, modrm])), expected)
}
