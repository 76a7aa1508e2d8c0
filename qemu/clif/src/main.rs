//! Reads text of Cranelift's representation, writes it as a unit to a file, and prints the calls that its comments tell of.
//! `cargo xtask` runs it, so that only who has such text builds what reads it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use ironlink_clif::{Source, read};

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
    let mut paths = env::args_os().skip(1).map(PathBuf::from);
    let Some(unit) = paths.next() else {
        bail!("usage: ironlink-clif UNIT TEXTS: the file to write, and those to read");
    };
    let sources = paths.map(|path| {
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Source { path, text })
    });
    let program = read(&sources.collect::<Result<Vec<_>>>()?)?;
    fs::write(&unit, &program.unit).with_context(|| format!("cannot write {}", unit.display()))?;
    for call in &program.calls {
        println!("{call}");
    }
    Ok(())
}
