//! From the loader's 32-bit entry to Rust in long mode.
//!
//! The first page tables map the low 4 GiB where they are, writable and executable: they serve until the kernel has made
//! its own.

use core::arch::global_asm;
use core::cell::UnsafeCell;

use x86_64::registers::control::{Cr0Flags, Cr4Flags, EferFlags};
use x86_64::structures::paging::PageTableFlags;

use super::pvh::{self, StartInfo};
use crate::kernel;
use crate::machine::{GuardedStack, KERNEL_STACK, KERNEL_STACK_BYTES};

/// Page tables that map the low 4 GiB: the root, a table of 1 GiB entries, and four of 2 MiB pages. The entry's code
/// fills them.
#[repr(C, align(4096))]
struct FirstTables(UnsafeCell<[[u64; 512]; 6]>);

// SAFETY: only the entry's code writes the tables, before any other runs.
unsafe impl Sync for FirstTables {}

static FIRST_TABLES: FirstTables = FirstTables(UnsafeCell::new([[0; 512]; 6]));

/// The segments of long mode's beginning: none, code.
static FIRST_SEGMENTS: [u64; 2] = [0, 0x0020_9a00_0000_0000];

/// An entry that points to a table; the low half, as the tables lie low.
const TABLE: u32 = (PageTableFlags::PRESENT.bits() | PageTableFlags::WRITABLE.bits()) as u32;
/// An entry that maps a 2 MiB page.
const LARGE_PAGE: u32 = TABLE | PageTableFlags::HUGE_PAGE.bits() as u32;

/// CPUID 0x8000_0001, EDX: no-execute, long mode. Without them this kernel can't run.
const NEEDED_FEATURES: u32 = 1 << 20 | 1 << 29;

// The entry that the PVH note names. The loader has ebx = the physical address of its `hvm_start_info`; flat 32-bit
// segments; paging and interrupts off.
global_asm!(
    ".pushsection .note.pvh, \"a\", @note",
    ".balign 4",
    ".long 4, 8, 18", // sizes of name and value; XEN_ELFNOTE_PHYS32_ENTRY
    ".asciz \"Xen\"",
    ".quad ironlink_entry",
    ".popsection",
    ".pushsection .text.entry, \"ax\"",
    ".code32",
    ".global ironlink_entry",
    "ironlink_entry:",
    "    cld",
    "    mov edi, ebx", // kept for the call below; cpuid overwrites ebx
    "    mov esp, offset {stack} + {stack_top}",
    "    mov eax, 0x80000000",
    "    cpuid",
    "    cmp eax, 0x80000001",
    "    jb 8f",
    "    mov eax, 0x80000001",
    "    cpuid",
    "    and edx, {needed_features}",
    "    cmp edx, {needed_features}",
    "    jne 8f",
    // The four tables of 2 MiB pages, one after the other.
    "    mov eax, {large_page}",
    "    mov ebx, offset {tables} + 0x2000",
    "    xor ecx, ecx",
    "2:  mov [ebx + ecx * 8], eax",
    "    add eax, 0x200000",
    "    inc ecx",
    "    cmp ecx, 4 * 512",
    "    jne 2b",
    // The table of 1 GiB entries, and the root.
    "    mov eax, offset {tables} + 0x2000 + {table}",
    "    mov ebx, offset {tables} + 0x1000",
    "    xor ecx, ecx",
    "3:  mov [ebx + ecx * 8], eax",
    "    add eax, 0x1000",
    "    inc ecx",
    "    cmp ecx, 4",
    "    jne 3b",
    "    mov ebx, offset {tables}",
    "    mov dword ptr [ebx], offset {tables} + 0x1000 + {table}",
    "    mov cr3, ebx",
    "    mov eax, cr4",
    "    or eax, {cr4}",
    "    mov cr4, eax",
    "    mov ecx, 0xc0000080", // EFER
    "    rdmsr",
    "    or eax, {efer}",
    "    wrmsr",
    "    mov eax, cr0",
    "    or eax, {cr0}",
    "    mov cr0, eax",
    "    mov eax, offset {segments}", // the descriptor table's address, and below it its last byte's offset
    "    push eax",
    "    sub esp, 2",
    "    mov word ptr [esp], 15",
    "    lgdt [esp]",
    "    mov eax, offset ironlink_long_mode",
    "    push 8",
    "    push eax",
    "    retf",
    // A machine without what this kernel needs: ended without a word, which the runner reports.
    "8:  mov al, 0x10",
    "    out 0xf4, al",
    "9:  hlt",
    "    jmp 9b",
    ".code64",
    "ironlink_long_mode:",
    "    xor eax, eax",
    "    mov ds, eax",
    "    mov es, eax",
    "    mov fs, eax",
    "    mov gs, eax",
    "    mov ss, eax",
    "    mov edi, edi", // the upper half of a register is undefined after the change of mode
    "    mov esp, offset {stack} + {stack_top}",
    "    xor ebp, ebp",
    "    call {start}",
    "    ud2",
    ".popsection",
    stack = sym KERNEL_STACK,
    stack_top = const GuardedStack::<KERNEL_STACK_BYTES>::TOP_OFFSET,
    needed_features = const NEEDED_FEATURES,
    tables = sym FIRST_TABLES,
    segments = sym FIRST_SEGMENTS,
    table = const TABLE,
    large_page = const LARGE_PAGE,
    cr4 = const Cr4Flags::PHYSICAL_ADDRESS_EXTENSION.bits() as u32,
    efer = const (EferFlags::LONG_MODE_ENABLE.bits() | EferFlags::NO_EXECUTE_ENABLE.bits()) as u32,
    cr0 = const (Cr0Flags::PAGING.bits() | Cr0Flags::WRITE_PROTECT.bits()) as u32,
    start = sym start,
);

/// The first Rust code: on the kernel's stack, in long mode, with the low 4 GiB mapped.
extern "sysv64" fn start(information: *const StartInfo) -> ! {
    kernel::start(|| {
        // SAFETY: the entry's code got this address from the loader, and the first tables map it where it is.
        unsafe { pvh::boot_info(information) }
    })
}
