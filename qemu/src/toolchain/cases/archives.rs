//! Archives of a case's parts.

use crate::toolchain::command;
use anyhow::{Context, Result, bail};
use ar_archive_writer::{
    ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, ObjectReader, write_archive_to_stream,
};
use std::fs;
use std::io::Cursor;
use std::ops::Range;
use std::path::Path;

/// An archive to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Archive {
    pub(super) name: String,
    form: Form,
    /// The files of the case that it holds, in order.
    parts: Vec<String>,
}

/// What kind of archive it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// With its members and an index of their symbols.
    Usual,
    WithoutIndex,
    /// Which only names its members.
    Thin,
}

/// Where the index stands, which comes first, and how long one of no symbols is with its header.
const EMPTY_INDEX: Range<usize> = 8..8 + 60 + 8;

/// Finds no symbols, so that the index is empty.
static NO_SYMBOLS: ObjectReader = ObjectReader {
    get_symbols: |_, _| Ok(false),
    ..DEFAULT_OBJECT_READER
};

impl Archive {
    /// Reads `NAME = PART …`.
    pub(super) fn parse(form: Form, text: &str) -> Result<Self> {
        let (name, parts) = text.split_once('=').context("it has no members")?;
        Ok(Self {
            name: name.trim().to_owned(),
            form,
            parts: parts.split_whitespace().map(str::to_owned).collect(),
        })
    }

    pub(super) fn has(&self, part: &str) -> bool {
        self.parts.iter().any(|own| own == part)
    }

    /// Makes it in `folder`, beside which the objects lie; `objects` are the parts of the case with the names of their sources.
    pub(super) fn make<'a>(
        &self,
        folder: &Path,
        objects: impl Iterator<Item = (String, &'a Path)>,
    ) -> Result<()> {
        let objects: Vec<(String, &Path)> = objects.collect();
        let reader = match self.form {
            Form::WithoutIndex => &NO_SYMBOLS,
            Form::Usual | Form::Thin => &DEFAULT_OBJECT_READER,
        };
        let files = self.parts.iter().map(|part| {
            let mut objects = objects.iter();
            let Some((_, path)) = objects.find(|(name, _)| name == part) else {
                bail!("the archive {} wants `{part}`, which is no file", self.name);
            };
            let name = match self.form {
                Form::Thin => format!("../{}", path.file_name().unwrap_or_default().display()),
                Form::Usual | Form::WithoutIndex => format!("{part}.o"),
            };
            Ok((name, command::read(path)?))
        });
        let files = files.collect::<Result<Vec<_>>>()?;
        let members: Vec<_> = files
            .iter()
            .map(|(name, bytes)| NewArchiveMember::new(bytes, reader, name.clone()))
            .collect();
        let mut archive = Cursor::new(Vec::new());
        let is_thin = self.form == Form::Thin;
        write_archive_to_stream(&mut archive, &members, ArchiveKind::Gnu, is_thin, None)
            .with_context(|| format!("cannot make {}", self.name))?;
        let mut archive = archive.into_inner();
        if self.form == Form::WithoutIndex {
            archive.drain(EMPTY_INDEX);
        }
        command::create_dir(folder)?;
        let path = folder.join(&self.name);
        // Another program may be reading it: it is written only if it changes.
        match fs::read(&path) {
            Ok(old) if old == archive => Ok(()),
            _ => command::write(&path, &archive),
        }
    }
}
