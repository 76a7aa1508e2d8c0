//! Which of the definitions that are linked together become one block.

use crate::base::{Alignment, int};

use super::declaration::Kind;
use super::definition::{Pending, PendingContent};

/// Definitions of one kind whose bytes stand as they may lie in memory, one behind the other: they become one block. What has no
/// bytes is a run of its own.
pub(super) struct Run<'m> {
    pub(super) definitions: &'m [Pending],
    pub(super) kind: Kind,
    pub(super) content: PendingContent,
    pub(super) alignment: Alignment,
}

/// How many bytes a run of several definitions has at most: far less than a branch reaches that may go through a veneer, so that
/// these can stand between two runs.
const RUN_BYTES: u32 = 1 << 20;

impl<'m> Run<'m> {
    /// The longest run that definitions begin with, and what is behind it.
    pub(super) fn split_first(definitions: &'m [Pending]) -> Option<(Self, &'m [Pending])> {
        let (first, others) = definitions.split_first()?;
        let (mut content, mut alignment) = (first.content, first.alignment);
        let mut count = 1_usize;
        for next in others {
            let Some(longer) = joined(content, next).filter(|_| next.kind == first.kind) else {
                break;
            };
            content = longer;
            alignment = alignment.max(next.alignment);
            count = count.saturating_add(1);
        }
        let (definitions, behind) = definitions.split_at_checked(count)?;
        let run = Self {
            definitions,
            kind: first.kind,
            content,
            alignment,
        };
        Some((run, behind))
    }

    /// Where in the run one of its definitions stands.
    pub(super) fn offset_of(&self, definition: &Pending) -> u32 {
        match (self.content, definition.content) {
            (PendingContent::Bytes(all), PendingContent::Bytes(own)) => all.offset_of(own),
            _ => 0,
        }
    }
}

/// The bytes of a run with those of a definition, if nothing but padding stands between them.
fn joined(run: PendingContent, next: &Pending) -> Option<PendingContent> {
    let (PendingContent::Bytes(run), PendingContent::Bytes(own)) = (run, next.content) else {
        return None;
    };
    let joined = run.joined(own);
    let offset = int::widen_u32(run.offset_of(own));
    // What stood between them may be linked with others, later.
    let follows =
        next.bytes_before == run.end() && next.alignment.divides(offset) && joined.len <= RUN_BYTES;
    follows.then_some(PendingContent::Bytes(joined))
}
