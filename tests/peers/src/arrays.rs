//! Data that is changed: an array that is sorted, and matrices that are multiplied.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use cranelift_module::{Linkage, ModuleResult};

use crate::unit::Unit;

pub(crate) fn build(unit: &mut Unit<'_>) -> ModuleResult<()> {
    sort(unit)?;
    product(unit)
}

/// Numbers in no order, the same each time.
fn numbers(count: usize) -> Vec<i64> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let numbers = (0..count).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40).cast_signed() - 0x80_0000
    });
    numbers.collect()
}

/// What tells two orders of the same numbers apart.
fn digest(numbers: &[i64]) -> i64 {
    let step = |sum: i64, number: &i64| sum.wrapping_mul(31).wrapping_add(*number);
    numbers.iter().fold(7, step)
}

const SORTED: usize = 1000;

/// Quicksort over writable data, by a function that calls itself.
fn sort(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let mut numbers = numbers(SORTED);
    let bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    let array = unit.bytes("numbers", true, &bytes)?;
    let digest_of_all = unit.entry("digest", |it| {
        let (array, end) = (it.address_of_data(array), it.argument(0));
        let sum = it.counter(7);
        it.count(0, end, |it, index| {
            let number = it.element(array, index);
            let number = it.load(types::I64, number);
            let known = it.get(sum);
            let times = it.builder.ins().imul_imm_s(known, 31);
            it.set(sum, times);
            it.add_to(sum, number);
        });
        it.get(sum)
    })?;
    let partition = unit.declare("partition", Linkage::Local, 2)?;
    unit.define(partition, |it| {
        let (first, last) = (it.argument(0), it.argument(1));
        let array = it.address_of_data(array);
        let pivot_place = it.element(array, last);
        let pivot = it.load(types::I64, pivot_place);
        let place = it.variable(first);
        let index = it.variable(first);
        it.while_true(
            |it| {
                let index = it.get(index);
                it.compare(IntCC::SignedLessThan, index, last)
            },
            |it| {
                let at = it.get(index);
                let at = it.element(array, at);
                let number = it.load(types::I64, at);
                let is_less = it.compare(IntCC::SignedLessThan, number, pivot);
                it.if_true(is_less, |it| {
                    let other = it.get(place);
                    let other = it.element(array, other);
                    let swapped = it.load(types::I64, other);
                    it.store(number, other);
                    it.store(swapped, at);
                    it.advance(place);
                });
                it.advance(index);
            },
        );
        let result = it.get(place);
        let middle = it.element(array, result);
        let number = it.load(types::I64, middle);
        it.store(pivot, middle);
        it.store(number, pivot_place);
        result
    })?;
    let quicksort = unit.declare("quicksort", Linkage::Export, 2)?;
    unit.define(quicksort, |it| {
        let (first, last) = (it.argument(0), it.argument(1));
        let is_short = it.compare(IntCC::SignedGreaterThanOrEqual, first, last);
        it.return_if(is_short, first);
        let middle = it.call(partition, &[first, last]);
        let before = it.builder.ins().iadd_imm_s(middle, -1);
        it.call(quicksort, &[first, before]);
        let after = it.builder.ins().iadd_imm_s(middle, 1);
        it.call(quicksort, &[after, last]);
        first
    })?;
    let count = i64::try_from(SORTED).expect("it is small");
    let before = digest(&numbers);
    unit.expect("data as it was defined", digest_of_all, [count, 0], before);
    unit.expect("quicksort", quicksort, [0, count - 1], 0);
    numbers.sort_unstable();
    let after = digest(&numbers);
    unit.expect("data as it was sorted", digest_of_all, [count, 0], after);
    Ok(())
}

const SIDE: usize = 12;

/// The product of two matrices of doubles, summed up with weights.
fn product(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let matrix = |seed: u32| -> Vec<f64> {
        let elements = (0..).take(SIDE * SIDE);
        elements
            .map(|place: u32| f64::from((place * seed) % 17) / 4.0 - 1.5)
            .collect()
    };
    let bytes = |matrix: &[f64]| -> Vec<u8> {
        let elements = matrix.iter();
        elements.flat_map(|it| it.to_le_bytes()).collect()
    };
    let (one, other) = (matrix(7), matrix(5));
    let left = unit.bytes("left", false, &bytes(&one))?;
    let right = unit.bytes("right", false, &bytes(&other))?;
    let result = unit.zeros("product", SIDE * SIDE * 8)?;
    let function = unit.entry("matrix_product", |it| {
        let side = it.argument(0);
        let (left, right) = (it.address_of_data(left), it.address_of_data(right));
        let result = it.address_of_data(result);
        let nothing = it.builder.ins().f64const(0.0);
        let weighted = it.variable(nothing);
        it.count(0, side, |it, row| {
            it.count(0, side, |it, column| {
                let sum = it.variable(nothing);
                let row = it.builder.ins().imul(row, side);
                it.count(0, side, |it, place| {
                    let a = it.builder.ins().iadd(row, place);
                    let a = it.element(left, a);
                    let a = it.load(types::F64, a);
                    let b = it.builder.ins().imul(place, side);
                    let b = it.builder.ins().iadd(b, column);
                    let b = it.element(right, b);
                    let b = it.load(types::F64, b);
                    let product = it.builder.ins().fmul(a, b);
                    let known = it.get(sum);
                    let more = it.builder.ins().fadd(known, product);
                    it.set(sum, more);
                });
                let place = it.builder.ins().iadd(row, column);
                let element = it.element(result, place);
                let value = it.get(sum);
                it.store(value, element);
                let weight = it.builder.ins().fcvt_from_sint(types::F64, place);
                let product = it.builder.ins().fmul(value, weight);
                let known = it.get(weighted);
                let more = it.builder.ins().fadd(known, product);
                it.set(weighted, more);
            });
        });
        let weighted = it.get(weighted);
        let flags = cranelift_codegen::ir::MemFlagsData::new();
        it.builder.ins().bitcast(types::I64, flags, weighted)
    })?;
    let side = i64::try_from(SIDE).expect("it is small");
    let expected = weighted_product(&one, &other).to_bits().cast_signed();
    unit.expect("a product of matrices", function, [side, 0], expected);
    Ok(())
}

fn weighted_product(left: &[f64], right: &[f64]) -> f64 {
    let mut weighted = 0.0;
    for row in 0..SIDE {
        for column in 0..SIDE {
            let mut sum = 0.0;
            for place in 0..SIDE {
                sum += left[row * SIDE + place] * right[place * SIDE + column];
            }
            let place = u32::try_from(row * SIDE + column).expect("it is small");
            weighted += sum * f64::from(place);
        }
    }
    weighted
}
