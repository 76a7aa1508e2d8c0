//! What a PVH loader tells: `hvm_start_info`, as Xen's `public/arch-x86/hvm/start_info.h` lays it out.

use core::ffi::CStr;

use crate::boot::{BootInfo, MemoryMap, PhysicalRange};

/// The first field of every `hvm_start_info`.
const MAGIC: u32 = 0x336e_c578;
/// The version from which on there is a memory map.
const VERSION_WITH_MEMORY_MAP: u32 = 1;
/// A memory map entry's type for usable memory: that of E820.
const USABLE: u32 = 1;

/// `struct hvm_start_info`.
#[repr(C)]
pub(super) struct StartInfo {
    magic: u32,
    version: u32,
    _flags: u32,
    module_count: u32,
    modules: u64,
    command_line: u64,
    _rsdp: u64,
    memory_map: u64,
    memory_map_entries: u32,
    _reserved: u32,
}

/// `struct hvm_modlist_entry`.
#[repr(C)]
struct Module {
    address: u64,
    size_bytes: u64,
    _command_line: u64,
    _reserved: u64,
}

/// `struct hvm_memmap_table_entry`.
#[repr(C)]
struct MemoryMapEntry {
    address: u64,
    size_bytes: u64,
    kind: u32,
    _reserved: u32,
}

/// Reads what the loader told.
///
/// # Errors
/// It is of another form, or the command line is too long.
///
/// # Safety
/// `information` and what it points to are as a PVH loader left them, are mapped at their physical addresses, and nobody
/// writes there for the kernel's life.
pub(super) unsafe fn boot_info(information: *const StartInfo) -> Result<BootInfo, &'static str> {
    // SAFETY: by this function's contract the structure is there; loaders don't align it.
    let information = unsafe { information.read_unaligned() };
    if information.magic != MAGIC || information.version < VERSION_WITH_MEMORY_MAP {
        return Err("the loader is no PVH loader, or gives no memory map");
    }
    // SAFETY: the structure names that many entries there.
    let entries =
        unsafe { table::<MemoryMapEntry>(information.memory_map, information.memory_map_entries) };
    // SAFETY: likewise.
    let mut modules = unsafe { table::<Module>(information.modules, information.module_count) };
    let mut memory = MemoryMap::new();
    entries
        .filter(|entry| entry.kind == USABLE)
        .filter_map(|entry| PhysicalRange::new(entry.address, entry.size_bytes))
        .for_each(|range| memory.add_usable(range));
    let command_line = match information.command_line {
        0 => c"",
        address => {
            let text = core::ptr::with_exposed_provenance(address as usize);
            // SAFETY: a command line that is there ends in a zero byte.
            unsafe { CStr::from_ptr(text) }
        }
    };
    Ok(BootInfo {
        memory,
        command_line: command_line
            .to_str()
            .unwrap_or("")
            .trim()
            .try_into()
            .map_err(|_| "the command line is longer than 1024 bytes")?,
        initrd: modules
            .next()
            .and_then(|module| PhysicalRange::new(module.address, module.size_bytes)),
    })
}

/// The `count` entries of the table at `address`, which loaders don't align.
///
/// # Safety
/// As [`boot_info`]'s.
unsafe fn table<T>(address: u64, count: u32) -> impl Iterator<Item = T> {
    let first: *const T = core::ptr::with_exposed_provenance(address as usize);
    (0..count as usize).map(move |index| {
        let entry = first.wrapping_add(index);
        // SAFETY: by this function's contract there are that many entries.
        unsafe { entry.read_unaligned() }
    })
}
