//! The code of one function: Cranelift's representation of each thing that the language has, a step at a time.

use alloc::vec::Vec;

use ironlink::compiler::cranelift::codegen::ir::condcodes::IntCC;
use ironlink::compiler::cranelift::codegen::ir::{
    AbiParam, Block, BlockArg, ExtFuncData, ExternalName, GlobalValueData, InstBuilder,
    MemFlagsData, Signature, SourceLoc, TrapCode, UserExternalName, Value, types,
};
use ironlink::compiler::cranelift::codegen::isa::TargetFrontendConfig;
use ironlink::compiler::cranelift::frontend::{FunctionBuilder, Variable};
use ironlink::compiler::cranelift::{data_name, function_name};

/// The trap of a function that was declared only.
const NOT_DEFINED: TrapCode = TrapCode::unwrap_user(1);

/// Code that is being made. Functions and data have the numbers of the module that it is for.
pub(super) struct Code<'f> {
    builder: FunctionBuilder<'f>,
    config: TargetFrontendConfig,
}

/// A variable.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Of the function.
    Local(Variable),
    /// Of all lines: the data that holds it.
    Global(u32),
}

/// How a function ends.
pub(super) enum End {
    /// It gives this.
    Result(Value),
    /// By a trap: it is declared only, at this column.
    NotDefined { column: usize },
}

impl<'f> Code<'f> {
    pub(super) fn new(builder: FunctionBuilder<'f>, config: TargetFrontendConfig) -> Self {
        Self { builder, config }
    }

    /// Begins the function. Gives its arguments.
    pub(super) fn enter(&mut self, parameters: usize) -> Vec<Value> {
        self.builder.func.signature = self.signature(parameters);
        let [entry] = self.blocks();
        self.builder.append_block_params_for_function_params(entry);
        self.begin(entry);
        self.builder.block_params(entry).to_vec()
    }

    /// Ends the function.
    pub(super) fn leave(mut self, end: End) {
        match end {
            End::Result(result) => self.builder.ins().return_(&[result]),
            End::NotDefined { column } => self.at(column).builder.ins().trap(NOT_DEFINED),
        };
        self.builder.seal_all_blocks();
        self.builder.finalize(self.config);
    }

    /// So many words in, one out, as C has it.
    fn signature(&self, parameters: usize) -> Signature {
        let mut signature = Signature::new(self.config.default_call_conv);
        signature.params = Vec::from_iter((0..parameters).map(|_| AbiParam::new(types::I64)));
        signature.returns.push(AbiParam::new(types::I64));
        signature
    }

    /// What follows stands at this column of the source.
    fn at(&mut self, column: usize) -> &mut Self {
        let position = u32::try_from(column).map_or_else(|_| SourceLoc::default(), SourceLoc::new);
        self.builder.set_srcloc(position);
        self
    }

    pub(super) fn number(&mut self, number: i64) -> Value {
        self.builder.ins().iconst(types::I64, number)
    }

    /// A new variable of the function's own.
    pub(super) fn local(&mut self) -> Place {
        Place::Local(self.builder.declare_var(types::I64))
    }

    pub(super) fn set(&mut self, place: Place, value: Value) {
        match place {
            Place::Local(local) => self.builder.def_var(local, value),
            Place::Global(data) => {
                let address = self.address(data);
                let flags = MemFlagsData::trusted();
                self.builder.ins().store(flags, value, address, 0);
            }
        }
    }

    pub(super) fn get(&mut self, place: Place) -> Value {
        match place {
            Place::Local(local) => self.builder.use_var(local),
            Place::Global(data) => {
                let address = self.address(data);
                let flags = MemFlagsData::trusted();
                self.builder.ins().load(types::I64, flags, address, 0)
            }
        }
    }

    /// The address of data.
    pub(super) fn address(&mut self, data: u32) -> Value {
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

    /// What a function gives, of which C knows the result by this name.
    pub(super) fn call(&mut self, function: u32, arguments: &[Value], result: &str) -> Value {
        let signature = self.signature(arguments.len());
        let signature = self.builder.import_signature(signature);
        let name = self.name(function_name(function));
        let function = self.builder.import_function(ExtFuncData {
            name,
            signature,
            colocated: true,
            patchable: false,
        });
        let call = self.builder.ins().call(function, arguments);
        let value = self.builder.inst_results(call)[0];
        self.widened(value, result)
    }

    /// A word of which a value of C's type is the lower part; what lies above it can be anything.
    pub(super) fn widened(&mut self, value: Value, kind: &str) -> Value {
        let (narrow, is_signed) = match kind {
            "()" | "!" => return self.number(0),
            "bool" | "u8" => (types::I8, false),
            "u16" => (types::I16, false),
            "u32" => (types::I32, false),
            "i8" => (types::I8, true),
            "i16" => (types::I16, true),
            "i32" => (types::I32, true),
            _ => return value,
        };
        let value = self.builder.ins().ireduce(narrow, value);
        match is_signed {
            true => self.builder.ins().sextend(types::I64, value),
            false => self.builder.ins().uextend(types::I64, value),
        }
    }

    pub(super) fn negated(&mut self, value: Value) -> Value {
        self.builder.ins().ineg(value)
    }

    /// 1 if the value is zero, or else 0.
    pub(super) fn is_zero(&mut self, value: Value) -> Value {
        let zero = self.number(0);
        self.compared(IntCC::Equal, value, zero)
    }

    /// 0 if the value is zero, or else 1.
    pub(super) fn truth(&mut self, value: Value) -> Value {
        let zero = self.number(0);
        self.compared(IntCC::NotEqual, value, zero)
    }

    fn compared(&mut self, condition: IntCC, left: Value, right: Value) -> Value {
        let is_so = self.builder.ins().icmp(condition, left, right);
        self.builder.ins().uextend(types::I64, is_so)
    }

    /// What a sign, which stands at a column, makes of its operands. Sums, differences and products wrap.
    pub(super) fn binary(&mut self, sign: &str, column: usize, left: Value, right: Value) -> Value {
        let condition = match sign {
            "+" => return self.builder.ins().iadd(left, right),
            "-" => return self.builder.ins().isub(left, right),
            "*" => return self.builder.ins().imul(left, right),
            "/" | "%" => return self.divided(sign, column, left, right),
            "==" => IntCC::Equal,
            "!=" => IntCC::NotEqual,
            "<" => IntCC::SignedLessThan,
            "<=" => IntCC::SignedLessThanOrEqual,
            ">" => IntCC::SignedGreaterThan,
            _ => IntCC::SignedGreaterThanOrEqual,
        };
        self.compared(condition, left, right)
    }

    /// The quotient towards zero, or what it leaves. Dividing by -1 is done without a division: of the least number it would
    /// trap, where it is to wrap.
    fn divided(&mut self, sign: &str, column: usize, left: Value, right: Value) -> Value {
        let minus_one = self.number(-1);
        let is_minus_one = self.builder.ins().icmp(IntCC::Equal, right, minus_one);
        let one = self.number(1);
        let divisor = self.builder.ins().select(is_minus_one, one, right);
        self.at(column);
        if sign == "%" {
            return self.builder.ins().srem(left, divisor);
        }
        let quotient = self.builder.ins().sdiv(left, divisor);
        let negated = self.builder.ins().ineg(left);
        self.builder.ins().select(is_minus_one, negated, quotient)
    }

    pub(super) fn blocks<const N: usize>(&mut self) -> [Block; N] {
        core::array::from_fn(|_| self.builder.create_block())
    }

    /// What follows belongs to this block.
    pub(super) fn begin(&mut self, block: Block) {
        self.builder.switch_to_block(block);
    }

    /// The value that a block is entered with.
    pub(super) fn parameter(&mut self, block: Block) -> Value {
        self.builder.append_block_param(block, types::I64)
    }

    pub(super) fn jump(&mut self, block: Block, arguments: &[Value]) {
        let arguments = Vec::from_iter(arguments.iter().copied().map(BlockArg::Value));
        self.builder.ins().jump(block, &arguments);
    }

    /// Goes on in the first block unless the condition is zero, or else in the second.
    pub(super) fn branch(&mut self, condition: Value, [first, second]: [Block; 2]) {
        self.builder.ins().brif(condition, first, &[], second, &[]);
    }
}
