//! The trampoline of x86-64, and its calls.
//!
//! Peculiar: a call leaves the stack eight bytes off; nine registers of eight bytes put it right. Source: System V ABI, AMD64
//! supplement, 3.2.2 "The Stack Frame", 3.2.3 "Parameter Passing".

use crate::edge::{DataKind, EdgeKind, X86_64Kind};

use super::TrampolineShape;

/// Kept are the six registers of arguments, `rax` (how many vector registers hold arguments), `r10` (the static chain), `r11`,
/// and the vector registers of arguments, of which wider arguments lose what lies above 128 bits if the hook writes there.
const BYTES: [u8; 0xa0] = [
    0xf3, 0x0f, 0x1e, 0xfa, // endbr64
    0x50, // push %rax
    0x57, // push %rdi
    0x56, // push %rsi
    0x52, // push %rdx
    0x51, // push %rcx
    0x41, 0x50, // push %r8
    0x41, 0x51, // push %r9
    0x41, 0x52, // push %r10
    0x41, 0x53, // push %r11
    0x48, 0x83, 0xc4, 0x80, // add $-128, %rsp
    0x0f, 0x29, 0x04, 0x24, // movaps %xmm0, (%rsp)
    0x0f, 0x29, 0x4c, 0x24, 0x10, // movaps %xmm1, 16(%rsp)
    0x0f, 0x29, 0x54, 0x24, 0x20, // movaps %xmm2, 32(%rsp)
    0x0f, 0x29, 0x5c, 0x24, 0x30, // movaps %xmm3, 48(%rsp)
    0x0f, 0x29, 0x64, 0x24, 0x40, // movaps %xmm4, 64(%rsp)
    0x0f, 0x29, 0x6c, 0x24, 0x50, // movaps %xmm5, 80(%rsp)
    0x0f, 0x29, 0x74, 0x24, 0x60, // movaps %xmm6, 96(%rsp)
    0x0f, 0x29, 0x7c, 0x24, 0x70, // movaps %xmm7, 112(%rsp)
    0x48, 0x8b, 0x3d, 0x45, 0, 0, 0, // mov  number(%rip), %rdi
    0xff, 0x15, 0x47, 0, 0, 0, // call *hook(%rip)
    0x0f, 0x28, 0x04, 0x24, // movaps (%rsp), %xmm0
    0x0f, 0x28, 0x4c, 0x24, 0x10, // movaps 16(%rsp), %xmm1
    0x0f, 0x28, 0x54, 0x24, 0x20, // movaps 32(%rsp), %xmm2
    0x0f, 0x28, 0x5c, 0x24, 0x30, // movaps 48(%rsp), %xmm3
    0x0f, 0x28, 0x64, 0x24, 0x40, // movaps 64(%rsp), %xmm4
    0x0f, 0x28, 0x6c, 0x24, 0x50, // movaps 80(%rsp), %xmm5
    0x0f, 0x28, 0x74, 0x24, 0x60, // movaps 96(%rsp), %xmm6
    0x0f, 0x28, 0x7c, 0x24, 0x70, // movaps 112(%rsp), %xmm7
    0x48, 0x83, 0xec, 0x80, // sub $-128, %rsp
    0x41, 0x5b, // pop %r11
    0x41, 0x5a, // pop %r10
    0x41, 0x59, // pop %r9
    0x41, 0x58, // pop %r8
    0x59, // pop %rcx
    0x5a, // pop %rdx
    0x5e, // pop %rsi
    0x5f, // pop %rdi
    0x58, // pop %rax
    0xff, 0x25, 0x11, 0, 0, 0,    // jmp *function(%rip)
    0xcc, // int3
    0, 0, 0, 0, 0, 0, 0, 0, // number
    0, 0, 0, 0, 0, 0, 0, 0, // hook
    0, 0, 0, 0, 0, 0, 0, 0, // function
];

pub(super) static TRAMPOLINE: TrampolineShape = TrampolineShape {
    bytes: &BYTES,
    number_offset: 0x88,
    hook_offset: 0x90,
    function_offset: 0x98,
};

/// A call counts from the end of its field. What reads a GOT entry tells by its instruction whether it calls what stands there,
/// as code does that is compiled with `-fno-plt`, or takes an address; so does a plain distance, which older assemblers leave
/// in calls. Source: System V ABI, AMD64 supplement, 4.4.1 "Relocation Types".
pub(super) fn is_call(kind: EdgeKind, addend: i64, before: &[u8]) -> bool {
    let follows = |opcodes: &[&[u8]]| opcodes.iter().any(|opcode| before.ends_with(opcode));
    let expected_addend =
        match kind {
            EdgeKind::X86_64(X86_64Kind::RequestBranch32 | X86_64Kind::Branch32) => -4,
            // call rel32, jmp rel32: no other instruction has these before a distance.
            EdgeKind::Data(DataKind::Delta32) if follows(&[&[0xe8], &[0xe9]]) => -4,
            // call *rel32(%rip), jmp *rel32(%rip)
            EdgeKind::X86_64(
                X86_64Kind::RequestGotDelta32 | X86_64Kind::RequestGotLoad32Relaxable,
            ) if follows(&[&[0xff, 0x15], &[0xff, 0x25]]) => -4,
            // The distance of a stub: code of the large model calls what stands there.
            EdgeKind::X86_64(X86_64Kind::RequestStubOffset64) => 0,
            _ => return false,
        };
    addend == expected_addend
}
