//! What loading an object costs: Ironlink beside other linkers, and beside what no linker can do without.
//!
//! `compare` loads each object with each linker in turn, round by round, in one process, and reports times. Instructions and
//! the heap's peak are counted in processes of their own, by `once`: one load, after another that warms up. What a linker
//! dies of is told so, too, before it can end the comparison. The heap keeps what it has, whoever runs.

mod callgrind;
mod compare;
mod heap;
mod linkers;
mod object_file;
mod once;
mod report;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

/// Measure what loading an object costs, on Ironlink and its peers.
#[derive(Debug, Parser)]
#[command(name = "ironlink-bench", max_term_width = 100)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Compare(compare::Arguments),
    Once(once::Arguments),
}

fn main() -> Result<()> {
    heap::keep_what_is_freed();
    match Line::parse().command {
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Once(arguments) => once::run(&arguments),
    }
}
