//! From a unit to bytes.

use alloc::vec::Vec;

use cranelift_codegen::entity::{EntityRef, SecondaryMap};
use cranelift_codegen::ir::instructions::InstructionMapper;
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, Constant, DynamicStackSlot, Endianness, ExceptionTable,
    ExternalName, FuncRef, Function, GlobalValue, GlobalValueData, Immediate, Inst, JumpTable,
    MemFlags, SigRef, StackSlot, Value, ValueList, ValueListPool,
};

use crate::base::{Name, OutOfMemory, Text, fallible};

use super::super::unit::{Unit, UnitFunction};
use super::super::{DATA, FUNCTIONS};
use super::form::{
    VERSION, WireAccess, WireBlock, WireCall, WireCallee, WireContent, WireEntry, WireFunction,
    WireInstruction, WireName, WireSymbol, WireUnit,
};
use super::{LIMIT_BYTES, WireError};

/// `unit` as bytes.
///
/// # Errors
/// A function has what isn't sent, or a name of the text form ([`Unit::number_names`] gives such names numbers).
pub fn encode(unit: &Unit) -> Result<Vec<u8>, WireError> {
    let mut functions = fallible::vec_with_capacity(unit.functions.len())?;
    for function in &unit.functions {
        let entry = WireEntry {
            name: fallible::copy_of(&function.name)?,
            is_global: function.is_global,
            content: match &function.body {
                Some(body) => Some(Encoder::new(function, body)?.function()?),
                None => None,
            },
        };
        fallible::push(&mut functions, entry)?;
    }
    let mut data = fallible::vec_with_capacity(unit.data.len())?;
    for one in &unit.data {
        let content = match &one.content {
            Some(content) => Some(WireContent {
                bytes: fallible::copy_of(&content.bytes)?,
                zeros_bytes: content.zeros_bytes,
                alignment_log2: content.alignment.log2(),
                is_writable: content.is_writable,
            }),
            None => None,
        };
        let entry = WireEntry {
            name: fallible::copy_of(&one.name)?,
            is_global: one.is_global,
            content,
        };
        fallible::push(&mut data, entry)?;
    }
    let wire = (VERSION, WireUnit { functions, data });
    let bytes = postcard::to_allocvec(&wire).map_err(|_| OutOfMemory)?;
    if bytes.len() > LIMIT_BYTES {
        return Err(WireError::TooLong {
            found_bytes: bytes.len(),
        });
    }
    Ok(bytes)
}

/// One function on its way.
struct Encoder<'a> {
    name: Text<96>,
    body: &'a Function,
    /// The numbers of blocks and values on the wire; the largest for those that are in no block.
    blocks: SecondaryMap<Block, u32>,
    values: SecondaryMap<Value, u32>,
    count: u32,
}

impl<'a> Encoder<'a> {
    fn new(function: &UnitFunction, body: &'a Function) -> Result<Self, WireError> {
        let mut encoder = Self {
            name: Text::of(Name::new(&function.name)),
            body,
            blocks: SecondaryMap::with_default(u32::MAX),
            values: SecondaryMap::with_default(u32::MAX),
            count: 0,
        };
        if body.stack_limit.is_some() {
            return Err(encoder.unsent("a stack limit"));
        }
        if !body.dynamic_stack_slots.is_empty() {
            return Err(encoder.unsent("dynamic stack slots"));
        }
        for (block, number) in body.layout.blocks().zip(0..) {
            encoder
                .blocks
                .try_insert(block, number)
                .map_err(|_| OutOfMemory)?;
            for &value in body.dfg.block_params(block) {
                encoder.give_number(value)?;
            }
            for inst in body.layout.block_insts(block) {
                for &value in body.dfg.inst_results(inst) {
                    encoder.give_number(value)?;
                }
            }
        }
        Ok(encoder)
    }

    fn give_number(&mut self, value: Value) -> Result<(), WireError> {
        let number = self.count;
        self.count = number.checked_add(1).ok_or(OutOfMemory)?;
        self.values
            .try_insert(value, number)
            .map_err(|_| OutOfMemory)?;
        Ok(())
    }

    fn unsent(&self, what: &'static str) -> WireError {
        WireError::Unsent {
            function: self.name,
            what,
        }
    }

    fn function(&self) -> Result<WireFunction, WireError> {
        let dfg = &self.body.dfg;
        let mut callees = Vec::new();
        for callee in dfg.ext_funcs.values() {
            if callee.patchable {
                return Err(self.unsent("a patchable call"));
            }
            let callee = WireCallee {
                name: self.name_of(&callee.name)?,
                signature: callee.signature.as_u32(),
                is_near: callee.colocated,
            };
            fallible::push(&mut callees, callee)?;
        }
        let mut symbols = Vec::new();
        for value in self.body.global_values.values() {
            let GlobalValueData::Symbol {
                name,
                offset,
                colocated,
                tls,
            } = value
            else {
                return Err(self.unsent("a global value that is no symbol"));
            };
            let symbol = WireSymbol {
                name: self.name_of(name)?,
                offset: offset.bits(),
                is_near: *colocated,
                is_thread_local: *tls,
            };
            fallible::push(&mut symbols, symbol)?;
        }
        let mut constants = Vec::new();
        for (_, constant) in dfg.constants.iter() {
            fallible::push(&mut constants, fallible::copy_of(constant.as_slice())?)?;
        }
        let mut immediates = Vec::new();
        for immediate in dfg.immediates.values() {
            fallible::push(&mut immediates, fallible::copy_of(immediate.as_slice())?)?;
        }
        let mut tables = Vec::new();
        for table in dfg.jump_tables.values() {
            let mut calls = Vec::new();
            for call in table.all_branches() {
                fallible::push(&mut calls, self.call(*call)?)?;
            }
            fallible::push(&mut tables, calls)?;
        }
        let mut slots = Vec::new();
        for slot in self.body.sized_stack_slots.values() {
            fallible::push(&mut slots, slot.clone())?;
        }
        let mut signatures = Vec::new();
        for signature in dfg.signatures.values() {
            fallible::push(&mut signatures, signature.clone())?;
        }
        let mut blocks = Vec::new();
        for block in self.body.layout.blocks() {
            fallible::push(&mut blocks, self.block(block)?)?;
        }
        Ok(WireFunction {
            signature: self.body.signature.clone(),
            slots,
            signatures,
            callees,
            symbols,
            constants,
            immediates,
            accesses: self.accesses()?,
            tables,
            values: self.count,
            blocks,
        })
    }

    /// All ways in which memory is accessed.
    fn accesses(&self) -> Result<Vec<WireAccess>, OutOfMemory> {
        let set = &self.body.dfg.mem_flags;
        let numbers = (0..).map_while(MemFlags::with_number);
        let mut accesses = Vec::new();
        for flags in numbers.take_while(|&flags| set.is_valid(flags)) {
            let flags = &set[flags];
            let access = WireAccess {
                is_big_endian: flags
                    .explicit_endianness()
                    .map(|endianness| endianness == Endianness::Big),
                trap: flags.trap_code().map_or(0, |code| code.as_raw().get()),
                is_aligned: flags.aligned(),
                is_readonly: flags.readonly(),
                can_move: flags.can_move(),
            };
            fallible::push(&mut accesses, access)?;
        }
        Ok(accesses)
    }

    fn name_of(&self, name: &ExternalName) -> Result<WireName, WireError> {
        match name {
            ExternalName::User(reference) => {
                let name = self.body.params.user_named_funcs().get(*reference);
                match name.map(|name| (name.namespace, name.index)) {
                    Some((FUNCTIONS, number)) => Ok(WireName::Function(number)),
                    Some((DATA, number)) => Ok(WireName::Data(number)),
                    _ => Err(self.unsent("a name that is nothing of a unit")),
                }
            }
            ExternalName::LibCall(routine) => Ok(WireName::Routine(*routine)),
            ExternalName::TestCase(_) => Err(self.unsent("a name that has no number yet")),
            ExternalName::KnownSymbol(_) => Err(self.unsent("a symbol of the linker's")),
        }
    }

    fn block(&self, block: Block) -> Result<WireBlock, WireError> {
        let mut parameters = Vec::new();
        for kind in self.body.dfg.block_param_types(block) {
            fallible::push(&mut parameters, kind)?;
        }
        let mut instructions = Vec::new();
        for inst in self.body.layout.block_insts(block) {
            fallible::push(&mut instructions, self.instruction(inst)?)?;
        }
        Ok(WireBlock {
            parameters,
            is_cold: self.body.layout.is_cold(block),
            instructions,
        })
    }

    fn instruction(&self, inst: Inst) -> Result<WireInstruction, WireError> {
        let dfg = &self.body.dfg;
        if dfg.user_stack_map_entries(inst).is_some() {
            return Err(self.unsent("a stack map"));
        }
        let mut taker = Taker {
            encoder: self,
            lists: Vec::new(),
            calls: Vec::new(),
            error: None,
        };
        let data = dfg.insts[inst].map(&mut taker);
        let (lists, calls) = (taker.lists, taker.calls);
        if let Some(error) = taker.error {
            return Err(error);
        }
        Ok(WireInstruction {
            data,
            lists,
            calls,
            controlling: dfg.ctrl_typevar(inst),
            position: self.body.srcloc(inst).bits(),
        })
    }

    fn call(&self, call: BlockCall) -> Result<WireCall, WireError> {
        let pool = &self.body.dfg.value_lists;
        let mut arguments = Vec::new();
        for argument in call.args(pool) {
            let BlockArg::Value(value) = argument else {
                return Err(self.unsent("handlers of exceptions"));
            };
            fallible::push(&mut arguments, self.value(value)?)?;
        }
        Ok(WireCall {
            block: self.number(self.blocks.get(call.block(pool)), "a block that is nowhere")?,
            arguments,
        })
    }

    fn value(&self, value: Value) -> Result<u32, WireError> {
        let value = self.body.dfg.resolve_aliases(value);
        self.number(self.values.get(value), "a value that no block holds")
    }

    fn number(&self, found: Option<&u32>, what: &'static str) -> Result<u32, WireError> {
        match found {
            Some(&number) if number != u32::MAX => Ok(number),
            _ => Err(self.unsent(what)),
        }
    }
}

/// Takes out of an instruction what is beside it on the wire, and gives all else its number there.
struct Taker<'a> {
    encoder: &'a Encoder<'a>,
    lists: Vec<Vec<u32>>,
    calls: Vec<WireCall>,
    error: Option<WireError>,
}

impl Taker<'_> {
    /// What was found; something else if that failed, and why is kept.
    fn kept<T>(&mut self, result: Result<T, WireError>, otherwise: T) -> T {
        result.unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            otherwise
        })
    }

    fn list(&mut self, list: ValueList) -> Result<(), WireError> {
        let mut numbers = Vec::new();
        for &value in list.as_slice(&self.encoder.body.dfg.value_lists) {
            fallible::push(&mut numbers, self.encoder.value(value)?)?;
        }
        Ok(fallible::push(&mut self.lists, numbers)?)
    }
}

impl InstructionMapper for Taker<'_> {
    fn map_value(&mut self, value: Value) -> Value {
        let number = self.encoder.value(value);
        Value::from_u32(self.kept(number, 0))
    }

    fn map_value_list(&mut self, list: ValueList) -> ValueList {
        let result = self.list(list);
        self.kept(result, ());
        ValueList::new()
    }

    fn map_block_call(&mut self, call: BlockCall) -> BlockCall {
        let result = self.encoder.call(call);
        let result = result.and_then(|call| Ok(fallible::push(&mut self.calls, call)?));
        self.kept(result, ());
        BlockCall::new(Block::new(0), [], &mut ValueListPool::new())
    }

    fn map_block(&mut self, block: Block) -> Block {
        let encoder = self.encoder;
        let number = encoder.number(encoder.blocks.get(block), "a block that is nowhere");
        Block::from_u32(self.kept(number, 0))
    }

    fn map_exception_table(&mut self, table: ExceptionTable) -> ExceptionTable {
        let error = self.encoder.unsent("handlers of exceptions");
        self.kept(Err(error), table)
    }

    fn map_dynamic_stack_slot(&mut self, slot: DynamicStackSlot) -> DynamicStackSlot {
        let error = self.encoder.unsent("dynamic stack slots");
        self.kept(Err(error), slot)
    }

    // These tables are sent as they are.
    fn map_global_value(&mut self, value: GlobalValue) -> GlobalValue {
        value
    }

    fn map_jump_table(&mut self, table: JumpTable) -> JumpTable {
        table
    }

    fn map_func_ref(&mut self, callee: FuncRef) -> FuncRef {
        callee
    }

    fn map_sig_ref(&mut self, signature: SigRef) -> SigRef {
        signature
    }

    fn map_stack_slot(&mut self, slot: StackSlot) -> StackSlot {
        slot
    }

    fn map_constant(&mut self, constant: Constant) -> Constant {
        constant
    }

    fn map_immediate(&mut self, immediate: Immediate) -> Immediate {
        immediate
    }
}
