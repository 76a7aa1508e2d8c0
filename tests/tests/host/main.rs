//! Tests that run on the host.

mod bad_input;
mod compiled;
mod corpus;
mod corpus_links;
mod corpus_runs;
#[path = "../../../loader/src/base/failing_heap.rs"]
#[expect(dead_code, reason = "the loader's own tests need more of it")]
mod failing_heap;
mod faults;
mod floors;
mod host_library;
mod jit;
mod kit;
mod lives;
mod simulation;
mod top_level;
