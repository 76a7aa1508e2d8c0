//! Definitions that wait to be linked: bytes, and what they refer to.

use alloc::vec::Vec;
use core::ops::Range;

use crate::base::{Alignment, Machine, OutOfMemory, TargetAddr, fallible, int};
use crate::edge::EdgeKind;

use super::declaration::{DeclarationId, Kind};
use super::{DataId, FuncId, JitError};

/// What a field of a definition's bytes is filled with.
pub type Relocation = crate::compiler::Relocation<Target>;

/// How a function's frames are unwound: records of `.eh_frame`.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Frame<'a> {
    /// A CIE; empty if there is none.
    pub(super) common: &'a [u8],
    /// An FDE, whose bytes 4 to 7 tell the distance to the CIE, and 8 to 11 that to the function; empty if there is none.
    pub(super) own: &'a [u8],
}

/// What a relocation refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A function of the module.
    Function(FuncId),
    /// Data of the module.
    Data(DataId),
    /// An address that is known.
    Address(TargetAddr),
}

impl Target {
    pub(super) const fn declaration(self) -> Option<DeclarationId> {
        match self {
            Self::Function(FuncId(id)) | Self::Data(DataId(id)) => Some(id),
            Self::Address(_) => None,
        }
    }
}

/// What data holds at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// So many zeros.
    Zeros(u64),
}

/// What a pending definition consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PendingContent {
    /// A stretch of the pending bytes.
    Bytes {
        start: usize,
        len: usize,
    },
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
    /// A stretch of the pending relocations.
    first_relocation: usize,
    relocations: usize,
}

impl Pending {
    pub(super) fn size_bytes(&self) -> u64 {
        match self.content {
            PendingContent::Bytes { len, .. } => int::from_usize(len),
            PendingContent::Zeros(size_bytes) | PendingContent::Alias { size_bytes, .. } => {
                size_bytes
            }
        }
    }

    /// What it is another name for, if it is one.
    pub(super) const fn alias_of(&self) -> Option<DeclarationId> {
        match self.content {
            PendingContent::Alias { target, .. } => Some(target),
            PendingContent::Bytes { .. } | PendingContent::Zeros(_) => None,
        }
    }

    pub(super) const fn relocations(&self) -> Range<usize> {
        let end = self.first_relocation.saturating_add(self.relocations);
        self.first_relocation..end
    }
}

/// All definitions that wait to be linked, with their bytes and relocations in one stretch each.
#[derive(Default, Debug)]
pub(super) struct PendingDefinitions {
    pub(super) all: Vec<Pending>,
    pub(super) bytes: Vec<u8>,
    pub(super) relocations: Vec<Relocation>,
    /// Records that tell how frames are unwound, one after the other, each FDE after its CIE.
    pub(super) frames: Vec<u8>,
    /// Where in them each FDE stands, and of which definition.
    pub(super) framed: Vec<(u32, u32)>,
    /// Where the last CIE stands.
    common: Option<(usize, usize)>,
}

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
        relocations: &[Relocation],
    ) -> Result<u32, OutOfMemory> {
        let place = u32::try_from(self.all.len()).map_err(|_| OutOfMemory)?;
        fallible::reserve(&mut self.all, 1)?;
        let first_relocation = self.relocations.len();
        fallible::reserve(&mut self.relocations, relocations.len())?;
        let content = match content {
            Content::Zeros(size_bytes) => PendingContent::Zeros(size_bytes),
            Content::Bytes(bytes) => {
                let start = self.bytes.len();
                fallible::extend(&mut self.bytes, bytes)?;
                PendingContent::Bytes {
                    start,
                    len: bytes.len(),
                }
            }
        };
        fallible::extend(&mut self.relocations, relocations)?;
        fallible::push(
            &mut self.all,
            Pending {
                declaration,
                kind,
                content,
                alignment,
                first_relocation,
                relocations: relocations.len(),
            },
        )?;
        Ok(place)
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
        let PendingContent::Bytes { start, len } = &mut pending.content else {
            return;
        };
        let end = start.saturating_add(*len);
        let room = self.bytes.get_mut(*start..end).unwrap_or(&mut []);
        *len = bytes.len().min(room.len());
        for (place, &byte) in room.iter_mut().zip(bytes) {
            *place = byte;
        }
        pending.relocations = 0;
    }

    /// Adds how the frames of the definition that was added last are unwound.
    pub(super) fn add_frame(&mut self, frame: Frame<'_>) -> Result<(), OutOfMemory> {
        let (Some(definition), true) = (self.all.len().checked_sub(1), frame.own.len() >= 12)
        else {
            return Ok(());
        };
        let size = frame.common.len().saturating_add(frame.own.len());
        fallible::reserve(&mut self.frames, size)?;
        fallible::reserve(&mut self.framed, 1)?;
        let known = self.common.filter(|&(start, len)| {
            let end = start.saturating_add(len);
            self.frames.get(start..end) == Some(frame.common)
        });
        let common = match known {
            Some((start, _)) => start,
            None => {
                let start = self.frames.len();
                fallible::extend(&mut self.frames, frame.common)?;
                self.common = Some((start, frame.common.len()));
                start
            }
        };
        let start = self.frames.len();
        fallible::extend(&mut self.frames, frame.own)?;
        // From the field back to the CIE.
        let field = start.saturating_add(4);
        let distance = u32::try_from(field.saturating_sub(common)).map_err(|_| OutOfMemory)?;
        let place = self.frames.get_mut(field..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = distance.to_le_bytes();
        }
        let start = u32::try_from(start).map_err(|_| OutOfMemory)?;
        let definition = u32::try_from(definition).map_err(|_| OutOfMemory)?;
        fallible::push(&mut self.framed, (start, definition))
    }

    pub(super) fn content(&self, pending: &Pending) -> &[u8] {
        let PendingContent::Bytes { start, len } = pending.content else {
            return &[];
        };
        let end = start.saturating_add(len);
        self.bytes.get(start..end).unwrap_or(&[])
    }

    pub(super) fn relocations_of(&self, pending: &Pending) -> &[Relocation] {
        (self.relocations.get(pending.relocations())).unwrap_or(&[])
    }

    /// Forgets all but the first so many.
    pub(super) fn truncate(&mut self, count: usize) {
        let Some(first) = self.all.get(count) else {
            return;
        };
        self.relocations.truncate(first.first_relocation);
        let starts = self.all.iter().skip(count);
        let start = starts.filter_map(|pending| match pending.content {
            PendingContent::Bytes { start, .. } => Some(start),
            PendingContent::Zeros(_) | PendingContent::Alias { .. } => None,
        });
        if let Some(start) = start.min() {
            self.bytes.truncate(start);
        }
        let is_kept = |framed: &&(u32, u32)| int::usize_from_u32(framed.1) < count;
        let kept = self.framed.iter().take_while(is_kept).count();
        if let Some(&(start, _)) = self.framed.get(kept) {
            self.frames.truncate(int::usize_from_u32(start));
            self.framed.truncate(kept);
        }
        self.all.truncate(count);
    }

    /// Forgets all, and keeps little memory for the next.
    pub(super) fn clear(&mut self) {
        if self.bytes.capacity() > KEPT_BYTES {
            *self = Self::default();
        }
        self.all.clear();
        self.bytes.clear();
        self.relocations.clear();
        self.frames.clear();
        self.framed.clear();
        self.common = None;
    }
}

/// Refuses relocations that no link could write.
pub(super) fn check(
    relocations: &[Relocation],
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
        if end.is_none_or(|end| end > size_bytes) {
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
