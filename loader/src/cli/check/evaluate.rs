//! The value of an expression over a linked program.

use crate::base::Machine;

use super::Program;
use super::expression::{Expression, Operation};
use super::fault::Fault;
use super::instruction::{self, Instruction, Operand};

/// The value of an expression, modulo 2^64.
///
/// # Errors
/// If it asks for what the program hasn't got.
pub(super) fn value(expression: &Expression<'_>, program: &dyn Program) -> Result<u64, Fault> {
    match *expression {
        Expression::Number(number) => Ok(number),
        Expression::Symbol(name) => symbol(name, program),
        Expression::Load { size, ref address } => load(value(address, program)?, size, program),
        Expression::Slice {
            value: ref of,
            high,
            low,
        } => Ok(slice(value(of, program)?, high, low)),
        Expression::Chain {
            ref first,
            ref rest,
        } => {
            let mut result = value(first, program)?;
            for (operation, operand) in rest {
                result = apply(*operation, result, value(operand, program)?);
            }
            Ok(result)
        }
        Expression::Operand {
            symbol,
            offset,
            index,
        } => operand(symbol, offset, index, program),
        Expression::NextPc { symbol: name } => {
            let size = decode(name, 0, program)?.size;
            Ok(symbol(name, program)?.wrapping_add(size))
        }
        Expression::Stub {
            object,
            symbol,
            kind,
        } => program
            .stub(object, symbol, kind)
            .ok_or_else(|| Fault::NoStub {
                object: object.into(),
                symbol: symbol.into(),
            }),
        Expression::Got { object, symbol } => {
            program.got(object, symbol).ok_or_else(|| Fault::NoSlot {
                object: object.into(),
                symbol: symbol.into(),
            })
        }
        Expression::Section { object, name } => {
            program
                .section(object, name)
                .ok_or_else(|| Fault::NoSection {
                    object: object.into(),
                    section: name.into(),
                })
        }
    }
}

fn symbol(name: &str, program: &dyn Program) -> Result<u64, Fault> {
    program
        .symbol(name)
        .ok_or_else(|| Fault::NoSymbol { name: name.into() })
}

fn load(address: u64, size: usize, program: &dyn Program) -> Result<u64, Fault> {
    // All machines that are linked for are little-endian, so what is not read stands above.
    let mut bytes = [0; size_of::<u64>()];
    let missing = Fault::NoMemory { address, size };
    let wanted = bytes.get_mut(..size).ok_or(missing.clone())?;
    if program.read(address, wanted) < size {
        return Err(missing);
    }
    Ok(u64::from_le_bytes(bytes))
}

fn slice(value: u64, high: u32, low: u32) -> u64 {
    let above = u64::BITS - 1 - high;
    (value << above) >> above >> low
}

fn apply(operation: Operation, left: u64, right: u64) -> u64 {
    let by = u32::try_from(right).unwrap_or(u32::MAX);
    match operation {
        Operation::Add => left.wrapping_add(right),
        Operation::Subtract => left.wrapping_sub(right),
        Operation::And => left & right,
        Operation::Or => left | right,
        Operation::ShiftLeft => left.checked_shl(by).unwrap_or(0),
        Operation::ShiftRight => left.checked_shr(by).unwrap_or(0),
    }
}

fn operand(name: &str, offset: u64, index: u64, program: &dyn Program) -> Result<u64, Fault> {
    let instruction = decode(name, offset, program)?;
    let operands = instruction.operands.ok_or_else(|| Fault::Unnumbered {
        symbol: name.into(),
        offset,
        instruction: instruction.name.clone(),
    })?;
    let at = usize::try_from(index).ok();
    match at.and_then(|at| operands.get(at)) {
        Some(Operand::Immediate(number)) => Ok(number.cast_unsigned()),
        Some(Operand::Register) => Err(Fault::NotImmediate {
            index,
            instruction: instruction.name,
        }),
        None => Err(Fault::NoOperand {
            index,
            count: operands.len(),
            instruction: instruction.name,
        }),
    }
}

fn decode(name: &str, offset: u64, program: &dyn Program) -> Result<Instruction, Fault> {
    let address = symbol(name, program)?.wrapping_add(offset);
    let mut bytes = [0; instruction::LONGEST];
    let count = program.read(address, &mut bytes);
    let code = bytes.get(..count).unwrap_or(&bytes);
    let decoded = match program.machine() {
        Machine::X86_64 => instruction::x86_64::decode(code),
        Machine::Aarch64 => instruction::aarch64::decode(code),
    };
    decoded.ok_or_else(|| Fault::NoInstruction {
        symbol: name.into(),
        offset,
    })
}
