//! Definitions that wait to be linked: bytes, and what they refer to.

use alloc::vec::Vec;
use core::ops::Range;

use crate::arch;
use crate::base::{Alignment, Machine, OutOfMemory, TargetAddr, fallible, int};
use crate::compiler::Relocation;
use crate::edge::EdgeKind;

use super::declaration::{DeclarationId, Kind};
use super::relocations::PendingRelocations;
use super::{DataId, FuncId, JitError};

/// How a function's frames are unwound: records of `.eh_frame`.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Frame<'a> {
    /// A CIE; empty if there is none.
    pub(super) common: &'a [u8],
    /// An FDE, whose bytes 4 to 7 are for the distance to the CIE, and 8 to 11 for that to the function; empty if there is none.
    pub(super) own: &'a [u8],
}

/// What a relocation refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// The definition that it stands in: of a function that can be redefined this body, and no later one.
    Itself,
    /// A function of the module.
    Function(FuncId),
    /// Data of the module.
    Data(DataId),
    /// An address that is known.
    Address(TargetAddr),
}

/// What data holds at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// So many zeros.
    Zeros(u64),
}

/// A stretch of what all pending definitions have together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stretch {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Stretch {
    /// So many elements from an index on; an error if they end behind 2^32 - 1.
    pub(super) fn of(start: usize, len: usize) -> Result<Self, OutOfMemory> {
        let start = u32::try_from(start).map_err(|_| OutOfMemory)?;
        let len = u32::try_from(len).map_err(|_| OutOfMemory)?;
        start.checked_add(len).ok_or(OutOfMemory)?;
        Ok(Self { start, len })
    }

    pub(super) const fn range(self) -> Range<usize> {
        int::usize_from_u32(self.start)..int::usize_from_u32(self.end())
    }

    pub(super) const fn end(self) -> u32 {
        self.start.saturating_add(self.len)
    }

    /// How far behind the start of this one a later one starts.
    pub(super) const fn offset_of(self, later: Self) -> u32 {
        later.start.saturating_sub(self.start)
    }

    /// From the start of this one to the end of a later one.
    pub(super) const fn joined(self, later: Self) -> Self {
        Self {
            start: self.start,
            len: later.end().saturating_sub(self.start),
        }
    }
}

/// What a pending definition consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PendingContent {
    /// Pending bytes.
    Bytes(Stretch),
    Zeros(u64),
    /// It stands for another declaration, of so many bytes.
    Alias {
        target: DeclarationId,
        size_bytes: u64,
    },
}

/// A definition that waits to be linked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) declaration: DeclarationId,
    pub(super) kind: Kind,
    pub(super) content: PendingContent,
    pub(super) alignment: Alignment,
    /// Where pending bytes ended before its own came.
    pub(super) bytes_before: u32,
    /// Of the pending relocations.
    pub(super) relocations: Stretch,
    /// Of the pending frames: the CIE and the FDE that tell how its own are unwound.
    frame: Option<[Stretch; 2]>,
}

impl Pending {
    pub(super) fn size_bytes(&self) -> u64 {
        match self.content {
            PendingContent::Bytes(bytes) => int::widen_u32(bytes.len),
            PendingContent::Zeros(size_bytes) | PendingContent::Alias { size_bytes, .. } => {
                size_bytes
            }
        }
    }

    /// What it is another name for, if it is one.
    pub(super) const fn alias_of(&self) -> Option<DeclarationId> {
        match self.content {
            PendingContent::Alias { target, .. } => Some(target),
            PendingContent::Bytes(_) | PendingContent::Zeros(_) => None,
        }
    }

    /// Where its bytes end among the pending ones.
    const fn bytes_end(&self) -> u32 {
        match self.content {
            PendingContent::Bytes(bytes) => bytes.end(),
            PendingContent::Zeros(_) | PendingContent::Alias { .. } => 0,
        }
    }
}

/// All definitions that wait to be linked, with their bytes and relocations one after the other. Bytes stand as they may lie in
/// memory, aligned as far as is kept, so that what was defined in turn is linked as one.
#[derive(Default, Debug)]
pub(super) struct PendingDefinitions {
    pub(super) all: Vec<Pending>,
    bytes: Vec<u8>,
    pub(super) relocations: PendingRelocations,
    frames: Vec<u8>,
    /// The last CIE.
    common: Option<Stretch>,
}

/// The bytes of an FDE before the size of its function. Source: Linux Standard Base, Core, "Exception Frames".
pub(super) const FRAME_HEADER_BYTES: usize = 12;

/// The greatest alignment that is kept among pending bytes; what asks for more is rare, and costs no room here.
const KEPT_ALIGNMENT: Alignment = Alignment::CACHE_LINE;

/// Memory that is kept for the next definitions, in bytes of code.
const KEPT_BYTES: usize = 64 << 10;

impl PendingDefinitions {
    /// Adds a definition, or nothing.
    pub(super) fn add(
        &mut self,
        declaration: DeclarationId,
        kind: Kind,
        content: Content<'_>,
        alignment: Alignment,
        relocations: &[Relocation<Target>],
    ) -> Result<u32, OutOfMemory> {
        let place = u32::try_from(self.all.len()).map_err(|_| OutOfMemory)?;
        fallible::reserve(&mut self.all, 1)?;
        let before = self.bytes.len();
        let bytes_before = Stretch::of(0, before)?.end();
        let content = match content {
            Content::Zeros(size_bytes) => PendingContent::Zeros(size_bytes),
            Content::Bytes(bytes) => PendingContent::Bytes(self.add_bytes(bytes, alignment)?),
        };
        let relocations = self.relocations.add(relocations);
        let pending = Pending {
            declaration,
            kind,
            content,
            alignment,
            bytes_before,
            relocations: relocations.inspect_err(|_| self.bytes.truncate(before))?,
            frame: None,
        };
        // There is room.
        fallible::push(&mut self.all, pending)?;
        Ok(place)
    }

    /// Adds bytes, or nothing.
    fn add_bytes(&mut self, bytes: &[u8], alignment: Alignment) -> Result<Stretch, OutOfMemory> {
        let kept = alignment.min(KEPT_ALIGNMENT);
        let start = kept.checked_round_up(int::from_usize(self.bytes.len()));
        let start = start.and_then(|start| usize::try_from(start).ok());
        let start = start.ok_or(OutOfMemory)?;
        let stretch = Stretch::of(start, bytes.len())?;
        let padding = start.saturating_sub(self.bytes.len());
        fallible::reserve(&mut self.bytes, padding.saturating_add(bytes.len()))?;
        fallible::extend_with(&mut self.bytes, 0, padding)?;
        fallible::extend(&mut self.bytes, bytes)?;
        Ok(stretch)
    }

    /// Adds another name for a declaration.
    pub(super) fn add_alias(
        &mut self,
        declaration: DeclarationId,
        kind: Kind,
        target: DeclarationId,
        size_bytes: u64,
    ) -> Result<u32, OutOfMemory> {
        let place = self.add(declaration, kind, Content::Zeros(0), Alignment::ONE, &[])?;
        if let Some(alias) = self.all.last_mut() {
            alias.content = PendingContent::Alias { target, size_bytes };
        }
        Ok(place)
    }

    /// Lets a definition consist of other bytes, which refer to nothing, as far as it has room for them.
    pub(super) fn replace(&mut self, place: u32, bytes: &[u8]) {
        let Some(pending) = self.all.get_mut(int::usize_from_u32(place)) else {
            return;
        };
        let PendingContent::Bytes(content) = &mut pending.content else {
            return;
        };
        let room = self.bytes.get_mut(content.range()).unwrap_or(&mut []);
        content.len = int::low_u32(int::from_usize(bytes.len().min(room.len())));
        for (place, &byte) in room.iter_mut().zip(bytes) {
            *place = byte;
        }
        pending.relocations.len = 0;
    }

    /// Adds how the frames of the definition that was added last are unwound.
    pub(super) fn add_frame(&mut self, frame: Frame<'_>) -> Result<(), OutOfMemory> {
        if frame.own.len() < FRAME_HEADER_BYTES {
            return Ok(());
        }
        let is_same = |common: &Stretch| self.frames.get(common.range()) == Some(frame.common);
        let common = match self.common.filter(is_same) {
            Some(common) => common,
            None => self.add_record(frame.common)?,
        };
        self.common = Some(common);
        let own = self.add_record(frame.own)?;
        if let Some(last) = self.all.last_mut() {
            last.frame = Some([common, own]);
        }
        Ok(())
    }

    fn add_record(&mut self, record: &[u8]) -> Result<Stretch, OutOfMemory> {
        let stretch = Stretch::of(self.frames.len(), record.len())?;
        fallible::extend(&mut self.frames, record)?;
        Ok(stretch)
    }

    /// The definitions but for the first so many.
    pub(super) fn since(&self, first: usize) -> &[Pending] {
        self.all.get(first..).unwrap_or(&[])
    }

    /// Some of the pending bytes.
    pub(super) fn bytes(&self, stretch: Stretch) -> &[u8] {
        self.bytes.get(stretch.range()).unwrap_or(&[])
    }

    pub(super) fn frame_of(&self, pending: &Pending) -> Option<Frame<'_>> {
        let record = |stretch: Stretch| self.frames.get(stretch.range()).unwrap_or(&[]);
        let [common, own] = pending.frame?.map(record);
        Some(Frame { common, own })
    }

    /// How many bytes, and how many bytes of frames, wait; and how many definitions.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> [usize; 3] {
        [self.bytes.len(), self.frames.len(), self.all.len()]
    }

    /// Forgets all definitions but the first so many; if that is all, keeps little memory for the next.
    pub(super) fn truncate(&mut self, count: usize) {
        self.all.truncate(count);
        let (mut bytes, mut relocations, mut frames) = (0, 0, 0);
        for pending in &self.all {
            bytes = bytes.max(pending.bytes_end());
            relocations = relocations.max(pending.relocations.end());
            let records = pending.frame.into_iter().flatten().map(Stretch::end);
            frames = frames.max(records.max().unwrap_or(0));
        }
        self.bytes.truncate(int::usize_from_u32(bytes));
        self.relocations.truncate(relocations);
        self.frames.truncate(int::usize_from_u32(frames));
        if self.all.is_empty() && self.bytes.capacity() > KEPT_BYTES {
            *self = Self::default();
        }
    }
}

/// Refuses relocations that no link could write.
pub(super) fn check(
    relocations: &[Relocation<Target>],
    size_bytes: u64,
    machine: Machine,
    name: impl Fn() -> crate::base::Text<120>,
) -> Result<(), JitError> {
    for relocation in relocations {
        let row = relocation.kind.row();
        let is_foreign = match relocation.kind {
            EdgeKind::Data(_) => false,
            EdgeKind::X86_64(_) => machine != Machine::X86_64,
            EdgeKind::Aarch64(_) => machine != Machine::Aarch64,
        };
        if is_foreign || row.is_thread_local() {
            return Err(JitError::ForeignRelocation {
                name: name(),
                kind: row.name,
                machine,
            });
        }
        let end = u64::from(relocation.offset).checked_add(row.field.size_bytes());
        // What relaxation may change is the definition's own, too.
        if !arch::relax::begins_within(relocation.kind, relocation.offset)
            || end.is_none_or(|end| end > size_bytes)
        {
            return Err(JitError::OutsideOfDefinition {
                name: name(),
                kind: row.name,
                offset: relocation.offset,
                size_bytes,
            });
        }
    }
    Ok(())
}
