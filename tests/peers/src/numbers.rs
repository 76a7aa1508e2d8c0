//! Functions that call themselves and each other, and loops over numbers.

use cranelift_codegen::ir::InstBuilder;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_module::{Linkage, ModuleResult};

use crate::unit::Unit;

pub(crate) fn build(unit: &mut Unit<'_>) -> ModuleResult<()> {
    fibonacci(unit)?;
    ackermann(unit)?;
    parity(unit)?;
    divisor(unit)?;
    sieve(unit)
}

fn fibonacci(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let itself = unit.declare("fibonacci", Linkage::Export, 2)?;
    unit.define(itself, |it| {
        let (number, ignored) = (it.argument(0), it.argument(1));
        let two = it.integer(2);
        let is_small = it.compare(IntCC::SignedLessThan, number, two);
        it.return_if(is_small, number);
        let before = it.builder.ins().iadd_imm_s(number, -1);
        let before = it.call(itself, &[before, ignored]);
        let further = it.builder.ins().iadd_imm_s(number, -2);
        let further = it.call(itself, &[further, ignored]);
        it.builder.ins().iadd(before, further)
    })?;
    unit.expect("recursion", itself, [20, 0], 6765);
    Ok(())
}

fn ackermann(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let itself = unit.declare("ackermann", Linkage::Export, 2)?;
    unit.define(itself, |it| {
        let (m, n) = (it.argument(0), it.argument(1));
        let (zero, one) = (it.integer(0), it.integer(1));
        let after = it.builder.ins().iadd(n, one);
        let is_last = it.compare(IntCC::Equal, m, zero);
        it.return_if(is_last, after);
        let less = it.builder.ins().isub(m, one);
        let first = it.call(itself, &[less, one]);
        let is_first = it.compare(IntCC::Equal, n, zero);
        it.return_if(is_first, first);
        let before = it.builder.ins().isub(n, one);
        let inner = it.call(itself, &[m, before]);
        it.call(itself, &[less, inner])
    })?;
    unit.expect("recursion in an argument", itself, [2, 3], 9);
    Ok(())
}

/// Two functions that each need the other.
fn parity(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let is_even = unit.declare("is_even", Linkage::Export, 2)?;
    let is_odd = unit.declare("is_odd", Linkage::Local, 2)?;
    for (itself, other, of_zero) in [(is_even, is_odd, 1), (is_odd, is_even, 0)] {
        unit.define(itself, |it| {
            let (number, ignored) = (it.argument(0), it.argument(1));
            let (zero, result) = (it.integer(0), it.integer(of_zero));
            let is_zero = it.compare(IntCC::Equal, number, zero);
            it.return_if(is_zero, result);
            let before = it.builder.ins().iadd_imm_s(number, -1);
            it.call(other, &[before, ignored])
        })?;
    }
    unit.expect("mutual recursion, even", is_even, [1000, 0], 1);
    unit.expect("mutual recursion, odd", is_even, [1001, 0], 0);
    Ok(())
}

fn divisor(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let function = unit.entry("greatest_common_divisor", |it| {
        let (a, b) = (it.argument(0), it.argument(1));
        let (a, b) = (it.variable(a), it.variable(b));
        it.while_true(
            |it| {
                let (b, zero) = (it.get(b), it.integer(0));
                it.compare(IntCC::NotEqual, b, zero)
            },
            |it| {
                let (dividend, divisor) = (it.get(a), it.get(b));
                let rest = it.builder.ins().urem(dividend, divisor);
                it.set(a, divisor);
                it.set(b, rest);
            },
        );
        it.get(a)
    })?;
    unit.expect("a loop", function, [3_528, 3_780], 252);
    Ok(())
}

/// How many numbers the sieve has marks for.
const SIEVED: usize = 10_000;

fn sieve(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let marks = unit.zeros("marks", SIEVED)?;
    let function = unit.entry("count_primes", |it| {
        let (end, zero) = (it.argument(0), it.integer(0));
        let (marks, primes) = (it.address_of_data(marks), it.counter(0));
        it.count(2, end, |it, number| {
            let mark = it.builder.ins().iadd(marks, number);
            let mark = it.load_byte(mark);
            let is_prime = it.compare(IntCC::Equal, mark, zero);
            it.if_true(is_prime, |it| {
                it.advance(primes);
                let twice = it.builder.ins().iadd(number, number);
                let multiple = it.variable(twice);
                it.while_true(
                    |it| {
                        let multiple = it.get(multiple);
                        it.compare(IntCC::SignedLessThan, multiple, end)
                    },
                    |it| {
                        let multiple_now = it.get(multiple);
                        let mark = it.builder.ins().iadd(marks, multiple_now);
                        let one = it.builder.ins().iconst(cranelift_codegen::ir::types::I8, 1);
                        it.store(one, mark);
                        it.add_to(multiple, number);
                    },
                );
            });
        });
        it.get(primes)
    })?;
    unit.expect("a sieve in zeroed data", function, [10_000, 0], 1229);
    Ok(())
}
