//! Machine code of small functions, for the machine that this runs on.

use alloc::vec::Vec;

use ironlink::compiler::Relocation;
use ironlink::edge::{Aarch64Kind, EdgeKind, X86_64Kind};
use ironlink::jit::{DataId, FuncId, Target};

/// Bytes, and what they refer to.
pub type Code = (Vec<u8>, Vec<Relocation<Target>>);

const IS_X86_64: bool = cfg!(target_arch = "x86_64");

fn instructions(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// `return number;`
pub fn returns(number: u8) -> Code {
    let bytes = match IS_X86_64 {
        true => [0xb8, number, 0, 0, 0, 0xc3].to_vec(),
        false => instructions(&[0x5280_0000 | u32::from(number) << 5, 0xd65f_03c0]),
    };
    (bytes, Vec::new())
}

/// `return argument + number;`
pub fn adds(number: u8) -> Code {
    let bytes = match IS_X86_64 {
        true => [0x8d, 0x87, number, 0, 0, 0, 0xc3].to_vec(),
        false => instructions(&[0x1100_0000 | u32::from(number) << 10, 0xd65f_03c0]),
    };
    (bytes, Vec::new())
}

/// `return callee() + number;`
pub fn calls(callee: FuncId, number: u8) -> Code {
    let bytes = match IS_X86_64 {
        true => [
            &[0x48, 0x83, 0xec, 8][..],
            &[0xe8, 0, 0, 0, 0],
            &[0x05, number, 0, 0, 0],
            &[0x48, 0x83, 0xc4, 8, 0xc3],
        ]
        .concat(),
        false => instructions(&[
            0xa9bf_7bfd,
            0x9400_0000,
            0x1100_0000 | u32::from(number) << 10,
            0xa8c1_7bfd,
            0xd65f_03c0,
        ]),
    };
    let offset = if IS_X86_64 { 5 } else { 4 };
    (bytes, [branch(offset, callee)].to_vec())
}

/// `return callee(argument);`, by a jump.
pub fn passes_on(callee: FuncId) -> Code {
    let bytes = match IS_X86_64 {
        true => [0xe9, 0, 0, 0, 0].to_vec(),
        false => instructions(&[0x1400_0000]),
    };
    let offset = u32::from(IS_X86_64);
    (bytes, [branch(offset, callee)].to_vec())
}

fn branch(offset: u32, callee: FuncId) -> Relocation<Target> {
    let (kind, addend) = match IS_X86_64 {
        true => (EdgeKind::X86_64(X86_64Kind::RequestBranch32), -4),
        false => (EdgeKind::Aarch64(Aarch64Kind::RequestBranch26), 0),
    };
    Relocation {
        offset,
        kind,
        target: Target::Function(callee),
        addend,
    }
}

/// `return word;`, by way of the global offset table.
pub fn reads(word: DataId) -> Code {
    let bytes = match IS_X86_64 {
        true => [0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x8b, 0, 0xc3].to_vec(),
        false => instructions(&[0x9000_0000, 0xf940_0000, 0xb940_0000, 0xd65f_03c0]),
    };
    let to_word = |offset, kind, addend| Relocation {
        offset,
        kind,
        target: Target::Data(word),
        addend,
    };
    let relocations = match IS_X86_64 {
        true => [to_word(
            3,
            EdgeKind::X86_64(X86_64Kind::RequestGotDelta32),
            -4,
        )]
        .to_vec(),
        false => [
            to_word(0, EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21), 0),
            to_word(4, EdgeKind::Aarch64(Aarch64Kind::RequestGotPageOffset12), 0),
        ]
        .to_vec(),
    };
    (bytes, relocations)
}
