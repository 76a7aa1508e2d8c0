//! Lines, and what is wrong with them. What right ones mean, `tests/repl` tells.

use std::string::String;
use std::vec::Vec;

use ironlink::base::{AddressRange, Machine, TargetAddr};
use ironlink::compiler::CompilerBuilder;
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder};
use ironlink::jit::{JitBuilder, JitModule};
use ironlink::memory::mock::MockMemory;
use ironlink::session::Session;

use super::Problem;
use super::parser::{LINE, compile};
use crate::exports;

/// What lines are read with: in memory that nothing runs in.
fn with_reader(test: impl FnOnce(&mut Reader<'_>)) {
    let window = AddressRange::from_size(TargetAddr::new(0x40_0000), 0x100_0000).unwrap();
    let memory = MockMemory::new(&[window]).unwrap();
    let session = Session::for_machine(Machine::X86_64, memory);
    let kernel = session.create_dylib("kernel").unwrap();
    kernel
        .define(&exports::symbols().collect::<Vec<_>>())
        .unwrap();
    let builder = JitBuilder::new(&session, "repl").unwrap();
    // SAFETY: there is no hot swap.
    let module = unsafe { builder.build() }.unwrap();
    let compiler = CraneliftBuilder::new(Machine::X86_64).unwrap();
    let compiler = compiler.build().unwrap();
    test(&mut Reader { module, compiler });
}

struct Reader<'s> {
    module: JitModule<'s, MockMemory>,
    compiler: Cranelift,
}

impl Reader<'_> {
    /// Compiles a line, and forgets what it defines. Gives the name of its function, and how many variables are new.
    fn read(&mut self, line: &str) -> Result<(String, usize), Problem> {
        let read = compile(line, &self.compiler, &mut self.module);
        self.module.discard_definitions();
        let read = read?;
        assert!(!read.code.bytes.is_empty());
        let name = self.module.function_name(read.function);
        Ok((name.into(), read.new_variables.len()))
    }
}

#[test]
fn a_line_is_a_function() {
    with_reader(|reader| {
        for (line, name, new_variables) in [
            ("", LINE, 0),
            ("1;", LINE, 0),
            ("let a", LINE, 1),
            ("let a = let b = 2; let a = a + 1;", LINE, 2),
            ("if 1 { let a } else while (1; 2) < 3 { let b }", LINE, 2),
            (
                "printf(\"%d\", 1, 2, 3, 4, 5, 6, 7, 8) + strlen(\"%d\")",
                LINE,
                0,
            ),
            ("fn f() = f()", "f/0", 0),
            ("fn f(x, x) = { let y = x; x = y; let x }", "f/2", 0),
        ] {
            let read = reader.read(line);
            assert_eq!(read, Ok((name.into(), new_variables)), "{line}");
        }
    });
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    with_reader(|reader| {
        for (line, place, message) in [
            ("1 +", 3, "expected an expression"),
            ("1 + $", 4, "expected an expression"),
            ("1 + else", 4, "expected an expression"),
            ("(1 2", 3, "expected `)`"),
            ("1 2 ", 2, "expected an operator, `;` or the end"),
            ("}", 0, "expected an operator, `;` or the end"),
            ("fn f() = 1 }", 11, "expected an operator, `;` or the end"),
            ("ä + 1", 0, "expected an expression"),
            ("\"ä\" + b", 7, "there is no variable `b`; `let` makes one"),
            ("b = 1", 0, "there is no variable `b`; `let` makes one"),
            (
                "strlen",
                0,
                "there is no variable `strlen`; `let` makes one",
            ),
            (
                "let a; a(1)",
                7,
                "there is no function `a/1`, of so many arguments",
            ),
            (
                "1 + g(1)",
                4,
                "there is no function `g/1`, of so many arguments",
            ),
            (
                "strlen(1, 2)",
                0,
                "there is no function `strlen/2`, of so many arguments",
            ),
            (
                "fn f(a) = f()",
                10,
                "there is no function `f/0`, of so many arguments",
            ),
            (
                "fn strlen() = 1",
                3,
                "this is the kernel's or a module's; choose another name",
            ),
            (
                "fn stdout() = 1",
                3,
                "this is the kernel's or a module's; choose another name",
            ),
            ("fn (a) = 1", 3, "expected a name"),
            ("fn f(1) = 1", 5, "expected a name"),
            ("fn f(a) 1", 8, "expected `=`"),
            ("if 1 2", 5, "expected `{`"),
            ("while 1 { 2", 11, "expected `}`"),
            ("let if", 4, "expected a name"),
            ("strlen(1 2)", 9, "expected `,`"),
            ("1; \"a", 3, "this \" has no second one"),
            ("2x", 0, "invalid digit found in string"),
            (
                "-9223372036854775808",
                1,
                "number too large to fit in target type",
            ),
        ] {
            let problem = reader.read(line).unwrap_err();
            assert_eq!(
                (problem.place, problem.message.as_str()),
                (Some(place), message),
                "{line}"
            );
        }
    });
}

#[test]
fn depth_has_an_end() {
    with_reader(|reader| {
        for opening in [
            "(",
            "-",
            "{",
            "let a = ",
            "if 1 {",
            "if ",
            "strlen(",
            "1 + (",
            "while 1 {",
        ] {
            for count in [63, 64, 65, 300, 10_000] {
                let problem = reader.read(&opening.repeat(count)).unwrap_err();
                let is_too_deep = problem.message.as_str().contains("lies in each other");
                // What ends too early may be wrong earlier.
                assert!(
                    is_too_deep == (count > 64) || count == 64,
                    "{opening}{count}: {problem:?}"
                );
            }
        }
        let chain = std::format!("if 1 {{}}{}", " else if 1 {}".repeat(70));
        let problem = reader.read(&chain).unwrap_err();
        assert!(problem.message.as_str().contains("lies in each other"));
        assert!(reader.read(&("1+".repeat(499) + "1")).is_ok());
    });
}

#[test]
fn no_line_is_too_much() {
    const PIECES: [&str; 29] = [
        "fn ",
        "let ",
        "if ",
        "else ",
        "while ",
        "x",
        "y",
        "strlen",
        "printf",
        "(",
        ")",
        "{",
        "}",
        ",",
        ";",
        "=",
        "==",
        "+",
        "-",
        "/",
        "1",
        "0x7f",
        "\"a\"",
        "\"",
        "\\",
        "ä",
        "99999999999999999999",
        " ",
        "f",
    ];
    with_reader(|reader| {
        let mut state = 1_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let mut understood = 0;
        for _ in 0..10_000 {
            let count = random(24);
            let line: String = (0..count).map(|_| PIECES[random(PIECES.len())]).collect();
            match reader.read(&line) {
                Ok(_) => understood += 1,
                Err(problem) => assert!(
                    line.is_char_boundary(problem.place.unwrap()),
                    "{line}: {problem:?}"
                ),
            }
        }
        assert!(understood > 100, "{understood}");
    });
}
