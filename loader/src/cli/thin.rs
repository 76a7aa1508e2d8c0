//! The files that a thin archive names, read when they are needed: most are not.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::vec::Vec;

use crate::base::Name;
use crate::format::{MemberSource, Members};

/// The files that a thin archive names.
#[derive(Debug)]
pub(super) struct ThinFiles {
    /// The archive's own folder, from which its paths lead to them.
    folder: PathBuf,
    /// What was read of each, by the path that the archive has; nothing if it can't be read.
    files: HashMap<Vec<u8>, OnceLock<Option<Vec<u8>>>>,
}

impl ThinFiles {
    /// What the archive at `path` names; `None` if it is not thin. Of a damaged one, what comes before the damage: who reads
    /// it says so.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Option<Self> {
        let members = Members::of(Name::default(), bytes, None).ok()?;
        let paths = members.paths().map_while(Result::ok);
        let files: HashMap<_, _> = paths
            .map(|path| (path.bytes().to_vec(), OnceLock::new()))
            .collect();
        if files.is_empty() {
            return None;
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Some(Self { folder, files })
    }
}

impl MemberSource for ThinFiles {
    fn content(&self, path: Name<'_>) -> Option<&[u8]> {
        let file = self.files.get(path.bytes())?;
        let content = file.get_or_init(|| {
            let path = self.folder.join(OsStr::from_bytes(path.bytes()));
            // A device or a pipe may have no end.
            let is_file = path.is_file();
            is_file.then(|| std::fs::read(path).ok()).flatten()
        });
        content.as_deref()
    }
}
