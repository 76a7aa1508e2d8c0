//! Unpacking: from compressed bytes to as many as were announced, no more and no fewer.

#[cfg(any(feature = "compressed", test))]
mod output;
#[cfg(any(feature = "compressed", test))]
mod zlib;
#[cfg(any(feature = "compressed", test))]
mod zstandard;

use alloc::vec::Vec;

use super::Fault;

/// How bytes are compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    /// Deflate in zlib's wrapping. Source: RFC 1950.
    Zlib,
    /// Zstandard. Source: RFC 8878.
    Zstandard,
}

/// The `size_bytes` bytes that `packed` stands for. Memory is taken as they come out.
#[cfg(any(feature = "compressed", test))]
pub(super) fn unpack(
    method: Method,
    packed: &[u8],
    size_bytes: usize,
) -> Result<Vec<u8>, Fault<'static>> {
    let mut output = output::Output::new(size_bytes, packed.len());
    match method {
        Method::Zlib => zlib::decode(packed, &mut output)?,
        Method::Zstandard => zstandard::decode(packed, &mut output)?,
    }
    output.finish()
}

/// Refuses, as the decoders were left out.
#[cfg(not(any(feature = "compressed", test)))]
pub(super) fn unpack(_: Method, _: &[u8], _: usize) -> Result<Vec<u8>, Fault<'static>> {
    Err(Fault::CompressionLeftOut)
}

/// What is told of bytes that their decoder doesn't understand.
#[cfg(any(feature = "compressed", test))]
fn undecodable() -> Fault<'static> {
    Fault::damaged("a compressed section can't be decoded")
}
