//! Pages of this process, mapped and protected: what the limit, and linkers that leave memory to their users, are given.

use ironlink::base::Protection;
use std::io;
use std::ops::Range;
use std::ptr;

pub(crate) const PAGE_BYTES: usize = 4096;

/// Pages that are mapped, readable and writable at first. Dropping them unmaps them.
pub(crate) struct Pages {
    start: *mut u8,
    size_bytes: usize,
}

impl Pages {
    /// New pages for so many bytes, near `near` if that can be had.
    pub(crate) fn new(size_bytes: usize, near: Option<usize>) -> Result<Self, String> {
        let size_bytes = size_bytes.next_multiple_of(PAGE_BYTES).max(PAGE_BYTES);
        let wanted = near.map_or(ptr::null_mut(), ptr::without_provenance_mut);
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: the address is a hint, so that nothing that is mapped is replaced.
        let start = unsafe { libc::mmap(wanted, size_bytes, access, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error().to_string());
        }
        Ok(Self {
            start: start.cast(),
            size_bytes,
        })
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.start
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Sets the protection of whole pages.
    pub(crate) fn protect(
        &self,
        bytes: Range<usize>,
        protection: Protection,
    ) -> Result<(), String> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut access = libc::PROT_READ;
        if protection.is_writable() {
            access |= libc::PROT_WRITE;
        }
        if protection.is_executable() {
            access |= libc::PROT_EXEC;
        }
        assert!(bytes.end <= self.size_bytes, "they are this owner's pages");
        let start = self.start.wrapping_add(bytes.start).cast();
        // SAFETY: the pages are this owner's, who uses them as they are protected.
        match unsafe { libc::mprotect(start, bytes.len(), access) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error().to_string()),
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the pages are this owner's, and nobody uses them any more.
        unsafe { libc::munmap(self.start.cast(), self.size_bytes) };
    }
}
