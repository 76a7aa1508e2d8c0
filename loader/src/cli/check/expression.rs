//! What a rule says, as a tree.

use std::boxed::Box;
use std::vec::Vec;

/// A rule: two sides that are to be equal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Equation<'r> {
    /// The side before the sign.
    pub(super) left: Expression<'r>,
    /// The side after it.
    pub(super) right: Expression<'r>,
}

/// Something with a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expression<'r> {
    /// A number.
    Number(u64),
    /// The address of a symbol.
    Symbol(&'r str),
    /// What was written at an address, as a little-endian number.
    Load {
        /// How many bytes.
        size: usize,
        /// From where.
        address: Box<Self>,
    },
    /// Some bits of a value, moved down.
    Slice {
        /// The value.
        value: Box<Self>,
        /// The highest bit.
        high: u32,
        /// The lowest bit.
        low: u32,
    },
    /// Operations, from left to right.
    Chain {
        /// What they begin with.
        first: Box<Self>,
        /// The operations.
        rest: Vec<(Operation, Self)>,
    },
    /// An operand of an instruction.
    Operand {
        /// The symbol at or before the instruction.
        symbol: &'r str,
        /// How far after the symbol it stands, in bytes.
        offset: u64,
        /// The operand's place, as LLVM counts.
        index: u64,
    },
    /// The address after an instruction.
    NextPc {
        /// The symbol at the instruction.
        symbol: &'r str,
    },
    /// The address of a stub.
    Stub {
        /// The object whose calls go to it.
        object: &'r str,
        /// The symbol that it leads to.
        symbol: &'r str,
        /// The kind of the stub, if it matters.
        kind: Option<&'r str>,
    },
    /// The address of a slot in the GOT.
    Got {
        /// The object that uses it.
        object: &'r str,
        /// The symbol whose address it holds.
        symbol: &'r str,
    },
    /// The address of a section.
    Section {
        /// The object that it comes from.
        object: &'r str,
        /// Its name.
        name: &'r str,
    },
}

/// An operation on two 64-bit numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    /// Sum, modulo 2^64.
    Add,
    /// Difference, modulo 2^64.
    Subtract,
    /// The bits that both have.
    And,
    /// The bits that either has.
    Or,
    /// Bits moved up; zero from 64 on.
    ShiftLeft,
    /// Bits moved down; zero from 64 on.
    ShiftRight,
}
