//! From a trap to Rust and back. Traps come on stacks of their own, so that the red zone of the code below stays whole, and
//! x87 and SSE state is saved; the kernel uses no AVX state.

use core::arch::global_asm;

use x86_64::VirtAddr;
use x86_64::registers::control::Cr2;

use super::call;
use crate::fault::{self, Fault, Registers};
use crate::guard;

/// Bytes from one vector's stub to the next.
const STUB_BYTES: u64 = 16;
/// The vectors for which the processor pushes an error code, one bit each.
const WITH_ERROR_CODE: u32 = 1 << 8 | 0b11111 << 10 | 1 << 17 | 1 << 21 | 0b11 << 29;

/// What the stubs save: the stack grows down, so the last pushed comes first.
#[repr(C)]
struct TrapFrame {
    floating_point: [u8; 512],
    r15: u64,
    r14: u64,
    r13: u64,
    r12: u64,
    r11: u64,
    r10: u64,
    r9: u64,
    r8: u64,
    rbp: u64,
    rdi: u64,
    rsi: u64,
    rdx: u64,
    rcx: u64,
    rbx: u64,
    rax: u64,
    vector: u64,
    error_code: u64,
    rip: u64,
    cs: u64,
    rflags: u64,
    rsp: u64,
    ss: u64,
}

/// The stub that the gate of this vector names.
pub(super) fn stub(vector: u8) -> VirtAddr {
    VirtAddr::from_ptr(&raw const ironlink_trap_stubs) + u64::from(vector) * STUB_BYTES
}

unsafe extern "C" {
    /// The first stub.
    static ironlink_trap_stubs: u8;
}

// One stub for each vector, `STUB_BYTES` apart, and what they share. At each, the processor has switched to an aligned
// stack and pushed ss, rsp, rflags, cs, rip and, for some vectors, an error code.
global_asm!(
    ".pushsection .text.traps, \"ax\"",
    ".balign {stub_bytes}",
    ".global ironlink_trap_stubs",
    "ironlink_trap_stubs:",
    ".set ironlink_vector, 0",
    ".rept 32",
    ".balign {stub_bytes}",
    ".if (({with_error_code} >> ironlink_vector) & 1) == 0",
    "    push 0",
    ".endif",
    "    push ironlink_vector",
    "    jmp 2f",
    ".set ironlink_vector, ironlink_vector + 1",
    ".endr",
    "2:  push rax",
    "    push rbx",
    "    push rcx",
    "    push rdx",
    "    push rsi",
    "    push rdi",
    "    push rbp",
    "    push r8",
    "    push r9",
    "    push r10",
    "    push r11",
    "    push r12",
    "    push r13",
    "    push r14",
    "    push r15",
    "    sub rsp, 512", // 22 words were pushed: the stack is aligned, as fxsave and the call want it
    "    fxsave64 [rsp]",
    "    cld",
    "    mov rdi, rsp",
    "    call {handle}",
    "    fxrstor64 [rsp]",
    "    add rsp, 512",
    "    pop r15",
    "    pop r14",
    "    pop r13",
    "    pop r12",
    "    pop r11",
    "    pop r10",
    "    pop r9",
    "    pop r8",
    "    pop rbp",
    "    pop rdi",
    "    pop rsi",
    "    pop rdx",
    "    pop rcx",
    "    pop rbx",
    "    pop rax",
    "    add rsp, 16", // vector and error code
    "    iretq",
    ".popsection",
    stub_bytes = const STUB_BYTES,
    with_error_code = const WITH_ERROR_CODE,
    handle = sym handle,
);

/// Ends the call in which the trap came: the trap returns to where that call was made.
extern "sysv64" fn handle(frame: &mut TrapFrame) {
    let cr2 = Cr2::read_raw();
    let fault = Fault {
        cause: fault::x86_64::cause(frame.vector, frame.error_code, cr2),
        instruction: frame.rip,
        stack_pointer: frame.rsp,
        registers: registers(frame),
    };
    let context = guard::trapped(fault);
    frame.rip = call::leave as *const () as usize as u64;
    frame.rdi = context.addr() as u64;
    // As at a function's entry; `leave` takes its own stack.
    frame.rsp = context.addr() as u64;
    frame.rflags = 1 << 1;
}

fn registers(frame: &TrapFrame) -> Registers {
    const NAMES: [&str; 18] = [
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
        "r13", "r14", "r15", "rip", "rflags",
    ];
    Registers::new(
        &NAMES,
        [
            frame.rax,
            frame.rbx,
            frame.rcx,
            frame.rdx,
            frame.rsi,
            frame.rdi,
            frame.rbp,
            frame.rsp,
            frame.r8,
            frame.r9,
            frame.r10,
            frame.r11,
            frame.r12,
            frame.r13,
            frame.r14,
            frame.r15,
            frame.rip,
            frame.rflags,
        ],
    )
}
