//! Compressed sections: what their headers announce, and how far that is believed. Source: System V gABI, "Section
//! Compression"; the older sections of debug information whose names begin with `.zdebug`, from GNU binutils.

use object::elf;
use object::read::elf::{CompressionHeader as _, SectionHeader as _};

use crate::base::{Name, int};
use crate::graph::Content;

use super::unpack::{self, Method};
use super::{Fault, LE, Reader, SectionHeader, debug, sections};

/// The most bytes that one can stand for: deflate can do no better, and what describes a program never comes near.
const LARGEST_RATIO: u64 = 1032;

/// Bytes that stand for more.
struct Packed<'a> {
    method: Method,
    bytes: &'a [u8],
    /// How many bytes they stand for.
    size_bytes: u64,
    /// `sh_addralign` of what they stand for; `None` if the section's own counts.
    alignment: Option<u64>,
}

impl<'a> Reader<'a, '_> {
    /// A section's bytes, unpacked if they are compressed, with the alignment that counts.
    pub(super) fn content_of(
        &mut self,
        header: &SectionHeader,
        name: Name<'_>,
    ) -> Result<(Content<'a>, u64), Fault<'a>> {
        let own_alignment = header.sh_addralign.get(LE);
        let bytes = header.data(LE, self.bytes)?;
        let packed = if header.sh_flags(LE).contains(elf::SHF_COMPRESSED) {
            Some(packed(header, self.bytes)?)
        } else {
            legacy_packed(name, bytes)
        };
        let Some(packed) = packed else {
            sections::check_size(int::from_usize(bytes.len()), Content::LARGEST_BYTES)?;
            return Ok((Content::Bytes(bytes), own_alignment));
        };
        let content = self.unpack(&packed)?;
        Ok((content, packed.alignment.unwrap_or(own_alignment)))
    }

    /// Unpacks a section. All of a file's sections together can't ask for more than a fixed multiple of its length.
    fn unpack(&mut self, packed: &Packed<'_>) -> Result<Content<'a>, Fault<'a>> {
        let left = self.packed_bytes_left.checked_sub(packed.bytes.len());
        self.packed_bytes_left =
            left.ok_or_else(|| Fault::damaged("compressed sections overlap"))?;
        let most = int::from_usize(packed.bytes.len()).saturating_mul(LARGEST_RATIO);
        if packed.size_bytes > most {
            return Err(Fault::damaged(
                "a compressed section claims more than its bytes can stand for",
            ));
        }
        sections::check_size(packed.size_bytes, Content::LARGEST_BYTES)?;
        let bytes = unpack::unpack(
            packed.method,
            packed.bytes,
            int::to_usize(packed.size_bytes),
        )?;
        Ok(self.graph.own_bytes(&bytes)?)
    }
}

/// What a section with `SHF_COMPRESSED` announces.
fn packed<'a>(header: &SectionHeader, file: &'a [u8]) -> Result<Packed<'a>, Fault<'a>> {
    let Some((compression, offset, len)) = header.compression(LE, file)? else {
        return Err(Fault::damaged("a compressed section has no bytes"));
    };
    let start = int::to_usize(offset);
    let bytes = start
        .checked_add(int::to_usize(len))
        .and_then(|end| file.get(start..end))
        .ok_or_else(|| Fault::damaged("a compressed section passes the end of the file"))?;
    let number = compression.ch_type(LE);
    let method = match number {
        elf::ELFCOMPRESS_ZLIB => Method::Zlib,
        elf::ELFCOMPRESS_ZSTD => Method::Zstandard,
        _ => return Err(Fault::UnknownCompression { number: number.0 }),
    };
    Ok(Packed {
        method,
        bytes,
        size_bytes: compression.ch_size(LE),
        alignment: Some(compression.ch_addralign(LE)),
    })
}

/// What a section of the older kind announces: four letters, and the size with its highest byte first. One that doesn't is
/// not compressed, whatever its name is.
fn legacy_packed<'a>(name: Name<'_>, bytes: &'a [u8]) -> Option<Packed<'a>> {
    let (size, bytes) = bytes.strip_prefix(b"ZLIB")?.split_first_chunk()?;
    debug::is_legacy(name).then_some(Packed {
        method: Method::Zlib,
        bytes,
        size_bytes: u64::from_be_bytes(*size),
        alignment: None,
    })
}
