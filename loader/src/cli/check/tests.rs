//! Rules over a program made by hand.

use std::string::{String, ToString};
use std::vec::Vec;

use crate::base::Machine;

use super::{Program, check_rule};

/// `main` at 0x1000: `call .+0x25`, `mov 0x20(%rip), %eax`; `data` at 0x2000: 0x1122334455667788; `zero` at 0x3000.
struct Sample;

const CODE: [u8; 11] = [
    0xe8, 0x20, 0, 0, 0, // call
    0x8b, 0x05, 0x20, 0, 0, 0, // mov
];
const DATA: u64 = 0x1122_3344_5566_7788;

impl Program for Sample {
    fn machine(&self) -> Machine {
        Machine::X86_64
    }

    fn symbol(&self, name: &str) -> Option<u64> {
        match name {
            "main" => Some(0x1000),
            "data" => Some(0x2000),
            "zero" => Some(0x3000),
            "high" => Some(0xffff_ffff_8000_0000),
            "$d.1:2" => Some(7),
            _ => None,
        }
    }

    fn read(&self, address: u64, into: &mut [u8]) -> usize {
        let (start, bytes) = match address {
            0x1000..0x2000 => (0x1000, CODE.to_vec()),
            0x2000..0x3000 => (0x2000, DATA.to_le_bytes().to_vec()),
            0x3000..0x3010 => (0x3000, [0; 16].to_vec()),
            _ => return 0,
        };
        let from = usize::try_from(address - start).unwrap();
        let rest = bytes.get(from..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        count
    }

    fn stub(&self, object: &str, symbol: &str, kind: Option<&str>) -> Option<u64> {
        let is_known = object == "an object.o" && symbol == "puts";
        (is_known && kind.is_none_or(|kind| kind == "near")).then_some(0x4000)
    }

    fn got(&self, object: &str, symbol: &str) -> Option<u64> {
        (object == "a-b.o" && symbol == "data").then_some(0x2000)
    }

    fn section(&self, object: &str, name: &str) -> Option<u64> {
        (object == "a-b.o" && name == "$__GOT").then_some(0x2000)
    }
}

#[track_caller]
fn holds(rule: &str) {
    let outcome = check_rule(rule, &Sample);
    assert_eq!(outcome, Ok(()));
}

#[track_caller]
fn fails(rule: &str) -> String {
    check_rule(rule, &Sample).unwrap_err().to_string()
}

/// Why a rule can't be evaluated, without the words before.
#[track_caller]
fn fault(rule: &str) -> String {
    let line = fails(rule);
    let (before, fault) = line.split_once(" can't be evaluated: ").unwrap();
    assert_eq!(before, std::format!("Expression '{rule}'"));
    fault.into()
}

#[test]
fn numbers_are_decimal_or_hexadecimal() {
    holds("255 = 0xFf");
    holds("0xffffffffffffffff = 18446744073709551615");
    assert_eq!(
        fault("0x1ffffffffffffffff = 1"),
        "0x1ffffffffffffffff doesn't fit 64 bits"
    );
    assert_eq!(fault("0x = 1"), "a number expected at `0x`");
    assert_eq!(fault("12a = 1"), "a number expected at `12a`");
}

#[test]
fn a_false_rule_tells_both_values() {
    assert_eq!(
        fails("main + 1 = data"),
        "Expression 'main + 1 = data' is false: 0x1001 != 0x2000"
    );
}

#[test]
fn operations_go_from_left_to_right() {
    holds("2 + 4 << 1 = 12");
    holds("1 << 1 + 4 = 6");
    holds("2 + (4 << 1) = 10");
    holds("0xf0 | 0x0f & 0x3c = 0x3c");
    holds("10 - 3 - 2 = 5");
    holds("0x100 >> 4 >> 4=1");
}

#[test]
fn arithmetic_wraps_at_64_bits() {
    holds("0 - 1 = 0xffffffffffffffff");
    holds("high + 0x80000000 = 0");
    holds("1 << 64 = 0");
    holds("high >> 0xffffffffffffffff = 0");
}

#[test]
fn a_load_reads_what_was_written() {
    holds("*{1}data = 0x88");
    holds("*{2}data = 0x7788");
    holds("* { 4 } data = 0x55667788");
    holds("*{8} data = 0x1122334455667788");
    holds("*{8}zero = 0");
    holds("*{4}(zero + 12) = 0");
}

#[test]
fn a_load_takes_all_that_follows_as_its_address() {
    holds("*{1}data+1 = 0x77");
    holds("(*{1}data) + 1 = 0x89");
    holds("*{1}data[15:12] << 12 = 0x88");
    holds("(*{4}data)[7:0] = 0x88");
    holds("(*{4}data) & 0xff = 0x88");
    holds("*{1}(*{8}data) - (*{8}data) + data = 0x88");
}

#[test]
fn a_load_stays_within_what_is_linked() {
    assert_eq!(
        fault("*{8}(data + 1) = 0"),
        "nothing is linked at the 8 bytes from 0x2001"
    );
    assert_eq!(
        fault("*{1}high = 0"),
        "nothing is linked at the 1 bytes from 0xffffffff80000000"
    );
    assert_eq!(
        fault("*{3}data = 0"),
        "a load has 1, 2, 4 or 8 bytes, not 3"
    );
}

#[test]
fn a_slice_moves_its_bits_down() {
    holds("0x12345678[15:8] = 0x56");
    holds("high[63:32] = 0xffffffff");
    holds("high[63:0] = high");
    holds("(data - main)[12:12] = 1");
    holds("data[ 15 : 12 ] = 2");
    assert_eq!(
        fault("data[3:4] = 0"),
        "[3:4] are no bits of a 64-bit value; the higher stands first"
    );
    assert_eq!(
        fault("data[64:0] = 0"),
        "[64:0] are no bits of a 64-bit value; the higher stands first"
    );
}

#[test]
fn names_hold_all_that_symbols_hold() {
    holds("$d.1:2 = 7");
    assert_eq!(fault("missing = 0"), "no symbol is named `missing`");
}

#[test]
fn an_operand_and_the_address_after_are_those_of_the_instruction() {
    holds("decode_operand(main, 0) = main + 0x25 - next_pc(main)");
    holds("next_pc(main) = 0x1005");
    holds("decode_operand(main+5, 4) = 0x20");
    holds("decode_operand( main + 5 , 4 )[3:0] = 0");
}

#[test]
fn what_is_no_number_in_an_instruction_is_told() {
    assert_eq!(
        fault("decode_operand(main+5, 0) = 0"),
        "operand 0 of `mov` is a register, not a number"
    );
    assert_eq!(
        fault("decode_operand(main, 1) = 0"),
        "`call` has no operand 1: it has 1, counted from 0"
    );
    assert_eq!(
        fault("decode_operand(main+10, 1) = 0"),
        "the bytes at main+0xa are no instruction that the disassembler knows"
    );
    assert_eq!(
        fault("next_pc(high) = 0"),
        "the bytes at high+0x0 are no instruction that the disassembler knows"
    );
    assert_eq!(
        fault("next_pc(missing) = 0"),
        "no symbol is named `missing`"
    );
}

#[test]
fn stubs_slots_and_sections_are_named_by_the_object() {
    holds("stub_addr(an object.o, puts) = 0x4000");
    holds("stub_addr(an object.o , puts, near) = 0x4000");
    holds("got_addr(a-b.o, data)[15:12] = 2");
    holds("*{8}got_addr(a-b.o, data) = *{8}data");
    holds("section_addr( a-b.o, $__GOT ) + 16 = 0x2010");
    assert_eq!(
        fault("stub_addr(an object.o, puts, far) = 0"),
        "`an object.o` has no stub for `puts`"
    );
    assert_eq!(
        fault("got_addr(other.o, data) = 0"),
        "`other.o` has no slot in the GOT for `data`"
    );
    assert_eq!(
        fault("section_addr(a-b.o, .text) = 0"),
        "`a-b.o` has no section `.text`"
    );
}

#[test]
fn what_is_not_of_the_language_is_told_with_its_place() {
    for (rule, expected) in [
        ("main", "`=` or an operation expected at its end"),
        ("main =", "`(`, `*`, a name or a number expected at its end"),
        ("main = 1 = 2", "an operation or the end expected at `= 2`"),
        ("(main = 1", "`)` or an operation expected at `= 1`"),
        ("main ~ 1 = 1", "`=` or an operation expected at `~ 1 = 1`"),
        ("*4 = 1", "`{` and the size of the load expected at `4 = 1`"),
        ("main[3] = 1", "`:` expected at `] = 1`"),
        ("next_pc main = 1", "`(` expected at `main = 1`"),
        (
            "decode_operand(main-1, 0) = 1",
            "`,` or `+` expected at `-1, 0) = 1`",
        ),
        (
            "got_addr(a-b.o) = 1",
            "`,` after the file expected at its end",
        ),
        ("section_addr(a-b.o, x = 1", "`)` expected at its end"),
    ] {
        assert_eq!(fault(rule), expected, "{rule}");
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let nested = |depth| "(".repeat(depth) + "1" + &")".repeat(depth) + " = 1";
    holds(&nested(50));
    assert_eq!(
        fault(&nested(100_000)),
        "too many parentheses within each other"
    );
    let loads = "*{1}".repeat(100_000) + "1 = 1";
    assert_eq!(fault(&loads), "too many parentheses within each other");
    let long: Vec<_> = std::iter::repeat_n("1", 100_000).collect();
    holds(&(long.join("+") + " = 100000"));
}

#[test]
fn a_file_is_checked_rule_by_rule() {
    let path = std::env::temp_dir().join(std::format!("ironlink-check-{}.s", std::process::id()));
    let outcome = |text: &str, name: &str| {
        std::fs::write(&path, text).unwrap();
        let mut report = Vec::new();
        let result = super::check_file(&path, name, &Sample, &mut report);
        let result =
            result.map_err(|failed| failed.to_string().replace(&*path.to_string_lossy(), "FILE"));
        (result, String::from_utf8(report).unwrap())
    };
    let good =
        "# jitlink-check: main = 0x1000\n# jitlink-check: data = \\\n# jitlink-check: 0x2000\n";
    let bad =
        "# jitlink-check: main = 1\n# jitlink-check: data = 0x2000\n# jitlink-check: lost = 1\n";
    assert_eq!(outcome(good, "jitlink-check"), (Ok(()), String::new()));
    assert_eq!(
        outcome(bad, "jitlink-check"),
        (
            Err("Some checks in FILE failed".into()),
            "Expression 'main = 1' is false: 0x1000 != 0x1\n\
             Expression 'lost = 1' can't be evaluated: no symbol is named `lost`\n"
                .into()
        )
    );
    assert_eq!(
        outcome(good, "other-check").0.unwrap_err(),
        "FILE has nothing to check: no line begins with `# other-check:`; name other rules by -check-name"
    );
    std::fs::remove_file(&path).unwrap();
    let gone = super::check_file(&path, "x", &Sample, &mut Vec::new());
    assert!(gone.unwrap_err().to_string().contains(" can't be read: "));
}
