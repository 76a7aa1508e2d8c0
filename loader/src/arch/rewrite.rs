//! Rewriting: what the fix-up of a relaxed kind changes around its field.

use crate::edge::Rewrite;

use super::FixUpFault;

/// Changes the instruction whose field stands `offset` bytes into `bytes`, those of a block: bytes before the field too.
///
/// # Errors
/// The instruction passes an end of the block, or is not one that can be so changed.
#[expect(
    clippy::unnecessary_wraps,
    reason = "what a rewriting finds may not be what it changes"
)]
pub(super) fn rewrite(
    rewrite: Rewrite,
    _bytes: &mut [u8],
    _offset: usize,
) -> Result<(), FixUpFault> {
    match rewrite {
        Rewrite::None => Ok(()),
    }
}
