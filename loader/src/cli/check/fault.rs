//! Why an expression has no value.

use std::fmt;
use std::string::String;

/// Why an expression has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The text isn't one of the language.
    Syntax {
        /// What must stand there.
        expected: &'static str,
        /// The text from there on; empty at the end.
        found: String,
    },
    /// A number doesn't fit 64 bits.
    LargeNumber {
        /// The number.
        digits: String,
    },
    /// No load has this size.
    LoadSize {
        /// The size, in bytes.
        size: u64,
    },
    /// No 64-bit value has these bits.
    Bits {
        /// The highest bit asked for.
        high: u64,
        /// The lowest.
        low: u64,
    },
    /// Too many parentheses and loads within each other.
    TooDeep,
    /// No symbol has this name.
    NoSymbol {
        /// The name.
        name: String,
    },
    /// The object has no such stub.
    NoStub {
        /// The object's file name.
        object: String,
        /// The symbol that the stub would lead to.
        symbol: String,
    },
    /// The object has no such slot in the GOT.
    NoSlot {
        /// The object's file name.
        object: String,
        /// The symbol whose address it would hold.
        symbol: String,
    },
    /// The object has no such section.
    NoSection {
        /// The object's file name.
        object: String,
        /// The section's name.
        section: String,
    },
    /// Nothing was linked at an address.
    NoMemory {
        /// The address.
        address: u64,
        /// How many bytes were to be read from it.
        size: usize,
    },
    /// Bytes are no instruction of the machine that the disassembler knows.
    NoInstruction {
        /// The symbol at or before them.
        symbol: String,
        /// How far after the symbol they stand, in bytes.
        offset: u64,
    },
    /// An instruction whose operands this tool can't number.
    Unnumbered {
        /// The symbol at or before it.
        symbol: String,
        /// How far after the symbol it stands, in bytes.
        offset: u64,
        /// What instruction it is.
        instruction: String,
    },
    /// An instruction has fewer operands.
    NoOperand {
        /// The place asked for.
        index: u64,
        /// How many there are.
        count: usize,
        /// What instruction it is.
        instruction: String,
    },
    /// An operand is a register.
    NotImmediate {
        /// The operand's place.
        index: u64,
        /// What instruction it is.
        instruction: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { expected, found } if found.is_empty() => {
                write!(formatter, "{expected} expected at its end")
            }
            Self::Syntax { expected, found } => {
                write!(formatter, "{expected} expected at `{found}`")
            }
            Self::LargeNumber { digits } => {
                write!(formatter, "{digits} doesn't fit 64 bits")
            }
            Self::LoadSize { size } => {
                write!(formatter, "a load has 1, 2, 4 or 8 bytes, not {size}")
            }
            Self::Bits { high, low } => {
                write!(
                    formatter,
                    "[{high}:{low}] are no bits of a 64-bit value; the higher stands first"
                )
            }
            Self::TooDeep => formatter.write_str("too many parentheses within each other"),
            Self::NoSymbol { name } => write!(formatter, "no symbol is named `{name}`"),
            Self::NoStub { object, symbol } => {
                write!(formatter, "`{object}` has no stub for `{symbol}`")
            }
            Self::NoSlot { object, symbol } => {
                write!(
                    formatter,
                    "`{object}` has no slot in the GOT for `{symbol}`"
                )
            }
            Self::NoSection { object, section } => {
                write!(formatter, "`{object}` has no section `{section}`")
            }
            Self::NoMemory { address, size } => {
                write!(
                    formatter,
                    "nothing is linked at the {size} bytes from {address:#x}"
                )
            }
            Self::NoInstruction { symbol, offset } => {
                write!(
                    formatter,
                    "the bytes at {symbol}+{offset:#x} are no instruction that the disassembler knows"
                )
            }
            Self::Unnumbered {
                symbol,
                offset,
                instruction,
            } => write!(
                formatter,
                "the operands of {instruction} at {symbol}+{offset:#x} have no numbers here; load the bytes instead"
            ),
            Self::NoOperand {
                index,
                count,
                instruction,
            } => write!(
                formatter,
                "{instruction} has no operand {index}: it has {count}, counted from 0"
            ),
            Self::NotImmediate { index, instruction } => {
                write!(
                    formatter,
                    "operand {index} of {instruction} is a register, not a number"
                )
            }
        }
    }
}

impl std::error::Error for Fault {}
