//! What `cargo xtask` is made of, as a library, so that tests compile and boot modules by the same means.
//!
//! A command ([`commands`]) installs what it needs ([`setup`]), compiles modules and images, packs the modules, boots
//! the image and judges what it says. The facts of each machine stand in one table ([`machines`]).

pub mod machines;
pub mod process;
pub mod report;
pub mod setup;
pub mod toolchain;
