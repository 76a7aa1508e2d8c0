//! The package managers: one row each, and the command lines that they make.

use super::tool::Packages;
use crate::process;
use std::path::Path;

/// A package manager.
#[derive(Debug)]
pub struct Manager {
    /// Its program.
    pub program: &'static str,
    /// Its column in a tool's packages.
    pub packages: fn(&Packages) -> &'static [&'static str],
    /// What fetches its lists of packages, if it has to be told.
    pub refresh: Option<&'static [&'static str]>,
    /// What installs packages without a question; their names follow.
    pub install: &'static [&'static str],
    /// What its environment must hold so that it asks nothing: words for `env`, which passes them through `sudo` too.
    pub environment: &'static [&'static str],
    /// Only the administrator may install.
    pub needs_root: bool,
}

/// By what right packages are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// As the user that runs this.
    Own,
    /// By `sudo`, which asks for no password.
    Sudo,
}

/// All package managers, in the order in which they are looked for.
pub const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        packages: |packages| packages.apt,
        refresh: Some(&["update"]),
        install: &[
            "install",
            "--yes",
            "--no-install-recommends",
            "-o",
            "DPkg::Lock::Timeout=600",
        ],
        environment: &["DEBIAN_FRONTEND=noninteractive"],
        needs_root: true,
    },
    Manager {
        program: "dnf",
        packages: |packages| packages.dnf,
        refresh: None,
        install: &["install", "--assumeyes", "--setopt=install_weak_deps=False"],
        environment: &[],
        needs_root: true,
    },
    Manager {
        program: "pacman",
        packages: |packages| packages.pacman,
        refresh: Some(&["-Sy"]),
        install: &["-S", "--noconfirm", "--needed"],
        environment: &[],
        needs_root: true,
    },
    Manager {
        program: "apk",
        packages: |packages| packages.apk,
        refresh: Some(&["update"]),
        install: &["add", "--wait", "600"],
        environment: &[],
        needs_root: true,
    },
    Manager {
        program: "zypper",
        packages: |packages| packages.zypper,
        refresh: None,
        install: &["--non-interactive", "install", "--no-recommends"],
        environment: &[],
        needs_root: true,
    },
    Manager {
        program: "brew",
        packages: |packages| packages.brew,
        refresh: None,
        install: &["install"],
        environment: &["HOMEBREW_NO_ASK=1"],
        needs_root: false,
    },
];

impl Manager {
    /// The package manager of this machine.
    #[must_use]
    pub fn of_this_machine() -> Option<&'static Self> {
        MANAGERS
            .iter()
            .find(|manager| process::find_program(manager.program).is_some())
    }

    /// The words that install `packages`.
    #[must_use]
    pub fn install_words<'a>(&'a self, right: Right, packages: &[&'a str]) -> Vec<&'a str> {
        self.words(right, self.install)
            .into_iter()
            .chain(packages.iter().copied())
            .collect()
    }

    /// The words that fetch the lists of packages.
    #[must_use]
    pub fn refresh_words(&self, right: Right) -> Option<Vec<&str>> {
        self.refresh.map(|words| self.words(right, words))
    }

    /// The line that a user types to install `packages`.
    #[must_use]
    pub fn line_to_type(&self, packages: &[&str]) -> String {
        let sudo = if self.needs_root { "sudo " } else { "" };
        let install = |program| {
            format!(
                "{sudo}{program} {} {}",
                self.install_verb(),
                packages.join(" ")
            )
        };
        match self.refresh {
            Some(words) => format!(
                "{sudo}{} {} && {}",
                self.program,
                words.join(" "),
                install(self.program)
            ),
            None => install(self.program),
        }
    }

    /// Whether lists of packages are there to install from. Only Debian's images come without.
    #[must_use]
    pub fn has_lists(&self) -> bool {
        self.program != "apt-get" || has_debian_lists(Path::new("/var/lib/apt/lists"))
    }

    fn words<'a>(&'a self, right: Right, arguments: &'a [&'a str]) -> Vec<&'a str> {
        let sudo: &[&str] = if right == Right::Sudo {
            &["sudo", "-n"]
        } else {
            &[]
        };
        [sudo, &["env"], self.environment, &[self.program], arguments].concat()
    }

    /// What a person types: without the options that keep it from asking.
    fn install_verb(&self) -> &'static str {
        self.install
            .iter()
            .find(|word| !word.starts_with("--"))
            .copied()
            .unwrap_or_default()
    }
}

fn has_debian_lists(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
    })
}

#[cfg(test)]
mod tests {
    use super::{MANAGERS, Manager, Right};

    fn manager(program: &str) -> &'static Manager {
        MANAGERS
            .iter()
            .find(|manager| manager.program == program)
            .unwrap()
    }

    #[test]
    fn the_administrator_installs_directly_and_waits_for_the_lock() {
        assert_eq!(
            manager("apt-get")
                .install_words(Right::Own, &["clang", "lld"])
                .join(" "),
            "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
             -o DPkg::Lock::Timeout=600 clang lld"
        );
    }

    #[test]
    fn others_install_by_sudo_which_must_not_ask() {
        assert_eq!(
            manager("pacman")
                .install_words(Right::Sudo, &["clang"])
                .join(" "),
            "sudo -n env pacman -S --noconfirm --needed clang"
        );
    }

    #[test]
    fn only_managers_that_keep_lists_refresh_them() {
        let words = manager("apt-get").refresh_words(Right::Sudo).unwrap();
        assert_eq!(
            words.join(" "),
            "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update"
        );
        assert_eq!(manager("dnf").refresh_words(Right::Own), None);
    }

    #[test]
    fn the_line_to_type_is_whole() {
        let line = |program| manager(program).line_to_type(&["clang", "lld"]);
        assert_eq!(
            line("apt-get"),
            "sudo apt-get update && sudo apt-get install clang lld"
        );
        assert_eq!(line("dnf"), "sudo dnf install clang lld");
        assert_eq!(
            line("pacman"),
            "sudo pacman -Sy && sudo pacman -S clang lld"
        );
        assert_eq!(line("apk"), "sudo apk update && sudo apk add clang lld");
        assert_eq!(line("zypper"), "sudo zypper install clang lld");
        assert_eq!(line("brew"), "brew install clang lld");
    }
}
