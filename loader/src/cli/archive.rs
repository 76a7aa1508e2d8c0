//! The members of an archive, one after the other, whatever its index says.

use std::vec::Vec;

use object::read::Error;
use object::read::archive::ArchiveFile;

/// A member of an archive.
pub(super) struct Member<'a> {
    pub(super) name: &'a [u8],
    pub(super) bytes: &'a [u8],
}

/// The members of an archive.
pub(super) fn members(bytes: &[u8]) -> Result<Vec<Member<'_>>, Error> {
    let archive = ArchiveFile::parse(bytes)?;
    let members = archive.members().map(|member| {
        let member = member?;
        Ok(Member {
            name: member.name(),
            bytes: member.data(bytes)?,
        })
    });
    members.collect()
}
