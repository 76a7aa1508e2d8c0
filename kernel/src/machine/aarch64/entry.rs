//! From the loader's entry to Rust with the MMU on.
//!
//! The first page tables map the low 4 GiB where they are, all of it writable and executable but the devices: they serve
//! until the kernel has made its own.

use core::arch::global_asm;
use core::cell::UnsafeCell;
use core::ptr;

use aarch64_cpu::registers::{CPACR_EL1, SCTLR_EL1, TCR_EL1};
use ironlink::memory::paging::MAIR_EL1;

use super::power;
use crate::boot::{self, BootInfo};
use crate::kernel;
use crate::machine::{GuardedStack, KERNEL_STACK, KERNEL_STACK_BYTES};

/// A page table.
#[repr(C, align(4096))]
struct Table([u64; 512]);

/// The root, which the entry's code fills: its first entry names [`FIRST_TABLE`].
#[expect(
    dead_code,
    reason = "only the entry's code writes it, and the processor reads it"
)]
struct FirstRoot(UnsafeCell<Table>);

// SAFETY: only the entry's code writes the table, before any other runs.
unsafe impl Sync for FirstRoot {}

static FIRST_ROOT: FirstRoot = FirstRoot(UnsafeCell::new(Table([0; 512])));

/// Maps four times 1 GiB: the devices, and memory.
static FIRST_TABLE: Table = {
    let mut entries = [0; 512];
    entries[0] = DEVICE_BLOCK;
    let mut gibibyte = 1;
    while gibibyte < 4 {
        entries[gibibyte] = (gibibyte as u64) << 30 | MEMORY_BLOCK;
        gibibyte += 1;
    }
    Table(entries)
};

/// Block descriptor of level 1 (DDI 0487, D8.3): valid, accessed, never executed; attributes 1 of [`MAIR_EL1`]: a device.
const DEVICE_BLOCK: u64 = 0b01 | 1 << 2 | 1 << 10 | 1 << 53 | 1 << 54;
/// Likewise: valid, accessed, inner shareable; attributes 0 of [`MAIR_EL1`]: memory.
const MEMORY_BLOCK: u64 = 0b01 | 0b11 << 8 | 1 << 10;
/// What an entry that names a table holds beside the table's address.
const TABLE: u64 = 0b11;

/// 48-bit addresses in both halves, translated in pages of 4 KiB; the upper half has no tables yet. The physical
/// addresses' width is the processor's.
const TCR: u64 = TCR_EL1::T0SZ.val(16).value
    | TCR_EL1::TG0::KiB_4.value
    | TCR_EL1::SH0::Inner.value
    | TCR_EL1::ORGN0::WriteBack_ReadAlloc_WriteAlloc_Cacheable.value
    | TCR_EL1::IRGN0::WriteBack_ReadAlloc_WriteAlloc_Cacheable.value
    | TCR_EL1::T1SZ.val(16).value
    | TCR_EL1::TG1::KiB_4.value
    | TCR_EL1::SH1::Inner.value
    | TCR_EL1::ORGN1::WriteBack_ReadAlloc_WriteAlloc_Cacheable.value
    | TCR_EL1::IRGN1::WriteBack_ReadAlloc_WriteAlloc_Cacheable.value
    | TCR_EL1::EPD1::DisableTTBR1Walks.value;
/// What is 1 in `SCTLR_EL1` where a machine has no feature that gives the bit a meaning.
const SCTLR_RESERVED: u64 = 0x30d0_0800;
const SCTLR: u64 = SCTLR_RESERVED
    | SCTLR_EL1::M::Enable.value
    | SCTLR_EL1::C::Cacheable.value
    | SCTLR_EL1::I::Cacheable.value;

// The loader has x0 = the address of its device tree; MMU and interrupts off; EL1, or EL2 where the machine has it.
// `image_size`, `bss_start` and `data_end` are the linker script's.
global_asm!(
    ".pushsection .text.header, \"ax\"",
    "    b ironlink_entry",
    "    .word 0",
    "    .quad 0x80000", // where the image lies, from the beginning of memory
    "    .quad image_size",
    "    .quad 0b0010", // little endian, pages of 4 KiB
    "    .quad 0, 0, 0",
    "    .ascii \"ARM\\x64\"",
    "    .word 0",
    ".popsection",
    ".pushsection .text.entry, \"ax\"",
    ".global ironlink_entry",
    "ironlink_entry:",
    "    mrs x1, CurrentEL",
    "    cmp x1, #2 << 2",
    "    b.ne 1f",
    "    mov x1, #1 << 31", // EL1 is AArch64
    "    msr hcr_el2, x1",
    "    mov x1, #0b11", // EL1 reads the counters
    "    msr cnthctl_el2, x1",
    "    msr cntvoff_el2, xzr",
    "    mov x1, #0x33ff", // EL1 uses the vector registers
    "    msr cptr_el2, x1",
    "    ldr x1, ={sctlr_reserved}",
    "    msr sctlr_el1, x1",
    "    mov x1, #0x3c4", // EL1 with SP_EL0, all interrupts masked
    "    msr spsr_el2, x1",
    "    adr x1, 1f",
    "    msr elr_el2, x1",
    "    eret",
    "1:  msr spsel, #0",
    "    ldr x1, ={stack} + {stack_top}",
    "    mov sp, x1",
    "    ldr x1, =bss_start",
    "    ldr x2, =data_end",
    "2:  stp xzr, xzr, [x1], #16",
    "    cmp x1, x2",
    "    b.lo 2b",
    "    ldr x1, ={root}",
    "    ldr x2, ={first_table} + {table}",
    "    str x2, [x1]",
    "    msr ttbr0_el1, x1",
    "    ldr x1, ={mair}",
    "    msr mair_el1, x1",
    "    ldr x1, ={tcr}",
    "    mrs x2, id_aa64mmfr0_el1", // the low field is the width, coded as TCR_EL1.IPS is
    "    and x2, x2, #0b1111",
    "    mov x3, #0b101", // at most 48 bits
    "    cmp x2, x3",
    "    csel x2, x2, x3, lo",
    "    orr x1, x1, x2, lsl #32",
    "    msr tcr_el1, x1",
    "    mov x1, #{cpacr}",
    "    msr cpacr_el1, x1",
    "    tlbi vmalle1",
    "    ic iallu",
    "    dsb sy",
    "    isb",
    "    ldr x1, ={sctlr}",
    "    msr sctlr_el1, x1",
    "    isb",
    "    mov x29, xzr",
    "    mov x30, xzr",
    "    bl {start}",
    "    brk #0",
    "    .ltorg",
    ".popsection",
    stack = sym KERNEL_STACK,
    stack_top = const GuardedStack::<KERNEL_STACK_BYTES>::TOP_OFFSET,
    root = sym FIRST_ROOT,
    first_table = sym FIRST_TABLE,
    table = const TABLE,
    mair = const MAIR_EL1,
    tcr = const TCR,
    sctlr = const SCTLR,
    sctlr_reserved = const SCTLR_RESERVED,
    cpacr = const CPACR_EL1::FPEN::TrapNothing.value,
    start = sym start,
);

/// The first Rust code: on the kernel's stack, with the low 4 GiB mapped.
extern "C" fn start(tree: *const u8) -> ! {
    kernel::start(|| {
        // SAFETY: the loader gives the address of a device tree, which the first table maps where it is.
        unsafe { boot_info(tree) }
    })
}

/// Reads the device tree at `tree`.
///
/// # Safety
/// If there is a device tree, nobody writes there for the kernel's life.
unsafe fn boot_info(tree: *const u8) -> Result<BootInfo, &'static str> {
    let size_bytes = {
        // SAFETY: the loader's registers name mapped memory; a device tree begins with a header of 40 bytes.
        let header: [[u8; 4]; 2] = unsafe { ptr::read(tree.cast()) };
        if u32::from_be_bytes(header[0]) != DEVICE_TREE_MAGIC {
            return Err("the loader gives no device tree");
        }
        u32::from_be_bytes(header[1]) as usize
    };
    // SAFETY: the header says that the tree has that many bytes.
    let tree = unsafe { core::slice::from_raw_parts(tree, size_bytes) };
    let (mut information, call) = boot::from_device_tree(tree).map_err(|error| error.as_str())?;
    if let Some(call) = call {
        power::set_call(call);
    }
    let range = boot::PhysicalRange::new(tree.as_ptr().addr() as u64, tree.len() as u64);
    if let Some(range) = range {
        information.memory.take(range);
    }
    Ok(information)
}

/// The first four bytes of a flattened device tree.
const DEVICE_TREE_MAGIC: u32 = 0xd00d_feed;
