//! The independent verifier: every byte of every section that was loaded is either as the compiler wrote it, or part of a
//! field whose value the ABI's formula gives.

use crate::aarch64;
use crate::aarch64_relaxed::Pairs;
use crate::elf::{File, Machine, Place, Section, to_usize, u32_at};
use crate::formula::{Fault, Site};
use crate::labels;
use crate::linked::{Linked, Piece};
use crate::names::{Names, Nature};
use crate::unwind;
use crate::x86_64;
use std::collections::HashSet;
use std::fmt;

/// What was looked at, and what was wrong with it.
#[derive(Default, Debug)]
pub(crate) struct Report {
    pub(crate) objects: usize,
    pub(crate) sections: usize,
    pub(crate) relocations: usize,
    pub(crate) bytes: usize,
    pub(crate) mismatches: Vec<Mismatch>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    pub(crate) object: String,
    /// The section and the offset in it; none if it is the object as a whole.
    pub(crate) place: Option<(String, u64)>,
    /// The relocation's name and the symbol's, if it is one that is wrong.
    pub(crate) relocation: Option<(String, String)>,
    pub(crate) fault: Fault,
}

/// Which sections must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    /// All that take memory, but for those of groups that an earlier object had.
    Whole,
    /// None; those that are must be right.
    Part,
}

/// Verifies a link of `objects`.
pub(crate) fn verify(objects: &[File], linked: &Linked, extent: Extent) -> Report {
    let names = Names::of(objects, linked);
    let mut report = Report::default();
    let mut groups = HashSet::new();
    for (object, file) in objects.iter().enumerate() {
        report.objects += 1;
        let discarded = discarded_sections(file, &mut groups);
        for (index, section) in file.sections.iter().enumerate() {
            // What only describes the program may be there or not.
            let is_wanted =
                section.is_allocated() || linked.sections.contains_key(&(object, index));
            if !is_wanted || section.size == 0 {
                continue;
            }
            let place = Loaded {
                names: &names,
                linked,
                object,
                index,
                file,
                section,
            };
            match linked.sections.get(&(object, index)) {
                Some(pieces) => report.section(&place, pieces),
                None if discarded.contains(&index) || extent == Extent::Part => {}
                None => report.mismatch(&place, 0, None, left_out()),
            }
        }
    }
    let mut faults = labels::faults(objects, &names, linked);
    faults.extend(labels::overlaps(objects, linked));
    if extent == Extent::Whole {
        faults.extend(labels::commons(objects, &names, linked));
    }
    for (name, target) in names.definitions() {
        let told = linked.names.get(name).copied();
        if told.is_some_and(|told| told != target.address && target.nature == Nature::Ordinary) {
            let expected = format!("{name} at {:#x}", target.address);
            faults.push(Fault::new(expected, format!("{told:x?}")));
        }
    }
    let of_all = faults.into_iter().map(|fault| Mismatch {
        object: "the link".to_owned(),
        place: None,
        relocation: None,
        fault,
    });
    report.mismatches.extend(of_all);
    report
}

/// A section that was loaded.
struct Loaded<'a> {
    names: &'a Names<'a>,
    linked: &'a Linked,
    /// The places of object and section.
    object: usize,
    index: usize,
    file: &'a File,
    section: &'a Section,
}

impl Report {
    fn section(&mut self, loaded: &Loaded<'_>, pieces: &[Piece]) {
        let Loaded {
            linked, section, ..
        } = *loaded;
        self.sections += 1;
        if section.is_zero_fill() {
            return self.zeros(loaded, pieces);
        }
        let original = loaded.file.section_bytes(loaded.index);
        let mut written = original.to_vec();
        // The bits that a relocation has written as it should, or that have been complained about.
        let mut accounted = vec![0; written.len()];
        for piece in pieces {
            if let Some(fault) = loaded.misplaced(piece) {
                self.mismatch(loaded, piece.offset, None, fault);
            }
            let Some(bytes) = linked.piece(section, piece) else {
                let expected = format!("{:#x} bytes at {:#x}", piece.size, piece.address);
                let fault = Fault::new(expected, "no memory there");
                self.mismatch(loaded, piece.offset, None, fault);
                continue;
            };
            self.bytes += bytes.len();
            let start = to_usize(piece.offset);
            match written.get_mut(start..start + bytes.len()) {
                Some(place) => place.copy_from_slice(bytes),
                None => {
                    let fault =
                        Fault::new(format!("{:#x} bytes", section.size), format!("{piece:x?}"));
                    self.mismatch(loaded, piece.offset, None, fault);
                }
            }
        }
        if section.name == ".eh_frame" {
            for (offset, fault) in loaded.unwind_faults(original, &written, &mut accounted) {
                self.mismatch(loaded, offset, None, fault);
            }
        } else if !matches!(pieces, [piece] if piece.size == section.size) {
            let fault = Fault::new("all of it", format!("{pieces:x?}"));
            self.mismatch(loaded, 0, None, fault);
        }
        let pairs = Pairs::of(&section.relocations);
        for relocation in &section.relocations {
            let Some(place) = loaded.address(relocation.offset) else {
                continue;
            };
            self.relocations += 1;
            let target = loaded.names.target(loaded.object, relocation.symbol);
            let site = Site {
                linked,
                relocation,
                target: &target,
                place,
                original,
                written: &written,
                describes: !section.is_allocated(),
            };
            let checked = match linked.machine {
                Machine::X86_64 => x86_64::check(&site, &mut accounted),
                Machine::Aarch64 => aarch64::check(&site, &pairs, &mut accounted),
            };
            if let Err(fault) = checked {
                let name = relocation_name(linked.machine, relocation.number);
                self.mismatch(loaded, relocation.offset, Some((name, target.name)), fault);
            }
        }
        let bytes = original.iter().zip(&written).zip(&accounted);
        let changed = bytes
            .enumerate()
            .find(|(_, ((old, new), accounted))| (*old ^ *new) & !**accounted != 0);
        if let Some((offset, ((old, new), _))) = changed {
            let fault = Fault::new(
                format!("the byte {old:#04x} as it was"),
                format!("{new:#04x}"),
            );
            self.mismatch(loaded, offset as u64, None, fault);
        }
    }

    /// The same of zeros, which may be many.
    fn zeros(&mut self, loaded: &Loaded<'_>, pieces: &[Piece]) {
        const ZEROS: [u8; 4096] = [0; 4096];
        for piece in pieces {
            if let Some(fault) = loaded.misplaced(piece) {
                self.mismatch(loaded, piece.offset, None, fault);
            }
            // Those that each thread has for itself need no memory: a block is made when a thread is.
            if loaded.section.is_thread_local() {
                continue;
            }
            let bytes = loaded.linked.bytes(piece.address, piece.size);
            self.bytes += bytes.map_or(0, <[u8]>::len);
            let is_zero = bytes.is_some_and(|bytes| {
                let mut chunks = bytes.chunks(ZEROS.len());
                chunks.all(|chunk| *chunk == ZEROS[..chunk.len()])
            });
            if !is_zero {
                let expected = format!("{:#x} zeros at {:#x}", piece.size, piece.address);
                let fault = Fault::new(expected, "something else");
                self.mismatch(loaded, piece.offset, None, fault);
            }
        }
    }

    fn mismatch(
        &mut self,
        loaded: &Loaded<'_>,
        offset: u64,
        relocation: Option<(String, String)>,
        fault: Fault,
    ) {
        self.mismatches.push(Mismatch {
            object: loaded.file.name.clone(),
            place: Some((loaded.section.name.clone(), offset)),
            relocation,
            fault,
        });
    }
}

impl Loaded<'_> {
    /// Where the byte at that offset lies; `None` if it was left out.
    fn address(&self, offset: u64) -> Option<u64> {
        let pieces = self.linked.sections.get(&(self.object, self.index))?;
        let next = pieces.partition_point(|piece| piece.offset <= offset);
        let piece = pieces[..next].last()?;
        let distance = offset - piece.offset;
        (distance < piece.size).then(|| piece.address + distance)
    }

    /// What is wrong with the place that a piece was given.
    fn misplaced(&self, piece: &Piece) -> Option<Fault> {
        // What unwinders read in records needs no more.
        let most = if self.section.name == ".eh_frame" {
            4
        } else {
            u64::MAX
        };
        let alignment = self.section.alignment.clamp(1, most);
        if piece.offset == 0 && !piece.address.is_multiple_of(alignment) {
            let expected = format!("an alignment of {alignment:#x}");
            return Some(Fault::new(expected, format!("{:#x}", piece.address)));
        }
        let storage = self.linked.thread_storage;
        let is_in_storage = storage.is_some_and(|storage| {
            piece.address >= storage.start
                && piece.address + piece.size <= storage.start + storage.size
        });
        if self.section.is_thread_local() && !is_in_storage {
            let expected = format!("a place in {storage:x?}");
            return Some(Fault::new(expected, format!("{:#x}", piece.address)));
        }
        None
    }

    /// What is wrong with the records of an `.eh_frame`: those of code that is there must be there and find their common
    /// part, which no relocation says where it is.
    fn unwind_faults(
        &self,
        original: &[u8],
        written: &[u8],
        accounted: &mut [u8],
    ) -> Vec<(u64, Fault)> {
        let mut faults = Vec::new();
        for record in unwind::records(original) {
            // What is common is wanted by those that are about functions.
            let Some(common) = record.common else {
                continue;
            };
            let offset = record.offset as u64;
            let is_about_nothing = self.code_of(offset).is_none();
            match self.address(offset) {
                None if is_about_nothing => {}
                None => faults.push((offset, left_out())),
                Some(_) if is_about_nothing => {
                    faults.push((
                        offset,
                        Fault::new("nothing about code that is gone", "a record"),
                    ));
                }
                Some(address) => {
                    let field = record.offset + unwind::COMMON_FIELD;
                    accounted[field..field + 4].fill(0xff);
                    let place = address + unwind::COMMON_FIELD as u64;
                    let common = self.address(common as u64);
                    let distance = common.map(|common| place.wrapping_sub(common));
                    let got = u64::from(u32_at(written, field));
                    if distance != Some(got) {
                        let expected = format!("the common part {distance:x?} before");
                        faults.push((offset, Fault::new(expected, format!("{got:#x}"))));
                    }
                }
            }
        }
        faults
    }

    /// The address of the code that the record at that offset is about, if it is there.
    fn code_of(&self, record: u64) -> Option<u64> {
        let field = record + unwind::START_FIELD;
        let relocations = &self.section.relocations;
        let first = relocations.partition_point(|relocation| relocation.offset < field);
        let relocation = relocations.get(first)?;
        let target = self.names.target(self.object, relocation.symbol);
        let is_there = relocation.offset == field && target.nature != Nature::Nowhere;
        is_there.then_some(target.address)
    }
}

/// The ABI's name for a relocation.
fn relocation_name(machine: Machine, number: u32) -> String {
    match machine {
        Machine::X86_64 => x86_64::name(number),
        Machine::Aarch64 => aarch64::name(number),
    }
}

/// The sections of groups that an earlier object, or an earlier group of this one, had already.
fn discarded_sections(file: &File, known: &mut HashSet<String>) -> HashSet<usize> {
    const COMDAT: u32 = 1;
    let mut discarded = HashSet::new();
    for (index, section) in file.sections.iter().enumerate() {
        if !section.is_group() {
            continue;
        }
        let words = file.section_bytes(index).chunks_exact(4);
        let mut words = words.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let signature = &file.symbols[section.info];
        let signature = match signature.place {
            Place::Section(named) if signature.is_section => &file.sections[named].name,
            _ => &signature.name,
        };
        if words.next() == Some(COMDAT) && !known.insert(signature.clone()) {
            discarded.extend(words.map(|member| member as usize));
        }
    }
    discarded
}

fn left_out() -> Fault {
    Fault::new("it in memory", "it was left out")
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.object)?;
        if let Some((section, offset)) = &self.place {
            write!(f, ": {section}+{offset:#x}")?;
        }
        if let Some((relocation, symbol)) = &self.relocation {
            write!(f, ": {relocation} against `{symbol}`")?;
        }
        write!(
            f,
            ": expected {}, got {}",
            self.fault.expected, self.fault.got
        )
    }
}
