//! C libraries whose sources Cargo packages bring, unmodified, as programs of several parts or as sources alone.
//!
//! The packages are dependencies that no target enables: cargo fetches them by the lock file and never builds them.

use super::corpus::{Part, Program, sources, stem};
use super::{Language, command};
use crate::image;
use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name of zlib's program, and of the folder of its driver among the module sources.
pub(super) const ZLIB: &str = "zlib";

/// A library that is linked to be looked at: all of it, and nothing that calls it.
struct Library {
    name: &'static str,
    package: &'static str,
    /// Folders of sources in the package.
    folders: &'static [&'static str],
    /// Sources that need what the package doesn't bring.
    without: &'static [&'static str],
    /// The flavours that it is wanted in.
    flavours: &'static [&'static str],
}

/// Optimised builds are few, since they take long.
const LIBRARIES: &[Library] = &[
    Library {
        name: "lua",
        package: "lua-src",
        folders: &["lua-5.4.9"],
        without: &[],
        flavours: &["gcc-sections", "gcc-debug", "clang-noplt", "clang-pic-O0"],
    },
    Library {
        name: "sqlite",
        package: "libsqlite3-sys",
        folders: &["sqlite3"],
        without: &["wasm32-wasi-vfs"],
        flavours: &["gcc-default", "gcc-O1", "clang-pic-O0"],
    },
    Library {
        name: "zstd",
        package: "zstd-sys",
        folders: &[
            "zstd/lib/common",
            "zstd/lib/compress",
            "zstd/lib/decompress",
            "zstd/lib/dictBuilder",
        ],
        without: &[],
        flavours: &["gcc-O1", "clang-pic-O0"],
    },
];

/// zlib with its driver under `modules`: each of its files but those for files (`gz*.c`), which want an operating system.
pub(super) fn zlib(modules: &Path) -> Result<Program> {
    let zlib = zlib_dir()?;
    let mut driver = Part::read(Some("main".to_owned()), modules.join(ZLIB).join("main.c"))?;
    driver
        .options
        .extend(["-I".into(), zlib.clone().into_os_string()]);
    let mut parts = vec![driver];
    for source in zlib_sources(&zlib)? {
        parts.push(Part::read(Some(stem(&source)), source)?);
    }
    Ok(Program {
        name: ZLIB.to_owned(),
        parts,
        ..Program::default()
    })
}

fn zlib_dir() -> Result<PathBuf> {
    Ok(package_dir("libz-sys")?.join("src/zlib"))
}

fn zlib_sources(zlib: &Path) -> Result<Vec<PathBuf>> {
    let mut found = sources(zlib)?;
    found.retain(|source| !stem(source).starts_with("gz"));
    Ok(found)
}

/// The sources of zlib, or of one of the other libraries, without any driver.
pub(super) fn sources_of(name: &str) -> Result<Vec<PathBuf>> {
    if name == ZLIB {
        return zlib_sources(&zlib_dir()?);
    }
    let library = LIBRARIES.iter().find(|library| library.name == name);
    let library = library.with_context(|| format!("no package brings sources of {name}"))?;
    library.sources()
}

/// The libraries that are linked to be looked at.
pub(super) fn libraries() -> Result<Vec<Program>> {
    LIBRARIES.iter().map(Library::program).collect()
}

impl Library {
    fn sources(&self) -> Result<Vec<PathBuf>> {
        let package = package_dir(self.package)?;
        let mut found = Vec::new();
        for folder in self.folders {
            found.extend(sources(&package.join(folder))?);
        }
        // Bindings for Rust lie beside some.
        let is_bindings = |source: &Path| Language::of(source) == Some(Language::Rust);
        found.retain(|source| {
            !is_bindings(source) && !self.without.contains(&stem(source).as_str())
        });
        Ok(found)
    }

    fn program(&self) -> Result<Program> {
        let mut parts = Vec::new();
        for source in self.sources()? {
            let mut part = Part::read(Some(stem(&source)), source)?;
            part.flavours = self.flavours.iter().map(|&name| name.to_owned()).collect();
            parts.push(part);
        }
        Ok(Program {
            name: self.name.to_owned(),
            parts,
            ..Program::default()
        })
    }
}

/// Where cargo keeps the sources of a package.
pub(super) fn package_dir(package: &str) -> Result<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "metadata",
            "--locked",
            "--format-version=1",
            "--manifest-path",
        ])
        .arg(image::workspace().join("Cargo.toml"));
    let metadata = String::from_utf8(command::run(&mut cargo)?)?;
    let is_wanted = |manifest: &&Path| {
        let folder = manifest.parent().and_then(Path::file_name);
        let folder = folder.unwrap_or_default().to_string_lossy();
        let version = folder.strip_prefix(package);
        version
            .and_then(|version| version.strip_prefix('-'))
            .is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
    };
    let manifest = metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split_once('"'))
        .map(|(path, _)| Path::new(path))
        .find(is_wanted)
        .with_context(|| format!("`cargo metadata` names no package {package}"))?;
    Ok(manifest.with_file_name(""))
}
