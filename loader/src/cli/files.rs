//! The files of a link: those that are named, libraries that are looked for, and what thin archives name.

use std::collections::{HashMap, HashSet};
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

use crate::base::{Machine, Name};
use crate::format::{FileKind, Members};
use crate::graph::Object;
use crate::link::Input;

use super::error::ToolError;
use super::options::Options;
use super::thin::ThinFiles;
use super::{harness, machine, process};

/// How many bytes of a name errors show; of a longer path they show the end.
const SHOWN_BYTES: usize = 60;

/// Everything that is read.
pub(super) struct Files {
    /// Objects and archives, in the order in which they are linked.
    files: Vec<File>,
    /// The whole paths of those that are shown by an end.
    paths: HashMap<String, String>,
    /// The archives of which no name is seen outside, by the names that are shown.
    pub(super) hidden: HashSet<String>,
}

/// A file.
struct File {
    /// The name that is shown.
    name: String,
    /// The whole path.
    path: String,
    bytes: Vec<u8>,
    /// Whether all members of an archive are linked, needed or not.
    is_whole: bool,
    /// Of a thin archive, its members.
    thin_files: Option<ThinFiles>,
}

impl Files {
    /// Reads what the options name.
    pub(super) fn read(options: &Options) -> Result<Self, ToolError> {
        let mut files = Self {
            files: Vec::new(),
            paths: HashMap::new(),
            hidden: HashSet::new(),
        };
        for path in &options.harness {
            files.add(path, options)?;
        }
        let harness = files.files.len();
        let mut shared = Vec::new();
        for path in &options.files {
            if is_shared_library(path) {
                shared.push(path);
            } else {
                files.add(path, options)?;
            }
        }
        if files.files.is_empty() {
            return Err(ToolError::NoFiles);
        }
        let (harness, tests) = files.files.split_at_mut(harness);
        harness::prepare(
            harness.iter().map(|file| file.bytes.as_slice()),
            tests.iter_mut().flat_map(File::objects),
        );
        for path in &options.load_hidden {
            files.add_hidden(path, options)?;
        }
        let is_loadable = Machine::HOST == Some(files.machine());
        for path in shared {
            load(path)?;
        }
        for name in &options.hidden_libraries {
            let path = find_library(options, name, false)?;
            files.add_hidden(&path, options)?;
        }
        for name in &options.libraries {
            let path = find_library(options, name, is_loadable)?;
            if is_shared_library(&path) {
                load(&path)?;
            } else {
                files.add(&path, options)?;
            }
        }
        Ok(files)
    }

    /// The machine that the objects are for.
    pub(super) fn machine(&self) -> Machine {
        machine::of(self.files.iter().map(File::input))
    }

    /// The inputs of the link.
    pub(super) fn inputs(&self) -> Vec<Input<'_>> {
        self.files.iter().map(File::input).collect()
    }

    /// The whole path of an object's file; that of a member with its archive's.
    pub(super) fn path(&self, object: &Object<'_>) -> String {
        let (name, archive) = (object.name.to_string(), object.archive.to_string());
        let whole = |shown: String| self.paths.get(&shown).cloned().unwrap_or(shown);
        match archive.is_empty() {
            true => whole(name),
            false => format!("{}({name})", whole(archive)),
        }
    }

    /// The path of the first file: what a program finds as its own name.
    pub(super) fn first_path(&self) -> &str {
        self.files.first().map_or("", |file| &file.path)
    }

    /// The first bytes of the file that is shown by this name.
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        let mut files = self.files.iter();
        let file = files.find(|file| file.name == name)?;
        file.bytes.get(..16)
    }

    fn add_hidden(&mut self, path: &Path, options: &Options) -> Result<(), ToolError> {
        let first = self.files.len();
        self.add(path, options)?;
        let added = self.files[first..].iter().map(|file| file.name.clone());
        self.hidden.extend(added);
        Ok(())
    }

    fn add(&mut self, path: &Path, options: &Options) -> Result<(), ToolError> {
        let bytes = std::fs::read(path).map_err(|error| ToolError::Read {
            path: path.to_path_buf(),
            error,
        })?;
        let is_archive = FileKind::of(&bytes) == FileKind::Archive;
        let thin_files = ThinFiles::of(path, &bytes);
        let path = path.to_string_lossy().into_owned();
        let name = shown(&path);
        if name != path {
            self.paths.insert(name.clone(), path.clone());
        }
        self.files.push(File {
            name,
            path,
            bytes,
            is_whole: options.all_load && is_archive,
            thin_files,
        });
        Ok(())
    }
}

impl File {
    fn input(&self) -> Input<'_> {
        let input = match self.is_whole {
            true => Input::whole(&self.name, &self.bytes),
            false => Input::new(&self.name, &self.bytes),
        };
        match &self.thin_files {
            Some(files) => input.with_members(files),
            None => input,
        }
    }

    /// The bytes of each object that is linked whether it is needed or not.
    fn objects(&mut self) -> Vec<&mut [u8]> {
        if !self.is_whole {
            return Vec::from([self.bytes.as_mut_slice()]);
        }
        let start = self.bytes.as_ptr().addr();
        let members = Members::of(Name::default(), &self.bytes, None);
        let members = members.into_iter().flatten().map_while(Result::ok);
        let places: Vec<_> = members
            .map(|member| (member.bytes.as_ptr().addr() - start, member.bytes.len()))
            .collect();
        let mut objects = Vec::new();
        let (mut rest, mut end) = (self.bytes.as_mut_slice(), 0);
        for (place, len) in places {
            let (object, behind) = rest[place - end..].split_at_mut(len);
            objects.push(object);
            (rest, end) = (behind, place + len);
        }
        objects
    }
}

/// Whether a file's name says that it is a library to be loaded into this process: `libc.so`, `libc.so.6`.
fn is_shared_library(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = name.rsplit('.').skip_while(version);
    parts.next() == Some("so") && parts.next().is_some()
}

fn load(path: &Path) -> Result<(), ToolError> {
    process::load(path).map_err(|reason| ToolError::Library {
        path: path.to_path_buf(),
        reason,
    })
}

const ELLIPSIS: char = '…';

/// The name that is shown for a path: the path, or its last components.
fn shown(path: &str) -> String {
    if path.len() <= SHOWN_BYTES {
        return path.to_string();
    }
    let starts = path.char_indices().map(|(start, _)| start);
    let mut starts = starts.filter(|start| path.len() - start < SHOWN_BYTES);
    let first = starts.clone().next().unwrap_or(0);
    let component =
        starts.find(|&start| path.get(start..).is_some_and(|rest| rest.starts_with('/')));
    let start = component.unwrap_or(first);
    format!("{ELLIPSIS}{}", path.get(start..).unwrap_or(path))
}

/// The file of a library, in the first directory that has one.
fn find_library(options: &Options, name: &str, is_loadable: bool) -> Result<PathBuf, ToolError> {
    for directory in &options.library_directories {
        let shared = directory.join(format!("lib{name}.so"));
        if is_loadable && shared.is_file() {
            return Ok(shared);
        }
        let archive = directory.join(format!("lib{name}.a"));
        if archive.is_file() {
            return Ok(archive);
        }
    }
    Err(ToolError::NoLibrary {
        name: name.to_string(),
        has_directories: !options.library_directories.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{SHOWN_BYTES, is_shared_library, shown};

    #[test]
    fn a_library_is_told_by_the_end_of_its_name() {
        for (name, expected) in [
            ("libc.so", true),
            ("dir/libc.so.6", true),
            ("libx.so.1.2", true),
            ("x.so.o", false),
            ("so", false),
            ("a.o", false),
        ] {
            assert_eq!(is_shared_library(Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn of_a_long_path_the_end_is_shown() {
        assert_eq!(shown("dir/a.o"), "dir/a.o");
        let long = ["long-directory"; 9].join("/") + "/a.o";
        let name = shown(&long);
        assert!(
            name.starts_with("…/long-directory/") && name.ends_with("/a.o"),
            "{name}"
        );
        assert!(name.len() <= SHOWN_BYTES + 3);
        assert!(shown(&"ä".repeat(99)).ends_with('ä'));
    }
}
