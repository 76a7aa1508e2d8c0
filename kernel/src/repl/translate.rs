//! From what a line means to Cranelift's representation of a function.

use alloc::vec::Vec;

use ironlink::compiler::cranelift::codegen::ir::condcodes::IntCC;
use ironlink::compiler::cranelift::codegen::ir::{
    AbiParam, BlockArg, ExtFuncData, ExternalName, FuncRef, Function, GlobalValueData, InstBuilder,
    MemFlagsData, Signature, SourceLoc, TrapCode, Type, UserExternalName, UserFuncName, Value,
    types,
};
use ironlink::compiler::cranelift::frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use ironlink::compiler::cranelift::{Cranelift, data_name, function_name};

use super::ast::{Callee, Expression, Operator, Place, ResultWidth, Unit};

/// The trap of a function that was declared only.
pub(super) const NOT_DEFINED: u8 = 1;

/// What the numbers of a unit are in the module that it is compiled for.
pub(super) struct Numbers {
    /// The function that it is.
    pub(super) itself: u32,
    /// For each callee, its function.
    pub(super) callees: Vec<u32>,
    /// For each text, its data.
    pub(super) texts: Vec<u32>,
    /// For each variable, its data.
    pub(super) variables: Vec<u32>,
}

/// A unit as a function of so many words that gives one. Where it divides, its source position is one more than the column.
pub(super) fn translate(
    unit: &Unit,
    parameters: usize,
    numbers: &Numbers,
    compiler: &Cranelift,
) -> Function {
    function(parameters, numbers.itself, compiler, |builder| {
        let locals = (0..unit.locals)
            .map(|_| builder.declare_var(types::I64))
            .collect();
        let mut translator = Translator {
            builder,
            unit,
            numbers,
            compiler,
            locals,
            callees: Vec::new(),
        };
        translator.enter(parameters);
        let result = translator.value(&unit.body);
        translator.builder.ins().return_(&[result]);
    })
}

/// A function that traps when it is called.
pub(super) fn not_defined(parameters: usize, itself: u32, compiler: &Cranelift) -> Function {
    function(parameters, itself, compiler, |builder| {
        builder.ins().trap(TrapCode::unwrap_user(NOT_DEFINED));
    })
}

fn function(
    parameters: usize,
    itself: u32,
    compiler: &Cranelift,
    fill: impl FnOnce(&mut FunctionBuilder<'_>),
) -> Function {
    let name = UserFuncName::User(function_name(itself));
    let mut function = Function::with_name_signature(name, signature(parameters, compiler));
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    fill(&mut builder);
    builder.seal_all_blocks();
    builder.finalize(compiler.isa().frontend_config());
    function
}

/// So many words in, one out, as C has it.
fn signature(parameters: usize, compiler: &Cranelift) -> Signature {
    let mut signature = Signature::new(compiler.isa().default_call_conv());
    signature.params = (0..parameters).map(|_| AbiParam::new(types::I64)).collect();
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

struct Translator<'t, 'f> {
    builder: &'t mut FunctionBuilder<'f>,
    unit: &'t Unit,
    numbers: &'t Numbers,
    compiler: &'t Cranelift,
    locals: Vec<Variable>,
    /// What was called so far, by callee and number of arguments.
    callees: Vec<(usize, usize, FuncRef)>,
}

impl Translator<'_, '_> {
    /// Gives locals their first values: arguments, or zero.
    fn enter(&mut self, parameters: usize) {
        let entry = self.builder.current_block();
        let arguments =
            entry.map_or_else(Vec::new, |entry| self.builder.block_params(entry).to_vec());
        for place in 0..self.unit.locals {
            let value = match arguments.get(place) {
                Some(argument) if place < parameters => *argument,
                _ => self.number(0),
            };
            self.builder.def_var(self.locals[place], value);
        }
    }

    fn value(&mut self, expression: &Expression) -> Value {
        match expression {
            Expression::Number(number) => self.number(*number),
            Expression::Text(text) => self.address_of(self.numbers.texts[*text]),
            Expression::Variable(Place::Local(local)) => self.builder.use_var(self.locals[*local]),
            Expression::Variable(Place::Global(global)) => {
                let address = self.address_of(self.numbers.variables[*global]);
                self.builder
                    .ins()
                    .load(types::I64, MemFlagsData::trusted(), address, 0)
            }
            Expression::Assign(place, value) => {
                let value = self.value(value);
                self.assign(*place, value);
                value
            }
            Expression::Negate(value) => {
                let value = self.value(value);
                self.builder.ins().ineg(value)
            }
            Expression::Not(value) => {
                let value = self.value(value);
                self.is(IntCC::Equal, value, 0)
            }
            Expression::Binary {
                operator,
                column,
                operands,
            } => {
                let [left, right] = &**operands;
                let (left, right) = (self.value(left), self.value(right));
                self.binary(*operator, *column, left, right)
            }
            Expression::Call { callee, arguments } => {
                let values: Vec<Value> = arguments
                    .iter()
                    .map(|argument| self.value(argument))
                    .collect();
                self.call(*callee, &values)
            }
            Expression::If {
                condition,
                branches,
            } => self.choice(condition, branches),
            Expression::While { condition, body } => self.repetition(condition, body),
            Expression::Block(all) => {
                let last = all.iter().map(|statement| self.value(statement)).last();
                last.unwrap_or_else(|| self.number(0))
            }
        }
    }

    fn number(&mut self, number: i64) -> Value {
        self.builder.ins().iconst(types::I64, number)
    }

    fn assign(&mut self, place: Place, value: Value) {
        match place {
            Place::Local(local) => self.builder.def_var(self.locals[local], value),
            Place::Global(global) => {
                let address = self.address_of(self.numbers.variables[global]);
                self.builder
                    .ins()
                    .store(MemFlagsData::trusted(), value, address, 0);
            }
        }
    }

    fn address_of(&mut self, data: u32) -> Value {
        let name = self.name(data_name(data));
        let data = self.builder.create_global_value(GlobalValueData::Symbol {
            name,
            offset: 0.into(),
            colocated: true,
            tls: false,
        });
        self.builder.ins().symbol_value(types::I64, data)
    }

    fn name(&mut self, name: UserExternalName) -> ExternalName {
        ExternalName::user(self.builder.func.declare_imported_user_function(name))
    }

    /// 1 if the value compares so with a number, or else 0.
    fn is(&mut self, condition: IntCC, value: Value, number: i64) -> Value {
        let number = self.number(number);
        self.compared(condition, value, number)
    }

    fn compared(&mut self, condition: IntCC, left: Value, right: Value) -> Value {
        let is_so = self.builder.ins().icmp(condition, left, right);
        self.builder.ins().uextend(types::I64, is_so)
    }

    fn binary(&mut self, operator: Operator, column: usize, left: Value, right: Value) -> Value {
        let condition = match operator {
            Operator::Add => return self.builder.ins().iadd(left, right),
            Operator::Subtract => return self.builder.ins().isub(left, right),
            Operator::Multiply => return self.builder.ins().imul(left, right),
            Operator::Divide | Operator::Remainder => {
                return self.divided(operator, column, left, right);
            }
            Operator::Equal => IntCC::Equal,
            Operator::NotEqual => IntCC::NotEqual,
            Operator::Less => IntCC::SignedLessThan,
            Operator::LessOrEqual => IntCC::SignedLessThanOrEqual,
            Operator::Greater => IntCC::SignedGreaterThan,
            Operator::GreaterOrEqual => IntCC::SignedGreaterThanOrEqual,
        };
        self.compared(condition, left, right)
    }

    /// The quotient, or what it leaves. Dividing by -1 is done without a division: of the least number it would trap, where it
    /// is to wrap.
    fn divided(&mut self, operator: Operator, column: usize, left: Value, right: Value) -> Value {
        let minus_one = self.number(-1);
        let is_minus_one = self.builder.ins().icmp(IntCC::Equal, right, minus_one);
        let one = self.number(1);
        let divisor = self.builder.ins().select(is_minus_one, one, right);
        let position = u32::try_from(column).map_or(u32::MAX - 1, |column| column + 1);
        self.builder.set_srcloc(SourceLoc::new(position));
        let result = match operator {
            Operator::Remainder => self.builder.ins().srem(left, divisor),
            _ => self.builder.ins().sdiv(left, divisor),
        };
        self.builder.set_srcloc(SourceLoc::default());
        if operator == Operator::Remainder {
            return result;
        }
        let negated = self.builder.ins().ineg(left);
        self.builder.ins().select(is_minus_one, negated, result)
    }

    fn call(&mut self, callee: usize, arguments: &[Value]) -> Value {
        let function = self.function(callee, arguments.len());
        let call = self.builder.ins().call(function, arguments);
        let result = self.builder.inst_results(call)[0];
        match &self.unit.callees[callee] {
            Callee::Session { result: width, .. } => self.widened(result, *width),
            Callee::Itself | Callee::Function(_) => result,
        }
    }

    /// What is called, with so many arguments.
    fn function(&mut self, callee: usize, arguments: usize) -> FuncRef {
        let mut known = self.callees.iter();
        if let Some((.., function)) = known.find(|it| (it.0, it.1) == (callee, arguments)) {
            return *function;
        }
        let signature = self
            .builder
            .import_signature(signature(arguments, self.compiler));
        let name = self.name(function_name(self.numbers.callees[callee]));
        let function = self.builder.import_function(ExtFuncData {
            name,
            signature,
            colocated: true,
            patchable: false,
        });
        self.callees.push((callee, arguments, function));
        function
    }

    /// A result of C's as a whole word: what lies above it in its register can be anything.
    fn widened(&mut self, result: Value, width: ResultWidth) -> Value {
        let (bits, is_signed) = match width {
            ResultWidth::Whole => return result,
            ResultWidth::Nothing => return self.number(0),
            ResultWidth::Signed(bits) => (bits, true),
            ResultWidth::Unsigned(bits) => (bits, false),
        };
        let Some(narrow) = Type::int(u16::from(bits)).filter(|narrow| narrow.bits() < 64) else {
            return result;
        };
        let result = self.builder.ins().ireduce(narrow, result);
        match is_signed {
            true => self.builder.ins().sextend(types::I64, result),
            false => self.builder.ins().uextend(types::I64, result),
        }
    }

    fn choice(&mut self, condition: &Expression, branches: &[Expression; 2]) -> Value {
        let condition = self.value(condition);
        let blocks = [self.builder.create_block(), self.builder.create_block()];
        let joined = self.builder.create_block();
        let value = self.builder.append_block_param(joined, types::I64);
        self.builder
            .ins()
            .brif(condition, blocks[0], &[], blocks[1], &[]);
        for (block, branch) in blocks.into_iter().zip(branches) {
            self.builder.switch_to_block(block);
            let value = self.value(branch);
            self.builder.ins().jump(joined, &[BlockArg::Value(value)]);
        }
        self.builder.switch_to_block(joined);
        value
    }

    fn repetition(&mut self, condition: &Expression, body: &Expression) -> Value {
        let [head, inside, behind] = core::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().jump(head, &[]);
        self.builder.switch_to_block(head);
        let condition = self.value(condition);
        self.builder.ins().brif(condition, inside, &[], behind, &[]);
        self.builder.switch_to_block(inside);
        self.value(body);
        self.builder.ins().jump(head, &[]);
        self.builder.switch_to_block(behind);
        self.number(0)
    }
}
