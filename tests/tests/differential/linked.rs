//! What a linker made of objects: where it put their sections, its tables, and the bytes of the memory.

use crate::elf::{File, Machine, Section, number_at, to_usize};
use crate::stubs::{self, Jump};
use std::collections::HashMap;
use std::ops::Range;

/// A link's outcome.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) machine: Machine,
    /// Where each section of each object lies, by the places of both: in the order of their offsets, the pieces that are
    /// there.
    pub(crate) sections: HashMap<(usize, usize), Vec<Piece>>,
    /// The addresses of names that all objects see, as far as the linker tells them.
    pub(crate) names: HashMap<String, u64>,
    /// What the ABI's formulas call GOT.
    pub(crate) got_base: Option<u64>,
    pub(crate) thread_storage: Option<ThreadStorage>,
    /// What the linker calls its table entries and stubs.
    pub(crate) labels: Vec<Label>,
    /// The table entries that serve a purpose.
    slots: HashMap<Purpose, Vec<u64>>,
    /// The resolver whose choice a word is for, by the word's address.
    indirect: HashMap<u64, u64>,
    /// The stubs that lead somewhere.
    stubs: HashMap<Lead, Vec<u64>>,
    memory: Vec<Stretch>,
    /// What is in no memory, by the names of sections: addresses are offsets there.
    outside: HashMap<String, Vec<u8>>,
}

/// A stretch of a section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    /// Where it starts in the section.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) address: u64,
}

/// The one block of thread-local storage of a link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThreadStorage {
    /// Where it starts.
    pub(crate) start: u64,
    pub(crate) size: u64,
    /// What the thread pointer would be.
    pub(crate) pointer: u64,
}

/// What a table entry is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Purpose {
    /// A word: this address.
    Address(u64),
    /// A word: what the indirect function's resolver, which lies there, will have chosen.
    Indirect(u64),
    /// Two words, a module and an offset in its block: general dynamic.
    ThreadPair(u64),
    /// Two words, a module and 0: local dynamic.
    ThreadModule,
    /// A word, a distance from the thread pointer: initial exec.
    ThreadOffset(u64),
    /// Two words: a function, and what it is given, here a distance from the thread pointer.
    ThreadDescriptor(u64),
}

/// Where a stub ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Lead {
    /// At this address.
    To(u64),
    /// At what the resolver of an indirect function, which lies there, will have chosen.
    Indirect(u64),
}

/// A table entry or a stub, with the name of what it is told to be for.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) at: u64,
    pub(crate) says: Says,
}

/// What is found at a label.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    Slot(Purpose),
    Stub(Lead),
}

/// Bytes that follow each other in memory.
#[derive(Debug)]
struct Stretch {
    address: u64,
    bytes: Vec<u8>,
}

/// A fault in the tables themselves.
pub(crate) type TableFault = String;

impl Linked {
    /// The outcome as the memory that an executable's segments make, with neither sections nor tables yet.
    pub(crate) fn of_segments(image: &File) -> Self {
        let memory = image
            .segments
            .iter()
            .map(|part| Stretch::of(image, part.address, &part.range, part.size));
        let mut linked = Self::of_memory(image.machine, memory.collect());
        for (index, section) in image.sections.iter().enumerate() {
            if !section.is_allocated() {
                let bytes = image.section_bytes(index).to_vec();
                linked.outside.insert(section.name.clone(), bytes);
            }
        }
        linked
    }

    /// The same of its sections: segments can't say what a linker script does with sections in no order.
    pub(crate) fn of_sections(image: &File) -> Self {
        let loaded = image.sections.iter().filter(|part| part.is_allocated());
        let memory = loaded.map(|part| Stretch::of(image, part.address, &part.range, part.size));
        Self::of_memory(image.machine, memory.collect())
    }

    fn of_memory(machine: Machine, mut memory: Vec<Stretch>) -> Self {
        memory.retain(|stretch| !stretch.bytes.is_empty());
        memory.sort_by_key(|stretch| stretch.address);
        Self {
            machine,
            sections: HashMap::new(),
            names: HashMap::new(),
            got_base: None,
            thread_storage: None,
            labels: Vec::new(),
            slots: HashMap::new(),
            indirect: HashMap::new(),
            stubs: HashMap::new(),
            memory,
            outside: HashMap::new(),
        }
    }

    /// The address of a place in a section; its end is one, too.
    pub(crate) fn address(&self, object: usize, section: usize, offset: u64) -> Option<u64> {
        let pieces = self.sections.get(&(object, section))?;
        let next = pieces.partition_point(|piece| piece.offset <= offset);
        // Beyond the last one, symbols say where the section would end.
        let piece = pieces[..next].last()?;
        let is_covered = offset <= piece.offset + piece.size || next == pieces.len();
        is_covered.then(|| piece.address + (offset - piece.offset))
    }

    /// The bytes of a piece of a section.
    pub(crate) fn piece(&self, section: &Section, piece: &Piece) -> Option<&[u8]> {
        if section.is_allocated() {
            return self.bytes(piece.address, piece.size);
        }
        let start = to_usize(piece.address);
        let bytes = self.outside.get(&section.name)?;
        bytes.get(start..start.checked_add(to_usize(piece.size))?)
    }

    /// The bytes of a section, if all of it lies in one piece.
    pub(crate) fn whole(&self, place: (usize, usize), section: &Section) -> Option<&[u8]> {
        match self.sections.get(&place)?[..] {
            [piece] if piece.size == section.size => self.bytes(piece.address, piece.size),
            _ => None,
        }
    }

    /// The bytes at `address`, if that many are there.
    pub(crate) fn bytes(&self, address: u64, size: u64) -> Option<&[u8]> {
        let next = self
            .memory
            .partition_point(|stretch| stretch.address <= address);
        // Empty stretches may share their address with one that isn't.
        self.memory[..next]
            .iter()
            .rev()
            .take(4)
            .find_map(|stretch| {
                let offset = to_usize(address - stretch.address);
                stretch
                    .bytes
                    .get(offset..offset.checked_add(to_usize(size))?)
            })
    }

    /// Inverts bits of the byte at `address`.
    pub(crate) fn change(&mut self, address: u64, bits: u8) {
        let next = self
            .memory
            .partition_point(|stretch| stretch.address <= address);
        let stretch = &mut self.memory[next - 1];
        let offset = to_usize(address - stretch.address);
        stretch.bytes[offset] ^= bits;
    }

    /// The eight bytes at `address`, as a number.
    pub(crate) fn word(&self, address: u64) -> Option<u64> {
        Some(number_at(self.bytes(address, 8)?, 0, 8))
    }

    /// Notes a table entry, if it says what it should.
    pub(crate) fn add_slot(&mut self, address: u64, purpose: Purpose) -> Result<(), TableFault> {
        let words = [self.word(address), self.word(address.wrapping_add(8))];
        let is_right = match purpose {
            Purpose::Address(value) | Purpose::ThreadOffset(value) => words[0] == Some(value),
            // Nobody has asked the resolver yet, or somebody has.
            Purpose::Indirect(_) => words[0].is_some(),
            Purpose::ThreadPair(offset) => words == [Some(1), Some(offset)],
            Purpose::ThreadModule => words == [Some(1), Some(0)],
            Purpose::ThreadDescriptor(offset) => words == [Some(0), Some(offset)],
        };
        if !is_right {
            return Err(format!(
                "the entry at {address:#x} is for {purpose:x?} and says {words:x?}"
            ));
        }
        if let Purpose::Indirect(resolver) = purpose {
            self.indirect.insert(address, resolver);
        }
        self.slots.entry(purpose).or_default().push(address);
        Ok(())
    }

    /// Notes a stub, if it can be followed, and returns where to.
    pub(crate) fn add_stub(&mut self, address: u64) -> Result<Lead, TableFault> {
        let lead = match stubs::follow(self, address) {
            Some(Jump::Direct(target)) => Lead::To(target),
            Some(Jump::Through { slot, target }) => match self.indirect.get(&slot) {
                Some(resolver) => Lead::Indirect(*resolver),
                None => Lead::To(target),
            },
            None => return Err(format!("the stub at {address:#x} leads nowhere")),
        };
        self.stubs.entry(lead).or_default().push(address);
        Ok(lead)
    }

    /// The entries that serve `purpose`.
    pub(crate) fn slots(&self, purpose: Purpose) -> &[u64] {
        self.slots.get(&purpose).map_or(&[], Vec::as_slice)
    }

    /// The stubs that lead there.
    pub(crate) fn stubs(&self, lead: Lead) -> &[u64] {
        self.stubs.get(&lead).map_or(&[], Vec::as_slice)
    }
}

impl Stretch {
    fn of(image: &File, address: u64, range: &Range<usize>, size: u64) -> Self {
        let mut bytes = image.bytes[range.clone()].to_vec();
        bytes.resize(to_usize(size), 0);
        Self { address, bytes }
    }
}
