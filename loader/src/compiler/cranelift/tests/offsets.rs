//! Where code is said to trap, and to hold references while a call is out: by the bytes that stand there.

use std::vec::Vec;

use cranelift_codegen::ir::{InstBuilder, TrapCode, types};

use super::{MACHINES, compiled, compiler, function, function_7};
use crate::base::Machine;
use crate::compiler::{Callee, CompiledFunction, Trap};

/// The four bytes there, as far as there is code.
fn word_at(code: &CompiledFunction, offset: u32) -> u32 {
    let mut word = [0; 4];
    for (place, &byte) in word.iter_mut().zip(&code.bytes[offset as usize..]) {
        *place = byte;
    }
    u32::from_le_bytes(word)
}

#[test]
fn a_trap_site_is_where_the_instruction_stands() {
    for machine in MACHINES {
        let compiler = compiler(machine, &[]);
        let division = function(&compiler, |builder, parameter| {
            let seventeen = builder.ins().iconst(types::I64, 17);
            let result = builder.ins().udiv(seventeen, parameter);
            builder.ins().trapz(parameter, TrapCode::unwrap_user(9));
            builder.ins().return_(&[result]);
        });
        let code = compiled(&compiler, division).unwrap();
        for trap in [Trap::DivisionByZero, Trap::User(9)] {
            let sites: Vec<_> = (code.traps.iter())
                .filter(|site| site.trap == trap)
                .collect();
            let [site] = sites.as_slice() else {
                panic!("{machine}: {sites:?}");
            };
            let word = word_at(&code, site.offset);
            match (machine, trap) {
                // `div` of a register of eight bytes, and `ud2`.
                (Machine::X86_64, Trap::DivisionByZero) => {
                    assert_eq!(word & 0x38_fff8, 0x30_f748, "{word:#x}");
                }
                (Machine::X86_64, _) => assert_eq!(word & 0xffff, 0x0b0f, "{word:#x}"),
                // `udf`, for either.
                (Machine::Aarch64, _) => assert_eq!(word >> 16, 0, "{word:#x}"),
            }
        }
    }
}

#[test]
fn a_stack_map_is_where_the_call_returns_and_names_where_the_reference_was_stored() {
    for machine in MACHINES {
        let compiler = compiler(machine, &[]);
        let holding = function(&compiler, |builder, parameter| {
            builder.declare_value_needs_stack_map(parameter);
            let callee = function_7(builder, true);
            let call = builder.ins().call(callee, &[parameter]);
            let result = builder.inst_results(call)[0];
            let sum = builder.ins().iadd(result, parameter);
            builder.ins().return_(&[sum]);
        });
        let code = compiled(&compiler, holding).unwrap();
        let ([map], [call]) = (code.stack_maps.as_slice(), code.relocations.as_slice()) else {
            panic!("{machine}: {code:?}");
        };
        assert_eq!(call.target, Callee::Function(7));
        assert_eq!(map.return_offset, call.offset + 4, "{machine}");
        let [reference] = map.references.as_slice() else {
            panic!("{machine}: {map:?}");
        };
        assert_eq!(reference.size_bytes, 8);
        let offset = reference.stack_offset;
        assert!(offset + 8 <= map.frame_size_bytes, "{machine}: {map:?}");
        let before = map.return_offset - 4;
        let stores: Vec<u32> = match machine {
            // `call`; before it, `sub` of the frame's size, and `mov` to the stack pointer's memory, by an offset of a byte or
            // none.
            Machine::X86_64 => {
                assert_eq!(code.bytes[before as usize - 1], 0xe8);
                let frame = map.frame_size_bytes << 24 | 0xec_8348;
                assert!((0..before).any(|place| word_at(&code, place) == frame));
                let words = (0..before).map(|place| (place, word_at(&code, place)));
                let stores = words.filter(|(_, word)| word & 0xff07_fff8 == 0x2404_8948);
                let offset_of = |(place, word): (u32, u32)| match word >> 22 & 3 {
                    0 => 0,
                    _ => u32::from(code.bytes[place as usize + 4]),
                };
                stores.map(offset_of).collect()
            }
            // `bl`; before it, `stur` to the stack pointer's memory.
            Machine::Aarch64 => {
                assert_eq!(word_at(&code, before) >> 26, 0b10_0101);
                let words = (0..before).step_by(4).map(|place| word_at(&code, place));
                let stores = words.filter(|word| word & 0xffe0_0fe0 == 0xf800_03e0);
                stores.map(|word| word >> 12 & 0x1ff).collect()
            }
        };
        assert!(stores.contains(&offset), "{machine}: {offset}, {stores:?}");
    }
}
