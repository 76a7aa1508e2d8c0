//! x86-64's exceptions (Intel SDM, volume 3, chapter 6): vectors, and the page fault's error code.

use bitflags::bitflags;

use super::{Access, Cause, Refusal};

/// The page fault's vector.
pub const PAGE_FAULT: u64 = 14;

/// The exceptions' names by vector.
const NAMES: [&str; 32] = [
    "divide error",
    "debug exception",
    "non-maskable interrupt",
    "breakpoint",
    "overflow",
    "bound range exceeded",
    "invalid instruction",
    "device not available",
    "double fault",
    "coprocessor segment overrun",
    "invalid task state segment",
    "segment not present",
    "stack segment fault",
    "general protection fault",
    "page fault",
    "reserved exception 15",
    "x87 floating-point error",
    "alignment check",
    "machine check",
    "SIMD floating-point error",
    "virtualization exception",
    "control protection exception",
    "reserved exception 22",
    "reserved exception 23",
    "reserved exception 24",
    "reserved exception 25",
    "reserved exception 26",
    "reserved exception 27",
    "hypervisor injection exception",
    "VMM communication exception",
    "security exception",
    "reserved exception 31",
];

bitflags! {
    /// A page fault's error code.
    struct PageFault: u64 {
        const PRESENT = 1 << 0;
        const WRITE = 1 << 1;
        const RESERVED_BIT = 1 << 3;
        const INSTRUCTION_FETCH = 1 << 4;
        const PROTECTION_KEY = 1 << 5;
    }
}

/// The cause that a vector and its error code tell, with CR2 where it is a page fault.
pub fn cause(vector: u64, error_code: u64, cr2: u64) -> Cause {
    if vector != PAGE_FAULT {
        let index = usize::try_from(vector).ok();
        let name = index.and_then(|index| NAMES.get(index));
        return Cause::Exception {
            name: name.unwrap_or(&"interrupt"),
            code: error_code,
        };
    }
    let bits = PageFault::from_bits_truncate(error_code);
    let access = if bits.contains(PageFault::INSTRUCTION_FETCH) {
        Access::Execute
    } else if bits.contains(PageFault::WRITE) {
        Access::Write
    } else {
        Access::Read
    };
    let refusal = if bits.contains(PageFault::RESERVED_BIT) {
        Refusal::Other("a reserved bit is set in a page table")
    } else if bits.contains(PageFault::PROTECTION_KEY) {
        Refusal::Other("a protection key forbids it")
    } else if bits.contains(PageFault::PRESENT) {
        Refusal::Protection
    } else {
        Refusal::NotMapped
    };
    Cause::Memory {
        access,
        address: cr2,
        refusal,
    }
}

/// Whether `code` may end in a call, so that what follows it may be returned to. Instructions can't be read backwards with
/// certainty: other code may end in such bytes, too.
pub fn ends_in_call(code: &[u8]) -> bool {
    const CALL_RELATIVE: u8 = 0xe8;
    let before = |distance: usize| code.len().checked_sub(distance).map(|start| &code[start..]);
    before(5).is_some_and(|tail| tail[0] == CALL_RELATIVE)
        || (2..=7)
            .filter_map(before)
            .any(|tail| indirect_call_length(tail) == Some(tail.len()))
}

/// The length of the call through a register or memory (`FF /2`) at the start of `code`.
const fn indirect_call_length(code: &[u8]) -> Option<usize> {
    let [0xff, operand, rest @ ..] = code else {
        return None;
    };
    if *operand >> 3 & 7 != 2 {
        return None;
    }
    let (mode, register) = (*operand >> 6, *operand & 7);
    let has_scaled_index = mode != 3 && register == 4;
    let displacement = match (mode, register, rest) {
        (0, 5, _) | (2, ..) => 4,
        (0, 4, [scaled_index, ..]) if *scaled_index & 7 == 5 => 4,
        (1, ..) => 1,
        _ => 0,
    };
    Some(2 + has_scaled_index as usize + displacement)
}

#[cfg(test)]
mod tests {
    use super::{cause, ends_in_call};
    use crate::fault::{Access, Cause, Refusal};

    #[test]
    fn a_page_fault_tells_access_and_refusal() {
        let memory = |access, refusal| Cause::Memory {
            access,
            address: 0x1234,
            refusal,
        };
        assert_eq!(
            cause(14, 0b0_0000, 0x1234),
            memory(Access::Read, Refusal::NotMapped)
        );
        assert_eq!(
            cause(14, 0b0_0011, 0x1234),
            memory(Access::Write, Refusal::Protection)
        );
        assert_eq!(
            cause(14, 0b1_0001, 0x1234),
            memory(Access::Execute, Refusal::Protection)
        );
    }

    #[test]
    fn other_vectors_are_named() {
        assert_eq!(
            cause(6, 0, 0),
            Cause::Exception {
                name: "invalid instruction",
                code: 0
            }
        );
    }

    #[test]
    fn calls_are_told_from_other_instructions() {
        let calls: [&[u8]; 9] = [
            &[0xe8, 0, 0, 0, 0],                         // call main
            &[0x90, 0xff, 0xd0],                         // call rax
            &[0x41, 0xff, 0xd2],                         // call r10
            &[0xff, 0x10],                               // call [rax]
            &[0xff, 0x50, 0x18],                         // call [rax + 24]
            &[0xff, 0x54, 0x24, 8],                      // call [rsp + 8]
            &[0xff, 0x15, 1, 2, 3, 4],                   // call [rip + ...]
            &[0xff, 0x14, 0xc5, 1, 2, 3, 4],             // call [rax * 8 + ...]
            &[0x48, 0x89, 0xc7, 0xff, 0x90, 0, 1, 0, 0], // mov; call [rax + 256]
        ];
        for call in calls {
            assert!(ends_in_call(call), "{call:02x?}");
        }
        let others: [&[u8]; 6] = [
            &[],
            &[0xe8, 0, 0, 0],
            &[0xc9, 0xc3],                   // leave; ret
            &[0xff, 0xe0],                   // jmp rax
            &[0xff, 0x15, 0],                // cut short
            &[0x48, 0x89, 0xe5, 0x90, 0x90], // a prologue
        ];
        for other in others {
            assert!(!ends_in_call(other), "{other:02x?}");
        }
    }
}
