//! Installs what a command needs and this machine lacks, and nothing else.
//!
//! A [`Tool`] says what is looked for and which packages bring it; a [`Manager`] says how packages are installed here;
//! [`rust`] finds a way to compile for bare targets. Where the user may not install, the line to type is told instead.

pub mod manager;
pub mod rust;
mod tool;

pub use manager::{Manager, Right};
pub use tool::{CLANG, LLD, Packages, Probe, State, Tool, Version};

use crate::machines::Machine;
use crate::{process, report};
use anyhow::{Result, bail};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// How often the lists of packages are asked for while another program holds them.
const REFRESH_TRIES: u32 = 60;

/// The pause between two tries.
const REFRESH_PAUSE: Duration = Duration::from_secs(5);

/// The compilers that module sources of every language and flavour go through for `machine`. Clang takes the headers
/// of GNU's.
#[must_use]
pub fn compilers(machine: &'static Machine) -> [&'static Tool; 3] {
    let gnu = machine.gnu_compilers();
    [&gnu.gcc, &gnu.gxx, &CLANG]
}

/// What it takes to build an image for `machine` and to boot it.
#[must_use]
pub fn boot_tools(machine: &'static Machine) -> [&'static Tool; 2] {
    [&machine.emulator, &LLD]
}

/// What it takes to compile modules of every kind for `machine` and to boot it.
#[must_use]
pub fn all_tools(machine: &'static Machine) -> Vec<&'static Tool> {
    [&boot_tools(machine)[..], &compilers(machine)].concat()
}

/// Sees to it that each of `tools` works, by installing packages if need be.
///
/// # Errors
/// A tool is missing and could not be installed; the error has the line to type.
pub fn ensure(tools: &[&Tool]) -> Result<()> {
    let missing = missing_of(tools);
    if missing.is_empty() {
        return Ok(());
    }
    install_tools(&missing)?;
    if let [tool, ..] = missing_of(&missing).as_slice() {
        bail!(
            "`{}` still does not work after its packages were installed; run it to see why",
            tool.program
        );
    }
    Ok(())
}

/// Installs the packages of `tools`, whether or not something of them is there.
fn install_tools(tools: &[&Tool]) -> Result<()> {
    let names = tools
        .iter()
        .map(|tool| tool.name)
        .collect::<Vec<_>>()
        .join(", ");
    let Some(manager) = Manager::of_this_machine() else {
        bail!(
            "missing: {names}. This machine has no package manager that is known here; install them and try again"
        );
    };
    install(manager, &names, &packages_of(manager, tools)?)
}

/// The tools among `tools` that do not work here, each once. Names those that are older than what was tried.
fn missing_of<'a>(tools: &[&'a Tool]) -> Vec<&'a Tool> {
    let mut missing = Vec::new();
    for (index, tool) in tools.iter().copied().enumerate() {
        if tools.iter().take(index).any(|earlier| *earlier == tool) {
            continue;
        }
        match tool.state() {
            State::Missing => missing.push(tool),
            State::Works(Some(version)) if version < tool.lowest => report::say(format!(
                "{} is {version}; {} is the oldest that was tried, so look here first if something fails",
                tool.program, tool.lowest
            )),
            State::Works(_) => {}
        }
    }
    missing
}

/// The packages for `tools`, each once.
fn packages_of(manager: &Manager, tools: &[&Tool]) -> Result<Vec<&'static str>> {
    let mut packages = Vec::new();
    for tool in tools {
        let names = tool.packages.of(manager);
        if names.is_empty() {
            bail!(
                "{} (`{}`) is missing and no package of {} is known to have it; install it and try again",
                tool.name,
                tool.program,
                manager.program
            );
        }
        packages.extend(names);
    }
    packages.sort_unstable();
    packages.dedup();
    Ok(packages)
}

fn install(manager: &Manager, names: &str, packages: &[&str]) -> Result<()> {
    let Some(right) = right_to_install(manager) else {
        bail!(
            "missing: {names}. Type this, and try again:\n\n    {}\n",
            manager.line_to_type(packages)
        );
    };
    let step = report::begin(format!("installing {names} ({})", packages.join(" ")));
    let installed = install_by(manager, right, packages);
    drop(step);
    installed.map_err(|error| {
        error.context(format!(
            "cannot install {names}; by hand: {}",
            manager.line_to_type(packages)
        ))
    })
}

fn install_by(manager: &Manager, right: Right, packages: &[&str]) -> Result<()> {
    if !manager.has_lists() {
        refresh(manager, right)?;
    }
    let words = manager.install_words(right, packages);
    match attempt(&words) {
        // Lists that have grown old name files that are gone: fetch them anew and try once more.
        Err(_) if manager.refresh.is_some() => {
            refresh(manager, right)?;
            attempt(&words)
        }
        result => result,
    }
}

fn right_to_install(manager: &Manager) -> Option<Right> {
    if !manager.needs_root || rustix::process::geteuid().is_root() {
        return Some(Right::Own);
    }
    let can_sudo = process::output(Command::new("sudo").args(["-n", "true"]))
        .is_ok_and(|output| output.status.success());
    can_sudo.then_some(Right::Sudo)
}

/// Fetches the lists of packages; waits for another program that holds them, which apt does not do by itself.
fn refresh(manager: &Manager, right: Right) -> Result<()> {
    let Some(words) = manager.refresh_words(right) else {
        return Ok(());
    };
    for _ in 1..REFRESH_TRIES {
        match attempt(&words) {
            Err(error) if error.to_string().contains("Could not get lock") => {
                thread::sleep(REFRESH_PAUSE)
            }
            result => return result,
        }
    }
    attempt(&words)
}

/// Runs a package manager. What it says is shown if asked for, else it is part of the error.
fn attempt(words: &[&str]) -> Result<()> {
    let [program, arguments @ ..] = words else {
        return Ok(());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    if process::is_verbose() {
        return process::run(&mut command);
    }
    let output = process::output(&mut command)?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    bail!(
        "`{}` failed ({}):\n{}",
        words.join(" "),
        output.status,
        last_lines(&String::from_utf8_lossy(&said), 12)
    )
}

/// The last `count` lines of `text`, indented.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines = text.lines().collect::<Vec<_>>();
    let shown = lines
        .get(lines.len().saturating_sub(count)..)
        .unwrap_or_default();
    shown
        .iter()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::manager::MANAGERS;
    use super::{CLANG, LLD, last_lines, packages_of};
    use crate::machines::{AARCH64, MACHINES};

    #[test]
    fn a_package_is_named_once() {
        let [apt, ..] = MANAGERS else {
            panic!("no package manager")
        };
        let tools = [&AARCH64.cross.gcc, &AARCH64.cross.gxx, &CLANG];
        assert_eq!(
            packages_of(apt, &tools).unwrap(),
            [
                "clang",
                "g++-aarch64-linux-gnu",
                "gcc-aarch64-linux-gnu",
                "libc6-dev-arm64-cross"
            ]
        );
    }

    #[test]
    fn debian_has_a_package_for_every_tool() {
        let [apt, ..] = MANAGERS else {
            panic!("no package manager")
        };
        for machine in MACHINES {
            let compilers = [&machine.native, &machine.cross];
            let gnu = compilers
                .iter()
                .flat_map(|compilers| [&compilers.gcc, &compilers.gxx]);
            for tool in gnu.chain([&machine.emulator, &CLANG, &LLD]) {
                assert!(!tool.packages.of(apt).is_empty(), "{}", tool.name);
            }
        }
    }

    #[test]
    fn a_tool_without_a_package_is_named_in_the_error() {
        let brew = MANAGERS
            .iter()
            .find(|manager| manager.program == "brew")
            .unwrap();
        let error = packages_of(brew, &[&AARCH64.cross.gcc]).unwrap_err();
        assert!(
            error.to_string().contains("aarch64-linux-gnu-gcc"),
            "{error}"
        );
    }

    #[test]
    fn the_last_lines_are_indented() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "    b\n    c");
        assert_eq!(last_lines("", 2), "");
    }
}
