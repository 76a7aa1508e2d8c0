//! Cranelift as a compiler: functions in its intermediate representation become code for x86-64 or AArch64.
//!
//! Needs no operating system. Its versions of [`codegen`] and [`frontend`] stand here, so that who builds functions uses the
//! same.
//!
//! A function refers to others by [`UserExternalName`]s: in namespace [`FUNCTIONS`] the index
//! is the number of a function of its unit, in namespace [`DATA`] that of data. [`function_name`] and [`data_name`] make them;
//! [`function_in`] and [`data_in`] are what a function that is being built calls and reads by them.
//!
//! What is declared `colocated`, as what lies in the same module is, is called by short distances. Everything else that code
//! refers to comes from the GOT if the code is independent of its position (`is_pic`, set unless it is switched off). Without
//! `is_pic`, near data is read by distances, too, and what is far by whole addresses in the code: less to read, but no shared
//! object can be made of it.
//!
//! **Memory.** Cranelift's own allocations can't report a full heap: they end the program. What is allocated beside it, here,
//! can. Give the heap some megabytes before compiling, or compile where an end is no harm.
//!
//! **Bad functions.** Each function goes through Cranelift's verifier before anything is compiled, whatever `enable_verifier`
//! says; that setting has it look again after each step. The verifier takes for granted that entities lie within the tables
//! of the function, as they do in what its builders make. What passes may still be more than Cranelift can compile without a
//! panic: a verifier is no proof.

mod builder;
mod compile;
mod frame;
mod key;
mod reference;
mod relocation;
#[cfg(test)]
mod tests;
mod unit;
pub mod wire;

pub use builder::CraneliftBuilder;
pub use compile::{Cranelift, check_for_panics};
pub use cranelift_codegen as codegen;
pub use cranelift_frontend as frontend;
pub use reference::{data_in, function_in};
pub use relocation::routine;
pub use unit::{DataContent, Unit, UnitData, UnitFunction, UnknownName};

use cranelift_codegen::ir::UserExternalName;

/// The namespace of names whose index is a function's number in its unit.
pub const FUNCTIONS: u32 = 0;

/// The namespace of names whose index is the number of data in its unit.
pub const DATA: u32 = 1;

/// The name by which code refers to function `number` of its unit.
pub fn function_name(number: u32) -> UserExternalName {
    UserExternalName::new(FUNCTIONS, number)
}

/// The name by which code refers to data `number` of its unit.
pub fn data_name(number: u32) -> UserExternalName {
    UserExternalName::new(DATA, number)
}
