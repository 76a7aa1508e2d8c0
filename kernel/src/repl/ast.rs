//! What a line means, once its names are resolved: functions, variables and texts by number.
//!
//! All values are words of 64 bits, and every expression has one.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// A line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// Defines a function, or declares it.
    Function(Definition),
    /// Is run at once.
    Statements(Statements),
}

/// A function about to be defined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The column of the name.
    pub column: usize,
    /// How many parameters it has.
    pub parameters: usize,
    /// What it does; `None` if that is to come in a later line.
    pub body: Option<Unit>,
}

/// Statements that are run at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statements {
    /// What they do.
    pub body: Unit,
    /// The names of variables that are new; they have the numbers that follow those of the variables that there are.
    pub new_variables: Vec<String>,
    /// Whether the value is worth being shown: the last statement is an expression.
    pub has_value: bool,
}

/// What is compiled as one function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    /// How many local variables there are, the parameters among them, which are the first.
    pub locals: usize,
    /// What is done; its value is the result.
    pub body: Expression,
    /// What is called.
    pub callees: Vec<Callee>,
    /// The texts that are pointed to, without the zeros that end them.
    pub texts: Vec<Vec<u8>>,
}

/// What a unit calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Callee {
    /// The function that it is.
    Itself,
    /// A function that was defined here, by its number.
    Function(usize),
    /// What the session knows by this name.
    Session {
        /// The name.
        name: String,
        /// What it returns.
        result: ResultWidth,
    },
}

/// How much of the word that a function returns is its result, and how that is made whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResultWidth {
    /// All of it.
    Whole,
    /// So many bits, signed.
    Signed(u8),
    /// So many bits, unsigned.
    Unsigned(u8),
    /// None: the result is 0.
    Nothing,
}

/// Something that has a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expression {
    /// A number.
    Number(i64),
    /// The address of one of the unit's texts.
    Text(usize),
    /// What a variable holds.
    Variable(Place),
    /// Gives a variable the value, which is this expression's, too.
    Assign(Place, Box<Expression>),
    /// The value subtracted from zero.
    Negate(Box<Expression>),
    /// 1 if the value is zero, or else 0.
    Not(Box<Expression>),
    /// Two values make one.
    Binary {
        /// How.
        operator: Operator,
        /// Where the operator stands.
        column: usize,
        /// The values.
        operands: Box<[Expression; 2]>,
    },
    /// What a function gives.
    Call {
        /// The place among the unit's callees.
        callee: usize,
        /// What it is given.
        arguments: Vec<Expression>,
    },
    /// One of two values.
    If {
        /// Is not zero for the first.
        condition: Box<Expression>,
        /// The values.
        branches: Box<[Expression; 2]>,
    },
    /// Done again and again; its value is 0.
    While {
        /// As long as this is not zero.
        condition: Box<Expression>,
        /// What is done.
        body: Box<Expression>,
    },
    /// One after the other; the last one's value, or 0.
    Block(Vec<Expression>),
}

/// A variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Of the unit.
    Local(usize),
    /// Of all lines.
    Global(usize),
}

/// What makes one value of two. Sums, differences and products wrap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, towards zero. Division by zero ends the line.
    Divide,
    /// `%`, what `/` leaves, with the sign of the first.
    Remainder,
    /// `==`; this one and those that follow give 1 or 0.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}
