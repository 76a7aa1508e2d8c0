//! A system of nothing but books, for tests: what it is given as input, and what was said.

use core::fmt;
use std::collections::VecDeque;
use std::string::{String, ToString};
use std::vec::Vec;

use ironlink::base::{AddressRange, Protection, TargetAddr};
use ironlink::memory::slab::SlabStatistics;

use super::{Argument, Ended, File, MapRow, ModuleRow, Reason, Symbol, System};

/// The size of each file.
const FILE_BYTES: usize = 10;

/// A system whose input ends in ctrl-d.
pub(super) struct TestSystem {
    input: VecDeque<u8>,
    said: String,
    modules: Vec<(String, u64)>,
    attempts: usize,
    /// Which attempts there is no room for, counted from 1.
    pub(super) fails_at: &'static [usize],
    /// Places where W^X is broken once something is loaded.
    pub(super) violations_after_load: usize,
}

impl TestSystem {
    pub(super) fn new(input: &[u8]) -> Self {
        Self {
            input: input.iter().copied().collect(),
            said: String::new(),
            modules: Vec::new(),
            attempts: 0,
            fails_at: &[],
            violations_after_load: 0,
        }
    }

    /// The lines that were said, without greeting, prompts, and what was echoed after them.
    pub(super) fn answers(&self) -> String {
        let lines = self.said.lines().skip(1);
        let answers = lines.filter(|line| !line.contains("ironlink> "));
        answers.flat_map(|line| [line, "\n"]).collect()
    }
}

impl System for TestSystem {
    fn receive(&mut self) -> u8 {
        self.input.pop_front().unwrap_or(4)
    }

    fn send(&mut self, text: fmt::Arguments<'_>) {
        self.said.push_str(&text.to_string());
    }

    fn attempt(&mut self, work: &mut dyn FnMut(&mut dyn System)) -> Result<(), Reason> {
        self.attempts += 1;
        if self.fails_at.contains(&self.attempts) {
            return Err(Reason::of("no room"));
        }
        work(self);
        Ok(())
    }

    fn files(&self) -> Vec<File> {
        let files = ["a.o", "b.o", "bad.o", "l.a"].into_iter();
        files
            .map(|name| File {
                name: name.to_string(),
                size_bytes: FILE_BYTES,
                is_archive: name.ends_with(".a"),
            })
            .collect()
    }

    fn load(&mut self, module: &str, files: &[&str]) -> Result<(), String> {
        if files.contains(&"bad.o") {
            return Err("bad.o is no object".to_string());
        }
        let content_bytes = (files.len() * FILE_BYTES) as u64;
        self.modules.push((module.to_string(), content_bytes));
        Ok(())
    }

    fn unload(&mut self, module: &str, with_users: bool) -> Result<(), String> {
        if module == "used" && !with_users {
            return Err("used is used by b".to_string());
        }
        self.modules.retain(|(name, _)| name != module);
        Ok(())
    }

    fn modules(&self) -> Vec<ModuleRow> {
        let modules = self.modules.iter();
        modules
            .map(|(name, content_bytes)| ModuleRow {
                name: name.clone(),
                content_bytes: *content_bytes,
                fixups: 1,
                users: Vec::new(),
                about: (name == "told").then(|| "clock 1.2 MIT".to_string()),
            })
            .collect()
    }

    fn symbols(&self, _: &str) -> Vec<Symbol> {
        let symbols = [("g", 2), ("f", 1)].into_iter();
        symbols
            .map(|(name, address)| Symbol {
                name: name.to_string(),
                address: TargetAddr::new(address),
            })
            .collect()
    }

    fn map(&self, _: &str) -> Vec<MapRow> {
        std::vec![page(0x4000_0000, ".text")]
    }

    fn kernel_map(&self) -> Vec<MapRow> {
        std::vec![page(0x10_0000, "")]
    }

    fn dependencies(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn call(&mut self, function: &str, arguments: &[Argument]) -> Result<Ended, String> {
        if function == "g" {
            return Ok(Ended::Failed("it fell".to_string()));
        }
        self.send(format_args!("{function}({arguments:?})\n"));
        Ok(Ended::Returned(arguments.len() as u64))
    }

    fn call_main(&mut self, arguments: &[&str]) -> Result<Ended, String> {
        self.send(format_args!("main({arguments:?})\n"));
        Ok(Ended::Exited(3))
    }

    fn audit(&mut self) -> usize {
        if self.modules.is_empty() {
            0
        } else {
            self.violations_after_load
        }
    }

    fn heap(&self) -> SlabStatistics {
        SlabStatistics::default()
    }
}

fn page(first: u64, part: &str) -> MapRow {
    MapRow {
        range: AddressRange::from_size(TargetAddr::new(first), 0x1000).unwrap(),
        protection: Protection::ReadExecute,
        part: part.to_string(),
    }
}
