//! What an instruction refers to: lists and blocks that stand beside it on the wire are put into it, and each number in it is
//! compared with how many there are.

use alloc::vec::{IntoIter, Vec};

use cranelift_codegen::entity::EntityRef;
use cranelift_codegen::ir::instructions::InstructionMapper;
use cranelift_codegen::ir::{
    Block, BlockCall, Constant, DynamicStackSlot, ExceptionTable, FuncRef, GlobalValue, Immediate,
    InstructionData, JumpTable, MemFlags, SigRef, StackSlot, Value, ValueList,
};

use crate::base::int;

use super::WireError;
use super::decode::Decoder;
use super::form::WireCall;

/// An instruction with what stands beside it, which it takes all of.
pub(super) fn completed(
    decoder: &mut Decoder<'_>,
    data: InstructionData,
    lists: Vec<Vec<u32>>,
    calls: Vec<WireCall>,
) -> Result<InstructionData, WireError> {
    let mut giver = Giver {
        lists: lists.into_iter(),
        calls: calls.into_iter(),
        decoder,
        error: None,
    };
    let data = data.map(&mut giver);
    if let Some(error) = giver.error {
        return Err(error);
    }
    if giver.lists.next().is_some() || giver.calls.next().is_some() {
        return Err(giver
            .decoder
            .senseless("an instruction has more beside it than it takes"));
    }
    Ok(data)
}

/// Gives an instruction what is beside it on the wire, and compares all else in it with how many there are.
struct Giver<'a, 'b> {
    lists: IntoIter<Vec<u32>>,
    calls: IntoIter<WireCall>,
    decoder: &'a mut Decoder<'b>,
    error: Option<WireError>,
}

impl Giver<'_, '_> {
    /// What was found; something else if that failed, and why is kept.
    fn kept<T>(&mut self, result: Result<T, WireError>, otherwise: T) -> T {
        result.unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            otherwise
        })
    }

    /// `entity`, if it is one of `count`.
    fn checked<T: EntityRef>(&mut self, what: &'static str, entity: T, count: usize) -> T {
        // Entities on the wire are of 32 bits.
        let number = u32::try_from(entity.index()).unwrap_or(u32::MAX);
        let result = self.decoder.one_of(what, number, count);
        self.kept(result.map(|_| entity), entity)
    }

    fn list(&mut self) -> Result<ValueList, WireError> {
        let numbers = self.lists.next();
        let numbers =
            numbers.ok_or_else(|| self.decoder.senseless("an instruction lacks a list"))?;
        let mut list = ValueList::new();
        for number in numbers {
            let value = self.decoder.value(number)?;
            list.push(value, &mut self.decoder.function.dfg.value_lists);
        }
        Ok(list)
    }

    fn call(&mut self) -> Result<BlockCall, WireError> {
        let call = self.calls.next();
        let call = call.ok_or_else(|| self.decoder.senseless("an instruction lacks a block"))?;
        self.decoder.call(&call)
    }
}

impl InstructionMapper for Giver<'_, '_> {
    fn map_value(&mut self, value: Value) -> Value {
        let count = int::usize_from_u32(self.decoder.counts.values);
        self.checked("value", value, count)
    }

    fn map_value_list(&mut self, _: ValueList) -> ValueList {
        let list = self.list();
        self.kept(list, ValueList::new())
    }

    fn map_block_call(&mut self, call: BlockCall) -> BlockCall {
        let found = self.call();
        self.kept(found, call)
    }

    fn map_mem_flags(&mut self, flags: MemFlags) -> MemFlags {
        let found = self.decoder.accesses.get(flags.index()).copied();
        let number = u32::try_from(flags.index()).unwrap_or(u32::MAX);
        let found = found.ok_or_else(|| self.decoder.missing("access to memory", number));
        self.kept(found, flags)
    }

    fn map_block(&mut self, block: Block) -> Block {
        self.checked("block", block, self.decoder.counts.blocks)
    }

    fn map_global_value(&mut self, value: GlobalValue) -> GlobalValue {
        self.checked("symbol", value, self.decoder.counts.symbols)
    }

    fn map_jump_table(&mut self, table: JumpTable) -> JumpTable {
        self.checked("table of jumps", table, self.decoder.counts.tables)
    }

    fn map_func_ref(&mut self, callee: FuncRef) -> FuncRef {
        self.checked("callee", callee, self.decoder.counts.callees)
    }

    fn map_sig_ref(&mut self, signature: SigRef) -> SigRef {
        self.checked("signature", signature, self.decoder.counts.signatures)
    }

    fn map_stack_slot(&mut self, slot: StackSlot) -> StackSlot {
        self.checked("stack slot", slot, self.decoder.counts.slots)
    }

    fn map_constant(&mut self, constant: Constant) -> Constant {
        // Constants that are alike are one.
        let count = self.decoder.function.dfg.constants.len();
        self.checked("constant", constant, count)
    }

    fn map_immediate(&mut self, immediate: Immediate) -> Immediate {
        let count = self.decoder.function.dfg.immediates.len();
        self.checked("mask", immediate, count)
    }

    fn map_exception_table(&mut self, table: ExceptionTable) -> ExceptionTable {
        let error = self.decoder.senseless("handlers of exceptions aren't sent");
        self.kept(Err(error), table)
    }

    fn map_dynamic_stack_slot(&mut self, slot: DynamicStackSlot) -> DynamicStackSlot {
        let error = self.decoder.senseless("dynamic stack slots aren't sent");
        self.kept(Err(error), slot)
    }
}
