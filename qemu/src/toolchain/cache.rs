//! Compiling only what changed, on all cores: each object has its key beside it, which is what it was made from.

use super::command;
use crate::process;
use anyhow::{Error, Result};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Makes `output` by `produce`, unless it is there already and was made by the same compiler from the same command and
/// the same bytes of `inputs`.
pub(super) fn make(
    command: &mut Command,
    inputs: &[PathBuf],
    output: &Path,
    produce: impl FnOnce(&mut Command) -> Result<()>,
) -> Result<()> {
    let key = key(command, inputs)?;
    let mut key_path = OsString::from(output);
    key_path.push(".key");
    let key_path = PathBuf::from(key_path);
    if output.is_file() && fs::read(&key_path).is_ok_and(|old| old == key.as_bytes()) {
        return Ok(());
    }
    let _ = fs::remove_file(&key_path);
    produce(command)?;
    command::write(&key_path, key.as_bytes())
}

fn key(command: &Command, inputs: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    process::command_line(command).hash(&mut hasher);
    version(command)?.hash(&mut hasher);
    for input in inputs {
        command::read(input)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// What the command's program says of itself; asked once in this program's life.
fn version(command: &Command) -> Result<Vec<u8>> {
    static KNOWN: Mutex<Option<HashMap<OsString, Vec<u8>>>> = Mutex::new(None);
    let mut known = KNOWN.lock().expect("no holder panics");
    let known = known.get_or_insert_default();
    let program = command.get_program();
    if let Some(version) = known.get(program) {
        return Ok(version.clone());
    }
    let version = command::run(Command::new(program).arg("--version"))?;
    known.insert(program.to_owned(), version.clone());
    Ok(version)
}

/// Does `work` for each item on all cores. The first failure, in the order of the items, is the answer.
pub(super) fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let first_failure = Mutex::new(None::<(usize, Error)>);
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            if let Err(error) = work(item) {
                let mut failure = first_failure.lock().expect("no holder panics");
                if failure.as_ref().is_none_or(|(earlier, _)| index < *earlier) {
                    *failure = Some((index, error));
                }
                // The others stop at their next item.
                next.store(items.len(), Ordering::Relaxed);
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    match first_failure.into_inner().expect("no holder panics") {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}
