//! The records of `.eh_frame`: Linux Standard Base, Core, "Exception Frames".

use crate::elf::u32_at;

/// Where in a record the distance to its common part stands, from this field back.
pub(crate) const COMMON_FIELD: usize = 4;
/// Where the start of the code stands that a record is about.
pub(crate) const START_FIELD: u64 = 8;

/// A record: a common part (CIE), or what is to be known of one function (FDE).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) offset: usize,
    /// Of a function's, the offset of its common part.
    pub(crate) common: Option<usize>,
}

/// The records of a section; a zero, which ends it, is none.
pub(crate) fn records(bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut offset = 0;
    while offset + 8 <= bytes.len() {
        let length = u32_at(bytes, offset) as usize;
        assert!(length != 0xffff_ffff, "a record of more than 4 GiB");
        if length == 0 {
            offset += 4;
            continue;
        }
        let field = offset + COMMON_FIELD;
        let distance = u32_at(bytes, field) as usize;
        records.push(Record {
            offset,
            common: (distance != 0).then(|| field - distance),
        });
        offset += 4 + length;
    }
    records
}
