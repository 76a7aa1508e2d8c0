//! A small machine of bytecode: a loop around one branch by a table.

use cranelift_codegen::ir::{InstBuilder, JumpTableData, types};
use cranelift_module::ModuleResult;

use crate::unit::Unit;

/// What the machine does, by number. It has two registers; an operand is the byte behind the instruction.
#[derive(Clone, Copy)]
enum Operation {
    Stop,
    /// Loads the operand.
    Load,
    /// Adds the operand.
    Add,
    Multiply,
    /// Swaps both registers.
    Swap,
    /// Adds the other register.
    Sum,
    /// Jumps by the operand, if the other register is not zero.
    Loop,
    /// Takes the operand from the other register.
    Lower,
}

const OPERATIONS: [Operation; 8] = [
    Operation::Stop,
    Operation::Load,
    Operation::Add,
    Operation::Multiply,
    Operation::Swap,
    Operation::Sum,
    Operation::Loop,
    Operation::Lower,
];

/// Sums and products, with a loop of as many rounds as the other register says at first.
const PROGRAM: [(Operation, i8); 10] = [
    (Operation::Load, 3),
    (Operation::Multiply, 5),
    (Operation::Add, -7),
    (Operation::Sum, 0),
    (Operation::Lower, 1),
    (Operation::Loop, -8),
    (Operation::Swap, 0),
    (Operation::Add, 1),
    (Operation::Sum, 0),
    (Operation::Stop, 0),
];

fn bytecode() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (operation, operand) in PROGRAM {
        let known = (0_u8..).zip(OPERATIONS);
        let number = known
            .filter(|(_, it)| *it as u8 == operation as u8)
            .map(|(number, _)| number);
        bytes.extend(number);
        bytes.push(operand.cast_unsigned());
    }
    bytes
}

/// What the machine computes.
fn run(mut other: i64) -> i64 {
    let (mut register, mut place) = (0_i64, 0_i64);
    loop {
        let (operation, operand) = PROGRAM[usize::try_from(place / 2).expect("it is inside")];
        let operand = i64::from(operand);
        place += 2;
        match operation {
            Operation::Stop => return register,
            Operation::Load => register = operand,
            Operation::Add => register = register.wrapping_add(operand),
            Operation::Multiply => register = register.wrapping_mul(operand),
            Operation::Swap => (register, other) = (other, register),
            Operation::Sum => register = register.wrapping_add(other),
            Operation::Loop if other != 0 => place += operand,
            Operation::Loop => {}
            Operation::Lower => other = other.wrapping_sub(operand),
        }
    }
}

pub(crate) fn build(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let code = unit.bytes("bytecode", false, &bytecode())?;
    let function = unit.entry("run_bytecode", |it| {
        let code = it.address_of_data(code);
        let first = it.argument(0);
        let other = it.variable(first);
        let (register, place) = (it.counter(0), it.counter(0));
        let head = it.builder.create_block();
        let bad = it.builder.create_block();
        let blocks = OPERATIONS.map(|_| it.builder.create_block());
        it.builder.ins().jump(head, &[]);

        it.builder.switch_to_block(head);
        let at = it.get(place);
        let at = it.builder.ins().iadd(code, at);
        let operation = it.load(types::I8, at);
        let operation = it.builder.ins().uextend(types::I32, operation);
        let operand = it.builder.ins().iadd_imm_s(at, 1);
        let operand = it.load(types::I8, operand);
        let operand = it.builder.ins().sextend(types::I64, operand);
        let two = it.integer(2);
        it.add_to(place, two);
        let calls = blocks.map(|block| it.builder.func.dfg.block_call(block, &[]));
        let otherwise = it.builder.func.dfg.block_call(bad, &[]);
        let table = JumpTableData::new(otherwise, &calls);
        let table = it.builder.create_jump_table(table);
        it.builder.ins().br_table(operation, table);

        for (operation, block) in OPERATIONS.into_iter().zip(blocks) {
            it.builder.switch_to_block(block);
            it.builder.seal_block(block);
            let (value, second) = (it.get(register), it.get(other));
            match operation {
                Operation::Stop => {
                    it.builder.ins().return_(&[value]);
                    continue;
                }
                Operation::Load => it.set(register, operand),
                Operation::Add => it.add_to(register, operand),
                Operation::Multiply => {
                    let product = it.builder.ins().imul(value, operand);
                    it.set(register, product);
                }
                Operation::Swap => {
                    it.set(register, second);
                    it.set(other, value);
                }
                Operation::Sum => it.add_to(register, second),
                Operation::Loop => it.if_true(second, |it| it.add_to(place, operand)),
                Operation::Lower => {
                    let less = it.builder.ins().isub(second, operand);
                    it.set(other, less);
                }
            }
            it.builder.ins().jump(head, &[]);
        }
        it.builder.seal_block(head);
        it.builder.switch_to_block(bad);
        it.builder.seal_block(bad);
        it.integer(-1)
    })?;
    for rounds in [1, 2, 40] {
        unit.expect("a branch by a table", function, [rounds, 0], run(rounds));
    }
    Ok(())
}
