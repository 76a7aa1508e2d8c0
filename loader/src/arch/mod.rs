//! What each machine's instructions ask of a linker: the shape of its tables, and the fix-up of its bytes.
//!
//! A machine is data here: the bytes of a stub with the edges that leave it. Every machine is compiled and tested on every
//! host. Nothing here knows object formats or where memory comes from.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod aarch64;
mod fix_up;
pub mod relax;
mod trampoline;
mod x86_64;

pub use fix_up::{FixUpFault, Operands, fits, fix_up};
pub(crate) use fix_up::{fix_up_instruction, fix_up_word};
pub use trampoline::{TrampolineShape, is_call, trampoline_shape};

use crate::base::{Alignment, Machine};
use crate::edge::EdgeKind;

/// What the tables that a linker makes look like on a machine.
#[derive(Debug)]
pub struct TableShape {
    /// A word of the global offset table before its fixup.
    pub got_entry: &'static [u8],
    /// What an entry's address is a multiple of: its size.
    pub got_alignment: Alignment,
    /// A stub before its fixups: it jumps to the address that a GOT entry holds, and changes no register that a callee may
    /// look at.
    pub stub: &'static [u8],
    /// Its fixups, all against the GOT entry.
    pub stub_edges: &'static [StubEdge],
    /// What a stub's address is a multiple of: its size.
    pub stub_alignment: Alignment,
    /// The kind of an unconditional branch, which may be led through a veneer.
    pub branch: EdgeKind,
    /// The kind that asks for a stub if the branch leads elsewhere, and becomes that one then.
    pub branch_request: EdgeKind,
    /// The addend with which a branch leads to its target itself.
    pub branch_addend: i64,
    /// A veneer before its fixups: it jumps to an address that it holds itself, and changes no register that a callee may
    /// look at.
    pub veneer: &'static [u8],
    /// Its fixups, all against the target.
    pub veneer_edges: &'static [StubEdge],
}

/// A fixup of a stub, against the GOT entry that holds its target, or of a veneer, against the target.
#[derive(Clone, Copy, Debug)]
pub struct StubEdge {
    /// Where it stands, in bytes.
    pub offset: u32,
    /// What it writes.
    pub kind: EdgeKind,
    /// Its addend.
    pub addend: i64,
}

/// The shape of `machine`'s tables.
pub const fn table_shape(machine: Machine) -> &'static TableShape {
    match machine {
        Machine::X86_64 => &x86_64::TABLES,
        Machine::Aarch64 => &aarch64::TABLES,
    }
}

#[cfg(test)]
mod tests {
    use super::table_shape;
    use crate::base::{Machine, int};
    use crate::edge::{Request, Table};

    #[test]
    fn an_entry_is_as_large_as_its_alignment() {
        for machine in [Machine::X86_64, Machine::Aarch64] {
            let shape = table_shape(machine);
            for (entry, alignment) in [
                (shape.got_entry, shape.got_alignment),
                (shape.stub, shape.stub_alignment),
            ] {
                assert_eq!(int::from_usize(entry.len()), alignment.bytes());
            }
        }
    }

    #[test]
    fn a_branch_that_asks_for_a_stub_becomes_a_branch() {
        for machine in [Machine::X86_64, Machine::Aarch64] {
            let shape = table_shape(machine);
            let becomes = shape.branch;
            let table = Table::Stub;
            assert_eq!(
                shape.branch_request.row().request,
                Some(Request { table, becomes })
            );
        }
    }
}
