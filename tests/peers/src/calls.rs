//! Calls by pointers, to imports, and back from there.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use cranelift_module::{DataDescription, Linkage, ModuleResult};

use crate::unit::Unit;

/// An import: a number of both.
extern "C" fn host_mix(one: i64, other: i64) -> i64 {
    one.wrapping_mul(1_000_003) ^ other.rotate_left(17)
}

/// An import that calls what it is given.
extern "C" fn host_apply(function: extern "C" fn(i64, i64) -> i64, times: i64) -> i64 {
    (0..times).fold(1, |value, time| function(value, time))
}

/// An import that is data.
static HOST_NUMBERS: [i64; 4] = [3, 1, 4, 15];

pub(crate) fn imports() -> Vec<(&'static str, *const u8)> {
    vec![
        ("host_mix", host_mix as *const u8),
        ("host_apply", host_apply as *const u8),
        ("host_numbers", HOST_NUMBERS.as_ptr().cast()),
    ]
}

pub(crate) fn build(unit: &mut Unit<'_>) -> ModuleResult<()> {
    table(unit)?;
    imported(unit)?;
    preemptible(unit)
}

/// Functions found by pointers in data; one of the pointers is that of an import.
fn table(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let signature = unit.integers(2);
    let mut functions = Vec::new();
    for place in 0..3 {
        let function = unit.module.declare_anonymous_function(&signature)?;
        unit.define(function, |it| {
            let (one, other) = (it.argument(0), it.argument(1));
            match place {
                0 => it.builder.ins().iadd(one, other),
                1 => it.builder.ins().isub(one, other),
                _ => it.builder.ins().imul(one, other),
            }
        })?;
        functions.push(function);
    }
    functions.push(unit.declare("host_mix", Linkage::Import, 2)?);

    let mut description = DataDescription::new();
    description.define_zeroinit(functions.len() * 8);
    description.set_align(8);
    for (offset, function) in (0..).step_by(8).zip(&functions) {
        let function = unit
            .module
            .declare_func_in_data(*function, &mut description);
        description.write_function_addr(offset, function);
    }
    let table = (unit.module).declare_data("operations", Linkage::Local, false, false)?;
    unit.module.define_data(table, &description)?;
    let function = unit.entry("call_of_table", |it| {
        let (place, number) = (it.argument(0), it.argument(1));
        let table = it.address_of_data(table);
        let callee = it.element(table, place);
        let callee = it.load(types::I64, callee);
        let signature = it.builder.import_signature(signature.clone());
        let hundred = it.integer(100);
        let call = it
            .builder
            .ins()
            .call_indirect(signature, callee, &[hundred, number]);
        it.builder.inst_results(call)[0]
    })?;
    let results = [100 + 42, 100 - 42, 100 * 42, host_mix(100, 42)];
    for (place, expected) in (0..).zip(results) {
        unit.expect("calls by pointers in data", function, [place, 42], expected);
    }
    Ok(())
}

fn imported(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let mix = unit.declare("host_mix", Linkage::Import, 2)?;
    let function = unit.entry("call_import", |it| {
        let (one, other) = (it.argument(0), it.argument(1));
        let first = it.call(mix, &[one, other]);
        it.call(mix, &[first, one])
    })?;
    let expected = host_mix(host_mix(12, 34), 12);
    unit.expect("calls of imports", function, [12, 34], expected);

    let apply = unit.declare("host_apply", Linkage::Import, 2)?;
    let function = unit.entry("call_back", |it| {
        let step = it.address_of_function(function);
        let times = it.argument(0);
        it.call(apply, &[step, times])
    })?;
    let step = |value, time| host_mix(host_mix(value, time), value);
    let expected = (0..20).fold(1, step);
    unit.expect("imports that call back", function, [20, 0], expected);

    let numbers = (unit.module).declare_data("host_numbers", Linkage::Import, false, false)?;
    let function = unit.entry("read_import", |it| {
        let (numbers, place) = (it.address_of_data(numbers), it.argument(0));
        let number = it.element(numbers, place);
        it.load(types::I64, number)
    })?;
    unit.expect("imported data", function, [3, 0], HOST_NUMBERS[3]);
    Ok(())
}

/// What may be missing is null, and what is defined counts.
fn preemptible(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let missing = unit.declare("nobody_has_this", Linkage::Preemptible, 2)?;
    let given = unit.declare("may_be_preempted", Linkage::Preemptible, 2)?;
    unit.define(given, |it| it.argument(1))?;
    let function = unit.entry("read_preemptible", |it| {
        let (missing, zero) = (it.address_of_function(missing), it.integer(0));
        let is_null = it.compare(IntCC::Equal, missing, zero);
        let is_null = it.builder.ins().uextend(types::I64, is_null);
        let (one, other) = (it.argument(0), it.argument(1));
        let given = it.call(given, &[one, other]);
        it.builder.ins().iadd(is_null, given)
    })?;
    unit.expect("what may be preempted", function, [5, 10], 11);
    Ok(())
}
