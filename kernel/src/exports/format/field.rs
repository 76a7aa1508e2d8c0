//! The layout of one conversion's result: padding to the width, a prefix (sign, `0x`), zeros, and the body.

use super::directive::Flags;
use super::output::Printer;

/// How a result is padded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Padding {
    pub(super) flags: Flags,
    /// The least number of bytes of the whole field.
    pub(super) width: usize,
}

impl Padding {
    /// Writes a field of text: padded with spaces only.
    pub(super) fn text(self, printer: &mut Printer<'_>, text: &[u8]) {
        let flags = Flags {
            is_zero_padded: false,
            ..self.flags
        };
        Self { flags, ..self }.number(printer, b"", text.len(), |printer| printer.put(text));
    }

    /// Writes a field of a number, padded with zeros behind the prefix if the flags say so. `body` writes exactly
    /// `body_bytes`.
    pub(super) fn number(
        self,
        printer: &mut Printer<'_>,
        prefix: &[u8],
        body_bytes: usize,
        body: impl FnOnce(&mut Printer<'_>),
    ) {
        let padding = self
            .width
            .saturating_sub(body_bytes.saturating_add(prefix.len()));
        let (before, zeros, behind) = match (self.flags.is_left, self.flags.is_zero_padded) {
            (true, _) => (0, 0, padding),
            (false, true) => (0, padding, 0),
            (false, false) => (padding, 0, 0),
        };
        printer.fill(b' ', before);
        printer.put(prefix);
        printer.fill(b'0', zeros);
        body(printer);
        printer.fill(b' ', behind);
    }
}
