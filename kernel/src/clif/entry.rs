//! A function by which another one of its unit is called, whatever that one's signature is: compiled code knows where
//! arguments and results of each type go, and nobody else has to.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ironlink::base::Name;
use ironlink::compiler::cranelift::codegen::ir::{
    AbiParam, ArgumentPurpose, Function, InstBuilder, MemFlagsData, Signature, UserFuncName, types,
};
use ironlink::compiler::cranelift::codegen::isa::CallConv;
use ironlink::compiler::cranelift::frontend::{FunctionBuilder, FunctionBuilderContext};
use ironlink::compiler::cranelift::{Cranelift, Unit, function_in};

use super::Integer;

/// What an entry is called as: with the arguments, and room for the results, each in a slot of its own.
pub type EntryFunction = unsafe extern "C" fn(*const u128, *mut u128);

/// The size of a slot.
const SLOT_BYTES: i32 = 16;

/// A function that calls another.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of the function that it calls.
    pub function: String,
    /// The name of its own symbol, which no function of a text has.
    pub symbol: String,
    /// Its number in the unit.
    pub number: u32,
    parameters: Vec<Integer>,
    result: Integer,
}

impl Entry {
    /// Adds an entry to the function `name` to the unit that it is of.
    ///
    /// # Errors
    /// There is no such function, or it takes or gives what is no integer, or one of those that compilers add: the address of
    /// a structure, or of a context.
    pub fn add(compiler: &Cranelift, unit: &mut Unit, name: &str) -> Result<Self, String> {
        let mut functions = unit.functions.iter().zip(0..);
        let found = functions.find(|(function, _)| function.name == name.as_bytes());
        let found = found.and_then(|(function, number)| Some((function.body.as_ref()?, number)));
        let (body, target) = found.ok_or_else(|| format!("there is no function %{name}"))?;
        let signature = &body.signature;
        let integer = |what: &str, parameter: &AbiParam| {
            let kind = parameter.value_type;
            let is_plain = kind.is_int() && parameter.purpose == ArgumentPurpose::Normal;
            let integer = is_plain.then(|| Integer::of_bits(kind.bits()));
            integer.flatten().ok_or_else(|| {
                format!("{what} of %{name} is {parameter}; only plain integers go there and come from it")
            })
        };
        let parameters = signature.params.iter().zip(1..);
        let parameters = parameters
            .map(|(parameter, place)| integer(&format!("parameter {place}"), parameter))
            .collect::<Result<_, _>>()?;
        let [result] = signature.returns.as_slice() else {
            let count = signature.returns.len();
            return Err(format!("%{name} gives {count} results; it should give one"));
        };
        let result = integer("the result", result)?;
        let entry = function(compiler, signature.clone(), target);
        let symbol = format!("call {name}");
        let number = unit
            .add_function(Name::from(symbol.as_str()), Some(entry), true)
            .map_err(|error| format!("{error}"))?;
        Ok(Self {
            function: name.into(),
            symbol,
            number,
            parameters,
            result,
        })
    }

    /// Reads arguments as the function takes them.
    ///
    /// # Errors
    /// There are too many or too few, or one is no integer of its type.
    pub fn parse<'a>(
        &self,
        arguments: impl ExactSizeIterator<Item = &'a str>,
    ) -> Result<Vec<i128>, String> {
        let (wanted, given) = (self.parameters.len(), arguments.len());
        if wanted != given {
            return Err(format!(
                "the number of arguments is {wanted}, and {given} are given"
            ));
        }
        let arguments = arguments.zip(&self.parameters).zip(1..);
        arguments
            .map(|((text, kind), place)| {
                let value = kind.parse(text);
                value.map_err(|problem| format!("argument {place}, `{text}`, {problem}"))
            })
            .collect()
    }

    /// How many arguments the function takes.
    pub fn parameters(&self) -> usize {
        self.parameters.len()
    }

    /// Calls the function by `entry`.
    ///
    /// # Safety
    /// That is this entry, compiled and linked, and as many arguments are given as there are
    /// [`parameters`](Self::parameters). For what is called, whoever wrote the unit answers.
    pub unsafe fn call(&self, entry: EntryFunction, arguments: &[i128]) -> i128 {
        let slots: Vec<u128> = arguments.iter().map(|it| it.cast_unsigned()).collect();
        let mut result = 0;
        // SAFETY: there is a slot for each argument, and one for the result, of which the entry may fill a part.
        unsafe { entry(slots.as_ptr(), &raw mut result) };
        self.result.of_memory(result)
    }
}

/// The function that calls function `target`, which has this signature.
fn function(compiler: &Cranelift, signature: Signature, target: u32) -> Function {
    let mut own = Signature::new(CallConv::SystemV);
    own.params = Vec::from([AbiParam::new(types::I64); 2]);
    let mut function = Function::with_name_signature(UserFuncName::default(), own);
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let slots = builder.block_params(block).to_vec();
    let kinds: Vec<_> = signature.params.iter().map(|it| it.value_type).collect();
    let target = function_in(builder.func, target, signature, true);
    let flags = MemFlagsData::trusted();
    let mut offsets = (0..).step_by(SLOT_BYTES as usize);
    let arguments: Vec<_> = kinds
        .into_iter()
        .zip(&mut offsets)
        .map(|(kind, offset)| builder.ins().load(kind, flags, slots[0], offset))
        .collect();
    let call = builder.ins().call(target, &arguments);
    let results = builder.inst_results(call).to_vec();
    for (result, offset) in results.into_iter().zip((0..).step_by(SLOT_BYTES as usize)) {
        builder.ins().store(flags, result, slots[1], offset);
    }
    builder.ins().return_(&[]);
    builder.seal_all_blocks();
    builder.finalize(compiler.isa().frontend_config());
    function
}
