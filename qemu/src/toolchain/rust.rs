//! Rust objects: the compiler that makes them, and the `core` and `alloc` that they are linked with.
//!
//! Modules are compiled for the target whose float ABI is that of C. Where its libraries are not installed they are built
//! once from the compiler's own sources, under the target directory.

use super::command;
use crate::image;
use crate::machines::Machine;
use crate::report;
use crate::setup::rust::{CoreOrigin, TargetRust};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The crates that a module may use, in the order in which they are packed.
const CRATES: [&str; 3] = ["core", "alloc", "compiler_builtins"];

/// A compiler, its target, and the libraries that it has for it.
#[derive(Clone, Debug)]
pub(super) struct Library {
    rust: TargetRust,
    /// Where the compiler finds its libraries if not where it was installed.
    sysroot: Option<PathBuf>,
    /// The archives of [`CRATES`].
    pub(super) rlibs: Vec<PathBuf>,
}

impl Library {
    /// A call of the compiler that knows target, libraries, and the edition of our sources.
    pub(super) fn rustc(&self) -> Command {
        self.rustc_of_edition("2024")
    }

    /// As [`rustc`](Self::rustc), for sources of another edition.
    pub(super) fn rustc_of_edition(&self, edition: &str) -> Command {
        let mut command = Command::new(&self.rust.rustc);
        command.arg("--edition").arg(edition);
        command.args(["-Cpanic=abort", "--target", self.rust.target]);
        if let Some(sysroot) = &self.sysroot {
            command.arg("--sysroot").arg(sysroot);
        }
        command
    }
}

/// A call of rustc that makes `object`; options and source are still to come.
pub(super) fn object_command(machine: &'static Machine, object: &Path) -> Result<Command> {
    let mut command = library(machine)?.rustc();
    // The crate's name would come from the file's, and it may not hold a hyphen or a dot. The metadata keeps crates of one
    // name apart: their symbols, and rustc's temporary files.
    let metadata = object.file_name().unwrap_or_default().to_string_lossy();
    command.args(["--crate-type=lib", "--crate-name=module", "--emit=obj"]);
    command.arg(format!("-Cmetadata={metadata}"));
    command.arg("-Ccodegen-units=1").arg("-o").arg(object);
    Ok(command)
}

/// Refuses a source that wants the standard library, before rustc does so in many words.
///
/// # Errors
/// It doesn't speak of `no_std`, or can't be read.
pub(super) fn refuse_std(source: &Path) -> Result<()> {
    let text =
        fs::read_to_string(source).with_context(|| format!("cannot read {}", source.display()))?;
    if text.contains("no_std") {
        return Ok(());
    }
    bail!(
        "{} wants the standard library, which needs an operating system: begin it with `#![no_std]` (`extern crate alloc` \
         works), and name what others call with `#[unsafe(no_mangle)] pub extern \"C\" fn`, `main` too",
        source.display()
    );
}

/// The compiler and libraries for `machine`: found, or built, once in this program's life.
pub(super) fn library(machine: &'static Machine) -> Result<Library> {
    static FOUND: Mutex<Vec<(&str, Library)>> = Mutex::new(Vec::new());
    let mut found = FOUND.lock().expect("no holder panics");
    if let Some((_, library)) = found.iter().find(|(name, _)| *name == machine.name) {
        return Ok(library.clone());
    }
    let rust = TargetRust::find(machine.module_target, &image::work_folder())?;
    let library = match rust.core {
        CoreOrigin::Installed => installed(rust)?,
        CoreOrigin::Sources => build(rust)?,
    };
    found.push((machine.name, library.clone()));
    Ok(library)
}

fn installed(rust: TargetRust) -> Result<Library> {
    let mut ask = Command::new(&rust.rustc);
    ask.args(["--print", "target-libdir", "--target", rust.target]);
    let answer = String::from_utf8(command::run(&mut ask)?)?;
    Ok(Library {
        rlibs: rlibs_in(Path::new(answer.trim()))?,
        rust,
        sysroot: None,
    })
}

/// Builds the libraries and lays them out as a sysroot, so that rustc is called as if they had been installed.
fn build(rust: TargetRust) -> Result<Library> {
    let root = image::work_folder().join("rust-library").join(rust.target);
    let libraries = root.join("lib/rustlib").join(rust.target).join("lib");
    let stamp = root.join("built-by");
    let version = command::run(Command::new(&rust.rustc).arg("-vV"))?;
    if !fs::read(&stamp).is_ok_and(|old| old == version) || rlibs_in(&libraries).is_err() {
        let _step = report::begin(format!("building core and alloc for {}", rust.target));
        for folder in [&libraries, &root.join("build")] {
            let _ = fs::remove_dir_all(folder);
        }
        let built = build_from_sources(&rust, &root)?;
        command::create_dir(&libraries)?;
        for entry in built.read_dir()? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "rlib")
            {
                command::write(
                    &libraries.join(path.file_name().unwrap_or_default()),
                    &command::read(&path)?,
                )?;
            }
        }
        command::write(&stamp, &version)?;
    }
    Ok(Library {
        rlibs: rlibs_in(&libraries)?,
        rust,
        sysroot: Some(root),
    })
}

/// Has cargo build an empty crate together with `core` and `alloc`, optimised and without debug information, and returns
/// the folder that holds them.
fn build_from_sources(rust: &TargetRust, root: &Path) -> Result<PathBuf> {
    const MANIFEST: &str = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                            [workspace]\n[profile.release]\npanic = \"abort\"\n";
    let package = root.join("package");
    command::create_dir(&package.join("src"))?;
    command::write(&package.join("Cargo.toml"), MANIFEST.as_bytes())?;
    command::write(&package.join("src/lib.rs"), b"#![no_std]\n")?;
    let mut cargo = rust.cargo();
    cargo
        .args(["build", "--release", "--target", rust.target])
        .args(rust.cargo_arguments())
        .current_dir(package)
        .env("CARGO_TARGET_DIR", root.join("build"))
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER");
    command::run(&mut cargo)?;
    Ok(root.join("build").join(rust.target).join("release/deps"))
}

/// The archives of all [`CRATES`] in `folder`.
fn rlibs_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder
        .read_dir()
        .with_context(|| format!("cannot read {}", folder.display()))?;
    let files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    CRATES
        .iter()
        .map(|name| {
            let is_its_archive = |path: &&PathBuf| {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                file.starts_with(&format!("lib{name}-")) && file.ends_with(".rlib")
            };
            let found = files.iter().find(is_its_archive).cloned();
            found.with_context(|| format!("{} has no archive of {name}", folder.display()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::refuse_std;
    use std::fs;

    #[test]
    fn a_source_that_wants_std_is_told_what_to_do() {
        let folder = std::env::temp_dir().join(format!("ironlink-rust-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let source = folder.join("program.rs");
        fs::write(&source, "fn main() {}").unwrap();
        let error = refuse_std(&source).unwrap_err().to_string();
        assert!(error.contains("#![no_std]"), "{error}");
        fs::write(&source, "#![no_std]\n").unwrap();
        assert!(refuse_std(&source).is_ok());
        fs::remove_dir_all(&folder).unwrap();
    }
}
