//! Tests that run on the host.

mod bad_input;
mod corpus;
mod corpus_links;
mod corpus_runs;
mod floors;
mod host_library;
mod kit;
mod lives;
mod top_level;
