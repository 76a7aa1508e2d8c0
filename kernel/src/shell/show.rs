//! The commands that show something: files, list, symbols, map, deps, heap.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::actions::counted;
use super::words::Word;
use super::{Flow, MapRow, Refusal, System};

/// How the kernel is called among modules.
const KERNEL: &str = "the kernel";

pub(super) fn files(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    require_none(words)?;
    let files = system.files();
    if files.is_empty() {
        system.send(format_args!(
            "the disk holds nothing; name files when the shell is started: cargo xtask run --shell FILES\n"
        ));
    }
    let width = width(files.iter().map(|file| file.name.as_str()));
    for file in files {
        let (name, size_bytes) = (file.name, file.size_bytes);
        let kind = if file.is_archive { "archive" } else { "object" };
        system.send(format_args!("{name:<width$} {kind:<7} {size_bytes:>9}\n"));
    }
    Ok(Flow::Next)
}

pub(super) fn list(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    require_none(words)?;
    let modules = system.modules();
    if modules.is_empty() {
        system.send(format_args!(
            "no module is loaded; `load FILE` loads one, `files` shows which files there are\n"
        ));
        return Ok(Flow::Next);
    }
    let width = width(modules.iter().map(|module| module.name.as_str())).max("module".len());
    system.send(format_args!(
        "{:<width$} {:>9} {:>7}  used by\n",
        "module", "bytes", "fixups"
    ));
    for module in modules {
        let users = listed(&module.users, "nobody");
        let about = module.about.map_or(String::new(), |it| format!("; {it}"));
        system.send(format_args!(
            "{:<width$} {:>9} {:>7}  {users}{about}\n",
            module.name, module.content_bytes, module.fixups
        ));
    }
    Ok(Flow::Next)
}

pub(super) fn symbols(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    for module in chosen(system, words)? {
        let mut symbols = system.symbols(&module);
        symbols
            .sort_unstable_by(|one, two| (one.address, &one.name).cmp(&(two.address, &two.name)));
        for symbol in symbols {
            let (address, name) = (symbol.address.value(), symbol.name);
            system.send(format_args!("{address:#012x} {module}: {name}\n"));
        }
    }
    Ok(Flow::Next)
}

pub(super) fn map(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    let modules = chosen(system, words)?;
    if words.is_empty() {
        let rows = system.kernel_map();
        show_map(system, KERNEL, rows);
    }
    for module in modules {
        let rows = system.map(&module);
        show_map(system, &module, rows);
    }
    Ok(Flow::Next)
}

fn show_map(system: &mut dyn System, owner: &str, rows: Vec<MapRow>) {
    for row in rows {
        let (first, last) = (row.range.first().value(), row.range.last().value());
        let (protection, part) = (row.protection, row.part);
        let blank = if part.is_empty() { "" } else { " " };
        system.send(format_args!(
            "{protection} {first:#012x}..={last:#012x} {owner}{blank}{part}\n"
        ));
    }
}

pub(super) fn dependencies(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    for module in chosen(system, words)? {
        let needed = listed(&system.dependencies(&module), "nothing but the kernel");
        system.send(format_args!("{module}: {needed}\n"));
    }
    Ok(Flow::Next)
}

pub(super) fn heap(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    require_none(words)?;
    let heap = system.heap();
    system.send(format_args!(
        "{:>6} {:>9} {:>9} {:>9}\n",
        "block", "there are", "in use", "at most"
    ));
    for class in heap.classes {
        system.send(format_args!(
            "{:>6} {:>9} {:>9} {:>9}\n",
            class.block_bytes, class.capacity, class.live, class.peak
        ));
    }
    let large = heap.large;
    system.send(format_args!(
        "larger {:>9} {:>9} {:>9}  bytes\n",
        large.used_bytes + large.free_bytes,
        large.used_bytes,
        large.peak_bytes
    ));
    let (used, peak) = (heap.used_bytes as u64, heap.peak_bytes);
    system.send(format_args!(
        "{} in use, at most {peak}\n",
        counted(used, "byte")
    ));
    Ok(Flow::Next)
}

/// The module of this name.
pub(super) fn known_module(system: &dyn System, name: &str) -> Result<String, Refusal> {
    let modules = system.modules();
    let module = modules.into_iter().find(|module| module.name == name);
    module.map(|module| module.name).ok_or_else(|| {
        Refusal::Because(format!(
            "there is no module `{name}`; `list` shows those that are loaded"
        ))
    })
}

/// The module that is named, or all if none is.
fn chosen(system: &dyn System, words: &[Word]) -> Result<Vec<String>, Refusal> {
    match words {
        [] => Ok(system
            .modules()
            .into_iter()
            .map(|module| module.name)
            .collect()),
        [word] => known_module(system, &word.text).map(|name| Vec::from([name])),
        _ => Err(Refusal::Usage),
    }
}

fn require_none(words: &[Word]) -> Result<(), Refusal> {
    if words.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Usage)
    }
}

/// Names in a line, or what is said where there are none.
fn listed(names: &[String], none: &str) -> String {
    if names.is_empty() {
        String::from(none)
    } else {
        names.join(" ")
    }
}

/// The length of the longest name.
fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0)
}
