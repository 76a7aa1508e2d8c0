//! A program for Cranelift's interface to modules, and what must come of it.
//!
//! It is written against [`Module`] alone, and knows neither Ironlink nor cranelift-jit: what runs it
//! on both compares them. [`build`] defines all of it in a module; each [`Case`] is then a function to call, and the number that
//! the same algorithm gives in Rust.

mod arrays;
mod calls;
mod machine;
mod numbers;
mod routines;
mod text;
mod unit;

use cranelift_module::{FuncId, Module, ModuleResult};

use unit::Unit;

/// Something to call once definitions are finalized.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it shows.
    pub name: &'static str,
    /// The function: an `extern "C" fn(i64, i64) -> i64`.
    pub function: FuncId,
    /// What it is given.
    pub arguments: [i64; 2],
    /// What it must return.
    pub expected: i64,
}

/// Defines the program in `module`, and tells what to call, in this order: some of it changes its data.
///
/// # Errors
/// What the module refuses.
pub fn build(module: &mut dyn Module) -> ModuleResult<Vec<Case>> {
    let mut unit = Unit::new(module);
    numbers::build(&mut unit)?;
    arrays::build(&mut unit)?;
    text::build(&mut unit)?;
    machine::build(&mut unit)?;
    calls::build(&mut unit)?;
    routines::build(&mut unit)?;
    Ok(unit.into_cases())
}

/// What the program imports by name, but for C's routines for memory: each process has those.
pub fn imports() -> Vec<(&'static str, *const u8)> {
    [calls::imports(), routines::imports()].concat()
}
