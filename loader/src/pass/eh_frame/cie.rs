//! What a CIE says of the records that lead to it: how their addresses are encoded, and which fields they have.
//!
//! Source: Linux Standard Base, Core, "Exception Frames", "The Common Information Entry Format" and "DWARF Exception Header
//! Encoding".

use crate::edge::DataKind;

/// How an address is encoded: a byte, whose low half tells the size and whose high half what the value counts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Encoding(u8);

impl Encoding {
    /// An address as it is.
    const ADDRESS: Self = Self(0x00);
    /// DW_EH_PE_omit.
    const OMITTED: Self = Self(0xff);

    /// The size of the value in bytes; `None` if it varies.
    const fn size_bytes(self) -> Option<usize> {
        match self.0 & 0x0f {
            // DW_EH_PE_udata2, sdata2
            0x02 | 0x0a => Some(2),
            // DW_EH_PE_udata4, sdata4
            0x03 | 0x0b => Some(4),
            // DW_EH_PE_absptr, signed, udata8, sdata8
            0x00 | 0x08 | 0x04 | 0x0c => Some(8),
            _ => None,
        }
    }

    /// What the value counts from. That it may be the address of a word which holds the address is left out.
    const fn base(self) -> u8 {
        self.0 & 0x70
    }

    /// Whether the value is an address.
    pub(super) const fn is_absolute(self) -> bool {
        self.base() == 0
    }

    /// The kind that writes such a value; `None` if it is no distance from where it stands.
    pub(super) const fn delta(self) -> Option<DataKind> {
        // DW_EH_PE_pcrel
        if self.base() != 0x10 {
            return None;
        }
        match self.size_bytes() {
            Some(8) => Some(DataKind::Delta64),
            Some(4) => Some(DataKind::Delta32),
            Some(2) => Some(DataKind::Delta16),
            _ => None,
        }
    }
}

/// A place in a record that holds an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Field {
    /// The distance from the record's start, in bytes.
    pub(super) offset: usize,
    pub(super) encoding: Encoding,
}

impl Field {
    /// What stands there.
    pub(super) fn read(self, content: &[u8]) -> Option<i64> {
        let bytes = content.get(self.offset..)?;
        match self.encoding.size_bytes()? {
            2 => Some(i16::from_le_bytes(*bytes.first_chunk()?).into()),
            4 => Some(i32::from_le_bytes(*bytes.first_chunk()?).into()),
            _ => Some(i64::from_le_bytes(*bytes.first_chunk()?)),
        }
    }
}

/// What a CIE says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cie {
    /// How FDEs encode the address of their function; `None` if that is not known.
    functions: Option<Encoding>,
    /// How FDEs encode the address of the tables for their function, if they have one.
    tables: Option<Encoding>,
    /// The address of the routine that handles exceptions.
    pub(super) personality: Option<Field>,
}

impl Cie {
    /// One of which nothing is known: of a version or with an augmentation that came later, or broken. What relocations say of
    /// its FDEs is enough to link them.
    pub(super) const UNKNOWN: Self = Self {
        functions: None,
        tables: None,
        personality: None,
    };

    /// Reads a CIE whose first word stands `header` bytes after its start.
    pub(super) fn parse(content: &[u8], header: usize) -> Self {
        Self::try_parse(content, header).unwrap_or(Self::UNKNOWN)
    }

    fn try_parse(content: &[u8], header: usize) -> Option<Self> {
        let mut cursor = Cursor { content, offset: 0 };
        cursor.skip(header.checked_add(4)?)?;
        let version = cursor.byte()?;
        let augmentation = cursor.text()?;
        if augmentation == b"eh" {
            // An address of old compilers' own tables.
            cursor.skip(8)?;
        }
        if version == 4 {
            // The sizes of addresses and of segment selectors.
            cursor.skip(2)?;
        }
        cursor.number()?; // what code advances count in
        cursor.number()?; // what offsets count in
        match version {
            1 => cursor.skip(1)?, // the return address's register
            3 | 4 => cursor.number().map(drop)?,
            _ => return None,
        }
        let mut cie = Self {
            functions: Some(Encoding::ADDRESS),
            ..Self::UNKNOWN
        };
        match augmentation.split_first() {
            None => return Some(cie),
            Some((b'z', letters)) => {
                cursor.number()?; // the size of what follows
                cie.read_augmentation(letters, cursor);
            }
            Some(_) if augmentation == b"eh" => {}
            Some(_) => return None,
        }
        Some(cie)
    }

    /// Reads what the letters of an augmentation announce, up to the first that is not known.
    fn read_augmentation(&mut self, letters: &[u8], mut cursor: Cursor<'_>) {
        for (index, letter) in letters.iter().enumerate() {
            let known = match letter {
                b'R' => cursor
                    .encoding()
                    .map(|encoding| self.functions = Some(encoding)),
                b'L' => cursor.encoding().map(|encoding| {
                    self.tables = Some(encoding).filter(|&it| it != Encoding::OMITTED);
                }),
                b'P' => cursor.encoding().and_then(|encoding| {
                    let offset = cursor.offset;
                    self.personality = Some(Field { offset, encoding });
                    cursor.skip(encoding.size_bytes()?)
                }),
                // Of a signal's frame; signed by the second key; in memory with tags.
                b'S' | b'B' | b'G' => Some(()),
                _ => None,
            };
            if known.is_none() {
                // The encoding of functions may be among what is not read.
                if letters
                    .get(index..)
                    .is_some_and(|unread| unread.contains(&b'R'))
                {
                    self.functions = None;
                }
                return;
            }
        }
    }

    /// Where an FDE holds the address of its function: behind its first word, whatever else is known of it.
    pub(super) fn function_field(&self, header: usize) -> Field {
        Field {
            offset: header.saturating_add(4),
            encoding: self.functions.unwrap_or(Encoding::OMITTED),
        }
    }

    /// Where an FDE holds the address of the tables for its function, if it has such a field.
    pub(super) fn lsda_field(&self, content: &[u8], header: usize) -> Option<Field> {
        let encoding = self.tables?;
        let address_bytes = self.functions?.size_bytes()?;
        let mut cursor = Cursor { content, offset: 0 };
        // The lengths of record and function, the CIE, and where the function starts.
        cursor.skip(header.checked_add(4)?)?;
        cursor.skip(address_bytes.checked_mul(2)?)?;
        cursor.number()?; // the size of what follows
        let offset = cursor.offset;
        Some(Field { offset, encoding })
    }
}

/// Bytes that are read from the front.
struct Cursor<'a> {
    content: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    fn skip(&mut self, count: usize) -> Option<()> {
        let offset = self.offset.checked_add(count)?;
        self.offset = Some(offset).filter(|&offset| offset <= self.content.len())?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.content.get(self.offset)?;
        self.skip(1)?;
        Some(byte)
    }

    fn encoding(&mut self) -> Option<Encoding> {
        self.byte().map(Encoding)
    }

    /// The bytes up to a zero, which is skipped.
    fn text(&mut self) -> Option<&'a [u8]> {
        let rest = self.content.get(self.offset..)?;
        let len = rest.iter().position(|&byte| byte == 0)?;
        self.skip(len.checked_add(1)?)?;
        rest.get(..len)
    }

    /// Skips a number of varying size, signed or not: its last byte is the first without the highest bit.
    fn number(&mut self) -> Option<()> {
        while self.byte()? >= 0x80 {}
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{Cie, Encoding, Field};
    use crate::edge::DataKind;

    const RELATIVE: u8 = 0x1b;
    const INDIRECT: u8 = 0x9b;

    /// A CIE of this version and augmentation, with these bytes after the three numbers.
    fn parse(version: u8, augmentation: &[u8], data: &[u8]) -> Cie {
        let mut content = Vec::from([0; 8]);
        content.push(version);
        content.extend(augmentation);
        content.push(0);
        if version == 4 {
            content.extend([8, 0]);
        }
        content.extend([0x81, 0x00, 0x78, 16]);
        content.extend(data);
        Cie::parse(&content, 4)
    }

    #[test]
    fn letters_tell_encodings_in_their_order() {
        let data = [7, INDIRECT, 1, 2, 3, 4, RELATIVE, RELATIVE];
        let cie = parse(1, b"zPLR", &data);
        assert_eq!(cie.functions, Some(Encoding(RELATIVE)));
        assert_eq!(cie.tables, Some(Encoding(RELATIVE)));
        let personality = cie.personality.unwrap();
        assert_eq!(personality.encoding, Encoding(INDIRECT));
        assert_eq!(personality.encoding.delta(), Some(DataKind::Delta32));
        let later = parse(3, b"zRS", &[1, 0x1c]);
        assert_eq!(later.functions.unwrap().delta(), Some(DataKind::Delta64));
        let signed = parse(1, b"zRB", &[1, RELATIVE]);
        assert_eq!(signed.functions, Some(Encoding(RELATIVE)));
    }

    #[test]
    fn without_letters_functions_are_addresses() {
        for cie in [
            parse(1, b"", &[]),
            parse(3, b"", &[]),
            parse(4, b"", &[]),
            parse(1, b"z", &[0]),
        ] {
            assert_eq!(cie.functions, Some(Encoding::ADDRESS));
            assert!(cie.functions.unwrap().is_absolute());
            assert_eq!((cie.tables, cie.personality), (None, None));
        }
        let mut old = Vec::from([0; 8]);
        old.extend(*b"\x01eh\0");
        old.extend([0x55; 8]);
        old.extend([1, 0x78, 16]);
        let functions = Cie::parse(&old, 4).functions;
        assert_eq!(functions, Some(Encoding::ADDRESS));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for cie in [
            parse(2, b"zR", &[1, RELATIVE]),
            parse(1, b"R", &[RELATIVE]),
            parse(1, b"zQR", &[1, RELATIVE]),
            parse(1, b"zPR", &[1, 0x01, 5, RELATIVE]),
            parse(1, b"zR", &[]),
        ] {
            assert_eq!(cie.functions, None);
        }
        let known_before = parse(1, b"zRQL", &[2, RELATIVE, RELATIVE]);
        assert_eq!(known_before.functions, Some(Encoding(RELATIVE)));
        assert_eq!(known_before.tables, None);
        assert_eq!(parse(1, b"zLR", &[2, 0xff, RELATIVE]).tables, None);
        for len in 0..8 {
            assert_eq!(Cie::parse(&[0; 8][..len], 4), Cie::UNKNOWN);
            assert_eq!(Cie::parse(&[1; 8][..len], usize::MAX), Cie::UNKNOWN);
        }
    }

    #[test]
    fn the_tables_of_a_function_stand_behind_its_size() {
        let cie = parse(1, b"zLR", &[2, RELATIVE, RELATIVE]);
        let fde = [0; 40];
        let field = cie.lsda_field(&fde, 4).unwrap();
        assert_eq!((field.offset, field.encoding), (17, Encoding(RELATIVE)));
        let wide = parse(1, b"zLR", &[2, RELATIVE, 0]);
        assert_eq!(wide.lsda_field(&fde, 12).unwrap().offset, 33);
        assert_eq!(cie.lsda_field(&fde[..12], 4), None);
        assert_eq!(Cie::UNKNOWN.lsda_field(&fde, 4), None);
    }

    #[test]
    fn values_are_signed_and_lie_within_their_record() {
        let field = |offset, encoding| Field {
            offset,
            encoding: Encoding(encoding),
        };
        let content = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(field(0, 0x1a).read(&content), Some(-2));
        assert_eq!(field(0, 0x1b).read(&content), Some(-2));
        assert_eq!(field(1, 0x1c).read(&content), Some(0x01ff_ffff_ffff_ffff));
        assert_eq!(field(2, 0x1c).read(&content), None);
        assert_eq!(field(0, 0x11).read(&content), None);
        assert_eq!(field(usize::MAX, 0).read(&content), None);
    }
}
