//! `once`: one load, whose instructions another program counts, after one whose heap is counted, and which warms up.

use crate::heap;
use crate::linkers::{Entry, Linker};
use crate::object_file::ObjectFile;
use anyhow::{Context, Error, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The function whose instructions are counted.
pub(crate) const MEASURED: &str = "ironlink_bench_measured_load";

/// Load an object once after a warm-up, for a program that counts instructions.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The linker
    linker: String,

    /// The object
    object: PathBuf,
}

/// What it says on standard output, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// By how many bytes the heap grew while the object was loaded, if it is known.
    pub(crate) peak_heap_bytes: Option<usize>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let entry = Entry::named(&arguments.linker);
    let entry = entry.with_context(|| format!("there is no linker {}", arguments.linker))?;
    let object = ObjectFile::read(&arguments.object)?;
    let mut linker = (entry.prepare)(&object).map_err(Error::msg)?;
    let (loaded, peak) = heap::peak_of(|| linker.load().map(drop));
    loaded.map_err(Error::msg)?;
    measured_load(&mut *linker).map_err(Error::msg)?;
    let answer = Answer {
        peak_heap_bytes: Some(peak).filter(|_| entry.is_heap_known),
    };
    println!("{}", serde_json::to_string(&answer)?);
    Ok(())
}

/// One load, and nothing else: what was loaded is kept, so that freeing it isn't counted.
#[inline(never)]
#[unsafe(export_name = "ironlink_bench_measured_load")]
fn measured_load(linker: &mut dyn Linker) -> Result<(), String> {
    linker.load().map(std::mem::forget)
}
