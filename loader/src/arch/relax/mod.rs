//! Relaxation: instructions that read a word of the global offset table, and what they may become once its content is known.
//!
//! A decision is made of two halves. Before the fix-up, the machine's file looks at the bytes around a fixup and tells which
//! relaxed kinds could stand there; whose value fits is then a question of rows alone. The fix-up of a relaxed kind changes the
//! bytes. What is not recognised stays as it is.

pub mod aarch64;
#[cfg(test)]
mod tests;
pub mod x86_64;

use crate::base::int;
use crate::edge::{EdgeKind, Rewrite};

use super::FixUpFault;

/// A kind that a fixup may get, against the symbol whose address the word holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Relaxed {
    /// The kind.
    pub kind: EdgeKind,
    /// Where its field stands, in bytes: not always where it stood.
    pub offset: u32,
    /// Its addend.
    pub addend: i64,
}

/// Whether all of the instruction that relaxation may change, where a field of this kind stands at this offset, lies behind the
/// start.
#[inline]
pub fn begins_within(kind: EdgeKind, offset: u32) -> bool {
    // Most fields stand further behind than any instruction begins before its field.
    int::usize_from_u32(offset) >= x86_64::MOST_BYTES_BEFORE || begins_near_start(kind, offset)
}

fn begins_near_start(kind: EdgeKind, offset: u32) -> bool {
    let kind = kind.row().request.map_or(kind, |request| request.becomes);
    match kind {
        EdgeKind::X86_64(kind) => int::usize_from_u32(offset) >= x86_64::bytes_before(kind),
        // Instructions of AArch64 are fields as a whole.
        EdgeKind::Aarch64(_) | EdgeKind::Data(_) => true,
    }
}

/// Changes the instruction whose field stands `offset` bytes into `bytes`, those of a block: bytes around the field, too.
///
/// # Errors
/// The instruction passes an end of the block, or is not one that can be so changed.
pub(super) fn rewrite(rewrite: Rewrite, bytes: &mut [u8], offset: usize) -> Result<(), FixUpFault> {
    match rewrite {
        Rewrite::None => Ok(()),
        Rewrite::Address => x86_64::load_address(bytes, offset),
        Rewrite::Immediate(prefix) => x86_64::take_immediate(bytes, offset, prefix, false),
        Rewrite::WideImmediate(prefix) => x86_64::take_immediate(bytes, offset, prefix, true),
        Rewrite::Call => x86_64::call_directly(bytes, offset),
        Rewrite::Jump => x86_64::jump_directly(bytes, offset),
        Rewrite::Nothing => aarch64::do_nothing(bytes, offset),
        Rewrite::Add => aarch64::add_offset(bytes, offset),
        Rewrite::Adr => aarch64::add_distance(bytes, offset),
    }
}

/// The instruction there is not one that can be so changed.
#[cold]
fn wrong(word: u32, expected: &'static str) -> FixUpFault {
    FixUpFault::WrongInstruction { word, expected }
}
