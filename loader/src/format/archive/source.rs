//! Where the files are had that a thin archive names: the archive itself holds none.

use core::fmt;

use crate::base::Name;

/// What gives the files that a thin archive names.
///
/// The loader reads no files itself. A list of files that are there already is a source, too: `&[(path, content)]`.
pub trait MemberSource: fmt::Debug + Sync {
    /// The content of the file that the archive calls `path`, most often as seen from the archive's own folder; `None` if it
    /// can't be had.
    fn content(&self, path: Name<'_>) -> Option<&[u8]>;
}

impl MemberSource for &[(&str, &[u8])] {
    fn content(&self, path: Name<'_>) -> Option<&[u8]> {
        let mut files = self.iter();
        let (_, content) = files.find(|(known, _)| known.as_bytes() == path.bytes())?;
        Some(content)
    }
}
