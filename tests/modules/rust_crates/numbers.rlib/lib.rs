//@ options: -Ccodegen-units=4
//! A crate of several codegen units, which is several members of one archive.
#![no_std]

use core::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// How often this crate was called.
#[inline(never)]
pub fn calls() -> u32 {
    CALLS.load(Ordering::Relaxed)
}

/// Counts from zero again.
#[inline(never)]
pub fn reset() {
    CALLS.store(0, Ordering::Relaxed);
}

fn count() {
    CALLS.fetch_add(1, Ordering::Relaxed);
}

/// The item whose key is the largest.
pub fn largest<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Option<T> {
    count();
    items.max_by_key(key)
}

/// Sums.
pub mod sums {
    /// The sum of all.
    #[inline(never)]
    pub fn total(numbers: &[u64]) -> u64 {
        super::count();
        numbers.iter().sum()
    }
}

/// Products.
pub mod products {
    /// The product of all, and 0 of none.
    #[inline(never)]
    pub fn product(numbers: &[u64]) -> u64 {
        super::count();
        let Some((first, rest)) = numbers.split_first() else {
            return 0;
        };
        rest.iter().fold(*first, |product, number| super::powers::times(product, *number))
    }
}

/// What products are made of.
pub mod powers {
    /// The product of two.
    #[inline(never)]
    pub fn times(one: u64, other: u64) -> u64 {
        one.checked_mul(other).expect("the product is small")
    }
}
