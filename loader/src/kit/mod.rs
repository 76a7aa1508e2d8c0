//! The kit: what modules say of themselves, in records that `ironlink.h` and `ironlink_module.rs` put into their objects.
//!
//! - [`prepare`](prepare()) is all that a load does with them before it links: it reads what the module is ([`describe`](describe())), leaves
//!   exported only what the module exports by name ([`limit_exports`]), keeps init and exit function, and takes the records
//!   out of the module's memory.
//! - An [`Interface`] is names with versions, which a program offers; [`check_interface`] compares it with the one that a
//!   module was built against.
//! - [`files`] are the kit itself, for tools that write it out; [`CHeader`] and [`RustHeader`] write what a module includes to
//!   state an interface.
//!
//! It sees graphs that were just read. It doesn't know sessions: who calls init and exit, and when, is not told here.
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

mod check;
mod describe;
mod error;
mod exports;
pub mod files;
mod header;
mod interface;
mod prepare;
mod record;
#[cfg(test)]
mod testing;

pub use check::{InterfaceMismatch, NameList, check_interface};
pub use describe::{Description, EntryPoint, RequiredInterface, describe};
pub use error::{ExportFault, KitError, RecordFault};
pub use exports::limit_exports;
pub use header::{CHeader, RustHeader};
pub use interface::{Interface, InterfaceEntry, InterfaceError, entry_version, interface_hash};
pub use prepare::prepare;
