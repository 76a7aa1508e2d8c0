//! Which words could stand at the end of a line that is being written.

use alloc::string::String;
use alloc::vec::Vec;

use super::commands::{COMMANDS, find};
use super::{Completion, System};

/// The words that could stand at the end of `before`.
pub(super) fn candidates(system: &dyn System, before: &str) -> Vec<String> {
    let first = before.split_whitespace().next().unwrap_or("");
    let is_first_word = !before.trim_start().contains(char::is_whitespace);
    let kind = if is_first_word {
        Completion::Commands
    } else {
        find(first).map_or(Completion::Nothing, |command| command.completion)
    };
    match kind {
        Completion::Nothing => Vec::new(),
        Completion::Commands => COMMANDS
            .iter()
            .map(|command| String::from(command.name))
            .collect(),
        Completion::Files => system
            .files()
            .into_iter()
            .filter(|file| !file.is_archive)
            .map(|file| file.name)
            .collect(),
        Completion::Modules => modules(system),
        Completion::Symbols => modules(system)
            .iter()
            .flat_map(|module| system.symbols(module))
            .map(|symbol| symbol.name)
            .collect(),
    }
}

fn modules(system: &dyn System) -> Vec<String> {
    let modules = system.modules().into_iter();
    modules.map(|module| module.name).collect()
}
