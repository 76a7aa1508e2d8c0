//! What the programs share whose sizes `cargo xtask size` compares: an entry, a heap, the end of a panic, and what they are
//! given by whoever starts them.
//!
//! `nothing` only allocates; `least` links one object and calls its `main`, with no pass but those that it takes, and with no
//! veneers; `link` does the same with all of them, and `session` by a session. All do it in page tables that are in use, under
//! W^X, and tell an error by [`FAILED`], not by text. Nothing is defined outside of the object.
#![no_std]

#[cfg(target_os = "none")]
extern crate alloc;

#[cfg(target_os = "none")]
mod bare;
mod given;
#[cfg(target_os = "none")]
pub mod linked;

pub use given::{Frames, Given, Space};

/// What a program returns whose object can't be linked, or has no `main`.
pub const FAILED: i32 = -1;

/// Makes a function from [`Given`] to a status the program that is entered; on a host, a program that says what it is for.
#[macro_export]
macro_rules! entry {
    ($main:expr) => {
        #[cfg(not(target_os = "none"))]
        fn main() {
            eprintln!("This is a program for a bare machine; `cargo xtask size` measures it.");
        }

        /// Where the program is entered.
        ///
        /// # Safety
        /// All that is given is as [`Given`]($crate::Given) says, and this program's alone.
        #[cfg(target_os = "none")]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn _start(given: &'static $crate::Given) -> i32 {
            // SAFETY: whoever enters vouches for the heap, and does so once.
            unsafe { given.begin() };
            let main: fn(&'static $crate::Given) -> Option<i32> = $main;
            main(given).unwrap_or($crate::FAILED)
        }
    };
}
