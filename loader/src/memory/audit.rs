//! The W^X auditor: reads live page tables as they are, and reports every place where memory could be written and
//! executed.
//!
//! It knows nothing of who mapped what. A leaf that is writable and executable is a violation; so are two leaves,
//! of any sizes, at any addresses, of which one lets a byte of physical memory be written and the other lets it be
//! executed. Leaves are collected in one walk and sorted by physical address; the cost is that of sorting, and of
//! the violations found.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{AddressRange, OutOfMemory, TargetAddr, fallible, sort};

use super::paging::{Leaf, PageTables, PhysicalAccess, PhysicalAddr};

/// A place where W^X is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Violation {
    /// These pages, one leaf or several alike in a row, are writable and executable.
    WritableAndExecutable {
        /// Their addresses.
        pages: AddressRange,
    },
    /// Physical memory that is executable at one address is writable at another.
    WritableAlias {
        /// The first byte of the memory that both show.
        shared: PhysicalAddr,
        /// How many bytes both show.
        size_bytes: u64,
        /// Where it is executable.
        executable: TargetAddr,
        /// Where it is writable.
        writable: TargetAddr,
        /// The size of the leaf through which it is writable: more than 4 KiB for a large one.
        writable_leaf_bytes: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WritableAndExecutable { pages } => {
                write!(formatter, "{pages} is writable and executable")
            }
            Self::WritableAlias {
                shared,
                size_bytes,
                executable,
                writable,
                writable_leaf_bytes,
            } => write!(
                formatter,
                "{size_bytes} bytes at {shared} are executable at {executable} \
                 and writable at {writable}, by a leaf of {writable_leaf_bytes} bytes"
            ),
        }
    }
}

/// Tells `report` of every violation in the tables; returns how many there are.
///
/// # Errors
/// The heap has no room to list the leaves.
pub fn audit<A: PhysicalAccess>(
    tables: &PageTables<A>,
    mut report: impl FnMut(&Violation),
) -> Result<usize, OutOfMemory> {
    let mut runs = collect(tables)?;
    sort::sort_by_key(&mut runs, |run| run.first);
    let mut count = 0_usize;
    let mut found = |violation| {
        count = count.wrapping_add(1);
        report(&violation);
    };
    // Runs met so far that reach on: those that can be executed, those that can be written.
    let mut executable: Vec<Run> = Vec::new();
    let mut writable: Vec<Run> = Vec::new();
    for run in runs {
        if run.is_executable && run.is_writable {
            found(Violation::WritableAndExecutable { pages: run.pages });
        }
        if run.is_executable {
            for other in still_open(&mut writable, run) {
                found(alias(&run, other));
            }
        }
        if run.is_writable {
            for other in still_open(&mut executable, run) {
                found(alias(other, &run));
            }
        }
        if run.is_executable {
            fallible::push(&mut executable, run)?;
        }
        if run.is_writable {
            fallible::push(&mut writable, run)?;
        }
    }
    Ok(count)
}

/// Leaves in a row, alike in all and consecutive in both kinds of addresses; either writable or executable.
#[derive(Clone, Copy)]
struct Run {
    /// Physical addresses of the first and the last byte.
    first: u64,
    last: u64,
    pages: AddressRange,
    leaf_bytes: u64,
    is_writable: bool,
    is_executable: bool,
}

impl Run {
    fn of(leaf: Leaf) -> Self {
        let bytes_less_one = distance(leaf.pages.first(), leaf.pages.last());
        Self {
            first: leaf.to.value(),
            last: leaf.to.value().saturating_add(bytes_less_one),
            pages: leaf.pages,
            leaf_bytes: bytes_less_one.saturating_add(1),
            is_writable: leaf.rights.is_writable,
            is_executable: leaf.rights.is_executable,
        }
    }

    /// Both in one, if `next` goes on where this run ends.
    fn extended_by(&self, next: &Self) -> Option<Self> {
        let is_alike = self.leaf_bytes == next.leaf_bytes
            && self.is_writable == next.is_writable
            && self.is_executable == next.is_executable;
        let follows = self.last.checked_add(1) == Some(next.first)
            && self.pages.last().checked_add(1) == Some(next.pages.first());
        (is_alike && follows).then(|| Self {
            last: next.last,
            pages: self.pages.hull(next.pages),
            ..*self
        })
    }

    /// Where the run shows the physical address, which lies in it.
    fn address_of(&self, physical: u64) -> TargetAddr {
        let offset = physical.saturating_sub(self.first);
        self.pages
            .first()
            .checked_add(offset)
            .unwrap_or(self.pages.last())
    }
}

fn collect<A: PhysicalAccess>(tables: &PageTables<A>) -> Result<Vec<Run>, OutOfMemory> {
    let mut runs: Vec<Run> = Vec::new();
    tables.for_each_leaf(|leaf| {
        let next = Run::of(leaf);
        if !next.is_writable && !next.is_executable {
            return Ok(());
        }
        match runs
            .last_mut()
            .and_then(|run| Some((run.extended_by(&next)?, run)))
        {
            Some((extended, run)) => *run = extended,
            None => fallible::push(&mut runs, next)?,
        }
        Ok(())
    })?;
    Ok(runs)
}

/// The runs that reach to where `run` starts, or further. What ended before is forgotten: runs come in ascending
/// order.
fn still_open(open: &mut Vec<Run>, run: Run) -> impl Iterator<Item = &Run> {
    open.retain(|other| other.last >= run.first);
    open.iter()
}

fn alias(executable: &Run, writable: &Run) -> Violation {
    let first = executable.first.max(writable.first);
    let last = executable.last.min(writable.last);
    Violation::WritableAlias {
        shared: PhysicalAddr::new(first),
        size_bytes: last.saturating_sub(first).saturating_add(1),
        executable: executable.address_of(first),
        writable: writable.address_of(first),
        writable_leaf_bytes: writable.leaf_bytes,
    }
}

fn distance(from: TargetAddr, to: TargetAddr) -> u64 {
    to.checked_distance_from(from).unwrap_or(0)
}

#[cfg(test)]
mod tests;
