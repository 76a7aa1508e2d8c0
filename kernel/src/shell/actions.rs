//! The commands that do something: load, unload, call, audit, exit.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::show::known_module;
use super::words::Word;
use super::{Argument, Ended, File, Flow, Refusal, System};

/// How many arguments a call takes: what both machines' ABIs pass in registers.
pub(super) const MOST_ARGUMENTS: usize = 6;
/// What a session tells of a name.
const LONGEST_NAME: usize = 64;
/// What is called as a program's beginning.
const MAIN: &str = "main";

pub(super) fn load(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    let (files, name) = files_and_name(words)?;
    if files.is_empty() {
        return Err(Refusal::Usage);
    }
    let on_disk = system.files();
    for file in &files {
        require_object(&on_disk, file)?;
    }
    let name = match name {
        Some(name) => name,
        None => stem(files.first().copied().unwrap_or("")),
    };
    if name.len() > LONGEST_NAME {
        return Err(Refusal::Because(format!(
            "a module's name has up to {LONGEST_NAME} bytes; give another one: load ... as NAME"
        )));
    }
    if system.modules().iter().any(|module| module.name == name) {
        return Err(Refusal::Because(format!(
            "there is a module `{name}` already; `unload {name}` first, or give another name: load ... as NAME"
        )));
    }
    let loaded = system.load(name, &files);
    // A load that failed has mapped something, too, and taken it back.
    let sound = audited(system);
    if let Err(reason) = loaded {
        sound?;
        return Err(Refusal::Because(reason));
    }
    if let Some(module) = system.modules().iter().find(|module| module.name == name) {
        let (bytes, fixups) = (module.content_bytes, module.fixups);
        system.send(format_args!(
            "{name}: {}, {}\n",
            counted(bytes, "byte"),
            counted(fixups, "fixup")
        ));
    }
    sound
}

/// The files, and the name that follows `as`.
fn files_and_name(words: &[Word]) -> Result<(Vec<&str>, Option<&str>), Refusal> {
    let is_as = |word: &Word| !word.is_quoted && word.text == "as";
    let (files, name) = match words {
        [files @ .., word, name] if is_as(word) => (files, Some(name.text.as_str())),
        files => (files, None),
    };
    if files.iter().any(is_as) || name.is_some_and(str::is_empty) {
        return Err(Refusal::Usage);
    }
    Ok((files.iter().map(|word| word.text.as_str()).collect(), name))
}

fn require_object(on_disk: &[File], name: &str) -> Result<(), Refusal> {
    match on_disk.iter().find(|file| file.name == name) {
        Some(file) if !file.is_archive => Ok(()),
        Some(_) => Err(Refusal::Because(format!(
            "`{name}` is an archive; archives are given with every load, so name the object that wants it"
        ))),
        None => Err(Refusal::Because(format!(
            "there is no file `{name}` on the disk; `files` shows what there is"
        ))),
    }
}

/// A file's name without what follows its first dot.
fn stem(file: &str) -> &str {
    match file.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}

pub(super) fn unload(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    let is = |word: &Word, text: &str| !word.is_quoted && word.text == text;
    let (name, with_users) = match words {
        [name] => (name, false),
        [name, and, users] if is(and, "and") && is(users, "users") => (name, true),
        _ => return Err(Refusal::Usage),
    };
    let name = known_module(system, &name.text)?;
    let unloaded = system.unload(&name, with_users);
    if let Err(reason) = unloaded {
        audited(system)?;
        return Err(Refusal::Because(reason));
    }
    audited(system)
}

pub(super) fn call(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    let Some((function, words)) = words.split_first() else {
        return Err(Refusal::Usage);
    };
    let function = function.text.as_str();
    let ended = if function == MAIN {
        let arguments: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        system.call_main(&arguments)
    } else {
        if words.len() > MOST_ARGUMENTS {
            return Err(Refusal::Because(format!(
                "a call takes up to {MOST_ARGUMENTS} arguments"
            )));
        }
        let arguments: Result<Vec<Argument>, _> = words.iter().map(Argument::parse).collect();
        let arguments = arguments.map_err(|error| Refusal::Because(format!("{error}")))?;
        system.call(function, &arguments)
    };
    match ended.map_err(Refusal::Because)? {
        Ended::Returned(value) => system.send(format_args!("{function} = {}\n", result(value))),
        Ended::Exited(status) => system.send(format_args!("{function}: status {status}\n")),
        Ended::Failed(reason) => {
            return Err(Refusal::Because(format!("{function} was ended: {reason}")));
        }
    }
    Ok(Flow::Next)
}

/// What a function returned, in all ways in which it may have been meant.
fn result(value: u64) -> String {
    let as_long = value.cast_signed();
    let as_int = u32::try_from(value).map(u32::cast_signed);
    match as_int {
        Ok(negative) if negative < 0 => format!("{value} ({value:#x}), as an int {negative}"),
        _ if as_long < 0 => format!("{as_long} ({value:#x})"),
        _ => format!("{value} ({value:#x})"),
    }
}

pub(super) fn audit(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    if !words.is_empty() {
        return Err(Refusal::Usage);
    }
    let flow = audited(system)?;
    system.send(format_args!(
        "nothing that is mapped can be both written and executed\n"
    ));
    Ok(flow)
}

/// Has the auditor look at all that is mapped.
fn audited(system: &mut dyn System) -> Result<Flow, Refusal> {
    match system.audit() {
        0 => Ok(Flow::Next),
        places => Err(Refusal::Because(format!(
            "W^X is broken in {}, told above; this is an error of the linker or the kernel",
            counted(places as u64, "place")
        ))),
    }
}

pub(super) fn exit(_: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    match words {
        [] => Ok(Flow::End(0)),
        [status] => match status.text.parse() {
            Ok(status) => Ok(Flow::End(status)),
            Err(_) => Err(Refusal::Because(String::from(
                "an exit status is a number from 0 to 255",
            ))),
        },
        _ => Err(Refusal::Usage),
    }
}

/// A count with its noun.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{result, stem};

    #[test]
    fn a_result_is_told_as_what_it_may_be() {
        for (value, told) in [
            (7, "7 (0x7)"),
            (0x7fff_ffff, "2147483647 (0x7fffffff)"),
            (0xffff_fffe, "4294967294 (0xfffffffe), as an int -2"),
            (u64::MAX, "-1 (0xffffffffffffffff)"),
            (1 << 32, "4294967296 (0x100000000)"),
        ] {
            assert_eq!(result(value), told);
        }
    }

    #[test]
    fn a_module_is_called_after_its_file() {
        for (file, name) in [
            ("a.o", "a"),
            ("a.gcc-O2.o", "a"),
            ("a", "a"),
            (".o", ".o"),
            ("", ""),
        ] {
            assert_eq!(stem(file), name);
        }
    }
}
