//! Guards of local statics, which are initialised when control first passes (Itanium C++ ABI 3.3.3). The guard's first byte
//! is set once the object is initialised; compilers test it before they call. The second is ours: under initialisation.

use core::ffi::c_int;

use crate::exports::host::abort;
use crate::exports::raw;

const INITIALIZED: u8 = 0;
const IN_PROGRESS: usize = 1;

/// `int __cxa_guard_acquire(uint64_t *)`: 1 if the caller must initialise.
unsafe extern "C" fn acquire(guard: *mut u8) -> c_int {
    // SAFETY: the module's promise: a guard has eight bytes.
    if unsafe { raw::load(guard) } != INITIALIZED {
        return 0;
    }
    // SAFETY: as above.
    if unsafe { raw::load(guard.wrapping_add(IN_PROGRESS)) } != 0 {
        abort!("the initialisation of a local static depends on itself");
    }
    // SAFETY: as above.
    unsafe { raw::store(guard.wrapping_add(IN_PROGRESS), 1) };
    1
}

/// `void __cxa_guard_release(uint64_t *)`: the object is initialised.
unsafe extern "C" fn release(guard: *mut u8) {
    // SAFETY: the module's promise.
    unsafe { raw::store(guard.cast::<[u8; 2]>(), [1, 0]) }
}

/// `void __cxa_guard_abort(uint64_t *)`: the initialisation threw; the next one to pass tries again.
unsafe extern "C" fn abandon(guard: *mut u8) {
    // SAFETY: the module's promise.
    unsafe { raw::store(guard.cast::<[u8; 2]>(), [0, 0]) }
}

exports! {
    pub(super) static EXPORTS:
    function acquire(_) -> _ as "__cxa_guard_acquire";
    function release(_) as "__cxa_guard_release";
    function abandon(_) as "__cxa_guard_abort";
}

#[cfg(test)]
mod tests {
    use super::{abandon, acquire, release};
    use crate::exports::test_host::{Ending, ending};

    #[test]
    fn an_object_is_initialised_once() {
        let mut guard = 0_u64;
        let place = (&raw mut guard).cast();
        // SAFETY: it is a guard.
        assert_eq!(unsafe { acquire(place) }, 1);
        // SAFETY: as above.
        unsafe { abandon(place) };
        // SAFETY: as above.
        assert_eq!(unsafe { acquire(place) }, 1);
        // SAFETY: as above.
        unsafe { release(place) };
        // SAFETY: as above.
        assert_eq!(unsafe { acquire(place) }, 0);
        // SAFETY: as above; compilers read the first byte.
        assert_eq!(unsafe { place.read() }, 1);
    }

    #[test]
    fn an_initialisation_that_needs_itself_ends_the_call_by_name() {
        let ending = ending(|| {
            let mut guard = 0_u64;
            for _ in 0..2 {
                // SAFETY: it is a guard.
                unsafe { acquire((&raw mut guard).cast()) };
            }
        });
        let reason = "the initialisation of a local static depends on itself";
        assert_eq!(ending, Ending::Aborted(reason.into()));
    }
}
