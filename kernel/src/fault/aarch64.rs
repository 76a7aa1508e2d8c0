//! aarch64's synchronous exceptions: the syndrome of `ESR_EL1` (DDI 0487, D24.2 "ESR_EL1, Exception Syndrome Register").

use super::{Access, Cause, Refusal};

/// Exception classes: instruction abort, and data abort, taken from the same level.
const INSTRUCTION_ABORT: u64 = 0x21;
const DATA_ABORT: u64 = 0x25;
/// The bit of a data abort's syndrome that says that it was a write.
const WRITE_NOT_READ: u64 = 1 << 6;

/// The cause that a syndrome tells, with `FAR_EL1` where it is about an address.
pub fn cause(syndrome: u64, fault_address: u64) -> Cause {
    let class = syndrome >> 26 & 0x3f;
    let access = match class {
        INSTRUCTION_ABORT => Access::Execute,
        DATA_ABORT if syndrome & WRITE_NOT_READ != 0 => Access::Write,
        DATA_ABORT => Access::Read,
        _ => {
            return Cause::Exception {
                name: class_name(class),
                code: syndrome,
            };
        }
    };
    Cause::Memory {
        access,
        address: fault_address,
        refusal: refusal(syndrome & 0x3f),
    }
}

/// What a fault status code says; its low two bits are the table's level where there is one.
const fn refusal(status: u64) -> Refusal {
    match status {
        0b00_0100..=0b00_0111 => Refusal::NotMapped,
        0b00_1100..=0b00_1111 => Refusal::Protection,
        0b00_0000..=0b00_0011 => Refusal::Other("the address is too wide"),
        0b00_1000..=0b00_1011 => Refusal::Other("the page's access flag is clear"),
        0b01_0000..=0b01_0111 => Refusal::Other("no memory answers there"),
        0b10_0001 => Refusal::Other("the address is not aligned"),
        _ => Refusal::Other("the memory system refused"),
    }
}

const fn class_name(class: u64) -> &'static str {
    match class {
        0x00 => "invalid instruction",
        0x07 => "floating point is switched off",
        0x0d => "branch to no landing pad",
        0x0e => "illegal execution state",
        0x15 => "supervisor call",
        0x16 => "hypervisor call",
        0x17 => "secure monitor call",
        0x18 => "system register access",
        0x1c => "pointer authentication failed",
        0x22 => "program counter not aligned",
        0x26 => "stack pointer not aligned",
        0x2c => "floating-point exception",
        0x2f => "asynchronous error",
        0x3c => "breakpoint instruction",
        _ => "exception",
    }
}

/// Whether the last instruction of `code` is a call, so that what follows it may be returned to.
pub fn ends_in_call(code: &[u8]) -> bool {
    let Some(instruction) = code.last_chunk().map(|word| u32::from_le_bytes(*word)) else {
        return false;
    };
    let is_bl = instruction & 0xfc00_0000 == 0x9400_0000;
    let is_blr = instruction & 0xffff_fc1f == 0xd63f_0000;
    // BLRAA, BLRAB and their forms with a modifier of zero.
    let is_authenticated_blr = instruction & 0xfeff_f800 == 0xd63f_0800;
    is_bl || is_blr || is_authenticated_blr
}

#[cfg(test)]
mod tests {
    use super::{cause, ends_in_call};
    use crate::fault::{Access, Cause, Refusal};

    #[test]
    fn aborts_tell_access_and_refusal() {
        let memory = |access, refusal| Cause::Memory {
            access,
            address: 0x1234,
            refusal,
        };
        assert_eq!(
            cause(0x25 << 26 | 1 << 6 | 0b00_1111, 0x1234),
            memory(Access::Write, Refusal::Protection)
        );
        assert_eq!(
            cause(0x25 << 26 | 0b00_0110, 0x1234),
            memory(Access::Read, Refusal::NotMapped)
        );
        assert_eq!(
            cause(0x21 << 26 | 0b00_1101, 0x1234),
            memory(Access::Execute, Refusal::Protection)
        );
    }

    #[test]
    fn other_classes_are_named() {
        let syndrome = 0x3c << 26 | 7;
        assert_eq!(
            cause(syndrome, 0),
            Cause::Exception {
                name: "breakpoint instruction",
                code: syndrome
            }
        );
    }

    #[test]
    fn calls_are_told_from_other_instructions() {
        let calls = [
            0x9400_0000,
            0x97ff_ffff,
            0xd63f_0100,
            0xd63f_0840,
            0xd73f_0841,
        ];
        // b, ret, br, blr's neighbours, a prologue.
        let others = [
            0x1400_0000,
            0xd65f_03c0,
            0xd61f_0100,
            0xd63f_0101,
            0xa9bf_7bfd,
        ];
        let is_call = |instruction: u32| ends_in_call(&instruction.to_le_bytes());
        assert_eq!(calls.map(is_call), [true; 5]);
        assert_eq!(others.map(is_call), [false; 5]);
        assert!(!ends_in_call(&[0x00, 0x00, 0x94]));
    }
}
