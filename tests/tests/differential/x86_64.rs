//! The relocations of x86-64, by the System V ABI's AMD64 supplement: table "Relocation Types", section "Relocation", and
//! for the thread-local ones "ELF Handling For Thread-Local Storage".

use crate::elf::number_at;
use crate::formula::{Entry, Fault, From, Meaning, Site};
use crate::names::Nature;
use crate::x86_64_relaxed;

/// A relocation that writes a field.
struct Row {
    number: u32,
    name: &'static str,
    meaning: Meaning,
    from: From,
    /// In bytes.
    size: usize,
    fits: Fits,
}

/// Which values a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    Signed,
    Unsigned,
    /// As a signed or as an unsigned number.
    Either,
}

const fn row(
    number: u32,
    name: &'static str,
    meaning: Meaning,
    from: From,
    size: usize,
    fits: Fits,
) -> Row {
    Row {
        number,
        name,
        meaning,
        from,
        size,
        fits,
    }
}

const ADDRESS: Meaning = Meaning::Entry(Entry::Address);
const PAIR: Meaning = Meaning::Entry(Entry::ThreadPair);
const MODULE: Meaning = Meaning::Entry(Entry::ThreadModule);
const OFFSET: Meaning = Meaning::Entry(Entry::ThreadOffset);
const DESCRIPTOR: Meaning = Meaning::Entry(Entry::ThreadDescriptor);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(1, "64", Meaning::Symbol, From::Zero, 8, Fits::Either),
    row(2, "PC32", Meaning::Symbol, From::Place, 4, Fits::Signed),
    row(3, "GOT32", ADDRESS, From::Table, 4, Fits::Signed),
    row(4, "PLT32", Meaning::Branch, From::Place, 4, Fits::Signed),
    row(9, "GOTPCREL", ADDRESS, From::Place, 4, Fits::Signed),
    row(10, "32", Meaning::Symbol, From::Zero, 4, Fits::Unsigned),
    row(11, "32S", Meaning::Symbol, From::Zero, 4, Fits::Signed),
    row(12, "16", Meaning::Symbol, From::Zero, 2, Fits::Either),
    row(13, "PC16", Meaning::Symbol, From::Place, 2, Fits::Signed),
    row(14, "8", Meaning::Symbol, From::Zero, 1, Fits::Either),
    row(15, "PC8", Meaning::Symbol, From::Place, 1, Fits::Signed),
    row(17, "DTPOFF64", Meaning::BlockOffset, From::Zero, 8, Fits::Either),
    row(18, "TPOFF64", Meaning::PointerOffset, From::Zero, 8, Fits::Either),
    row(19, "TLSGD", PAIR, From::Place, 4, Fits::Signed),
    row(20, "TLSLD", MODULE, From::Place, 4, Fits::Signed),
    row(21, "DTPOFF32", Meaning::BlockOffset, From::Zero, 4, Fits::Signed),
    row(22, "GOTTPOFF", OFFSET, From::Place, 4, Fits::Signed),
    row(23, "TPOFF32", Meaning::PointerOffset, From::Zero, 4, Fits::Signed),
    row(24, "PC64", Meaning::Symbol, From::Place, 8, Fits::Either),
    row(25, "GOTOFF64", Meaning::Symbol, From::Table, 8, Fits::Either),
    row(26, "GOTPC32", Meaning::TableStart, From::Place, 4, Fits::Signed),
    row(27, "GOT64", ADDRESS, From::Table, 8, Fits::Either),
    row(28, "GOTPCREL64", ADDRESS, From::Place, 8, Fits::Either),
    row(29, "GOTPC64", Meaning::TableStart, From::Place, 8, Fits::Either),
    row(30, "GOTPLT64", ADDRESS, From::Table, 8, Fits::Either),
    row(31, "PLTOFF64", Meaning::Branch, From::Table, 8, Fits::Either),
    row(32, "SIZE32", Meaning::Size, From::Zero, 4, Fits::Unsigned),
    row(33, "SIZE64", Meaning::Size, From::Zero, 8, Fits::Either),
    row(34, "GOTPC32_TLSDESC", DESCRIPTOR, From::Place, 4, Fits::Signed),
    row(39, "PC32_BND", Meaning::Symbol, From::Place, 4, Fits::Signed),
    row(40, "PLT32_BND", Meaning::Branch, From::Place, 4, Fits::Signed),
    row(41, "GOTPCRELX", ADDRESS, From::Place, 4, Fits::Signed),
    row(42, "REX_GOTPCRELX", ADDRESS, From::Place, 4, Fits::Signed),
    row(43, "CODE_4_GOTPCRELX", ADDRESS, From::Place, 4, Fits::Signed),
    row(44, "CODE_4_GOTTPOFF", OFFSET, From::Place, 4, Fits::Signed),
    row(45, "CODE_4_GOTPC32_TLSDESC", DESCRIPTOR, From::Place, 4, Fits::Signed),
    row(46, "CODE_5_GOTPCRELX", ADDRESS, From::Place, 4, Fits::Signed),
    row(47, "CODE_5_GOTTPOFF", OFFSET, From::Place, 4, Fits::Signed),
    row(48, "CODE_5_GOTPC32_TLSDESC", DESCRIPTOR, From::Place, 4, Fits::Signed),
    row(49, "CODE_6_GOTPCRELX", ADDRESS, From::Place, 4, Fits::Signed),
    row(50, "CODE_6_GOTTPOFF", OFFSET, From::Place, 4, Fits::Signed),
    row(51, "CODE_6_GOTPC32_TLSDESC", DESCRIPTOR, From::Place, 4, Fits::Signed),
];

/// Relocations that only mark what stands there, with their names.
const MARKS: &[(u32, &str)] = &[(0, "NONE"), (35, "TLSDESC_CALL")];

/// The nop of five bytes that may take the place of a call to nowhere.
const NOP5: [u8; 5] = [0x0f, 0x1f, 0x44, 0x00, 0x00];

/// The ABI's name for a relocation.
pub(crate) fn name(number: u32) -> String {
    let rows = ROWS.iter().map(|row| (row.number, row.name));
    let known = rows
        .chain(MARKS.iter().copied())
        .find(|(known, _)| *known == number);
    known.map_or_else(
        || format!("relocation {number}"),
        |(_, name)| format!("R_X86_64_{name}"),
    )
}

/// Whether linkers may fill the field with different values and all be right.
pub(crate) fn leaves_choice(number: u32) -> bool {
    let row = ROWS.iter().find(|row| row.number == number);
    row.is_some_and(|row| row.meaning.leaves_choice() || row.from == From::Table)
}

/// Checks the field of one relocation; what it covers is marked as accounted for.
pub(crate) fn check(site: &Site<'_>, accounted: &mut [u8]) -> Result<(), Fault> {
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
    if let Some(range) = x86_64_relaxed::rewritten(site)? {
        accounted[range].fill(0xff);
        return Ok(());
    }
    if is_skipped_call(site) {
        accounted[offset - 1..offset + 4].fill(0xff);
        return Ok(());
    }
    accounted[offset..offset + row.size].fill(0xff);
    let got = number_at(site.written, offset, row.size);
    let values = site.values(row.meaning, row.from)?;
    if values.iter().any(|&value| row.field(value) == Some(got)) {
        return Ok(());
    }
    Err(Fault {
        expected: format!("{:x?}", values),
        got: format!("{got:#x}"),
    })
}

/// Whether a call of a weak name that nothing defines was made to do nothing.
fn is_skipped_call(site: &Site<'_>) -> bool {
    let start = site.offset().wrapping_sub(1);
    site.relocation.number == 4
        && site.target.nature == Nature::WeakUndefined
        && site.original.get(start) == Some(&0xe8)
        && site.written.get(start..start + 5) == Some(&NOP5)
}

impl Row {
    /// The field that holds `value`, if one does.
    fn field(&self, value: u64) -> Option<u64> {
        let width = self.size as u32 * 8;
        if width == 64 {
            return Some(value);
        }
        let field = value & ((1 << width) - 1);
        let unused = 64 - width;
        let is_unsigned = field == value;
        let is_signed = (field << unused).cast_signed() >> unused == value.cast_signed();
        let fits = match self.fits {
            Fits::Signed => is_signed,
            Fits::Unsigned => is_unsigned,
            Fits::Either => is_signed || is_unsigned,
        };
        fits.then_some(field)
    }
}
