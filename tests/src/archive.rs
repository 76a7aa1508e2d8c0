//! Static archives, written here: members without an index.

use alloc::format;
use alloc::vec::Vec;

/// The bytes of an archive of these members. Names have at most 15 characters. Source: `ar.h`, and GNU's ending of names.
///
/// # Panics
/// A name is longer.
pub fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, member) in members {
        assert!(name.len() <= 15, "{name} is too long");
        let name = format!("{name}/");
        let header = format!(
            "{name:16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            0,
            0,
            0,
            644,
            member.len()
        );
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(member);
        if member.len() % 2 != 0 {
            bytes.push(b'\n');
        }
    }
    bytes
}
