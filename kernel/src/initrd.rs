//! The initial memory disk: an archive of what is to be linked or compiled, and of the program's arguments.

use alloc::vec::Vec;
use core::fmt;

use ironlink::session::Input;
use object::read::archive::ArchiveFile;

/// The member with the program's arguments, each of which ends in a zero byte.
const ARGUMENTS: &[u8] = b".args";

/// How the names of units end.
const UNIT: &str = ".clif";

/// What the disk holds.
#[derive(Clone, Debug, Default)]
pub struct Initrd<'a> {
    /// Objects and archives of objects, in order.
    pub inputs: Vec<Input<'a>>,
    /// Functions to be compiled, as `ironlink::compiler::cranelift::wire` has them.
    pub units: Vec<Input<'a>>,
    /// The program's arguments, the first of which is its name.
    pub arguments: Vec<&'a [u8]>,
}

/// The disk is no archive, or a member of it can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MalformedInitrd(object::read::Error);

impl fmt::Display for MalformedInitrd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the initial memory disk is no archive of objects: {}",
            self.0
        )
    }
}

impl From<object::read::Error> for MalformedInitrd {
    fn from(error: object::read::Error) -> Self {
        Self(error)
    }
}

impl<'a> Initrd<'a> {
    /// Reads the disk.
    ///
    /// # Errors
    /// It is no archive, or a member passes its end.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MalformedInitrd> {
        let mut initrd = Self::default();
        for member in ArchiveFile::parse(bytes)?.members() {
            let member = member?;
            let bytes = member.data(bytes)?;
            if member.name() == ARGUMENTS {
                let text = bytes.strip_suffix(b"\0").unwrap_or(bytes);
                initrd.arguments = text.split(|byte| *byte == 0).collect();
            } else {
                let name = core::str::from_utf8(member.name()).unwrap_or("?");
                let inputs = match name.ends_with(UNIT) {
                    true => &mut initrd.units,
                    false => &mut initrd.inputs,
                };
                inputs.push(Input::new(name, bytes));
            }
        }
        Ok(initrd)
    }

    /// The objects, without the archives.
    pub fn objects(&self) -> impl Iterator<Item = Input<'a>> {
        self.inputs
            .iter()
            .copied()
            .filter(|input| !is_archive(input))
    }

    /// The archives of objects.
    pub fn archives(&self) -> impl Iterator<Item = Input<'a>> {
        self.inputs.iter().copied().filter(is_archive)
    }
}

fn is_archive(input: &Input<'_>) -> bool {
    input.bytes.starts_with(b"!<arch>\n")
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::Initrd;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = b"!<arch>\n".to_vec();
        for (name, contents) in members {
            let name = std::format!("{name}/");
            let header = std::format!(
                "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                0,
                0,
                0,
                644,
                contents.len()
            );
            bytes.extend(header.as_bytes());
            bytes.extend(*contents);
            if contents.len() % 2 == 1 {
                bytes.push(b'\n');
            }
        }
        bytes
    }

    #[test]
    fn inputs_keep_their_order_and_arguments_may_be_empty() {
        let library = archive(&[("x.o", b"ELF")]);
        let disk = archive(&[
            ("a.o", b"odd"),
            ("l.rlib", &library),
            ("b.o", b"even"),
            ("fib.clif", b"unit"),
            (".args", b"prog\0\0last\0"),
        ]);
        let initrd = Initrd::parse(&disk).unwrap();
        let names: Vec<&str> = initrd.inputs.iter().map(|input| input.name).collect();
        assert_eq!(names, ["a.o", "l.rlib", "b.o"]);
        assert_eq!(initrd.inputs[1].bytes, library);
        let units: Vec<&str> = initrd.units.iter().map(|unit| unit.name).collect();
        assert_eq!(units, ["fib.clif"]);
        assert_eq!(initrd.arguments, [&b"prog"[..], b"", b"last"]);
        let objects: Vec<&str> = initrd.objects().map(|input| input.name).collect();
        assert_eq!(objects, ["a.o", "b.o"]);
    }

    #[test]
    fn a_member_past_the_end_is_an_error() {
        let disk = archive(&[("a.o", b"contents")]);
        assert!(Initrd::parse(&disk[..disk.len() - 4]).is_err());
        assert!(Initrd::parse(b"no archive").is_err());
    }
}
