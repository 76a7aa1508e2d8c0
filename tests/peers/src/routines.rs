//! What Cranelift calls by itself where the machine has no instruction for it, and C's routines for memory.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use cranelift_module::ModuleResult;

use crate::unit::Unit;

/// Declares the routines that Cranelift calls for rounding, with the names that C's libraries have them under: not every
/// process has these libraries.
macro_rules! routines {
    ($($name:ident($($number:ident),+): $kind:ty = $result:expr;)*) => {
        $( extern "C" fn $name($($number: $kind),+) -> $kind { $result } )*

        pub(crate) fn imports() -> Vec<(&'static str, *const u8)> {
            vec![$( (stringify!($name), $name as *const u8) ),*]
        }
    };
}

routines! {
    ceil(x): f64 = x.ceil();
    floor(x): f64 = x.floor();
    trunc(x): f64 = x.trunc();
    nearbyint(x): f64 = x.round_ties_even();
    fma(x, y, z): f64 = x.mul_add(y, z);
    ceilf(x): f32 = x.ceil();
    floorf(x): f32 = x.floor();
    truncf(x): f32 = x.trunc();
    nearbyintf(x): f32 = x.round_ties_even();
    fmaf(x, y, z): f32 = x.mul_add(y, z);
}

pub(crate) fn build(unit: &mut Unit<'_>) -> ModuleResult<()> {
    rounding(unit)?;
    memory(unit)
}

/// Each way to round, of doubles and of singles, and a sum and product in one.
fn rounding(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let function = unit.entry("round", |it| {
        let (numerator, denominator) = (it.argument(0), it.argument(1));
        let numerator = it.builder.ins().fcvt_from_sint(types::F64, numerator);
        let denominator = it.builder.ins().fcvt_from_sint(types::F64, denominator);
        let number = it.builder.ins().fdiv(numerator, denominator);
        let single = it.builder.ins().fdemote(types::F32, number);
        let hash = it.counter(0);
        let flags = MemFlagsData::new();
        let rounded = [
            it.builder.ins().ceil(number),
            it.builder.ins().floor(number),
            it.builder.ins().trunc(number),
            it.builder.ins().nearest(number),
            it.builder.ins().fma(number, numerator, denominator),
        ];
        for number in rounded {
            let bits = it.builder.ins().bitcast(types::I64, flags, number);
            let known = it.get(hash);
            let known = it.builder.ins().imul_imm_s(known, 31);
            it.set(hash, known);
            it.add_to(hash, bits);
        }
        let rounded = [
            it.builder.ins().ceil(single),
            it.builder.ins().floor(single),
            it.builder.ins().trunc(single),
            it.builder.ins().nearest(single),
            it.builder.ins().fma(single, single, single),
        ];
        for number in rounded {
            let bits = it.builder.ins().bitcast(types::I32, flags, number);
            let bits = it.builder.ins().uextend(types::I64, bits);
            let known = it.get(hash);
            let known = it.builder.ins().imul_imm_s(known, 31);
            it.set(hash, known);
            it.add_to(hash, bits);
        }
        it.get(hash)
    })?;
    for (numerator, denominator) in [(7, 2), (-7, 2), (-5, 2), (22, 7), (-1, 3)] {
        let expected = rounded(numerator, denominator);
        let arguments = [i64::from(numerator), i64::from(denominator)];
        unit.expect("rounding", function, arguments, expected);
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the function rounds singles, too"
)]
fn rounded(numerator: i32, denominator: i32) -> i64 {
    let (numerator, denominator) = (f64::from(numerator), f64::from(denominator));
    let number = numerator / denominator;
    let single = number as f32;
    let doubles = [
        number.ceil(),
        number.floor(),
        number.trunc(),
        number.round_ties_even(),
        number.mul_add(numerator, denominator),
    ];
    let singles = [
        single.ceil(),
        single.floor(),
        single.trunc(),
        single.round_ties_even(),
        single.mul_add(single, single),
    ];
    let bits = doubles.iter().map(|it| it.to_bits().cast_signed());
    let bits = bits.chain(singles.iter().map(|it| i64::from(it.to_bits())));
    bits.fold(0, |hash: i64, bits| {
        hash.wrapping_mul(31).wrapping_add(bits)
    })
}

/// More than Cranelift would copy by itself.
const COPIED: usize = 5000;

/// Fills, copies, moves and compares memory.
fn memory(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let (one, other) = (unit.zeros("one", COPIED)?, unit.zeros("other", COPIED)?);
    let config = unit.module.target_config();
    let function = unit.entry("copy_memory", |it| {
        let (byte, seed) = (it.argument(0), it.argument(1));
        let (one, other) = (it.address_of_data(one), it.address_of_data(other));
        let size = it.integer(i64::try_from(COPIED).expect("it is small"));
        let byte = it.builder.ins().ireduce(types::I8, byte);
        it.builder.call_memset(config, one, byte, size);
        it.store(seed, one);
        it.builder.call_memcpy(config, other, one, size);
        let behind = it.builder.ins().iadd_imm_s(other, 3);
        let less = it.builder.ins().iadd_imm_s(size, -3);
        it.builder.call_memmove(config, behind, other, less);
        let order = it.builder.call_memcmp(config, one, other, size);
        let zero = it.builder.ins().iconst(types::I32, 0);
        let is_greater = it.compare(IntCC::SignedGreaterThan, order, zero);
        let is_greater = it.builder.ins().uextend(types::I64, is_greater);
        let sum = it.variable(is_greater);
        it.count(0, size, |it, place| {
            let byte = it.builder.ins().iadd(other, place);
            let byte = it.load_byte(byte);
            let known = it.get(sum);
            let known = it.builder.ins().imul_imm_s(known, 31);
            it.set(sum, known);
            it.add_to(sum, byte);
        });
        it.get(sum)
    })?;
    for seed in [0x0102_0304_0506_0708, -2] {
        unit.expect("routines for memory", function, [0x5a, seed], copied(seed));
    }
    Ok(())
}

fn copied(seed: i64) -> i64 {
    let mut one = vec![0x5a; COPIED];
    one[..8].copy_from_slice(&seed.to_le_bytes());
    let mut other = one.clone();
    other.copy_within(..COPIED - 3, 3);
    let is_greater = i64::from(one > other);
    let step = |sum: i64, byte: &u8| sum.wrapping_mul(31).wrapping_add(i64::from(*byte));
    other.iter().fold(is_greater, step)
}
