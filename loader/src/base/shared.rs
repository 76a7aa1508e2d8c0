//! A value that several owners share: what `Arc` is, had it a constructor that reports a full heap.
#![expect(unsafe_code, reason = "counts the owners of an allocation")]

use alloc::boxed::Box;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering, fence};

use super::{OutOfMemory, fallible};

/// One owner of a shared value. The value is dropped with the last.
#[derive(Debug)]
pub(crate) struct Shared<T> {
    counted: NonNull<Counted<T>>,
    owned: PhantomData<Counted<T>>,
}

#[derive(Debug)]
struct Counted<T> {
    owners: AtomicUsize,
    value: T,
}

// SAFETY: owners on several threads share the value, and any of them may drop it.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(crate) fn new(value: T) -> Result<Self, OutOfMemory> {
        let counted = fallible::boxed(Counted {
            owners: AtomicUsize::new(1),
            value,
        })?;
        Ok(Self {
            counted: NonNull::from(Box::leak(counted)),
            owned: PhantomData,
        })
    }

    fn counted(&self) -> &Counted<T> {
        // SAFETY: the allocation lives as long as there is an owner.
        unsafe { self.counted.as_ref() }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        // Each owner takes memory, so that the count can't overflow.
        self.counted().owners.fetch_add(1, Ordering::Relaxed);
        Self {
            counted: self.counted,
            owned: PhantomData,
        }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if self.counted().owners.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        // What other owners did to the value happened before it is dropped.
        fence(Ordering::Acquire);
        // SAFETY: the allocation came from a box, and this was its last owner.
        drop(unsafe { Box::from_raw(self.counted.as_ptr()) });
    }
}
