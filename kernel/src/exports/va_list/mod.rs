//! The argument lists of variadic functions, as C code of each machine lays them out.
//!
//! Reading one is arithmetic on memory, the same on every machine, so that both layouts are tested on any host.
//! [`machine::VaList`](super::machine::VaList) is the one that this machine's modules pass.

#[cfg(any(test, target_arch = "aarch64"))]
mod aapcs64;
#[cfg(any(test, target_arch = "x86_64"))]
mod system_v;

use super::format::Real;

#[cfg(target_arch = "aarch64")]
pub(super) use aapcs64::Aapcs64;
#[cfg(any(test, target_arch = "x86_64"))]
pub(super) use system_v::SystemV;

/// The arguments behind a function's `...`, in order. The reader says what each one is.
pub(super) trait Arguments {
    /// The next integer or pointer. Of one narrower than 64 bits, the upper bits mean nothing.
    ///
    /// # Safety
    /// The list is a live one, and its next argument is an integer of at most 64 bits or a pointer.
    unsafe fn word(&mut self) -> u64;

    /// The bits of the next `double`.
    ///
    /// # Safety
    /// The list is a live one, and its next argument is a `double`.
    unsafe fn double(&mut self) -> u64;

    /// The next `long double`.
    ///
    /// # Safety
    /// The list is a live one, and its next argument is a `long double`.
    unsafe fn long_double(&mut self) -> Real;
}

fn aligned_up(place: *const u8, alignment: usize) -> *const u8 {
    place.map_addr(|address| address.next_multiple_of(alignment))
}

#[cfg(test)]
mod tests {
    /// Memory as a `va_list` describes it: aligned as a stack is.
    #[repr(C, align(16))]
    pub(super) struct Words<const N: usize>(pub(super) [u64; N]);

    pub(super) fn numbered<const N: usize>(first: u64) -> Words<N> {
        Words(core::array::from_fn(|index| first + index as u64))
    }
}
