//! What a unit is on the wire.

use alloc::string::String;
use alloc::vec::Vec;

use cranelift_codegen::ir::{InstructionData, LibCall, Signature, StackSlotData, Type};
use serde::{Deserialize, Serialize};

/// The layout's own number, and Cranelift's version, whose instructions it holds.
pub(super) const VERSION: &str = concat!("1/", "0.135.8");

const _: () = assert!(
    is_ending_of(cranelift_codegen::VERSION.as_bytes(), VERSION.as_bytes()),
    "the layout's version names another Cranelift"
);

/// A unit.
#[derive(Serialize, Deserialize)]
pub(super) struct WireUnit {
    pub(super) functions: Vec<WireEntry<WireFunction>>,
    pub(super) data: Vec<WireEntry<WireContent>>,
}

/// What a unit has under a name.
#[derive(Serialize, Deserialize)]
pub(super) struct WireEntry<T> {
    pub(super) name: Vec<u8>,
    pub(super) is_global: bool,
    pub(super) content: Option<T>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireContent {
    pub(super) bytes: Vec<u8>,
    pub(super) zeros_bytes: u32,
    pub(super) alignment_log2: u8,
    pub(super) is_writable: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireFunction {
    pub(super) signature: Signature,
    pub(super) slots: Vec<StackSlotData>,
    pub(super) signatures: Vec<Signature>,
    pub(super) callees: Vec<WireCallee>,
    pub(super) symbols: Vec<WireSymbol>,
    pub(super) constants: Vec<Vec<u8>>,
    pub(super) immediates: Vec<Vec<u8>>,
    pub(super) accesses: Vec<WireAccess>,
    pub(super) tables: Vec<Vec<WireCall>>,
    /// How many values there are in all.
    pub(super) values: u32,
    pub(super) blocks: Vec<WireBlock>,
}

/// What a function or a symbol is called.
#[derive(Serialize, Deserialize)]
pub(super) enum WireName {
    Function(u32),
    Data(u32),
    Routine(LibCall),
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireCallee {
    pub(super) name: WireName,
    pub(super) signature: u32,
    pub(super) is_near: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireSymbol {
    pub(super) name: WireName,
    pub(super) offset: i64,
    pub(super) is_near: bool,
    pub(super) is_thread_local: bool,
}

/// How memory is accessed.
#[derive(Serialize, Deserialize)]
pub(super) struct WireAccess {
    /// Whether the byte order is stated, and if so, whether the highest byte comes first.
    pub(super) is_big_endian: Option<bool>,
    /// The number of the trap; 0 if there is none.
    pub(super) trap: u8,
    pub(super) is_aligned: bool,
    pub(super) is_readonly: bool,
    pub(super) can_move: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireBlock {
    pub(super) parameters: Vec<Type>,
    pub(super) is_cold: bool,
    pub(super) instructions: Vec<WireInstruction>,
}

/// An instruction. Its lists are beside it, in the order in which they are met in it.
#[derive(Serialize, Deserialize)]
pub(super) struct WireInstruction {
    pub(super) data: InstructionData,
    pub(super) lists: Vec<Vec<u32>>,
    pub(super) calls: Vec<WireCall>,
    /// What its results' types depend on.
    pub(super) controlling: Type,
    /// Its position in the source; the largest number if it has none.
    pub(super) position: u32,
}

/// A block and what it is given.
#[derive(Serialize, Deserialize)]
pub(super) struct WireCall {
    pub(super) block: u32,
    pub(super) arguments: Vec<u32>,
}

/// The version, before all else, so that it is told even if nothing behind it can be read.
pub(super) type WireVersion = String;

const fn is_ending_of(ending: &[u8], whole: &[u8]) -> bool {
    let Some((_, mut rest)) = whole.split_at_checked(whole.len().saturating_sub(ending.len()))
    else {
        return false;
    };
    let mut ending = ending;
    while let ([first, others @ ..], [other, more @ ..]) = (ending, rest) {
        if *first != *other {
            return false;
        }
        (ending, rest) = (others, more);
    }
    ending.is_empty() && rest.is_empty()
}
