//! The argument list of AAPCS64.

use super::{Arguments, aligned_up};
use crate::exports::format::Real;
use crate::exports::raw;

/// The `va_list` of AAPCS64 (appendix B): larger than 16 bytes, so it is passed by the address of a copy (6.8.2, B.4).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(in crate::exports) struct Aapcs64 {
    /// The next argument that was passed in memory.
    stack: *const u8,
    /// The end of the saved x0 to x7.
    general_top: *const u8,
    /// The end of the saved q0 to q7.
    vector_top: *const u8,
    /// Minus the bytes of saved integer registers that are left; positive or zero when none is.
    general_offset: i32,
    /// The same for vector registers.
    vector_offset: i32,
}

impl Aapcs64 {
    fn next_in_memory(&mut self, size_bytes: usize) -> *const u8 {
        let place = aligned_up(self.stack, size_bytes);
        self.stack = place.wrapping_add(size_bytes);
        place
    }

    fn next_vector(&mut self, size_bytes: usize) -> *const u8 {
        if self.vector_offset < 0 {
            let place = self.vector_top.wrapping_offset(self.vector_offset as isize);
            self.vector_offset += 16;
            place
        } else {
            self.next_in_memory(size_bytes)
        }
    }
}

impl Arguments for Aapcs64 {
    unsafe fn word(&mut self) -> u64 {
        let place = if self.general_offset < 0 {
            let place = self
                .general_top
                .wrapping_offset(self.general_offset as isize);
            self.general_offset += 8;
            place
        } else {
            self.next_in_memory(8)
        };
        // SAFETY: the list is live, and the place is that of its next argument.
        unsafe { raw::load(place.cast()) }
    }

    unsafe fn double(&mut self) -> u64 {
        let place = self.next_vector(8);
        // SAFETY: the list is live, and the place is that of its next argument.
        unsafe { raw::load(place.cast()) }
    }

    /// IEEE binary128.
    unsafe fn long_double(&mut self) -> Real {
        let place = self.next_vector(16);
        // SAFETY: the list is live, and the place is that of its next argument.
        Real::from_quad(unsafe { raw::load(place.cast()) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::numbered;
    use super::{Aapcs64, Arguments};
    use crate::exports::format::Real;

    #[test]
    fn aapcs64_takes_registers_first_and_memory_after() {
        let general = numbered::<8>(100);
        let vector = numbered::<16>(300);
        let mut stack = numbered::<8>(200);
        stack.0[4] = 0;
        stack.0[5] = 0x3fff << 48;
        let mut list = Aapcs64 {
            stack: stack.0.as_ptr().cast(),
            general_top: general.0.as_ptr_range().end.cast(),
            vector_top: vector.0.as_ptr_range().end.cast(),
            general_offset: -2 * 8,
            vector_offset: -16,
        };
        // SAFETY: the list describes the three arrays, and no more is taken than they hold.
        let mut word = || unsafe { list.word() };
        assert_eq!([word(), word(), word()], [106, 107, 200]);
        // SAFETY: as above.
        let mut double = || unsafe { list.double() };
        assert_eq!([double(), double(), double()], [314, 201, 202]);
        // SAFETY: as above; the quad stands at the next multiple of 16.
        let quad = unsafe { list.long_double() };
        assert_eq!(quad, Real::from_quad(0x3fff << 112));
        // SAFETY: as above.
        assert_eq!(unsafe { list.word() }, 206);
    }
}
