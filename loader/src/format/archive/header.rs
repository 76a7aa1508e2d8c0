//! What stands before each member of an archive: 60 bytes of text with a name, or with the place of a longer one.
//!
//! GNU puts longer names into a table, a member of its own, and ends each with a slash; BSD puts them before the content.
//! Source: `include/aout/ar.h` of GNU binutils, which also tells of thin archives; ar(5) of FreeBSD.

use object::archive::{Header as Text, TERMINATOR};
use object::pod;

use crate::base::int;
use crate::format::FormatFault;

/// The longest name of a member in bytes, that of a path on Linux: a longer one is damage. So the work that names make is
/// bounded, though many may share the bytes of the table.
const LONGEST_NAME: usize = 4096;

/// A header, read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    /// The name of a file, or of a table of the archive's own.
    pub(super) name: &'a [u8],
    /// Whether it stands before a table: an index, or longer names.
    pub(super) is_table: bool,
    /// Where the member stands in the archive that is called `name`; GNU's thin archives refer to members of other archives so.
    pub(super) place_in_archive: Option<u64>,
    /// What follows, up to the next header; of a thin archive, nothing but tables.
    pub(super) content: &'a [u8],
    /// Where the next header begins.
    pub(super) next: usize,
}

/// How a name is told.
struct Told<'a> {
    name: &'a [u8],
    is_table: bool,
    place_in_archive: Option<u64>,
    /// How many bytes of the content are the name's.
    size_in_content: usize,
}

impl<'a> Header<'a> {
    /// Reads the header at `offset` of an archive's bytes. `names` is the table of longer names, empty if there is none.
    pub(super) fn read(
        bytes: &'a [u8],
        offset: usize,
        names: &'a [u8],
        is_thin: bool,
    ) -> Result<Self, FormatFault> {
        let outside = || FormatFault::damaged("a member lies outside of the archive");
        let rest = bytes.get(offset..).ok_or_else(outside)?;
        let (text, rest) = pod::from_bytes::<Text>(rest).map_err(|()| outside())?;
        if text.terminator != TERMINATOR {
            return Err(FormatFault::damaged(
                "the header of a member ends in other bytes",
            ));
        }
        let size = decimal(&text.size);
        let size = size.ok_or_else(|| FormatFault::damaged("a member's size is no number"))?;
        let told = Told::of(&text.name, rest, names, is_thin)?;
        let start = bytes.len().saturating_sub(rest.len());
        if is_thin && !told.is_table {
            return Ok(told.header(&[], start));
        }
        let size = int::to_usize(size);
        let content = rest.get(told.size_in_content..size).ok_or_else(outside)?;
        // Each begins at an even place.
        let next = start.saturating_add(size).saturating_add(size & 1);
        Ok(told.header(content, next))
    }
}

impl<'a> Told<'a> {
    /// What the 16 bytes of a name tell.
    fn of(
        text: &'a [u8; 16],
        content: &'a [u8],
        names: &'a [u8],
        is_thin: bool,
    ) -> Result<Self, FormatFault> {
        let starts_with_digit = |text: &[u8]| text.first().is_some_and(u8::is_ascii_digit);
        if let Some(place) = text.strip_prefix(b"/") {
            return match starts_with_digit(place) {
                true => Self::of_gnu(place, names),
                // `/`, `/SYM64/`: indexes; `//`: longer names; what others may come is no file's name.
                false => Ok(Self::whole(text.trim_ascii_end(), true)),
            };
        }
        if let Some(size) = text.strip_prefix(b"#1/")
            && starts_with_digit(size)
            && !is_thin
        {
            return Self::of_bsd(size, content);
        }
        // GNU ends a name with a slash, so that it may hold blanks.
        let slash = text.iter().position(|&byte| byte == b'/');
        let name = slash.and_then(|end| text.get(..end));
        let name = name.unwrap_or_else(|| text.trim_ascii_end());
        Ok(Self::whole(name, is_bsd_index(name)))
    }

    fn whole(name: &'a [u8], is_table: bool) -> Self {
        Self {
            name,
            is_table,
            place_in_archive: None,
            size_in_content: 0,
        }
    }

    /// A name in the table, and for members of other archives where they stand there: `OFFSET` or `OFFSET:PLACE`.
    fn of_gnu(place: &[u8], names: &'a [u8]) -> Result<Self, FormatFault> {
        let damaged = || FormatFault::damaged("a member's name lies outside of the table of names");
        let mut numbers = place.splitn(2, |&byte| byte == b':');
        let offset = numbers.next().and_then(decimal).ok_or_else(damaged)?;
        let place_in_archive = match numbers.next() {
            Some(place) => Some(decimal(place).ok_or_else(damaged)?),
            None => None,
        };
        let rest = names.get(int::to_usize(offset)..).ok_or_else(damaged)?;
        let rest = rest.get(..LONGEST_NAME).unwrap_or(rest);
        let end = rest.iter().position(|&byte| byte == b'\n' || byte == 0);
        let name = end.and_then(|end| rest.get(..end)).ok_or_else(damaged)?;
        Ok(Self {
            place_in_archive,
            ..Self::whole(name.strip_suffix(b"/").unwrap_or(name), false)
        })
    }

    /// A name before the content, filled up with zeros.
    fn of_bsd(size: &[u8], content: &'a [u8]) -> Result<Self, FormatFault> {
        let damaged = || FormatFault::damaged("a member's name lies outside of the archive");
        let size = decimal(size).map(int::to_usize).ok_or_else(damaged)?;
        let name = content
            .get(..size)
            .filter(|name| name.len() <= LONGEST_NAME);
        let name = name.ok_or_else(damaged)?;
        let end = name.iter().position(|&byte| byte == 0);
        let name = end.and_then(|end| name.get(..end)).unwrap_or(name);
        Ok(Self {
            size_in_content: size,
            ..Self::whole(name, is_bsd_index(name))
        })
    }

    fn header(self, content: &'a [u8], next: usize) -> Header<'a> {
        Header {
            name: self.name,
            is_table: self.is_table,
            place_in_archive: self.place_in_archive,
            content,
            next,
        }
    }
}

/// `__.SYMDEF`, `__.SYMDEF SORTED`, `__.SYMDEF_64` and what else BSD and Darwin call an index.
fn is_bsd_index(name: &[u8]) -> bool {
    name.starts_with(b"__.SYMDEF")
}

/// A number of digits, with blanks around it.
fn decimal(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii();
    let first = digits.first()?;
    // `parse` would take a sign, too.
    if !first.is_ascii_digit() {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}
