//! Zstandard.
//!
//! The decoder keeps a copy of what it may look back at, in memory that it takes without being able to fail. It is bounded
//! by the bytes that come out, and the heap is asked for as much beforehand.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::io::Read as _;

use super::super::Fault;
use super::output::Output;
use super::undecodable;
use crate::base::{OutOfMemory, fallible, int};

/// How many bytes come out before they are taken.
const STEP: usize = 1 << 16;
/// How far back every decoder should be able to look. Source: RFC 8878, 3.1.1.1.2.
const USUAL_WINDOW: u64 = 8 << 20;
/// What the decoder's tables take.
const TABLES: usize = 1 << 16;
/// The most that one block takes while it is decoded, and how much of that for each of its bytes.
const LARGEST_BLOCK: usize = 2 << 20;
const BLOCK_RATIO: usize = 64;

/// Decodes the frames that `packed` consists of.
pub(super) fn decode(packed: &[u8], output: &mut Output) -> Result<(), Fault<'static>> {
    ask_heap(packed.len(), output.size_bytes())?;
    let mut packed = packed;
    while !packed.is_empty() {
        // A decoder that has seen a frame takes all of the next one's window at once.
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(int::from_usize(output.size_bytes()).max(USUAL_WINDOW));
        match decoder.reset(&mut packed) {
            Ok(()) => decode_frame(&mut decoder, &mut packed, output)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let rest = packed.get(int::usize_from_u32(length)..);
                packed = rest.ok_or_else(undecodable)?;
            }
            Err(_) => return Err(undecodable()),
        }
    }
    Ok(())
}

fn decode_frame(
    decoder: &mut FrameDecoder,
    packed: &mut &[u8],
    output: &mut Output,
) -> Result<(), Fault<'static>> {
    while !decoder.is_finished() {
        decoder
            .decode_blocks(&mut *packed, BlockDecodingStrategy::UptoBytes(STEP))
            .map_err(|_| undecodable())?;
        while decoder.can_collect() > 0 {
            if output.room().is_empty() {
                output.grow()?;
            }
            match decoder.read(output.room()) {
                Ok(0) | Err(_) => return Err(undecodable()),
                Ok(count) => output.advance(count),
            }
        }
    }
    Ok(())
}

/// Whether the heap has room for what the decoder takes at most: what it may look back at, moved once while it grows.
fn ask_heap(packed_bytes: usize, size_bytes: usize) -> Result<(), OutOfMemory> {
    let window = size_bytes.saturating_mul(3);
    let block = packed_bytes.saturating_mul(BLOCK_RATIO).min(LARGEST_BLOCK);
    let all = window.saturating_add(block).saturating_add(TABLES);
    fallible::vec_with_capacity::<u8>(all).map(drop)
}
