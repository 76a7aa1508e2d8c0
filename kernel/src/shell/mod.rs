//! A shell on the serial line: loads objects of the initial memory disk, calls them, and shows what is loaded.
//!
//! - [`Keys`] reads the terminal's bytes, [`Editor`] makes lines of them, [`words`] splits a line, [`Argument`] reads what
//!   a call is given.
//! - [`COMMANDS`] has a row for each command; [`serve()`] reads lines and runs them.
//! - [`System`] is all that this needs of the machine and of what is loaded, as plain data. A test on a host has one of its
//!   own, so that whole dialogues are tested there; the kernel's is `this_kernel`, and `modules` alone asks the session.
//!
//! Nothing but `this_kernel` and `modules` knows a machine, a session or a module's memory.

mod actions;
mod argument;
mod commands;
mod completion;
mod editor;
mod history;
mod keys;
mod serve;
mod show;
mod system;
pub mod words;

#[cfg(target_os = "none")]
mod modules;
#[cfg(test)]
mod test_system;
#[cfg(target_os = "none")]
mod this_kernel;

pub use argument::{Argument, NotAnArgument};
pub use commands::{COMMANDS, Command, Completion, Flow, Refusal};
pub use editor::{Editor, Entered, TOO_LONG};
pub use keys::{Key, Keys};
pub use serve::{PROMPT, serve};
pub use system::{Ended, File, MapRow, ModuleRow, Reason, Symbol, System};
#[cfg(target_os = "none")]
pub use this_kernel::run;
