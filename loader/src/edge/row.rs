//! The columns of a kind's row.

use core::fmt;

use crate::base::Alignment;

use super::{EdgeKind, Field};

/// Everything there is to know of an edge kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindRow {
    /// The kind's name.
    pub name: &'static str,
    /// The value that it computes.
    pub formula: Formula,
    /// The bits that it writes.
    pub field: Field,
    /// The values that may be written.
    pub range: ValueRange,
    /// The least and the greatest of them, worked out ahead: they are looked at for each fixup.
    pub(crate) ends: (i64, i64),
    /// What the value must be a multiple of.
    pub value_alignment: Alignment,
    /// For a request: what it asks for, and what it becomes once that is there.
    pub request: Option<Request>,
    /// How the bytes around the field change.
    pub rewrite: Rewrite,
    /// Which of the plain ways it is computed and written in, worked out ahead.
    pub(crate) plain: Option<Plain>,
    /// See [`is_thread_local`](Self::is_thread_local), worked out ahead.
    pub(crate) needs_threads: bool,
    /// See [`is_inert`](Self::is_inert), likewise.
    pub(crate) needs_nothing: bool,
}

/// The ways in which most fixups are computed and written: of place, target and addend alone, and nothing around them changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Plain {
    /// A whole word.
    Word(PlainWord),
    /// Bits of an instruction, as the row's columns say.
    Instruction,
}

/// The whole words that most data, and most code of x86-64, hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PlainWord {
    /// S + A - P in four bytes, signed.
    Distance32,
    /// S + A in eight bytes.
    Address64,
}

impl Plain {
    /// The plain way that a kind of these columns has, if it has one.
    pub(crate) const fn of(
        formula: Formula,
        field: Field,
        range: ValueRange,
        alignment: Alignment,
        rewrite: Rewrite,
        request: Option<Request>,
    ) -> Option<Self> {
        // What asks for an entry is not written before it becomes something else.
        if !matches!(rewrite, Rewrite::None) || request.is_some() {
            return None;
        }
        match (formula, field, range) {
            (
                Formula::Absolute | Formula::Relative | Formula::PageRelative | Formula::PageOffset,
                Field::Instruction(_),
                _,
            ) => Some(Self::Instruction),
            _ if alignment.log2() != 0 => None,
            (Formula::Relative, Field::Word, ValueRange::Signed(32)) => {
                Some(Self::Word(PlainWord::Distance32))
            }
            (Formula::Absolute, Field::Double, ValueRange::Any) => {
                Some(Self::Word(PlainWord::Address64))
            }
            _ => None,
        }
    }
}

impl KindRow {
    /// Whether `value` may be written.
    pub const fn allows(&self, value: i64) -> bool {
        let (first, last) = self.ends;
        first <= value && value <= last
    }

    /// Whether `value` may be written, and is a multiple of what it must be one of.
    #[inline]
    pub(crate) const fn takes(&self, value: i64) -> bool {
        self.allows(value) && self.value_alignment.divides(value.cast_unsigned())
    }

    /// Whether an edge within one module needs nothing but to be written: no table, no storage of threads, and its value fits
    /// wherever the module lies, or is checked when it is written.
    #[inline]
    pub const fn is_inert(&self) -> bool {
        self.needs_nothing
    }

    /// Whether the value depends on where threads have storage of their own, by itself or through a table.
    #[inline]
    pub const fn is_thread_local(&self) -> bool {
        self.needs_threads
    }
}

/// Whether a row of these columns [is inert](KindRow::is_inert).
pub(crate) const fn needs_nothing(
    formula: Formula,
    range: ValueRange,
    request: Option<Request>,
) -> bool {
    let is_placeless = match formula {
        Formula::Absolute => matches!(range.ends(), (i64::MIN, i64::MAX)),
        Formula::TableRelative | Formula::TablePageRelative => false,
        _ => !needs_threads(formula, request),
    };
    is_placeless && request.is_none()
}

/// Whether a row of these columns [is thread-local](KindRow::is_thread_local).
pub(crate) const fn needs_threads(formula: Formula, request: Option<Request>) -> bool {
    let by_itself = matches!(
        formula,
        Formula::ThreadOffset | Formula::ThreadBlockOffset | Formula::ThreadModule
    );
    let by_table = match request {
        Some(request) => matches!(
            request.table,
            Table::ThreadPair | Table::ThreadModule | Table::ThreadOffset | Table::ThreadDescriptor
        ),
        None => false,
    };
    by_itself || by_table
}

/// How a relaxed kind changes the instruction that its field stands in, before the field is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rewrite {
    /// The instruction stays as it is.
    None,
    /// x86-64: a load of a word that holds an address loads the address itself (LEA).
    Address,
    /// x86-64: an instruction takes an immediate instead of a word that holds an address; its other operand has 32 bits.
    Immediate(Prefix),
    /// x86-64: the same, and the other operand has 64 bits.
    WideImmediate(Prefix),
    /// x86-64: a call to where a word tells becomes a direct one.
    Call,
    /// x86-64: a jump to where a word tells becomes a direct one, a byte shorter.
    Jump,
    /// AArch64: the first of two instructions is not needed any more.
    Nothing,
    /// AArch64: a load of a word that holds an address becomes an addition to the address of a page.
    Add,
    /// AArch64: a load of a word that holds an address becomes an addition to its own address (ADR).
    Adr,
}

/// What stands before the opcode of an instruction of x86-64 to tell high registers and operands of 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prefix {
    /// Nothing.
    None,
    /// A byte, REX.
    Rex,
    /// Two bytes, REX2.
    Rex2,
}

impl Prefix {
    /// How many bytes it has.
    pub const fn size_bytes(self) -> usize {
        match self {
            Self::None => 0,
            Self::Rex => 1,
            Self::Rex2 => 2,
        }
    }
}

/// How the value of a fixup is computed, with the ABIs' letters: S the target's address, A the addend, P the address of the
/// fixup, Z the target's size, GOT the address of the global offset table, TP the thread pointer, TLS the start of the block
/// of thread-local storage. All modulo 2^64.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Formula {
    /// Nothing is written.
    Nothing,
    /// S + A
    Absolute,
    /// S + A - P
    Relative,
    /// P - S + A
    NegativeRelative,
    /// Page(S + A) - Page(P), with pages of 4 KiB
    PageRelative,
    /// (S + A) modulo 4 KiB
    PageOffset,
    /// S + A - GOT
    TableRelative,
    /// S + A - Page(GOT)
    TablePageRelative,
    /// Z + A
    Size,
    /// S + A - TP
    ThreadOffset,
    /// S + A - TLS
    ThreadBlockOffset,
    /// 1: the number of the module that the storage belongs to; a link makes one module.
    ThreadModule,
}

impl Formula {
    /// The formula in the ABIs' letters.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Nothing => "-",
            Self::Absolute => "S + A",
            Self::Relative => "S + A - P",
            Self::NegativeRelative => "P - S + A",
            Self::PageRelative => "Page(S + A) - Page(P)",
            Self::PageOffset => "(S + A) & 0xfff",
            Self::TableRelative => "S + A - GOT",
            Self::TablePageRelative => "S + A - Page(GOT)",
            Self::Size => "Z + A",
            Self::ThreadOffset => "S + A - TP",
            Self::ThreadBlockOffset => "S + A - TLS",
            Self::ThreadModule => "1",
        }
    }
}

/// The values that a fixup may write, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueRange {
    /// Every value; what the field doesn't hold is cut off on purpose.
    Any,
    /// A signed number of so many bits.
    Signed(u8),
    /// An unsigned number of so many bits.
    Unsigned(u8),
    /// A number of so many bits that may be read as signed or unsigned.
    Either(u8),
}

impl ValueRange {
    /// The least and the greatest value, as signed numbers.
    pub const fn ends(self) -> (i64, i64) {
        match self {
            Self::Any | Self::Signed(64..) | Self::Unsigned(63..) | Self::Either(63..) => {
                (i64::MIN, i64::MAX)
            }
            Self::Signed(bits) => (half(bits).wrapping_neg(), half(bits).wrapping_sub(1)),
            Self::Unsigned(bits) => (0, half(bits).wrapping_mul(2).wrapping_sub(1)),
            Self::Either(bits) => (
                half(bits).wrapping_neg(),
                half(bits).wrapping_mul(2).wrapping_sub(1),
            ),
        }
    }

    /// Whether `value` may be written.
    pub const fn contains(self, value: i64) -> bool {
        let (first, last) = self.ends();
        first <= value && value <= last
    }
}

/// 2^(bits - 1), for 1 to 63 bits.
const fn half(bits: u8) -> i64 {
    1_i64.wrapping_shl(crate::base::int::widen_u8(bits.wrapping_sub(1)))
}

impl fmt::Display for ValueRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Any => formatter.write_str("any value"),
            range => {
                let (first, last) = range.ends();
                write!(formatter, "{first}..={last}")
            }
        }
    }
}

/// What a request asks for, and what it becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// The table in which its target needs an entry.
    pub table: Table,
    /// The kind that the edge gets once it points at that entry.
    pub becomes: EdgeKind,
}

/// What the linker makes for requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// An entry of the global offset table that holds the target's address.
    Got,
    /// A stub that jumps to the target, if the target is not in the same graph: there a branch goes directly.
    Stub,
    /// A stub that jumps to the target, wherever that is: its address is wanted.
    StubAlways,
    /// The start of the global offset table itself; the edge's own target counts for nothing.
    GotBase,
    /// Two words of the global offset table: the number of the module and the target's offset in its block of thread-local
    /// storage, as `__tls_get_addr` takes them.
    ThreadPair,
    /// The same of the block's start: the number of the module and zero. All targets share it.
    ThreadModule,
    /// A word of the global offset table: the target's offset from the thread pointer.
    ThreadOffset,
    /// Two words of the global offset table: a function, which who sets threads up fills in, and the target's offset from the
    /// thread pointer.
    ThreadDescriptor,
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Got => "GOT entry",
            Self::Stub => "stub unless the target is in the same link",
            Self::StubAlways => "stub",
            Self::GotBase => "start of the GOT",
            Self::ThreadPair => "GOT entries: module, offset in its block",
            Self::ThreadModule => "GOT entries: module, 0",
            Self::ThreadOffset => "GOT entry: offset from TP",
            Self::ThreadDescriptor => "GOT entries: 0, offset from TP",
        })
    }
}
