//! What every floor speaks of: addresses, alignment, typed ids, slots, names and tables of them, machines, protections,
//! allocation that can fail, values with several owners, digests.
//!
//! Nothing here knows of object files, graphs, or page tables.
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

mod address;
mod alignment;
mod digest;
#[cfg(test)]
pub(crate) mod failing_heap;
pub mod fallible;
mod hash;
mod hash_table;
mod id;
pub mod int;
mod machine;
mod name;
mod protection;
mod shared;
mod short_bytes;
mod slots;
pub mod sort;
mod text;

pub use address::{AddressRange, TargetAddr};
pub use alignment::Alignment;
pub use digest::Digest;
pub use fallible::OutOfMemory;
pub(crate) use hash::NameHasher;
pub use hash::{hash_name, set_hash_key};
pub(crate) use hash_table::{HashTable, Mark};
pub use id::{Arena, Id};
pub use machine::Machine;
pub use name::Name;
pub(crate) use name::{until_zero, utf8};
pub use protection::Protection;
pub(crate) use shared::Shared;
pub(crate) use short_bytes::ShortBytes;
pub(crate) use slots::Slots;
pub use text::{Decimal, Displayed, Hex, Signed, Tail, Text, Words};
