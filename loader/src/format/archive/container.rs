//! The archive as a whole: whether it is thin, its table of longer names, and the headers of its members.

use object::archive::{MAGIC, THIN_MAGIC};

use crate::base::Name;
use crate::format::{FormatError, FormatFault};

use super::header::Header;
use super::source::MemberSource;

/// How many tables are looked at in search of the longer names: Windows puts four before them at most. That more of them cost
/// nothing counts where a thin archive names many members of one other archive, of which each is looked for by itself.
const MOST_TABLES: usize = 8;

/// An archive of which the tables were found that come before the members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container<'a> {
    /// The name that errors show.
    pub(super) name: Name<'a>,
    pub(super) bytes: &'a [u8],
    /// Whether it only names its members.
    pub(super) is_thin: bool,
    /// What gives the members of a thin archive.
    pub(super) source: Option<&'a dyn MemberSource>,
    /// The table of longer names.
    names: &'a [u8],
    /// Where the first member's header begins.
    first: usize,
}

impl<'a> Container<'a> {
    pub(super) fn parse(
        name: Name<'a>,
        bytes: &'a [u8],
        source: Option<&'a dyn MemberSource>,
    ) -> Result<Self, FormatError> {
        let mut container = Self {
            name,
            bytes,
            is_thin: bytes.starts_with(&THIN_MAGIC),
            source,
            names: &[],
            first: MAGIC.len(),
        };
        if !container.is_thin && !bytes.starts_with(&MAGIC) {
            return Err(FormatError::of_object(name, FormatFault::NotAnObject));
        }
        for _ in 0..MOST_TABLES {
            if container.first >= bytes.len() {
                break;
            }
            let header = container.header(container.first)?;
            if !header.is_table {
                break;
            }
            if header.name == b"//" {
                container.names = header.content;
            }
            container.first = header.next;
        }
        Ok(container)
    }

    /// The header at `offset`.
    pub(super) fn header(&self, offset: usize) -> Result<Header<'a>, FormatError> {
        Header::read(self.bytes, offset, self.names, self.is_thin)
            .map_err(|fault| FormatError::of_object(self.name, fault))
    }

    /// The headers of its members, each with its place.
    pub(super) const fn headers(self) -> Headers<'a> {
        Headers {
            next: self.first,
            container: self,
        }
    }
}

/// The headers of an archive's members. After one that is damaged, there is none.
#[derive(Clone, Debug)]
pub(super) struct Headers<'a> {
    pub(super) container: Container<'a>,
    next: usize,
}

impl<'a> Iterator for Headers<'a> {
    type Item = Result<(usize, Header<'a>), FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.container.bytes.len() {
            let offset = self.next;
            match self.container.header(offset) {
                Ok(header) => {
                    self.next = header.next;
                    if !header.is_table {
                        return Some(Ok((offset, header)));
                    }
                }
                Err(error) => {
                    self.next = usize::MAX;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
