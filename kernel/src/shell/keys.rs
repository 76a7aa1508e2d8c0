//! Which keys the bytes of a terminal stand for.
//!
//! Escape sequences and UTF-8 are taken apart by `anstyle-parse`; here stands what those that keys send mean. Nothing is
//! ever asked of the terminal, so that a pipe in its place does as well.

use core::mem;

use anstyle_parse::{Params, Parser, Perform};

/// A key, or a combination of keys that has a meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// A character to insert.
    Character(char),
    /// The line is complete.
    Enter,
    /// Complete the word: tab.
    Complete,
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character at the cursor.
    Delete,
    /// Delete all before the cursor: ctrl-u.
    DeleteBefore,
    /// Delete all from the cursor on: ctrl-k.
    DeleteAfter,
    /// Delete the word before the cursor: ctrl-w.
    DeleteWord,
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the line's beginning.
    Home,
    /// To the line's end.
    End,
    /// The line before in the history.
    Up,
    /// The line after in the history.
    Down,
    /// Show the line anew on a clear screen: ctrl-l.
    Clear,
    /// Give the line up: ctrl-c.
    Interrupt,
    /// The end of the input where the line is empty: ctrl-d.
    EndOfInput,
}

/// The byte of ctrl-c.
const INTERRUPT: u8 = 0x03;
/// The byte of ctrl-d.
const END_OF_INPUT: u8 = 0x04;

/// Takes a terminal's bytes one by one.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    parser: Parser,
    /// The beginning of a sequence of the form `ESC O x` was read, which the parser takes for two.
    is_single_shift: bool,
}

impl Keys {
    /// No byte was read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next byte; gives the key that it completes, if it does.
    pub fn feed(&mut self, byte: u8) -> Option<Key> {
        if byte == INTERRUPT || byte == END_OF_INPUT {
            // These are heard in the midst of whatever a terminal, or a file in its place, has begun.
            *self = Self::new();
        }
        let mut sequence = Sequence {
            key: None,
            was_single_shift: mem::take(&mut self.is_single_shift),
            is_single_shift: false,
        };
        self.parser.advance(&mut sequence, byte);
        self.is_single_shift = sequence.is_single_shift;
        sequence.key
    }
}

/// What one byte completed.
struct Sequence {
    key: Option<Key>,
    was_single_shift: bool,
    is_single_shift: bool,
}

impl Perform for Sequence {
    fn print(&mut self, character: char) {
        self.key = match character {
            '\x7f' => Some(Key::Backspace),
            _ if self.was_single_shift => cursor_key(character),
            _ => Some(Key::Character(character)),
        };
    }

    fn execute(&mut self, byte: u8) {
        self.key = control_key(byte);
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: u8) {
        if !intermediates.is_empty() {
            return;
        }
        self.key = match action {
            b'~' => {
                let first = params.iter().next().and_then(|values| values.first());
                first.copied().and_then(numbered_key)
            }
            _ => cursor_key(char::from(action)),
        };
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        self.is_single_shift = byte == b'O' && intermediates.is_empty();
    }
}

/// Keys of ECMA-48's control characters, and of those that line editors have had since Emacs.
fn control_key(byte: u8) -> Option<Key> {
    Some(match byte {
        0x01 => Key::Home,
        0x02 => Key::Left,
        INTERRUPT => Key::Interrupt,
        END_OF_INPUT => Key::EndOfInput,
        0x05 => Key::End,
        0x06 => Key::Right,
        0x08 => Key::Backspace,
        b'\t' => Key::Complete,
        b'\n' | b'\r' => Key::Enter,
        0x0b => Key::DeleteAfter,
        0x0c => Key::Clear,
        0x0e => Key::Down,
        0x10 => Key::Up,
        0x15 => Key::DeleteBefore,
        0x17 => Key::DeleteWord,
        _ => return None,
    })
}

/// Keys sent as `ESC [ x` or `ESC O x`, with or without parameters.
fn cursor_key(last: char) -> Option<Key> {
    Some(match last {
        'A' => Key::Up,
        'B' => Key::Down,
        'C' => Key::Right,
        'D' => Key::Left,
        'H' => Key::Home,
        'F' => Key::End,
        _ => return None,
    })
}

/// Keys sent as `ESC [ n ~`: those of the VT220, and the two that terminals added to them.
fn numbered_key(number: u16) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{Key, Keys};

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::new();
        bytes.iter().filter_map(|&byte| keys.feed(byte)).collect()
    }

    #[test]
    fn characters_come_once_they_are_whole() {
        let mut reader = Keys::new();
        assert_eq!(reader.feed(b'a'), Some(Key::Character('a')));
        assert_eq!(reader.feed(0xc3), None);
        assert_eq!(reader.feed(0xa4), Some(Key::Character('ä')));
    }

    #[test]
    fn a_key_is_the_same_in_each_form_that_terminals_send() {
        for (forms, key) in [
            (&[&b"\x1b[A"[..], b"\x1bOA", b"\x10"][..], Key::Up),
            (&[b"\x1b[B", b"\x1bOB", b"\x0e"], Key::Down),
            (&[b"\x1b[C", b"\x1b[1;5C", b"\x06"], Key::Right),
            (&[b"\x1b[D", b"\x02"], Key::Left),
            (
                &[b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~", b"\x01"],
                Key::Home,
            ),
            (
                &[b"\x1b[F", b"\x1bOF", b"\x1b[4~", b"\x1b[8~", b"\x05"],
                Key::End,
            ),
            (&[b"\x1b[3~"], Key::Delete),
            (&[b"\x7f", b"\x08"], Key::Backspace),
            (&[b"\r", b"\n"], Key::Enter),
        ] {
            for form in forms {
                assert_eq!(keys(form), [key], "{form:?}");
            }
        }
    }

    #[test]
    fn sequences_that_no_key_sends_are_passed_over() {
        // A cursor's position, a colour, a function key, a mode.
        assert_eq!(
            keys(b"\x1b[12;40R\x1b[31m\x1b[15~\x1b[?25hx"),
            [Key::Character('x')]
        );
    }

    #[test]
    fn ctrl_c_and_ctrl_d_are_heard_within_a_sequence() {
        for begun in [&b"\x1b"[..], b"\x1b[1", b"\x1b]0;title", b"\xc3"] {
            let bytes = [begun, b"\x03a\x04"].concat();
            let expected = [Key::Interrupt, Key::Character('a'), Key::EndOfInput];
            assert_eq!(keys(&bytes), expected, "{begun:?}");
        }
    }

    #[test]
    fn no_byte_is_too_much() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                keys(&[b'\x1b', first, second, b'\x1b', b']', first, second]);
            }
        }
    }
}
