//! Tables of x86-64.
//!
//! Peculiar: an instruction can jump to an address in memory, so that a stub needs no register; its displacement counts from
//! its own end. Source: System V ABI, AMD64 supplement, 5.2 "Dynamic Linking", "Procedure Linkage Table".

use crate::base::Alignment;
use crate::edge::{DataKind, EdgeKind, X86_64Kind};

use super::{StubEdge, TableShape};

/// A multiple of eight bytes, so that no stub crosses a cache line.
const STUB: [u8; 8] = [
    0xff, 0x25, 0, 0, 0, 0,    // jmp *entry(%rip)
    0xcc, // int3
    0xcc, // int3
];

/// The address lies behind the jump: no distance is too far.
const VENEER: [u8; 16] = [
    0xff, 0x25, 2, 0, 0, 0, // jmp *address(%rip)
    0xcc, 0xcc, // int3; int3
    0, 0, 0, 0, 0, 0, 0, 0, // address
];

pub(super) static TABLES: TableShape = TableShape {
    got_entry: &[0; 8],
    got_alignment: Alignment::EIGHT,
    stub: &STUB,
    stub_edges: &[StubEdge {
        offset: 2,
        kind: EdgeKind::Data(DataKind::Delta32),
        addend: -4,
    }],
    stub_alignment: Alignment::EIGHT,
    branch: EdgeKind::X86_64(X86_64Kind::Branch32),
    branch_request: EdgeKind::X86_64(X86_64Kind::RequestBranch32),
    branch_addend: -4,
    veneer: &VENEER,
    veneer_edges: &[StubEdge {
        offset: 8,
        kind: EdgeKind::Data(DataKind::Pointer64),
        addend: 0,
    }],
};
