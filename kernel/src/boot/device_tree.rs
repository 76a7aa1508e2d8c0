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

#[cfg(test)]
mod tests {
    use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
    use std::string::String;
    use std::vec::Vec;

    use super::{DeviceTreeError, PsciCall, from_device_tree};
    use crate::boot::PhysicalRange;

    fn node(name: &str, properties: Vec<DeviceTreeProperty>) -> DeviceTreeNode {
        let mut node = DeviceTreeNode::new(name).unwrap();
        properties.into_iter().for_each(|it| node.add_property(it));
        node
    }

    fn text(name: &str, value: &str) -> DeviceTreeProperty {
        DeviceTreeProperty::new(name, value).unwrap()
    }

    fn cells(name: &str, value: &[u32]) -> DeviceTreeProperty {
        let bytes: Vec<u8> = value.iter().flat_map(|cell| cell.to_be_bytes()).collect();
        DeviceTreeProperty::new(name, bytes.as_slice()).unwrap()
    }

    /// A tree as QEMU's `virt` has it, with these children.
    fn tree(children: Vec<DeviceTreeNode>) -> &'static [u8] {
        let mut tree = DeviceTree::new();
        tree.root.add_property(cells("#address-cells", &[2]));
        tree.root.add_property(cells("#size-cells", &[2]));
        children.into_iter().for_each(|it| tree.root.add_child(it));
        tree.to_dtb().leak()
    }

    fn memory() -> DeviceTreeNode {
        let reg = cells("reg", &[0, 0x4000_0000, 1, 0x1000_0000]);
        node("memory@40000000", std::vec![reg])
    }

    #[test]
    fn memory_command_line_initrd_and_firmware_are_read() {
        let chosen = node(
            "chosen",
            std::vec![
                text("bootargs", " test slab "),
                cells("linux,initrd-start", &[0x4800_0000]),
                cells("linux,initrd-end", &[0, 0x4800_0014]),
            ],
        );
        let psci = node("psci", std::vec![text("method", "hvc")]);
        let (information, call) =
            from_device_tree(tree(std::vec![memory(), chosen, psci])).unwrap();
        let usable: Vec<PhysicalRange> = information.memory.usable().collect();
        assert_eq!(
            usable,
            [PhysicalRange::new(0x4000_0000, 0x1_1000_0000).unwrap()]
        );
        assert_eq!(information.command_line, "test slab");
        assert_eq!(information.initrd, PhysicalRange::new(0x4800_0000, 20));
        assert_eq!(call, Some(PsciCall::Hvc));
    }

    #[test]
    fn only_memory_is_needed() {
        let (information, call) = from_device_tree(tree(std::vec![memory()])).unwrap();
        assert_eq!(information.command_line, "");
        assert_eq!((information.initrd, call), (None, None));
        let none = from_device_tree(tree(Vec::new())).map(|_| ());
        assert_eq!(none, Err(DeviceTreeError::NoMemory));
    }

    #[test]
    fn what_is_no_tree_or_too_long_is_refused() {
        let malformed = from_device_tree(&tree(std::vec![memory()])[..100]).map(|_| ());
        assert_eq!(malformed, Err(DeviceTreeError::Malformed));
        let line: String = "x".repeat(1025);
        let chosen = node("chosen", std::vec![text("bootargs", &line)]);
        let too_long = from_device_tree(tree(std::vec![memory(), chosen])).map(|_| ());
        assert_eq!(too_long, Err(DeviceTreeError::CommandLine));
    }
}
