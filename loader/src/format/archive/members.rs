//! Members, one after the other or at a place that is known, wherever their bytes lie.

use crate::base::{Name, Text, int};
use crate::format::{FileKind, FormatError, FormatFault};

use super::container::{Container, Headers};
use super::header::Header;
use super::source::MemberSource;

/// A member of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Where it stands in the archive: what tells members apart.
    pub offset: u64,
    /// Its file name; of a thin archive's member, the path as the archive has it.
    pub name: Name<'a>,
    /// Its content.
    pub bytes: &'a [u8],
    /// The file that the content is a part of.
    pub(super) file: &'a [u8],
}

impl Member<'_> {
    /// Whether its first bytes are an object's. Others are text, Rust's metadata, bitcode, or archives themselves.
    pub fn is_object(&self) -> bool {
        FileKind::of(self.bytes) == FileKind::Elf
    }
}

/// All members of an archive in order, be they objects or not. One that can't be had is told, and those behind it follow;
/// nothing follows a damaged header.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    headers: Headers<'a>,
}

impl<'a> Members<'a> {
    /// The members of an archive, whether it has an index or not; if it is thin, `source` gives them.
    ///
    /// # Errors
    /// It is no archive, or damaged before the first member's content.
    pub fn of(
        name: Name<'a>,
        bytes: &'a [u8],
        source: Option<&'a dyn MemberSource>,
    ) -> Result<Self, FormatError> {
        Container::parse(name, bytes, source).map(Self::in_container)
    }

    pub(super) const fn in_container(container: Container<'a>) -> Self {
        Self {
            headers: container.headers(),
        }
    }

    /// The files that a [`MemberSource`] is asked for, as the archive calls them: none unless it is thin. One may come several
    /// times.
    pub fn paths(self) -> impl Iterator<Item = Result<Name<'a>, FormatError>> {
        let is_thin = self.headers.container.is_thin;
        let headers = self.headers.take_while(move |_| is_thin);
        headers.map(|header| header.map(|(_, header)| Name::new(header.name)))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Member<'a>, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        let header = self.headers.next()?;
        Some(
            header.and_then(|(offset, header)| of_header(&self.headers.container, offset, &header)),
        )
    }
}

/// The member whose header stands at `offset`.
pub(super) fn read<'a>(container: &Container<'a>, offset: u64) -> Result<Member<'a>, FormatError> {
    let offset = int::to_usize(offset);
    let header = container.header(offset)?;
    if header.is_table {
        let fault = FormatFault::damaged("the index names a place where no member is");
        return Err(FormatError::of_object(container.name, fault));
    }
    of_header(container, offset, &header)
}

fn of_header<'a>(
    container: &Container<'a>,
    offset: usize,
    header: &Header<'a>,
) -> Result<Member<'a>, FormatError> {
    let mut member = Member {
        offset: int::from_usize(offset),
        name: Name::new(header.name),
        bytes: header.content,
        file: container.bytes,
    };
    if container.is_thin {
        let file = file_of(container, member.name)
            .map_err(|fault| FormatError::of_object(container.name, fault))?;
        (member.bytes, member.file) = (file, file);
    }
    match header.place_in_archive {
        Some(place) if container.is_thin => in_other_archive(&member, place),
        _ => Ok(member),
    }
}

/// The file of this path, which a thin archive names.
fn file_of<'a>(container: &Container<'a>, path: Name<'_>) -> Result<&'a [u8], FormatFault> {
    let Some(source) = container.source else {
        return Err(FormatFault::ThinArchive { path: shown(path) });
    };
    let content = source.content(path);
    content.ok_or_else(|| FormatFault::NoMemberFile { path: shown(path) })
}

/// A path, or the end of a long one: the file's own name tells most.
fn shown<const N: usize>(path: Name<'_>) -> Text<N> {
    const ELLIPSIS: &str = "…";
    let most = N.saturating_sub(ELLIPSIS.len());
    let start = path.bytes().len().saturating_sub(most);
    match path.bytes().get(start..) {
        Some(end) if path.bytes().len() > N => Text::of((ELLIPSIS, Name::new(end))),
        _ => Text::of(path),
    }
}

/// What stands at `place` in the archive that `member` is: GNU's `ar` lets thin archives name members of others.
fn in_other_archive<'a>(member: &Member<'a>, place: u64) -> Result<Member<'a>, FormatError> {
    // Without a source: members of a thin one would be files that are named from another folder.
    let other = Container::parse(member.name, member.bytes, None)?;
    let inner = read(&other, place)?;
    Ok(Member {
        offset: member.offset,
        ..inner
    })
}
