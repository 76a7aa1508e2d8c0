//! The files of the kit, as tools write them beside a module's source.

/// `ironlink.h`: the kit for C and C++.
pub const IRONLINK_H: &str = include_str!("../../kit/ironlink.h");

/// `ironlink_module.rs`: the kit for Rust.
pub const IRONLINK_MODULE_RS: &str = include_str!("../../kit/ironlink_module.rs");
