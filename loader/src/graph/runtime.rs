//! What a program needs of a graph beside its blocks: functions chosen while it is linked, and each thread's own storage.

use crate::base::{Alignment, Machine, TargetAddr};

use super::SymbolId;

/// A name whose code is chosen when it is linked, by calling a resolver: an IFUNC. Source: System V gABI, GNU extensions,
/// STT_GNU_IFUNC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IndirectFunction {
    /// The name; it stands for the stub that jumps where the slot says.
    pub symbol: SymbolId,
    /// The function that returns the address of the code.
    pub resolver: SymbolId,
    /// The word of the global offset table that takes what the resolver returns.
    pub slot: SymbolId,
}

/// The one static block of thread-local storage of a link: the image that each thread's block is made of, and where the
/// machine's thread pointer would stand beside it. Source: Drepper, ELF Handling for Thread-Local Storage, 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThreadStorage {
    /// The address of the image.
    pub address: TargetAddr,
    /// Its size in bytes, the zeros that follow it included.
    pub size_bytes: u64,
    /// What the address is a multiple of.
    pub alignment: Alignment,
}

impl ThreadStorage {
    /// The thread pointer that goes with the image's own address: on x86-64 it stands at the block's end, on AArch64 before
    /// it, two words away. Source: System V ABI, AMD64 supplement, and AAELF64: "Thread-local storage".
    pub fn thread_pointer(&self, machine: Machine) -> TargetAddr {
        match machine {
            Machine::X86_64 => {
                let size_bytes = self.alignment.checked_round_up(self.size_bytes);
                let size_bytes = size_bytes.unwrap_or(self.size_bytes);
                self.address.wrapping_offset(size_bytes.cast_signed())
            }
            Machine::Aarch64 => {
                let control_block = self.alignment.max(Alignment::SIXTEEN).bytes();
                self.address
                    .wrapping_offset(control_block.cast_signed().wrapping_neg())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ThreadStorage;
    use crate::base::{Alignment, Machine, TargetAddr};

    #[test]
    fn the_thread_pointer_follows_the_block_on_one_machine_and_precedes_it_on_the_other() {
        let storage = ThreadStorage {
            address: TargetAddr::new(0x1000),
            size_bytes: 0x21,
            alignment: Alignment::EIGHT,
        };
        let at = |machine| storage.thread_pointer(machine).value();
        assert_eq!(at(Machine::X86_64), 0x1028);
        assert_eq!(at(Machine::Aarch64), 0xff0);
    }
}
