//! From a line's words to what it means: recursive descent, by which names are resolved on the way.
//!
//! ```text
//! line        fn NAME ( parameters ) [= expression | block]      or  statements
//! statements  statement [; statement]...                          no ; is needed behind a }
//! statement   let NAME = expression | NAME = expression | while expression block | expression
//! expression  operands with || && == != < <= > >= + - * / %, each binding tighter than those before
//! operand     NUMBER | TEXT | NAME | NAME ( arguments ) | ( expression ) | - operand | ! operand | block
//!             | if expression then expression else expression | if expression block [else block | else if ...]
//! block       { statements }
//! ```

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Problem;
use super::ast::{Callee, Definition, Expression, Line, Operator, Place, Statements, Unit};
use super::lexer::{self, Token, TokenKind};
use super::names::{Known, Names};

/// How many parameters a function may have, and how many arguments a call: what both machines' ABIs pass in registers.
const MOST_PARAMETERS: usize = 6;

/// How deep expressions may lie in each other.
const MOST_DEPTH: usize = 64;

/// How a sign between two operands is read.
#[derive(Clone, Copy)]
enum Infix {
    And,
    Or,
    Operator(Operator),
}

/// The signs between operands, and how tight each binds.
const INFIXES: &[(&str, u8, Infix)] = &[
    ("||", 1, Infix::Or),
    ("&&", 2, Infix::And),
    ("==", 3, Infix::Operator(Operator::Equal)),
    ("!=", 3, Infix::Operator(Operator::NotEqual)),
    ("<", 3, Infix::Operator(Operator::Less)),
    ("<=", 3, Infix::Operator(Operator::LessOrEqual)),
    (">", 3, Infix::Operator(Operator::Greater)),
    (">=", 3, Infix::Operator(Operator::GreaterOrEqual)),
    ("+", 4, Infix::Operator(Operator::Add)),
    ("-", 4, Infix::Operator(Operator::Subtract)),
    ("*", 5, Infix::Operator(Operator::Multiply)),
    ("/", 5, Infix::Operator(Operator::Divide)),
    ("%", 5, Infix::Operator(Operator::Remainder)),
];

/// Reads a line.
///
/// # Errors
/// Says what is wrong with it, and where.
pub fn parse(line: &str, names: &dyn Names) -> Result<Line, Problem> {
    let tokens = lexer::tokens(line)?;
    let mut parser = Parser {
        tokens: &tokens,
        position: 0,
        names,
        function: None,
        scope: Vec::new(),
        locals: 0,
        callees: Vec::new(),
        texts: Vec::new(),
        new_variables: Vec::new(),
        depth: 0,
        blocks: 0,
    };
    let line = match parser.accept("fn") {
        true => Line::Function(parser.definition()?),
        false => Line::Statements(parser.line_of_statements()?),
    };
    match parser.peek() {
        TokenKind::End => Ok(line),
        _ => Err(parser.unexpected("the end of the line")),
    }
}

struct Parser<'p> {
    tokens: &'p [Token],
    position: usize,
    names: &'p dyn Names,
    /// The function that is defined, with the number of its parameters.
    function: Option<(String, usize)>,
    /// Local variables that can be seen, the innermost last.
    scope: Vec<(String, usize)>,
    locals: usize,
    callees: Vec<Callee>,
    texts: Vec<Vec<u8>>,
    new_variables: Vec<String>,
    depth: usize,
    /// How many blocks this is in.
    blocks: usize,
}

/// A statement, and whether its value is worth being shown.
type Statement = (Expression, bool);

impl Parser<'_> {
    fn definition(&mut self) -> Result<Definition, Problem> {
        let (name, column) = self.name("a name for the function")?;
        self.expect("(")?;
        while !self.accept(")") {
            if self.locals > 0 {
                self.expect(",")?;
            }
            let (parameter, column) = self.name("a parameter's name")?;
            if self.locals == MOST_PARAMETERS {
                let message = format!("a function has up to {MOST_PARAMETERS} parameters");
                return Err(Problem::new(column, message));
            }
            if self.local(&parameter).is_some() {
                let message = format!("there is a parameter `{parameter}` already");
                return Err(Problem::new(column, message));
            }
            self.add_local(parameter);
        }
        let parameters = self.locals;
        self.function = Some((name.clone(), parameters));
        let body = match self.peek() {
            TokenKind::End => None,
            TokenKind::Fixed("{") => Some(self.operand()?),
            _ => {
                self.expect("=")?;
                Some(self.expression()?)
            }
        };
        Ok(Definition {
            name,
            column,
            parameters,
            body: body.map(|body| self.unit(body)),
        })
    }

    fn line_of_statements(&mut self) -> Result<Statements, Problem> {
        let (body, has_value) = self.statements()?;
        Ok(Statements {
            body: self.unit(body),
            new_variables: core::mem::take(&mut self.new_variables),
            has_value,
        })
    }

    fn unit(&mut self, body: Expression) -> Unit {
        Unit {
            locals: self.locals,
            body,
            callees: core::mem::take(&mut self.callees),
            texts: core::mem::take(&mut self.texts),
        }
    }

    /// Statements up to the end of the line, or of the block that they are in.
    fn statements(&mut self) -> Result<Statement, Problem> {
        let mut all = Vec::new();
        let mut has_value = false;
        while !matches!(self.peek(), TokenKind::End | TokenKind::Fixed("}")) {
            let (statement, is_value) = self.statement()?;
            all.push(statement);
            has_value = is_value;
            let is_after_block = self.last() == Some(&TokenKind::Fixed("}"));
            if !self.accept(";") && !is_after_block {
                break;
            }
        }
        Ok((Expression::Block(all), has_value))
    }

    fn statement(&mut self) -> Result<Statement, Problem> {
        let is_assignment = self
            .tokens
            .get(self.position + 1)
            .is_some_and(|it| it.kind == TokenKind::Fixed("="));
        match self.peek() {
            TokenKind::Fixed("let") => Ok((self.declaration()?, false)),
            TokenKind::Fixed("while") => Ok((self.nested(Self::repetition)?, false)),
            TokenKind::Fixed("if") => self.nested(Self::choice),
            TokenKind::Fixed("{") => Ok((self.operand()?, true)),
            TokenKind::Name(_) if is_assignment => {
                let (name, column) = self.name("a name")?;
                let place = self.variable(&name, column)?;
                self.expect("=")?;
                Ok((
                    Expression::Assign(place, Box::new(self.expression()?)),
                    false,
                ))
            }
            _ => Ok((self.expression()?, true)),
        }
    }

    /// `let NAME = expression`: a local variable in functions and blocks, and elsewhere one that stays.
    fn declaration(&mut self) -> Result<Expression, Problem> {
        self.expect("let")?;
        let (name, _) = self.name("a name for the variable")?;
        self.expect("=")?;
        // The variable can't be seen in its own value, but one of the same name can.
        let value = Box::new(self.expression()?);
        let place = if self.function.is_some() || self.blocks > 0 {
            Place::Local(self.add_local(name))
        } else {
            self.global(&name).unwrap_or_else(|| {
                self.new_variables.push(name);
                Place::Global(self.names.variable_count() + self.new_variables.len() - 1)
            })
        };
        Ok(Expression::Assign(place, value))
    }

    fn repetition(&mut self) -> Result<Expression, Problem> {
        self.expect("while")?;
        Ok(Expression::While {
            condition: Box::new(self.expression()?),
            body: Box::new(self.block()?),
        })
    }

    /// `if`, in either form, and whether it has a value: one without `else` has none.
    fn choice(&mut self) -> Result<Statement, Problem> {
        self.expect("if")?;
        let condition = Box::new(self.expression()?);
        let (branches, has_value) = if self.accept("then") {
            let first = self.expression()?;
            self.expect("else")?;
            ([first, self.expression()?], true)
        } else {
            let first = self.block()?;
            match self.accept("else") {
                false => ([first, Expression::Number(0)], false),
                true if *self.peek() == TokenKind::Fixed("if") => {
                    let (other, has_value) = self.nested(Self::choice)?;
                    ([first, other], has_value)
                }
                true => ([first, self.block()?], true),
            }
        };
        let branches = Box::new(branches);
        Ok((
            Expression::If {
                condition,
                branches,
            },
            has_value,
        ))
    }

    fn block(&mut self) -> Result<Expression, Problem> {
        self.expect("{")?;
        let seen = self.scope.len();
        self.blocks += 1;
        let (statements, _) = self.statements()?;
        self.blocks -= 1;
        self.scope.truncate(seen);
        self.expect("}")?;
        Ok(statements)
    }

    fn expression(&mut self) -> Result<Expression, Problem> {
        self.operands(0)
    }

    /// Operands with signs between them that bind tighter than `least`.
    fn operands(&mut self, least: u8) -> Result<Expression, Problem> {
        let mut left = self.operand()?;
        loop {
            let column = self.column();
            let found = match self.peek() {
                TokenKind::Fixed(sign) => INFIXES.iter().find(|(other, ..)| other == sign),
                _ => None,
            };
            let Some(&(_, tightness, infix)) = found.filter(|(_, tightness, _)| *tightness > least)
            else {
                return Ok(left);
            };
            self.position += 1;
            let right = self.operands(tightness)?;
            left = joined(infix, column, left, right);
        }
    }

    fn operand(&mut self) -> Result<Expression, Problem> {
        self.nested(Self::operand_here)
    }

    fn operand_here(&mut self) -> Result<Expression, Problem> {
        let column = self.column();
        match self.peek().clone() {
            TokenKind::Fixed("if") => return Ok(self.choice()?.0),
            TokenKind::Fixed("{") => return self.block(),
            _ => self.position += 1,
        }
        match self.last() {
            Some(&TokenKind::Number(number)) => Ok(Expression::Number(number)),
            Some(TokenKind::Text(text)) => {
                let text = text.clone();
                Ok(Expression::Text(place_of(&mut self.texts, text)))
            }
            Some(TokenKind::Name(name)) => {
                let name = name.clone();
                match self.accept("(") {
                    true => self.call(&name, column),
                    false => Ok(Expression::Variable(self.variable(&name, column)?)),
                }
            }
            Some(TokenKind::Fixed("(")) => {
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(TokenKind::Fixed("-")) => Ok(Expression::Negate(Box::new(self.operand()?))),
            Some(TokenKind::Fixed("!")) => Ok(Expression::Not(Box::new(self.operand()?))),
            _ => {
                self.position -= 1;
                Err(self.unexpected("an expression"))
            }
        }
    }

    /// A call, behind its opening parenthesis.
    fn call(&mut self, name: &str, column: usize) -> Result<Expression, Problem> {
        let known = match &self.function {
            Some((own, parameters)) if own == name => Some(Known {
                callee: Callee::Itself,
                parameters: Some(*parameters),
            }),
            _ => self.names.function(name),
        };
        let known = known.ok_or_else(|| {
            let message = match self.find_variable(name) {
                Some(_) => format!("`{name}` is a variable and can't be called"),
                None => format!(
                    "there is no function `{name}`; define it, or declare it first: fn {name}(a)"
                ),
            };
            Problem::new(column, message)
        })?;
        let mut arguments = Vec::new();
        while !self.accept(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.expression()?);
        }
        let message = match known.parameters {
            Some(wanted) if wanted != arguments.len() => {
                let plural = if wanted == 1 { "" } else { "s" };
                format!(
                    "`{name}` takes {wanted} argument{plural}, not {}",
                    arguments.len()
                )
            }
            _ if arguments.len() > MOST_PARAMETERS => {
                format!("a call takes up to {MOST_PARAMETERS} arguments")
            }
            _ => {
                let callee = place_of(&mut self.callees, known.callee);
                return Ok(Expression::Call { callee, arguments });
            }
        };
        Err(Problem::new(column, message))
    }

    /// Reads something that may lie in more of its kind.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth == MOST_DEPTH {
            let message = format!(
                "more than {MOST_DEPTH} expressions lie in each other here; define a function for a part"
            );
            return Err(Problem::new(self.column(), message));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn variable(&self, name: &str, column: usize) -> Result<Place, Problem> {
        self.find_variable(name).ok_or_else(|| {
            let message = match self.names.function(name) {
                Some(_) => format!("`{name}` is a function; call it: {name}(...)"),
                None => format!("there is no variable `{name}`; `let {name} = ...` makes one"),
            };
            Problem::new(column, message)
        })
    }

    fn find_variable(&self, name: &str) -> Option<Place> {
        self.local(name)
            .map(Place::Local)
            .or_else(|| self.global(name))
    }

    fn local(&self, name: &str) -> Option<usize> {
        let mut seen = self.scope.iter().rev();
        seen.find_map(|(other, number)| (other == name).then_some(*number))
    }

    fn global(&self, name: &str) -> Option<Place> {
        let new = || self.new_variables.iter().position(|other| other == name);
        let number = self.names.variable(name);
        let number = number.or_else(|| Some(self.names.variable_count() + new()?));
        number.map(Place::Global)
    }

    fn add_local(&mut self, name: String) -> usize {
        let number = self.locals;
        self.locals += 1;
        self.scope.push((name, number));
        number
    }

    fn name(&mut self, wanted: &str) -> Result<(String, usize), Problem> {
        let column = self.column();
        let TokenKind::Name(name) = self.peek().clone() else {
            return Err(self.unexpected(wanted));
        };
        self.position += 1;
        Ok((name, column))
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let is_there = matches!(self.peek(), TokenKind::Fixed(found) if *found == wanted);
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
        let message = match self.peek() {
            TokenKind::Number(number) => format!("expected {wanted}, not {number}"),
            TokenKind::Text(_) => format!("expected {wanted}, not a text"),
            TokenKind::Name(name) => format!("expected {wanted}, not `{name}`"),
            TokenKind::Fixed(sign) => format!("expected {wanted}, not `{sign}`"),
            TokenKind::End => format!("expected {wanted}, but the line ends here"),
        };
        Problem::new(self.column(), message)
    }

    fn peek(&self) -> &TokenKind {
        self.tokens
            .get(self.position)
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    fn column(&self) -> usize {
        let token = self.tokens.get(self.position).or(self.tokens.last());
        token.map_or(0, |token| token.column)
    }

    /// The word that was read last.
    fn last(&self) -> Option<&TokenKind> {
        let token = self.tokens.get(self.position.checked_sub(1)?)?;
        Some(&token.kind)
    }
}

/// What a sign makes of its operands.
fn joined(infix: Infix, column: usize, left: Expression, right: Expression) -> Expression {
    let choice = |condition, branches| Expression::If {
        condition: Box::new(condition),
        branches: Box::new(branches),
    };
    let truth = |value| Expression::Not(Box::new(Expression::Not(Box::new(value))));
    match infix {
        Infix::And => choice(left, [truth(right), Expression::Number(0)]),
        Infix::Or => choice(left, [Expression::Number(1), truth(right)]),
        Infix::Operator(operator) => Expression::Binary {
            operator,
            column,
            operands: Box::new([left, right]),
        },
    }
}

/// The place of an item, which is added unless it is there.
fn place_of<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    let place = items.iter().position(|other| *other == item);
    place.unwrap_or_else(|| {
        items.push(item);
        items.len() - 1
    })
}
