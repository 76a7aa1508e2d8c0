//! The argument list of System V x86-64.

use super::{Arguments, aligned_up};
use crate::exports::format::Real;
use crate::exports::raw;

/// The `va_list` of System V x86-64 (ABI 3.5.7): passed by the address of this structure.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(in crate::exports) struct SystemV {
    /// Where in the save area the next integer register lies, in bytes.
    gp_offset: u32,
    /// Where in the save area the next vector register lies, in bytes.
    fp_offset: u32,
    /// The next argument that was passed in memory.
    overflow_area: *const u8,
    /// rdi, rsi, rdx, rcx, r8, r9 at 8 bytes each, then xmm0 to xmm7 at 16 bytes each.
    save_area: *const u8,
}

impl SystemV {
    const INTEGERS_END: u32 = 6 * 8;
    const VECTORS_END: u32 = Self::INTEGERS_END + 8 * 16;

    fn next_in_memory(&mut self, size_bytes: usize) -> *const u8 {
        let place = aligned_up(self.overflow_area, size_bytes);
        self.overflow_area = place.wrapping_add(size_bytes);
        place
    }
}

impl Arguments for SystemV {
    unsafe fn word(&mut self) -> u64 {
        let place = if self.gp_offset < Self::INTEGERS_END {
            let place = self.save_area.wrapping_add(self.gp_offset as usize);
            self.gp_offset += 8;
            place
        } else {
            self.next_in_memory(8)
        };
        // SAFETY: the list is live, and the place is that of its next argument.
        unsafe { raw::load(place.cast()) }
    }

    unsafe fn double(&mut self) -> u64 {
        let place = if self.fp_offset < Self::VECTORS_END {
            let place = self.save_area.wrapping_add(self.fp_offset as usize);
            self.fp_offset += 16;
            place
        } else {
            self.next_in_memory(8)
        };
        // SAFETY: the list is live, and the place is that of its next argument.
        unsafe { raw::load(place.cast()) }
    }

    /// Class X87: always in memory, ten bytes of sixteen.
    unsafe fn long_double(&mut self) -> Real {
        let place = self.next_in_memory(16);
        // SAFETY: the list is live, and the place is that of its next argument.
        let significand = unsafe { raw::load(place.cast::<u64>()) };
        // SAFETY: as above.
        let sign_and_exponent = unsafe { raw::load(place.wrapping_add(8).cast::<u16>()) };
        Real::from_extended(significand, sign_and_exponent)
    }
}

#[cfg(test)]
impl SystemV {
    /// A list of which all arguments lie in memory, as after the registers ran out.
    pub(in crate::exports) fn in_memory(words: &[u64]) -> Self {
        Self {
            gp_offset: Self::INTEGERS_END,
            fp_offset: Self::VECTORS_END,
            overflow_area: words.as_ptr().cast(),
            save_area: core::ptr::null(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::numbered;
    use super::{Arguments, SystemV};
    use crate::exports::format::Real;

    #[test]
    fn system_v_takes_registers_first_and_memory_after() {
        let save = numbered::<22>(100);
        let stack = numbered::<8>(200);
        let mut list = SystemV {
            gp_offset: 4 * 8,
            fp_offset: SystemV::VECTORS_END - 2 * 16,
            overflow_area: stack.0.as_ptr().cast(),
            save_area: save.0.as_ptr().cast(),
        };
        // SAFETY: the list describes the two arrays, and no more is taken than they hold.
        let mut word = || unsafe { list.word() };
        assert_eq!([word(), word(), word()], [104, 105, 200]);
        // SAFETY: as above.
        let mut double = || unsafe { list.double() };
        assert_eq!([double(), double(), double()], [118, 120, 201]);
    }

    #[test]
    fn system_v_aligns_a_long_double_in_memory() {
        let mut stack = numbered::<6>(200);
        // 1.0: the integer bit and the biased exponent.
        stack.0[2] = 1 << 63;
        stack.0[3] = 0x3fff;
        let mut list = SystemV::in_memory(&stack.0);
        // SAFETY: the list describes the array, and no more is taken than it holds.
        assert_eq!(unsafe { list.word() }, 200);
        // SAFETY: as above.
        let extended = unsafe { list.long_double() };
        assert_eq!(extended, Real::from_extended(1 << 63, 0x3fff));
        // SAFETY: as above.
        assert_eq!(unsafe { list.word() }, 204);
    }
}
