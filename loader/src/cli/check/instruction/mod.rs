//! Instructions with their operands numbered as LLVM numbers them.
//!
//! LLVM keeps the operands of an instruction in one list, whose order is neither that of the assembly's text nor that
//! of the encoding: results stand first; a source that must be the same register as a result stands again; an address
//! takes as many places as it has parts. Each machine's file says how from what its disassembler tells. Both match
//! what `llvm-mc --show-inst` prints.

pub(super) mod aarch64;
pub(super) mod x86_64;

use std::string::String;
use std::vec::Vec;

/// The length of the longest instruction of any machine, in bytes.
pub(super) const LONGEST: usize = 15;

/// An instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Instruction {
    /// Its length, in bytes.
    pub(super) size: u64,
    /// What it is, for a message.
    pub(super) name: String,
    /// Its operands, in LLVM's order; `None` where that order isn't known.
    pub(super) operands: Option<Vec<Operand>>,
}

/// What stands in one place of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operand {
    /// A register, or that there is none.
    Register,
    /// A number.
    Immediate(i64),
}
