//! A part of the heap that is held while modules' code may run, and free for the kernel's own work: modules can't use it up. What
//! lasts of that work may: where nothing else is left, it is taken from here.

use alloc::vec::Vec;

/// So many blocks, since what was in one may be in pieces later, of so many bytes each.
const BLOCKS: usize = 8;
const BLOCK_BYTES: usize = 32 << 10;

/// What is kept from modules, so that whoever serves a terminal can still tell what went wrong, and unload them.
#[derive(Debug, Default)]
pub struct Reserve([Vec<u8>; BLOCKS]);

impl Reserve {
    /// Does what runs modules' code; to be [freed](Self::free) if that was ended from outside.
    pub fn during<T>(&mut self, run: impl FnOnce() -> T) -> T {
        for block in &mut self.0 {
            // There may be less.
            let _ = block.try_reserve_exact(BLOCK_BYTES);
        }
        let result = run();
        self.free();
        result
    }

    /// Gives it back to the heap.
    pub fn free(&mut self) {
        *self = Self::default();
    }
}
