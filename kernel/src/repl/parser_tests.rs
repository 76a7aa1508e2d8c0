//! Lines, and what is wrong with them. What right ones mean, `tests/repl` tells.

use std::string::String;
use std::vec::Vec;

use ironlink::base::Machine;
use ironlink::compiler::CompilerBuilder;
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder};

use super::Problem;
use super::parser::{Callable, Header, Line, Names, parse};

/// Variables `x` and `y`; a function `two` of two parameters, and `printf`, which takes any number.
#[derive(Default)]
struct Few {
    more: Vec<String>,
}

impl Names for Few {
    fn variable(&self, name: &str) -> Option<u32> {
        let more = self.more.iter().map(String::as_str);
        let place = ["x", "y"].into_iter().chain(more).position(|it| it == name);
        place.map(|place| u32::try_from(place).unwrap())
    }

    fn add_variable(&mut self, name: &str) -> Result<u32, Problem> {
        self.more.push(name.into());
        Ok(self.variable(name).unwrap())
    }

    fn text(&mut self, _: &str, _: Vec<u8>) -> Result<u32, Problem> {
        Ok(100)
    }

    fn function(&mut self, name: &str) -> Result<Option<Callable>, Problem> {
        let callable = |parameters, result| Callable {
            number: 7,
            parameters,
            result,
        };
        Ok(match name {
            "two" => Some(callable(Some(2), "i64")),
            "printf" => Some(callable(None, "i32")),
            _ => None,
        })
    }

    fn declare(&mut self, _: &Header<'_>) -> Result<u32, Problem> {
        Ok(8)
    }
}

fn compiler() -> Cranelift {
    let builder = CraneliftBuilder::new(Machine::X86_64).unwrap();
    builder.build().unwrap()
}

/// Reads a line, and has Cranelift look at what was made of it.
fn read<'l>(line: &'l str, compiler: &Cranelift) -> Result<Line<'l>, Problem> {
    let config = compiler.isa().frontend_config();
    let (read, function) = parse(line, config, &mut Few::default())?;
    let verified = compiler.verify(&function);
    verified.unwrap_or_else(|fault| panic!("{line}: {fault}"));
    Ok(read)
}

#[test]
fn what_shows_its_value_is_an_expression() {
    let compiler = compiler();
    for (line, is_shown) in [
        ("x", true),
        ("x = 2", false),
        ("let a = 1; let b = a; a = b; let a = 2; b;", true),
        ("let a = { x = 1 }", false),
        ("while 0 {}", false),
        ("while x < 9 { x = x + 1 } x", true),
        ("if x { 1 }", false),
        ("if x { 1 } -3", true),
        ("if x { 1 } else { 2 }", true),
        ("if x { 1 } else if y { 2 }", false),
        ("if x { 1 } else if y { 2 } else { 3 }", true),
        ("1 + if x then 2 else 3", true),
        ("{ let a = 1; { let a = a; a } a = 2 }", true),
        ("", false),
    ] {
        let read = read(line, &compiler).unwrap_or_else(|problem| panic!("{line}: {problem:?}"));
        assert_eq!(read.is_shown, is_shown, "{line}");
    }
}

#[test]
fn a_function_sees_its_parameters_and_itself() {
    let compiler = compiler();
    let header = |line| {
        let read: Result<Line<'_>, Problem> = read(line, &compiler);
        read.unwrap().header.unwrap()
    };
    let fib = header("fn fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)");
    assert_eq!((fib.name, fib.column), ("fib", 3));
    assert!(fib.has_body && fib.parameters == 1);
    assert!(header("fn f(x) { let y = x; y = x }").has_body);
    assert!(!header("fn odd(n)").has_body);
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    let compiler = compiler();
    for (line, column, message) in [
        ("1 +", 3, "expected an expression, but the line ends here"),
        ("1 + $", 4, "expected an expression, not `$`"),
        ("(1 2", 3, "expected `)`, not `2`"),
        ("1 2", 2, "expected the end of the line, not `2`"),
        (
            "a + 1",
            0,
            "there is no variable `a`; `let a = ...` makes one",
        ),
        (
            "1 + x + zz",
            8,
            "there is no variable `zz`; `let zz = ...` makes one",
        ),
        (
            "a = b",
            0,
            "there is no variable `a`; `let a = ...` makes one",
        ),
        (
            "let a = a",
            8,
            "there is no variable `a`; `let a = ...` makes one",
        ),
        (
            "{ let a = 1 } a",
            14,
            "there is no variable `a`; `let a = ...` makes one",
        ),
        ("two + 1", 0, "`two` is a function; call it: two(...)"),
        ("2 * x(1)", 4, "`x` is a variable and can't be called"),
        (
            "1 + g(1)",
            4,
            "there is no function `g`; define it, or declare it first: fn g(a)",
        ),
        ("two(1)", 0, "`two` takes 2 arguments, not 1"),
        ("x + two(1, 2, 3)", 4, "`two` takes 2 arguments, not 3"),
        ("fn f(a) = f()", 10, "`f` takes 1 argument, not 0"),
        (
            "printf(1, 2, 3, 4, 5, 6, 7)",
            0,
            "a call takes up to 6 arguments",
        ),
        ("fn f(a, a) = 1", 8, "there is a parameter `a` already"),
        (
            "fn f(a,b,c,d,e,g,h) = 1",
            17,
            "a function has up to 6 parameters",
        ),
        ("fn (a) = 1", 3, "expected a name for the function, not `(`"),
        ("fn f(a) 1", 8, "expected `=`, not `1`"),
        ("if x then 1", 11, "expected `else`, but the line ends here"),
        ("if x 1", 5, "expected `{`, not `1`"),
        ("while x { 1", 11, "expected `}`, but the line ends here"),
        ("let 5 = 1", 4, "expected a name for the variable, not `5`"),
        (
            "let if = 1",
            4,
            "expected a name for the variable, not `if`",
        ),
        ("int x", 4, "expected `(`, not `x`"),
        ("two(1 2)", 6, "expected `,`, not `2`"),
        (
            "1 + \"a\" \"b\"",
            8,
            "expected the end of the line, not `\"b\"`",
        ),
        ("}", 0, "expected the end of the line, not `}`"),
        (
            "'ab'",
            0,
            "one byte stands between two '; write texts in \"",
        ),
        (
            "let a = 1; let b = 9999999999999999999",
            19,
            "`9999999999999999999` is too large: numbers go from -9223372036854775808 to 9223372036854775807",
        ),
    ] {
        let problem = read(line, &compiler).unwrap_err();
        let expected = Problem::new(message).at(column);
        assert_eq!(problem, expected, "{line}");
    }
}

#[test]
fn depth_has_an_end() {
    let compiler = compiler();
    for opening in [
        "(",
        "-",
        "!",
        "{",
        "if 1 then ",
        "two(",
        "1 + (",
        "while 1 {",
        "if 1 {",
    ] {
        for count in [63, 64, 65, 300, 100_000] {
            let line = opening.repeat(count);
            let problem = read(&line, &compiler).unwrap_err();
            if count > 64 {
                let message = problem.message;
                assert!(message.contains("lie in each other"), "{opening}");
            }
        }
    }
    let chain = std::format!("if 1 {{}}{}", " else if 1 {}".repeat(70));
    let problem = read(&chain, &compiler).unwrap_err();
    assert!(problem.message.contains("lie in each other"));
    let sum = "1+".repeat(499) + "1";
    assert!(read(&sum, &compiler).is_ok());
}

#[test]
fn no_line_is_too_much() {
    let pieces = [
        "fn ",
        "let ",
        "if ",
        "then ",
        "else ",
        "while ",
        "int",
        "x",
        "y",
        "two",
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
        "!",
        "&&",
        "1",
        "0x7f",
        "\"a\"",
        "'",
        "\"",
        "\\",
        "ä",
        "99999999999999999999",
        " ",
    ];
    let compiler = compiler();
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut understood = 0;
    for _ in 0..30_000 {
        let count = random(24);
        let line: String = (0..count).map(|_| pieces[random(pieces.len())]).collect();
        match read(&line, &compiler) {
            Ok(_) => understood += 1,
            Err(problem) => assert!(
                problem.column.unwrap() <= line.chars().count(),
                "{line}: {problem:?}"
            ),
        }
    }
    assert!(understood > 300, "{understood}");
}
