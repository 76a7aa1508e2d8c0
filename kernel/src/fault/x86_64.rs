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

#[cfg(test)]
mod tests {
    use super::cause;
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
}
