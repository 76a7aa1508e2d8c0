//! Sessions: who is loaded, who defines what, and the transaction that a load is.
//!
//! A [`Session`] owns dylibs; a [`Dylib`] is a table of names, filled with absolute symbols or by loading modules into it; a
//! [`Module`] is what one load made. Objects given in one load are linked together, so that they may refer to each other;
//! archives given beside them add the members that are needed for names which nothing else defines.
//!
//! A load either succeeds as a whole or leaves nothing behind. One lock guards the tables; it is not held while a module's
//! code runs.
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

mod books;
mod callers;
mod dylib;
mod error;
mod function;
mod location;
mod module;
#[expect(
    clippy::module_inception,
    reason = "the file answers what a session is"
)]
mod session;
mod symbols;
#[cfg(test)]
mod tests;

pub use crate::link::Input;
pub use callers::{InitializerCaller, ResolverCaller};
pub use dylib::Dylib;
pub use error::{InitializerFailed, LoadError, LookupError};
pub use function::{Function, FunctionPointer};
pub use location::Location;
pub use module::Module;
pub use session::{Session, SessionStatistics};
pub use symbols::AbsoluteSymbol;
