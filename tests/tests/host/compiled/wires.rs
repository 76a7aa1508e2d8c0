//! Units on their way from a host, which reads their text, to whoever compiles them.

use std::panic;

use cranelift_reader::parse_functions;
use ironlink::base::{Alignment, Machine, Name};
use ironlink::compiler::Compiler;
use ironlink::compiler::cranelift::{Cranelift, DataContent, Unit, wire};

use super::objects::{CONSTANTS, NAMES, VARIABLES_BYTES, compile, compiler};

const MACHINES: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

/// The functions and data that are compiled here, as a unit.
fn unit() -> Unit {
    let mut unit = Unit::default();
    let functions = parse_functions(include_str!("functions.clif")).unwrap();
    for (function, name) in functions.into_iter().zip(NAMES) {
        unit.add_function(Name::from(name), Some(function), name == "run")
            .unwrap();
    }
    let content = |bytes, zeros_bytes, is_writable| DataContent {
        bytes,
        zeros_bytes,
        alignment: Alignment::SIXTEEN,
        is_writable,
    };
    let constants = CONSTANTS
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    unit.add_data(
        Name::from("constants"),
        Some(content(constants, 0, false)),
        false,
    )
    .unwrap();
    let variables = u32::try_from(VARIABLES_BYTES).unwrap();
    unit.add_data(
        Name::from("variables"),
        Some(content(Vec::new(), variables, true)),
        false,
    )
    .unwrap();
    unit
}

#[test]
fn what_arrives_compiles_to_the_same_code() {
    let sent = unit();
    let bytes = wire::encode(&sent).unwrap();
    for machine in MACHINES {
        let compiler = compiler(machine, &[]);
        let arrived = wire::decode(&compiler, &bytes).unwrap();
        assert_eq!(arrived.data, sent.data);
        assert_eq!(arrived.functions.len(), NAMES.len());
        for ((function, expected), name) in arrived
            .functions
            .into_iter()
            .zip(compile(&compiler))
            .zip(NAMES)
        {
            assert_eq!(function.name, name.as_bytes());
            assert_eq!(function.is_global, name == "run");
            let code = compiler
                .compile(Name::from(name), function.body.unwrap())
                .unwrap();
            assert_eq!(code, expected, "{machine}: {name}");
        }
        let again = wire::decode(&compiler, &bytes).unwrap();
        assert_eq!(wire::encode(&again).unwrap(), bytes, "{machine}");
    }
}

#[test]
fn positions_names_and_what_is_elsewhere_arrive() {
    let text = "
function %one(i64) -> i64 system_v {
    gv0 = symbol colocated %words
    fn0 = %two(i64) -> i64 system_v
block0(v0: i64):
@0007                               v1 = symbol_value.i64 gv0
@0009                               v2 = call fn0(v1)
                                    return v2
}";
    let mut functions = parse_functions(text).unwrap();
    let mut unit = Unit::default();
    let one = functions.pop().unwrap();
    unit.add_function(Name::from("one"), Some(one), true)
        .unwrap();
    assert!(matches!(
        wire::encode(&unit),
        Err(wire::WireError::Unsent { .. })
    ));
    let unknown = unit.number_names().unwrap_err();
    assert!(unknown.to_string().contains("`two`"), "{unknown}");
    unit.add_function(Name::from("two"), None, true).unwrap();
    unit.add_data(Name::from("words"), None, true).unwrap();
    unit.number_names().unwrap();
    let bytes = wire::encode(&unit).unwrap();
    let compiler = compiler(Machine::Aarch64, &[]);
    let mut arrived = wire::decode(&compiler, &bytes).unwrap();
    assert!(arrived.functions[1].body.is_none() && arrived.data[0].content.is_none());
    let name = Name::from("one");
    let body = arrived.functions[0].body.take().unwrap();
    let code = compiler.compile(name, body).unwrap();
    let positions: Vec<_> = code.positions.iter().map(|span| span.position).collect();
    assert!(
        positions.contains(&7) && positions.contains(&9),
        "{positions:?}"
    );
    let sent = unit.functions[0].body.take().unwrap();
    assert_eq!(compiler.compile(name, sent).unwrap(), code);
}

#[test]
fn more_parameters_or_results_than_cranelift_counts_are_refused() {
    let compiler = compiler(Machine::X86_64, &[]);
    let results = vec!["i64"; 70_000].join(", ");
    let parameters: Vec<_> = (0..20_000).map(|it| format!("v{it}: i64")).collect();
    let parameters = parameters.join(", ");
    for (text, told) in [
        (
            format!("function u0:0() {{ sig0 = () -> {results} system_v block0: return }}"),
            "a signature has more",
        ),
        (
            format!("function u0:0() {{ block0: return block1({parameters}): return }}"),
            "a block has more",
        ),
    ] {
        let function = parse_functions(&text).unwrap().pop();
        let mut unit = Unit::default();
        unit.add_function(Name::from("f"), function, true).unwrap();
        let bytes = wire::encode(&unit).unwrap();
        let Err(error) = wire::decode(&compiler, &bytes) else {
            panic!("it was decoded");
        };
        let error = error.to_string();
        assert!(error.contains(told), "{error}");
    }
}

/// Vectors, a constant, a mask, and an access that says much of itself.
const VECTORS: &str = "
function u0:0(i64, i8x16) -> i8x16, i32x4 system_v {
    const0 = 0x00112233445566778899aabbccddeeff
    sig0 = (i64) -> i64 system_v
    gv0 = symbol u1:0+4

block0(v0: i64, v1: i8x16):
    v2 = vconst.i8x16 const0
    v3 = shuffle v1, v2, 0x000102030405060708090a0b0c0d0e0f
    v4 = load.i64 notrap aligned readonly v0+8
    v5 = swiden_low v3
    v6 = swiden_high v5
    v7 = symbol_value.i64 gv0
    v8 = call_indirect sig0, v7(v0)
    brif v8, block1(v3), block2

block1(v9: i8x16) cold:
    v10 = iadd v9, v2
    return v10, v6

block2:
    return v3, v6
}";

/// What is sent whole, and then damaged: all functions, or vectors alone.
fn sent() -> [Vec<u8>; 2] {
    let mut vectors = Unit::default();
    let function = parse_functions(VECTORS).unwrap().pop();
    vectors
        .add_function(Name::from("vectors"), function, true)
        .unwrap();
    vectors.add_data(Name::from("words"), None, true).unwrap();
    [unit(), vectors].map(|unit| wire::encode(&unit).unwrap())
}

#[test]
fn vectors_constants_and_masks_arrive() {
    let [_, bytes] = sent();
    for machine in MACHINES {
        let compiler = compiler(machine, &[("opt_level", "speed")]);
        let mut arrived = wire::decode(&compiler, &bytes).unwrap();
        let name = Name::from("vectors");
        let body = arrived.functions[0].body.take().unwrap();
        let original = parse_functions(VECTORS).unwrap().pop().unwrap();
        assert_eq!(
            compiler.compile(name, body).unwrap(),
            compiler.compile(name, original).unwrap(),
            "{machine}"
        );
    }
}

#[test]
fn another_version_is_told() {
    let mut bytes = wire::encode(&unit()).unwrap();
    bytes[1] ^= 1;
    let compiler = compiler(Machine::X86_64, &[]);
    let Err(error) = wire::decode(&compiler, &bytes) else {
        panic!("another version was read");
    };
    assert!(matches!(error, wire::WireError::Version { .. }), "{error}");
}

/// Decodes, which may fail but not panic; whether it failed.
fn is_refused(compiler: &Cranelift, bytes: &[u8]) -> bool {
    let decode = || wire::decode(compiler, bytes).is_err();
    let result = panic::catch_unwind(panic::AssertUnwindSafe(decode));
    result.unwrap_or_else(|_| panic!("decoding panicked"))
}

#[test]
fn hostile_bytes_are_refused_or_read_and_never_panic() {
    for bytes in sent() {
        damage(&bytes);
    }
}

/// Decodes `bytes` with damage of all kinds.
fn damage(bytes: &[u8]) {
    let compiler = compiler(Machine::X86_64, &[]);
    for end in (0..bytes.len()).step_by(17) {
        assert!(is_refused(&compiler, &bytes[..end]), "cut to {end}");
    }
    let (mut refused, mut read) = (0, 0);
    let mut count = |bytes: &[u8]| match is_refused(&compiler, bytes) {
        true => refused += 1,
        false => read += 1,
    };
    // Each place gets one of these, and over all places each of them comes often.
    let values = [0, 1, 2, 7, 0x40, 0x7f, 0x80, 0xfe, 0xff];
    for place in 0..bytes.len() {
        let mut damaged = bytes.to_vec();
        damaged[place] = values[place % values.len()];
        count(&damaged);
    }
    // Several bytes at once, the same in each run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for _ in 0..1_000 {
        let mut damaged = bytes.to_vec();
        for _ in 0..next(4) + 1 {
            let place = next(damaged.len());
            damaged[place] = u8::try_from(next(256)).unwrap();
        }
        count(&damaged);
    }
    assert!(
        refused > 100 && read > 100,
        "{refused} refused, {read} read"
    );
}
