//! Plugins that come with Ironlink.
//!
//! Each is a handle to what its clones share: give one to [`Session::add_plugin`](super::Session::add_plugin), and keep another
//! to ask. Each serves one session, since the modules of two may go by the same numbers.
//!
//! - [`AddressMap`]: what an address is, for fault reports, and what a module consists of, for debuggers and profilers.
//! - [`LoadLog`]: how long each load took, how much it linked, and how it stands.
//! - `PerfMap` (feature `std`): functions by address, for the profiler `perf`.
//! - [`CallTracer`]: a hook is called before each call of one function.

mod address_map;
mod call_tracer;
mod load_log;
#[cfg(any(feature = "std", test))]
mod perf_map;
#[cfg(test)]
mod tests;

pub use address_map::{AddressMap, SectionPlace, SymbolPlace};
pub use call_tracer::CallTracer;
pub use load_log::{LoadLog, LogEntry, Standing};
#[cfg(any(feature = "std", test))]
pub use perf_map::PerfMap;
