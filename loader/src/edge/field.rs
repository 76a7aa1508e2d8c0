//! Bit-field codecs: where the bits of a value stand in the bytes that a fixup changes.

use crate::base::int;

/// Where a run of a value's bits stands in the word that holds them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The word's bits that hold them.
    pub mask: u64,
    /// How far the value is rotated to the left for its bits to stand there.
    pub rotation: u32,
}

impl Piece {
    /// `width` bits of a value from `value_bit` on, which stand in the word from `word_bit` on: 32 at most, as an instruction has.
    pub(super) const fn new(value_bit: u8, width: u8, word_bit: u8) -> Self {
        let ones = bit_at(width).wrapping_sub(1);
        Self {
            mask: ones.wrapping_shl(int::widen_u8(word_bit)),
            rotation: int::widen_u8(word_bit.wrapping_sub(value_bit) % 64),
        }
    }

    /// The word with the value's bits in place of its own.
    #[inline]
    const fn write(self, word: u64, value: u64) -> u64 {
        word & !self.mask | value.rotate_left(self.rotation) & self.mask
    }

    /// The value's bits that the word holds.
    const fn read(self, word: u64) -> u64 {
        (word & self.mask).rotate_right(self.rotation)
    }
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
            Some(bit) if value.cast_signed() < 0 => (word & !bit_at(bit), !value),
            Some(bit) => (word | bit_at(bit), value),
        };
        let pieces = self.pieces.iter();
        pieces.fold(word, |word, piece| piece.write(word, value))
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
            Self::Instruction(instruction) => {
                let pieces = instruction.pieces.iter();
                pieces.fold(0, |mask, piece| mask | piece.read(u64::MAX))
            }
        }
    }

    /// The bits of a word that depend on the value.
    pub fn word_mask(self) -> u64 {
        match self {
            Self::Instruction(instruction) => {
                let sign = instruction.sign_bit.map_or(0, bit_at);
                let pieces = instruction.pieces.iter();
                pieces.fold(sign, |mask, piece| mask | piece.mask)
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
                let pieces = instruction.pieces.iter();
                let bits = pieces.fold(0, |value, piece| value | piece.read(word));
                match instruction.sign_bit {
                    Some(bit) if word & bit_at(bit) == 0 => !bits & self.value_mask(),
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

const fn bit_at(place: u8) -> u64 {
    1_u64.wrapping_shl(int::widen_u8(place))
}
