//! Where unpacked bytes go: memory that grows with them, up to the size that was announced.

use alloc::vec::Vec;

use super::super::Fault;
use crate::base::fallible;

/// How many bytes one of the input is taken to stand for, before more have come out.
const USUAL_RATIO: usize = 16;

/// The bytes that have come out, and room for more.
pub(super) struct Output {
    bytes: Vec<u8>,
    filled: usize,
    size_bytes: usize,
    first_step: usize,
}

impl Output {
    /// Room for `size_bytes` bytes, of which none is taken yet.
    pub(super) fn new(size_bytes: usize, packed_bytes: usize) -> Self {
        Self {
            bytes: Vec::new(),
            filled: 0,
            size_bytes,
            first_step: packed_bytes.saturating_mul(USUAL_RATIO),
        }
    }

    /// How many bytes are to come out in all.
    pub(super) const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// All memory that was taken, and how much of it is filled.
    pub(super) fn all(&mut self) -> (&mut [u8], usize) {
        (&mut self.bytes, self.filled)
    }

    /// The memory that was taken and is not filled.
    pub(super) fn room(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.filled..).unwrap_or(&mut [])
    }

    /// Counts bytes that were filled.
    pub(super) fn advance(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count);
    }

    /// Takes more memory: as much again, but no more than was announced.
    pub(super) fn grow(&mut self) -> Result<(), Fault<'static>> {
        let len = self.bytes.len();
        let left = self.size_bytes.saturating_sub(len);
        let more = len.max(self.first_step).min(left);
        if more == 0 {
            let what = "a compressed section holds more than it announces";
            return Err(Fault::damaged(what));
        }
        if len == 0 {
            self.bytes = fallible::zeros(more)?;
            return Ok(());
        }
        Ok(fallible::extend_with(&mut self.bytes, 0, more)?)
    }

    /// The bytes, if all have come out.
    pub(super) fn finish(self) -> Result<Vec<u8>, Fault<'static>> {
        if self.filled != self.size_bytes {
            let what = "a compressed section holds less than it announces";
            return Err(Fault::damaged(what));
        }
        Ok(self.bytes)
    }
}
