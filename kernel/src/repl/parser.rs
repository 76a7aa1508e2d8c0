//! From a line's words straight to Cranelift's representation of what it does: recursive descent, by which names are resolved
//! and code is made on the way.
//!
//! ```text
//! line        fn NAME ( parameters ) [= expression | block]      or  statements
//! statements  statement [; statement]...                          no ; is needed behind a }
//! statement   let NAME = expression | NAME = expression | expression
//! expression  operands with || && == != < <= > >= + - * / %, each binding tighter than those before
//! operand     NUMBER | TEXT | NAME | NAME ( arguments ) | ( expression ) | int ( expression ) | - operand | ! operand
//!             | if expression then expression else expression | if expression block [else block | else if ...]
//!             | while expression block | block
//! block       { statements }
//! ```
//!
//! All values are words of 64 bits, and every statement has one.

use alloc::format;
use alloc::vec::Vec;

use ironlink::compiler::cranelift::codegen::ir::{Function, Value};
use ironlink::compiler::cranelift::codegen::isa::TargetFrontendConfig;
use ironlink::compiler::cranelift::frontend::{FunctionBuilder, FunctionBuilderContext};

use super::Problem;
use super::code::{Code, End, Place};
use super::words::{Word, words};

/// How many parameters a function may have, and how many arguments a call: what both machines' ABIs pass in registers.
const MOST_PARAMETERS: usize = 6;

/// How deep expressions may lie in each other.
const MOST_DEPTH: usize = 64;

/// What a line may refer to, by the numbers of the module that it is compiled for.
pub(super) trait Names {
    /// The data that is a variable of all lines.
    fn variable(&self, name: &str) -> Option<u32>;

    /// Data for one that there isn't yet.
    fn add_variable(&mut self, name: &str) -> Result<u32, Problem>;

    /// Data that holds a text's bytes and a zero. The text is told by its spelling.
    fn text(&mut self, spelling: &str, bytes: Vec<u8>) -> Result<u32, Problem>;

    /// A function that can be called.
    fn function(&mut self, name: &str) -> Result<Option<Callable>, Problem>;

    /// A function that is about to be defined.
    fn declare(&mut self, header: &Header<'_>) -> Result<u32, Problem>;
}

/// A function that can be called.
#[derive(Clone, Copy)]
pub(super) struct Callable {
    /// Its number.
    pub(super) number: u32,
    /// How many arguments it takes; `None` if nobody knows: then it is the caller's word that counts.
    pub(super) parameters: Option<usize>,
    /// What the kernel's exports call its result.
    pub(super) result: &'static str,
}

/// What a definition begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header<'l> {
    pub(super) name: &'l str,
    /// The column of the name.
    pub(super) column: usize,
    pub(super) parameters: usize,
    /// Or it is to come in a later line.
    pub(super) has_body: bool,
}

/// What a line is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'l> {
    /// Of the function that it defines; `None` if it is to be run at once.
    pub(super) header: Option<Header<'l>>,
    /// Whether the value is worth being shown: the last statement is an expression.
    pub(super) is_shown: bool,
}

/// Reads a line. Gives what it does, too.
///
/// # Errors
/// Says what is wrong with it, and where.
pub(super) fn parse<'l>(
    line: &'l str,
    config: TargetFrontendConfig,
    names: &mut dyn Names,
) -> Result<(Line<'l>, Function), Problem> {
    let mut function = Function::new();
    let mut context = FunctionBuilderContext::new();
    let mut parser = Parser {
        words: words(line)?,
        position: 0,
        names,
        own: None,
        locals: Vec::new(),
        code: Code::new(FunctionBuilder::new(&mut function, &mut context), config),
        depth: 0,
        is_top: true,
        is_shown: false,
    };
    let header = match parser.accept("fn") {
        true => Some(parser.header()?),
        false => None,
    };
    let end = match header {
        None => {
            parser.code.enter(0);
            End::Result(parser.statements()?)
        }
        Some(Header { has_body: true, .. }) => End::Result(parser.body()?),
        Some(Header { column, .. }) => End::NotDefined { column },
    };
    if !parser.peek().text.is_empty() {
        return Err(parser.unexpected("the end of the line"));
    }
    let is_shown = parser.is_shown;
    parser.code.leave(end);
    Ok((Line { header, is_shown }, function))
}

struct Parser<'p, 'l, 'f> {
    words: Vec<Word<'l>>,
    position: usize,
    names: &'p mut dyn Names,
    /// The function that is being defined.
    own: Option<(&'l str, Callable)>,
    /// Local variables that can be seen, the innermost last.
    locals: Vec<(&'l str, Place)>,
    code: Code<'f>,
    depth: usize,
    /// Whether this is neither in a function nor in a block: variables that are made here stay.
    is_top: bool,
    /// Whether the value of the last statement is worth being shown.
    is_shown: bool,
}

impl<'l> Parser<'_, 'l, '_> {
    /// What a definition begins with, behind `fn`.
    fn header(&mut self) -> Result<Header<'l>, Problem> {
        let name = self.name("a name for the function")?;
        let mut parameters: Vec<&str> = Vec::new();
        self.expect("(")?;
        while !self.accept(")") {
            if !parameters.is_empty() {
                self.expect(",")?;
            }
            let parameter = self.name("a parameter's name")?;
            let problem = if parameters.len() == MOST_PARAMETERS {
                format!("a function has up to {MOST_PARAMETERS} parameters")
            } else if parameters.contains(&parameter.text) {
                format!("there is a parameter `{}` already", parameter.text)
            } else {
                parameters.push(parameter.text);
                continue;
            };
            return Err(parameter.problem(problem));
        }
        let header = Header {
            name: name.text,
            column: name.column,
            parameters: parameters.len(),
            has_body: !self.peek().text.is_empty(),
        };
        let own = Callable {
            number: self.names.declare(&header)?,
            parameters: Some(header.parameters),
            result: "i64",
        };
        self.own = Some((header.name, own));
        self.is_top = false;
        for (parameter, value) in parameters
            .into_iter()
            .zip(self.code.enter(header.parameters))
        {
            let variable = self.declared(parameter)?;
            self.code.set(variable, value);
        }
        Ok(header)
    }

    fn body(&mut self) -> Result<Value, Problem> {
        if self.peek().text == "{" {
            return self.block();
        }
        self.expect("=")?;
        self.expression()
    }

    /// Statements up to the end of the line, or of the block that they are in. The value is that of the last.
    fn statements(&mut self) -> Result<Value, Problem> {
        let mut value = None;
        while !matches!(self.peek().text, "" | "}") {
            value = Some(self.statement()?);
            let is_behind_block = self.words[self.position - 1].text == "}";
            if !self.accept(";") && !is_behind_block {
                break;
            }
        }
        Ok(value.unwrap_or_else(|| self.code.number(0)))
    }

    fn statement(&mut self) -> Result<Value, Problem> {
        let word = self.peek();
        match word.text {
            "let" => {
                self.position += 1;
                let name = self.name("a name for the variable")?;
                self.expect("=")?;
                // The variable can't be seen in its own value, but one of the same name can.
                let value = self.expression()?;
                let variable = self.declared(name.text)?;
                self.code.set(variable, value);
                self.is_shown = false;
                Ok(value)
            }
            // No sign may follow, so that the next statement can begin with one.
            "if" | "while" | "{" => self.operand(),
            _ if word.is_name() && self.words[self.position + 1].text == "=" => {
                self.position += 2;
                // It is looked for first, so that the first mistake is told.
                let variable = self.variable(word)?;
                let value = self.expression()?;
                self.code.set(variable, value);
                self.is_shown = false;
                Ok(value)
            }
            _ => {
                let value = self.expression();
                self.is_shown = true;
                value
            }
        }
    }

    /// A variable that may be new: a local one in functions and blocks, and elsewhere one that stays.
    fn declared(&mut self, name: &'l str) -> Result<Place, Problem> {
        if !self.is_top {
            let local = self.code.local();
            self.locals.push((name, local));
            return Ok(local);
        }
        let known = self.names.variable(name);
        let data = known.map_or_else(|| self.names.add_variable(name), Ok)?;
        Ok(Place::Global(data))
    }

    fn block(&mut self) -> Result<Value, Problem> {
        self.expect("{")?;
        let seen = self.locals.len();
        let is_top = core::mem::replace(&mut self.is_top, false);
        let value = self.statements()?;
        self.is_top = is_top;
        self.locals.truncate(seen);
        self.expect("}")?;
        self.is_shown = true;
        Ok(value)
    }

    fn expression(&mut self) -> Result<Value, Problem> {
        self.operands(0)
    }

    /// Operands with signs between them that bind tighter than `least`.
    fn operands(&mut self, least: u8) -> Result<Value, Problem> {
        let mut left = self.operand()?;
        loop {
            let sign = self.peek();
            let tightness = tightness(sign.text);
            if tightness <= least {
                return Ok(left);
            }
            self.position += 1;
            left = match sign.text {
                "&&" => self.choice(
                    left,
                    |it| it.operands(tightness).map(|right| it.code.truth(right)),
                    |it| Ok(it.code.number(0)),
                )?,
                "||" => self.choice(
                    left,
                    |it| Ok(it.code.number(1)),
                    |it| it.operands(tightness).map(|right| it.code.truth(right)),
                )?,
                _ => {
                    let right = self.operands(tightness)?;
                    self.code.binary(sign.text, sign.column, left, right)
                }
            };
        }
    }

    /// What signs stand between. All that lies in something of its kind does so by this.
    fn operand(&mut self) -> Result<Value, Problem> {
        let word = self.peek();
        if self.depth == MOST_DEPTH {
            let problem = format!(
                "more than {MOST_DEPTH} expressions lie in each other here; define a function for a part"
            );
            return Err(word.problem(problem));
        }
        self.depth += 1;
        let value = self.operand_of(word);
        self.depth -= 1;
        value
    }

    fn operand_of(&mut self, word: Word<'l>) -> Result<Value, Problem> {
        if word.text == "{" {
            return self.block();
        }
        self.position += 1;
        match word.text {
            "if" => self.conditional(),
            "while" => self.repetition(),
            "(" => self.parenthesized(),
            "int" => {
                self.expect("(")?;
                let value = self.parenthesized()?;
                Ok(self.code.widened(value, "i32"))
            }
            "-" if self.peek().is_number() => {
                let number = self.peek().number(true)?;
                self.position += 1;
                Ok(self.code.number(number))
            }
            "-" => self.operand().map(|value| self.code.negated(value)),
            "!" => self.operand().map(|value| self.code.is_zero(value)),
            text if text.starts_with('"') => {
                let mut bytes = word.bytes()?;
                bytes.push(0);
                let data = self.names.text(text, bytes)?;
                Ok(self.code.address(data))
            }
            text if text.starts_with('\'') => match word.bytes()?.as_slice() {
                [byte] => Ok(self.code.number(i64::from(*byte))),
                _ => Err(word.problem("one byte stands between two '; write texts in \"")),
            },
            _ if word.is_number() => Ok(self.code.number(word.number(false)?)),
            _ if word.is_name() && self.accept("(") => self.call(word),
            _ if word.is_name() => {
                let variable = self.variable(word)?;
                Ok(self.code.get(variable))
            }
            _ => {
                self.position -= 1;
                Err(self.unexpected("an expression"))
            }
        }
    }

    /// What stands in parentheses, behind the first.
    fn parenthesized(&mut self) -> Result<Value, Problem> {
        let value = self.expression()?;
        self.expect(")")?;
        Ok(value)
    }

    /// `if`, in either form. Without `else` its value is not worth being shown.
    fn conditional(&mut self) -> Result<Value, Problem> {
        let condition = self.expression()?;
        if !self.accept("then") {
            return self.choice(condition, Self::block, |it| match it.accept("else") {
                true if it.peek().text == "if" => it.operand(),
                true => it.block(),
                false => {
                    it.is_shown = false;
                    Ok(it.code.number(0))
                }
            });
        }
        let value = self.choice(condition, Self::expression, |it| {
            it.expect("else")?;
            it.expression()
        });
        self.is_shown = true;
        value
    }

    /// The first value unless the condition is zero, or else the second: only one of them is computed.
    fn choice(
        &mut self,
        condition: Value,
        first: impl FnOnce(&mut Self) -> Result<Value, Problem>,
        second: impl FnOnce(&mut Self) -> Result<Value, Problem>,
    ) -> Result<Value, Problem> {
        let [yes, no, behind] = self.code.blocks();
        let value = self.code.parameter(behind);
        self.code.branch(condition, [yes, no]);
        self.code.begin(yes);
        let first = first(self)?;
        self.code.jump(behind, &[first]);
        self.code.begin(no);
        let second = second(self)?;
        self.code.jump(behind, &[second]);
        self.code.begin(behind);
        Ok(value)
    }

    fn repetition(&mut self) -> Result<Value, Problem> {
        let [head, inside, behind] = self.code.blocks();
        self.code.jump(head, &[]);
        self.code.begin(head);
        let condition = self.expression()?;
        self.code.branch(condition, [inside, behind]);
        self.code.begin(inside);
        self.block()?;
        self.code.jump(head, &[]);
        self.code.begin(behind);
        self.is_shown = false;
        Ok(self.code.number(0))
    }

    /// A call, behind its opening parenthesis.
    fn call(&mut self, name: Word<'l>) -> Result<Value, Problem> {
        let callable = match self.own {
            Some((own, callable)) if own == name.text => Some(callable),
            _ => self.names.function(name.text)?,
        };
        let callable = callable.ok_or_else(|| self.not_a_function(name))?;
        let mut arguments = Vec::new();
        while !self.accept(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.expression()?);
        }
        let problem = match callable.parameters {
            Some(wanted) if wanted != arguments.len() => format!(
                "`{}` takes {wanted} argument{}, not {}",
                name.text,
                if wanted == 1 { "" } else { "s" },
                arguments.len()
            ),
            _ if arguments.len() > MOST_PARAMETERS => {
                format!("a call takes up to {MOST_PARAMETERS} arguments")
            }
            _ => {
                let Callable { number, result, .. } = callable;
                return Ok(self.code.call(number, &arguments, result));
            }
        };
        Err(name.problem(problem))
    }

    fn not_a_function(&self, name: Word<'_>) -> Problem {
        let text = name.text;
        let problem = match self.find_variable(text) {
            Some(_) => format!("`{text}` is a variable and can't be called"),
            None => format!(
                "there is no function `{text}`; define it, or declare it first: fn {text}(a)"
            ),
        };
        name.problem(problem)
    }

    fn variable(&mut self, name: Word<'_>) -> Result<Place, Problem> {
        if let Some(place) = self.find_variable(name.text) {
            return Ok(place);
        }
        let text = name.text;
        let problem = match self.names.function(text)? {
            Some(_) => format!("`{text}` is a function; call it: {text}(...)"),
            None => format!("there is no variable `{text}`; `let {text} = ...` makes one"),
        };
        Err(name.problem(problem))
    }

    fn find_variable(&self, name: &str) -> Option<Place> {
        let mut locals = self.locals.iter().rev();
        let local = locals.find(|(other, _)| *other == name);
        let local = local.map(|(_, place)| *place);
        local.or_else(|| self.names.variable(name).map(Place::Global))
    }

    fn name(&mut self, wanted: &str) -> Result<Word<'l>, Problem> {
        let word = self.peek();
        if !word.is_name() {
            return Err(self.unexpected(wanted));
        }
        self.position += 1;
        Ok(word)
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let is_there = self.peek().text == wanted;
        self.position += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Problem> {
        match self.accept(wanted) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{wanted}`"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let word = self.peek();
        word.problem(match word.text {
            "" => format!("expected {wanted}, but the line ends here"),
            text => format!("expected {wanted}, not `{text}`"),
        })
    }

    /// The next word. The last one, which is empty, is never taken.
    fn peek(&self) -> Word<'l> {
        self.words[self.position]
    }
}

/// How tight a sign between operands binds; 0 if it is none.
fn tightness(sign: &str) -> u8 {
    match sign {
        "||" => 1,
        "&&" => 2,
        "==" | "!=" | "<" | "<=" | ">" | ">=" => 3,
        "+" | "-" => 4,
        "*" | "/" | "%" => 5,
        _ => 0,
    }
}
