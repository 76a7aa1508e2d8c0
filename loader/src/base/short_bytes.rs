//! Borrowed bytes in twelve bytes of any alignment: their length takes four, not eight, since graphs hold many of them.
#![expect(
    unsafe_code,
    reason = "a slice of the language's own takes sixteen bytes"
)]

use core::marker::PhantomData;
use core::ptr::NonNull;
use core::{fmt, slice};

use super::int;

/// Fewer than 2^32 bytes, borrowed.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(crate) struct ShortBytes<'a> {
    start: NonNull<u8>,
    len: u32,
    bytes: PhantomData<&'a [u8]>,
}

const _: () = assert!(size_of::<Option<ShortBytes<'_>>>() == size_of::<usize>() + 4);

impl<'a> ShortBytes<'a> {
    /// The same bytes; the first of them, if there are too many.
    #[inline]
    pub(crate) const fn first_of(bytes: &'a [u8]) -> Self {
        Self {
            // SAFETY: a slice starts at no null pointer.
            start: unsafe { NonNull::new_unchecked(bytes.as_ptr().cast_mut()) },
            len: int::saturate_u32(int::from_usize(bytes.len())),
            bytes: PhantomData,
        }
    }

    /// The same bytes; `None` if there are too many.
    #[inline]
    pub(crate) const fn new(bytes: &'a [u8]) -> Option<Self> {
        let first = Self::first_of(bytes);
        match int::usize_from_u32(first.len) == bytes.len() {
            true => Some(first),
            false => None,
        }
    }

    /// The bytes.
    #[inline]
    pub(crate) const fn get(self) -> &'a [u8] {
        let (start, len) = (self.start, int::usize_from_u32(self.len));
        // SAFETY: both are of one slice that is borrowed as long as `'a`, which nobody writes to meanwhile.
        unsafe { slice::from_raw_parts(start.as_ptr(), len) }
    }

    /// How many there are.
    #[inline]
    pub(crate) const fn len(self) -> u32 {
        self.len
    }
}

// SAFETY: it is a shared slice of bytes, which may go to other threads.
unsafe impl Send for ShortBytes<'_> {}
// SAFETY: as above.
unsafe impl Sync for ShortBytes<'_> {}

impl fmt::Debug for ShortBytes<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::ShortBytes;

    #[test]
    fn bytes_are_read_as_they_were_given_and_where_they_stand() {
        let bytes = b"many names stand in one table";
        for start in 0..bytes.len() {
            for end in start..=bytes.len() {
                let part = &bytes[start..end];
                // One of them at least stands at an odd address.
                let pair = [(0_u8, ShortBytes::new(part).unwrap()); 2];
                for (_, short) in &pair {
                    assert_eq!((short.get(), short.len() as usize), (part, part.len()));
                    assert_eq!(short.get().as_ptr(), part.as_ptr());
                }
            }
        }
    }

    #[test]
    fn of_4_gib_the_first_are_taken_or_none() {
        // Zeros that nobody reads take no memory.
        let bytes = std::vec![0_u8; (1 << 32) + 1];
        for (len, fits) in [
            ((1 << 32) - 1, true),
            (1 << 32, false),
            ((1 << 32) + 1, false),
        ] {
            let bytes = &bytes[..len];
            assert_eq!(ShortBytes::first_of(bytes).len(), u32::MAX);
            assert_eq!(ShortBytes::new(bytes).is_some(), fits);
        }
    }
}
