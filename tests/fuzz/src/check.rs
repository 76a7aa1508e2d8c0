//! The language of checks: whatever a text says, each rule in it holds, or the line that says why not can be shown.
//!
//! An input is the text, and the bytes over which its rules are evaluated.

use std::io;

use ironlink::base::Machine;
use ironlink::cli::check::{self, Program, Tally};

use crate::files;

/// Under which names rules are looked for: that of the peer's files, and that of case files.
const NAMES: [&str; 2] = [check::USUAL_NAME, "CHECK"];

/// Where the bytes lie.
const FIRST_ADDRESS: u64 = 0x1000;

/// Evaluates the rules of `input`.
pub fn check(input: &[u8]) {
    let files = files::split(input);
    let (text, rest) = files.split_first().expect("an input has a file");
    let program = Bytes {
        machine: files::machine(input),
        bytes: rest.first().copied().unwrap_or_default(),
    };
    let text = String::from_utf8_lossy(text);
    for name in NAMES {
        let Tally { rules, failures } = check::check_text(&text, name, &program, &mut io::sink());
        assert!(failures <= rules);
    }
}

/// A program of which everything that has a name lies somewhere in these bytes, or right behind them.
struct Bytes<'a> {
    machine: Machine,
    bytes: &'a [u8],
}

impl Bytes<'_> {
    fn place(&self, name: &str) -> Option<u64> {
        let sum: usize = name.bytes().map(usize::from).sum();
        let offset = u64::try_from(sum % (self.bytes.len() + 1)).ok()?;
        (!name.starts_with('_')).then_some(FIRST_ADDRESS + offset)
    }
}

impl Program for Bytes<'_> {
    fn machine(&self) -> Machine {
        self.machine
    }

    fn symbol(&self, name: &str) -> Option<u64> {
        self.place(name)
    }

    fn read(&self, address: u64, into: &mut [u8]) -> usize {
        let offset = address.checked_sub(FIRST_ADDRESS);
        let offset = offset.and_then(|offset| usize::try_from(offset).ok());
        let bytes = offset.and_then(|offset| self.bytes.get(offset..));
        let count = bytes.unwrap_or_default().len().min(into.len());
        into[..count].copy_from_slice(&bytes.unwrap_or_default()[..count]);
        count
    }

    fn stub(&self, _: &str, symbol: &str, kind: Option<&str>) -> Option<u64> {
        self.place(kind.unwrap_or(symbol))
    }

    fn got(&self, _: &str, symbol: &str) -> Option<u64> {
        self.place(symbol)
    }

    fn section(&self, _: &str, name: &str) -> Option<u64> {
        self.place(name)
    }
}
