//! What a tool is: a program, how one sees that it is there and works, and the packages that bring it.

use super::manager::Manager;
use crate::process;
use std::fmt;
use std::process::Command;
use std::time::Duration;

/// A program that a command needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Tool {
    /// What people call it.
    pub name: &'static str,
    /// The program, as it is found in `PATH`.
    pub program: &'static str,
    /// What is run to see whether it works.
    pub probe: Probe,
    /// The oldest version that this was run with. An older one is tried, and named as a likely cause of trouble.
    pub lowest: Version,
    /// The packages that bring it.
    pub packages: Packages,
}

/// How one sees that a tool works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It answers `--version`.
    Version,
    /// It is a compiler that finds this header of its library.
    Header {
        /// The language, for `-x`.
        language: &'static str,
        /// The header's name.
        header: &'static str,
    },
}

/// A major and a minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

/// The packages that bring a tool, by package manager. Empty where none is known.
#[derive(Debug, PartialEq, Eq)]
pub struct Packages {
    /// Debian, Ubuntu.
    pub apt: &'static [&'static str],
    /// Fedora.
    pub dnf: &'static [&'static str],
    /// Arch Linux.
    pub pacman: &'static [&'static str],
    /// Alpine.
    pub apk: &'static [&'static str],
    /// openSUSE.
    pub zypper: &'static [&'static str],
    /// Homebrew.
    pub brew: &'static [&'static str],
}

/// The state of a tool on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There, and of this version where it told one.
    Works(Option<Version>),
    /// Not in `PATH`, or there without the headers that it needs.
    Missing,
}

/// Clang, for C and C++ and for every machine.
pub static CLANG: Tool = Tool {
    name: "clang",
    program: "clang",
    probe: Probe::Version,
    lowest: Version(14, 0),
    packages: Packages {
        apt: &["clang"],
        dnf: &["clang"],
        pacman: &["clang"],
        apk: &["clang"],
        zypper: &["clang"],
        brew: &["llvm"],
    },
};

/// LLVM's linker: links kernels where Rust's own is not installed, and checks ours.
pub static LLD: Tool = Tool {
    name: "lld",
    program: "ld.lld",
    probe: Probe::Version,
    lowest: Version(14, 0),
    packages: Packages {
        apt: &["lld"],
        dnf: &["lld"],
        pacman: &["lld"],
        apk: &["lld"],
        zypper: &["lld"],
        brew: &["lld"],
    },
};

/// A longer probe means that the program waits for something; it counts as missing.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

impl Tool {
    /// Runs the probe.
    #[must_use]
    pub fn state(&self) -> State {
        let mut command = Command::new(self.program);
        match self.probe {
            Probe::Version => command.arg("--version"),
            Probe::Header { language, header } => command.args([
                "-fsyntax-only",
                "-x",
                language,
                "-include",
                header,
                "/dev/null",
            ]),
        };
        let answered = process::output_within(&mut command, PROBE_LIMIT)
            .is_ok_and(|output| output.status.success());
        if answered {
            State::Works(self.version())
        } else {
            State::Missing
        }
    }

    fn version(&self) -> Option<Version> {
        let output =
            process::output_within(Command::new(self.program).arg("--version"), PROBE_LIMIT)
                .ok()?;
        Version::in_text(&String::from_utf8_lossy(&output.stdout))
    }
}

impl Packages {
    /// What `manager` calls them.
    #[must_use]
    pub fn of(&self, manager: &Manager) -> &'static [&'static str] {
        (manager.packages)(self)
    }
}

impl Version {
    /// The first number of the form `1.2` in what a program says of itself.
    #[must_use]
    pub fn in_text(text: &str) -> Option<Self> {
        text.split(|c: char| c.is_whitespace() || c == '(')
            .find_map(|word| {
                let mut parts = word.split(|c: char| !c.is_ascii_digit());
                let major = parts.next()?.parse().ok()?;
                let minor = parts.next()?.parse().ok()?;
                Some(Self(major, minor))
            })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Packages, Probe, State, Tool, Version};

    const NO_PACKAGES: Packages = Packages {
        apt: &[],
        dnf: &[],
        pacman: &[],
        apk: &[],
        zypper: &[],
        brew: &[],
    };

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        let version = |text| Version::in_text(text);
        assert_eq!(
            version("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)"),
            Some(Version(7, 2))
        );
        assert_eq!(
            version("gcc (Debian 12.2.0-14+deb12u1) 12.2.0"),
            Some(Version(12, 2))
        );
        assert_eq!(version("Debian clang version 14.0.6"), Some(Version(14, 0)));
        assert_eq!(
            version("rustc 1.96.0 (ac68faa20 2026-05-25)"),
            Some(Version(1, 96))
        );
        assert_eq!(version("no number"), None);
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(Version(1, 100) > Version(1, 95));
        assert!(Version(10, 0) > Version(7, 2));
    }

    #[test]
    fn a_program_that_is_nowhere_is_missing() {
        let tool = Tool {
            name: "nothing",
            program: "ironlink-no-such-program",
            probe: Probe::Version,
            lowest: Version(1, 0),
            packages: NO_PACKAGES,
        };
        assert_eq!(tool.state(), State::Missing);
    }
}
