//! Arithmetic that takes more than an instruction, as libgcc and compiler-rt name it (GCC internals, "Integer library
//! routines"): `si` is 32 bits, `di` 64, `ti` 128. A number of 128 bits travels in two integer registers, in both ABIs.
//!
//! Those with floating-point parameters come from libraries that modules bring.

use core::ffi::c_int;

use crate::exports::host::abort;
use crate::exports::raw;

/// Functions of integers that can't fail.
macro_rules! functions {
    ($($name:ident($($parameter:ident: $type:ty),*) -> $result:ty { $body:expr })*) => {
        $(extern "C" fn $name($($parameter: $type),*) -> $result {
            $body
        })*
    };
}

functions! {
    multiply(left: i128, right: i128) -> i128 { left.wrapping_mul(right) }
    negate(value: i128) -> i128 { value.wrapping_neg() }
    shift_left(value: i128, count: c_int) -> i128 { value.wrapping_shl(count.cast_unsigned()) }
    shift_right(value: i128, count: c_int) -> i128 { value.wrapping_shr(count.cast_unsigned()) }
    shift_right_unsigned(value: u128, count: c_int) -> u128 { value.wrapping_shr(count.cast_unsigned()) }
    compare(left: i128, right: i128) -> c_int { left.cmp(&right) as c_int + 1 }
    compare_unsigned(left: u128, right: u128) -> c_int { left.cmp(&right) as c_int + 1 }

    ones_32(value: u32) -> c_int { value.count_ones() as c_int }
    ones_64(value: u64) -> c_int { value.count_ones() as c_int }
    ones_128(value: u128) -> c_int { value.count_ones() as c_int }
    parity_32(value: u32) -> c_int { (value.count_ones() & 1) as c_int }
    parity_64(value: u64) -> c_int { (value.count_ones() & 1) as c_int }
    parity_128(value: u128) -> c_int { (value.count_ones() & 1) as c_int }
    leading_zeros_32(value: u32) -> c_int { value.leading_zeros() as c_int }
    leading_zeros_64(value: u64) -> c_int { value.leading_zeros() as c_int }
    leading_zeros_128(value: u128) -> c_int { value.leading_zeros() as c_int }
    trailing_zeros_32(value: u32) -> c_int { value.trailing_zeros() as c_int }
    trailing_zeros_64(value: u64) -> c_int { value.trailing_zeros() as c_int }
    trailing_zeros_128(value: u128) -> c_int { value.trailing_zeros() as c_int }
    // The index of the lowest bit counted from 1; 0 if there is none.
    first_one_32(value: u32) -> c_int { value.checked_ilog2().map_or(0, |_| value.trailing_zeros() as c_int + 1) }
    first_one_64(value: u64) -> c_int { value.checked_ilog2().map_or(0, |_| value.trailing_zeros() as c_int + 1) }
    first_one_128(value: u128) -> c_int { value.checked_ilog2().map_or(0, |_| value.trailing_zeros() as c_int + 1) }
    // Bits below the sign that are the same as it.
    sign_bits_32(value: i32) -> c_int { (value ^ (value >> 31)).leading_zeros() as c_int - 1 }
    sign_bits_64(value: i64) -> c_int { (value ^ (value >> 63)).leading_zeros() as c_int - 1 }
    sign_bits_128(value: i128) -> c_int { (value ^ (value >> 127)).leading_zeros() as c_int - 1 }
    swap_bytes_32(value: u32) -> u32 { value.swap_bytes() }
    swap_bytes_64(value: u64) -> u64 { value.swap_bytes() }
    swap_bytes_128(value: u128) -> u128 { value.swap_bytes() }
}

/// What the machine does on a division by zero differs; here the call ends by name on both.
macro_rules! divisions {
    ($($name:ident = $method:ident($type:ty);)*) => {
        $(extern "C" fn $name(dividend: $type, divisor: $type) -> $type {
            if divisor == 0 {
                abort!("division of {dividend} by zero");
            }
            dividend.$method(divisor)
        })*
    };
}

divisions! {
    divide = wrapping_div(i128);
    remainder = wrapping_rem(i128);
    divide_unsigned = wrapping_div(u128);
    remainder_unsigned = wrapping_rem(u128);
}

unsafe extern "C" fn divide_both(dividend: i128, divisor: i128, rest: *mut i128) -> i128 {
    // SAFETY: the module's promise.
    unsafe { raw::store_if_wanted(rest, remainder(dividend, divisor)) };
    divide(dividend, divisor)
}

unsafe extern "C" fn divide_both_unsigned(dividend: u128, divisor: u128, rest: *mut u128) -> u128 {
    // SAFETY: the module's promise.
    unsafe { raw::store_if_wanted(rest, remainder_unsigned(dividend, divisor)) };
    divide_unsigned(dividend, divisor)
}

/// Multiplication that tells whether it overflowed.
macro_rules! told {
    ($($name:ident($type:ty);)*) => {
        $(unsafe extern "C" fn $name(left: $type, right: $type, overflow: *mut c_int) -> $type {
            let (product, is_cut) = left.overflowing_mul(right);
            // SAFETY: the module's promise.
            unsafe { raw::store(overflow, c_int::from(is_cut)) };
            product
        })*
    };
}

told! {
    multiply_told_32(i32);
    multiply_told_64(i64);
    multiply_told_128(i128);
}

/// Arithmetic of `-ftrapv`.
macro_rules! trapping {
    ($($name:ident = $method:ident($type:ty), $operator:literal;)*) => {
        $(extern "C" fn $name(left: $type, right: $type) -> $type {
            let Some(value) = left.$method(right) else {
                abort!("signed overflow: {left} {} {right}", $operator);
            };
            value
        })*
    };
}

trapping! {
    add_32 = checked_add(i32), "+";
    add_64 = checked_add(i64), "+";
    add_128 = checked_add(i128), "+";
    subtract_32 = checked_sub(i32), "-";
    subtract_64 = checked_sub(i64), "-";
    subtract_128 = checked_sub(i128), "-";
    multiply_32 = checked_mul(i32), "*";
    multiply_64 = checked_mul(i64), "*";
    multiply_128 = checked_mul(i128), "*";
}

extern "C" fn negate_32(value: i32) -> i32 {
    subtract_32(0, value)
}

extern "C" fn negate_64(value: i64) -> i64 {
    subtract_64(0, value)
}

extern "C" fn negate_128(value: i128) -> i128 {
    subtract_128(0, value)
}

exports! {
    pub(in crate::exports) static EXPORTS:
    function divide(_, _) -> _ as "__divti3";
    function remainder(_, _) -> _ as "__modti3";
    function divide_unsigned(_, _) -> _ as "__udivti3";
    function remainder_unsigned(_, _) -> _ as "__umodti3";
    function divide_both(_, _, _) -> _ as "__divmodti4";
    function divide_both_unsigned(_, _, _) -> _ as "__udivmodti4";
    function multiply(_, _) -> _ as "__multi3";
    function negate(_) -> _ as "__negti2";
    function shift_left(_, _) -> _ as "__ashlti3";
    function shift_right(_, _) -> _ as "__ashrti3";
    function shift_right_unsigned(_, _) -> _ as "__lshrti3";
    function compare(_, _) -> _ as "__cmpti2";
    function compare_unsigned(_, _) -> _ as "__ucmpti2";
    function ones_32(_) -> _ as "__popcountsi2";
    function ones_64(_) -> _ as "__popcountdi2";
    function ones_128(_) -> _ as "__popcountti2";
    function parity_32(_) -> _ as "__paritysi2";
    function parity_64(_) -> _ as "__paritydi2";
    function parity_128(_) -> _ as "__parityti2";
    function leading_zeros_32(_) -> _ as "__clzsi2";
    function leading_zeros_64(_) -> _ as "__clzdi2";
    function leading_zeros_128(_) -> _ as "__clzti2";
    function trailing_zeros_32(_) -> _ as "__ctzsi2";
    function trailing_zeros_64(_) -> _ as "__ctzdi2";
    function trailing_zeros_128(_) -> _ as "__ctzti2";
    function first_one_32(_) -> _ as "__ffssi2";
    function first_one_64(_) -> _ as "__ffsdi2";
    function first_one_128(_) -> _ as "__ffsti2";
    function first_one_32(_) -> _ as "ffs";
    function first_one_64(_) -> _ as "ffsl";
    function first_one_64(_) -> _ as "ffsll";
    function sign_bits_32(_) -> _ as "__clrsbsi2";
    function sign_bits_64(_) -> _ as "__clrsbdi2";
    function sign_bits_128(_) -> _ as "__clrsbti2";
    function swap_bytes_32(_) -> _ as "__bswapsi2";
    function swap_bytes_64(_) -> _ as "__bswapdi2";
    function swap_bytes_128(_) -> _ as "__bswapti2";
    function multiply_told_32(_, _, _) -> _ as "__mulosi4";
    function multiply_told_64(_, _, _) -> _ as "__mulodi4";
    function multiply_told_128(_, _, _) -> _ as "__muloti4";
    function add_32(_, _) -> _ as "__addvsi3";
    function add_64(_, _) -> _ as "__addvdi3";
    function add_128(_, _) -> _ as "__addvti3";
    function subtract_32(_, _) -> _ as "__subvsi3";
    function subtract_64(_, _) -> _ as "__subvdi3";
    function subtract_128(_, _) -> _ as "__subvti3";
    function multiply_32(_, _) -> _ as "__mulvsi3";
    function multiply_64(_, _) -> _ as "__mulvdi3";
    function multiply_128(_, _) -> _ as "__mulvti3";
    function negate_32(_) -> _ as "__negvsi2";
    function negate_64(_) -> _ as "__negvdi2";
    function negate_128(_) -> _ as "__negvti2";
}

#[cfg(test)]
mod tests {
    use super::{
        add_32, compare, divide, divide_both, first_one_64, multiply_told_128, negate_64,
        remainder, shift_left, shift_right, sign_bits_32,
    };
    use crate::exports::test_host::{Ending, ending};

    #[test]
    fn division_truncates_towards_zero() {
        assert_eq!((divide(-7, 2), remainder(-7, 2)), (-3, -1));
        assert_eq!(divide(i128::MIN, -1), i128::MIN);
        let mut rest = 0;
        // SAFETY: the place can be written.
        let quotient = unsafe { divide_both(100, 7, &raw mut rest) };
        assert_eq!((quotient, rest), (14, 2));
    }

    #[test]
    fn bits_are_counted_as_gcc_says() {
        assert_eq!(
            (first_one_64(0), first_one_64(1), first_one_64(1 << 63)),
            (0, 1, 64)
        );
        assert_eq!(
            (
                sign_bits_32(0),
                sign_bits_32(-1),
                sign_bits_32(1),
                sign_bits_32(i32::MIN)
            ),
            (31, 31, 30, 0)
        );
        assert_eq!((compare(-1, 1), compare(1, 1), compare(1, -1)), (0, 1, 2));
        assert_eq!(
            (shift_left(1, 100), shift_right(-1 << 100, 99)),
            (1 << 100, -2)
        );
    }

    #[test]
    fn overflow_is_told_or_ends_the_call_by_name() {
        let mut is_cut = 7;
        // SAFETY: the place can be written.
        unsafe { multiply_told_128(i128::MAX, 2, &raw mut is_cut) };
        assert_eq!(is_cut, 1);
        assert_eq!(negate_64(5), -5);
        let add = ending(|| {
            add_32(i32::MAX, 1);
        });
        assert_eq!(
            add,
            Ending::Aborted("signed overflow: 2147483647 + 1".into())
        );
        let divide = ending(|| {
            divide(5, 0);
        });
        assert_eq!(divide, Ending::Aborted("division of 5 by zero".into()));
    }
}
