//! The perf map: tells the profiler `perf` what code made or loaded by this process is called.
//!
//! `perf` reads a file `/tmp/perf-PID.map` of lines: address, size, both in hexadecimal digits, and name. Source: Linux kernel
//! tree, tools/perf/Documentation/jit-interface.txt. It knows no removal: what lies at an address last counts.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use spin::Mutex;

use crate::graph::{LinkGraph, SymbolKind};
use crate::session::{ModuleView, Plugin, PluginError};

use super::address_map::telling;

/// A plugin that appends the functions of each module to a map for `perf`.
#[derive(Debug)]
pub struct PerfMap {
    file: Mutex<BufWriter<File>>,
}

impl PerfMap {
    /// The map of this process, where `perf` looks for it.
    ///
    /// # Errors
    /// The file can't be made.
    pub fn of_this_process() -> io::Result<Self> {
        Self::at(&Self::path_of(std::process::id()))
    }

    /// Where `perf` looks for the map of a process.
    pub fn path_of(process: u32) -> PathBuf {
        PathBuf::from(std::format!("/tmp/perf-{process}.map"))
    }

    /// A map in a file of one's own, to which is appended.
    ///
    /// # Errors
    /// The file can't be made.
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self {
            file: Mutex::new(BufWriter::new(file)),
        })
    }
}

impl Plugin for PerfMap {
    fn name(&self) -> &str {
        "perf map"
    }

    fn loaded(&self, module: &ModuleView, graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        let mut file = self.file.lock();
        for symbol in telling(module, graph).filter(|it| it.kind == SymbolKind::Function) {
            let (address, size_bytes) = (symbol.address.value(), symbol.size_bytes);
            // A map that can't be written is no reason to load nothing.
            let _ = writeln!(file, "{address:x} {size_bytes:x} {}", symbol.name);
        }
        let _ = file.flush();
        Ok(())
    }
}
