//! From a rule's text to what it says.
//!
//! ```text
//! equation = expression '=' expression
//! expression = simple { ( '+' | '-' | '&' | '|' | '<<' | '>>' ) simple }          from left to right, none binds closer
//! simple = ( '(' expression ')' | load | name | number ) [ '[' number ':' number ']' ]
//! load = '*' '{' number '}' expression                                            as much of the text as it can take
//! name = 'decode_operand' '(' symbol [ '+' number ] ',' number ')' | 'next_pc' '(' symbol ')'
//!      | 'stub_addr' '(' file ',' symbol [ ',' kind ] ')' | 'got_addr' '(' file ',' symbol ')'
//!      | 'section_addr' '(' file ',' section ')' | symbol
//! ```

use std::boxed::Box;
use std::vec::Vec;

use super::expression::{Equation, Expression, Operation};
use super::fault::Fault;

/// How many parentheses and loads may stand within each other: far more than anybody writes, and no stack is too
/// small for them.
const DEEPEST: u32 = 64;

/// Each sign with what it says; a sign that begins another stands after it.
const OPERATIONS: [(&str, Operation); 6] = [
    ("<<", Operation::ShiftLeft),
    (">>", Operation::ShiftRight),
    ("+", Operation::Add),
    ("-", Operation::Subtract),
    ("&", Operation::And),
    ("|", Operation::Or),
];

/// Reads a rule.
///
/// # Errors
/// If it isn't one.
pub(super) fn equation(rule: &str) -> Result<Equation<'_>, Fault> {
    let mut parser = Parser {
        rest: rule.trim_start(),
        depth: 0,
    };
    let left = parser.expression()?;
    parser.expect("=", "`=` or an operation")?;
    let right = parser.expression()?;
    if !parser.rest.is_empty() {
        return Err(parser.unexpected("an operation or the end"));
    }
    Ok(Equation { left, right })
}

/// What is left of a rule; it never begins with white space.
struct Parser<'r> {
    rest: &'r str,
    depth: u32,
}

impl<'r> Parser<'r> {
    fn expression(&mut self) -> Result<Expression<'r>, Fault> {
        let first = self.simple()?;
        let mut rest = Vec::new();
        while let Some(operation) = self.operation() {
            rest.push((operation, self.simple()?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expression::Chain {
            first: Box::new(first),
            rest,
        })
    }

    fn operation(&mut self) -> Option<Operation> {
        OPERATIONS
            .into_iter()
            .find_map(|(sign, operation)| self.take(sign).then_some(operation))
    }

    fn simple(&mut self) -> Result<Expression<'r>, Fault> {
        let value = if self.take("(") {
            let inner = self.deeper()?;
            self.expect(")", "`)` or an operation")?;
            inner
        } else if self.take("*") {
            self.load()?
        } else if self.rest.starts_with(|first: char| first.is_ascii_digit()) {
            Expression::Number(self.number()?)
        } else {
            self.name()?
        };
        if !self.take("[") {
            return Ok(value);
        }
        let high = self.number()?;
        self.expect(":", "`:`")?;
        let low = self.number()?;
        self.expect("]", "`]`")?;
        let bit = |number| u32::try_from(number).ok().filter(|&bit| bit < u64::BITS);
        match (bit(high), bit(low)) {
            (Some(high), Some(low)) if low <= high => Ok(Expression::Slice {
                value: Box::new(value),
                high,
                low,
            }),
            _ => Err(Fault::Bits { high, low }),
        }
    }

    fn load(&mut self) -> Result<Expression<'r>, Fault> {
        self.expect("{", "`{` and the size of the load")?;
        let size = self.number()?;
        self.expect("}", "`}`")?;
        let address = Box::new(self.deeper()?);
        let size = match size {
            1 => 1,
            2 => 2,
            4 => 4,
            8 => 8,
            _ => return Err(Fault::LoadSize { size }),
        };
        Ok(Expression::Load { size, address })
    }

    fn deeper(&mut self) -> Result<Expression<'r>, Fault> {
        if self.depth == DEEPEST {
            return Err(Fault::TooDeep);
        }
        self.depth += 1;
        let inner = self.expression();
        self.depth -= 1;
        inner
    }

    fn name(&mut self) -> Result<Expression<'r>, Fault> {
        let name = self.symbol("`(`, `*`, a name or a number")?;
        match name {
            "decode_operand" => {
                self.expect("(", "`(`")?;
                let symbol = self.symbol("a symbol")?;
                let offset = if self.take("+") { self.number()? } else { 0 };
                self.expect(",", "`,` or `+`")?;
                let index = self.number()?;
                self.expect(")", "`)`")?;
                Ok(Expression::Operand {
                    symbol,
                    offset,
                    index,
                })
            }
            "next_pc" => {
                self.expect("(", "`(`")?;
                let symbol = self.symbol("a symbol")?;
                self.expect(")", "`)`")?;
                Ok(Expression::NextPc { symbol })
            }
            "stub_addr" => {
                let object = self.file()?;
                let symbol = self.symbol("a symbol")?;
                let kind = match self.take(",") {
                    true => Some(self.until(')', "`)`")?),
                    false => None,
                };
                self.expect(")", "`)`")?;
                Ok(Expression::Stub {
                    object,
                    symbol,
                    kind,
                })
            }
            "got_addr" => {
                let object = self.file()?;
                let symbol = self.symbol("a symbol")?;
                self.expect(")", "`)`")?;
                Ok(Expression::Got { object, symbol })
            }
            "section_addr" => {
                let object = self.file()?;
                let name = self.until(')', "`)`")?;
                self.expect(")", "`)`")?;
                Ok(Expression::Section { object, name })
            }
            _ => Ok(Expression::Symbol(name)),
        }
    }

    /// The first argument of a function, a file's base name, which may hold what no symbol does.
    fn file(&mut self) -> Result<&'r str, Fault> {
        self.expect("(", "`(`")?;
        let file = self.until(',', "`,` after the file")?;
        self.expect(",", "`,`")?;
        Ok(file)
    }

    fn symbol(&mut self, expected: &'static str) -> Result<&'r str, Fault> {
        let first = |first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '.' | '$');
        if !self.rest.starts_with(first) {
            return Err(self.unexpected(expected));
        }
        let of_symbol = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '$');
        Ok(self.split(|c| !of_symbol(c)))
    }

    fn number(&mut self) -> Result<u64, Fault> {
        if !self.rest.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(self.unexpected("a number"));
        }
        let digits = self.split(|c| !c.is_ascii_alphanumeric());
        let (radix, of_radix) = match digits.strip_prefix("0x") {
            Some(of_radix) => (16, of_radix),
            None => (10, digits),
        };
        if of_radix.is_empty() || !of_radix.chars().all(|digit| digit.is_digit(radix)) {
            return Err(Fault::Syntax {
                expected: "a number",
                found: digits.into(),
            });
        }
        u64::from_str_radix(of_radix, radix).map_err(|_| Fault::LargeNumber {
            digits: digits.into(),
        })
    }

    /// What stands before a sign, without the white space around it.
    fn until(&mut self, sign: char, expected: &'static str) -> Result<&'r str, Fault> {
        if !self.rest.contains(sign) {
            self.rest = "";
            return Err(self.unexpected(expected));
        }
        Ok(self.split(|c| c == sign).trim_end())
    }

    fn split(&mut self, ends: impl Fn(char) -> bool) -> &'r str {
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (before, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        before
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, sign: &str, expected: &'static str) -> Result<(), Fault> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.unexpected(expected))
    }

    fn unexpected(&self, expected: &'static str) -> Fault {
        Fault::Syntax {
            expected,
            found: self.rest.into(),
        }
    }
}
