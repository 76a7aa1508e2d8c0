//! Objects that Cranelift makes of `functions.clif`, for any machine.

use std::collections::HashMap;

use cranelift_reader::parse_functions;
use ironlink::base::{Machine, Name};
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder};
use ironlink::compiler::elf::{NamedFunction, Object, PlacedFunction, new_object, symbol};
use ironlink::compiler::{Callee, CompiledFunction, Compiler, CompilerBuilder};
use object::write::{StandardSection, Symbol, SymbolId, SymbolSection};
use object::{SymbolFlags, SymbolKind, SymbolScope};

/// The functions, by number.
pub(crate) const NAMES: [&str; 11] = [
    "arithmetic",
    "sum_of",
    "fib",
    "calling",
    "holding",
    "rounding",
    "choosing",
    "copying",
    "pointing",
    "stacking",
    "run",
];

/// The constants that are data 0.
pub(crate) const CONSTANTS: [u64; 4] = [3, 0x1_0000_0001, 77, u64::MAX];

/// The size of the variables that are data 1.
pub(crate) const VARIABLES_BYTES: u64 = 32;

/// The ways to compile that are tried: settings, with a name for each.
pub(crate) const WAYS: [(&str, &[(&str, &str)]); 4] = [
    ("default", &[]),
    ("speed", &[("opt_level", "speed")]),
    ("position", &[("is_pic", "false")]),
    (
        "probed",
        &[
            ("enable_probestack", "true"),
            ("probestack_strategy", "inline"),
        ],
    ),
];

/// The compiler for `machine` with `settings`.
pub(crate) fn compiler(machine: Machine, settings: &[(&str, &str)]) -> Cranelift {
    let mut builder = CraneliftBuilder::new(machine).unwrap();
    for (name, value) in settings {
        builder.set(name, value).unwrap();
    }
    builder.build().unwrap()
}

/// All functions, compiled.
pub(crate) fn compile(compiler: &Cranelift) -> Vec<CompiledFunction> {
    let functions = parse_functions(include_str!("functions.clif")).unwrap();
    assert_eq!(functions.len(), NAMES.len());
    let mut unit = NAMES.map(Name::from).into_iter().zip(functions);
    compiler.compile_unit(&mut unit).unwrap()
}

/// An object of all functions and data, and where the functions stand in it.
pub(crate) fn object(compiler: &Cranelift, own_pages: bool) -> (Vec<u8>, Vec<PlacedFunction>) {
    let compiled = compile(compiler);
    let mut object = new_object(compiler.machine());
    let constants: Vec<u8> = CONSTANTS
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let mut data = HashMap::new();
    let id = add(
        &mut object,
        "constants",
        StandardSection::ReadOnlyData,
        &constants,
    );
    data.insert(0, id);
    let variables = vec![0; VARIABLES_BYTES as usize];
    let id = add(&mut object, "variables", StandardSection::Data, &variables);
    data.insert(1, id);
    let functions: Vec<NamedFunction<'_>> = compiled
        .iter()
        .zip(NAMES)
        .zip(0..)
        .map(|((code, name), number)| NamedFunction {
            number,
            name: Name::from(name),
            is_global: name == "run" || name == "fib",
            code,
        })
        .collect();
    let placed = compiler
        .append(
            &mut object,
            &functions,
            own_pages,
            &mut |object, callee| match callee {
                Callee::Data(number) => data.get(&number).copied(),
                Callee::Routine(routine) => symbol(object, Name::from(routine.symbol())).ok(),
                Callee::Itself | Callee::Function(_) => None,
            },
        )
        .unwrap();
    (object.write().unwrap(), placed)
}

fn add(object: &mut Object<'_>, name: &str, section: StandardSection, bytes: &[u8]) -> SymbolId {
    let section = object.section_id(section);
    let id = object.add_symbol(Symbol {
        name: name.into(),
        value: 0,
        size: 0,
        kind: SymbolKind::Data,
        scope: SymbolScope::Compilation,
        weak: false,
        section: SymbolSection::Undefined,
        flags: SymbolFlags::None,
    });
    object.add_symbol_data(id, section, bytes, 16);
    id
}

/// What `run` gives for `x`.
pub(crate) fn expected(x: i64) -> i64 {
    let arithmetic = |a: i64, b: i64| {
        let mixed = a.wrapping_mul(b).wrapping_add(12345).rotate_left(7) ^ a;
        mixed.wrapping_sub((mixed.cast_unsigned() % 97).cast_signed())
    };
    fn fib(n: i64) -> i64 {
        if n.cast_unsigned() < 2 {
            n
        } else {
            fib(n - 1) + fib(n - 2)
        }
    }
    let constant = |place: usize| CONSTANTS[place].cast_signed();
    let rounded = (((x & 1023) as f64 * 2.5).sqrt().ceil() + 3.0) / 2.5;
    let parts = [
        arithmetic(x, 31),
        (0..4).map(constant).fold(0, i64::wrapping_add),
        fib(x & 15),
        arithmetic(x, x).wrapping_add(fib(10)),
        constant(2).wrapping_add(x),
        rounded as i64,
        [1000, 200, 30, 4][(x & 3) as usize],
        constant(1),
        fib(x & 15),
        x.wrapping_neg(),
    ];
    let join = |sum: i64, part: i64| sum.wrapping_mul(31).wrapping_add(part);
    parts.into_iter().reduce(join).unwrap()
}
