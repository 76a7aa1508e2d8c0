//! What the machine's loader told the kernel: memory, command line, initial memory disk.
//!
//! A loader's form (PVH on x86-64, a device tree on aarch64) ends here: nothing above knows which it was.

mod device_tree;
mod memory_map;

pub use device_tree::{DeviceTreeError, PsciCall, from_device_tree};
pub use memory_map::{MemoryMap, PhysicalRange};

/// The command line, copied: what the loader wrote is not mapped for long.
pub type CommandLine = heapless::String<1024>;

/// What the machine's loader told.
#[derive(Clone, Debug)]
pub struct BootInfo {
    /// Memory that may be used, and what of it is taken already.
    pub memory: MemoryMap,
    /// The kernel's command line, without surrounding blanks.
    pub command_line: CommandLine,
    /// Where the initial memory disk lies, if there is one.
    pub initrd: Option<PhysicalRange>,
}
