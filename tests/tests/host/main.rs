//! Tests that run on the host.

mod bad_input;
mod corpus;
mod corpus_links;
mod floors;
mod foreign_memory;
mod top_level;
