//! Operators new and delete in all their forms (C++17 21.6.2), on the heap of `malloc`. All are weak: a program may replace
//! them. The plain ones can't throw `bad_alloc` yet: when memory runs out they end the call with a named error.

use crate::exports::heap::{self, ALIGNMENT};
use crate::exports::host::abort;

extern "C" fn new(size_bytes: usize) -> *mut u8 {
    new_aligned(size_bytes, ALIGNMENT)
}

extern "C" fn new_aligned(size_bytes: usize, alignment: usize) -> *mut u8 {
    let block = new_aligned_or_null(size_bytes, alignment, &NOTHROW);
    if block.is_null() {
        abort!("operator new: no memory for {size_bytes} bytes");
    }
    block
}

extern "C" fn new_or_null(size_bytes: usize, nothrow: *const u8) -> *mut u8 {
    new_aligned_or_null(size_bytes, ALIGNMENT, nothrow)
}

extern "C" fn new_aligned_or_null(
    size_bytes: usize,
    alignment: usize,
    _nothrow: *const u8,
) -> *mut u8 {
    heap::allocate(size_bytes, alignment.max(ALIGNMENT))
}

/// Every form of delete: the block knows its size and alignment, and an argument more in a register does no harm.
unsafe extern "C" fn delete(block: *mut u8) {
    // SAFETY: the module's promise.
    unsafe { heap::release("operator delete", block) }
}

/// `std::nothrow`: only its address counts.
static NOTHROW: u8 = 0;

exports! {
    pub(super) static EXPORTS:
    weak new(_) -> _ as "_Znwm";
    weak new(_) -> _ as "_Znam";
    weak new_or_null(_, _) -> _ as "_ZnwmRKSt9nothrow_t";
    weak new_or_null(_, _) -> _ as "_ZnamRKSt9nothrow_t";
    weak new_aligned(_, _) -> _ as "_ZnwmSt11align_val_t";
    weak new_aligned(_, _) -> _ as "_ZnamSt11align_val_t";
    weak new_aligned_or_null(_, _, _) -> _ as "_ZnwmSt11align_val_tRKSt9nothrow_t";
    weak new_aligned_or_null(_, _, _) -> _ as "_ZnamSt11align_val_tRKSt9nothrow_t";
    weak delete(_) as "_ZdlPv";
    weak delete(_) as "_ZdaPv";
    weak delete(_) as "_ZdlPvm";
    weak delete(_) as "_ZdaPvm";
    weak delete(_) as "_ZdlPvRKSt9nothrow_t";
    weak delete(_) as "_ZdaPvRKSt9nothrow_t";
    weak delete(_) as "_ZdlPvSt11align_val_t";
    weak delete(_) as "_ZdaPvSt11align_val_t";
    weak delete(_) as "_ZdlPvmSt11align_val_t";
    weak delete(_) as "_ZdaPvmSt11align_val_t";
    weak delete(_) as "_ZdlPvSt11align_val_tRKSt9nothrow_t";
    weak delete(_) as "_ZdaPvSt11align_val_tRKSt9nothrow_t";
    data NOTHROW as "_ZSt7nothrow";
}

#[cfg(test)]
mod tests {
    use super::{NOTHROW, delete, new, new_aligned, new_or_null};
    use crate::exports::test_host::{Ending, ending};

    #[test]
    fn what_new_gives_delete_takes() {
        for block in [
            new(0),
            new(100),
            new_aligned(10, 256),
            new_or_null(8, &NOTHROW),
        ] {
            assert!(!block.is_null());
            // SAFETY: the block is given up.
            unsafe { delete(block) };
        }
    }

    #[test]
    fn memory_that_runs_out_is_null_or_ends_the_call_by_name() {
        assert!(new_or_null(usize::MAX, &NOTHROW).is_null());
        let ending = ending(|| {
            new(1 << 62);
        });
        let reason = "operator new: no memory for 4611686018427387904 bytes";
        assert_eq!(ending, Ending::Aborted(reason.into()));
    }
}
