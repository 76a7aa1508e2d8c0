//! Records: where each starts, and which kind it is of.
//!
//! A record is a length and as many bytes; its first word tells a CIE, by zero, from an FDE, by the distance back to its CIE.
//! That word is of four bytes even where the length is one of eight, unlike in `.debug_frame`. Source: Linux Standard Base,
//! Core, "Exception Frames".

use crate::base::int;
use crate::graph::{BlockId, SectionId};

/// A record that has become a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) section: SectionId,
    /// Where it starts in its section.
    pub(super) offset: u64,
    pub(super) block: BlockId,
    pub(super) kind: Kind,
}

impl Record {
    /// What records are found by.
    pub(super) const fn place(&self) -> (SectionId, u64) {
        (self.section, self.offset)
    }
}

/// What a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Cie {
        /// The size of its length: where its first word stands.
        header: usize,
    },
    Fde {
        /// The size of its length: where its first word stands.
        header: usize,
        /// The distance from that word back to its CIE; `None` if a relocation tells it.
        back: Option<u64>,
    },
    /// A length of zero, which ends the records.
    End,
}

/// What is wrong with a section, and how far into it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) offset: u64,
    pub(super) reason: &'static str,
}

/// The records of a section: where each starts, and its kind. The last one may be a fault.
pub(super) fn of(content: &[u8]) -> impl Iterator<Item = Result<(u64, Kind), Fault>> {
    let mut rest = content;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let offset = int::from_usize(content.len().saturating_sub(rest.len()));
        let parsed = parse(rest).map_err(|reason| Fault { offset, reason });
        // Nothing is known of what follows a record that is broken.
        rest = parsed.as_ref().map_or(&[], |&(_, after)| after);
        Some(parsed.map(|(kind, _)| (offset, kind)))
    })
}

/// The first record of some bytes, and what follows it.
fn parse(bytes: &[u8]) -> Result<(Kind, &[u8]), &'static str> {
    let cut_off = "the section ends within the length of a record; assemble the file anew";
    let (&short, body) = bytes.split_first_chunk().ok_or(cut_off)?;
    let (header, length, body) = match u32::from_le_bytes(short) {
        0 => return Ok((Kind::End, body)),
        u32::MAX => {
            let (&long, body) = body.split_first_chunk().ok_or(cut_off)?;
            (12, u64::from_le_bytes(long), body)
        }
        length => (4, int::widen_u32(length), body),
    };
    let length = usize::try_from(length).ok();
    let (record, after) = length
        .and_then(|length| body.split_at_checked(length))
        .ok_or("a record is longer than what is left of the section; assemble the file anew")?;
    let (&word, _) = record
        .split_first_chunk()
        .ok_or("a record is shorter than its first word; assemble the file anew")?;
    let kind = match u32::from_le_bytes(word) {
        0 => Kind::Cie { header },
        back => Kind::Fde {
            header,
            back: Some(int::widen_u32(back)),
        },
    };
    Ok((kind, after))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{Fault, Kind, of};

    fn records(content: &[u8]) -> Result<Vec<(u64, Kind)>, Fault> {
        of(content).collect()
    }

    const fn fde(header: usize, back: u64) -> Kind {
        let back = Some(back);
        Kind::Fde { header, back }
    }

    #[test]
    fn records_follow_each_other_beyond_words_of_zero() {
        let content = [
            &[8, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9][..], // a CIE
            &[4, 0, 0, 0, 16, 0, 0, 0],                // an FDE
            &[0; 4],                                   // an end
            &[5, 0, 0, 0, 28, 0, 0, 0, 7],             // an FDE of an odd size
        ];
        assert_eq!(
            records(&content.concat()),
            Ok([
                (0, Kind::Cie { header: 4 }),
                (12, fde(4, 16)),
                (20, Kind::End),
                (24, fde(4, 28)),
            ]
            .to_vec())
        );
        assert_eq!(records(&[]), Ok(Vec::new()));
    }

    #[test]
    fn a_long_length_is_followed_by_a_word_of_four_bytes() {
        let content = [
            &[0xff; 4][..],
            &[8, 0, 0, 0, 0, 0, 0, 0],
            &[12, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0; 4],
        ];
        assert_eq!(
            records(&content.concat()),
            Ok([(0, fde(12, 12)), (20, Kind::End)].to_vec())
        );
    }

    #[test]
    fn records_that_are_not_whole_are_faults_where_they_start() {
        let broken: &[&[u8]] = &[
            &[0],
            &[0, 0, 0],
            &[4, 0, 0],
            &[4, 0, 0, 0, 0, 0, 0],
            &[3, 0, 0, 0, 0, 0, 0, 0],
            &[0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0],
            &[0xff, 0xff, 0xff, 0xff, 4, 0, 0, 0],
            &[0xff; 16],
        ];
        for bytes in broken {
            let content = [&[0; 4], *bytes].concat();
            let fault = records(&content).unwrap_err();
            assert_eq!(fault.offset, 4, "{bytes:?}");
        }
    }
}
