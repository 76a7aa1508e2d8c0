//! What makes building functions short: a unit that declares and defines, and a body with loops.

use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature, Type, Value, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_module::{DataDescription, DataId, FuncId, Linkage, Module, ModuleResult};

use crate::Case;

/// A module about to be filled, and what is to be called in it.
pub(crate) struct Unit<'m> {
    pub(crate) module: &'m mut dyn Module,
    context: Context,
    builder_context: FunctionBuilderContext,
    cases: Vec<Case>,
}

impl<'m> Unit<'m> {
    pub(crate) fn new(module: &'m mut dyn Module) -> Self {
        let context = module.make_context();
        Self {
            module,
            context,
            builder_context: FunctionBuilderContext::new(),
            cases: Vec::new(),
        }
    }

    pub(crate) fn into_cases(self) -> Vec<Case> {
        self.cases
    }

    /// Notes what `function` must return for `arguments`.
    pub(crate) fn expect(
        &mut self,
        name: &'static str,
        function: FuncId,
        arguments: [i64; 2],
        expected: i64,
    ) {
        self.cases.push(Case {
            name,
            function,
            arguments,
            expected,
        });
    }

    /// The signature of functions of so many integers that return one.
    pub(crate) fn integers(&self, parameters: usize) -> Signature {
        self.signature(&vec![types::I64; parameters], types::I64)
    }

    pub(crate) fn signature(&self, parameters: &[Type], result: Type) -> Signature {
        let mut signature = self.module.make_signature();
        (signature.params).extend(parameters.iter().map(|&it| AbiParam::new(it)));
        signature.returns.push(AbiParam::new(result));
        signature
    }

    pub(crate) fn declare(
        &mut self,
        name: &str,
        linkage: Linkage,
        parameters: usize,
    ) -> ModuleResult<FuncId> {
        let signature = self.integers(parameters);
        self.module.declare_function(name, linkage, &signature)
    }

    /// A function that is called from outside.
    pub(crate) fn entry(
        &mut self,
        name: &str,
        body: impl FnOnce(&mut Body<'_>) -> Value,
    ) -> ModuleResult<FuncId> {
        let function = self.declare(name, Linkage::Export, 2)?;
        self.define(function, body)?;
        Ok(function)
    }

    /// Defines `function`: it returns what `body` gives.
    pub(crate) fn define(
        &mut self,
        function: FuncId,
        body: impl FnOnce(&mut Body<'_>) -> Value,
    ) -> ModuleResult<()> {
        let declarations = self.module.declarations();
        let signature = &declarations.get_function_decl(function).signature;
        self.context.func.signature = signature.clone();
        let config = self.module.target_config();
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder_context);
        let block = builder.create_block();
        builder.append_block_params_for_function_params(block);
        builder.switch_to_block(block);
        builder.seal_block(block);
        let arguments = builder.block_params(block).to_vec();
        let mut function_body = Body {
            builder,
            module: &mut *self.module,
            arguments,
        };
        let result = body(&mut function_body);
        let mut builder = function_body.builder;
        builder.ins().return_(&[result]);
        builder.finalize(config);
        self.module.define_function(function, &mut self.context)?;
        assert!(
            self.context.compiled_code().is_some(),
            "the context holds what was compiled"
        );
        self.module.clear_context(&mut self.context);
        Ok(())
    }

    /// Data that holds these bytes.
    pub(crate) fn bytes(
        &mut self,
        name: &str,
        is_writable: bool,
        bytes: &[u8],
    ) -> ModuleResult<DataId> {
        let id = (self.module).declare_data(name, Linkage::Local, is_writable, false)?;
        self.fill(id, bytes)?;
        Ok(id)
    }

    /// Data without a name that holds these bytes.
    pub(crate) fn anonymous(&mut self, bytes: &[u8]) -> ModuleResult<DataId> {
        let id = self.module.declare_anonymous_data(false, false)?;
        self.fill(id, bytes)?;
        Ok(id)
    }

    fn fill(&mut self, id: DataId, bytes: &[u8]) -> ModuleResult<()> {
        let mut description = DataDescription::new();
        description.define(bytes.into());
        description.set_align(16);
        self.module.define_data(id, &description)
    }

    /// Writable data that is zero at first.
    pub(crate) fn zeros(&mut self, name: &str, size_bytes: usize) -> ModuleResult<DataId> {
        let id = (self.module).declare_data(name, Linkage::Hidden, true, false)?;
        let mut description = DataDescription::new();
        description.define_zeroinit(size_bytes);
        description.set_align(16);
        self.module.define_data(id, &description)?;
        Ok(id)
    }
}

/// A function about to be built.
pub(crate) struct Body<'a> {
    pub(crate) builder: FunctionBuilder<'a>,
    pub(crate) module: &'a mut dyn Module,
    pub(crate) arguments: Vec<Value>,
}

impl Body<'_> {
    pub(crate) fn argument(&self, place: usize) -> Value {
        self.arguments[place]
    }

    pub(crate) fn integer(&mut self, value: i64) -> Value {
        self.builder.ins().iconst(types::I64, value)
    }

    pub(crate) fn variable(&mut self, first: Value) -> Variable {
        let kind = self.builder.func.dfg.value_type(first);
        let variable = self.builder.declare_var(kind);
        self.builder.def_var(variable, first);
        variable
    }

    pub(crate) fn counter(&mut self, first: i64) -> Variable {
        let first = self.integer(first);
        self.variable(first)
    }

    pub(crate) fn get(&mut self, variable: Variable) -> Value {
        self.builder.use_var(variable)
    }

    pub(crate) fn set(&mut self, variable: Variable, value: Value) {
        self.builder.def_var(variable, value);
    }

    pub(crate) fn add_to(&mut self, variable: Variable, value: Value) {
        let known = self.get(variable);
        let sum = self.builder.ins().iadd(known, value);
        self.set(variable, sum);
    }

    pub(crate) fn advance(&mut self, variable: Variable) {
        let one = self.integer(1);
        self.add_to(variable, one);
    }

    pub(crate) fn compare(&mut self, condition: IntCC, one: Value, other: Value) -> Value {
        self.builder.ins().icmp(condition, one, other)
    }

    pub(crate) fn call(&mut self, function: FuncId, arguments: &[Value]) -> Value {
        let callee = (self.module).declare_func_in_func(function, self.builder.func);
        let call = self.builder.ins().call(callee, arguments);
        self.builder.inst_results(call)[0]
    }

    pub(crate) fn address_of_function(&mut self, function: FuncId) -> Value {
        let function = (self.module).declare_func_in_func(function, self.builder.func);
        self.builder.ins().func_addr(types::I64, function)
    }

    pub(crate) fn address_of_data(&mut self, data: DataId) -> Value {
        let data = self.module.declare_data_in_func(data, self.builder.func);
        self.builder.ins().symbol_value(types::I64, data)
    }

    /// The address of element `index` of an array of elements of eight bytes.
    pub(crate) fn element(&mut self, array: Value, index: Value) -> Value {
        let offset = self.builder.ins().ishl_imm_s(index, 3);
        self.builder.ins().iadd(array, offset)
    }

    pub(crate) fn load(&mut self, kind: Type, address: Value) -> Value {
        let flags = MemFlagsData::trusted();
        self.builder.ins().load(kind, flags, address, 0)
    }

    pub(crate) fn load_byte(&mut self, address: Value) -> Value {
        let byte = self.load(types::I8, address);
        self.builder.ins().uextend(types::I64, byte)
    }

    pub(crate) fn store(&mut self, value: Value, address: Value) {
        let flags = MemFlagsData::trusted();
        self.builder.ins().store(flags, value, address, 0);
    }

    /// Runs `body` as long as `condition` isn't zero.
    pub(crate) fn while_true(
        &mut self,
        condition: impl FnOnce(&mut Self) -> Value,
        body: impl FnOnce(&mut Self),
    ) {
        let head = self.builder.create_block();
        let inside = self.builder.create_block();
        let after = self.builder.create_block();
        self.builder.ins().jump(head, &[]);
        self.builder.switch_to_block(head);
        let is_true = condition(self);
        self.builder.ins().brif(is_true, inside, &[], after, &[]);
        self.builder.switch_to_block(inside);
        self.builder.seal_block(inside);
        body(self);
        self.builder.ins().jump(head, &[]);
        self.builder.seal_block(head);
        self.builder.switch_to_block(after);
        self.builder.seal_block(after);
    }

    /// Runs `body` with the numbers from `first` to one before `end`.
    pub(crate) fn count(&mut self, first: i64, end: Value, body: impl FnOnce(&mut Self, Value)) {
        let counter = self.counter(first);
        self.while_true(
            |it| {
                let now = it.get(counter);
                it.compare(IntCC::SignedLessThan, now, end)
            },
            |it| {
                let now = it.get(counter);
                body(it, now);
                it.advance(counter);
            },
        );
    }

    /// Runs `body` if `condition` isn't zero.
    pub(crate) fn if_true(&mut self, condition: Value, body: impl FnOnce(&mut Self)) {
        let inside = self.builder.create_block();
        let after = self.builder.create_block();
        self.builder.ins().brif(condition, inside, &[], after, &[]);
        self.builder.switch_to_block(inside);
        self.builder.seal_block(inside);
        body(self);
        self.builder.ins().jump(after, &[]);
        self.builder.switch_to_block(after);
        self.builder.seal_block(after);
    }

    /// Returns `value` if `condition` isn't zero.
    pub(crate) fn return_if(&mut self, condition: Value, value: Value) {
        let inside = self.builder.create_block();
        let after = self.builder.create_block();
        self.builder.ins().brif(condition, inside, &[], after, &[]);
        self.builder.switch_to_block(inside);
        self.builder.seal_block(inside);
        self.builder.ins().return_(&[value]);
        self.builder.switch_to_block(after);
        self.builder.seal_block(after);
    }
}
