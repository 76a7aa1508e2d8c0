//! Lines, and what they mean.

use std::string::{String, ToString};
use std::vec::Vec;

use super::Problem;
use super::ast::{Callee, Expression, Line, Operator, Place, ResultWidth, Unit};
use super::names::{Known, Names};
use super::parser::parse;

/// Variables `x` and `y`; a function `two` of two parameters, and `printf` of the session.
struct Few;

impl Names for Few {
    fn variable(&self, name: &str) -> Option<usize> {
        ["x", "y"].iter().position(|other| *other == name)
    }

    fn variable_count(&self) -> usize {
        2
    }

    fn function(&self, name: &str) -> Option<Known> {
        match name {
            "two" => Some(Known {
                callee: Callee::Function(7),
                parameters: Some(2),
            }),
            "printf" => Some(Known {
                callee: printf(),
                parameters: None,
            }),
            _ => None,
        }
    }
}

fn printf() -> Callee {
    Callee::Session {
        name: "printf".to_string(),
        result: ResultWidth::Signed(32),
    }
}

fn unit(line: &str) -> Unit {
    match parse(line, &Few).unwrap_or_else(|problem| panic!("{line}: {problem:?}")) {
        Line::Statements(statements) => statements.body,
        Line::Function(definition) => definition.body.unwrap(),
    }
}

/// An expression as Lisp would have it, which shows what binds to what.
fn shown(expression: &Expression) -> String {
    use std::format;
    let list = |all: &[Expression]| all.iter().map(shown).collect::<Vec<_>>().join(" ");
    let place = |place: &Place| match place {
        Place::Local(number) => format!("l{number}"),
        Place::Global(number) => format!("g{number}"),
    };
    match expression {
        Expression::Number(number) => number.to_string(),
        Expression::Text(number) => format!("t{number}"),
        Expression::Variable(variable) => place(variable),
        Expression::Assign(variable, value) => format!("(= {} {})", place(variable), shown(value)),
        Expression::Negate(value) => format!("(- {})", shown(value)),
        Expression::Not(value) => format!("(! {})", shown(value)),
        Expression::Binary {
            operator, operands, ..
        } => format!("({operator:?} {})", list(&**operands)),
        Expression::Call { callee, arguments } => format!("(call{callee} {})", list(arguments)),
        Expression::If {
            condition,
            branches,
        } => format!("(if {} {})", shown(condition), list(&**branches)),
        Expression::While { condition, body } => {
            format!("(while {} {})", shown(condition), shown(body))
        }
        Expression::Block(all) => format!("[{}]", list(all)),
    }
}

fn meaning(line: &str) -> String {
    shown(&unit(line).body)
}

fn problem(line: &str) -> Problem {
    match parse(line, &Few) {
        Ok(meaning) => panic!("{line}: {meaning:?}"),
        Err(problem) => problem,
    }
}

#[test]
fn signs_bind_as_they_do_in_c() {
    for (line, meant) in [
        ("1 + 2 * 3 - 4", "[(Subtract (Add 1 (Multiply 2 3)) 4)]"),
        ("10 - 3 - 2", "[(Subtract (Subtract 10 3) 2)]"),
        ("(10 - 3) * -x", "[(Multiply (Subtract 10 3) (- g0))]"),
        ("x < y + 1 == 1", "[(Equal (Less g0 (Add g1 1)) 1)]"),
        (
            "!x && y || 1",
            "[(if (if (! g0) (! (! g1)) 0) 1 (! (! 1)))]",
        ),
        ("1 % 2 / 3", "[(Divide (Remainder 1 2) 3)]"),
    ] {
        assert_eq!(meaning(line), meant, "{line}");
    }
}

#[test]
fn statements_follow_each_other_with_and_without_a_semicolon() {
    for (line, meant) in [
        ("", "[]"),
        ("x = 1; y;", "[(= g0 1) g1]"),
        (
            "while x < 9 { x = x + 1 } x",
            "[(while (Less g0 9) [(= g0 (Add g0 1))]) g0]",
        ),
        (
            "if x { 1 } else if y { 2 } -3",
            "[(if g0 [1] (if g1 [2] 0)) (- 3)]",
        ),
        ("1 + if x then 2 else 3", "[(Add 1 (if g0 2 3))]"),
        (
            "{ let a = 1; { let a = a; a } a }",
            "[[(= l0 1) [(= l1 l0) l1] l0]]",
        ),
    ] {
        assert_eq!(meaning(line), meant, "{line}");
    }
}

#[test]
fn a_variable_is_new_or_known_and_what_shows_its_value_is_an_expression() {
    let read = |line: &str| match parse(line, &Few) {
        Ok(Line::Statements(read)) => (shown(&read.body.body), read.new_variables, read.has_value),
        other => panic!("{other:?}"),
    };
    let new = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read("let x = 1"), ("[(= g0 1)]".into(), new(&[]), false));
    assert_eq!(
        read("let a = 1; let b = a; a = b; let a = 2; b"),
        (
            "[(= g2 1) (= g3 g2) (= g2 g3) (= g2 2) g3]".into(),
            new(&["a", "b"]),
            true
        )
    );
    for (line, has_value) in [
        ("x", true),
        ("x = 2", false),
        ("while 0 {}", false),
        ("if x { 1 }", false),
        ("if x { 1 } else { 2 }", true),
        ("if x { 1 } else if y { 2 }", false),
        ("", false),
    ] {
        assert_eq!(read(line).2, has_value, "{line}");
    }
}

#[test]
fn a_function_sees_its_parameters_and_itself() {
    let Ok(Line::Function(fib)) = parse(
        "fn fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)",
        &Few,
    ) else {
        panic!()
    };
    assert_eq!(
        (fib.name.as_str(), fib.column, fib.parameters),
        ("fib", 3, 1)
    );
    let body = fib.body.unwrap();
    assert_eq!(
        shown(&body.body),
        "(if (Less l0 2) l0 (Add (call0 (Subtract l0 1)) (call0 (Subtract l0 2))))"
    );
    assert_eq!((body.locals, body.callees), (1, [Callee::Itself].to_vec()));
    assert_eq!(
        meaning("fn f(x) { let y = x; y = x }"),
        "[(= l1 l0) (= l1 l0)]"
    );
    let Ok(Line::Function(declared)) = parse("fn odd(n)", &Few) else {
        panic!()
    };
    assert!(declared.body.is_none() && declared.parameters == 1);
}

#[test]
fn callees_and_texts_are_told_once() {
    let unit = unit("printf(\"%d\"); printf(\"%d\", 1, \"a\"); two(1, 2)");
    assert_eq!(
        shown(&unit.body),
        "[(call0 t0) (call0 t0 1 t1) (call1 1 2)]"
    );
    assert_eq!(unit.callees, [printf(), Callee::Function(7)]);
    assert_eq!(unit.texts, [b"%d".to_vec(), b"a".to_vec()]);
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    for (line, column, message) in [
        ("1 +", 3, "expected an expression, but the line ends here"),
        ("(1 2", 3, "expected `)`, not 2"),
        ("1 2", 2, "expected the end of the line, not 2"),
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
            "a = 1",
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
        ("fn f(a) 1", 8, "expected `=`, not 1"),
        ("if x then 1", 11, "expected `else`, but the line ends here"),
        ("if x 1", 5, "expected `{`, not 1"),
        ("while x { 1", 11, "expected `}`, but the line ends here"),
        ("let 5 = 1", 4, "expected a name for the variable, not 5"),
        (
            "let if = 1",
            4,
            "expected a name for the variable, not `if`",
        ),
        ("two(1 2)", 6, "expected `,`, not 2"),
        (
            "1 + \"a\" \"b\"",
            8,
            "expected the end of the line, not a text",
        ),
        ("}", 0, "expected the end of the line, not `}`"),
        (
            "let a = 1; let b = 9999999999999999999",
            19,
            "`9999999999999999999` is too large: numbers have 64 bits, and 9223372036854775807 is the last",
        ),
    ] {
        let found = problem(line);
        assert_eq!(
            (found.column, found.message.as_str()),
            (column, message),
            "{line}"
        );
    }
}

#[test]
fn the_column_of_an_operator_is_kept() {
    let Expression::Block(all) = unit("10 / (x - 1)").body else {
        panic!()
    };
    assert!(matches!(
        all[..],
        [Expression::Binary {
            operator: Operator::Divide,
            column: 3,
            ..
        }]
    ));
}

#[test]
fn depth_has_an_end() {
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
        for count in [63, 64, 65, 300] {
            let line = opening.repeat(count);
            let problem = problem(&line);
            if count > 64 {
                assert!(problem.message.contains("lie in each other"), "{line}");
            }
        }
        let problem = problem(&opening.repeat(100_000));
        assert!(problem.message.contains("words"), "{opening}");
    }
    let chain = std::format!("if 1 {{}}{}", " else if 1 {}".repeat(70));
    assert!(problem(&chain).message.contains("lie in each other"));
    let sum = "1+".repeat(499) + "1";
    assert!(matches!(parse(&sum, &Few), Ok(Line::Statements(_))));
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
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut understood = 0;
    for _ in 0..100_000 {
        let count = random(24);
        let line: String = (0..count).map(|_| pieces[random(pieces.len())]).collect();
        match parse(&line, &Few) {
            Ok(_) => understood += 1,
            Err(problem) => assert!(
                problem.column <= line.chars().count(),
                "{line}: {problem:?}"
            ),
        }
    }
    assert!(understood > 1000, "{understood}");
}
