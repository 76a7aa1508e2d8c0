//! Epochs: how it is known that nobody is in code any more that was replaced.
//!
//! Who runs code of a module holds a guard meanwhile. A guard belongs to the epoch in which it was taken, of which two are in use at
//! a time; the epoch advances when no guard of the one before is left. What was replaced in an epoch may still be run by
//! guards of that epoch and of the one before, and by none once the epoch has advanced twice.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::base::{OutOfMemory, Shared};

/// Guards for the code of one module. Clones are the same; threads may each have their own.
#[derive(Clone, Debug)]
pub struct Guards {
    shared: Shared<Epochs>,
}

/// Keeps code that is replaced from now on until this is dropped.
#[derive(Debug)]
pub struct Guard<'g> {
    epochs: &'g Epochs,
    epoch: u64,
}

#[derive(Debug)]
struct Epochs {
    current: AtomicU64,
    /// How many guards there are of even epochs, and of odd ones.
    guards: [AtomicU64; 2],
}

impl Epochs {
    const fn guards(&self, epoch: u64) -> &AtomicU64 {
        let [even, odd] = &self.guards;
        match epoch & 1 {
            0 => even,
            _ => odd,
        }
    }
}

impl Guards {
    pub(super) fn new() -> Result<Self, OutOfMemory> {
        let shared = Shared::new(Epochs {
            current: AtomicU64::new(0),
            guards: [const { AtomicU64::new(0) }; 2],
        })?;
        Ok(Self { shared })
    }

    /// A guard: as long as it is held, no code is freed that was there to be run when it was taken. Takes neither a lock nor
    /// memory.
    pub fn enter(&self) -> Guard<'_> {
        let epochs = &*self.shared;
        loop {
            let epoch = epochs.current.load(Ordering::SeqCst);
            epochs.guards(epoch).fetch_add(1, Ordering::SeqCst);
            // If it advanced in between, who advanced it may not have seen this guard.
            if epochs.current.load(Ordering::SeqCst) == epoch {
                return Guard { epochs, epoch };
            }
            epochs.guards(epoch).fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// The epoch in which something is replaced, whose callers were told of it before.
    pub(super) fn now(&self) -> u64 {
        self.shared.current.load(Ordering::SeqCst)
    }

    /// Advances as far as guards allow, at most so that nobody is left in what was replaced until now. Only one thread may
    /// advance at a time.
    pub(super) fn advance(&self) {
        let epochs = &*self.shared;
        for _ in 0..2 {
            let epoch = epochs.current.load(Ordering::SeqCst);
            let next = epoch.wrapping_add(1);
            // The next epoch counts its guards where the one before counted its own.
            if epochs.guards(next).load(Ordering::SeqCst) > 0 {
                return;
            }
            epochs.current.store(next, Ordering::SeqCst);
        }
    }

    /// Whether nobody is left in what was replaced in an epoch.
    pub(super) fn is_over(&self, epoch: u64) -> bool {
        self.now().wrapping_sub(epoch) >= 2
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let guards = self.epochs.guards(self.epoch);
        guards.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::Guards;

    #[test]
    fn without_guards_what_was_replaced_is_over_at_once() {
        let guards = Guards::new().unwrap();
        let replaced = guards.now();
        assert!(!guards.is_over(replaced));
        guards.advance();
        assert!(guards.is_over(replaced));
    }

    #[test]
    fn a_guard_keeps_what_was_replaced_after_it_was_taken() {
        let guards = Guards::new().unwrap();
        let guard = guards.enter();
        let replaced = guards.now();
        for _ in 0..4 {
            guards.advance();
            assert!(!guards.is_over(replaced));
        }
        drop(guard);
        guards.advance();
        assert!(guards.is_over(replaced));
    }

    #[test]
    fn guards_that_overlap_without_end_hold_nothing_up() {
        let guards = Guards::new().unwrap();
        let mut held = guards.enter();
        for _ in 0..8 {
            let replaced = guards.now();
            for _ in 0..3 {
                let next = guards.enter();
                drop(core::mem::replace(&mut held, next));
                guards.advance();
            }
            assert!(guards.is_over(replaced));
        }
    }
}
