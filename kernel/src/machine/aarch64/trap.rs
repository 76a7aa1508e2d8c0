//! From a trap to Rust and back. Kernel and modules run on `SP_EL0`, so that the processor itself changes to the traps' stack,
//! `SP_EL1`; all vector registers are saved, since the kernel's own code uses them.

use core::arch::{asm, global_asm};

use aarch64_cpu::asm::barrier;
use aarch64_cpu::registers::{ESR_EL1, FAR_EL1, Readable, VBAR_EL1, Writeable};

use super::call;
use crate::fault::{self, Fault, Registers};
use crate::guard;
use crate::machine::{GuardedStack, LAST_STACK, TRAP_STACK, TRAP_STACK_BYTES};

/// What the vectors save.
#[repr(C)]
struct TrapFrame {
    /// x0 to x30.
    general: [u64; 31],
    stack_pointer: u64,
    program_counter: u64,
    state: u64,
    control: u64,
    status: u64,
    /// q0 to q31.
    vector: [[u64; 2]; 32],
}

/// The processor state to go on with: EL1 on `SP_EL0`, interrupts masked.
const STATE: u64 = 0x3c4;
/// Likewise with PAN set, which the state of the trapped code tells.
const STATE_PAN: u64 = 1 << 22;

// The table that VBAR_EL1 names: sixteen vectors, 128 bytes apart (DDI 0487, D1.3.1). The first four are for traps of code
// on SP_EL0; the next four for traps of code on SP_EL1, which is this file's own: its stack may be broken, so it is changed.
// There is no lower level.
global_asm!(
    ".pushsection .text.traps, \"ax\"",
    ".macro ironlink_vector",
    ".balign 128",
    "    sub sp, sp, #{frame_bytes}",
    "    stp x0, x1, [sp]",
    "    b 2f",
    ".endm",
    ".macro ironlink_last_vector",
    ".balign 128",
    "    ldr x0, ={last_stack} + {last_stack_top}",
    "    mov sp, x0",
    "    sub sp, sp, #{frame_bytes}",
    "    stp x0, x1, [sp]",
    "    b 2f",
    ".endm",
    ".balign 2048",
    ".global ironlink_vectors",
    "ironlink_vectors:",
    "    ironlink_vector",
    "    ironlink_vector",
    "    ironlink_vector",
    "    ironlink_vector",
    ".rept 12",
    "    ironlink_last_vector",
    ".endr",
    "2:  stp x2, x3, [sp, #16]",
    "    stp x4, x5, [sp, #32]",
    "    stp x6, x7, [sp, #48]",
    "    stp x8, x9, [sp, #64]",
    "    stp x10, x11, [sp, #80]",
    "    stp x12, x13, [sp, #96]",
    "    stp x14, x15, [sp, #112]",
    "    stp x16, x17, [sp, #128]",
    "    stp x18, x19, [sp, #144]",
    "    stp x20, x21, [sp, #160]",
    "    stp x22, x23, [sp, #176]",
    "    stp x24, x25, [sp, #192]",
    "    stp x26, x27, [sp, #208]",
    "    stp x28, x29, [sp, #224]",
    "    mrs x0, sp_el0",
    "    mrs x1, elr_el1",
    "    mrs x2, spsr_el1",
    "    mrs x3, fpcr",
    "    mrs x4, fpsr",
    "    stp x30, x0, [sp, #240]",
    "    stp x1, x2, [sp, #256]",
    "    stp x3, x4, [sp, #272]",
    "    add x0, sp, #288",
    "    stp q0, q1, [x0]",
    "    stp q2, q3, [x0, #32]",
    "    stp q4, q5, [x0, #64]",
    "    stp q6, q7, [x0, #96]",
    "    stp q8, q9, [x0, #128]",
    "    stp q10, q11, [x0, #160]",
    "    stp q12, q13, [x0, #192]",
    "    stp q14, q15, [x0, #224]",
    "    stp q16, q17, [x0, #256]",
    "    stp q18, q19, [x0, #288]",
    "    stp q20, q21, [x0, #320]",
    "    stp q22, q23, [x0, #352]",
    "    stp q24, q25, [x0, #384]",
    "    stp q26, q27, [x0, #416]",
    "    stp q28, q29, [x0, #448]",
    "    stp q30, q31, [x0, #480]",
    "    msr fpcr, xzr",
    "    mov x0, sp",
    "    bl {handle}",
    "    ldp x30, x0, [sp, #240]",
    "    ldp x1, x2, [sp, #256]",
    "    ldp x3, x4, [sp, #272]",
    "    msr sp_el0, x0",
    "    msr elr_el1, x1",
    "    msr spsr_el1, x2",
    "    msr fpcr, x3",
    "    msr fpsr, x4",
    "    add x0, sp, #288",
    "    ldp q0, q1, [x0]",
    "    ldp q2, q3, [x0, #32]",
    "    ldp q4, q5, [x0, #64]",
    "    ldp q6, q7, [x0, #96]",
    "    ldp q8, q9, [x0, #128]",
    "    ldp q10, q11, [x0, #160]",
    "    ldp q12, q13, [x0, #192]",
    "    ldp q14, q15, [x0, #224]",
    "    ldp q16, q17, [x0, #256]",
    "    ldp q18, q19, [x0, #288]",
    "    ldp q20, q21, [x0, #320]",
    "    ldp q22, q23, [x0, #352]",
    "    ldp q24, q25, [x0, #384]",
    "    ldp q26, q27, [x0, #416]",
    "    ldp q28, q29, [x0, #448]",
    "    ldp q30, q31, [x0, #480]",
    "    ldp x2, x3, [sp, #16]",
    "    ldp x4, x5, [sp, #32]",
    "    ldp x6, x7, [sp, #48]",
    "    ldp x8, x9, [sp, #64]",
    "    ldp x10, x11, [sp, #80]",
    "    ldp x12, x13, [sp, #96]",
    "    ldp x14, x15, [sp, #112]",
    "    ldp x16, x17, [sp, #128]",
    "    ldp x18, x19, [sp, #144]",
    "    ldp x20, x21, [sp, #160]",
    "    ldp x22, x23, [sp, #176]",
    "    ldp x24, x25, [sp, #192]",
    "    ldp x26, x27, [sp, #208]",
    "    ldp x28, x29, [sp, #224]",
    "    ldp x0, x1, [sp]",
    "    add sp, sp, #{frame_bytes}",
    "    eret",
    "    .ltorg",
    ".popsection",
    frame_bytes = const size_of::<TrapFrame>(),
    last_stack = sym LAST_STACK,
    last_stack_top = const GuardedStack::<TRAP_STACK_BYTES>::TOP_OFFSET,
    handle = sym handle,
);

unsafe extern "C" {
    /// The table of vectors.
    static ironlink_vectors: u8;
}

/// Takes traps from now on.
///
/// # Safety
/// Nobody else uses the traps' stack, and the code runs on `SP_EL0`.
pub(super) unsafe fn install() {
    // SAFETY: by this function's contract the stack is free; SP_EL1 can be written by its own name only from a higher level.
    unsafe {
        asm!(
            "msr spsel, #1",
            "mov sp, {top}",
            "msr spsel, #0",
            top = in(reg) TRAP_STACK.top(),
            options(nomem, preserves_flags),
        )
    };
    VBAR_EL1.set((&raw const ironlink_vectors).addr() as u64);
    barrier::isb(barrier::SY);
}

/// Ends the call in which the trap came: the trap returns to where that call was made.
extern "C" fn handle(frame: &mut TrapFrame) {
    let fault = Fault {
        cause: fault::aarch64::cause(ESR_EL1.get(), FAR_EL1.get()),
        instruction: frame.program_counter,
        stack_pointer: frame.stack_pointer,
        registers: registers(frame),
    };
    let context = guard::trapped(fault);
    frame.program_counter = call::leave as *const () as usize as u64;
    frame.general[0] = context.addr() as u64;
    frame.state = STATE | frame.state & STATE_PAN;
}

fn registers(frame: &TrapFrame) -> Registers {
    const NAMES: [&str; 34] = [
        "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
        "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26",
        "x27", "x28", "x29", "x30", "sp", "pc", "pstate",
    ];
    let mut values = [0; 34];
    values[..31].copy_from_slice(&frame.general);
    values[31..].copy_from_slice(&[frame.stack_pointer, frame.program_counter, frame.state]);
    Registers::new(&NAMES, values)
}
