//! Relocations of definitions that wait to be linked, in sixteen bytes each: code has one for every call.

use alloc::vec::Vec;
use core::iter;

use crate::base::{OutOfMemory, TargetAddr, fallible, int};
use crate::compiler::Relocation;
use crate::edge::EdgeKind;

use super::declaration::DeclarationId;
use super::definition::Stretch;
use super::{DataId, FuncId, Target};

/// What a relocation refers to, as far as a link wants to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Referred {
    /// The definition that it stands in.
    Itself,
    /// A function or data of the module.
    Declaration(DeclarationId),
    /// An address that is known.
    Address(TargetAddr),
}

impl From<Target> for Referred {
    fn from(target: Target) -> Self {
        match target {
            Target::Itself => Self::Itself,
            Target::Function(FuncId(id)) | Target::Data(DataId(id)) => Self::Declaration(id),
            Target::Address(address) => Self::Address(address),
        }
    }
}

/// A relocation as it is stored.
#[derive(Clone, Copy, Debug)]
struct Stored {
    offset: u32,
    kind: EdgeKind,
    leads: Leads,
    /// The declaration's, or the place in the list.
    number: u32,
    addend: i32,
}

const _: () = assert!(size_of::<Stored>() == 16);

impl Stored {
    /// A relocation of which all fits.
    #[inline]
    fn of(relocation: &Relocation<Target>) -> Option<Self> {
        let addend = i32::try_from(relocation.addend).ok()?;
        let (leads, number) = match relocation.target.into() {
            Referred::Itself => (Leads::Itself, 0),
            Referred::Declaration(id) => (Leads::Declaration, id.number()),
            Referred::Address(_) => return None,
        };
        Some(Self {
            offset: relocation.offset,
            kind: relocation.kind,
            leads,
            number,
            addend,
        })
    }
}

/// What a stored relocation leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Leads {
    Itself,
    Declaration,
    /// Target and addend are listed.
    Listed,
}

/// The relocations of all definitions that wait, one after the other.
#[derive(Default, Debug)]
pub(super) struct PendingRelocations {
    all: Vec<Stored>,
    /// The targets and addends that don't fit: addresses, and numbers of more than 32 bits. In the order of the relocations.
    listed: Vec<(Referred, i64)>,
}

impl PendingRelocations {
    /// Adds those of one definition, or nothing.
    pub(super) fn add(
        &mut self,
        relocations: &[Relocation<Target>],
    ) -> Result<Stretch, OutOfMemory> {
        let stretch = Stretch::of(self.all.len(), relocations.len())?;
        fallible::reserve(&mut self.all, relocations.len())?;
        let mut left = relocations.iter();
        loop {
            // There is room for all, and most fit.
            fallible::fill(
                &mut self.all,
                iter::from_fn(|| {
                    let stored = Stored::of(left.as_slice().first()?)?;
                    left.next();
                    Some(stored)
                }),
            );
            let Some(wide) = left.next() else {
                return Ok(stretch);
            };
            if let Err(error) = self.add_wide(wide) {
                self.truncate(stretch.start);
                return Err(error);
            }
        }
    }

    /// Adds a relocation whose target and addend are listed.
    #[cold]
    fn add_wide(&mut self, relocation: &Relocation<Target>) -> Result<(), OutOfMemory> {
        let number = u32::try_from(self.listed.len()).map_err(|_| OutOfMemory)?;
        let listed = (Referred::from(relocation.target), relocation.addend);
        fallible::push(&mut self.listed, listed)?;
        let stored = Stored {
            offset: relocation.offset,
            kind: relocation.kind,
            leads: Leads::Listed,
            number,
            addend: 0,
        };
        fallible::push(&mut self.all, stored)
    }

    /// Those that stand in a stretch.
    pub(super) fn of(&self, stretch: Stretch) -> impl Iterator<Item = Relocation<Referred>> {
        let all = self.all.get(stretch.range()).unwrap_or(&[]);
        all.iter().map(|stored| self.read(stored))
    }

    /// The one at a place of a stretch.
    pub(super) fn at(&self, stretch: Stretch, place: u32) -> Option<Relocation<Referred>> {
        let place = int::usize_from_u32(stretch.start.checked_add(place)?);
        self.all.get(place).map(|stored| self.read(stored))
    }

    fn read(&self, stored: &Stored) -> Relocation<Referred> {
        let (target, addend) = match stored.leads {
            Leads::Itself => (Referred::Itself, int::widen_i32(stored.addend)),
            Leads::Declaration => {
                let id = DeclarationId::from_index(stored.number);
                (Referred::Declaration(id), int::widen_i32(stored.addend))
            }
            Leads::Listed => {
                let listed = self.listed.get(int::usize_from_u32(stored.number));
                listed.copied().unwrap_or((Referred::Itself, 0))
            }
        };
        Relocation {
            offset: stored.offset,
            kind: stored.kind,
            target,
            addend,
        }
    }

    /// Forgets all but the first so many.
    pub(super) fn truncate(&mut self, count: u32) {
        self.all.truncate(int::usize_from_u32(count));
        let mut listed = self
            .all
            .iter()
            .filter(|stored| stored.leads == Leads::Listed);
        let last = listed.next_back().map(|stored| stored.number);
        let listed = last.map_or(0, |last| int::usize_from_u32(last).saturating_add(1));
        self.listed.truncate(listed);
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{PendingRelocations, Referred};
    use crate::base::{OutOfMemory, TargetAddr, failing_heap};
    use crate::compiler::Relocation;
    use crate::edge::{DataKind, EdgeKind};
    use crate::jit::declaration::DeclarationId;
    use crate::jit::definition::Stretch;
    use crate::jit::{DataId, FuncId, Target};

    const FUNCTION: DeclarationId = DeclarationId::from_index(7);
    const DATA: DeclarationId = DeclarationId::from_index(u32::MAX);
    const ADDRESS: TargetAddr = TargetAddr::new(u64::MAX);

    /// Each target with each addend, and what is to be read of it.
    fn all() -> (Vec<Relocation<Target>>, Vec<Relocation<Referred>>) {
        let targets = [
            (Target::Itself, Referred::Itself),
            (
                Target::Function(FuncId(FUNCTION)),
                Referred::Declaration(FUNCTION),
            ),
            (Target::Data(DataId(DATA)), Referred::Declaration(DATA)),
            (Target::Address(ADDRESS), Referred::Address(ADDRESS)),
        ];
        let addends = [
            0,
            -4,
            i64::from(i32::MAX),
            i64::from(i32::MAX) + 1,
            i64::MIN,
        ];
        let both = targets
            .iter()
            .flat_map(|target| addends.map(|addend| (target, addend)));
        let both = (0_u32..)
            .zip(both)
            .map(|(offset, ((target, referred), addend))| {
                let kind = EdgeKind::Data(DataKind::Pointer64);
                let (target, referred) = (*target, *referred);
                let given = Relocation {
                    offset,
                    kind,
                    target,
                    addend,
                };
                let read = Relocation {
                    offset,
                    kind,
                    target: referred,
                    addend,
                };
                (given, read)
            });
        both.unzip()
    }

    #[test]
    fn what_is_added_is_read_however_wide_it_is() {
        let (given, read) = all();
        let mut pending = PendingRelocations::default();
        for count in [given.len(), 1, 0, given.len()] {
            let stretch = pending.add(&given[..count]).unwrap();
            assert!(pending.of(stretch).eq(read[..count].iter().copied()));
            for (place, &relocation) in (0..).zip(&read[..count]) {
                assert_eq!(pending.at(stretch, place), Some(relocation));
            }
        }
    }

    #[test]
    fn of_what_is_forgotten_nothing_is_kept() {
        let (given, read) = all();
        for count in 0..=given.len() {
            let mut pending = PendingRelocations::default();
            let kept = pending.add(&given[..count]).unwrap();
            let listed = pending.listed.len();
            pending.add(&given).unwrap();
            pending.truncate(kept.end());
            assert_eq!((pending.all.len(), pending.listed.len()), (count, listed));
            assert!(pending.of(kept).eq(read[..count].iter().copied()));
        }
    }

    #[test]
    fn without_heap_nothing_is_added() {
        let (given, _) = all();
        for failures in 0.. {
            let mut pending = PendingRelocations::default();
            match failing_heap::fail_after(failures, || pending.add(&given)) {
                Ok(stretch) => return assert_eq!(pending.of(stretch).count(), given.len()),
                Err(OutOfMemory) => assert!(pending.all.is_empty() && pending.listed.is_empty()),
            }
        }
    }

    #[test]
    fn nothing_stands_outside_of_all() {
        let pending = PendingRelocations::default();
        let outside = Stretch {
            start: u32::MAX,
            len: u32::MAX,
        };
        assert_eq!(pending.of(outside).count(), 0);
        assert_eq!(pending.at(outside, u32::MAX), None);
    }
}
