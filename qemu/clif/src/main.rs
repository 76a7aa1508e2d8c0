//! Reads text of Cranelift's representation and writes it as a unit to a file, or prints the calls that its comments tell of.
//! `cargo xtask` runs it, so that only who has such text builds what reads it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use ironlink_clif::{Source, calls, read};

const USAGE: &str = "usage: ironlink-clif unit UNIT TEXTS | calls TEXTS: writes what the texts are to the file UNIT, or prints calls";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut words = env::args_os().skip(1);
    match words.next() {
        Some(word) if word == "calls" => {
            for call in calls(&sources(words)?)? {
                println!("{call}");
            }
            Ok(())
        }
        Some(word) if word == "unit" => {
            let path = PathBuf::from(words.next().context(USAGE)?);
            let unit = read(&sources(words)?)?;
            fs::write(&path, unit).with_context(|| format!("cannot write {}", path.display()))
        }
        _ => bail!(USAGE),
    }
}

/// The texts in these files.
fn sources(paths: impl Iterator<Item = OsString>) -> Result<Vec<Source>> {
    let sources = paths.map(PathBuf::from).map(|path| {
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Source { path, text })
    });
    sources.collect()
}
