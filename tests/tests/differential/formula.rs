//! The operations of the ABIs: which values a relocation's field may have, whatever its encoding.
//!
//! Both machines' documents say the same with other words: what is meant (a symbol, a table entry, a distance within
//! thread-local storage), minus where one stands. Where a linker has a choice, as with stubs and table entries, each
//! that leads to the same end is right.

use crate::elf::{Machine, Relocation};
use crate::linked::{Lead, Linked, Purpose, ThreadStorage};
use crate::names::{Nature, Target};

/// What a relocation means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// S + A.
    Symbol,
    /// S + A, or a stub that leads there.
    Branch,
    /// Z + A.
    Size,
    /// GOT + A.
    TableStart,
    /// The table entry of this kind, + A.
    Entry(Entry),
    /// S + A, seen from the start of thread-local storage.
    BlockOffset,
    /// S + A, seen from the thread pointer.
    PointerOffset,
}

impl Meaning {
    /// Whether it depends on tables, which each linker lays out as it likes.
    pub(crate) fn leaves_choice(self) -> bool {
        matches!(self, Self::Branch | Self::TableStart | Self::Entry(_))
    }
}

/// Kinds of table entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    Address,
    ThreadPair,
    ThreadModule,
    ThreadOffset,
    ThreadDescriptor,
}

/// What the value is counted from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum From {
    Zero,
    /// P.
    Place,
    /// Page(P); the meaning's page is taken too.
    PageOfPlace,
    /// GOT.
    Table,
    /// Page(GOT).
    PageOfTable,
}

/// A relocation with all that its value depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    pub(crate) linked: &'a Linked,
    pub(crate) relocation: &'a Relocation,
    pub(crate) target: &'a Target,
    /// P.
    pub(crate) place: u64,
    /// The section's bytes before the link.
    pub(crate) original: &'a [u8],
    /// And after it.
    pub(crate) written: &'a [u8],
    /// Whether the section only describes the program, and may describe what was left out.
    pub(crate) describes: bool,
}

/// What is wrong with a field.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Fault {
    pub(crate) fn new(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            got: got.into(),
        }
    }
}

impl Site<'_> {
    /// Where the field starts in the section.
    pub(crate) fn offset(&self) -> usize {
        self.relocation.offset as usize
    }

    /// The values that the field may stand for.
    ///
    /// # Errors
    /// There is none: the linker made no table entry, or tells nothing of what the value depends on.
    pub(crate) fn values(&self, meaning: Meaning, from: From) -> Result<Vec<u64>, Fault> {
        let base = match from {
            From::Zero => Some(0),
            From::Place => Some(self.place),
            From::PageOfPlace => Some(page(self.place)),
            From::Table => self.linked.got_base,
            From::PageOfTable => self.linked.got_base.map(page),
        };
        let base = base.ok_or_else(|| missing("the start of the global offset table"))?;
        let addend = self.relocation.addend;
        if self.describes && self.target.nature == Nature::Nowhere {
            return Ok(vec![0, addend.cast_unsigned()]);
        }
        let value = |start: u64| {
            let end = start.wrapping_add_signed(addend);
            let end = if from == From::PageOfPlace {
                page(end)
            } else {
                end
            };
            end.wrapping_sub(base)
        };
        Ok(self.meant(meaning, from)?.into_iter().map(value).collect())
    }

    /// What an address of the symbol may be.
    pub(crate) fn addresses(&self) -> Vec<u64> {
        addresses(self.linked, self.target)
    }

    /// What the meaning, without the addend, may be.
    fn meant(&self, meaning: Meaning, from: From) -> Result<Vec<u64>, Fault> {
        let Target {
            address,
            size,
            nature,
            ..
        } = *self.target;
        // AAELF64, Weak References: the place itself, as far as it is counted from there.
        let is_at_place = nature == Nature::WeakUndefined
            && self.linked.machine == Machine::Aarch64
            && matches!(from, From::Place | From::PageOfPlace);
        match meaning {
            Meaning::Size => Ok(vec![size]),
            Meaning::TableStart => {
                Ok(vec![self.linked.got_base.ok_or_else(|| {
                    missing("the start of the global offset table")
                })?])
            }
            Meaning::Entry(Entry::ThreadModule) => self.entries(&[Purpose::ThreadModule]),
            _ if nature == Nature::Nowhere => Err(missing("the symbol's address")),
            Meaning::Symbol if is_at_place => Ok(vec![0, self.place]),
            Meaning::Symbol => Ok(self.addresses()),
            Meaning::Branch => {
                let stubs = self.linked.stubs(Lead::To(address)).iter();
                Ok(self.addresses().into_iter().chain(stubs.copied()).collect())
            }
            Meaning::Entry(Entry::Address) => {
                let addresses = self.addresses().into_iter().map(Purpose::Address);
                let mut purposes: Vec<Purpose> = addresses.collect();
                if nature == Nature::Indirect {
                    purposes.push(Purpose::Indirect(address));
                }
                self.entries(&purposes)
            }
            Meaning::BlockOffset => self.offsets(|storage| storage.start),
            Meaning::PointerOffset => self.offsets(|storage| storage.pointer),
            Meaning::Entry(Entry::ThreadPair) => {
                let offsets = self.offsets(|storage| storage.start)?;
                self.entries(&Vec::from_iter(
                    offsets.into_iter().map(Purpose::ThreadPair),
                ))
            }
            Meaning::Entry(Entry::ThreadOffset) => {
                let offsets = self.offsets(|storage| storage.pointer)?;
                self.entries(&Vec::from_iter(
                    offsets.into_iter().map(Purpose::ThreadOffset),
                ))
            }
            Meaning::Entry(Entry::ThreadDescriptor) => {
                let offsets = self.offsets(|storage| storage.pointer)?;
                let purposes = offsets.into_iter().map(Purpose::ThreadDescriptor);
                self.entries(&Vec::from_iter(purposes))
            }
        }
    }

    /// The symbol, seen from a place in thread-local storage.
    fn offsets(&self, origin: impl Fn(ThreadStorage) -> u64) -> Result<Vec<u64>, Fault> {
        let origin = self.linked.thread_storage.map(origin);
        let offsets = offsets(self.target, origin);
        offsets.ok_or_else(|| missing("the block of thread-local storage"))
    }

    fn entries(&self, purposes: &[Purpose]) -> Result<Vec<u64>, Fault> {
        let slots = purposes
            .iter()
            .flat_map(|&purpose| self.linked.slots(purpose));
        let slots: Vec<u64> = slots.copied().collect();
        if slots.is_empty() {
            return Err(missing(&format!("a table entry for {purposes:x?}")));
        }
        Ok(slots)
    }
}

/// What an address of the symbol may be. That of an indirect function is a stub's, since nothing else is known before its
/// resolver was called.
pub(crate) fn addresses(linked: &Linked, target: &Target) -> Vec<u64> {
    match target.nature {
        Nature::Indirect => linked.stubs(Lead::Indirect(target.address)).to_vec(),
        _ => vec![target.address],
    }
}

/// The symbol, seen from a place in thread-local storage; `None` if there is no such place. What nothing defines is nowhere
/// in it: an offset of 0 is as good as any.
pub(crate) fn offsets(target: &Target, origin: Option<u64>) -> Option<Vec<u64>> {
    let offset = origin.map(|origin| target.address.wrapping_sub(origin));
    match target.nature {
        Nature::Phony | Nature::WeakUndefined => Some([0].into_iter().chain(offset).collect()),
        _ => Some(vec![offset?]),
    }
}

/// The address of the page of 4 KiB that `address` lies in, whatever pages the machine has.
fn page(address: u64) -> u64 {
    address & !0xfff
}

fn missing(what: &str) -> Fault {
    Fault::new(what, "nothing")
}
