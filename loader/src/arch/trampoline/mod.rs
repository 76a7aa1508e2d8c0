//! Trampolines: code that calls a hook on the way to a function, and what of a block's edges are calls.
//!
//! A trampoline is entered as the function would be. It keeps all registers that C passes arguments in, with the stack as
//! aligned as C wants it calls the hook with a number, and jumps to the function as if nothing had been: registers and stack
//! are those of the caller, so that results, and who unwinds, go past it. All three words stand behind the code: no distance
//! is too far. Vector registers are kept as far as the base ABI passes arguments in them, and must be usable for that.
//!
//! The function, the hook, and the trampoline itself are reached by indirect branches. Where a machine checks these, they must
//! begin with a landing pad (`endbr64`, `bti c`); the trampoline does.

mod aarch64;
mod x86_64;

use crate::base::Machine;
use crate::edge::EdgeKind;

/// A trampoline on a machine. Its address is a multiple of eight; each word has eight bytes.
#[derive(Debug)]
pub struct TrampolineShape {
    /// The code, and the words before they are written.
    pub bytes: &'static [u8],
    /// Where the number stands that the hook is given, in bytes.
    pub number_offset: u32,
    /// Where the address of the hook stands, in bytes.
    pub hook_offset: u32,
    /// Where the address of the function stands, in bytes.
    pub function_offset: u32,
}

/// The trampoline of `machine`.
pub const fn trampoline_shape(machine: Machine) -> &'static TrampolineShape {
    match machine {
        Machine::X86_64 => &x86_64::TRAMPOLINE,
        Machine::Aarch64 => &aarch64::TRAMPOLINE,
    }
}

/// Whether an edge in code is a call of its target, or a jump to it, that may lead through other code as well: it takes no
/// address that somebody could compare. `before` is what the block holds up to the field.
pub fn is_call(machine: Machine, kind: EdgeKind, addend: i64, before: &[u8]) -> bool {
    match machine {
        Machine::X86_64 => x86_64::is_call(kind, addend, before),
        Machine::Aarch64 => aarch64::is_call(kind, addend),
    }
}

#[cfg(test)]
mod tests {
    use crate::arch::trampoline_shape;
    use crate::base::Machine;

    #[test]
    fn words_stand_aligned_behind_the_code_to_the_end() {
        for machine in [Machine::X86_64, Machine::Aarch64] {
            let shape = trampoline_shape(machine);
            let words = [
                shape.number_offset,
                shape.hook_offset,
                shape.function_offset,
            ];
            assert!(words[0].is_multiple_of(8));
            assert_eq!(words, [0, 8, 16].map(|offset| words[0] + offset));
            assert_eq!(shape.bytes.len(), usize::try_from(words[2]).unwrap() + 8);
        }
    }

    /// `mov` at 0x3c, `call` at 0x43, `jmp` at 0x81: each counts from its end.
    #[test]
    fn x86_64_reads_each_word_where_it_stands() {
        let shape = trampoline_shape(Machine::X86_64);
        let reads = [
            (0x3f, shape.number_offset),
            (0x45, shape.hook_offset),
            (0x83, shape.function_offset),
        ];
        for (field, word) in reads {
            let bytes = shape.bytes[field..field + 4].try_into().unwrap();
            let end = u32::try_from(field).unwrap() + 4;
            assert_eq!(end + u32::from_le_bytes(bytes), word);
        }
    }

    /// The loads of literals: a distance of 19 bits from bit 5 on, in instructions.
    #[test]
    fn aarch64_reads_each_word_where_it_stands() {
        let shape = trampoline_shape(Machine::Aarch64);
        let reads = [
            (0x30, shape.number_offset),
            (0x34, shape.hook_offset),
            (0x64, shape.function_offset),
        ];
        for (place, word) in reads {
            let bytes = shape.bytes[place..place + 4].try_into().unwrap();
            let instruction = u32::from_le_bytes(bytes);
            assert_eq!(instruction >> 24, 0x58);
            let distance = (instruction >> 5 & 0x7_ffff) * 4;
            assert_eq!(u32::try_from(place).unwrap() + distance, word);
        }
    }
}
