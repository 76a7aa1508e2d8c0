//! The small kernel that hosts Ironlink, as a library: what is not the machine itself builds and is tested on the host.
//!
//! An image is a program that names its main function with `entry!`; the library boots the machine, sets it up, and
//! calls it with the `Kernel`.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod boot;
pub mod clif;
pub mod command_line;
pub mod exports;
pub mod fault;
pub mod frames;
pub mod initrd;
pub mod protocol;
#[cfg(all(feature = "cranelift", any(target_os = "none", test)))]
pub mod repl;
pub mod reserve;
pub mod shell;

#[cfg(target_os = "none")]
pub mod clock;
#[cfg(target_os = "none")]
pub mod console;
#[cfg(target_os = "none")]
pub mod guard;
#[cfg(target_os = "none")]
pub mod heap;
#[cfg(target_os = "none")]
mod host;
#[cfg(target_os = "none")]
pub mod image;
#[cfg(target_os = "none")]
pub mod kernel;
#[cfg(target_os = "none")]
pub mod machine;
#[cfg(target_os = "none")]
mod memory;
#[cfg(target_os = "none")]
mod panic;
#[cfg(target_os = "none")]
pub mod program;
#[cfg(target_os = "none")]
pub mod report;
#[cfg(target_os = "none")]
pub mod runner;
#[cfg(target_os = "none")]
pub mod selftest;

#[cfg(target_os = "none")]
pub use kernel::Kernel;
