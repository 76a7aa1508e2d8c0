//! The relocations of AArch64, by "ELF for the Arm 64-bit Architecture" (AAELF64), section "Relocation types".

use crate::aarch64_relaxed::{self, Pairs};
use crate::elf::{number_at, u32_at};
use crate::formula::{Entry, Fault, From, Meaning, Site};
use crate::instructions::NOP;
use crate::names::Nature;

/// A relocation that writes a field.
struct Row {
    number: u32,
    name: &'static str,
    meaning: Meaning,
    from: From,
    field: Field,
    /// The value must be from the first to below the second power of two; unchecked if the field wraps.
    range: Range,
}

/// Where in the place the value stands, and which bits of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    /// So many bytes of data.
    Data(usize),
    /// The 16 bits of a move from this bit on.
    Move(u32),
    /// The same; the move is of the complement if the value is negative.
    MoveSigned(u32),
    /// All bits in an `adr`.
    Adr,
    /// Bits 32 to 12 in an `adrp`.
    Adrp,
    /// Bits 11 to 0 in an `add`, 23 to 12 if they start there.
    Add(u32),
    /// Bits 11, or 14 for a table's offset, down to this one in a load or store.
    LoadStore(u32, u32),
    /// Bits 15 to 2, 20 to 2, 27 to 2 in branches and loads of literals.
    Branch14,
    Branch19,
    Branch26,
}

/// Which values a relocation accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Any,
    /// From -2^n to 2^n - 1.
    Signed(u32),
    /// From 0 to 2^n - 1.
    Unsigned(u32),
    /// From -2^(n-1) to 2^n - 1.
    Either(u32),
}

const fn row(
    number: u32,
    name: &'static str,
    meaning: Meaning,
    from: From,
    field: Field,
    range: Range,
) -> Row {
    Row {
        number,
        name,
        meaning,
        from,
        field,
        range,
    }
}

const SYMBOL: Meaning = Meaning::Symbol;
const ADDRESS: Meaning = Meaning::Entry(Entry::Address);
const PAIR: Meaning = Meaning::Entry(Entry::ThreadPair);
const MODULE: Meaning = Meaning::Entry(Entry::ThreadModule);
const OFFSET: Meaning = Meaning::Entry(Entry::ThreadOffset);
const DESCRIPTOR: Meaning = Meaning::Entry(Entry::ThreadDescriptor);
const IN_BLOCK: Meaning = Meaning::BlockOffset;
const FROM_POINTER: Meaning = Meaning::PointerOffset;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Data relocations.
    row(257, "ABS64", SYMBOL, From::Zero, Field::Data(8), Range::Any),
    row(258, "ABS32", SYMBOL, From::Zero, Field::Data(4), Range::Either(32)),
    row(259, "ABS16", SYMBOL, From::Zero, Field::Data(2), Range::Either(16)),
    row(260, "PREL64", SYMBOL, From::Place, Field::Data(8), Range::Any),
    row(261, "PREL32", SYMBOL, From::Place, Field::Data(4), Range::Signed(31)),
    row(262, "PREL16", SYMBOL, From::Place, Field::Data(2), Range::Signed(15)),
    row(314, "PLT32", Meaning::Branch, From::Place, Field::Data(4), Range::Signed(31)),
    // Group relocations.
    row(263, "MOVW_UABS_G0", SYMBOL, From::Zero, Field::Move(0), Range::Unsigned(16)),
    row(264, "MOVW_UABS_G0_NC", SYMBOL, From::Zero, Field::Move(0), Range::Any),
    row(265, "MOVW_UABS_G1", SYMBOL, From::Zero, Field::Move(16), Range::Unsigned(32)),
    row(266, "MOVW_UABS_G1_NC", SYMBOL, From::Zero, Field::Move(16), Range::Any),
    row(267, "MOVW_UABS_G2", SYMBOL, From::Zero, Field::Move(32), Range::Unsigned(48)),
    row(268, "MOVW_UABS_G2_NC", SYMBOL, From::Zero, Field::Move(32), Range::Any),
    row(269, "MOVW_UABS_G3", SYMBOL, From::Zero, Field::Move(48), Range::Any),
    row(270, "MOVW_SABS_G0", SYMBOL, From::Zero, Field::MoveSigned(0), Range::Signed(16)),
    row(271, "MOVW_SABS_G1", SYMBOL, From::Zero, Field::MoveSigned(16), Range::Signed(32)),
    row(272, "MOVW_SABS_G2", SYMBOL, From::Zero, Field::MoveSigned(32), Range::Signed(48)),
    // Relocations to generate 19, 21 and 33 bit addresses.
    row(273, "LD_PREL_LO19", SYMBOL, From::Place, Field::Branch19, Range::Signed(20)),
    row(274, "ADR_PREL_LO21", SYMBOL, From::Place, Field::Adr, Range::Signed(20)),
    row(275, "ADR_PREL_PG_HI21", SYMBOL, From::PageOfPlace, Field::Adrp, Range::Signed(32)),
    row(276, "ADR_PREL_PG_HI21_NC", SYMBOL, From::PageOfPlace, Field::Adrp, Range::Any),
    row(277, "ADD_ABS_LO12_NC", SYMBOL, From::Zero, Field::Add(0), Range::Any),
    row(278, "LDST8_ABS_LO12_NC", SYMBOL, From::Zero, Field::LoadStore(11, 0), Range::Any),
    row(284, "LDST16_ABS_LO12_NC", SYMBOL, From::Zero, Field::LoadStore(11, 1), Range::Any),
    row(285, "LDST32_ABS_LO12_NC", SYMBOL, From::Zero, Field::LoadStore(11, 2), Range::Any),
    row(286, "LDST64_ABS_LO12_NC", SYMBOL, From::Zero, Field::LoadStore(11, 3), Range::Any),
    row(299, "LDST128_ABS_LO12_NC", SYMBOL, From::Zero, Field::LoadStore(11, 4), Range::Any),
    // Control flow.
    row(279, "TSTBR14", SYMBOL, From::Place, Field::Branch14, Range::Signed(15)),
    row(280, "CONDBR19", SYMBOL, From::Place, Field::Branch19, Range::Signed(20)),
    row(282, "JUMP26", Meaning::Branch, From::Place, Field::Branch26, Range::Signed(27)),
    row(283, "CALL26", Meaning::Branch, From::Place, Field::Branch26, Range::Signed(27)),
    // PC-relative offsets inline.
    row(287, "MOVW_PREL_G0", SYMBOL, From::Place, Field::MoveSigned(0), Range::Signed(16)),
    row(288, "MOVW_PREL_G0_NC", SYMBOL, From::Place, Field::Move(0), Range::Any),
    row(289, "MOVW_PREL_G1", SYMBOL, From::Place, Field::MoveSigned(16), Range::Signed(32)),
    row(290, "MOVW_PREL_G1_NC", SYMBOL, From::Place, Field::Move(16), Range::Any),
    row(291, "MOVW_PREL_G2", SYMBOL, From::Place, Field::MoveSigned(32), Range::Signed(48)),
    row(292, "MOVW_PREL_G2_NC", SYMBOL, From::Place, Field::Move(32), Range::Any),
    row(293, "MOVW_PREL_G3", SYMBOL, From::Place, Field::MoveSigned(48), Range::Any),
    // The global offset table.
    row(300, "MOVW_GOTOFF_G0", ADDRESS, From::Table, Field::MoveSigned(0), Range::Signed(16)),
    row(301, "MOVW_GOTOFF_G0_NC", ADDRESS, From::Table, Field::Move(0), Range::Any),
    row(302, "MOVW_GOTOFF_G1", ADDRESS, From::Table, Field::MoveSigned(16), Range::Signed(32)),
    row(303, "MOVW_GOTOFF_G1_NC", ADDRESS, From::Table, Field::Move(16), Range::Any),
    row(304, "MOVW_GOTOFF_G2", ADDRESS, From::Table, Field::MoveSigned(32), Range::Signed(48)),
    row(305, "MOVW_GOTOFF_G2_NC", ADDRESS, From::Table, Field::Move(32), Range::Any),
    row(306, "MOVW_GOTOFF_G3", ADDRESS, From::Table, Field::MoveSigned(48), Range::Any),
    row(307, "GOTREL64", SYMBOL, From::Table, Field::Data(8), Range::Any),
    row(308, "GOTREL32", SYMBOL, From::Table, Field::Data(4), Range::Signed(31)),
    row(309, "GOT_LD_PREL19", ADDRESS, From::Place, Field::Branch19, Range::Signed(20)),
    row(310, "LD64_GOTOFF_LO15", ADDRESS, From::Table, Field::LoadStore(14, 3), Range::Unsigned(15)),
    row(ADR_GOT_PAGE, "ADR_GOT_PAGE", ADDRESS, From::PageOfPlace, Field::Adrp, Range::Signed(32)),
    row(LD64_GOT_LO12_NC, "LD64_GOT_LO12_NC", ADDRESS, From::Zero, Field::LoadStore(11, 3), Range::Any),
    row(313, "LD64_GOTPAGE_LO15", ADDRESS, From::PageOfTable, Field::LoadStore(14, 3), Range::Unsigned(15)),
    row(315, "GOTPCREL32", ADDRESS, From::Place, Field::Data(4), Range::Signed(31)),
    // General dynamic.
    row(512, "TLSGD_ADR_PREL21", PAIR, From::Place, Field::Adr, Range::Signed(20)),
    row(513, "TLSGD_ADR_PAGE21", PAIR, From::PageOfPlace, Field::Adrp, Range::Signed(32)),
    row(514, "TLSGD_ADD_LO12_NC", PAIR, From::Zero, Field::Add(0), Range::Any),
    row(515, "TLSGD_MOVW_G1", PAIR, From::Table, Field::MoveSigned(16), Range::Signed(32)),
    row(516, "TLSGD_MOVW_G0_NC", PAIR, From::Table, Field::Move(0), Range::Any),
    // Local dynamic.
    row(517, "TLSLD_ADR_PREL21", MODULE, From::Place, Field::Adr, Range::Signed(20)),
    row(518, "TLSLD_ADR_PAGE21", MODULE, From::PageOfPlace, Field::Adrp, Range::Signed(32)),
    row(519, "TLSLD_ADD_LO12_NC", MODULE, From::Zero, Field::Add(0), Range::Any),
    row(520, "TLSLD_MOVW_G1", MODULE, From::Table, Field::MoveSigned(16), Range::Signed(32)),
    row(521, "TLSLD_MOVW_G0_NC", MODULE, From::Table, Field::Move(0), Range::Any),
    row(522, "TLSLD_LD_PREL19", MODULE, From::Place, Field::Branch19, Range::Signed(20)),
    row(523, "TLSLD_MOVW_DTPREL_G2", IN_BLOCK, From::Zero, Field::MoveSigned(32), Range::Signed(48)),
    row(524, "TLSLD_MOVW_DTPREL_G1", IN_BLOCK, From::Zero, Field::MoveSigned(16), Range::Signed(32)),
    row(525, "TLSLD_MOVW_DTPREL_G1_NC", IN_BLOCK, From::Zero, Field::Move(16), Range::Any),
    row(526, "TLSLD_MOVW_DTPREL_G0", IN_BLOCK, From::Zero, Field::MoveSigned(0), Range::Signed(16)),
    row(527, "TLSLD_MOVW_DTPREL_G0_NC", IN_BLOCK, From::Zero, Field::Move(0), Range::Any),
    row(528, "TLSLD_ADD_DTPREL_HI12", IN_BLOCK, From::Zero, Field::Add(12), Range::Unsigned(24)),
    row(529, "TLSLD_ADD_DTPREL_LO12", IN_BLOCK, From::Zero, Field::Add(0), Range::Unsigned(12)),
    row(530, "TLSLD_ADD_DTPREL_LO12_NC", IN_BLOCK, From::Zero, Field::Add(0), Range::Any),
    row(531, "TLSLD_LDST8_DTPREL_LO12", IN_BLOCK, From::Zero, Field::LoadStore(11, 0), Range::Unsigned(12)),
    row(532, "TLSLD_LDST8_DTPREL_LO12_NC", IN_BLOCK, From::Zero, Field::LoadStore(11, 0), Range::Any),
    row(533, "TLSLD_LDST16_DTPREL_LO12", IN_BLOCK, From::Zero, Field::LoadStore(11, 1), Range::Unsigned(12)),
    row(534, "TLSLD_LDST16_DTPREL_LO12_NC", IN_BLOCK, From::Zero, Field::LoadStore(11, 1), Range::Any),
    row(535, "TLSLD_LDST32_DTPREL_LO12", IN_BLOCK, From::Zero, Field::LoadStore(11, 2), Range::Unsigned(12)),
    row(536, "TLSLD_LDST32_DTPREL_LO12_NC", IN_BLOCK, From::Zero, Field::LoadStore(11, 2), Range::Any),
    row(537, "TLSLD_LDST64_DTPREL_LO12", IN_BLOCK, From::Zero, Field::LoadStore(11, 3), Range::Unsigned(12)),
    row(538, "TLSLD_LDST64_DTPREL_LO12_NC", IN_BLOCK, From::Zero, Field::LoadStore(11, 3), Range::Any),
    row(572, "TLSLD_LDST128_DTPREL_LO12", IN_BLOCK, From::Zero, Field::LoadStore(11, 4), Range::Unsigned(12)),
    row(573, "TLSLD_LDST128_DTPREL_LO12_NC", IN_BLOCK, From::Zero, Field::LoadStore(11, 4), Range::Any),
    // Initial exec.
    row(539, "TLSIE_MOVW_GOTTPREL_G1", OFFSET, From::Table, Field::MoveSigned(16), Range::Signed(32)),
    row(540, "TLSIE_MOVW_GOTTPREL_G0_NC", OFFSET, From::Table, Field::Move(0), Range::Any),
    row(541, "TLSIE_ADR_GOTTPREL_PAGE21", OFFSET, From::PageOfPlace, Field::Adrp, Range::Signed(32)),
    row(542, "TLSIE_LD64_GOTTPREL_LO12_NC", OFFSET, From::Zero, Field::LoadStore(11, 3), Range::Any),
    row(543, "TLSIE_LD_GOTTPREL_PREL19", OFFSET, From::Place, Field::Branch19, Range::Signed(20)),
    // Local exec.
    row(544, "TLSLE_MOVW_TPREL_G2", FROM_POINTER, From::Zero, Field::MoveSigned(32), Range::Signed(48)),
    row(545, "TLSLE_MOVW_TPREL_G1", FROM_POINTER, From::Zero, Field::MoveSigned(16), Range::Signed(32)),
    row(546, "TLSLE_MOVW_TPREL_G1_NC", FROM_POINTER, From::Zero, Field::Move(16), Range::Any),
    row(547, "TLSLE_MOVW_TPREL_G0", FROM_POINTER, From::Zero, Field::MoveSigned(0), Range::Signed(16)),
    row(548, "TLSLE_MOVW_TPREL_G0_NC", FROM_POINTER, From::Zero, Field::Move(0), Range::Any),
    row(549, "TLSLE_ADD_TPREL_HI12", FROM_POINTER, From::Zero, Field::Add(12), Range::Unsigned(24)),
    row(550, "TLSLE_ADD_TPREL_LO12", FROM_POINTER, From::Zero, Field::Add(0), Range::Unsigned(12)),
    row(551, "TLSLE_ADD_TPREL_LO12_NC", FROM_POINTER, From::Zero, Field::Add(0), Range::Any),
    row(552, "TLSLE_LDST8_TPREL_LO12", FROM_POINTER, From::Zero, Field::LoadStore(11, 0), Range::Unsigned(12)),
    row(553, "TLSLE_LDST8_TPREL_LO12_NC", FROM_POINTER, From::Zero, Field::LoadStore(11, 0), Range::Any),
    row(554, "TLSLE_LDST16_TPREL_LO12", FROM_POINTER, From::Zero, Field::LoadStore(11, 1), Range::Unsigned(12)),
    row(555, "TLSLE_LDST16_TPREL_LO12_NC", FROM_POINTER, From::Zero, Field::LoadStore(11, 1), Range::Any),
    row(556, "TLSLE_LDST32_TPREL_LO12", FROM_POINTER, From::Zero, Field::LoadStore(11, 2), Range::Unsigned(12)),
    row(557, "TLSLE_LDST32_TPREL_LO12_NC", FROM_POINTER, From::Zero, Field::LoadStore(11, 2), Range::Any),
    row(558, "TLSLE_LDST64_TPREL_LO12", FROM_POINTER, From::Zero, Field::LoadStore(11, 3), Range::Unsigned(12)),
    row(559, "TLSLE_LDST64_TPREL_LO12_NC", FROM_POINTER, From::Zero, Field::LoadStore(11, 3), Range::Any),
    row(570, "TLSLE_LDST128_TPREL_LO12", FROM_POINTER, From::Zero, Field::LoadStore(11, 4), Range::Unsigned(12)),
    row(571, "TLSLE_LDST128_TPREL_LO12_NC", FROM_POINTER, From::Zero, Field::LoadStore(11, 4), Range::Any),
    // Descriptors.
    row(560, "TLSDESC_LD_PREL19", DESCRIPTOR, From::Place, Field::Branch19, Range::Signed(20)),
    row(561, "TLSDESC_ADR_PREL21", DESCRIPTOR, From::Place, Field::Adr, Range::Signed(20)),
    row(562, "TLSDESC_ADR_PAGE21", DESCRIPTOR, From::PageOfPlace, Field::Adrp, Range::Signed(32)),
    row(563, "TLSDESC_LD64_LO12", DESCRIPTOR, From::Zero, Field::LoadStore(11, 3), Range::Any),
    row(564, "TLSDESC_ADD_LO12", DESCRIPTOR, From::Zero, Field::Add(0), Range::Any),
    row(565, "TLSDESC_OFF_G1", DESCRIPTOR, From::Table, Field::MoveSigned(16), Range::Signed(32)),
    row(566, "TLSDESC_OFF_G0_NC", DESCRIPTOR, From::Table, Field::Move(0), Range::Any),
];

/// Relocations that only mark what stands there, with their names.
const MARKS: &[(u32, &str)] = &[
    (0, "NONE"),
    (256, "NONE"),
    (567, "TLSDESC_LDR"),
    (568, "TLSDESC_ADD"),
    (569, "TLSDESC_CALL"),
];

pub(crate) const ADR_GOT_PAGE: u32 = 311;
pub(crate) const LD64_GOT_LO12_NC: u32 = 312;
const JUMP26: u32 = 282;
const CALL26: u32 = 283;

/// The ABI's name for a relocation.
pub(crate) fn name(number: u32) -> String {
    let rows = ROWS.iter().map(|row| (row.number, row.name));
    let known = rows
        .chain(MARKS.iter().copied())
        .find(|(known, _)| *known == number);
    known.map_or_else(
        || format!("relocation {number}"),
        |(_, name)| format!("R_AARCH64_{name}"),
    )
}

/// Whether linkers may fill the field with different values and all be right.
pub(crate) fn leaves_choice(number: u32) -> bool {
    let row = ROWS.iter().find(|row| row.number == number);
    row.is_some_and(|row| {
        let from_table = matches!(row.from, From::Table | From::PageOfTable);
        row.meaning.leaves_choice() || from_table || aarch64_relaxed::may_be_rewritten(number)
    })
}

/// Checks the field of one relocation among those of its section; what it covers is marked as accounted for.
pub(crate) fn check(
    site: &Site<'_>,
    section: &Pairs<'_>,
    accounted: &mut [u8],
) -> Result<(), Fault> {
    let number = site.relocation.number;
    if MARKS.iter().any(|(known, _)| *known == number) {
        return Ok(());
    }
    let Some(row) = ROWS.iter().find(|row| row.number == number) else {
        return Err(Fault {
            expected: "a relocation that is known here".to_owned(),
            got: number.to_string(),
        });
    };
    let offset = site.offset();
    if is_skipped_branch(site) || aarch64_relaxed::is_rewritten(site, section)? {
        accounted[offset..offset + 4].fill(0xff);
        return Ok(());
    }
    let values = site.values(row.meaning, row.from)?;
    let got = row.read(&site.written[offset..]);
    let fields = values.iter().map(|&value| row.write(value));
    for (index, byte) in row.mask().to_le_bytes()[..row.size()].iter().enumerate() {
        accounted[offset + index] |= byte;
    }
    if fields.into_iter().any(|field| field == Some(got)) {
        return Ok(());
    }
    Err(Fault {
        expected: format!("{values:x?}"),
        got: format!(
            "{got:#x} in {:08x?}",
            &site.written[offset..offset + row.size()]
        ),
    })
}

/// Whether a branch to a weak name that nothing defines was made to do nothing, or to go to what follows.
fn is_skipped_branch(site: &Site<'_>) -> bool {
    let (old, new) = (
        u32_at(site.original, site.offset()),
        u32_at(site.written, site.offset()),
    );
    matches!(site.relocation.number, JUMP26 | CALL26)
        && site.target.nature == Nature::WeakUndefined
        && (new == NOP || new == (old & 0xfc00_0000) | 1)
}

impl Row {
    /// How many bytes the field lies in.
    fn size(&self) -> usize {
        match self.field {
            Field::Data(size) => size,
            _ => 4,
        }
    }

    /// The bits of the place that are the field's.
    fn mask(&self) -> u64 {
        match self.field {
            Field::Data(8) => u64::MAX,
            Field::Data(size) => (1 << (size * 8)) - 1,
            Field::Move(_) => 0xffff << 5,
            // With what tells movn from movz.
            Field::MoveSigned(_) => 0xffff << 5 | 1 << 30,
            Field::Adr | Field::Adrp => 0x7_ffff << 5 | 3 << 29,
            Field::Add(_) | Field::LoadStore(..) => 0xfff << 10,
            Field::Branch14 => 0x3fff << 5,
            Field::Branch19 => 0x7_ffff << 5,
            Field::Branch26 => 0x3ff_ffff,
        }
    }

    /// The field's bits, at their places, as they were written.
    fn read(&self, bytes: &[u8]) -> u64 {
        number_at(bytes, 0, self.size()) & self.mask()
    }

    /// The field's bits, at their places, that stand for `value`; `None` if the relocation doesn't accept it.
    fn write(&self, value: u64) -> Option<u64> {
        if !self.range.contains(value) {
            return None;
        }
        let bits = |high: u32, low: u32| (value >> low) & (u64::MAX >> (63 - (high - low)));
        let is_aligned = |bit: u32| value & ((1 << bit) - 1) == 0;
        Some(match self.field {
            Field::Data(_) => value & self.mask(),
            Field::Move(shift) => bits(shift + 15, shift) << 5,
            Field::MoveSigned(shift) if value.cast_signed() < 0 => {
                (bits(shift + 15, shift) ^ 0xffff) << 5
            }
            Field::MoveSigned(shift) => bits(shift + 15, shift) << 5 | 1 << 30,
            Field::Adr => bits(20, 2) << 5 | bits(1, 0) << 29,
            Field::Adrp => bits(32, 14) << 5 | bits(13, 12) << 29,
            Field::Add(shift) => bits(shift + 11, shift) << 10,
            Field::LoadStore(high, low) if is_aligned(low) => bits(high, low) << 10,
            Field::Branch14 if is_aligned(2) => bits(15, 2) << 5,
            Field::Branch19 if is_aligned(2) => bits(20, 2) << 5,
            Field::Branch26 if is_aligned(2) => bits(27, 2),
            _ => return None,
        })
    }
}

impl Range {
    fn contains(self, value: u64) -> bool {
        let value = i128::from(value.cast_signed());
        match self {
            Self::Any => true,
            Self::Signed(power) => (-(1 << power)..1 << power).contains(&value),
            Self::Unsigned(power) => (0..1 << power).contains(&value),
            Self::Either(power) => (-(1 << (power - 1))..1 << power).contains(&value),
        }
    }
}
