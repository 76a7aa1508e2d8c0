//! The commands: a row of data for each, from which help, usage and completion are made.

use alloc::string::String;

use super::words::{self, Word};
use super::{System, actions, show};

/// A command.
#[derive(Debug)]
pub struct Command {
    /// Its name, the first word of a line.
    pub name: &'static str,
    /// What may follow.
    pub arguments: &'static str,
    /// What it does: a line, and further ones that `help` shows of this command alone.
    pub help: &'static str,
    /// What its words are names of.
    pub completion: Completion,
    /// Does it.
    pub run: fn(&mut dyn System, &[Word]) -> Result<Flow, Refusal>,
}

/// What words of a command are names of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Completion {
    /// Nothing that is known.
    Nothing,
    /// A command.
    Commands,
    /// A file of the initial memory disk.
    Files,
    /// A module.
    Modules,
    /// What a module defines.
    Symbols,
}

/// What comes after a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// The next line.
    Next,
    /// The end, with this exit status.
    End(u8),
}

/// Why a command was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// These words can't follow it.
    Usage,
    /// For this reason.
    Because(String),
}

/// All commands, in the order in which `help` shows them.
pub static COMMANDS: [Command; 12] = [
    Command {
        name: "files",
        arguments: "",
        help: "what the initial memory disk holds",
        completion: Completion::Nothing,
        run: show::files,
    },
    Command {
        name: "load",
        arguments: "FILE... [as NAME]",
        help: "link objects of the disk as one module\n\
               They may refer to each other, to modules that are loaded, and to the kernel; what is missing then is taken from\n\
               the disk's archives. Constructors run. The name is the first file's unless another one is given.",
        completion: Completion::Files,
        run: actions::load,
    },
    Command {
        name: "unload",
        arguments: "NAME [and users]",
        help: "end and remove a module\n\
               Its destructors run. A module that others use stays, unless these are to go, too.",
        completion: Completion::Modules,
        run: actions::unload,
    },
    Command {
        name: "list",
        arguments: "",
        help: "the modules that are loaded",
        completion: Completion::Nothing,
        run: show::list,
    },
    Command {
        name: "call",
        arguments: "NAME [ARGUMENT...]",
        help: "call a function of a module\n\
               Up to six arguments: numbers (12, -12, 0xc), or text in quotes, of which a pointer is given that is valid for\n\
               the call. main is called as a program's, with all words as its arguments. A fault ends the call alone.",
        completion: Completion::Symbols,
        run: actions::call,
    },
    Command {
        name: "symbols",
        arguments: "[NAME]",
        help: "what all modules, or one, define for others",
        completion: Completion::Modules,
        run: show::symbols,
    },
    Command {
        name: "map",
        arguments: "[NAME]",
        help: "where all lies, or one module, and with which protection",
        completion: Completion::Modules,
        run: show::map,
    },
    Command {
        name: "deps",
        arguments: "[NAME]",
        help: "which modules all, or one, were linked against",
        completion: Completion::Modules,
        run: show::dependencies,
    },
    Command {
        name: "heap",
        arguments: "",
        help: "how the kernel's heap is used",
        completion: Completion::Nothing,
        run: show::heap,
    },
    Command {
        name: "audit",
        arguments: "",
        help: "look for what can be both written and executed",
        completion: Completion::Nothing,
        run: actions::audit,
    },
    Command {
        name: "help",
        arguments: "[COMMAND]",
        help: "what all commands do, or one",
        completion: Completion::Commands,
        run: help,
    },
    Command {
        name: "exit",
        arguments: "[STATUS]",
        help: "end the machine, with a status that is 0 unless given",
        completion: Completion::Nothing,
        run: actions::exit,
    },
];

/// Does what a line says, and tells why where it can't be done.
pub(super) fn execute(system: &mut dyn System, line: &str) -> Flow {
    let words = match words::split(line) {
        Ok(words) => words,
        Err(error) => {
            system.send(format_args!("{error}\n"));
            return Flow::Next;
        }
    };
    let Some((first, arguments)) = words.split_first() else {
        return Flow::Next;
    };
    let Some(command) = find(&first.text) else {
        let name = &first.text;
        system.send(format_args!(
            "there is no command `{name}`; `help` shows those that there are\n"
        ));
        return Flow::Next;
    };
    match (command.run)(system, arguments) {
        Ok(flow) => return flow,
        Err(Refusal::Usage) => system.send(format_args!("usage: {}\n", Usage(command))),
        Err(Refusal::Because(reason)) => {
            system.send(format_args!("{}: {reason}\n", command.name));
        }
    }
    Flow::Next
}

/// The command of this name.
pub(super) fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

fn help(system: &mut dyn System, words: &[Word]) -> Result<Flow, Refusal> {
    match words {
        [] => {
            for command in &COMMANDS {
                let summary = command.help.lines().next().unwrap_or("");
                system.send(format_args!("{:<24}{summary}\n", Usage(command)));
            }
        }
        [word] => {
            let name = &word.text;
            let command = find(name).ok_or_else(|| {
                Refusal::Because(alloc::format!(
                    "there is no command `{name}`; `help` shows those that there are"
                ))
            })?;
            system.send(format_args!("{}\n{}\n", Usage(command), command.help));
        }
        _ => return Err(Refusal::Usage),
    }
    Ok(Flow::Next)
}

/// A command with what may follow.
struct Usage(&'static Command);

impl core::fmt::Display for Usage {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Command {
            name, arguments, ..
        } = self.0;
        let blank = if arguments.is_empty() { "" } else { " " };
        formatter.pad(&alloc::format!("{name}{blank}{arguments}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{COMMANDS, Usage};

    #[test]
    fn each_command_has_a_name_of_its_own_and_a_line_of_help_that_fits() {
        let mut names = HashSet::new();
        for command in &COMMANDS {
            assert!(names.insert(command.name), "{} twice", command.name);
            assert!(Usage(command).to_string().len() < 24, "{}", command.name);
            let mut lines = command.help.lines();
            let summary = lines.next().unwrap();
            assert!(!summary.is_empty() && summary.len() <= 56, "{summary}");
            assert!(!summary.ends_with('.'), "{summary}");
        }
    }
}
