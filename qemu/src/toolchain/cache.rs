//! Compiling only what changed, on all cores: each object has its key beside it, which is what it was made from. The key's
//! file is locked while the object is made, so that of two commands at the same time one makes it and the other waits.

use super::command;
use crate::process;
use anyhow::{Context, Error, Result};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
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
    let mut key_file = lock(Path::new(&key_path))?;
    let mut old = Vec::new();
    if output.is_file() && key_file.read_to_end(&mut old).is_ok() && old == key.as_bytes() {
        return Ok(());
    }
    // Whatever ends us meanwhile, what is half made has no key.
    key_file
        .set_len(0)
        .with_context(|| format!("cannot write {}", key_path.display()))?;
    produce(command)?;
    command::write(Path::new(&key_path), key.as_bytes())
}

/// Opens the file, which is made if need be, once nobody else holds it; dropping it gives it back.
fn lock(path: &Path) -> Result<File> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    file.and_then(|file| file.lock().map(|()| file))
        .with_context(|| format!("cannot lock {}", path.display()))
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

#[cfg(test)]
mod tests {
    use super::make;
    use std::env;
    use std::fs;
    use std::process::Command;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn what_two_want_at_the_same_time_is_made_once_and_whole() {
        let folder = env::temp_dir().join(format!("ironlink-cache-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let output = folder.join("output");
        let made = AtomicUsize::new(0);
        let want = || {
            make(&mut Command::new("rustc"), &[], &output, |_| {
                made.fetch_add(1, Ordering::Relaxed);
                fs::write(&output, "half")?;
                thread::sleep(Duration::from_millis(50));
                Ok(fs::write(&output, "whole")?)
            })
            .unwrap();
            assert_eq!(fs::read(&output).unwrap(), b"whole");
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(want);
            }
        });
        assert_eq!(made.into_inner(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
