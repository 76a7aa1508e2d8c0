//! `printf`'s formatting: a template and an argument list become bytes (C17 7.21.6.1, with POSIX's and glibc's additions
//! where programs rely on them).
//!
//! - `template` walks the template, fetches each conversion's argument and hands it on; `directive` reads one `%…`.
//! - `field` lays out one conversion's result: prefix, zeros, body, padding; `integer` and `float` make the bodies.
//! - [`Real`] is any floating-point argument, taken apart; `decimal` has its exact decimal digits.
//!
//! Knows nothing of streams, machines or where arguments lie: [`Arguments`](super::va_list::Arguments) has those.
//! Floating-point numbers are read as bits and formatted by integer arithmetic: exact and correctly rounded (to nearest,
//! ties to even), for every precision, and the same whether or not the kernel is compiled with hardware floats.
//!
//! What is not there: numbered arguments (`%1$d`) fail with `EINVAL`; `%n`, a favourite of attackers, is refused; wide
//! characters become UTF-8; the `'` flag groups nothing, as in the C locale.

mod decimal;
mod directive;
mod field;
mod float;
mod integer;
mod output;
mod real;
mod template;
#[cfg(test)]
mod tests;

pub(super) use output::Output;
pub(super) use real::Real;
pub(super) use template::{FormatError, format};
