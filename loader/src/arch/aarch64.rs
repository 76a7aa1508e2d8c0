//! Tables of AArch64.
//!
//! Peculiar: a stub needs a register for the address; x16 and x17 are kept free for that between caller and callee. Source:
//! Procedure Call Standard for the Arm 64-bit Architecture (AAPCS64), 6.1.1 "General-purpose registers".

use crate::base::Alignment;
use crate::edge::{Aarch64Kind, EdgeKind};

use super::{StubEdge, TableShape};

const STUB: [u8; 16] = [
    0x10, 0x00, 0x00, 0x90, // adrp x16, entry
    0x10, 0x02, 0x40, 0xf9, // ldr  x16, [x16, :lo12:entry]
    0x00, 0x02, 0x1f, 0xd6, // br   x16
    0x00, 0x00, 0x00, 0x00, // udf  #0
];

/// The address lies behind the jump: no distance is too far.
const VENEER: [u8; 16] = [
    0x50, 0x00, 0x00, 0x58, // ldr x16, address
    0x00, 0x02, 0x1f, 0xd6, // br  x16
    0, 0, 0, 0, 0, 0, 0, 0, // address
];

pub(super) static TABLES: TableShape = TableShape {
    got_entry: &[0; 8],
    got_alignment: Alignment::EIGHT,
    stub: &STUB,
    stub_edges: &[
        StubEdge {
            offset: 0,
            kind: EdgeKind::Aarch64(Aarch64Kind::Page21),
            addend: 0,
        },
        StubEdge {
            offset: 4,
            kind: EdgeKind::Aarch64(Aarch64Kind::PageOffset12By8),
            addend: 0,
        },
    ],
    stub_alignment: Alignment::SIXTEEN,
    branch: EdgeKind::Aarch64(Aarch64Kind::Branch26),
    branch_request: EdgeKind::Aarch64(Aarch64Kind::RequestBranch26),
    branch_addend: 0,
    veneer: &VENEER,
    veneer_edges: &[StubEdge {
        offset: 8,
        kind: EdgeKind::Data(crate::edge::DataKind::Pointer64),
        addend: 0,
    }],
};
