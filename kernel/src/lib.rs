//! The small kernel that hosts Ironlink, as a library: what is not the machine itself builds and is tested on the host.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod boot;
pub mod protocol;
