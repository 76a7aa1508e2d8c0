//! Which language a source is written in, told by its file name.

use anyhow::{Result, bail};
use std::path::Path;

/// A language that module sources are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// C: `.c`.
    C,
    /// C++: `.cpp`, `.cc`, `.cxx`.
    Cxx,
    /// Assembly: `.s`, or `.S` that goes through the preprocessor.
    Assembly,
    /// Rust: `.rs`.
    Rust,
}

impl Language {
    /// The language of the source at `path`; `None` if it isn't a source.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "c" => Some(Self::C),
            "cpp" | "cc" | "cxx" => Some(Self::Cxx),
            "s" | "S" => Some(Self::Assembly),
            "rs" => Some(Self::Rust),
            _ => None,
        }
    }

    /// The language of the source at `path`.
    ///
    /// # Errors
    /// The file's extension is none of those above.
    pub(super) fn told_by(path: &Path) -> Result<Self> {
        let Some(language) = Self::of(path) else {
            bail!(
                "{} is not a module source: its name should end in .c, .cpp, .cc, .cxx, .s, .S or .rs",
                path.display()
            );
        };
        Ok(language)
    }
}
