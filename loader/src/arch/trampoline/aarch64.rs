//! The trampoline of AArch64, and its calls.
//!
//! Peculiar: a call leaves its return address in `x30`, which is kept with the others. Source: Procedure Call Standard for the
//! Arm 64-bit Architecture (AAPCS64), 6.1 "Machine Registers", 6.4.6 "The Frame Pointer".

use crate::edge::{Aarch64Kind, EdgeKind};

use super::TrampolineShape;

/// Kept are the eight registers of arguments, `x8` (where a large result goes), the vector registers of arguments, and a record
/// of the frame.
const BYTES: [u8; 0x88] = [
    0x5f, 0x24, 0x03, 0xd5, // bti c
    0xfd, 0x7b, 0xb2, 0xa9, // stp x29, x30, [sp, #-224]!
    0xfd, 0x03, 0x00, 0x91, // mov x29, sp
    0xe0, 0x07, 0x01, 0xa9, // stp x0, x1, [sp, #16]
    0xe2, 0x0f, 0x02, 0xa9, // stp x2, x3, [sp, #32]
    0xe4, 0x17, 0x03, 0xa9, // stp x4, x5, [sp, #48]
    0xe6, 0x1f, 0x04, 0xa9, // stp x6, x7, [sp, #64]
    0xe8, 0x2b, 0x00, 0xf9, // str x8, [sp, #80]
    0xe0, 0x07, 0x03, 0xad, // stp q0, q1, [sp, #96]
    0xe2, 0x0f, 0x04, 0xad, // stp q2, q3, [sp, #128]
    0xe4, 0x17, 0x05, 0xad, // stp q4, q5, [sp, #160]
    0xe6, 0x1f, 0x06, 0xad, // stp q6, q7, [sp, #192]
    0x00, 0x02, 0x00, 0x58, // ldr x0, number
    0x30, 0x02, 0x00, 0x58, // ldr x16, hook
    0x00, 0x02, 0x3f, 0xd6, // blr x16
    0xe6, 0x1f, 0x46, 0xad, // ldp q6, q7, [sp, #192]
    0xe4, 0x17, 0x45, 0xad, // ldp q4, q5, [sp, #160]
    0xe2, 0x0f, 0x44, 0xad, // ldp q2, q3, [sp, #128]
    0xe0, 0x07, 0x43, 0xad, // ldp q0, q1, [sp, #96]
    0xe8, 0x2b, 0x40, 0xf9, // ldr x8, [sp, #80]
    0xe6, 0x1f, 0x44, 0xa9, // ldp x6, x7, [sp, #64]
    0xe4, 0x17, 0x43, 0xa9, // ldp x4, x5, [sp, #48]
    0xe2, 0x0f, 0x42, 0xa9, // ldp x2, x3, [sp, #32]
    0xe0, 0x07, 0x41, 0xa9, // ldp x0, x1, [sp, #16]
    0xfd, 0x7b, 0xce, 0xa8, // ldp x29, x30, [sp], #224
    0xf0, 0x00, 0x00, 0x58, // ldr x16, function
    0x00, 0x02, 0x1f, 0xd6, // br x16
    0x00, 0x00, 0x00, 0x00, // udf #0
    0, 0, 0, 0, 0, 0, 0, 0, // number
    0, 0, 0, 0, 0, 0, 0, 0, // hook
    0, 0, 0, 0, 0, 0, 0, 0, // function
];

pub(super) static TRAMPOLINE: TrampolineShape = TrampolineShape {
    bytes: &BYTES,
    number_offset: 0x70,
    hook_offset: 0x78,
    function_offset: 0x80,
};

/// What loads an address from a GOT entry may call what stands there or keep it: nothing near the fixup tells which, and it is
/// none. A conditional branch, too, is none: it needn't reach where its target is in reach.
pub(super) fn is_call(kind: EdgeKind, addend: i64) -> bool {
    let is_branch = matches!(
        kind,
        EdgeKind::Aarch64(Aarch64Kind::RequestBranch26 | Aarch64Kind::Branch26)
    );
    is_branch && addend == 0
}
