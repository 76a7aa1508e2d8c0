//! Bit-field codecs: where the bits of a value stand in the bytes that a fixup changes.

use crate::base::int;

/// Where a run of a value's bits stands in the word that holds them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The lowest of the value's bits that is stored.
    pub value_bit: u8,
    /// How many bits are stored.
    pub width: u8,
    /// Where the lowest of them stands in the word.
    pub word_bit: u8,
}

/// What an instruction of four bytes looks like, whatever its registers and immediates are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Form {
    /// The bits that tell the instruction from others.
    pub mask: u32,
    /// Their values.
    pub bits: u32,
}

/// An instruction of four bytes that holds a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// What it is called, as errors and the documentation name it.
    pub name: &'static str,
    /// What it looks like: one of these.
    pub forms: &'static [Form],
    /// Where it holds the value's bits.
    pub pieces: &'static [Piece],
    /// The bit that tells the value's sign, if one does: set, the value's bits are stored as they are; clear, the value is
    /// negative, and they are stored inverted.
    pub sign_bit: Option<u8>,
}

impl Form {
    /// Whether `word` is such an instruction.
    pub const fn matches(&self, word: u32) -> bool {
        word & self.mask == self.bits
    }
}

impl Instruction {
    /// Whether `word` is this instruction.
    pub fn is_in(&self, word: u32) -> bool {
        self.forms.iter().any(|form| form.matches(word))
    }

    /// The word with the value's bits in place of its own.
    pub fn write(&self, word: u64, value: u64) -> u64 {
        let (word, value) = match self.sign_bit {
            None => (word, value),
            Some(bit) if value.cast_signed() < 0 => (word & !shift_left(1, bit), !value),
            Some(bit) => (word | shift_left(1, bit), value),
        };
        self.pieces.iter().fold(word, |word, piece| {
            let ones = low_ones(piece.width);
            let bits = shift_right(value, piece.value_bit) & ones;
            word & !shift_left(ones, piece.word_bit) | shift_left(bits, piece.word_bit)
        })
    }
}

/// The bytes that a fixup changes, read and written as one little-endian word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// No byte.
    Empty,
    /// One whole byte.
    Byte,
    /// A whole word of two bytes.
    Half,
    /// A whole word of four bytes.
    Word,
    /// A whole word of eight bytes.
    Double,
    /// The second of two words of eight bytes; the first stays as it is.
    SecondDouble,
    /// Some bits of an instruction of four bytes.
    Instruction(&'static Instruction),
}

impl Field {
    /// How many bytes are read and written.
    pub const fn size_bytes(self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Byte => 1,
            Self::Half => 2,
            Self::Word | Self::Instruction(_) => 4,
            Self::Double => 8,
            Self::SecondDouble => 16,
        }
    }

    /// The bits of a value that the field stores.
    pub fn value_mask(self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Byte => 0xff,
            Self::Half => 0xffff,
            Self::Word => 0xffff_ffff,
            Self::Double | Self::SecondDouble => u64::MAX,
            Self::Instruction(instruction) => instruction.pieces.iter().fold(0, |mask, piece| {
                mask | shift_left(low_ones(piece.width), piece.value_bit)
            }),
        }
    }

    /// The bits of a word that depend on the value.
    pub fn word_mask(self) -> u64 {
        match self {
            Self::Instruction(instruction) => {
                let sign = instruction.sign_bit.map_or(0, |bit| shift_left(1, bit));
                instruction.pieces.iter().fold(sign, |mask, piece| {
                    mask | shift_left(low_ones(piece.width), piece.word_bit)
                })
            }
            whole => whole.value_mask(),
        }
    }

    /// The word with the value's bits in place of its own.
    pub fn write(self, word: u64, value: u64) -> u64 {
        match self {
            Self::Instruction(instruction) => instruction.write(word, value),
            whole => {
                let mask = whole.value_mask();
                word & !mask | value & mask
            }
        }
    }

    /// The value's bits that the word holds; bits that are not stored are zero.
    pub fn read(self, word: u64) -> u64 {
        match self {
            Self::Instruction(instruction) => {
                let bits = instruction.pieces.iter().fold(0, |value, piece| {
                    let bits = shift_right(word, piece.word_bit) & low_ones(piece.width);
                    value | shift_left(bits, piece.value_bit)
                });
                match instruction.sign_bit {
                    Some(bit) if word & shift_left(1, bit) == 0 => !bits & self.value_mask(),
                    _ => bits,
                }
            }
            whole => word & whole.value_mask(),
        }
    }

    /// The value that the word holds, its highest stored bit taken as a sign: an implicit addend.
    pub fn read_signed(self, word: u64) -> i64 {
        let unused = self.value_mask().leading_zeros();
        self.read(word)
            .wrapping_shl(unused)
            .cast_signed()
            .wrapping_shr(unused)
    }
}

/// The lowest bits, so many: a piece of an instruction has 32 at most.
const fn low_ones(width: u8) -> u64 {
    1_u64.wrapping_shl(int::widen_u8(width)).wrapping_sub(1)
}

const fn shift_left(value: u64, bits: u8) -> u64 {
    value.wrapping_shl(int::widen_u8(bits))
}

const fn shift_right(value: u64, bits: u8) -> u64 {
    value.wrapping_shr(int::widen_u8(bits))
}
