//! Conversions between integer types: the only file of the loader in which `as` converts one to another.
//!
//! Each function either can't lose a bit on any machine that Ironlink builds for, or says in its name what it cuts off.
#![expect(clippy::as_conversions, reason = "this file is where they are checked")]

const _: () = assert!(
    usize::BITS == 64,
    "Ironlink runs on machines with 64-bit addresses"
);

/// A size or address of this machine as a 64-bit number.
pub const fn from_usize(value: usize) -> u64 {
    value as u64
}

/// A 64-bit number as a size of this machine.
pub const fn to_usize(value: u64) -> usize {
    value as usize
}

/// A 32-bit number as a size of this machine.
pub const fn usize_from_u32(value: u32) -> usize {
    value as usize
}

/// A 16-bit number as a size of this machine.
pub const fn usize_from_u16(value: u16) -> usize {
    value as usize
}

/// An 8-bit number as a 32-bit one.
pub const fn widen_u8(value: u8) -> u32 {
    value as u32
}

/// A 32-bit number as a 64-bit one.
pub const fn widen_u32(value: u32) -> u64 {
    value as u64
}

/// The low 8 bits.
pub const fn low_u8(value: u64) -> u8 {
    value as u8
}

/// The low 16 bits.
pub const fn low_u16(value: u64) -> u16 {
    value as u16
}

/// The low 32 bits.
pub const fn low_u32(value: u64) -> u32 {
    value as u32
}

/// The number in 32 bits; the greatest that fits, if it doesn't.
pub const fn saturate_u32(value: u64) -> u32 {
    if value > u32::MAX as u64 {
        return u32::MAX;
    }
    value as u32
}

/// A 32-bit signed number as a 64-bit one.
pub const fn widen_i32(value: i32) -> i64 {
    value as i64
}
