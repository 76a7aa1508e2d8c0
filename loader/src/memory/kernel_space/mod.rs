//! A kernel's memory for modules: pages at addresses of a window, under W^X.
//!
//! What is in flight lies at its target addresses from the start, writable and not executable. Finalizing takes the
//! write right away, from there and from the direct map, on every processor, before it gives the right to execute;
//! releasing takes all rights away before it gives anything back. So no page is ever written while a mapping or a
//! TLB lets it be executed.
//!
//! Key types: [`KernelSpace`], the manager; [`KernelInFlight`] and [`KernelFinalized`], the owners of what it gave.
//! Each owner keeps the space alive, and borrows nothing.
//!
//! Nothing here knows object files or the layout of page tables ([`paging`](super::paging) does).

mod books;
mod reservation;
mod space;
mod statistics;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watcher;

pub use reservation::{KernelFinalized, KernelInFlight};
pub use space::KernelSpace;
pub use statistics::KernelSpaceStatistics;
