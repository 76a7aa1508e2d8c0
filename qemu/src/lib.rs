//! What `cargo xtask` is made of, as a library, so that tests compile and boot modules by the same means.
//!
//! A command ([`commands`]) installs what it needs ([`setup`]), compiles modules ([`toolchain`]), builds an image
//! ([`image`]), packs modules ([`pack`]), boots ([`boot`], [`guest`]) and judges what the kernel says ([`judge`]), with a
//! terminal or a dialogue at its line if it serves a shell ([`shell`]); or it tells what the code of a program is of ([`size`]), fuzzes the loader ([`fuzz`]), or writes a module
//! to start from ([`template`]), from which the kit's tests take theirs ([`kit_modules`]). The facts of each machine stand in one table ([`machines`]).

pub mod boot;
pub mod commands;
pub mod counts;
pub mod figures;
pub mod fuzz;
pub mod guest;
pub mod image;
pub mod judge;
pub mod kit_modules;
pub mod machines;
pub mod pack;
pub mod process;
pub mod report;
pub mod setup;
pub mod shell;
pub mod size;
pub mod template;
pub mod toolchain;
