//! From a line to code: recursive descent, by which names are resolved, and Cranelift's representation is built, on the way.
//!
//! ```text
//! line        [fn NAME ( [NAME , ...] ) =] sequence
//! sequence    [expression ; ...]
//! expression  operand [operator operand]...
//! operand     NUMBER | TEXT | [let] NAME [= expression] | NAME ( [expression , ...] ) | - operand | ( sequence )
//!             | if expression { sequence } [else operand] | while expression { sequence } | { sequence }
//! ```
//!
//! Everything has a value, a word of 64 bits: a sequence that of its last expression, and what has none, 0.
//!
//! The module keeps all names: a function `f` of two parameters as `f/2`, a variable `x` as `let x`, a text as it is spelt.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::array;
use core::fmt::Display;

use ironlink::base::{Alignment, Name, Text};
use ironlink::compiler::cranelift::codegen::ir::condcodes::IntCC;
use ironlink::compiler::cranelift::codegen::ir::{
    AbiParam, Function, InstBuilder, MemFlagsData, Signature, Value, types,
};
use ironlink::compiler::cranelift::frontend::{
    FuncInstBuilder, FunctionBuilder, FunctionBuilderContext, Variable,
};
use ironlink::compiler::cranelift::{Cranelift, data_in, function_in};
use ironlink::compiler::{CompiledFunction, Compiler};
use ironlink::jit::{Content, DataId, Declared, FuncId, JitError, JitModule, Linkage, Storage};
use ironlink::memory::MemoryManager;

use super::Problem;
use super::tokens::{first, is_name, is_number};
use crate::exports;

/// How deep operands may lie in each other.
const MOST_DEPTH: usize = 64;

/// What a line that defines no function is called as one. No other can be called so.
pub(super) const LINE: &str = "(line)";

/// What an operator makes of its operands.
#[derive(Clone, Copy)]
enum Operation {
    /// 1 if it is so, or else 0.
    Compare(IntCC),
    Compute(fn(FuncInstBuilder<'_, '_>, Value, Value) -> Value),
}

/// The operators, how tight each binds, and what it does. A division that has no result is a fault.
const OPERATORS: [(&str, u8, Operation); 11] = [
    ("==", 1, Operation::Compare(IntCC::Equal)),
    ("!=", 1, Operation::Compare(IntCC::NotEqual)),
    ("<", 1, Operation::Compare(IntCC::SignedLessThan)),
    ("<=", 1, Operation::Compare(IntCC::SignedLessThanOrEqual)),
    (">", 1, Operation::Compare(IntCC::SignedGreaterThan)),
    (">=", 1, Operation::Compare(IntCC::SignedGreaterThanOrEqual)),
    ("+", 2, Operation::Compute(|ins, a, b| ins.iadd(a, b))),
    ("-", 2, Operation::Compute(|ins, a, b| ins.isub(a, b))),
    ("*", 3, Operation::Compute(|ins, a, b| ins.imul(a, b))),
    ("/", 3, Operation::Compute(|ins, a, b| ins.sdiv(a, b))),
    ("%", 3, Operation::Compute(|ins, a, b| ins.srem(a, b))),
];

/// A line that was understood.
pub(super) struct Line {
    /// What it defines, or is run as.
    pub(super) function: FuncId,
    pub(super) code: CompiledFunction,
    /// Variables that were not there before.
    pub(super) new_variables: Vec<DataId>,
}

/// The value of what was read, or what is wrong with it.
type Parsed<T = Value> = Result<T, Problem>;

/// Reads and compiles a line. All that it refers to is declared in `module`; its texts and new variables are defined there.
///
/// # Errors
/// Says what is wrong with it, and where.
pub(super) fn compile<M: MemoryManager>(
    line: &str,
    compiler: &Cranelift,
    module: &mut JitModule<'_, M>,
) -> Parsed<Line> {
    let config = compiler.isa().frontend_config();
    let mut body = Function::new();
    body.signature.call_conv = config.default_call_conv;
    let mut context = FunctionBuilderContext::new();
    let mut parser = Parser {
        line,
        rest: line.trim_start(),
        depth: 0,
        code: FunctionBuilder::new(&mut body, &mut context),
        module,
        function: None,
        locals: BTreeMap::new(),
        new_variables: Vec::new(),
    };
    let function = parser.header()?;
    let value = parser.sequence()?;
    if !parser.token().is_empty() {
        return Err(parser.expected("an operator, `;` or the end"));
    }
    let new_variables = parser.new_variables;
    parser.code.ins().return_(&[value]);
    parser.code.seal_all_blocks();
    parser.code.finalize(config);
    let code = compiler.compile(Name::from(module.function_name(function)), body)?;
    Ok(Line {
        function,
        code,
        new_variables,
    })
}

struct Parser<'p, 'l, 's, M: MemoryManager> {
    line: &'l str,
    /// What of it was not read yet.
    rest: &'l str,
    depth: usize,
    code: FunctionBuilder<'p>,
    module: &'p mut JitModule<'s, M>,
    /// The function that is defined, if one is, and its variables.
    function: Option<FuncId>,
    locals: BTreeMap<&'l str, Variable>,
    new_variables: Vec<DataId>,
}

impl<'l, M: MemoryManager> Parser<'_, 'l, '_, M> {
    /// Begins the line's function: the one that is defined, or one without parameters.
    fn header(&mut self) -> Parsed<FuncId> {
        let mut parameters = Vec::new();
        let function = if self.accept("fn") {
            let name = self.name()?;
            // Who was linked to it wouldn't see another one.
            if self.is_outside(name) {
                let problem = "this is the kernel's or a module's; choose another name";
                return Err(self.problem(name, problem));
            }
            parameters = self.list(Self::name)?;
            self.expect("=")?;
            let name = format!("{name}/{}", parameters.len());
            let function = self.module.declare_function(&name, Linkage::Local)?;
            *self.function.insert(function)
        } else {
            self.module.declare_function(LINE, Linkage::Local)?
        };
        self.code.func.signature = self.signature(parameters.len());
        let entry = self.code.create_block();
        self.code.append_block_params_for_function_params(entry);
        self.code.switch_to_block(entry);
        for (place, parameter) in parameters.into_iter().enumerate() {
            let value = self.code.block_params(entry)[place];
            self.add_local(parameter, value);
        }
        Ok(function)
    }

    /// So many words in, one out, as C has it.
    fn signature(&self, parameters: usize) -> Signature {
        let word = AbiParam::new(types::I64);
        let mut signature = Signature::new(self.code.func.signature.call_conv);
        signature.params.resize(parameters, word);
        signature.returns.push(word);
        signature
    }

    fn sequence(&mut self) -> Parsed {
        let mut value = self.number(0);
        while !matches!(self.token(), "" | ")" | "}") {
            value = self.expression(0)?;
            if !self.accept(";") {
                break;
            }
        }
        Ok(value)
    }

    fn block(&mut self) -> Parsed {
        self.expect("{")?;
        self.enclosed("}")
    }

    /// A sequence, behind what opens it, and what closes it.
    fn enclosed(&mut self, closing: &str) -> Parsed {
        let value = self.sequence()?;
        self.expect(closing)?;
        Ok(value)
    }

    /// Operands with operators between them that bind tighter than `least`.
    fn expression(&mut self, least: u8) -> Parsed {
        let mut left = self.operand()?;
        loop {
            let token = self.token();
            let operator = OPERATORS.iter().find(|row| row.0 == token);
            let Some((_, tightness, operation)) = operator.filter(|row| row.1 > least) else {
                return Ok(left);
            };
            self.skip(token);
            let right = self.expression(*tightness)?;
            left = match operation {
                Operation::Compute(compute) => compute(self.code.ins(), left, right),
                Operation::Compare(condition) => {
                    let is_so = self.code.ins().icmp(*condition, left, right);
                    self.code.ins().uextend(types::I64, is_so)
                }
            };
        }
    }

    /// What operators stand between. All that lies in something of its kind does so by this.
    fn operand(&mut self) -> Parsed {
        let token = self.token();
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let problem = "too much lies in each other here; define a function for a part";
            return Err(self.problem(token, problem));
        }
        self.skip(token);
        let value = match token {
            "if" => self.conditional()?,
            "while" => self.repetition()?,
            "let" => {
                let name = self.name()?;
                self.declare(name)?;
                self.variable(name)?
            }
            "(" => self.enclosed(")")?,
            "{" => self.enclosed("}")?,
            "-" => {
                let value = self.operand()?;
                self.code.ins().ineg(value)
            }
            _ if token.starts_with('"') => self.text(token)?,
            _ if is_number(token) => {
                let number = token.parse();
                self.number(number.map_err(|error| self.problem(token, error))?)
            }
            _ if is_name(token) && self.token() == "(" => self.call_of(token)?,
            _ if is_name(token) => self.variable(token)?,
            _ => return Err(self.problem(token, "expected an expression")),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn number(&mut self, number: i64) -> Value {
        self.code.ins().iconst(types::I64, number)
    }

    /// `if`, behind the word.
    fn conditional(&mut self) -> Parsed {
        let [yes, no, behind] = array::from_fn(|_| self.code.create_block());
        let chosen = self.code.declare_var(types::I64);
        let condition = self.expression(0)?;
        self.code.ins().brif(condition, yes, &[], no, &[]);
        self.code.switch_to_block(yes);
        let value = self.block()?;
        self.code.def_var(chosen, value);
        self.code.ins().jump(behind, &[]);
        self.code.switch_to_block(no);
        let value = match self.accept("else") {
            true => self.operand()?,
            false => self.number(0),
        };
        self.code.def_var(chosen, value);
        self.code.ins().jump(behind, &[]);
        self.code.switch_to_block(behind);
        Ok(self.code.use_var(chosen))
    }

    /// `while`, behind the word.
    fn repetition(&mut self) -> Parsed {
        let [head, inside, behind] = array::from_fn(|_| self.code.create_block());
        self.code.ins().jump(head, &[]);
        self.code.switch_to_block(head);
        let condition = self.expression(0)?;
        self.code.ins().brif(condition, inside, &[], behind, &[]);
        self.code.switch_to_block(inside);
        self.block()?;
        self.code.ins().jump(head, &[]);
        self.code.switch_to_block(behind);
        Ok(self.number(0))
    }

    /// Makes a variable, which is 0, unless there is one: the function's own, or else one of all lines.
    fn declare(&mut self, name: &'l str) -> Parsed<()> {
        if self.function.is_none() {
            let name = format!("let {name}");
            let is_new = self.module.defined(&name).is_none();
            let data = self.data(&name, Storage::Writable, Content::Zeros(8))?;
            self.new_variables.extend(is_new.then_some(data));
        } else if !self.locals.contains_key(name) {
            let zero = self.number(0);
            self.add_local(name, zero);
        }
        Ok(())
    }

    fn add_local(&mut self, name: &'l str, value: Value) {
        let local = self.code.declare_var(types::I64);
        self.code.def_var(local, value);
        self.locals.insert(name, local);
    }

    /// A variable's value, behind its name, once it has a new one if `=` follows.
    fn variable(&mut self, name: &'l str) -> Parsed {
        let new = self.accept("=").then(|| self.expression(0));
        let new = new.transpose()?;
        if let Some(local) = self.locals.get(name) {
            if let Some(value) = new {
                self.code.def_var(*local, value);
            }
            return Ok(self.code.use_var(*local));
        }
        let Some(Declared::Data(data)) = self.module.defined(&format!("let {name}")) else {
            let problem = format!("there is no variable `{name}`; `let` makes one");
            return Err(self.problem(name, problem));
        };
        let (address, flags) = (self.address(data), MemFlagsData::trusted());
        if let Some(value) = new {
            self.code.ins().store(flags, value, address, 0);
        }
        Ok(self.code.ins().load(types::I64, flags, address, 0))
    }

    /// The address of a text, which a zero follows. It stays once it is linked, and is there once: nobody knows who holds it.
    fn text(&mut self, token: &str) -> Parsed {
        let text = token[1..].strip_suffix('"');
        let text = text.ok_or_else(|| self.problem(token, "this \" has no second one"))?;
        let bytes = format!("{text}\0");
        let data = self.data(token, Storage::ReadOnly, Content::Bytes(bytes.as_bytes()))?;
        Ok(self.address(data))
    }

    /// Data of this name, which may be there already.
    fn data(&mut self, name: &str, storage: Storage, content: Content<'_>) -> Parsed<DataId> {
        let data = self.module.declare_data(name, Linkage::Local, storage)?;
        let module = &mut self.module;
        match module.define_data(data, content, Alignment::EIGHT, &[]) {
            Ok(()) | Err(JitError::AlreadyDefined { .. }) => Ok(data),
            Err(error) => Err(error.into()),
        }
    }

    fn address(&mut self, data: DataId) -> Value {
        let data = data_in(self.code.func, data.number(), true);
        self.code.ins().symbol_value(types::I64, data)
    }

    /// A call, behind the function's name: of what lines defined, or else of what the kernel exports or a module has.
    fn call_of(&mut self, name: &str) -> Parsed {
        let arguments = self.list(|it| it.expression(0))?;
        let own = format!("{name}/{}", arguments.len());
        if let Some(Declared::Function(id)) = self.module.declared(&own)
            && (self.function == Some(id) || self.module.defined(&own).is_some())
        {
            return Ok(self.call(id, &arguments));
        }
        // Modules come before exports of the same name.
        let address = self.module.session().main_dylib().address(name);
        let export = exports::all().find(|export| export.name == name);
        let export = export.filter(|export| Some(export.symbol().address) == address);
        let (is_there, result) = match export.map(|export| export.signature) {
            Some(exports::Signature::Function { parameters, result }) => {
                // Integers of 128 bits take two words each.
                let are_words = parameters.iter().all(|it| !it.ends_with("128"));
                (are_words && parameters.len() == arguments.len(), result)
            }
            // Any number of arguments is given, and an `int` taken, as `printf` has it.
            Some(exports::Signature::Shim) => (true, "i32"),
            Some(exports::Signature::Data { .. }) => (false, ""),
            // Nothing is known of what modules define.
            None => (address.is_some(), "i64"),
        };
        if !is_there {
            let problem = format!("there is no function `{own}`, of so many arguments");
            return Err(self.problem(name, problem));
        }
        let function = self.module.declare_function(name, Linkage::Import)?;
        let value = self.call(function, &arguments);
        Ok(self.widened(value, result))
    }

    /// A word of which a value of a type of C is the lower part: what lies above it can be anything.
    fn widened(&mut self, word: Value, result: &str) -> Value {
        let (narrow, is_signed) = match result {
            "()" | "!" => return self.number(0),
            "bool" | "u8" => (types::I8, false),
            "u16" => (types::I16, false),
            "u32" => (types::I32, false),
            "i8" => (types::I8, true),
            "i16" => (types::I16, true),
            "i32" => (types::I32, true),
            _ => return word,
        };
        let value = self.code.ins().ireduce(narrow, word);
        match is_signed {
            true => self.code.ins().sextend(types::I64, value),
            false => self.code.ins().uextend(types::I64, value),
        }
    }

    fn call(&mut self, function: FuncId, arguments: &[Value]) -> Value {
        let signature = self.signature(arguments.len());
        let function = function_in(self.code.func, function.number(), signature, true);
        let call = self.code.ins().call(function, arguments);
        self.code.inst_results(call)[0]
    }

    /// Whether the kernel or a module defines a name.
    fn is_outside(&self, name: &str) -> bool {
        self.module.session().main_dylib().address(name).is_some()
    }

    /// What stands between parentheses, with commas.
    fn list<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        self.expect("(")?;
        while !self.accept(")") {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn name(&mut self) -> Parsed<&'l str> {
        let token = self.token();
        if !is_name(token) {
            return Err(self.expected("a name"));
        }
        self.skip(token);
        Ok(token)
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        match self.accept(token) {
            true => Ok(()),
            false => Err(self.expected(&format!("`{token}`"))),
        }
    }

    fn accept(&mut self, token: &str) -> bool {
        let is_there = self.token() == token;
        is_there.then(|| self.skip(token)).is_some()
    }

    /// The next token; empty at the end.
    fn token(&self) -> &'l str {
        first(self.rest)
    }

    fn skip(&mut self, token: &str) {
        self.rest = self.rest[token.len()..].trim_start();
    }

    fn expected(&self, what: &str) -> Problem {
        self.problem(self.token(), format!("expected {what}"))
    }

    /// What is wrong with a token, which is a part of the line.
    fn problem(&self, token: &str, message: impl Display) -> Problem {
        Problem {
            message: Text::display(message),
            place: Some(token.as_ptr().addr() - self.line.as_ptr().addr()),
        }
    }
}
