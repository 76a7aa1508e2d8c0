//! What was compiled before: keys that tell functions apart, and compiled functions as bytes.
//!
//! A key is a SHA-256 over the function as the compiler takes it, all that it refers to, the machine, every setting, and the
//! versions of the compiler and of this package: who finds code by it may run it in place of what would be compiled. Whoever
//! can write to a cache decides what runs; a checksum only tells entries that were damaged.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::base::{Alignment, Digest, OutOfMemory, fallible, int};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};

use super::{
    Callee, CompiledFunction, LiveReference, Relocation, Routine, SourceSpan, StackMap, Trap,
    TrapSite,
};

/// What tells functions apart, with the settings that they are compiled by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey(pub [u8; 32]);

impl fmt::Display for CacheKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(formatter, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// A store of compiled functions, in memory or elsewhere.
pub trait CompileCache {
    /// What was stored under `key`; `None` if nothing was, or if it was dropped since.
    fn get(&self, key: &CacheKey) -> Option<Cow<'_, [u8]>>;

    /// Stores `value` under `key`, if there is room.
    fn insert(&mut self, key: &CacheKey, value: Vec<u8>);
}

/// The layout of compiled functions as bytes. It is raised with each change to it.
const FORMAT: u32 = 2;

/// What is read by number, in one: the names of all kinds of `edge/` and of all routines, in their order. Functions that were
/// written by the numbers of others are not taken.
const NUMBERED: u32 = {
    let mut digest = Digest::new();
    macro_rules! add_names {
        ($all:expr, |$one:ident| $name:expr) => {
            let mut rest = $all;
            while let [$one, others @ ..] = rest {
                digest = with_name(digest, $name);
                rest = others;
            }
        };
    }
    add_names!(DataKind::ALL, |kind| EdgeKind::Data(*kind).row().name);
    add_names!(X86_64Kind::ALL, |kind| EdgeKind::X86_64(*kind).row().name);
    add_names!(Aarch64Kind::ALL, |kind| EdgeKind::Aarch64(*kind).row().name);
    add_names!(Routine::ALL, |routine| routine.symbol());
    int::low_u32(digest.value())
};

const fn with_name(mut digest: Digest, name: &str) -> Digest {
    let mut rest = name.as_bytes();
    while let [byte, others @ ..] = rest {
        digest.add(int::widen_u32(int::widen_u8(*byte)));
        rest = others;
    }
    // The end of the name.
    digest.add(u64::MAX);
    digest
}

impl CompiledFunction {
    /// The function as bytes.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn to_bytes(&self) -> Result<Vec<u8>, OutOfMemory> {
        let mut writer = Writer(Vec::new());
        writer.numbers(&[FORMAT, NUMBERED])?;
        writer.number(u32::from(self.alignment.log2()))?;
        writer.bytes(&self.bytes)?;
        writer.bytes(&self.frame)?;
        writer.all(&self.relocations, Writer::relocation)?;
        writer.all(&self.positions, |writer, span| {
            writer.numbers(&[span.start, span.end, span.position])
        })?;
        writer.all(&self.traps, |writer, site| {
            writer.numbers(&[site.offset, number_of_trap(site.trap)])
        })?;
        writer.all(&self.stack_maps, |writer, map| {
            writer.numbers(&[map.return_offset, map.frame_size_bytes])?;
            writer.all(&map.references, |writer, reference| {
                writer.numbers(&[reference.stack_offset, reference.size_bytes])
            })
        })?;
        let checksum = checksum(&writer.0);
        fallible::extend(&mut writer.0, &checksum)?;
        Ok(writer.0)
    }

    /// The function that `bytes` are; `None` if they are none, or the heap has no room.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (bytes, found) = bytes.split_last_chunk::<8>()?;
        if checksum(bytes) != *found {
            return None;
        }
        let mut reader = Reader(bytes);
        if (reader.number()?, reader.number()?) != (FORMAT, NUMBERED) {
            return None;
        }
        let alignment = Alignment::new(1_u64.checked_shl(reader.number()?)?)?;
        let function = Self {
            alignment,
            bytes: reader.bytes()?,
            frame: reader.bytes()?,
            relocations: reader.all(Reader::relocation)?,
            positions: reader.all(|reader| {
                Some(SourceSpan {
                    start: reader.number()?,
                    end: reader.number()?,
                    position: reader.number()?,
                })
            })?,
            traps: reader.all(|reader| {
                Some(TrapSite {
                    offset: reader.number()?,
                    trap: trap_of_number(reader.number()?)?,
                })
            })?,
            stack_maps: reader.all(|reader| {
                Some(StackMap {
                    return_offset: reader.number()?,
                    frame_size_bytes: reader.number()?,
                    references: reader.all(|reader| {
                        Some(LiveReference {
                            stack_offset: reader.number()?,
                            size_bytes: reader.number()?,
                        })
                    })?,
                })
            })?,
        };
        reader.0.is_empty().then_some(function)
    }
}

/// Eight bytes that tell whether others were damaged.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let words = bytes.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        for (place, byte) in word.iter_mut().zip(chunk) {
            *place = *byte;
        }
        u64::from_le_bytes(word)
    });
    let length = int::from_usize(bytes.len());
    Digest::of(words.chain([length])).value().to_le_bytes()
}

/// Where traps that their maker numbered end; those that are known stand above.
const KNOWN_TRAPS: u32 = 0x100;

const TRAPS: [Trap; 5] = [
    Trap::StackOverflow,
    Trap::IntegerOverflow,
    Trap::OutOfBounds,
    Trap::DivisionByZero,
    Trap::BadConversion,
];

fn number_of_trap(trap: Trap) -> u32 {
    match trap {
        Trap::User(code) => u32::from(code),
        known => KNOWN_TRAPS.saturating_add(place_in(&TRAPS, &known)),
    }
}

fn trap_of_number(number: u32) -> Option<Trap> {
    match u8::try_from(number) {
        Ok(code) => Some(Trap::User(code)),
        Err(_) => at_place(&TRAPS, number.checked_sub(KNOWN_TRAPS)?),
    }
}

/// Where `wanted` stands in `all`; behind the end, if it doesn't.
fn place_in<T: PartialEq>(all: &[T], wanted: &T) -> u32 {
    let place = all.iter().position(|other| other == wanted);
    place
        .and_then(|place| u32::try_from(place).ok())
        .unwrap_or(u32::MAX)
}

fn at_place<T: Copy>(all: &[T], place: u32) -> Option<T> {
    all.get(int::usize_from_u32(place)).copied()
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u32) -> Result<(), OutOfMemory> {
        fallible::extend(&mut self.0, &number.to_le_bytes())
    }

    fn numbers(&mut self, numbers: &[u32]) -> Result<(), OutOfMemory> {
        numbers.iter().try_for_each(|&number| self.number(number))
    }

    /// How many follow. Compiled code is of less than 4 GiB.
    fn count(&mut self, count: usize) -> Result<(), OutOfMemory> {
        self.number(u32::try_from(count).map_err(|_| OutOfMemory)?)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.count(bytes.len())?;
        fallible::extend(&mut self.0, bytes)
    }

    fn all<T>(
        &mut self,
        elements: &[T],
        mut write: impl FnMut(&mut Self, &T) -> Result<(), OutOfMemory>,
    ) -> Result<(), OutOfMemory> {
        self.count(elements.len())?;
        elements.iter().try_for_each(|element| write(self, element))
    }

    fn relocation(&mut self, relocation: &Relocation<Callee>) -> Result<(), OutOfMemory> {
        let kind = match relocation.kind {
            EdgeKind::Data(kind) => [0, place_in(DataKind::ALL, &kind)],
            EdgeKind::X86_64(kind) => [1, place_in(X86_64Kind::ALL, &kind)],
            EdgeKind::Aarch64(kind) => [2, place_in(Aarch64Kind::ALL, &kind)],
        };
        let target = match relocation.target {
            Callee::Itself => [0, 0],
            Callee::Function(number) => [1, number],
            Callee::Data(number) => [2, number],
            Callee::Routine(routine) => [3, place_in(Routine::ALL, &routine)],
        };
        self.number(relocation.offset)?;
        self.numbers(&kind)?;
        self.numbers(&target)?;
        fallible::extend(&mut self.0, &relocation.addend.to_le_bytes())
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.chunk()?))
    }

    /// How many follow: of whatever, each takes a byte at least.
    fn count(&mut self) -> Option<usize> {
        let count = int::usize_from_u32(self.number()?);
        (count <= self.0.len()).then_some(count)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let count = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        fallible::copy_of(bytes).ok()
    }

    fn all<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut elements = Vec::new();
        for _ in 0..self.count()? {
            fallible::push(&mut elements, read(self)?).ok()?;
        }
        Some(elements)
    }

    fn relocation(&mut self) -> Option<Relocation<Callee>> {
        let offset = self.number()?;
        let kind = match (self.number()?, self.number()?) {
            (0, place) => EdgeKind::Data(at_place(DataKind::ALL, place)?),
            (1, place) => EdgeKind::X86_64(at_place(X86_64Kind::ALL, place)?),
            (2, place) => EdgeKind::Aarch64(at_place(Aarch64Kind::ALL, place)?),
            _ => return None,
        };
        let target = match (self.number()?, self.number()?) {
            (0, 0) => Callee::Itself,
            (1, number) => Callee::Function(number),
            (2, number) => Callee::Data(number),
            (3, place) => Callee::Routine(at_place(Routine::ALL, place)?),
            _ => return None,
        };
        Some(Relocation {
            offset,
            kind,
            target,
            addend: i64::from_le_bytes(self.chunk()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CacheKey, CompiledFunction};
    use crate::base::Alignment;
    use crate::compiler::{
        Callee, LiveReference, Relocation, Routine, SourceSpan, StackMap, Trap, TrapSite,
    };
    use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};

    fn function() -> CompiledFunction {
        let relocation = |kind, target, addend| Relocation {
            offset: 3,
            kind,
            target,
            addend,
        };
        CompiledFunction {
            bytes: std::vec![1, 2, 3],
            alignment: Alignment::SIXTEEN,
            relocations: std::vec![
                relocation(EdgeKind::Data(DataKind::Delta32), Callee::Itself, i64::MIN),
                relocation(
                    EdgeKind::X86_64(X86_64Kind::RequestBranch32),
                    Callee::Function(u32::MAX),
                    -4
                ),
                relocation(EdgeKind::Aarch64(Aarch64Kind::Page21), Callee::Data(7), 0),
                relocation(
                    EdgeKind::Data(DataKind::Pointer64),
                    Callee::Routine(Routine::ShuffleBytes),
                    1
                ),
            ],
            positions: std::vec![SourceSpan {
                start: 0,
                end: 2,
                position: 99
            }],
            traps: std::vec![
                TrapSite {
                    offset: 1,
                    trap: Trap::User(255)
                },
                TrapSite {
                    offset: 2,
                    trap: Trap::BadConversion
                }
            ],
            stack_maps: std::vec![StackMap {
                return_offset: 2,
                frame_size_bytes: 1,
                references: std::vec![LiveReference {
                    stack_offset: 8,
                    size_bytes: 4
                }],
            }],
            frame: std::vec![9; 24],
        }
    }

    #[test]
    fn a_function_comes_back_from_its_bytes() {
        let bytes = function().to_bytes().unwrap();
        assert_eq!(CompiledFunction::from_bytes(&bytes), Some(function()));
    }

    #[test]
    fn bytes_that_were_damaged_are_no_function() {
        let bytes = function().to_bytes().unwrap();
        for end in 0..bytes.len() {
            assert_eq!(CompiledFunction::from_bytes(&bytes[..end]), None);
        }
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x41;
            assert_eq!(CompiledFunction::from_bytes(&damaged), None, "{place}");
        }
    }

    #[test]
    fn bytes_with_a_checksum_that_are_no_function_do_no_harm() {
        let bytes = function().to_bytes().unwrap();
        let content = bytes.len() - 8;
        for place in 0..content {
            for value in [0, 0x7f, 0xff] {
                let mut damaged = bytes[..content].to_vec();
                damaged[place] = value;
                let checksum = super::checksum(&damaged);
                damaged.extend_from_slice(&checksum);
                let _ = CompiledFunction::from_bytes(&damaged);
            }
        }
    }

    #[test]
    fn what_was_written_by_other_numbers_of_kinds_is_not_taken() {
        let bytes = function().to_bytes().unwrap();
        let mut other = bytes[..bytes.len() - 8].to_vec();
        other[4] ^= 1;
        let checksum = super::checksum(&other);
        other.extend_from_slice(&checksum);
        assert_eq!(CompiledFunction::from_bytes(&other), None);
    }

    #[test]
    fn a_key_is_shown_as_digits() {
        let key = CacheKey([0xa5; 32]);
        assert_eq!(std::format!("{key}"), "a5".repeat(32));
    }
}
