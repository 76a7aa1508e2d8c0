//! Atomic operations out of line.
//!
//! - `__aarch64_*` (gcc and clang for AArch64, `-moutline-atomics`, their default): the operation, the size, the order. The
//!   operand or operands come first, the address last; the result is the value before (libgcc, `config/aarch64/lse.S`).
//! - `__atomic_*` of 1 to 8 bytes (GCC, "libatomic ABI"): what compilers call where they don't inline. The order that they
//!   pass is taken as the strongest.
//!
//! The kernel's own atomics are inline on both machines: the bare targets don't have outline atomics.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use crate::exports::{Export, raw};

/// A row for a function written on the spot, whose name is put together.
macro_rules! row {
    ($name:expr, fn($($parameter:ident: $type:ty),*) -> $result:ty, $body:expr) => {{
        unsafe extern "C" fn operation($($parameter: $type),*) -> $result {
            $body
        }
        let function = operation as unsafe extern "C" fn($($type),*) -> $result;
        Export::function($name, function as *const ()).called_as(&function)
    }};
}

/// The atomic at an address that a module passed.
macro_rules! atomic {
    ($atomic:ident, $place:ident) => {
        // SAFETY: the module's promise: an aligned object of this size that is accessed atomically.
        unsafe { $atomic::from_ptr($place) }
    };
}

/// The outline atomics of AArch64 but those of 16 bytes.
#[cfg(any(test, target_arch = "aarch64"))]
macro_rules! outline {
    (@order $size:literal, $type:ty, $atomic:ident, $order:literal, $success:ident, $failure:ident) => {
        [
            row!(
                concat!("__aarch64_cas", $size, $order),
                fn(expected: $type, desired: $type, place: *mut $type) -> $type,
                atomic!($atomic, place)
                    .compare_exchange(expected, desired, Ordering::$success, Ordering::$failure)
                    .unwrap_or_else(|found| found)
            ),
            outline!(@read_modify_write "swp", $size, $order, $type, $atomic, swap, $success, |value| value),
            outline!(@read_modify_write "ldadd", $size, $order, $type, $atomic, fetch_add, $success, |value| value),
            outline!(@read_modify_write "ldclr", $size, $order, $type, $atomic, fetch_and, $success, |value: $type| !value),
            outline!(@read_modify_write "ldeor", $size, $order, $type, $atomic, fetch_xor, $success, |value| value),
            outline!(@read_modify_write "ldset", $size, $order, $type, $atomic, fetch_or, $success, |value| value),
        ]
    };
    (@read_modify_write $name:literal, $size:literal, $order:literal, $type:ty, $atomic:ident, $method:ident,
     $success:ident, $operand:expr) => {
        row!(
            concat!("__aarch64_", $name, $size, $order),
            fn(value: $type, place: *mut $type) -> $type,
            atomic!($atomic, place).$method($operand(value), Ordering::$success)
        )
    };
    ($($size:literal $type:ty, $atomic:ident;)*) => {
        &[$(
            outline!(@order $size, $type, $atomic, "_relax", Relaxed, Relaxed),
            outline!(@order $size, $type, $atomic, "_acq", Acquire, Acquire),
            outline!(@order $size, $type, $atomic, "_rel", Release, Relaxed),
            outline!(@order $size, $type, $atomic, "_acq_rel", AcqRel, Acquire),
            outline!(@order $size, $type, $atomic, "_sync", SeqCst, SeqCst),
        )*]
    };
}

/// The outline atomics, a size and an order at a time.
#[cfg(any(test, target_arch = "aarch64"))]
static OUTLINE: &[[Export; 6]] = outline! {
    "1" u8, AtomicU8;
    "2" u16, AtomicU16;
    "4" u32, AtomicU32;
    "8" u64, AtomicU64;
};

/// libatomic's functions of one size.
macro_rules! library {
    ($size:literal, $type:ty, $atomic:ident) => {
        [
            row!(
                concat!("__atomic_load_", $size),
                fn(place: *mut $type, _order: c_int) -> $type,
                atomic!($atomic, place).load(Ordering::SeqCst)
            ),
            row!(
                concat!("__atomic_store_", $size),
                fn(place: *mut $type, value: $type, _order: c_int) -> (),
                atomic!($atomic, place).store(value, Ordering::SeqCst)
            ),
            row!(
                concat!("__atomic_compare_exchange_", $size),
                fn(place: *mut $type, expected: *mut $type, desired: $type, _success: c_int, _failure: c_int) -> bool,
                {
                    // SAFETY: the module's promise.
                    let wanted = unsafe { raw::load(expected) };
                    let result =
                        atomic!($atomic, place).compare_exchange(wanted, desired, Ordering::SeqCst, Ordering::SeqCst);
                    if let Err(found) = result {
                        // SAFETY: the module's promise.
                        unsafe { raw::store(expected, found) };
                    }
                    result.is_ok()
                }
            ),
            library!(@read_modify_write "exchange_", $size, $type, $atomic, swap),
            library!(@read_modify_write "fetch_add_", $size, $type, $atomic, fetch_add),
            library!(@read_modify_write "fetch_sub_", $size, $type, $atomic, fetch_sub),
            library!(@read_modify_write "fetch_and_", $size, $type, $atomic, fetch_and),
            library!(@read_modify_write "fetch_or_", $size, $type, $atomic, fetch_or),
            library!(@read_modify_write "fetch_xor_", $size, $type, $atomic, fetch_xor),
            library!(@read_modify_write "fetch_nand_", $size, $type, $atomic, fetch_nand),
        ]
    };
    (@read_modify_write $name:literal, $size:literal, $type:ty, $atomic:ident, $method:ident) => {
        row!(
            concat!("__atomic_", $name, $size),
            fn(place: *mut $type, value: $type, _order: c_int) -> $type,
            atomic!($atomic, place).$method(value, Ordering::SeqCst)
        )
    };
}

static LIBRARY: &[[Export; 10]] = &[
    library!("1", u8, AtomicU8),
    library!("2", u16, AtomicU16),
    library!("4", u32, AtomicU32),
    library!("8", u64, AtomicU64),
];

/// `bool __atomic_is_lock_free(size_t, const void *)`.
extern "C" fn is_lock_free(size_bytes: usize, _place: *const c_void) -> bool {
    matches!(size_bytes, 1 | 2 | 4 | 8)
}

exports! {
    static OTHERS:
    function is_lock_free(_, _) -> _ as "__atomic_is_lock_free";
}

#[cfg(target_arch = "aarch64")]
use crate::exports::machine::compare_and_swap_16;

#[cfg(target_arch = "aarch64")]
exports! {
    static PAIRS:
    shim compare_and_swap_16 as "__aarch64_cas16_relax";
    shim compare_and_swap_16 as "__aarch64_cas16_acq";
    shim compare_and_swap_16 as "__aarch64_cas16_rel";
    shim compare_and_swap_16 as "__aarch64_cas16_acq_rel";
    shim compare_and_swap_16 as "__aarch64_cas16_sync";
}

/// The tables of this file that modules of all machines need.
pub(in crate::exports) static TABLES: &[&[Export]] = &[LIBRARY.as_flattened(), OTHERS];

/// The tables of this file that only this machine's modules need.
pub(in crate::exports) static OF_THIS_MACHINE: &[&[Export]] = &[
    #[cfg(target_arch = "aarch64")]
    OUTLINE.as_flattened(),
    #[cfg(target_arch = "aarch64")]
    PAIRS,
];

#[cfg(test)]
mod tests {
    use core::ffi::c_int;

    use super::{Export, LIBRARY, OUTLINE};

    fn find(table: &[Export], name: &str) -> *const () {
        table
            .iter()
            .find(|export| export.name == name)
            .unwrap()
            .address
    }

    #[test]
    fn outline_atomics_return_the_value_before() {
        type ReadModifyWrite = unsafe extern "C" fn(u16, *mut u16) -> u16;
        type CompareAndSwap = unsafe extern "C" fn(u64, u64, *mut u64) -> u64;
        let rows = OUTLINE.as_flattened();
        assert_eq!(rows.len(), 4 * 5 * 6);
        let mut number = 0b1100_u16;
        for (name, operand, after) in [
            ("__aarch64_ldadd2_acq", 1, 0b1101),
            ("__aarch64_ldclr2_relax", 0b1001, 0b0100),
            ("__aarch64_ldset2_sync", 0b0011, 0b0111),
            ("__aarch64_ldeor2_rel", 0b0101, 0b0010),
            ("__aarch64_swp2_acq_rel", 9, 9),
        ] {
            let before = number;
            // SAFETY: the function's C type.
            let operation: ReadModifyWrite = unsafe { core::mem::transmute(find(rows, name)) };
            // SAFETY: the number can be changed.
            let returned = unsafe { operation(operand, &raw mut number) };
            assert_eq!((returned, number), (before, after), "{name}");
        }
        let mut number = 5;
        // SAFETY: the function's C type.
        let swap: CompareAndSwap =
            unsafe { core::mem::transmute(find(rows, "__aarch64_cas8_acq_rel")) };
        for (expected, desired, before, after) in [(4, 6, 5, 5), (5, 7, 5, 7)] {
            // SAFETY: the number can be changed.
            let returned = unsafe { swap(expected, desired, &raw mut number) };
            assert_eq!((returned, number), (before, after));
        }
    }

    #[test]
    fn a_failed_exchange_tells_what_it_found() {
        type Exchange = unsafe extern "C" fn(*mut u8, *mut u8, u8, c_int, c_int) -> bool;
        let rows = LIBRARY.as_flattened();
        // SAFETY: the function's C type.
        let exchange: Exchange =
            unsafe { core::mem::transmute(find(rows, "__atomic_compare_exchange_1")) };
        let (mut number, mut expected) = (3, 2);
        // SAFETY: both can be changed.
        let first = unsafe { exchange(&raw mut number, &raw mut expected, 9, 5, 5) };
        assert_eq!((first, number, expected), (false, 3, 3));
        // SAFETY: both can be changed.
        let second = unsafe { exchange(&raw mut number, &raw mut expected, 9, 5, 5) };
        assert_eq!((second, number), (true, 9));
    }
}
