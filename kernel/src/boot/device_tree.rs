//! Boot information out of a flattened device tree, as QEMU's `virt` and most aarch64 loaders give one.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};

use super::{BootInfo, MemoryMap, PhysicalRange};

/// How the machine's firmware is called for power management.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PsciCall {
    /// By a hypervisor call.
    Hvc,
    /// By a secure monitor call.
    Smc,
}

/// Why a device tree could not be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceTreeError {
    /// The bytes are no device tree.
    Malformed,
    /// The tree tells of no memory.
    NoMemory,
    /// The command line is longer than the kernel can keep.
    CommandLine,
}

impl DeviceTreeError {
    /// The error in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "the loader's device tree is malformed",
            Self::NoMemory => "the loader's device tree tells of no memory",
            Self::CommandLine => "the command line is longer than 1024 bytes",
        }
    }
}

/// Reads memory, command line, initial memory disk, and how to call the firmware.
///
/// # Errors
/// The tree is malformed or tells of no memory, or the command line is too long; all else is optional.
pub fn from_device_tree(
    tree: &'static [u8],
) -> Result<(BootInfo, Option<PsciCall>), DeviceTreeError> {
    let tree = Fdt::new(tree).map_err(|_| DeviceTreeError::Malformed)?;
    let mut memory = MemoryMap::new();
    for node in tree.root().children() {
        if node.name_without_address() == "memory" {
            for range in ranges_of(node) {
                memory.add_usable(range);
            }
        }
    }
    if memory.usable().next().is_none() {
        return Err(DeviceTreeError::NoMemory);
    }
    for reservation in tree.memory_reservations() {
        if let Some(range) = PhysicalRange::new(reservation.address(), reservation.size()) {
            memory.take(range);
        }
    }
    let chosen = tree.find_node("/chosen");
    let command_line = chosen.and_then(|node| string(node, "bootargs"));
    let initrd = chosen.and_then(|node| {
        let first = number(node, "linux,initrd-start")?;
        PhysicalRange::between(first, number(node, "linux,initrd-end")?)
    });
    let information = BootInfo {
        memory,
        command_line: command_line
            .unwrap_or("")
            .trim()
            .try_into()
            .map_err(|_| DeviceTreeError::CommandLine)?,
        initrd,
    };
    Ok((information, psci_call(tree)))
}

fn psci_call(tree: Fdt<'static>) -> Option<PsciCall> {
    match string(tree.find_node("/psci")?, "method")? {
        "hvc" => Some(PsciCall::Hvc),
        "smc" => Some(PsciCall::Smc),
        _ => None,
    }
}

/// The stretches of memory that a node's `reg` names.
fn ranges_of<'a>(node: FdtNode<'a>) -> impl Iterator<Item = PhysicalRange> + use<'a> {
    let entries = node.reg().ok().flatten();
    entries.into_iter().flatten().filter_map(|entry| {
        let (first, size_bytes) = (entry.address().ok()?, entry.size().ok()?);
        PhysicalRange::new(first, size_bytes)
    })
}

/// A property of one or two cells, as a number.
fn number(node: FdtNode<'static>, name: &str) -> Option<u64> {
    let property = node.property(name)?;
    let in_one_cell = || property.value_as::<u32>().map(u64::from);
    property.value_as().or_else(|_| in_one_cell()).ok()
}

/// A property that is a string.
fn string(node: FdtNode<'static>, name: &str) -> Option<&'static str> {
    node.property(name)?.value_as().ok()
}
