//! Where tests of the tool get their objects, and how they call it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::machines::Machine;
use xtask::toolchain;

pub(crate) use xtask::machines::{AARCH64, X86_64};

/// A folder of one test's own.
pub(crate) struct Workshop {
    folder: PathBuf,
    machine: &'static Machine,
}

/// What a call of the tool came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workshop {
    /// The folder of this name, for objects of this machine.
    pub(crate) fn new(name: &str, machine: &'static Machine) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tool");
        let folder = folder.join(format!("{name}.{}", machine.name));
        fs::create_dir_all(&folder).unwrap();
        Self { folder, machine }
    }

    /// For objects of the machine that tests run on.
    pub(crate) fn of_host(name: &str) -> Self {
        let machine = if cfg!(target_arch = "aarch64") {
            &AARCH64
        } else {
            &X86_64
        };
        Self::new(name, machine)
    }

    /// A file of this folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// An object of a source: the name's ending tells the language.
    pub(crate) fn object(&self, name: &str, source: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, source).unwrap();
        let flavour = toolchain::default_flavour(&path).unwrap();
        let object = toolchain::compile(self.machine, &path, flavour, &self.folder);
        object.unwrap().to_str().unwrap().to_owned()
    }

    /// An archive of these objects.
    pub(crate) fn archive(&self, name: &str, objects: &[&str]) -> String {
        self.archive_by("rcs", name, objects)
    }

    /// The archive that this operation of GNU's `ar` makes.
    pub(crate) fn archive_by(&self, operation: &str, name: &str, objects: &[&str]) -> String {
        let path = self.path(name);
        // What is there would stay in it.
        let _ = fs::remove_file(&path);
        let mut ar = Command::new("ar");
        ar.arg(operation).arg(&path).args(objects);
        assert!(ar.status().unwrap().success());
        path
    }
}

/// Calls the tool with these words.
pub(crate) fn ironlink<W: AsRef<str>>(words: &[W]) -> Outcome {
    let words: Vec<OsString> = words.iter().map(|word| word.as_ref().into()).collect();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = ironlink::cli::run(&words, &mut stdout, &mut stderr);
    Outcome {
        status,
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

impl Outcome {
    /// Checks that all went well, and returns what was shown.
    #[track_caller]
    pub(crate) fn shown(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""));
        self.stdout
    }

    /// Checks that one line told of an error, and returns it.
    #[track_caller]
    pub(crate) fn error(self) -> String {
        assert_eq!(self.status, 1, "{self:?}");
        assert!(self.stderr.starts_with("ironlink error: "), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        self.stderr
    }
}
