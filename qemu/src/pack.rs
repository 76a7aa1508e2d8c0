//! Packs what the kernel links into an initial memory disk: a GNU archive of objects, archives, and the program's
//! arguments.

use anyhow::{Context, Result};
use ar_archive_writer::{ArchiveKind, NewArchiveMember, ObjectReader, write_archive_to_stream};
use std::ffi::OsStr;
use std::fs;
use std::io::Cursor;
use std::path::Path;

/// The member that holds the program's arguments, each ended by a zero byte.
pub const ARGUMENTS_MEMBER: &str = ".args";

/// What is packed, in the order in which it was added.
#[derive(Debug, Default)]
pub struct Pack {
    members: Vec<Member>,
    arguments: Vec<u8>,
}

#[derive(Debug)]
struct Member {
    name: String,
    bytes: Vec<u8>,
}

impl Pack {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file under its own name, byte for byte.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        self.add_file_as(
            path.file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy(),
            path,
        )
    }

    /// Adds a file under another name, byte for byte.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn add_file_as(&mut self, name: impl Into<String>, path: &Path) -> Result<()> {
        self.add(
            name,
            fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
        );
        Ok(())
    }

    /// Adds a member.
    pub fn add(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        self.members.push(Member {
            name: name.into(),
            bytes,
        });
    }

    /// Adds one of the program's arguments; the first is the program's name.
    pub fn add_argument(&mut self, argument: &OsStr) {
        self.arguments
            .extend_from_slice(argument.as_encoded_bytes());
        self.arguments.push(0);
    }

    /// The archive: objects, then archives, each as they were added, then the arguments if there are any.
    ///
    /// # Errors
    /// The members are too many or too large for the format.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let (archives, objects): (Vec<&Member>, Vec<&Member>) = self
            .members
            .iter()
            .partition(|member| is_archive(&member.bytes));
        let files = objects
            .into_iter()
            .chain(archives)
            .map(|member| (member.name.as_str(), member.bytes.as_slice()));
        let arguments =
            (!self.arguments.is_empty()).then_some((ARGUMENTS_MEMBER, self.arguments.as_slice()));
        let members = files
            .chain(arguments)
            .map(|(name, bytes)| NewArchiveMember::new(bytes, &NO_SYMBOLS, name.to_owned()))
            .collect::<Vec<_>>();
        let mut archive = Cursor::new(Vec::new());
        write_archive_to_stream(&mut archive, &members, ArchiveKind::Gnu, false, None)
            .context("cannot pack")?;
        Ok(archive.into_inner())
    }

    /// Writes the archive to `path`.
    ///
    /// # Errors
    /// As for [`Self::to_bytes`], or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        // Under another name first: a machine that is booting may be reading the old one.
        let new = path.with_extension(format!("new-{}", std::process::id()));
        fs::write(&new, self.to_bytes()?)
            .and_then(|()| fs::rename(&new, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The kernel walks the members; it wants no index of symbols over them.
static NO_SYMBOLS: ObjectReader = ObjectReader {
    get_symbols: |_, _| Ok(false),
    is_64_bit_object_file: |_| true,
    is_ec_object_file: |_| false,
    is_any_arm64_coff: |_| false,
    get_xcoff_member_alignment: |_| 2,
};

fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"!<arch>\n")
}

#[cfg(test)]
mod tests {
    use super::Pack;
    use object::read::archive::ArchiveFile;
    use std::ffi::OsStr;

    fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
        let file = ArchiveFile::parse(archive).unwrap();
        file.members()
            .map(|member| {
                let member = member.unwrap();
                let name = String::from_utf8(member.name().to_vec()).unwrap();
                (name, member.data(archive).unwrap().to_vec())
            })
            .collect()
    }

    fn member(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
        (name.to_owned(), bytes.to_vec())
    }

    #[test]
    fn members_come_back_byte_for_byte() {
        let mut pack = Pack::new();
        pack.add("odd.o", vec![1, 2, 3]);
        pack.add("even.o", vec![4, 5]);
        pack.add("a_name_longer_than_fifteen_letters.o", vec![6]);
        assert_eq!(
            members(&pack.to_bytes().unwrap()),
            [
                member("odd.o", &[1, 2, 3]),
                member("even.o", &[4, 5]),
                member("a_name_longer_than_fifteen_letters.o", &[6])
            ]
        );
    }

    #[test]
    fn archives_are_members_as_they_are_and_follow_the_objects() {
        let mut inner = Pack::new();
        inner.add("member.o", vec![7; 9]);
        let inner = inner.to_bytes().unwrap();
        let mut pack = Pack::new();
        pack.add("libx.a", inner.clone());
        pack.add("main.o", vec![8]);
        let read = members(&pack.to_bytes().unwrap());
        assert_eq!(read, [member("main.o", &[8]), member("libx.a", &inner)]);
    }

    #[test]
    fn arguments_are_the_last_member_and_each_ends_in_a_zero_byte() {
        let mut pack = Pack::new();
        pack.add_argument(OsStr::new("hello"));
        pack.add_argument(OsStr::new(""));
        pack.add_argument(OsStr::new("b c"));
        pack.add("hello.o", vec![1]);
        let read = members(&pack.to_bytes().unwrap());
        assert_eq!(
            read,
            [member("hello.o", &[1]), member(".args", b"hello\0\0b c\0")]
        );
    }

    #[test]
    fn files_of_the_same_name_are_both_packed() {
        let mut pack = Pack::new();
        pack.add("a.o", vec![1]);
        pack.add("a.o", vec![2]);
        assert_eq!(
            members(&pack.to_bytes().unwrap()),
            [member("a.o", &[1]), member("a.o", &[2])]
        );
    }

    #[test]
    fn the_same_members_make_the_same_bytes() {
        let bytes = || {
            let mut pack = Pack::new();
            pack.add("a.o", vec![1]);
            pack.to_bytes().unwrap()
        };
        assert_eq!(bytes(), bytes());
    }
}
