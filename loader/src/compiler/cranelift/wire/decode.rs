//! From bytes to a unit. Every byte is hostile: no number is used before it is compared with how many there are.

use alloc::vec::Vec;
use core::num::NonZeroU8;

use cranelift_codegen::entity::EntityRef;
use cranelift_codegen::ir::instructions::InstructionFormat;
use cranelift_codegen::ir::{
    ArgumentPurpose, Block, BlockArg, BlockCall, ConstantData, Endianness, ExtFuncData,
    ExternalName, Function, GlobalValueData, InstructionData, JumpTableData, MemFlags,
    MemFlagsData, SigRef, Signature, SourceLoc, StackSlotKind, TrapCode, Type, UserFuncName, Value,
    types,
};
use cranelift_codegen::isa::CallConv;

use crate::base::{Alignment, Name, Text, fallible, int};
use crate::compiler::CompileError;

use super::super::compile::FOR_DYNAMIC_VECTORS;
use super::super::unit::{DataContent, Unit};
use super::super::{Cranelift, data_name, function_name};
use super::form::{
    VERSION, WireAccess, WireCall, WireCallee, WireContent, WireEntry, WireFunction,
    WireInstruction, WireName, WireSymbol, WireUnit, WireVersion,
};
use super::{LIMIT_BYTES, WireError, operands};

/// How many parameters or results a signature may have, and how many parameters a block. Cranelift counts them in sixteen bits, and
/// panics beyond.
const MOST_PARAMETERS: usize = 10_000;

/// How many values there may be for each byte of a unit: calls alone have more than one, and few have many.
const MOST_VALUES_PER_BYTE: usize = 32;

/// The unit that `bytes` are, each of its functions verified for what `compiler` compiles for.
///
/// # Errors
/// The bytes are no unit of this version, or a function in them is none that can be compiled.
pub fn decode(compiler: &Cranelift, bytes: &[u8]) -> Result<Unit, WireError> {
    if bytes.len() > LIMIT_BYTES {
        return Err(WireError::TooLong {
            found_bytes: bytes.len(),
        });
    }
    let (version, bytes): (WireVersion, _) =
        postcard::take_from_bytes(bytes).map_err(|_| WireError::Damaged)?;
    if version != VERSION {
        return Err(WireError::Version {
            found: Text::display(version),
        });
    }
    let (wire, rest): (WireUnit, _) =
        postcard::take_from_bytes(bytes).map_err(|_| WireError::Damaged)?;
    if !rest.is_empty() {
        return Err(WireError::Damaged);
    }
    let tables = Tables {
        values: bytes.len().saturating_mul(MOST_VALUES_PER_BYTE),
        functions: wire.functions.len(),
        data: wire.data.len(),
    };
    let mut unit = Unit::default();
    for (entry, number) in wire.functions.into_iter().zip(0..) {
        let WireEntry {
            name,
            is_global,
            content,
        } = entry;
        let name = Name::new(&name);
        let body = match content {
            Some(wire) => Some(body(compiler, &tables, name, number, wire)?),
            None => None,
        };
        unit.add_function(name, body, is_global)?;
    }
    for entry in wire.data {
        let content = match entry.content {
            Some(content) => Some(content_of(content)?),
            None => None,
        };
        unit.add_data(Name::new(&entry.name), content, entry.is_global)?;
    }
    Ok(unit)
}

/// How many entries a unit has.
struct Tables {
    /// How many values its functions may have together.
    values: usize,
    functions: usize,
    data: usize,
}

fn content_of(wire: WireContent) -> Result<DataContent, WireError> {
    let alignment = 1_u64.checked_shl(u32::from(wire.alignment_log2));
    let alignment = alignment
        .and_then(Alignment::new)
        .ok_or(WireError::Senseless {
            function: Text::new(),
            what: "data is aligned by more than there are addresses",
        })?;
    Ok(DataContent {
        bytes: wire.bytes,
        zeros_bytes: wire.zeros_bytes,
        alignment,
        is_writable: wire.is_writable,
    })
}

fn body(
    compiler: &Cranelift,
    tables: &Tables,
    name: Name<'_>,
    number: u32,
    wire: WireFunction,
) -> Result<Function, WireError> {
    let mut decoder = Decoder {
        name: Text::of(name),
        tables,
        function: Function::with_name_signature(
            UserFuncName::User(function_name(number)),
            Signature::new(CallConv::SystemV),
        ),
        accesses: Vec::new(),
        counts: Counts {
            values: wire.values,
            blocks: wire.blocks.len(),
            slots: wire.slots.len(),
            callees: wire.callees.len(),
            signatures: wire.signatures.len(),
            symbols: wire.symbols.len(),
            tables: wire.tables.len(),
        },
    };
    decoder.fill(wire)?;
    let function = decoder.function;
    compiler
        .verify(&function)
        .map_err(|fault| WireError::Invalid(CompileError::new(name, fault)))?;
    Ok(function)
}

/// How many there are of what instructions refer to by number.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) values: u32,
    pub(super) blocks: usize,
    pub(super) slots: usize,
    pub(super) callees: usize,
    pub(super) signatures: usize,
    pub(super) symbols: usize,
    pub(super) tables: usize,
}

/// One function that is built anew.
pub(super) struct Decoder<'a> {
    name: Text<96>,
    tables: &'a Tables,
    pub(super) function: Function,
    /// What each number of an access stands for: those that are alike are one.
    pub(super) accesses: Vec<MemFlags>,
    pub(super) counts: Counts,
}

impl Decoder<'_> {
    pub(super) fn missing(&self, what: &'static str, number: u32) -> WireError {
        WireError::Missing {
            function: self.name,
            what,
            number,
        }
    }

    pub(super) fn senseless(&self, what: &'static str) -> WireError {
        WireError::Senseless {
            function: self.name,
            what,
        }
    }

    /// `number`, if it is one of `count` things.
    pub(super) fn one_of(
        &self,
        what: &'static str,
        number: u32,
        count: usize,
    ) -> Result<u32, WireError> {
        if int::usize_from_u32(number) < count {
            Ok(number)
        } else {
            Err(self.missing(what, number))
        }
    }

    fn fill(&mut self, wire: WireFunction) -> Result<(), WireError> {
        if int::usize_from_u32(self.counts.values) > self.tables.values {
            return Err(self.senseless("more values are said to be there than its bytes can make"));
        }
        self.check_signature(&wire.signature)?;
        self.function.signature = wire.signature;
        for slot in wire.slots {
            if slot.kind != StackSlotKind::ExplicitSlot || slot.align_shift > 16 {
                return Err(self.senseless("a stack slot is none that can be made"));
            }
            self.function.create_sized_stack_slot(slot);
        }
        for signature in wire.signatures {
            self.check_signature(&signature)?;
            self.function.import_signature(signature);
        }
        for callee in wire.callees {
            self.callee(&callee)?;
        }
        for symbol in wire.symbols {
            self.symbol(&symbol)?;
        }
        for constant in wire.constants {
            if ![1, 2, 4, 8, 16].contains(&constant.len()) {
                return Err(self.senseless("a constant is as large as no number"));
            }
            self.function
                .dfg
                .constants
                .insert(ConstantData::from(constant));
        }
        for immediate in wire.immediates {
            if immediate.len() != 16 {
                return Err(self.senseless("a mask is not of sixteen bytes"));
            }
            self.function
                .dfg
                .immediates
                .push(ConstantData::from(immediate));
        }
        for access in wire.accesses {
            self.access(&access)?;
        }
        // Blocks first: whatever comes now may name any of them.
        for _ in 0..self.counts.blocks {
            let block = self.function.dfg.make_block();
            self.function.layout.append_block(block);
        }
        for table in wire.tables {
            let mut calls = Vec::new();
            for call in table {
                let call = self.call(&call)?;
                fallible::push(&mut calls, call)?;
            }
            let Some((default, others)) = calls.split_first() else {
                return Err(self.senseless("a table of jumps has no default"));
            };
            let table = JumpTableData::new(*default, others);
            self.function.create_jump_table(table);
        }
        for (number, wire) in wire.blocks.into_iter().enumerate() {
            let block = Block::new(number);
            if wire.is_cold {
                self.function.layout.set_cold(block);
            }
            if wire.parameters.len() > MOST_PARAMETERS {
                return Err(self.senseless("a block has more parameters than are served"));
            }
            for kind in wire.parameters {
                self.check_type(kind)?;
                self.function.dfg.append_block_param(block, kind);
            }
            self.check_values()?;
            for instruction in wire.instructions {
                self.instruction(block, instruction)?;
            }
        }
        if self.function.dfg.num_values() != int::usize_from_u32(self.counts.values) {
            return Err(self.senseless("it has another number of values than is said"));
        }
        Ok(())
    }

    /// Checks that there aren't more values than are said to be there, before more are made.
    fn check_values(&self) -> Result<(), WireError> {
        if self.function.dfg.num_values() > int::usize_from_u32(self.counts.values) {
            return Err(self.senseless("it has more values than is said"));
        }
        Ok(())
    }

    fn check_type(&self, kind: Type) -> Result<(), WireError> {
        if is_known(kind) {
            Ok(())
        } else {
            Err(self.senseless("there is no such type"))
        }
    }

    fn check_signature(&self, signature: &Signature) -> Result<(), WireError> {
        match signature.call_conv {
            CallConv::SystemV | CallConv::Fast | CallConv::Tail => {}
            _ => return Err(self.senseless("a signature has a convention of another system")),
        }
        if signature.params.len().max(signature.returns.len()) > MOST_PARAMETERS {
            return Err(
                self.senseless("a signature has more parameters or results than are served")
            );
        }
        for parameter in signature.params.iter().chain(&signature.returns) {
            self.check_type(parameter.value_type)?;
            if parameter.purpose != ArgumentPurpose::Normal
                && parameter.purpose != ArgumentPurpose::StructReturn
            {
                return Err(self.senseless("a parameter has a purpose that isn't served"));
            }
        }
        Ok(())
    }

    fn external(&mut self, name: &WireName) -> Result<ExternalName, WireError> {
        let name = match *name {
            WireName::Function(number) => {
                function_name(self.one_of("function", number, self.tables.functions)?)
            }
            WireName::Data(number) => data_name(self.one_of("data", number, self.tables.data)?),
            WireName::Routine(routine) => return Ok(ExternalName::LibCall(routine)),
        };
        Ok(ExternalName::user(
            self.function.declare_imported_user_function(name),
        ))
    }

    fn callee(&mut self, wire: &WireCallee) -> Result<(), WireError> {
        let number = self.one_of("signature", wire.signature, self.counts.signatures)?;
        let name = self.external(&wire.name)?;
        self.function.import_function(ExtFuncData {
            name,
            signature: SigRef::from_u32(number),
            colocated: wire.is_near,
            patchable: false,
        });
        Ok(())
    }

    fn symbol(&mut self, wire: &WireSymbol) -> Result<(), WireError> {
        // Cranelift adds such an offset by an instruction that has 32 bits for it.
        if i32::try_from(wire.offset).is_err() {
            return Err(self.senseless("the offset from a symbol is too large"));
        }
        let name = self.external(&wire.name)?;
        self.function.create_global_value(GlobalValueData::Symbol {
            name,
            offset: wire.offset.into(),
            colocated: wire.is_near,
            tls: wire.is_thread_local,
        });
        Ok(())
    }

    fn access(&mut self, wire: &WireAccess) -> Result<(), WireError> {
        let code = NonZeroU8::new(wire.trap).map(TrapCode::from_raw);
        let mut flags = MemFlagsData::new().with_trap_code(code);
        if let Some(is_big) = wire.is_big_endian {
            flags.set_endianness(if is_big {
                Endianness::Big
            } else {
                Endianness::Little
            });
        }
        if wire.is_aligned {
            flags.set_aligned();
        }
        if wire.is_readonly {
            flags.set_readonly();
        }
        if wire.can_move {
            flags.set_can_move();
        }
        let flags = self
            .function
            .dfg
            .mem_flags
            .insert(flags)
            .map_err(|_| self.senseless("there are too many ways to access memory"))?;
        Ok(fallible::push(&mut self.accesses, flags)?)
    }

    fn instruction(&mut self, block: Block, wire: WireInstruction) -> Result<(), WireError> {
        let opcode = wire.data.opcode();
        if opcode == FOR_DYNAMIC_VECTORS {
            return Err(self.senseless("dynamic vectors aren't sent"));
        }
        if InstructionFormat::from(&wire.data) != opcode.format() {
            return Err(self.senseless("an instruction has the form of another"));
        }
        let constraints = opcode.constraints();
        let is_served = match constraints.ctrl_typeset() {
            Some(types) => is_known(wire.controlling) && types.contains(wire.controlling),
            None => wire.controlling == types::INVALID,
        };
        if !is_served {
            return Err(self.senseless("an instruction has a type that it can't have"));
        }
        let data = operands::completed(self, wire.data, wire.lists, wire.calls)?;
        self.check_operands(&data)?;
        let inst = self.function.dfg.make_inst(data);
        self.function.layout.append_inst(inst, block);
        self.function.dfg.make_inst_results(inst, wire.controlling);
        self.check_values()?;
        let position = SourceLoc::new(wire.position);
        if !position.is_default() {
            self.function.set_srcloc(inst, position);
        }
        Ok(())
    }

    /// What the verifier takes for granted of an instruction: that it has as many operands as its form needs.
    fn check_operands(&self, data: &InstructionData) -> Result<(), WireError> {
        let found = data.arguments(&self.function.dfg.value_lists).len();
        if found < data.opcode().constraints().num_fixed_value_arguments() {
            return Err(self.senseless("an instruction lacks an operand"));
        }
        Ok(())
    }

    pub(super) fn value(&self, number: u32) -> Result<Value, WireError> {
        let count = int::usize_from_u32(self.counts.values);
        Ok(Value::from_u32(self.one_of("value", number, count)?))
    }

    pub(super) fn call(&mut self, wire: &WireCall) -> Result<BlockCall, WireError> {
        let number = self.one_of("block", wire.block, self.counts.blocks)?;
        let mut arguments = Vec::new();
        for &number in &wire.arguments {
            fallible::push(&mut arguments, BlockArg::Value(self.value(number)?))?;
        }
        let pool = &mut self.function.dfg.value_lists;
        Ok(BlockCall::new(Block::from_u32(number), arguments, pool))
    }
}

/// Whether `kind` is a type of fixed size that there is.
fn is_known(kind: Type) -> bool {
    const LANES: [Type; 9] = [
        types::I8,
        types::I16,
        types::I32,
        types::I64,
        types::I128,
        types::F16,
        types::F32,
        types::F64,
        types::F128,
    ];
    LANES.contains(&kind)
        || LANES.iter().any(|lane| {
            let mut counts = [2, 4, 8, 16, 32, 64].iter();
            counts.any(|&count| lane.by(count) == Some(kind))
        })
}

#[cfg(test)]
mod tests {
    use super::{FOR_DYNAMIC_VECTORS, is_known, types};
    use cranelift_codegen::ir::{Opcode, Type};

    /// Every type that has a number.
    fn known_types() -> impl Iterator<Item = Type> {
        let lanes = [
            types::I8,
            types::I16,
            types::I32,
            types::I64,
            types::I128,
            types::F16,
            types::F32,
            types::F64,
            types::F128,
        ];
        let counts = [1, 2, 4, 8, 16, 32, 64];
        let all = lanes
            .into_iter()
            .flat_map(move |lane| counts.into_iter().filter_map(move |count| lane.by(count)));
        all.filter(|&kind| is_known(kind))
    }

    #[test]
    fn results_of_every_instruction_that_is_let_in_have_types() {
        let mut count = 0;
        for &opcode in Opcode::all()
            .iter()
            .filter(|&&opcode| opcode != FOR_DYNAMIC_VECTORS)
        {
            let constraints = opcode.constraints();
            let types = constraints.ctrl_typeset();
            for kind in known_types().filter(|&kind| types.is_none_or(|set| set.contains(kind))) {
                for result in 0..constraints.num_fixed_results() {
                    let found = constraints.result_type(result, kind);
                    assert_ne!(found, types::INVALID, "{opcode} of {kind}");
                    count += 1;
                }
                for argument in 0..constraints.num_fixed_value_arguments() {
                    let _ = constraints.value_argument_constraint(argument, kind);
                }
            }
        }
        assert!(count > 1000, "{count}");
    }
}
