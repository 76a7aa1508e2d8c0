//! What C++ compilers call by themselves (Itanium C++ ABI; the mangled names are as its section 5.1 forms them): operators
//! new and delete, guards of local statics, type information, `dynamic_cast`, and how exceptions end.
//!
//! Destructors of static objects are the matter of [`exit`](super::exit).

mod dynamic_cast;
mod exceptions;
mod guard;
mod operators;
mod throw;
mod type_info;

use super::Export;

pub(super) static TABLES: &[&[Export]] = &[
    dynamic_cast::EXPORTS,
    exceptions::EXPORTS,
    guard::EXPORTS,
    operators::EXPORTS,
    throw::EXPORTS,
    type_info::EXPORTS,
    type_info::FUNDAMENTAL,
];
