//! What the tests of Ironlink share, on the host and inside the kernel.
#![no_std]

extern crate alloc;

pub mod archive;
pub mod bad_objects;
pub mod faults;
pub mod faulty;
pub mod jit;
pub mod lives;
pub mod notes;
pub mod object_file;
pub mod program;
