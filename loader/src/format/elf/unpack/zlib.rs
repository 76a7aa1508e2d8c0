//! Deflate in zlib's wrapping.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::super::Fault;
use super::output::Output;
use super::undecodable;
use crate::base::fallible;

/// The decoder looks back into what has come out: it must stay at one stretch.
const FLAGS: u32 = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
    | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;

/// Decodes `packed`; the decoder checks the sum that follows it.
pub(super) fn decode(packed: &[u8], output: &mut Output) -> Result<(), Fault<'static>> {
    let mut decoder = fallible::boxed(DecompressorOxide::new())?;
    let mut packed = packed;
    loop {
        let (bytes, filled) = output.all();
        let (status, read, written) = decompress(&mut decoder, packed, bytes, filled, FLAGS);
        packed = packed.get(read..).unwrap_or(&[]);
        output.advance(written);
        match status {
            TINFLStatus::Done => return Ok(()),
            TINFLStatus::HasMoreOutput => output.grow()?,
            _ => return Err(undecodable()),
        }
    }
}
